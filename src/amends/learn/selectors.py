"""Reads of learning: the ring's figures, costs, causes, hot spots, lessons; each for a person and within their units.

Costs, causes and most counts come from the summary, which a job makes (learn/summary): `as_of` says as of when they
hold. Periods are cut to whole local days of the deployment.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Max, Min, QuerySet, Sum

from amends.kernel.blueprint import Blueprint
from amends.kernel.money import Money
from amends.kernel.text import Localised
from amends.learn.core.cost import Cost, Quantities, cost_of
from amends.learn.core.hot_spots import HotSpot, SpotCount, find_hot_spots
from amends.learn.core.lesson_words import RESPONSIBLE
from amends.learn.core.pareto import Cause, ParetoRow, pareto_rows
from amends.learn.core.period import Days, days_of
from amends.learn.models import Lesson, SummaryCell, SummaryRemedies, SummaryState
from amends.monitor.models import Incident, MonitorProgress
from amends.people.keyset import Page, page_of
from amends.people.models import Staff, Unit
from amends.people.selectors import NotFound, require, units_below
from amends.policy.selectors import blueprint_of, deployment, version_in_force
from amends.recover.models import Approval

By = Literal["kind", "unit", "step", "responsible"]

_COUNTS: Final = (
    *("findings", "failures", "at_risk", "averted", "affected", "cases", "cases_open", "cases_made_good"),
    *("cases_closed", "plans", "actions", "actions_done", "messages", "remedies", "outcomes", "accepted"),
    *("accepted_by_staff", "simulated", "weighed"),
)
_QUANTITIES: Final = {  # field of Quantities -> column
    "remedies": "remedy_amount",
    "minutes": "minutes",
    "messages": "messages",
    "value_lost": "value_lost",
    "tellers": "tellers",
    "cases": "weighed",
    "valued_by_default": "valued_by_default",
    "simulated": "simulated",
}
QUANTITY_COLUMNS: Final = tuple(_QUANTITIES.values())

_DEMO: Final = """
with hit as materialized (
    select id, incident_id, stage from monitor_failure
    where not confidential and (
       opened_at >= %(since)s and opened_at < %(until)s  -- written out, so that the planner can tell how many
       or opened_at is null and found_at >= %(since)s and found_at < %(until)s)
),
hit_case as materialized (
    select distinct case_id as id from recover_casefailure where failure_id in (select id from hit)
),
hit_incident as materialized (select distinct incident_id as id from hit where incident_id is not null),
given as materialized (
    select currency, count(*) - 2 * count(reverses_id) as n, sum(amount) as amount  -- less what was taken back
    from recover_remedy where case_id in (select id from hit_case) group by currency
)
select
    (select count(*) from monitor_finding where failure_id in (select id from hit)) as findings,
    (select count(*) from hit) as failures,
    (select count(*) from hit where stage not in ('at_risk', 'averted')) as broken,  -- what `ring` calls failures
    (select count(*) from hit where stage = 'averted') as averted,
    (select count(*) from hit_incident) as incidents,
    (select count(*) from hit_case) as cases,
    (select count(*) from recover_plan where case_id in (select id from hit_case)) as plans,
    (select count(*) from recover_action where state = 'done' and case_id in (select id from hit_case)) as actions_done,
    (select count(*) from channels_message where direction = 'out' and state <> 'failed' and thread in (
        select 'case:' || id from hit_case union all select 'incident:' || id from hit_incident)) as messages,
    (select coalesce(sum(n), 0)::bigint from given) as remedies,
    (select coalesce(jsonb_object_agg(currency, amount::text), '{}')::text from given) as remedy_total,
    (select count(*) from learn_lesson where since >= %(first)s and until <= %(end)s) as lessons
"""


@dataclass(frozen=True, kw_only=True)
class Ring:
    """The overview's figures. What waits (approvals) is as of now, the rest as of `as_of`."""

    as_of: datetime | None  # None: no summary was made yet
    signals: int | None  # read by the monitor since it runs; None for a part of the company or of time
    findings: int
    failures: int
    at_risk: int
    averted: int
    incidents: int  # without those that count in another
    affected: int  # customers, once for each failure that hit them
    cases: int
    weighed: int  # cases without those that were withdrawn: they were no failures
    cases_open: int
    cases_made_good: int
    cases_closed: int
    plans: int
    actions: int
    actions_done: int
    messages: int
    remedies: int
    remedy_totals: tuple[Money, ...]  # one a currency
    approvals_waiting: int
    outcomes: int
    accepted: int  # cases that stand as made good by their customer's own word
    accepted_by_staff: int  # as colleagues put it on record; no customer said so
    simulated: int  # of the outcomes
    satisfaction_before: float | None  # mean of what customers said themselves, 1-5
    satisfaction_after: float | None
    lessons: int


@dataclass(frozen=True, kw_only=True)
class Costs:
    """The cost of failure in a period; remedies in other currencies stand apart, since currencies never add up."""

    as_of: datetime | None
    cost: Cost
    quantities: Quantities
    other_remedies: tuple[Money, ...]


def ring(staff: Staff, *, since: datetime | None = None, until: datetime | None = None) -> Ring:
    """How far the ring has turned, for failures of the period in the person's units."""
    require(staff, "see_learning")
    units, days, state = units_below(staff), _days(since, until), _state()
    cells = _within(SummaryCell.objects.filter(**days.where()), units)
    sums = _sums(cells, (*_COUNTS, "before_sum", "before_count", "after_sum", "after_count"))
    incidents = _within(Incident.objects.exclude(state="merged").filter(failures__gt=0), units)
    first, end = days.moments(ZoneInfo(deployment().timezone))
    if first is not None:
        incidents = incidents.filter(started_at__gte=first)
    if end is not None:
        incidents = incidents.filter(started_at__lt=end)
    whole = units is None and since is None and until is None
    return Ring(
        as_of=state.as_of if state else None,
        signals=MonitorProgress.objects.aggregate(all=Sum("signals"))["all"] or 0 if whole else None,
        incidents=incidents.count(),
        remedy_totals=_remedy_totals(units, days),
        approvals_waiting=_within(Approval.objects.filter(state="waiting"), units).count(),
        satisfaction_before=_mean(sums["before_sum"], sums["before_count"]),
        satisfaction_after=_mean(sums["after_sum"], sums["after_count"]),
        lessons=_lessons(units, days).count(),
        **{name: sums[name] for name in _COUNTS},
    )


def costs(staff: Staff, since: datetime | None = None, until: datetime | None = None) -> Costs:
    """What the failures of the period cost, line by line, each with what it rests on and how certain that is."""
    require(staff, "see_learning")
    units, days, state = units_below(staff), _days(since, until), _state()
    pack = _pack(state)
    cells = _within(SummaryCell.objects.filter(**days.where()), units)
    quantities = quantities_of(_sums(cells, QUANTITY_COLUMNS))
    given = _within(SummaryRemedies.objects.filter(**days.where()), units)
    return Costs(
        as_of=state.as_of if state else None,
        cost=cost_of(quantities, pack.economics, pack.currency),
        quantities=quantities,
        other_remedies=other_remedies(given, currency=pack.currency).get((), ()),
    )


def pareto(
    staff: Staff, by: By = "kind", since: datetime | None = None, until: datetime | None = None
) -> tuple[ParetoRow, ...]:
    """Causes of the period from the dearest down, grouped by kind, unit, step or who is responsible."""
    require(staff, "see_learning")
    reached, days, pack = units_below(staff), _days(since, until), _pack(_state())
    column = {"kind": "kind", "unit": "unit_id", "step": "step", "responsible": "responsible"}[by]
    cells = _within(SummaryCell.objects.filter(**days.where()), reached)
    columns = ("failures", "affected", *QUANTITY_COLUMNS)
    found = list(cells.values(column).annotate(**{f"all_{name}": Sum(name) for name in columns}))
    units = Unit.objects.in_bulk([row[column] for row in found if row[column]]) if by == "unit" else {}
    given = _within(SummaryRemedies.objects.filter(**days.where()), reached)
    beside = other_remedies(given, column, currency=pack.currency)
    causes = (
        Cause(
            **_named(by, row[column], pack, units),
            failures=row["all_failures"],
            customers=row["all_affected"],
            cost=cost_of(quantities_of(_unprefixed(row)), pack.economics, pack.currency).total,
            other_remedies=beside.get((row[column],), ()),
        )
        for row in found
    )
    return pareto_rows(cause for cause in causes if cause.failures or cause.cost or cause.other_remedies)


def hot_spots(staff: Staff, since: datetime | None = None, until: datetime | None = None) -> tuple[HotSpot, ...]:
    """Unit x step x local hour, hot ones first, then the most failures: all there are, so that sums of them hold."""
    require(staff, "see_learning")
    units, days = units_below(staff), _days(since, until)
    cells = _within(SummaryCell.objects.filter(failures__gt=0, **days.where()), units)
    span = cells.aggregate(first=Min("day"), last=Max("day"))
    if span["first"] is None:
        return ()
    first = days.first or span["first"]
    last = span["last"] if days.end is None else max(span["last"], days.end.fromordinal(days.end.toordinal() - 1))
    daily, values = (
        cells.values("unit__code", "step", "hour", "day")
        .annotate(n=Sum("failures"), hit=Sum("affected"))
        .query.sql_with_params()
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"select code, step, hour, sum(n)::bigint, sum(n * n)::bigint, sum(hit)::bigint "
            f"from ({daily}) as daily(code, step, hour, day, n, hit) group by 1, 2, 3",
            values,
        )
        counts = [
            SpotCount(unit=code or "", step=step, hour=hour, failures=n, squares=squares, customers=hit)
            for code, step, hour, n, squares, hit in cursor.fetchall()
        ]
    found = find_hot_spots(counts, days=(last - first).days + 1)
    return tuple(sorted(found, key=lambda spot: not spot.hot))


def lessons_for(staff: Staff, *, state: str = "", after: str | None = None, limit: int = 50) -> Page:
    """A page of the lessons within the person's units, the dearest cause first."""
    rows = _lessons_seen_by(staff)
    if state:
        rows = rows.filter(state=state)
    return page_of(rows, order=("-cost", "-id"), after=after, limit=limit)


def access_lesson(staff: Staff, lesson_id: int) -> Lesson:
    """One lesson with what was decided about it at hand."""
    found = _lessons_seen_by(staff).prefetch_related("decisions__by").filter(pk=lesson_id).first()
    if found is None:
        raise NotFound(f"There is no lesson {lesson_id} here.")
    return found


def demo_figures(since: datetime, until: datetime) -> dict[str, Any]:
    """The ring's figures of a demo: all that follows from failures opened in [since, until), counted from the rows.

    `remedy_total` has one entry a currency; what the monitor read (signals) is not known here.
    Lessons are those of its whole days.
    """
    first, end = _days(since, until).moments(ZoneInfo(deployment().timezone))
    with connection.cursor() as cursor:
        cursor.execute(_DEMO, {"since": since, "until": until, "first": first, "end": end})
        names = [column.name for column in cursor.description]
        found = dict(zip(names, cursor.fetchone(), strict=True))
    given = json.loads(found["remedy_total"])
    total = {currency: str(Money(Decimal(amount), currency).amount) for currency, amount in sorted(given.items())}
    return {**found, "remedy_total": total}


def quantities_of(sums: dict[str, Any]) -> Quantities:
    """The summary's columns, added up, as what learn/core/cost.py prices."""
    whole = {"messages", "cases", "valued_by_default", "simulated"}
    return Quantities(
        **{
            name: int(sums[column]) if name in whole else Decimal(str(sums[column]))
            for name, column in _QUANTITIES.items()
        }
    )


def other_remedies(
    given: QuerySet[SummaryRemedies], *columns: str, currency: str
) -> dict[tuple[Any, ...], tuple[Money, ...]]:
    """What was given in other currencies than this one, by the values of these columns: a sum each, none of nothing."""
    found: dict[tuple[Any, ...], tuple[Money, ...]] = {}
    sums = given.exclude(currency=currency).values_list(*columns, "currency").annotate(total=Sum("amount"))
    for *key, other, total in sums.order_by("currency"):
        if total:
            found[tuple(key)] = (*found.get(tuple(key), ()), Money(total, other))
    return found


def _sums(cells: QuerySet[SummaryCell], columns: tuple[str, ...]) -> dict[str, Any]:
    return _unprefixed(cells.aggregate(**{f"all_{name}": Sum(name) for name in columns}))


def _unprefixed(sums: dict[str, Any]) -> dict[str, Any]:
    return {name.removeprefix("all_"): value or 0 for name, value in sums.items() if name.startswith("all_")}


def _mean(total: int, count: int) -> float | None:
    return total / count if count else None


def _state() -> SummaryState | None:
    return SummaryState.objects.filter(pk=1).first()


def _pack(state: SummaryState | None) -> Blueprint:
    """The blueprint by which the summary was made: its quantities are priced by the same figures."""
    return blueprint_of(state.blueprint_id if state else version_in_force(deployment().blueprint_name).pk)


def _days(since: datetime | None, until: datetime | None) -> Days:
    return days_of(since, until, ZoneInfo(deployment().timezone))


def _within(rows: QuerySet[Any], units: list[int] | None) -> QuerySet[Any]:
    return rows if units is None else rows.filter(unit_id__in=units)


def _remedy_totals(units: list[int] | None, days: Days) -> tuple[Money, ...]:
    rows = _within(SummaryRemedies.objects.filter(**days.where()), units)
    totals = rows.values("currency").annotate(total=Sum("amount")).order_by("currency")
    return tuple(Money(row["total"], row["currency"]) for row in totals)


def _lessons_seen_by(staff: Staff) -> QuerySet[Lesson]:
    require(staff, "see_learning")
    return _within(Lesson.objects.select_related("unit"), units_below(staff))


def _lessons(units: list[int] | None, days: Days) -> QuerySet[Lesson]:
    first, end = days.moments(ZoneInfo(deployment().timezone))
    rows = _within(Lesson.objects.all(), units)
    if first is not None:
        rows = rows.filter(until__gt=first)
    if end is not None:
        rows = rows.filter(since__lt=end)
    return rows


def _named(by: By, key: Any, pack: Blueprint, units: dict[int, Unit]) -> dict[str, Any]:
    """The key and the name of a group; what today's taxonomy does not know any more keeps its key as its name."""
    if by == "unit":
        unit = units.get(key)
        if unit is None:
            return {"key": "", "label": Localised(en="No unit", zh="未指定单位")}
        return {"key": unit.code, "label": Localised(en=unit.name_en, zh=unit.name_zh)}
    plain = Localised(en=key or "-", zh=key or "-")
    if by == "kind":
        kind = pack.taxonomy.kinds.get(key)
        return {"key": key, "label": kind.name if kind else plain}
    return {"key": key, "label": (pack.taxonomy.steps if by == "step" else RESPONSIBLE).get(key, plain)}
