"""The guard: a standard that suddenly finds far too much is held. Its findings stay on record, open nothing, and wait
for a person to take them up or leave them. What was found of promises that are failures already goes on."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.db import connection, transaction

from amends.kernel.blueprint.incidents import Guard
from amends.monitor.core.flood import GUARD, Count, count_on
from amends.monitor.models import Failure, HeldFinding, IncidentAct, StandardGuard
from amends.people.models import Staff
from amends.people.selectors import NotFound, require
from amends.policy.models import BlueprintVersion
from amends.policy.selectors import blueprint_of

AT_ONCE: Final = 2_000  # findings taken up at a time
_TIMES: Final = ("at", "due", "opened_at")

Found = Mapping[str, Any]


def hold_flood(
    findings: Sequence[Found], key_of: Callable[[Found], str], policy: Guard, *, now: datetime
) -> Sequence[Found]:
    """Count a batch of findings and hold what is beyond the limit; those that may go on. What else is found of a
    promise that a person left on record stays there, too.

    Args:
        findings: as the monitor gives them.
        key_of: what makes a finding's promise.
        policy: findings a minute.
        now: when; a standard is held as of then.
    """
    findings = _without_left(findings, key_of)
    by_standard: dict[str, list[Found]] = {}
    for finding in findings:
        by_standard.setdefault(finding["standard"], []).append(finding)
    guards = {
        guard.standard: guard
        for guard in StandardGuard.objects.select_for_update(no_key=True)
        .filter(standard__in=list(by_standard))
        .order_by("pk")
    }
    kept_back: list[Found] = []
    counts: list[tuple[str, Count]] = []
    for standard, found in sorted(by_standard.items()):
        found.sort(key=lambda finding: finding["at"])
        guard = guards.get(standard)
        before = Count(minute=guard.minute, findings=guard.findings) if guard else Count()
        limit = policy.limit(standard)
        counted = count_on(before, [finding["at"] for finding in found], limit=limit)
        counts.append((standard, counted.count))
        if guard is not None and guard.state == "held":
            kept_back += found
        elif counted.beyond is not None:
            kept_back += found[counted.beyond :]
            _hold(standard, limit=limit, most=counted.most, now=now)
    _count(counts)
    return _going(findings, kept_back, key_of) if kept_back else findings


@transaction.atomic
def resume_standard(standard: str, *, take: bool, note: str, acting_user: Staff, now: datetime) -> StandardGuard:
    """A held standard goes on.

    Args:
        standard: its id.
        take: whether what it found meanwhile becomes failures after all; else it stays on record as findings.
        note: why.
        acting_user: who says so.
        now: when.

    Raises:
        NotAllowed: the role resumes none.
        NotFound: there is no such standard under guard.
        IllegalMove: it is not held.
    """
    require(acting_user, "resume_standards")
    guard = StandardGuard.objects.select_for_update(no_key=True).filter(standard=standard).first()
    if guard is None:
        raise NotFound(f"There is no standard {standard!r} that was ever held.")
    guard.state = GUARD.after(guard.state, "resume")
    guard.minute, guard.findings = None, 0
    guard.save(update_fields=["state", "minute", "findings"])
    waiting = HeldFinding.objects.filter(standard=standard, state=HeldFinding.State.WAITING)
    number = waiting.update(state=HeldFinding.State.WANTED if take else HeldFinding.State.LEFT)
    IncidentAct.objects.create(
        act="resume_standard",
        standard=standard,
        by=acting_user,
        at=now,
        note=note,
        details={"take": take, "held": number},
    )
    return guard


def wanted_findings(version: BlueprintVersion) -> list[dict[str, Any]]:
    """Held findings that a person wants taken up, some at a time, marked as taken; those of standards that the
    blueprint does not have any more stay findings."""
    known = [standard.id for standard in blueprint_of(version.pk).standards]
    wanted = HeldFinding.objects.filter(state=HeldFinding.State.WANTED)
    if not wanted.exists():
        return []
    wanted.exclude(standard__in=known).update(state=HeldFinding.State.LEFT)
    rows = list(wanted.select_for_update(no_key=True).order_by("at", "pk")[:AT_ONCE])
    HeldFinding.objects.filter(pk__in=[row.pk for row in rows]).update(state=HeldFinding.State.TAKEN)
    return [
        row.finding | {name: row.finding[name] and datetime.fromisoformat(row.finding[name]) for name in _TIMES}
        for row in rows
    ]


def _going(findings: Sequence[Found], kept_back: Sequence[Found], key_of: Callable[[Found], str]) -> list[Found]:
    """All but what is held now; a promise that is a failure already is never held."""
    keys = {id(finding): key_of(finding) for finding in kept_back}
    known = set(Failure.objects.filter(promise_key__in=set(keys.values())).values_list("promise_key", flat=True))
    passing = {keys[id(finding)] for finding in findings if id(finding) in keys} & known
    held = [finding for finding in kept_back if keys[id(finding)] not in passing]
    return _kept(findings, held, key_of, HeldFinding.State.WAITING)


def _without_left(findings: Sequence[Found], key_of: Callable[[Found], str]) -> Sequence[Found]:
    """All but the later stages of what a person left on record; a promise that is a failure all the same goes on."""
    keys = {key_of(finding) for finding in findings}
    left = set(
        HeldFinding.objects.filter(promise_key__in=keys, state=HeldFinding.State.LEFT)
        .exclude(promise_key__in=Failure.objects.filter(promise_key__in=keys).values("promise_key"))
        .values_list("promise_key", flat=True)
    )
    later = [finding for finding in findings if key_of(finding) in left] if left else []
    return _kept(findings, later, key_of, HeldFinding.State.LEFT) if later else findings


def _kept(
    findings: Sequence[Found], held: Sequence[Found], key_of: Callable[[Found], str], state: HeldFinding.State
) -> list[Found]:
    """Put some of the findings on record as held; the others."""
    HeldFinding.objects.bulk_create(
        [
            HeldFinding(
                standard=finding["standard"],
                promise_key=key_of(finding),
                what=finding["what"],
                at=finding["at"],
                finding=json.loads(json.dumps(dict(finding), default=datetime.isoformat)),
                state=state,
            )
            for finding in held
        ],
        ignore_conflicts=True,
        batch_size=5_000,
    )
    gone = {id(finding) for finding in held}
    return [finding for finding in findings if id(finding) not in gone]


def _hold(standard: str, *, limit: int, most: int, now: datetime) -> None:
    StandardGuard.objects.update_or_create(
        standard=standard,
        defaults={
            "state": GUARD.after(GUARD.initial, "hold"),
            "held_at": now,
            "limit": limit,
            "most": most,
        },
    )


def _count(counts: Sequence[tuple[str, Count]]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            insert into monitor_standardguard as guard (standard, state, minute, findings, most, "limit")
            select standard, %s, minute, findings, 0, 0
            from unnest(%s::text[], %s::timestamptz[], %s::int[]) as given (standard, minute, findings)
            on conflict (standard) do update set minute = excluded.minute, findings = excluded.findings
            """,
            [
                GUARD.initial,
                [standard for standard, _ in counts],
                [count.minute for _, count in counts],
                [count.findings for _, count in counts],
            ],
        )
