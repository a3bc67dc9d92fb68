"""Writes of recovery, one function an act of the business."""

from amends.recover.services.attaching import attach_file, remove_file
from amends.recover.services.carrying_out import CarriedOut, carry_out
from amends.recover.services.complaints import TAKEN_BY, take_complaint
from amends.recover.services.demanding import NothingToMark, mark_demand
from amends.recover.services.doing import do_action, grant_approval, refuse_approval, skip_action
from amends.recover.services.handling import check_ticked, lacking, record_time, start_timer, stop_timer, tick
from amends.recover.services.hearing import accept_case, hear_affected, hear_customer
from amends.recover.services.looking import look_closer, note_receipt, reckon_peers
from amends.recover.services.macros import preview_macro, run_macro
from amends.recover.services.noticing import notify, see_notices
from amends.recover.services.noting import discard_draft, save_draft, write_note
from amends.recover.services.opening import Opened, open_cases
from amends.recover.services.replies import retire_macro, retire_reply, save_macro, save_reply
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
    "attach_file",
    "carry_out",
    "check_ticked",
    "close_case",
    "discard_draft",
    "do_action",
    "grant_approval",
    "hear_affected",
    "hear_customer",
    "lacking",
    "look_closer",
    "mark_demand",
    "note_receipt",
    "notify",
    "object_to_case",
    "open_case",
    "open_cases",
    "preview_macro",
    "reckon_peers",
    "record_outcome",
    "record_time",
    "refuse_approval",
    "remove_file",
    "reopen_case",
    "retire_macro",
    "retire_reply",
    "run_macro",
    "save_draft",
    "save_macro",
    "save_reply",
    "see_notices",
    "send_message",
    "skip_action",
    "start_timer",
    "stop_timer",
    "sweep_clocks",
    "take_case",
    "take_complaint",
    "tell_affected",
    "tick",
    "watch_failed",
    "write_note",
]
