"""Predictions for a person: what is foreseen in their units, who is to step in, and how good the model is.

How good it is, is a figure of the whole company that names nobody; what names a promise or a place is limited to the
units within reach.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, Q

from amends.kernel.blueprint import Blueprint
from amends.kernel.blueprint.parts import Playbook
from amends.monitor.core.assessment import attribution_of, severity_of
from amends.monitor.models import Foreseen, Intervention, Training
from amends.people.core.rights import may
from amends.people.keyset import Page, page_of
from amends.people.models import Staff, Unit
from amends.people.selectors import NotFound, has_whole_company, require, units_below
from amends.policy.models import BlueprintVersion
from amends.policy.selectors import blueprint_of, deployment, version_in_force

VERSIONS = 12
HOTTEST = 20


@dataclass(frozen=True, kw_only=True)
class HotSpot:
    """A place and hour where promises break more often than elsewhere, and the plan to have ready."""

    unit: Unit
    standard: str
    step: str  # name of the process step, by its id
    hour: int
    promises: int
    broken: float
    low: float
    usual: float
    plan: Playbook


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How predictions stand."""

    version: BlueprintVersion
    switched_on: bool  # the blueprint in force predicts
    model: Training | None  # in force
    running: Training | None
    versions: list[Training]
    spots: list[HotSpot]
    open: int  # promises foreseen now, within reach
    waiting: int  # early interventions, within reach
    trains: bool  # whether this person may have a model learnt


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """What is foreseen of one promise."""

    chance: float
    grounds: str
    why: list[Mapping[str, str]] = field(default_factory=list)


def standing_for(staff: Staff) -> Standing:
    """How predictions stand, for whoever sees incidents."""
    require(staff, "see_incidents")
    version = version_in_force(deployment().blueprint_name)
    pack = blueprint_of(version.pk)
    rows = Training.objects.defer("model")
    model = rows.filter(in_force=True).first()
    return Standing(
        version=version,
        switched_on=pack.prediction is not None,
        model=model,
        running=rows.filter(state="running").first(),
        versions=list(rows.defer("model", "spots").select_related("by").order_by("-asked_at", "-id")[:VERSIONS]),
        spots=[] if model is None else _spots(staff, model, pack),
        open=_within(Foreseen.objects.all(), staff).count(),
        waiting=_within(Intervention.objects.filter(state="open"), staff).count(),
        trains=may(staff.role, "work_standards") and has_whole_company(staff),
    )


def _within(rows: Any, staff: Staff) -> Any:
    reached = units_below(staff)
    return rows if reached is None else rows.filter(unit_id__in=reached)


def _spots(staff: Staff, model: Training, pack: Blueprint) -> list[HotSpot]:
    reached = units_below(staff)
    units = Unit.objects.filter(code__in={spot["unit"] for spot in model.spots})
    if reached is not None:
        units = units.filter(pk__in=reached)
    named = {unit.code: unit for unit in units}
    kinds = {standard.id: standard.failure for standard in pack.standards}
    found = []
    for spot in model.spots:
        if spot["unit"] not in named or spot["standard"] not in kinds:
            continue
        kind = pack.taxonomy.kinds[kinds[spot["standard"]]]
        found.append(
            HotSpot(
                unit=named[spot["unit"]],
                step=kind.step,
                plan=plan_for(pack, kind.id, {}),
                **{name: spot[name] for name in ("standard", "hour", "promises", "broken", "low", "usual")},
            )
        )
    return found[:HOTTEST]


def interventions_for(staff: Staff, *, state: str = "", after: str | None = None, limit: int = 50) -> Page:
    """Early interventions within reach, those with most at stake first; what is over only if asked for."""
    require(staff, "see_incidents")
    rows = _within(Intervention.objects.select_related("unit", "by"), staff)
    rows = rows.filter(state=state) if state else rows.filter(state__in=("open", "taken"))
    return page_of(rows, order=("-cost", "-id"), after=after, limit=limit)


def outcomes_for(staff: Staff) -> Mapping[str, int]:
    """What came of the interventions within reach: how many, how many somebody saw to, and how many broke of each.

    Whoever took one on saw to it, also where it broke before they were done: else these would count against those that
    nobody saw to.
    """
    require(staff, "see_incidents")
    seen, settled = Q(taken_at__isnull=False) & ~Q(state="left"), Q(broken__isnull=False)
    return _within(Intervention.objects.all(), staff).aggregate(
        seen=Count("pk", filter=seen & settled),
        seen_broken=Count("pk", filter=seen & Q(broken=True)),
        unseen=Count("pk", filter=~seen & settled),
        unseen_broken=Count("pk", filter=~seen & Q(broken=True)),
    )


def access_intervention(staff: Staff, number: int) -> Intervention:
    """One that this person may see.

    Raises:
        NotAllowed: the role sees no incidents.
        NotFound: there is none of that number below the person's unit.
    """
    require(staff, "see_incidents")
    found = _within(Intervention.objects.select_related("unit", "by"), staff).filter(pk=number).first()
    if found is None:
        raise NotFound(f"There is no early intervention {number} here.")
    return found


def outlooks(promises: Iterable[tuple[str, str, datetime]]) -> dict[tuple[str, str, datetime], Outlook]:
    """What is foreseen of open promises that the reader may see already, by standard, subject and opening."""
    wanted = set(promises)
    rows = Foreseen.objects.filter(subject__in={subject for _, subject, _ in wanted})
    return {
        key: Outlook(chance=row.chance, grounds=row.grounds, why=row.why)
        for row in rows
        if (key := (row.standard, row.subject, row.opened_at)) in wanted
    }


def plan_for(pack: Blueprint, kind: str, known: Mapping[str, Any]) -> Playbook:
    """The prepared plan if this failure came now, with what is known of the subject."""
    failure = pack.taxonomy.kinds[kind]
    facts = pack.completed({"never": False, **known})
    severity, _ = severity_of(failure, facts)
    attribution = attribution_of(failure, facts)
    decided = {
        "kind": kind,
        "loss": failure.loss,
        "severity": severity,
        "responsible": attribution.responsible,
        "controllable": attribution.controllable,
        "stable": attribution.stable,
    }
    return pack.playbook_for(kind, pack.completed({**facts, **decided})).rule
