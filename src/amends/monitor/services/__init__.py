"""Writes of the monitor: signals in, the roster of who is served, and findings that become failures and incidents."""

from amends.monitor.services.findings import Recorded, record_findings
from amends.monitor.services.intake import Accepted, accept_signals, keep_roster

__all__ = ["Accepted", "Recorded", "accept_signals", "keep_roster", "record_findings"]
