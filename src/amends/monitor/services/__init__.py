"""Writes of the monitor: signals in, the roster of who is served, and findings that become failures and incidents."""

from amends.monitor.services.findings import Recorded, avert_risks, record_findings
from amends.monitor.services.incidents import end_quiet_incidents
from amends.monitor.services.intake import Accepted, accept_signals, keep_roster, keep_set_aside
from amends.monitor.services.rates import keep_windows, record_rates

__all__ = [
    "Accepted",
    "Recorded",
    "accept_signals",
    "avert_risks",
    "end_quiet_incidents",
    "keep_roster",
    "keep_set_aside",
    "keep_windows",
    "record_findings",
    "record_rates",
]
