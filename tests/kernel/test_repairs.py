"""The repairs that a plan can be made of."""

from typing import get_args

import pytest

from amends.kernel.blueprint import ActionKind, Remedy
from amends.kernel.repair_ids import RepairId
from amends.kernel.repairs import ADDED, REPAIRS, repair_of


def test_every_repair_has_its_entry_and_is_done_by_an_action_that_there_is() -> None:
    assert set(REPAIRS) == set(get_args(RepairId))
    assert {repair.kind for repair in REPAIRS.values()} <= set(get_args(ActionKind))
    assert {repair.remedy for repair in REPAIRS.values()} - {""} == set(get_args(Remedy))
    assert {repair.sort for repair in REPAIRS.values()} == {"tangible", "psychological"}


@pytest.mark.parametrize("repair", REPAIRS.values(), ids=list(REPAIRS))
def test_an_action_added_as_a_repair_is_read_back_as_that_repair(repair) -> None:
    step = f"{ADDED}{repair.id}.1"
    assert repair_of(step=step, kind=repair.kind, remedy=repair.remedy, channel=repair.channel) is repair


def test_an_action_of_a_playbook_is_told_by_its_kind_remedy_and_channel() -> None:
    def told(kind: str, remedy: str = "", channel: str = "") -> str | None:
        found = repair_of(step="step", kind=kind, remedy=remedy, channel=channel)
        return found.id if found else None

    assert told("compensation", "voucher", "outbox") == "voucher"
    assert told("apology", channel="outbox") == "apologise_in_writing"
    assert told("apology", channel="phone") == "apologise_in_person"
    assert told("call", channel="phone") == "listen"
    assert told("employee_support") is None
