"""Writes of recovery, one function an act of the business."""

from amends.recover.services.carrying_out import CarriedOut, carry_out
from amends.recover.services.complaints import TAKEN_BY, take_complaint
from amends.recover.services.demanding import NothingToMark, mark_demand
from amends.recover.services.doing import do_action, grant_approval, refuse_approval, skip_action
from amends.recover.services.hearing import accept_case, hear_affected, hear_customer
from amends.recover.services.looking import look_closer, note_receipt, reckon_peers
from amends.recover.services.opening import Opened, open_cases
from amends.recover.services.reporting import open_case
from amends.recover.services.responding import ToldSome, tell_affected
from amends.recover.services.sweeping import sweep_clocks
from amends.recover.services.watching import watch_failed
from amends.recover.services.working import (
    close_case,
    object_to_case,
    record_outcome,
    reopen_case,
    send_message,
    take_case,
)

__all__ = [
    "TAKEN_BY",
    "CarriedOut",
    "NothingToMark",
    "Opened",
    "ToldSome",
    "accept_case",
    "carry_out",
    "close_case",
    "do_action",
    "grant_approval",
    "hear_affected",
    "hear_customer",
    "look_closer",
    "mark_demand",
    "note_receipt",
    "object_to_case",
    "open_case",
    "open_cases",
    "reckon_peers",
    "record_outcome",
    "refuse_approval",
    "reopen_case",
    "send_message",
    "skip_action",
    "sweep_clocks",
    "take_case",
    "take_complaint",
    "tell_affected",
    "watch_failed",
]
