"""Writes of recovery, one function an act of the business."""

from amends.recover.services.opening import Opened, open_cases

__all__ = ["Opened", "open_cases"]
