"""Makes the summary again: whole, or only for some days; whoever reads meanwhile sees the old one until it is done."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from amends.kernel.blueprint import Blueprint
from amends.learn.core import loyalty
from amends.learn.models import SummaryCell, SummaryState
from amends.learn.summary import statements, touched
from amends.policy.selectors import blueprint_of, deployment, version_in_force


@dataclass(frozen=True, kw_only=True)
class Refreshed:
    """What a refresh did."""

    whole: bool
    days: tuple[date, ...]  # made again; empty if whole
    cells: int  # now in the summary


@transaction.atomic
def refresh(*, now: datetime, days: Collection[date] | None = None, marks: touched.Marks | None = None) -> Refreshed:
    """Make the cells of these days again, or all of them (`days` None). Two refreshes at once run one after the other.

    A blueprint or time zone other than the summary was made with makes it whole, whatever was asked.
    """
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtext('learn'), hashtext('summary'))")
        here = deployment()
        version = version_in_force(here.blueprint_name)
        state = SummaryState.objects.filter(pk=1).first()
        if state is None or state.blueprint_id != version.pk or state.timezone != here.timezone:
            days = None
        marks = marks or touched.marks_now(cursor)
        values = _values(blueprint_of(version.pk), zone=here.timezone, days=days)
        if days is None or days:
            _make(cursor, values)
    kept = touched.kept_marks(state, marks, now=now, whole=days is None)
    SummaryState.objects.update_or_create(
        pk=1, defaults={"as_of": now, "blueprint": version, "timezone": here.timezone, **kept}
    )
    return Refreshed(whole=days is None, days=tuple(sorted(days or ())), cells=SummaryCell.objects.count())


def _make(cursor: CursorWrapper, values: dict[str, Any]) -> None:
    cursor.execute("set local work_mem = '64MB'")  # a few hash tables of all cases or actions
    for table, statement in statements.STEPS:
        cursor.execute(f"drop table if exists pg_temp.{table}")  # of an earlier refresh in the same transaction
        cursor.execute(statement, values)
        cursor.execute(f"analyze {table}")
    for statement in (*statements.FORGET, statements.CELLS, statements.REMEDY_DAYS):
        cursor.execute(statement, values)


def _values(pack: Blueprint, *, zone: str, days: Collection[date] | None) -> dict[str, Any]:
    figures = pack.economics
    weights = list(loyalty.classes(figures.loyalty))
    return {
        "zone": zone,
        "days": None if days is None else sorted(days),
        "currency": pack.currency,
        "baseline": float(loyalty.baseline(figures.loyalty)),
        "default_value": figures.yearly_value.value,
        "loss_from": [row.loss_from for row in loyalty.ordered(figures.loyalty)],
        "quick_within": loyalty.quick_within(figures.delay_cost),
        "action_kinds": list(figures.handling_minutes),
        "action_minutes": [figure.value for figure in figures.handling_minutes.values()],
        "class_keys": [key for key, _ in weights],
        "class_leaves": [float(weight.leaves) for _, weight in weights],
        "class_dissatisfied": [float(weight.dissatisfied) for _, weight in weights],
    }
