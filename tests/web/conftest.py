"""The browser and its visitors, for the console and the portal alike."""

from tests.browsers import airline, chromium, visit

__all__ = ["airline", "chromium", "visit"]  # fixtures
