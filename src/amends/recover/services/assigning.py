"""Cases that need a person find one: routed to a team by the queues, then to the member whom the choice names.

Set-wise, and past cases that somebody is working on; each change of hands is on record with its reason.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from django.db import connection

from amends.kernel.reason import Reason
from amends.kernel.text import Localised
from amends.people.models import Staff
from amends.people.selectors import require, units_below
from amends.policy.selectors import deployment, version_in_force
from amends.policy.services import keep_explanations
from amends.recover.acting import acting
from amends.recover.core.assigning import Candidate, Choice, Rule, choose, keeps, lacks, queue_for
from amends.recover.core.refusals import Declined
from amends.recover.models import Case, Handover, Team, TeamMember
from amends.recover.selectors.circle import seen_alone
from amends.recover.selectors.staffing import (
    candidate,
    free_staff,
    loads_of,
    may_take,
    members_of,
    needs_of,
    reaches_of,
    rules_in_force,
)
from amends.recover.services.handing_over import change_owner
from amends.recover.services.holding import holding, save_case
from amends.recover.services.undoing import undoable

AT_ONCE: Final = 500
LOOKED_AT: Final = 2_000  # of the most pressing ones without a team, for whoever asks for the next

NO_QUEUE: Final = Localised(
    en="No queue fits this case, so it has no team. Assign it to somebody by name.",
    zh="没有适用于此案件的队列，因此无团队负责。请直接指派给某人。",
)
NOTHING_NEXT: Final = Localised(
    en="Nothing waits for somebody with your skills right now.", zh="目前没有需要您处理的案件。"
)
# what a person has to see to: a step of theirs is ready, or the customer objects
NEEDS_SOMEBODY: Final = """(cases.state = 'objected' or exists (
    select from recover_action as action
    where action.case_id = cases.id and action.state = 'ready' and action.performer <> 'automatic'))"""


def assign_waiting(*, now: datetime, limit: int = AT_ONCE) -> int:
    """Route cases that need somebody to teams, and give each team's free members what they can take; how many found
    one."""
    rules = rules_in_force()
    if not rules:
        return 0
    _route(rules, limit=limit)
    return sum(_assign_of(team_id, rules, now=now, limit=limit) for team_id in {rule.team_id for rule in rules})


def assign_by_rules(case_id: int, *, acting_user: Staff, now: datetime, version: int | None = None) -> Handover:
    """Have the queues choose for one case now.

    Raises:
        Declined: no queue fits, or nobody can take it; the sentence says what each lacks.
    """
    with holding("assign_by_rules", case_id, acting_user=acting_user, right="work_teams", version=version) as (
        case,
        person,
    ):
        rule = queue_for(rules_in_force(), needs_of(case), case.unit_id)
        if rule is None:
            raise Declined(NO_QUEUE)
        members = members_of([rule.team_id])[rule.team_id]
        choice = _chosen(case, rule, _candidates(case, members), now=now)
        if choice.staff_id is None:
            raise Declined(choice.why.text)
        found = Staff.objects.get(pk=choice.staff_id)
        (why_id,) = _kept([choice.why])
        with undoable(case, "assigned", person, now=now) as step:
            case.team_id = rule.team_id
            handover = change_owner(case, found, how=Handover.How.AUTOMATIC, now=now, by=person)
            Handover.objects.filter(pk=handover.pk).update(why_id=why_id, seen_at=None)
            step["handover"] = handover.pk
    return handover


def take_next(*, acting_user: Staff, now: datetime) -> Case:
    """Give somebody the most pressing case that waits for a person with their skills: of their teams first.

    Raises:
        Declined: there is none.
        NotAllowed: the person lacks the right, or has lost it meanwhile.
    """
    require(acting_user, "work_cases")
    for case_id in _next_ones(acting_user):
        with acting("take_next", acting_user):
            person = Staff.objects.get(pk=acting_user.pk)
            require(person, "work_cases")
            case = (
                Case.objects.select_for_update(no_key=True, skip_locked=True)
                .filter(seen_alone(person), pk=case_id, owner=None, is_open=True)
                .first()
            )
            if case is None:
                continue  # somebody was quicker, or it went out of this person's reach
            with undoable(case, "next", person, now=now) as step:
                step["handover"] = change_owner(case, person, how=Handover.How.NEXT, now=now, by=person).pk
            return case
    raise Declined(NOTHING_NEXT)


def keep_taken(case: Case, person: Staff, *, now: datetime) -> Handover | None:
    """Give the case of a complaint to whoever took it down, unless their reach, a queue or their skills forbid it; then
    it waits for the queue's team. A case that somebody or some team has already stays there: None.

    Its row is locked by the act that this is part of.
    """
    if case.owner_id is not None or case.team_id is not None or not case.is_open:
        return None
    needs = needs_of(case)
    rule = queue_for(rules_in_force(), needs, case.unit_id)
    there = (
        [] if rule is None else [one for one in members_of([rule.team_id])[rule.team_id] if one.staff_id == person.pk]
    )
    member = candidate(there[0], loads_of([person.pk]).get(person.pk, 0)) if there else None
    choice = keeps(needs, rule, member, staff_id=person.pk, name=person.name, reaches=may_take(person, case.unit_id))
    (why_id,) = _kept([choice.why])
    case.team_id = None if rule is None else rule.team_id
    if choice.staff_id is not None:
        handover = change_owner(case, person, how=Handover.How.TAKEN, now=now, by=person)
        Handover.objects.filter(pk=handover.pk).update(why_id=why_id)
        return handover
    save_case(case, "team")
    return Handover.objects.create(
        case=case, how=Handover.How.AUTOMATIC, at=now, to_team_id=case.team_id, why_id=why_id
    )


def _next_ones(person: Staff) -> Iterable[int]:
    """Cases to try, the best first. Skills limit what one is given from one's teams, never what one may take."""
    memberships = list(TeamMember.objects.filter(staff=person).select_related("staff"))
    reached = units_below(person)
    rows = Case.objects.filter(owner=None, is_open=True).select_related("customer")
    rows = rows if reached is None else rows.filter(unit_id__in=reached)
    able = {one.team_id: replace(candidate(one, 0), most_open=1) for one in memberships}
    for case in rows.filter(team_id__in=list(able)).order_by("-priority", "-id")[:LOOKED_AT]:
        if not lacks(able[case.team_id], needs_of(case), free=True):
            yield case.pk
    top = rows.filter(team=None).order_by("-priority", "-id").values("id", "state", "priority")[:LOOKED_AT]
    listed, values = top.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            f"select id from ({listed}) as cases where {NEEDS_SOMEBODY} order by priority desc, id desc limit 50",
            values,
        )
        found = [row[0] for row in cursor.fetchall()]
    yield from found


def _route(rules: Sequence[Rule], *, limit: int) -> int:
    """Give a team to cases that need somebody and have neither team nor owner."""
    with acting("route_cases"), connection.cursor() as cursor:
        cursor.execute(
            """
            select cases.id from recover_case as cases
            where cases.id in (
                select case_id from recover_action where state = 'ready' and performer <> 'automatic'
                union select id from recover_case where state = 'objected'
            ) and cases.is_open and cases.owner_id is null and cases.team_id is null
            order by cases.id limit %s for no key update skip locked
            """,
            [limit * 4],
        )
        ids = [row[0] for row in cursor.fetchall()]
        found: dict[int, list[int]] = {}
        for case in Case.objects.filter(pk__in=ids).select_related("customer").order_by("pk"):
            rule = queue_for(rules, needs_of(case), case.unit_id)
            if rule is not None:
                found.setdefault(rule.team_id, []).append(case.pk)
        for team_id, case_ids in found.items():
            Case.objects.filter(pk__in=case_ids).update(team_id=team_id)
    return sum(map(len, found.values()))


def _assign_of(team_id: int, rules: Sequence[Rule], *, now: datetime, limit: int) -> int:
    """Give a team's free members the team's most pressing cases that nobody has."""
    members = members_of([team_id])[team_id]
    ids = [member.staff_id for member in members]
    loads, free = loads_of(ids), free_staff(ids, now)
    able = {member.staff_id: candidate(member, loads.get(member.staff_id, 0)) for member in members}
    reaches = reaches_of(member.staff for member in members)
    room = sum(max(0, one.most_open - one.load) for pk, one in able.items() if pk in free)
    if not room:
        return 0
    team = Team.objects.get(pk=team_id)
    with acting("assign_waiting"):
        rows = (
            Case.objects.select_for_update(no_key=True, skip_locked=True, of=("self",))
            .filter(team_id=team_id, owner=None, is_open=True)
            .select_related("customer")
            .order_by("-priority", "-id")[: min(limit, room * 2)]
        )
        chosen: list[tuple[Case, Choice]] = []
        for case in rows:
            rule = queue_for([one for one in rules if one.team_id == team_id], needs_of(case), case.unit_id)
            name = rule.name if rule else Localised(en=team.name_en, zh=team.name_zh)
            there = [one for pk, one in able.items() if (reach := reaches[pk]) is None or case.unit_id in reach]
            place = f"queues.{rule.queue_id}" if rule else f"teams.{team_id}"
            choice = choose(needs_of(case), there, free=free, rule=place, queue=name)
            if choice.staff_id is not None:
                chosen.append((case, choice))
                able[choice.staff_id] = replace(able[choice.staff_id], load=able[choice.staff_id].load + 1)
        _give(chosen, now=now)
    return len(chosen)


def _give(chosen: Sequence[tuple[Case, Choice]], *, now: datetime) -> None:
    if not chosen:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "update recover_case as cases set owner_id = given.staff_id, version = version + 1"
            " from unnest(%s::bigint[], %s::bigint[]) as given (case_id, staff_id) where cases.id = given.case_id",
            [[case.pk for case, _ in chosen], [choice.staff_id for _, choice in chosen]],
        )
    whys = _kept([choice.why for _, choice in chosen])
    Handover.objects.bulk_create(
        [
            Handover(case=case, how=Handover.How.AUTOMATIC, at=now, to_staff_id=choice.staff_id, why_id=why)
            for (case, choice), why in zip(chosen, whys, strict=True)
        ],
        batch_size=1_000,
    )


def _candidates(case: Case, members: Sequence[TeamMember]) -> list[Candidate]:
    loads = loads_of(member.staff_id for member in members)
    reaches = reaches_of(member.staff for member in members)
    return [
        candidate(member, loads.get(member.staff_id, 0))
        for member in members
        if (reach := reaches[member.staff_id]) is None or case.unit_id in reach
    ]


def _chosen(case: Case, rule: Rule, candidates: Sequence[Candidate], *, now: datetime) -> Choice:
    free = free_staff([one.staff_id for one in candidates], now)
    return choose(needs_of(case), candidates, free=free, rule=f"queues.{rule.queue_id}", queue=rule.name)


def _kept(reasons: Sequence[Reason]) -> list[int]:
    """The rows of these reasons, in order."""
    version_id = version_in_force(deployment().blueprint_name).pk
    kept = keep_explanations(reasons, version_id=version_id)
    return [kept[reason.digest(version_id)] for reason in reasons]
