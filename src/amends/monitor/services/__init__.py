"""Writes of the monitor: signals in, the roster of who is served, and findings that become failures and incidents."""

from amends.monitor.services.board import add_kept, board_is_wanted, publish_board, want_board
from amends.monitor.services.clocks import measure_clocks, note_ahead
from amends.monitor.services.files import end_file, found_file, take_rows
from amends.monitor.services.findings import Recorded, avert_risks, record_findings
from amends.monitor.services.guard import wanted_findings
from amends.monitor.services.incidents import end_quiet_incidents
from amends.monitor.services.intake import Accepted, accept_signals, keep_roster, keep_set_aside
from amends.monitor.services.proposing import lapse_candidates
from amends.monitor.services.rates import end_forgotten, keep_windows, record_rates

__all__ = [
    "Accepted",
    "Recorded",
    "accept_signals",
    "add_kept",
    "avert_risks",
    "board_is_wanted",
    "end_file",
    "end_forgotten",
    "end_quiet_incidents",
    "found_file",
    "keep_roster",
    "keep_set_aside",
    "keep_windows",
    "lapse_candidates",
    "measure_clocks",
    "note_ahead",
    "publish_board",
    "record_findings",
    "record_rates",
    "take_rows",
    "want_board",
    "wanted_findings",
]
