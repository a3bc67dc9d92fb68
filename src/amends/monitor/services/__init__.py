"""Writes of the monitor: signals in, the roster of who is served, and findings that become failures and incidents."""

from amends.monitor.services.board import add_kept, board_is_wanted, publish_board, want_board
from amends.monitor.services.findings import Recorded, avert_risks, record_findings
from amends.monitor.services.incidents import end_quiet_incidents
from amends.monitor.services.intake import Accepted, accept_signals, keep_roster, keep_set_aside

__all__ = [
    "Accepted",
    "Recorded",
    "accept_signals",
    "add_kept",
    "avert_risks",
    "board_is_wanted",
    "end_quiet_incidents",
    "keep_roster",
    "keep_set_aside",
    "publish_board",
    "record_findings",
    "want_board",
]
