"""Accounts change and end: by whom, within which units, and on record."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.db import DatabaseError, transaction

from amends.people.models import Staff, StaffChange, Unit
from amends.people.selectors import NotAllowed, NotFound
from amends.people.services import change_staff, end_staff, reset_factor

from .conftest import NOW

Hire = Callable[..., Staff]


def test_what_was_changed_and_by_whom_stays_on_record(units: Mapping[str, Unit], hire: Hire) -> None:
    boss, staff = hire("administrator"), hire("front_line", unit=units["EWR"])
    given = {"role": "supervisor", "unit": units["JFK"], "name": "  Ann Lee ", "locale": "en"}
    change_staff(staff.pk, given, acting_user=boss, now=NOW)
    staff.refresh_from_db()
    assert (staff.role, staff.unit, staff.name) == ("supervisor", units["JFK"], "Ann Lee")
    end_staff(staff.pk, acting_user=None, now=NOW)
    rows = StaffChange.objects.filter(staff=staff).order_by("what").values_list("what", "before", "after", "by")
    assert list(rows) == [
        ("ended", "", "", None),
        ("name", "front_line", "Ann Lee", boss.pk),
        ("role", "front_line", "supervisor", boss.pk),
        ("unit", "EWR", "JFK", boss.pk),
    ]
    for rewritten in (StaffChange.objects.all().delete, lambda: StaffChange.objects.update(by=None)):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            rewritten()


@pytest.mark.parametrize("change", [{"role": "manager"}, {"authority_level": "manager"}])
def test_nobody_changes_their_own_role_or_level_or_ends_their_own_account(hire: Hire, change: dict[str, str]) -> None:
    boss, _ = hire("administrator"), hire("administrator", email="other@example.test")
    with pytest.raises(ValueError, match="their own"):
        change_staff(boss.pk, change, acting_user=boss, now=NOW)
    change_staff(boss.pk, {"name": "Eva"}, acting_user=boss, now=NOW)
    with pytest.raises(ValueError, match="own account"):
        end_staff(boss.pk, acting_user=boss, now=NOW)
    with pytest.raises(ValueError, match="own second factor"):
        reset_factor(boss.pk, acting_user=boss, now=NOW)


def test_the_last_administrator_is_neither_ended_nor_demoted(hire: Hire) -> None:
    boss = hire("administrator")
    with pytest.raises(ValueError, match="last administrator"):
        end_staff(boss.pk, acting_user=None, now=NOW)
    with pytest.raises(ValueError, match="last administrator"):
        change_staff(boss.pk, {"role": "manager"}, acting_user=None, now=NOW)
    other = hire("administrator", email="other@example.test")
    change_staff(boss.pk, {"role": "manager"}, acting_user=other, now=NOW)
    with pytest.raises(NotAllowed):  # the right that was lost a moment ago counts
        end_staff(other.pk, acting_user=boss, now=NOW)


def test_an_administrator_of_a_unit_looks_after_no_account_beyond_it(units: Mapping[str, Unit], hire: Hire) -> None:
    hire("administrator")
    boss = hire("administrator", unit=units["EWR"])
    inside, outside = hire("front_line", unit=units["EWR-IAH"]), hire("front_line", unit=units["JFK"])
    acts: list[Callable[[int], Any]] = [
        lambda pk: change_staff(pk, {"name": "X"}, acting_user=boss, now=NOW),
        lambda pk: end_staff(pk, acting_user=boss, now=NOW),
        lambda pk: reset_factor(pk, acting_user=boss, now=NOW),
    ]
    for act in acts:
        with pytest.raises(NotFound):
            act(outside.pk)
    for unit, error in ((units["JFK"], NotFound), (None, NotAllowed)):
        with pytest.raises(error):
            change_staff(inside.pk, {"unit": unit}, acting_user=boss, now=NOW)
    change_staff(inside.pk, {"unit": units["EWR"]}, acting_user=boss, now=NOW)
    with pytest.raises(NotAllowed):
        end_staff(inside.pk, acting_user=hire("manager"), now=NOW)


def test_a_lost_second_factor_is_forgotten_on_record(hire: Hire) -> None:
    boss, staff = hire("administrator"), hire("manager")
    with pytest.raises(ValueError, match="no second factor"):
        reset_factor(staff.pk, acting_user=boss, now=NOW)
    for kind in ("totp", "recovery_codes"):
        Authenticator.objects.create(user=staff, type=kind, data={})
    reset_factor(staff.pk, acting_user=boss, now=NOW)
    assert not Authenticator.objects.exists()
    assert StaffChange.objects.get(staff=staff).by == boss
