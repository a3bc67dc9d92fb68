"""Findings become failures with their history, those whom they hit, and incidents: in one transaction, idempotent.

The same finding given twice changes nothing, so a monitor that was killed may simply give its last findings again.
"""

import json
import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.db import connection, transaction

from amends.kernel.blueprint import Blueprint
from amends.kernel.reason import Reason
from amends.kernel.severity import SEVERITIES
from amends.monitor.core.assessment import attribution_of, severity_of
from amends.monitor.models import Failure, Finding, Signal
from amends.monitor.services.affected import hold_roster, record_affected
from amends.monitor.services.guard import hold_flood
from amends.monitor.services.incidents import correlate
from amends.monitor.services.inside import number_of, record_inside
from amends.monitor.services.rates import BACK, OUT
from amends.people.models import Unit
from amends.policy.models import BlueprintVersion
from amends.policy.selectors import blueprint_of
from amends.policy.services import keep_explanations

log = logging.getLogger(__name__)

FOUND_AT_ONCE: Final = ("violated", "beyond", "skipped", "out_of_order", "silent", "repeated", "complained")
ORDER: Final = ("at_risk", "breached", "late", "never", *FOUND_AT_ONCE)  # how far a history has gone
BROKEN: Final = ("breached", "late", "never", *FOUND_AT_ONCE, "reported")

_JUDGED: Final = {
    "promise_key": "text",
    "standard": "text",
    "kind": "text",
    "step": "text",
    "subject": "text",
    "unit_id": "bigint",
    "stage": "text",
    "found_at": "timestamptz",
    "stage_at": "timestamptz",
    "opened_at": "timestamptz",
    "due": "timestamptz",
    "severity": "smallint",
    "severity_why_id": "bigint",
    "responsible": "text",
    "controllable": "boolean",
    "stable": "boolean",
    "attribution_why_id": "bigint",
    "facts": "jsonb",
    "confidential": "boolean",
}
# a promise that goes further keeps when it was found first and which version judged it first
_MOVING: Final = (
    *("stage", "stage_at", "due", "severity", "severity_why_id", "responsible", "controllable", "stable"),
    *("attribution_why_id", "facts"),
)


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """What a batch of findings led to."""

    failures: int  # new or moved on
    incidents: frozenset[int]  # touched: whoever opens cases looks at these


@dataclass(frozen=True, kw_only=True)
class _Promise:
    """All that one batch of findings says about one promise."""

    key: str
    standard: str
    subject: str
    unit: str | None
    customer: str | None
    stage: str
    stage_at: datetime
    found_at: datetime
    opened_at: datetime | None
    due: datetime | None
    opening: tuple[str, str]  # source and id of its signal
    evidence: Mapping[str, Any]  # what the last finding rests on
    findings: tuple[tuple[str, datetime], ...]


@transaction.atomic
def record_findings(
    findings: Sequence[Mapping[str, Any]], *, version: BlueprintVersion, now: datetime, guarded: bool = True
) -> Recorded:
    """Record what the monitor found.

    Args:
        findings: each with standard, subject, what, at, due, opened_at, opening_id, opening_source, customer, unit,
            and maybe evidence (a JSON object as text); times aware.
        version: the blueprint in force; its taxonomy decides severity and attribution.
        now: when; a customer who is met for the first time is known from then on.
        guarded: whether a standard that finds too much is held; not so what a person takes up.
    """
    findings = [finding for finding in findings if finding["what"] not in (OUT, BACK)]  # no promise: see rates
    if not findings:
        return Recorded(failures=0, incidents=frozenset())
    pack = blueprint_of(version.pk)
    if guarded:  # what is held stands in a list, where what is between colleagues never stands
        inside = [finding for finding in findings if finding["standard"] in pack.watched_inside]
        others = [finding for finding in findings if finding["standard"] not in pack.watched_inside]
        findings = [*hold_flood(others, promise_key, pack.incidents.guard, now=now), *inside]
    with connection.cursor() as cursor:
        hold_roster(cursor)
    promises, corrected = _with_history(_by_promise(findings))
    facts = _facts(promises, corrected, pack)
    ids = _keep_failures(promises, facts, pack, version)
    Finding.objects.bulk_create(
        [Finding(failure_id=ids[p.key], what=what, at=at) for p in promises for what, at in p.findings],
        ignore_conflicts=True,
        batch_size=5_000,
    )
    hit = [(ids[promise.key], promise) for promise in promises if promise.stage in BROKEN]
    broken = {id_: one.customer for id_, one in hit if one.standard not in pack.watched_inside}
    inside_broken = {id_: one.customer for id_, one in hit if one.standard in pack.watched_inside}
    personal = {standard.id for standard in pack.standards if standard.is_personal}
    alone = {ids[promise.key] for promise in promises if promise.standard in personal}
    record_affected(broken, alone=alone & broken.keys(), pack=pack, version=version, now=now)
    incidents = correlate(list(broken), version=version) | record_inside(inside_broken, version=version, now=now)
    return Recorded(failures=len(promises), incidents=incidents)


def avert_risks(*, watermark: datetime) -> int:
    """A promise at risk whose due time the watermark has passed without a breach was kept after all."""
    return Failure.every.filter(stage=Failure.Stage.AT_RISK, due__lt=watermark).update(stage=Failure.Stage.AVERTED)


def promise_key(finding: Mapping[str, Any]) -> str:
    """What makes a promise the same one: standard, subject, and the signal that opened (or violated) it.

    One signal can make trouble repeated more than once, at different times, where it is several failures.
    """
    parts = [finding["standard"], finding["subject"], finding["opening_source"], finding["opening_id"]]
    if finding["what"] == "repeated":
        parts.append(finding["at"].astimezone(UTC).isoformat())
    return json.dumps(parts, ensure_ascii=False, separators=(",", ":"))


def _by_promise(findings: Iterable[Mapping[str, Any]]) -> list[_Promise]:
    grouped: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for finding in findings:
        grouped[promise_key(finding)].append(finding)
    promises = []
    for key, group in grouped.items():
        group.sort(key=lambda finding: (ORDER.index(finding["what"]), finding["at"]))
        last = group[-1]
        promises.append(
            _Promise(
                key=key,
                standard=last["standard"],
                subject=last["subject"],
                unit=last["unit"],
                customer=last["customer"],
                stage=last["what"],
                stage_at=last["at"],
                found_at=min(finding["at"] for finding in group),
                opened_at=last["opened_at"],
                due=last["due"],
                opening=(last["opening_source"], last["opening_id"]),
                evidence=json.loads(last.get("evidence") or "{}"),
                findings=tuple((finding["what"], finding["at"]) for finding in group),
            )
        )
    return promises


def _with_history(promises: Sequence[_Promise]) -> tuple[list[_Promise], dict[str, dict[str, Any]]]:
    """Leave out what is recorded already as far or further, so that a repeated batch does no work twice; and of what is
    recorded, the facts that a person put right meanwhile."""
    rows = Failure.every.filter(promise_key__in=[promise.key for promise in promises]).order_by("pk")
    known = {}
    corrected = {}
    for key, stage, put_right in rows.select_for_update(no_key=True).values_list("promise_key", "stage", "corrected"):
        known[key] = stage
        if put_right:
            corrected[key] = put_right
    left = [
        promise
        for promise in promises
        if known.get(promise.key) not in ORDER or ORDER.index(known[promise.key]) <= ORDER.index(promise.stage)
    ]
    return left, corrected


def _facts(
    promises: Sequence[_Promise], corrected: Mapping[str, Mapping[str, Any]], pack: Blueprint
) -> dict[str, dict[str, Any]]:
    """What is known of each promise: what the signals about its subject say, the later over the earlier, and lateness;
    over all of that what a person put right.

    A signal that closes another promise of the subject says nothing about this one, and one that names another customer
    nothing about a customer of its own; so these are left out. What was found by counts most.
    """
    standards = {standard.id: standard for standard in pack.judged}
    closers = {standard.closes.type for standard in pack.judged if standard.closes}
    said: dict[str, list[tuple[tuple[str, str], str, str | None, Mapping[str, Any]]]] = defaultdict(list)
    rows = Signal.objects.filter(subject__in={promise.subject for promise in promises}).order_by("time", "id")
    for subject, source, id_, type_, customer, data in rows.values_list(
        "subject", "source", "signal_id", "type", "customer", "data"
    ):
        if isinstance(data, dict):
            said[subject].append(((source, id_), type_, customer, data))
    facts = {}
    for promise in promises:
        standard = standards[promise.standard]
        others = closers - ({standard.closes.type} if standard.closes and promise.stage == "late" else set())
        known: dict[str, Any] = {}
        own: Mapping[str, Any] = {}
        for signal, type_, customer, data in said[promise.subject]:
            if signal == promise.opening:
                own = data
            if type_ not in others and (promise.customer is None or customer in (None, promise.customer)):
                known |= data
        if standard.opens is None:
            known |= own
        known = _as_declared(known, promise, pack) | promise.evidence
        known["never"] = promise.stage == "never"
        if promise.due is not None and standard.due is not None:
            grace = standard.due.plus or timedelta(0)
            # by what was promised, not by what we allow ourselves: the grace of the standard is not the customer's
            known["minutes_late"] = max(0, round((promise.stage_at - (promise.due - grace)) / timedelta(minutes=1)))
        if revisions := promise.evidence.get("revisions"):
            known["revised_because"] = revisions[-1]["reason"]
        facts[promise.key] = pack.completed(known | corrected.get(promise.key, {}))
    return facts


def _as_declared(said: Mapping[str, Any], promise: _Promise, pack: Blueprint) -> dict[str, Any]:
    """What signals say, as the taxonomy declares it; nobody checked them before. What cannot be read stays in them."""
    known = pack.taxonomy.read(said)
    unread = sorted(name for name, value in said.items() if value is not None and known[name] is None)
    if unread:
        log.warning(
            "%s: signals about it say of %s what the taxonomy of the blueprint cannot take; it counts as not known.",
            promise.key,
            ", ".join(unread),
        )
    return known


def _keep_failures(
    promises: Sequence[_Promise], facts: Mapping[str, Mapping[str, Any]], pack: Blueprint, version: BlueprintVersion
) -> dict[str, int]:
    kinds = {standard.id: pack.taxonomy.kinds[standard.failure] for standard in pack.judged}
    units = dict(Unit.objects.filter(code__in={p.unit for p in promises if p.unit}).values_list("code", "id"))
    decided = []
    reasons: list[Reason] = []
    for promise in promises:
        kind = kinds[promise.standard]
        severity, why = severity_of(kind, facts[promise.key])
        attribution = attribution_of(kind, facts[promise.key])
        reasons += [why, attribution.why]
        decided.append((promise, kind, severity, why, attribution))
    explanations = keep_explanations(reasons, version_id=version.pk)
    rows = []
    for promise, kind, severity, why, attribution in decided:
        known = dict(facts[promise.key])
        inside = promise.standard in pack.watched_inside
        if promise.unit and promise.unit not in units:
            known["unknown_unit"] = promise.unit  # kept, and seen by those who see the whole company
        rows.append(
            {
                "promise_key": promise.key,
                "standard": promise.standard,
                "kind": kind.id,
                "step": kind.step,
                "subject": number_of(promise.key, promise.subject) if inside else promise.subject,
                "unit_id": units.get(promise.unit or ""),
                "stage": promise.stage,
                "found_at": promise.found_at,
                "stage_at": promise.stage_at,
                "opened_at": promise.opened_at,
                "due": promise.due,
                "severity": SEVERITIES[severity],
                "severity_why_id": explanations[why.digest(version.pk)],
                "responsible": attribution.responsible,
                "controllable": attribution.controllable,
                "stable": attribution.stable,
                "attribution_why_id": explanations[attribution.why.digest(version.pk)],
                "facts": known,
                "confidential": inside,
            }
        )
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            insert into monitor_failure as failure ({", ".join(_JUDGED)}, customers, blueprint_id)
            select {", ".join(_JUDGED)}, 0, %s
            from json_to_recordset(%s::json) as given ({", ".join(f"{name} {kind}" for name, kind in _JUDGED.items())})
            on conflict (promise_key) do update set {", ".join(f"{name} = excluded.{name}" for name in _MOVING)}
            returning promise_key, id
            """,
            [version.pk, json.dumps(rows, default=datetime.isoformat, ensure_ascii=False)],
        )
        return dict(cursor.fetchall())
