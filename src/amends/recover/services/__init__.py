"""Writes of recovery, one function an act of the business."""

from amends.recover.services.carrying_out import CarriedOut, carry_out
from amends.recover.services.doing import do_action, grant_approval, refuse_approval, skip_action
from amends.recover.services.hearing import accept_case, hear_affected, hear_customer
from amends.recover.services.noticing import notify, see_notices
from amends.recover.services.opening import Opened, open_cases
from amends.recover.services.pausing import resume_case, wait_for_customer
from amends.recover.services.promising import promise_update
from amends.recover.services.reporting import open_case
from amends.recover.services.responding import ToldSome, tell_affected
from amends.recover.services.sweeping import sweep_clocks
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
    "carry_out",
    "close_case",
    "do_action",
    "grant_approval",
    "hear_affected",
    "hear_customer",
    "notify",
    "object_to_case",
    "open_case",
    "open_cases",
    "promise_update",
    "record_outcome",
    "refuse_approval",
    "reopen_case",
    "resume_case",
    "see_notices",
    "send_message",
    "skip_action",
    "sweep_clocks",
    "take_case",
    "tell_affected",
    "wait_for_customer",
]
