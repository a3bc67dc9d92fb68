"""Maintenance and known closures: failures in them are on record with the reason and open nothing, unless the pack says
that their customers are looked after all the same."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection, transaction

from amends.kernel.blueprint import Blueprint
from amends.kernel.rules import first_match
from amends.kernel.severity import SEVERITY_NAMES
from amends.kernel.text import Localised
from amends.monitor.core import incident_words
from amends.monitor.models import Closure, IncidentAct
from amends.monitor.services.fresh import Fresh
from amends.people.models import Staff, Unit
from amends.people.selectors import NotFound, require, units_below
from amends.policy.models import BlueprintVersion
from amends.policy.selectors import blueprint_of
from amends.policy.services import keep_explanations

LONGEST: Final = timedelta(days=366)


class BadClosure(ValueError):
    """No such span, no such resource, or neither or both of unit and resource."""


@transaction.atomic
def enter_closure(
    *,
    unit: Unit | None,
    resource: str,
    starts_at: datetime,
    ends_at: datetime,
    reason: Localised,
    version: BlueprintVersion,
    acting_user: Staff,
    now: datetime,
) -> Closure:
    """From now on failures of this unit, or of what hangs on this resource, are expected in that time.

    What was found before it was entered stays as it is. Only who sees the whole company closes a resource.

    Raises:
        NotFound: the unit is out of the person's reach.
        BadClosure: no span within a year, an unknown kind of resource, or not exactly one of unit and resource.
    """
    require(acting_user, "work_incidents")
    reached = units_below(acting_user)
    resource = resource.strip()
    if (unit is None) == (not resource):
        raise BadClosure("A closure is of one unit or of one resource.")
    if unit is None:
        kind, _, name = resource.partition("/")
        if kind not in blueprint_of(version.pk).incidents.resources or not name.strip():
            raise BadClosure(f"{resource!r} is no resource of this blueprint.")
    if reached is not None and (unit is None or unit.pk not in reached):
        raise NotFound("There is no such unit here.")
    if not starts_at < ends_at <= starts_at + LONGEST or ends_at <= now:
        raise BadClosure("The end has to lie after the beginning and in the future, within a year.")
    closure = Closure.objects.create(
        unit=unit,
        resource=resource,
        starts_at=starts_at,
        ends_at=ends_at,
        reason_en=reason.en,
        reason_zh=reason.zh,
        entered_by=acting_user,
        entered_at=now,
    )
    IncidentAct.objects.create(act="enter_closure", closure=closure, by=acting_user, at=now)
    return closure


def held_closure(closure_id: int, *, acting_user: Staff) -> Closure:
    """A closure that the person may change, locked.

    Raises:
        NotAllowed: the role changes none.
        NotFound: there is none of that number within the person's units.
    """
    require(acting_user, "work_incidents")
    reached = units_below(acting_user)
    rows = Closure.objects.select_for_update(no_key=True, of=("self",))
    if reached is not None:
        rows = rows.filter(unit_id__in=reached)
    if (found := rows.filter(pk=closure_id).first()) is None:
        raise NotFound(f"There is no closure {closure_id} here.")
    return found


@transaction.atomic
def end_closure(closure_id: int, *, acting_user: Staff, now: datetime) -> Closure:
    """It is over earlier than was said; what failed until now was expected.

    Raises:
        BadClosure: it has not begun, is over, or was withdrawn.
    """
    closure = held_closure(closure_id, acting_user=acting_user)
    if closure.withdrawn_at is not None or not closure.starts_at < now < closure.ends_at:
        raise BadClosure("Only what is going on now can end now.")
    was, closure.ends_at = closure.ends_at, now
    closure.save(update_fields=["ends_at"])
    IncidentAct.objects.create(
        act="end_closure", closure=closure, by=acting_user, at=now, details={"was": was.isoformat()}
    )
    return closure


def withdraw(closure: Closure, *, acting_user: Staff, now: datetime) -> list[int]:
    """It was wrong or does not take place: all that it kept back comes free.

    Returns:
        the failures that it had kept back and that are to be correlated anew.
    """
    if closure.withdrawn_at is not None:
        return []
    closure.withdrawn_at, closure.withdrawn_by = now, acting_user
    closure.save(update_fields=["withdrawn_at", "withdrawn_by"])
    with connection.cursor() as cursor:
        cursor.execute(
            """
            update monitor_failure set closure_id = null where closure_id = %s and incident_id is null returning id
            """,
            [closure.pk],
        )
        freed = sorted(row[0] for row in cursor.fetchall())
    IncidentAct.objects.create(
        act="withdraw_closure", closure=closure, by=acting_user, at=now, details={"failures": len(freed)}
    )
    return freed


def suppress(cursor: Any, fresh: Sequence[Fresh], pack: Blueprint, version: BlueprintVersion) -> list[Fresh]:
    """Mark what was expected; the others, and those whose customers are looked after, go on to an incident.

    What somebody told us is never kept back: who comes forward is heard.
    """
    heard = [one for one in fresh if one.stage == "reported"]
    found = [one for one in fresh if one.stage != "reported"]
    closures = _closures(found)
    if not closures:
        return list(fresh)
    covered = {one.id: closure for one in found if (closure := _covering(closures, one)) is not None}
    if not covered:
        return list(fresh)
    facts = _facts(cursor, list(covered))
    going, rows = heard, []
    for one in found:
        closure = covered.get(one.id)
        if closure is None:
            going.append(one)
            continue
        look = _looked_after(one, facts[one.id], pack)
        said = Localised(en=closure.reason_en, zh=closure.reason_zh)
        rows.append((one.id, closure.pk, None if look is None else incident_words.looked_after(said, look)))
        if look is not None:
            going.append(one)
    kept = keep_explanations([why for *_, why in rows if why is not None], version_id=version.pk)
    cursor.execute(
        """
        update monitor_failure as failure set closure_id = given.closure, closure_why_id = given.why
        from unnest(%s::bigint[], %s::bigint[], %s::bigint[]) as given (id, closure, why) where failure.id = given.id
        """,
        [
            [row[0] for row in rows],
            [row[1] for row in rows],
            [None if row[2] is None else kept[row[2].digest(version.pk)] for row in rows],
        ],
    )
    return sorted(going, key=lambda one: one.id)


def _closures(fresh: Sequence[Fresh]) -> list[Closure]:
    """Those into whose time any of these falls."""
    if not fresh:
        return []
    times = [one.promised_for for one in fresh]
    rows = Closure.objects.select_related("unit").filter(
        withdrawn_at=None, ends_at__gt=min(times), starts_at__lte=max(times)
    )
    return list(rows.order_by("pk"))


def _covering(closures: Sequence[Closure], one: Fresh) -> Closure | None:
    return next((closure for closure in closures if _covers(closure, one)), None)


def _covers(closure: Closure, one: Fresh) -> bool:
    if not closure.starts_at <= one.promised_for < closure.ends_at:
        return False
    if closure.unit is not None:
        return closure.unit.code in one.units
    return closure.resource in one.resources or closure.resource == one.subject


def _facts(cursor: Any, failures: list[int]) -> dict[int, dict[str, Any]]:
    cursor.execute(
        """
        select id, (facts || jsonb_build_object('controllable', controllable, 'stable', stable))::text
        from monitor_failure where id = any(%s)
        """,
        [failures],
    )
    return {id_: json.loads(text) for id_, text in cursor.fetchall()}


def _looked_after(one: Fresh, facts: Mapping[str, Any], pack: Blueprint) -> Localised | None:
    """Why its customers are looked after, by the first rule that holds; None: they are not."""
    known = {
        **pack.completed(facts),
        "kind": one.kind,
        "loss": pack.taxonomy.kinds[one.kind].loss,
        "severity": SEVERITY_NAMES[one.severity],
        "responsible": one.responsible,
    }
    match = first_match(pack.incidents.closures.look_after, known)
    return None if match is None else match.rule.reason.filled(known)
