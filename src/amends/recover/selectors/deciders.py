"""Who could decide an approval: everybody who reaches its unit and whose authority covers the sum, free or not."""

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Final

from django.db import connection
from django.db.models import Count

from amends.kernel.blueprint import Blueprint
from amends.people.core.authority import covers
from amends.people.core.duty import Candidate
from amends.people.core.rights import ROLES, may
from amends.people.duty import acting_for, duties_of
from amends.people.models import Staff, Unit
from amends.recover import ledger
from amends.recover.core.approval import APPROVAL
from amends.recover.core.assessing import RESTS_ON
from amends.recover.core.correcting import FACT
from amends.recover.holdings import Sum, hold, level_in
from amends.recover.models import Approval, Remedy
from amends.recover.selectors.circle import answers

APPROVERS: Final = tuple(role for role in ROLES if may(role, "approve"))


def candidates(approval: Approval, pack: Blueprint, *, kind: str, now: datetime) -> list[Candidate]:
    """Who could decide as far as reach and authority go, whether they are free or not.

    Where the totals leave nobody able to, whoever has the highest level that gives leave at all.
    """
    people = approvers_over(approval.unit_id)
    if approval.case.confidential:
        people = [(person, distance) for person, distance in people if answers(person, approval.case)]
    what = Sum(kind=kind, amount=approval.amount, currency=approval.currency)
    held = hold(approval.case, what, pack, granter=None, at=now, lock=False)
    levels = {person.pk: level_in(person, pack) for person, _ in people}
    approving = {pk: level for pk, level in levels.items() if level is not None and level.approves}
    able = {
        pk
        for pk, level in approving.items()
        if covers(level, kind=what.kind, amount=what.amount, currency=what.currency, spent=held.spent[level.id])
    }
    if not able and approving:
        top = max(ROLES.index(level.role) for level in approving.values())
        able = {pk for pk, level in approving.items() if ROLES.index(level.role) == top}
    waiting = _loads(able, apart_from=approval.pk)
    duties = duties_of(able, at=now, calendars=pack.calendars)
    return [
        Candidate(id=person.pk, role=person.role, distance=distance, waiting=waiting[person.pk], duty=duties[person.pk])
        for person, distance in people
        if person.pk in able
    ]


def approvers_over(unit_id: int | None) -> list[tuple[Staff, int]]:
    """Everybody who may approve and reaches a unit, with how many units further up they are."""
    rows = Staff.objects.filter(is_active=True, role__in=APPROVERS).select_related("unit")
    if unit_id is None:
        return [(person, 0) for person in rows.filter(unit=None)]
    codes = ledger.codes_of(Unit.objects.values_list("path", flat=True).get(pk=unit_id))
    found = []
    for person in [*rows.filter(unit__code__in=codes), *rows.filter(unit=None)]:
        place = codes.index(person.unit.code) if person.unit is not None else -1
        found.append((person, len(codes) - 1 - place))
    return found


def not_independent(approval: Approval, *, now: datetime) -> set[int]:
    """Who asked, who gave parts of it on their own authority, on whose word it rests, and whoever acts for them."""
    concerned = set(
        Remedy.objects.filter(case_id=approval.case_id, approval=None, granted_by__isnull=False).values_list(
            "granted_by_id", flat=True
        )
    )
    concerned |= told_by([approval.case_id])[approval.case_id]
    if approval.asked_by_id is not None:
        concerned.add(approval.asked_by_id)
    return concerned | acting_for(concerned, at=now)


def told_by(case_ids: Collection[int]) -> dict[int, set[int]]:
    """On whose word each case rests: who reported its failure, took it down, judged it anew, corrected its facts, or
    entered the complaint in writing. Cases that were merged or split are one, or splitting a case would shake off its
    teller.
    """
    told: dict[int, set[int]] = {case_id: set() for case_id in case_ids}
    with connection.cursor() as cursor:
        cursor.execute(
            """
            with kin as (
                select asked.id as asked, coalesce(other.case_id, asked.id) as id
                from unnest(%s::bigint[]) as asked (id)
                left join recover_casefamily as own on own.case_id = asked.id
                left join recover_casefamily as other on other.root_id = own.root_id
            )
            select kin.asked, report.reporter_id from kin
                join recover_casefailure as hurt on hurt.case_id = kin.id
                join monitor_selfreport as report on report.failure_id = hurt.failure_id
            union select kin.asked, split_part(entry.actor, ':', 2)::bigint from kin
                join recover_trailentry as entry on entry.case_id = kin.id
                where entry.act = 'open_case' and starts_with(entry.actor, 'staff:')
            union select kin.asked, edit.by_id from kin join recover_edit as edit on edit.case_id = kin.id
                where edit.aspect = any(%s) and edit.by_id is not null
            union select kin.asked, said.taken_by_id from kin
                join recover_writtencomplaint as said on said.case_id = kin.id where said.taken_by_id is not null
            """,
            [list(told), [FACT, *RESTS_ON]],
        )
        for case_id, staff_id in cursor.fetchall():
            told[case_id].add(staff_id)
    return told


def _loads(staff_ids: Iterable[int], *, apart_from: int) -> Counter[int]:
    rows = Approval.objects.filter(assigned_to_id__in=list(staff_ids), state=APPROVAL.initial).exclude(pk=apart_from)
    return Counter(dict(rows.order_by().values_list("assigned_to_id").annotate(Count("id"))))
