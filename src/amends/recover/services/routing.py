"""Whom an approval waits for: the nearest free person who could decide it, and what happens when time passes.

Assigned is not owned: everybody with enough authority may decide. An approval moves on when its person is away or may
not decide any more, and goes further up when the time to decide ran out; each step is kept with its reason.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection

from amends.kernel.blueprint import Blueprint
from amends.kernel.reason import Reason
from amends.kernel.text import Localised
from amends.people.core.authority import ROLE_WORDS
from amends.people.core.duty import Candidate, Choice, nearest
from amends.people.core.rights import ROLES
from amends.people.models import Staff
from amends.policy.selectors import blueprint_of
from amends.policy.services import keep_explanations
from amends.recover.acting import acting
from amends.recover.core.approval import APPROVAL
from amends.recover.core.clocks import due_time
from amends.recover.holdings import level_in
from amends.recover.models import Approval, ApprovalStep
from amends.recover.selectors.deciders import candidates, not_independent
from amends.recover.services.telling_deciders import Given, tell_deciders

AT_ONCE: Final = 200
LOOK_AGAIN: Final = timedelta(minutes=15)  # where nobody is free
What = ApprovalStep.What


def sweep_approvals(*, now: datetime, limit: int = AT_ONCE) -> int:
    """Give out what is given to nobody yet, move on what waits for someone who is away or lost the role, and pass
    further up what waited too long; how many approvals were looked at, 0: nothing left. Cases that somebody is working
    on are left for the next sweep."""
    with acting("sweep_approvals"), connection.cursor() as cursor:
        ids = _due(cursor, now=now, limit=limit)
        if not ids:
            return 0
        cursor.execute(
            "select id from recover_case where id in (select case_id from recover_approval where id = any(%s))"
            " order by id for no key update skip locked",
            [ids],
        )
        cases = [row[0] for row in cursor.fetchall()]
        rows = Approval.objects.select_related("action__plan", "case__customer", "assigned_to", "unit")
        looked_at = rows.filter(pk__in=ids, case_id__in=cases, state=APPROVAL.initial).order_by("asked_at", "id")
        given = [route(approval, now=now) for approval in looked_at]
        tell_deciders([one for one in given if one is not None], now=now)
        return len(given)


def _due(cursor: Any, *, now: datetime, limit: int) -> list[int]:
    """Approvals to look at: never given out, their time has come, or their person is away or not who they were."""
    cursor.execute(
        f"""
        (select id from recover_approval where state = '{APPROVAL.initial}' and look_at is null limit %(limit)s)
        union
        (select id from recover_approval where state = '{APPROVAL.initial}' and look_at <= %(now)s
            order by look_at limit %(limit)s)
        union
        (select approval.id from people_staff as staff
            join recover_approval as approval on approval.assigned_to_id = staff.id
            where approval.state = '{APPROVAL.initial}' and (
                not staff.is_active or staff.role <> approval.assigned_role or exists (
                    select from people_absence as absence where absence.staff_id = staff.id and absence.ends_at >
                        %(now)s and absence.withdrawn_at is null and absence.starts_at <= %(now)s))
            limit %(limit)s)
        """,
        {"now": now, "limit": limit},
    )
    return [row[0] for row in cursor.fetchall()][:limit]


def route(approval: Approval, *, now: datetime) -> Given | None:
    """Look at one waiting approval whose case is locked: give it out, move it on, pass it up, or leave it.

    Whoever calls tells those to whom something was given.
    """
    pack = blueprint_of(approval.action.plan.blueprint_id)
    able = candidates(approval, pack, kind=approval.action.kind, now=now)
    here = next((one for one in able if one.id == approval.assigned_to_id), None)
    excluded = not_independent(approval, now=now)
    if approval.assigned_to_id is not None and approval.decide_by is not None and approval.decide_by <= now:
        return _escalate(approval, pack, able, excluded, now=now)
    if here is not None and here.id not in excluded and here.duty.away is None:
        approval.look_at = _next_look(approval, here.duty.until)
        approval.save(update_fields=["look_at"])
        return None
    choice = nearest(able, excluded=excluded)
    if choice is None:
        _nobody(approval, now=now)
        return None
    what = What.ASSIGNED if approval.assigned_to_id is None else What.MOVED
    return _give(approval, pack, able, choice, what=what, now=now)


def give_out(approval: Approval, *, now: datetime) -> None:
    """Route the one approval that an act brought about, and tell whoever it goes to."""
    given = route(approval, now=now)
    tell_deciders([given] if given is not None else [], now=now)


def _escalate(
    approval: Approval, pack: Blueprint, able: Sequence[Candidate], excluded: set[int], *, now: datetime
) -> Given | None:
    """The time ran out: to the nearest free person of a higher level, else to another of the same."""
    old = approval.assigned_to_id
    rank = ROLES.index(approval.assigned_role) if approval.assigned_role in ROLES else -1
    higher = [one for one in able if ROLES.index(one.role) > rank]
    others = [one for one in able if ROLES.index(one.role) == rank and one.id != old]
    choice = nearest(higher, excluded=excluded) or nearest(others, excluded=excluded)
    if choice is None:  # nobody is further up: it stays where it is, and is looked at again
        approval.look_at = now + LOOK_AGAIN
        approval.save(update_fields=["look_at"])
        return None
    approval.state = APPROVAL.after(approval.state, "escalate")
    approval.escalations += 1
    return _give(approval, pack, able, choice, what=What.ESCALATED, now=now)


def _give(
    approval: Approval, pack: Blueprint, able: Sequence[Candidate], choice: Choice, *, what: str, now: datetime
) -> Given:
    names = _names([choice.id, choice.in_place_of, approval.assigned_to_id, *choice.passed_over])
    person = names[choice.id]
    why = _why(choice, next(one for one in able if one.id == choice.id), approval, names, what=what)
    version = approval.action.plan.blueprint_id
    why_id = keep_explanations([why], version_id=version)[why.digest(version)]
    ApprovalStep.objects.create(
        approval=approval,
        case_id=approval.case_id,
        at=now,
        what=what,
        from_staff_id=approval.assigned_to_id,
        to_staff=person,
        why_id=why_id,
    )
    level = level_in(person, pack)
    within = level.decides_within if level is not None else None
    duty = next(one.duty for one in able if one.id == choice.id)
    approval.assigned_to, approval.assigned_role, approval.assigned_at = person, person.role, now
    approval.assigned_why_id = why_id
    approval.decide_by = due_time(within, now, pack.calendars) if within is not None else None
    approval.look_at = _next_look(approval, duty.until)
    approval.save(
        update_fields=[
            "state",
            "escalations",
            "assigned_to",
            "assigned_role",
            "assigned_at",
            "assigned_why",
            "decide_by",
            "look_at",
        ]
    )
    return Given(approval=approval, staff_id=person.pk, passed_on=None if what == What.ASSIGNED else why)


def _nobody(approval: Approval, *, now: datetime) -> None:
    """Nobody is free: it waits for all who may decide, and is looked at again soon."""
    why = Reason(
        rule="authority.routing",
        text=Localised(
            en="Nobody who may decide is free at the moment; whoever may decide and comes first does.",
            zh="目前有权审批的人员均不在岗；任何有权审批者均可先行处理。",
        ),
    )
    version = approval.action.plan.blueprint_id
    why_id = keep_explanations([why], version_id=version)[why.digest(version)]
    if approval.assigned_to_id is not None:
        ApprovalStep.objects.create(
            approval=approval,
            case_id=approval.case_id,
            at=now,
            what=What.MOVED,
            from_staff_id=approval.assigned_to_id,
            to_staff=None,
            why_id=why_id,
        )
    approval.assigned_to, approval.assigned_role, approval.assigned_at = None, "", None
    approval.assigned_why_id, approval.decide_by, approval.look_at = why_id, None, now + LOOK_AGAIN
    approval.save(update_fields=["assigned_to", "assigned_role", "assigned_at", "assigned_why", "decide_by", "look_at"])


def _next_look(approval: Approval, free_until: datetime) -> datetime:
    return free_until if approval.decide_by is None else min(free_until, approval.decide_by)


def _names(ids: Iterable[int | None]) -> dict[int, Staff]:
    return Staff.objects.in_bulk([pk for pk in ids if pk is not None])


def _why(choice: Choice, chosen: Candidate, approval: Approval, names: Mapping[int, Staff], *, what: str) -> Reason:
    """Why just this person, for everybody who wonders."""
    role = ROLE_WORDS[chosen.role]
    en, zh = [], []
    if what == What.ESCALATED and approval.assigned_to_id is not None:
        before = names[approval.assigned_to_id].name
        en.append(f"{before} did not decide in time, so it went further up.")
        zh.append(f"{before}未在时限内审批，已上报。")
    elif what == What.MOVED and approval.assigned_to_id is not None:
        before = names[approval.assigned_to_id].name
        en.append(f"{before} is away or may not decide this any more.")
        zh.append(f"{before}不在岗或已无权审批。")
    if choice.in_place_of is not None:
        en.append(f"{names[choice.id].name} stands in for {names[choice.in_place_of].name}, who is away.")
        zh.append(f"{names[choice.in_place_of].name}不在岗，由{names[choice.id].name}代理。")
    else:
        en.append(f"The nearest who may decide and is free, {role.en}; {_far(chosen.distance)[0]}.")
        zh.append(f"有权审批且在岗的最近人员（{role.zh}，{_far(chosen.distance)[1]}）。")
    nearer = [names[pk].name for pk in choice.passed_over if pk != choice.in_place_of and pk in names]
    if nearer:
        en.append(f"Nearer, but away: {', '.join(nearer)}.")
        zh.append(f"更近但不在岗：{'、'.join(nearer)}。")
    return Reason(rule="authority.routing", text=Localised(en=" ".join(en), zh="".join(zh)))


def _far(distance: int) -> tuple[str, str]:
    if distance == 0:
        return "in the same unit", "同一单位"
    return f"{distance} unit{'s' if distance > 1 else ''} further up", f"上{distance}级单位"
