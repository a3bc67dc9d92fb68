"""Accounts change and end: who may do so, what goes with it at once, and who did what on record.

What else follows, such as their cases, is recovery's (recover/services/leaving.py).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import transaction
from django.db.models import Q

from amends.people.core.rights import ROLES
from amends.people.models import ApiToken, SignInLink, Staff, StaffChange, Unit
from amends.people.selectors import NotAllowed, NotFound, access_staff, require, unit_for
from amends.policy.selectors import blueprint_of, deployment, version_in_force

CHANGEABLE: Final = ("name", "role", "unit", "locale", "authority_level")
NOT_ONES_OWN: Final = frozenset({"role", "unit", "authority_level"})


@transaction.atomic
def end_staff(staff_id: int, *, acting_user: Staff | None, now: datetime) -> Staff:
    """Close an account: nobody signed in by it stays so, no link and no token of it works any more. Its deeds stay on
    record.

    Raises:
        ValueError: it is the last administrator's, one's own, or closed already.
    """
    staff = _held(staff_id, acting_user)
    if acting_user is not None and staff.pk == acting_user.pk:
        raise ValueError("Nobody closes their own account; ask another administrator.")
    if not staff.is_active:
        raise ValueError(f"The account of {staff.email} is closed already.")
    _check_another_administrator(staff)
    staff.is_active = False
    staff.save(update_fields=["is_active"])
    ApiToken.objects.filter(staff=staff, revoked_at=None).update(revoked_at=now)
    SignInLink.objects.filter(staff=staff, used_at=None).delete()
    _note(staff, StaffChange.What.ENDED, by=acting_user, at=now)
    return staff


@transaction.atomic
def change_staff(staff_id: int, changes: Mapping[str, Any], *, acting_user: Staff | None, now: datetime) -> Staff:
    """Give an account another name, role, unit (None: the whole company), locale or authority level; what `changes`
    does not name stays. A level of one's own ends with the role that it was given with.

    Raises:
        NotFound: the account or the unit is none that the acting user reaches.
        NotAllowed: they lack the right, or have a part of the company and give the whole.
        ValueError: a value that cannot be, one's own role, unit or level, or the last administrator's role.
    """
    if strangers := sorted(set(changes) - set(CHANGEABLE)):
        raise ValueError(f"An account has no {', '.join(strangers)}; what changes is {', '.join(CHANGEABLE)}.")
    staff = _held(staff_id, acting_user)
    before = {name: getattr(staff, name) for name in CHANGEABLE}
    wanted = {name: value.strip() if isinstance(value, str) else value for name, value in changes.items()}
    if wanted.get("role", staff.role) != staff.role:
        wanted.setdefault("authority_level", "")
    changed = {name: value for name, value in wanted.items() if value != before[name]}
    if acting_user is not None:
        if staff.pk == acting_user.pk and NOT_ONES_OWN & set(changed):
            raise ValueError("Nobody changes their own role, unit or authority level; ask another administrator.")
        if "unit" in changed:
            check_reach(acting_user, changed["unit"])
    _check(changed, role=wanted.get("role", staff.role))
    if "role" in changed:
        _check_another_administrator(staff)
    for name, value in changed.items():
        setattr(staff, name, value)
        _note(staff, name, before=before[name], after=value, by=acting_user, at=now)
    staff.save(update_fields=list(changed))
    return staff


@transaction.atomic
def reset_factor(staff_id: int, *, acting_user: Staff | None, now: datetime) -> Staff:
    """Forget the second factor of somebody who lost it, with its recovery codes; they sign in without it from then on.

    Raises:
        ValueError: there is none, or it is one's own.
    """
    staff = _held(staff_id, acting_user)
    if acting_user is not None and staff.pk == acting_user.pk:
        raise ValueError("Nobody resets their own second factor; ask another administrator.")
    forgotten, _ = Authenticator.objects.filter(user=staff).delete()
    if not forgotten:
        raise ValueError(f"The account of {staff.email} has no second factor.")
    _note(staff, StaffChange.What.FACTOR, by=acting_user, at=now)
    return staff


def check_reach(staff: Staff, unit: Unit | None) -> None:
    """Go on only if whoever has this unit, or the whole company, reaches no more than the person does."""
    if unit is not None:
        unit_for(staff, unit.code)
    elif staff.unit_id is not None:
        raise NotAllowed("This account is limited to a unit and makes none for the whole company.")


def _held(staff_id: int, acting_user: Staff | None) -> Staff:
    """The account, locked together with all administrators', so that two of them at once do not end each other."""
    rows = Staff.objects.select_for_update(no_key=True, of=("self",)).select_related("unit")
    held = {
        one.pk: one
        for one in rows.filter(Q(pk=staff_id) | Q(role="administrator", is_active=True)).order_by("pk")
    }  # fmt: skip
    if acting_user is not None:
        acting_user.refresh_from_db()  # the lock may have been waited for: a right lost meanwhile is lost
        require(acting_user, "work_people")
        access_staff(acting_user, staff_id)
    if staff_id not in held:
        raise NotFound(f"There is no member of staff {staff_id} here.")
    return held[staff_id]


def _check_another_administrator(staff: Staff) -> None:
    others = Staff.objects.filter(role="administrator", is_active=True).exclude(pk=staff.pk)
    if staff.role == "administrator" and staff.is_active and not others.exists():
        raise ValueError("This is the last administrator; make another one first.")


def _check(changed: Mapping[str, Any], *, role: str) -> None:
    if role not in ROLES:
        raise ValueError(f"There is no role {role!r}; there are {', '.join(ROLES)}.")
    if "name" in changed and not 0 < len(changed["name"]) <= 200:
        raise ValueError("An account needs a person's name, of at most 200 characters.")
    languages = [code for code, _ in settings.LANGUAGES]
    if changed.get("locale", languages[0]) not in languages:
        raise ValueError(f"The console does not speak {changed['locale']!r}; it speaks {', '.join(languages)}.")
    if level := changed.get("authority_level"):
        pack = blueprint_of(version_in_force(deployment().blueprint_name).pk)
        levels = [one.id for one in pack.authority if one.role == role]
        if level not in levels:
            there = ", ".join(levels) or "none"
            raise ValueError(f"The pack has no authority level {level!r} for the role {role}; there is {there}.")


def _note(
    staff: Staff, what: str, *, by: Staff | None, at: datetime, before: object = None, after: object = None
) -> None:
    said = ["" if value is None else str(value) for value in (before, after)]
    StaffChange.objects.create(staff=staff, what=what, before=said[0], after=said[1], at=at, by=by)
