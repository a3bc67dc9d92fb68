"""Some failures of a case made a case of their own, with the open work that belongs to them.

Money is never planned anew by a split, it only moves: what was given stays in the ledger where it was given.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from amends.kernel.taxonomy import DECISION_FACTS
from amends.kernel.text import Localised
from amends.monitor.models import Affected, Failure
from amends.people.models import Staff
from amends.policy.selectors import blueprint_of
from amends.policy.services import keep_explanations
from amends.recover.core.action import ACTION
from amends.recover.core.case import CASE
from amends.recover.core.plan import what_happened
from amends.recover.core.priority import SEVERITY_WEIGHT
from amends.recover.core.refusals import Declined
from amends.recover.models import Action, Case, CaseFailure, CaseLink, Clock, Hold, Plan
from amends.recover.moves import reached
from amends.recover.search import KNOWN
from amends.recover.selectors.judging import judged
from amends.recover.services.carrying_out import OPEN_ACTIONS, after_done
from amends.recover.services.carrying_over import carry_over, copied, earliest_due, moved_along, start_ready
from amends.recover.services.holding import holding, save_case
from amends.recover.services.merging import join_families
from amends.recover.services.waits import go_on

SETTLED_ONE = Localised(en="Only an open case can be split.", zh="只有处理中的案件才能拆分。")
SOME = Localised(
    en="Choose some of the case's failures, not none and not all of them.",
    zh="请选择部分失误，不能一项不选，也不能全选。",
)
NOT_THERE = Localised(
    en="One of the steps chosen is not open in this case any more.", zh="所选措施中有一项已不在此案件的待办中。"
)
WORDS_OF_CASE = f"""
    insert into recover_casesearch (case_id, words)
    select cases.id, {KNOWN}
    from recover_case as cases join people_customer as customer on customer.id = cases.customer_id
    where cases.id = any(%s)
    on conflict (case_id) do update set words = excluded.words || recover_casesearch.words
"""


def split_case(
    case_id: int,
    *,
    failures: Sequence[int],
    actions: Sequence[int],
    acting_user: Staff,
    now: datetime,
    note: str = "",
    version: int | None = None,
) -> Case:
    """Take some failures of an open case into a new one, and the chosen open actions along.

    Returns:
        the new case. Its clocks run as those of the old one do: no promise is made later than it was. What stands still
        there goes on here, for nobody was asked for anything that this case waits for.

    Raises:
        Declined: the case is not open, none or all failures are chosen, or an action is not open there.
    """
    with holding("split_case", case_id, acting_user=acting_user, version=version) as (case, person):
        if not case.is_open:
            raise Declined(SETTLED_ONE)
        here = CaseFailure.objects.filter(case=case, moved_to=None)
        all_here = set(here.values_list("failure_id", flat=True))
        wanted = set(failures)
        if not wanted or not wanted < all_here:
            raise Declined(SOME)
        going = list(Action.objects.filter(case=case, pk__in=set(actions)).order_by("pk"))
        if len(going) != len(set(actions)) or any(one.state in ACTION.final for one in going):
            raise Declined(NOT_THERE)
        fresh = _new_case(case, wanted)
        CaseFailure.objects.bulk_create([CaseFailure(case=fresh, failure_id=pk) for pk in sorted(wanted)])
        here.filter(failure_id__in=wanted).update(moved_to=fresh)
        _look_like_gravest(case, all_here - wanted)
        copied(Plan.objects.get(case=case), case=fresh, revision=1, created_at=now)
        for clock in Clock.objects.filter(case=case).order_by("pk"):
            copied(clock, case=fresh)
        go_on(fresh, Hold.Ended.STAFF, now=now)
        moved = [
            carry_over(one, fresh, state=one.state, amount=one.amount, person=person, now=now, note=f"→ {fresh.pk}")
            for one in going
        ]
        CaseLink.objects.create(case=fresh, other=case, kind=CaseLink.Kind.SPLIT_FROM, note=note, at=now, by=person)
        join_families(case, fresh)
        start_ready(moved)
        save_case(
            case, "kind", "subject", "severity", "priority", "responsible", "controllable", "what_happened", "cause"
        )
        _stand(fresh, was=case.state)
        if going and not _left(case):
            with connection.cursor() as cursor:
                after_done(cursor, [(case.pk, "", now)])
        with connection.cursor() as cursor:
            cursor.execute(WORDS_OF_CASE, [[case.pk, fresh.pk]])
        fresh.refresh_from_db()
    return fresh


def _new_case(case: Case, failures: set[int]) -> Case:
    fresh: Case = copied(case, incident=None, state=reached(CASE, "plan"), is_open=True, closed_at=None, version=1)
    fresh.priority -= judged(case).pressing  # was said of the one that it is split from
    _look_like_gravest(fresh, failures)
    fresh.save()
    return fresh


def _look_like_gravest(case: Case, failures: set[int]) -> None:
    """Kind, subject, severity, cause and words of the gravest of these failures; facts are what the plan came from."""
    rows = Affected.objects.filter(failure_id__in=failures, customer_id=case.customer_id).select_related("failure")
    hit = max(rows, key=lambda row: (row.severity, -row.failure.found_at.timestamp(), -row.failure_id), default=None)
    if hit is None:
        return
    failure: Failure = hit.failure
    pack = blueprint_of(case.blueprint_id)
    facts: dict[str, Any] = {name: value for name, value in case.facts.items() if name not in DECISION_FACTS}
    why = what_happened(failure.subject, {**facts, **failure.facts, **hit.facts, "kind": failure.kind}, pack)
    explained = keep_explanations([why], version_id=case.blueprint_id)
    case.priority += SEVERITY_WEIGHT * (hit.severity - case.severity)
    case.kind, case.subject, case.severity = failure.kind, failure.subject, hit.severity
    case.responsible, case.controllable = failure.responsible, failure.controllable
    case.what_happened_id = explained[why.digest(case.blueprint_id)]
    case.cause_id = failure.attribution_why_id


def _stand(case: Case, *, was: str) -> None:
    """How far the new case is: as far as the old one was, and no further than its open work allows."""
    moves: list[str] = []
    if was not in {"found", "planned"}:
        moves.append("start")
    if not _left(case):
        moves = ["start", "finish"]
    if was == "objected" and "start" in moves:
        moves = ["start", "object"]
    case.state = moved_along(CASE, case.state, moves)
    case.next_due = earliest_due(case)
    save_case(case, "state", "next_due")


def _left(case: Case) -> bool:
    return Action.objects.filter(case=case, phase="immediate", state__in=OPEN_ACTIONS).exists()
