"""Writes of recovery, one function an act of the business."""

from amends.recover.services.assigning import assign_by_rules, assign_waiting, take_next
from amends.recover.services.bulk import cancel_bulk, carry_out_bulk, prepare, start_bulk
from amends.recover.services.carrying_out import CarriedOut, carry_out
from amends.recover.services.doing import do_action, grant_approval, refuse_approval, skip_action
from amends.recover.services.handing_over import assign_case, hand_over, see_handovers
from amends.recover.services.hearing import accept_case, hear_affected, hear_customer
from amends.recover.services.linking import link_cases, unlink_cases
from amends.recover.services.merging import merge_cases, settle_merged
from amends.recover.services.opening import Opened, open_cases
from amends.recover.services.presence import be_present
from amends.recover.services.reporting import open_case
from amends.recover.services.responding import ToldSome, tell_affected
from amends.recover.services.splitting import split_case
from amends.recover.services.sweeping import sweep_clocks
from amends.recover.services.undoing import undo
from amends.recover.services.working import (
    close_case,
    object_to_case,
    record_outcome,
    reopen_case,
    send_message,
    take_case,
)

__all__ = [
    "CarriedOut",
    "Opened",
    "ToldSome",
    "accept_case",
    "assign_by_rules",
    "assign_case",
    "assign_waiting",
    "be_present",
    "cancel_bulk",
    "carry_out",
    "carry_out_bulk",
    "close_case",
    "do_action",
    "grant_approval",
    "hand_over",
    "hear_affected",
    "hear_customer",
    "link_cases",
    "merge_cases",
    "object_to_case",
    "open_case",
    "open_cases",
    "prepare",
    "record_outcome",
    "refuse_approval",
    "reopen_case",
    "see_handovers",
    "send_message",
    "settle_merged",
    "skip_action",
    "split_case",
    "start_bulk",
    "sweep_clocks",
    "take_case",
    "take_next",
    "tell_affected",
    "undo",
    "unlink_cases",
]
