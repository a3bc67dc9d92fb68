"""The evidence for lessons: what the summary and the rows upstream say about the dearest causes of a period.

A cause is a kind of failure at its step with one responsible. The number of statements depends on how many causes are
asked for, never on how many failures there were.
"""

from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any, Final

from django.db import connection
from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from amends.kernel.blueprint import Blueprint
from amends.kernel.money import Money
from amends.kernel.text import Localised
from amends.learn.core.cost import Cost, Quantities, cost_of
from amends.learn.core.lesson import Evidence, Place, standing_out
from amends.learn.core.period import Days, days_of
from amends.learn.models import SummaryCell, SummaryRemedies
from amends.learn.selectors import QUANTITY_COLUMNS, other_remedies, quantities_of
from amends.monitor.models import Affected, Failure
from amends.people.models import Unit
from amends.policy.models import Explanation

PLACES: Final = 3
HOURS: Final = 3
EXAMPLES: Final = 3


@dataclass(frozen=True, kw_only=True)
class CauseEvidence:
    """What is known of one cause, and the lowest unit that all of it lies in."""

    evidence: Evidence
    cost: Cost
    unit_id: int | None

    def as_json(self, *, direction: Localised) -> dict[str, Any]:
        """As it is kept with the lesson: every number that the text speaks of."""
        told = self.evidence
        return {
            "gap": told.kind.gap,
            "loss": told.kind.loss,
            "failures": told.failures,
            "customers": told.customers,
            "controllable": told.controllable,
            "stable": told.stable,
            "share": str(round(told.share, 4)),
            "lines": [
                {"name": line.name, "amount": str(line.amount.amount), "confidence": line.confidence}
                for line in self.cost.lines
            ],
            "confidence": told.confidence,
            "other_remedies": [
                {"amount": str(given.amount), "currency": given.currency} for given in told.other_remedies
            ],
            "places": [{"unit": place.code, "failures": place.failures} for place in told.places],
            "hours": list(told.hours),
            "incidents": list(told.incidents),
            "examples": list(told.examples),
            "reason": {"en": told.reason.en, "zh": told.reason.zh} if told.reason else None,
            "direction": {"en": direction.en, "zh": direction.zh},
        }


def of_top_causes(pack: Blueprint, *, since: datetime, until: datetime, zone: tzinfo, top: int) -> list[CauseEvidence]:
    """The dearest causes of the period with all evidence; kinds that the taxonomy no longer has are left out.

    What is counted are the local days of which some part lies in [since, until): these are the evidence's period.
    """
    days = days_of(since, until, zone)
    cells = SummaryCell.objects.filter(**days.where())
    columns = ("failures", "controllable", "stable", *QUANTITY_COLUMNS)
    sums = {f"all_{name}": Sum(name) for name in columns}
    priced = []
    whole = Quantities()
    for row in cells.values("kind", "step", "responsible").annotate(**sums):
        counted = {name: row[f"all_{name}"] or 0 for name in columns}
        quantities = quantities_of(counted)
        whole += quantities
        if row["kind"] in pack.taxonomy.kinds and counted["failures"]:
            priced.append((cost_of(quantities, pack.economics, pack.currency), row, counted))
    of_all = cost_of(whole, pack.economics, pack.currency).total
    priced.sort(key=lambda one: (-one[0].total.amount, one[1]["kind"], one[1]["step"], one[1]["responsible"]))
    return [
        _evidence(pack, cost, row, counted, of_all=of_all, days=days, zone=zone) for cost, row, counted in priced[:top]
    ]


def _evidence(
    pack: Blueprint,
    cost: Cost,
    row: dict[str, Any],
    counted: dict[str, Any],
    *,
    of_all: Money,
    days: Days,
    zone: tzinfo,
) -> CauseEvidence:
    since, until = days.moments(zone)
    cause = {name: row[name] for name in ("kind", "step", "responsible")}
    cells = SummaryCell.objects.filter(failures__gt=0, **cause, **days.where())
    nothing = dict.fromkeys(("failures", "remedies", *QUANTITY_COLUMNS), 0)
    counted_in = SummaryCell.objects.filter(**cause, **days.where()).exclude(**nothing)
    given = SummaryRemedies.objects.filter(**cause, **days.where())
    failures = _failures(days, zone).filter(**cause)
    kind = pack.taxonomy.kinds[row["kind"]]
    return CauseEvidence(
        cost=cost,
        unit_id=_lowest_unit(counted_in),
        evidence=Evidence(
            kind=kind,
            step=pack.taxonomy.steps.get(row["step"], Localised(en=row["step"], zh=row["step"])),
            responsible=row["responsible"],
            failures=counted["failures"],
            controllable=counted["controllable"],
            stable=counted["stable"],
            customers=Affected.objects.filter(failure__in=failures).aggregate(n=Count("customer", distinct=True))["n"],
            cost=cost.total,
            confidence=cost.confidence,
            share=cost.total.amount / of_all.amount if of_all else of_all.amount,
            since=since,
            until=until,
            other_remedies=other_remedies(given, currency=pack.currency).get((), ()),
            reason=_reason(failures),
            places=_places(cells),
            hours=tuple(sorted(hour for hour, _ in _most(cells, "hour", HOURS))),
            incidents=_incidents(failures),
            examples=tuple(failures.order_by("-severity", "-customers", "id").values_list("id", flat=True)[:EXAMPLES]),
        ),
    )


def _failures(days: Days, zone: tzinfo) -> QuerySet[Failure]:
    """The broken promises of these days, by the same moment as in the summary."""
    since, until = days.moments(zone)
    opened = Q(opened_at__gte=since, opened_at__lt=until)
    found = Q(opened_at=None, found_at__gte=since, found_at__lt=until)
    return Failure.objects.filter(opened | found).exclude(stage__in=[Failure.Stage.AT_RISK, Failure.Stage.AVERTED])


def _most(cells: QuerySet[SummaryCell], column: str, limit: int) -> list[tuple[Any, int]]:
    """At most as many as have more failures than any that is left out: of equals all are named, or none."""
    rows = cells.values(column).annotate(n=Sum("failures")).order_by("-n", column)[: limit + 1]
    return standing_out([(row[column], row["n"]) for row in rows], limit)


def _places(cells: QuerySet[SummaryCell]) -> tuple[Place, ...]:
    most = _most(cells.exclude(unit=None), "unit", PLACES)
    units = Unit.objects.in_bulk([key for key, _ in most])
    return tuple(
        Place(code=units[key].code, name=Localised(en=units[key].name_en, zh=units[key].name_zh), failures=failures)
        for key, failures in most
    )


def _reason(failures: QuerySet[Failure]) -> Localised | None:
    rows = failures.values("attribution_why").annotate(n=Count("id")).order_by("-n", "attribution_why")[:2]
    most = standing_out([(row["attribution_why"], row["n"]) for row in rows], 1)
    if not most:
        return None
    said = Explanation.objects.get(pk=most[0][0])
    return Localised(en=said.en, zh=said.zh)


def _incidents(failures: QuerySet[Failure]) -> tuple[int, ...]:
    """Where most customers were hit: the incidents in which these failures count now, after merges and splits."""
    counting = failures.annotate(counts=Coalesce("joined", "incident")).exclude(counts=None)
    with connection.cursor() as cursor:
        inner, values = counting.values("counts", "customers").query.sql_with_params()
        cursor.execute(
            f"""
            with recursive up as (
                select counts as id, sum(customers)::bigint as hit from ({inner}) as counting group by counts
                union all
                select incident.merged_into_id, up.hit from up
                join monitor_incident as incident on incident.id = up.id and incident.merged_into_id is not null
            )
            select up.id from up join monitor_incident as incident on incident.id = up.id
            where incident.merged_into_id is null group by up.id order by sum(up.hit) desc, up.id limit {EXAMPLES}
            """,
            values,
        )
        return tuple(id_ for (id_,) in cursor.fetchall())


def _lowest_unit(cells: QuerySet[SummaryCell]) -> int | None:
    """The lowest unit whose subtree holds all of these failures and costs; none if one of them has no unit.

    All paths share what the first and the last of them in order share.
    """
    if cells.filter(unit=None).exists():
        return None
    with connection.cursor() as cursor:
        inner, values = cells.values("unit__path").distinct().query.sql_with_params()
        cursor.execute(f"select min(path), max(path) from ({inner}) as paths(path)", values)
        first, last = cursor.fetchone()
    if first is None:
        return None
    common = []
    for one, other in zip(first.split("/"), last.split("/"), strict=False):
        if one != other:
            break
        common.append(one)
    path = "/".join(common).rstrip("/") + "/"
    return Unit.objects.filter(path=path).values_list("id", flat=True).first()
