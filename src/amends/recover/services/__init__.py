"""Writes of recovery, one function an act of the business."""

from amends.recover.services.budgeting import keep_blueprint_budgets, set_budget
from amends.recover.services.carrying_out import CarriedOut, carry_out
from amends.recover.services.doing import do_action, skip_action
from amends.recover.services.gesturing import make_gesture
from amends.recover.services.hearing import accept_case, hear_affected, hear_customer
from amends.recover.services.leave import grant_approval, refuse_approval
from amends.recover.services.opening import Opened, open_cases
from amends.recover.services.reporting import open_case
from amends.recover.services.responding import ToldSome, tell_affected
from amends.recover.services.routing import sweep_approvals
from amends.recover.services.splitting import look_at_split
from amends.recover.services.sweeping import sweep_clocks
from amends.recover.services.working import (
    close_case,
    object_to_case,
    record_outcome,
    reopen_case,
    send_message,
    take_case,
)
from amends.recover.services.writing import take_complaint

__all__ = [
    "CarriedOut",
    "Opened",
    "ToldSome",
    "accept_case",
    "carry_out",
    "close_case",
    "do_action",
    "grant_approval",
    "hear_affected",
    "hear_customer",
    "keep_blueprint_budgets",
    "look_at_split",
    "make_gesture",
    "object_to_case",
    "open_case",
    "open_cases",
    "record_outcome",
    "refuse_approval",
    "reopen_case",
    "send_message",
    "set_budget",
    "skip_action",
    "sweep_approvals",
    "sweep_clocks",
    "take_case",
    "take_complaint",
    "tell_affected",
]
