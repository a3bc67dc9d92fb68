"""Writes of the monitor: signals in, the roster of who is served, and findings that become failures and incidents."""

from amends.monitor.services.findings import Recorded, avert_risks, record_findings
from amends.monitor.services.guard import wanted_findings
from amends.monitor.services.incidents import end_quiet_incidents
from amends.monitor.services.intake import Accepted, accept_signals, keep_roster, keep_set_aside
from amends.monitor.services.proposing import lapse_candidates

__all__ = [
    "Accepted",
    "Recorded",
    "accept_signals",
    "avert_risks",
    "end_quiet_incidents",
    "keep_roster",
    "keep_set_aside",
    "lapse_candidates",
    "record_findings",
    "wanted_findings",
]
