"""Each promise that is due soon gets its chance, set-wise and bounded; the gravest become early interventions.

What is read are the latest signals at hand. What is told are the open promises that are due soonest within the
horizon; what was open and is no more is gone with the next turn. A turn that was killed is made anew.
"""

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
from django.db import connection, transaction
from django.db.models import Count, Max

from amends.kernel.blueprint import Blueprint
from amends.kernel.text import Localised
from amends.monitor.core.prediction.columns import LONGEST, Floats, columns_at
from amends.monitor.core.prediction.lifecycles import INTERVENTION
from amends.monitor.core.prediction.model import Model
from amends.monitor.core.prediction.record import Record, Whole
from amends.monitor.core.prediction.stakes import cost_of_one
from amends.monitor.core.prediction.trees import NoForest
from amends.monitor.core.prediction.words import NO_MODEL, reasons
from amends.monitor.engines.promise_record import record_of
from amends.monitor.foreseen import plan_for
from amends.monitor.models import Foreseen, Intervention, RosterEntry, Signal, Training
from amends.monitor.services.findings import BROKEN
from amends.monitor.services.recording import at_hand
from amends.monitor.services.training import foretold, millis
from amends.people.models import Unit
from amends.policy.models import BlueprintVersion
from amends.policy.selectors import blueprint_of, deployment, version_in_force

log = logging.getLogger(__name__)

READ: Final = 60_000  # signals, the latest at hand
TOLD: Final = 2_000  # promises a turn, the soonest due
EXPLAINED: Final = 200  # of them, those with most at stake, with reasons in words
RAISED: Final = 20  # interventions a turn, those with most at stake
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Turn:
    """What one turn did."""

    told: int = 0  # promises
    raised: int = 0  # interventions
    ended: int = 0  # interventions whose promise was kept or broken


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """The open promises of one turn, a row each."""

    record: Record
    told: pa.Table  # words of the record's rows
    rows: Whole
    chances: Floats
    grounds: list[str]
    why: Mapping[int, list[Localised]] = field(default_factory=dict)  # by place in `rows`


def foresee(*, now: datetime) -> Turn:
    """Tell the chance of each promise that is due soon, and raise what is worth stepping in."""
    version = version_in_force(deployment().blueprint_name)
    pack = blueprint_of(version.pk)
    ended = end_interventions(now=now)
    run = Training.objects.filter(in_force=True).first()
    if pack.prediction is None or run is None:
        Foreseen.objects.all().delete()
        return Turn(ended=ended)
    try:
        model = Model.from_json(run.model or {})
    except NoForest:
        log.exception("Model %d cannot be read: nothing is foreseen.", run.pk)
        Foreseen.objects.all().delete()
        return Turn(ended=ended)
    asked = _asked(pack, model, drifted=run.drifted_at is not None, now=now)
    rows = _rows(asked, pack, run, now=now)
    with transaction.atomic():
        _keep(rows, now=now)
        raised = _raise(rows, pack, version, now=now)
    return Turn(told=len(rows), raised=raised, ended=ended)


def _asked(pack: Blueprint, model: Model, *, drifted: bool, now: datetime) -> _Asked:
    assert pack.prediction is not None  # noqa: S101 -- asked before
    newest = Signal.objects.aggregate(newest=Max("id"))["newest"] or 0
    signals = at_hand("id > %s and time >= %s and time < %s", [newest - READ, now - LONGEST - timedelta(days=1), now])
    signals = signals.sort_by([("time", "ascending"), ("arrival", "ascending")])  # as history gives them
    record, told = record_of([signals], foretold(pack), model.resources)
    moment, horizon = millis(now), pack.prediction.horizon // timedelta(milliseconds=1)
    soon = np.flatnonzero((record.due > moment) & (record.due <= moment + horizon))
    soon = soon[record.open_at(soon, np.full(len(soon), moment))]
    rows = soon[np.argsort(record.due[soon], kind="stable")][:TOLD]
    moments = np.full(len(rows), moment)
    zone = ZoneInfo(deployment().timezone)
    matrix = columns_at(record, rows, moments, zone=zone, standards=model.standards)
    names = [record.standards[code] for code in record.standard[rows]]
    grounds = [str(model.grounds(name, drifted=drifted)) for name in names]
    base = np.array([model.base_rate(name) for name in names])
    speaks = np.array([one == "model" for one in grounds], dtype=bool)
    chances = np.where(speaks, model.chances(matrix), base) if len(rows) else np.zeros(0)
    gravest = np.argsort(-chances, kind="stable")[:EXPLAINED]
    shares = model.forest.shares(matrix[gravest]) if len(rows) else np.zeros((0, 0))
    called = _called(pack)
    why = {
        int(at): [NO_MODEL[grounds[at]]]
        if grounds[at] != "model"
        else reasons(model.columns, matrix[at].astype(np.float64), shares[place], called)
        for place, at in enumerate(gravest)
    }
    return _Asked(record=record, told=told, rows=rows, chances=chances, grounds=grounds, why=why)


def _called(pack: Blueprint) -> dict[str, Localised]:
    """What resources are called: as a kind of resource, else as the fact of that name."""
    facts = {f"data.{name}": fact.name for name, fact in pack.taxonomy.facts.items()}
    kinds = {f"data.{kind.fact}": kind.name for kind in pack.incidents.resources.values() if kind.fact is not None}
    return facts | kinds


def _rows(asked: _Asked, pack: Blueprint, run: Training, *, now: datetime) -> list[Foreseen]:
    told = asked.told.take(pa.array(asked.rows)).to_pylist() if len(asked.rows) else []
    subjects = {one["subject"] for one in told}
    rosters = dict(
        RosterEntry.objects.filter(subject__in=subjects).values_list("subject").annotate(hit=Count("id")).order_by()
    )
    units = dict(Unit.objects.filter(code__in={one["unit"] for one in told if one["unit"]}).values_list("code", "pk"))
    costs = {standard.id: _cost_of_one(pack, standard.failure) for standard in pack.standards}
    found = []
    for place, (row, one) in enumerate(zip(asked.rows, told, strict=True)):
        chance = float(asked.chances[place])
        customers = rosters.get(one["subject"], 1)
        found.append(
            Foreseen(
                promise_key=json.dumps(
                    [one["standard"], one["subject"], one["source"], one["id"]],
                    ensure_ascii=False,
                    separators=(",", ":"),
                ),
                standard=one["standard"],
                subject=one["subject"],
                unit_id=units.get(one["unit"]),
                opened_at=_instant(asked.record.opened[row]),
                due=_instant(asked.record.due[row]),
                chance=chance,
                grounds=asked.grounds[place],
                why=[{"en": why.en, "zh": why.zh} for why in asked.why.get(place, [])],
                customers=customers,
                cost=(Decimal(str(chance)) * customers * costs[one["standard"]]).quantize(Decimal("0.01")),
                training=run,
                told_at=now,
            )
        )
    return found


def _cost_of_one(pack: Blueprint, kind: str) -> Decimal:
    """What a customer who is hit costs, by the plainest plan for that kind of failure."""
    return cost_of_one(pack.economics, plan_for(pack, kind, {}).actions)


def _keep(rows: Sequence[Foreseen], *, now: datetime) -> None:
    moving = ("unit_id", "due", "chance", "grounds", "why", "customers", "cost", "training_id", "told_at")
    Foreseen.objects.bulk_create(
        rows,
        batch_size=1_000,
        update_conflicts=True,
        unique_fields=["promise_key"],
        update_fields=[name.removesuffix("_id") for name in moving],
    )
    Foreseen.objects.exclude(told_at=now).delete()


def _raise(rows: Sequence[Foreseen], pack: Blueprint, version: BlueprintVersion, *, now: datetime) -> int:
    """The gravest that nobody was called to yet. A base rate calls nobody: it says nothing of this very promise."""
    least = pack.prediction.intervene_from if pack.prediction is not None else None
    if least is None:
        return 0
    grave = [row for row in rows if row.grounds == "model" and row.cost >= least]
    known = set(
        Intervention.objects.filter(promise_key__in=[row.promise_key for row in grave]).values_list(
            "promise_key", flat=True
        )
    )
    grave = sorted((row for row in grave if row.promise_key not in known), key=lambda row: (-row.cost, row.due))[
        :RAISED
    ]
    if not grave:
        return 0
    kinds = {standard.id: standard.failure for standard in pack.standards}
    facts = _facts([row.subject for row in grave])
    Intervention.objects.bulk_create(
        [
            Intervention(
                promise_key=row.promise_key,
                state=INTERVENTION.initial,
                standard=row.standard,
                kind=kinds[row.standard],
                subject=row.subject,
                unit_id=row.unit_id,
                due=row.due,
                chance=row.chance,
                customers=row.customers,
                cost=row.cost,
                why=row.why,
                playbook=plan_for(pack, kinds[row.standard], facts.get(row.subject, {})).id,
                blueprint=version,
                training=row.training,
                raised_at=now,
            )
            for row in grave
        ],
        ignore_conflicts=True,
    )
    return len(grave)


def _facts(subjects: Sequence[str]) -> dict[str, dict[str, Any]]:
    """What the signals say of each subject, the later over the earlier."""
    known: dict[str, dict[str, Any]] = {}
    rows = Signal.objects.filter(subject__in=subjects).order_by("time", "id").values_list("subject", "data")
    for subject, data in rows:
        if isinstance(data, dict):
            known.setdefault(subject, {}).update(data)
    return known


def end_interventions(*, now: datetime) -> int:
    """Say of each whose time has passed whether the promise was broken; who did nothing about it missed it.

    Found broken by the monitor: broken. Due for longer than signals may be late, and not found: kept.
    """
    late = blueprint_of(version_in_force(deployment().blueprint_name).pk).lateness
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            """
            update monitor_intervention as one set
                broken = found.broken,
                state = case when one.state = any(%(passing)s) then %(passed)s else one.state end,
                ended_at = coalesce(one.ended_at, %(now)s)
            from (
                select waiting.id, exists (
                    select from monitor_failure as failure
                    where failure.promise_key = waiting.promise_key and failure.stage = any(%(stages)s)
                ) as broken
                from monitor_intervention as waiting where waiting.broken is null and waiting.due < %(settled)s
            ) as found
            where found.id = one.id
            """,
            {
                "now": now,
                "settled": now - late - timedelta(minutes=1),
                "stages": list(BROKEN),
                "passing": list(INTERVENTION.states_with("pass")),
                "passed": INTERVENTION.after(INTERVENTION.initial, "pass"),
            },
        )
        return cursor.rowcount


def _instant(at: np.int64) -> datetime:
    return _EPOCH + timedelta(milliseconds=int(at))
