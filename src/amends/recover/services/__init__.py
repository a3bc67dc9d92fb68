"""Writes of recovery, one function an act of the business."""

from amends.recover.services.assessing import reassess
from amends.recover.services.assigning import assign_by_rules, assign_waiting, take_next
from amends.recover.services.attaching import attach_file, remove_file
from amends.recover.services.budgeting import keep_blueprint_budgets, set_budget
from amends.recover.services.bulk import cancel_bulk, carry_out_bulk, prepare, start_bulk
from amends.recover.services.bulk_letters import letters_of
from amends.recover.services.carrying_out import CarriedOut, carry_out
from amends.recover.services.complaints import TAKEN_BY, take_complaint
from amends.recover.services.correcting import correct_facts
from amends.recover.services.demanding import NothingToMark, mark_demand
from amends.recover.services.doing import do_action, skip_action
from amends.recover.services.gesturing import make_gesture
from amends.recover.services.grouping import (
    confirm_candidate,
    dismiss_candidate,
    end_incident,
    merge_incidents,
    part_incidents,
    reconsider_candidate,
    resume_incident,
    split_incident,
    withdraw_closure,
)
from amends.recover.services.guiding import say_emotion, step_to
from amends.recover.services.handing_over import assign_case, hand_over, see_handovers
from amends.recover.services.handling import check_ticked, lacking, record_time, start_timer, stop_timer, tick
from amends.recover.services.hearing import accept_case, hear_affected, hear_customer
from amends.recover.services.leave import grant_approval, refuse_approval
from amends.recover.services.linking import link_cases, unlink_cases
from amends.recover.services.looking import look_closer, note_receipt, reckon_peers
from amends.recover.services.macros import preview_macro, run_macro
from amends.recover.services.merging import merge_cases, settle_merged
from amends.recover.services.noticing import notify, see_notices
from amends.recover.services.noting import discard_draft, save_draft, write_note
from amends.recover.services.opening import Opened, open_cases
from amends.recover.services.pausing import resume_case, wait_for_customer
from amends.recover.services.planning import add_action, alter_action
from amends.recover.services.presence import be_present
from amends.recover.services.promising import promise_update
from amends.recover.services.recharging import move_recharge
from amends.recover.services.replanning import accept_replan
from amends.recover.services.replies import retire_macro, retire_reply, save_macro, save_reply
from amends.recover.services.reporting import open_case
from amends.recover.services.reporting_inside import report_inside
from amends.recover.services.responding import ToldSome, tell_affected
from amends.recover.services.rosters import take_roster
from amends.recover.services.routing import sweep_approvals
from amends.recover.services.self_reporting import report_failure
from amends.recover.services.split_payments import look_at_split
from amends.recover.services.splitting import split_case
from amends.recover.services.supporting import ask_support, move_support, offer_support, say_how_it_was, sweep_support
from amends.recover.services.sweeping import sweep_clocks
from amends.recover.services.undoing import undo
from amends.recover.services.watching import lift_watch, watch_failed
from amends.recover.services.working import (
    close_case,
    object_to_case,
    record_outcome,
    reopen_case,
    send_message,
    take_case,
)
from amends.recover.services.writing import keep_written_complaint

__all__ = [
    "TAKEN_BY",
    "CarriedOut",
    "NothingToMark",
    "Opened",
    "ToldSome",
    "accept_case",
    "accept_replan",
    "add_action",
    "alter_action",
    "ask_support",
    "assign_by_rules",
    "assign_case",
    "assign_waiting",
    "attach_file",
    "be_present",
    "cancel_bulk",
    "carry_out",
    "carry_out_bulk",
    "check_ticked",
    "close_case",
    "confirm_candidate",
    "correct_facts",
    "discard_draft",
    "dismiss_candidate",
    "do_action",
    "end_incident",
    "grant_approval",
    "hand_over",
    "hear_affected",
    "hear_customer",
    "keep_blueprint_budgets",
    "keep_written_complaint",
    "lacking",
    "letters_of",
    "lift_watch",
    "link_cases",
    "look_at_split",
    "look_closer",
    "make_gesture",
    "mark_demand",
    "merge_cases",
    "merge_incidents",
    "move_recharge",
    "move_support",
    "note_receipt",
    "notify",
    "object_to_case",
    "offer_support",
    "open_case",
    "open_cases",
    "part_incidents",
    "prepare",
    "preview_macro",
    "promise_update",
    "reassess",
    "reckon_peers",
    "reconsider_candidate",
    "record_outcome",
    "record_time",
    "refuse_approval",
    "remove_file",
    "reopen_case",
    "report_failure",
    "report_inside",
    "resume_case",
    "resume_incident",
    "retire_macro",
    "retire_reply",
    "run_macro",
    "save_draft",
    "save_macro",
    "save_reply",
    "say_emotion",
    "say_how_it_was",
    "see_handovers",
    "see_notices",
    "send_message",
    "set_budget",
    "settle_merged",
    "skip_action",
    "split_case",
    "split_incident",
    "start_bulk",
    "start_timer",
    "step_to",
    "stop_timer",
    "sweep_approvals",
    "sweep_clocks",
    "sweep_support",
    "take_case",
    "take_complaint",
    "take_next",
    "take_roster",
    "tell_affected",
    "tick",
    "undo",
    "unlink_cases",
    "wait_for_customer",
    "watch_failed",
    "withdraw_closure",
    "write_note",
]
