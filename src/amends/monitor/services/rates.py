"""Rates out of control open incidents, and end them once they are back; told twice, nothing changes.

An incident of a rate may have no customer yet: the burst is seen before anybody says so. Failures of that unit from
the window's start on join it. Where such failures had made an incident already, that one takes the figures as its
evidence instead, so that one burst is one incident.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import OuterRef, Subquery

from amends.kernel.severity import SEVERITIES
from amends.monitor.core.assessment import attribution_of, severity_of
from amends.monitor.core.incident import LIFECYCLE
from amends.monitor.core.rate import Rate
from amends.monitor.models import Excursion, Incident, RateWindow
from amends.people.models import Unit
from amends.policy.models import BlueprintVersion
from amends.policy.selectors import blueprint_of
from amends.policy.services import keep_explanations

OUT, BACK = "out_of_control", "back_in_control"
KEPT: Final = timedelta(weeks=9)  # of windows: what a standard's history of eight weeks rests on can be looked at

_WINDOW: Final = {
    "standard": "text",
    "subject": "text",
    "place": "text",
    "unit_id": "bigint",
    "start": "timestamptz",
    "end": "timestamptz",
    "at": "timestamptz",
    **dict.fromkeys(("number", "total", "value", "centre", "lower", "upper", "statistic", "bound"), "float8"),
    "out": "boolean",
}
_KEY: Final = ("standard", "subject", "place", "start")


@transaction.atomic
def keep_windows(points: Sequence[Mapping[str, Any]]) -> None:
    """Keep windows as the monitor judged them; one judged in its midst gives way to what it was at its end."""
    if not points:
        return
    latest: dict[tuple[object, ...], dict[str, Any]] = {}
    units = _units({point["unit"] for point in points})
    for point in sorted(points, key=lambda one: one["at"]):
        row = {**point, "place": point["unit"] or "", "unit_id": units.get(point["unit"])}
        latest[tuple(row[name] for name in _KEY)] = row
    columns = ", ".join(f'"{name}"' for name in _WINDOW)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            insert into monitor_ratewindow as known ({columns})
            select {columns} from json_to_recordset(%s::json)
                as given ({", ".join(f'"{name}" {kind}' for name, kind in _WINDOW.items())})
            on conflict ({", ".join(_KEY)}) do update
            set {", ".join(f'"{name}" = excluded."{name}"' for name in _WINDOW if name not in _KEY)}
            where excluded.at > known.at
            """,
            [json.dumps([{name: row[name] for name in _WINDOW} for row in latest.values()], default=_plain)],
        )
    RateWindow.objects.filter(start__lt=max(point["start"] for point in points) - KEPT).delete()


@transaction.atomic
def record_rates(findings: Sequence[Mapping[str, Any]], *, version: BlueprintVersion) -> frozenset[int]:
    """Open an incident for each unit that got out of control, and end it when it is back.

    Args:
        findings: those of rates are taken, others left alone; call it before what joins these incidents is recorded.
        version: the blueprint in force; its taxonomy says how grave the kind of failure is, and whose fault.

    Returns:
        the incidents opened or ended.
    """
    turns = sorted((one for one in findings if one["what"] in (OUT, BACK)), key=lambda one: one["at"])
    units = _units({one["unit"] for one in turns})
    touched = set()
    for turn in turns:
        if turn["what"] == OUT:
            touched.add(_open(turn, units, version))
        else:
            touched |= _end(turn)
    return frozenset(touched - {None})


def _open(turn: Mapping[str, Any], units: Mapping[str, int], version: BlueprintVersion) -> int | None:
    known = {
        "standard": turn["standard"],
        "subject": turn["subject"],
        "place": turn["unit"] or "",
        "window_start": turn["opened_at"],
    }
    if Excursion.objects.filter(**known).exists():
        return None
    unit = units.get(turn["unit"])
    incident = _of_its_failures(turn, unit) or _new(turn, unit, version)
    Excursion.objects.create(
        **known,
        unit_id=unit,
        window_end=turn["due"],
        began_at=turn["at"],
        evidence=json.loads(turn["evidence"]),
        incident=incident,
    )
    return incident.pk


def _of_its_failures(turn: Mapping[str, Any], unit: int | None) -> Incident | None:
    """The incident that goes on and has the most failures of that unit and window, or that another rate has opened."""
    if unit is None:
        return None
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select incident.id from monitor_incident as incident
            left join monitor_failure as failure on failure.incident_id = incident.id and failure.unit_id = %(unit)s
                and failure.stage <> 'averted' and failure.stage_at >= %(start)s and failure.found_at <= %(at)s
            where incident.state in ('open', 'responding') and not incident.confidential
                and incident.unit_id = %(unit)s and (
                failure.id is not null or exists (
                    select from monitor_excursion as other
                    where other.incident_id = incident.id and other.unit_id = %(unit)s and other.ended_at is null
                )
            )
            group by incident.id order by count(failure.id) desc, incident.id limit 1
            """,
            {"unit": unit, "start": turn["opened_at"], "at": turn["at"]},
        )
        found = cursor.fetchone()
    return Incident.objects.get(pk=found[0]) if found else None


def _new(turn: Mapping[str, Any], unit: int | None, version: BlueprintVersion) -> Incident:
    pack = blueprint_of(version.pk)
    standard = next(one for one in pack.standards if one.id == turn["standard"])
    kind = pack.taxonomy.kinds[standard.failure]
    facts = pack.completed({})
    severity, _ = severity_of(kind, facts)
    attribution = attribution_of(kind, facts)
    explanations = keep_explanations([attribution.why], version_id=version.pk)
    start = f"{turn['opened_at']:%Y-%m-%dT%H:%MZ}"
    incident, _ = Incident.objects.get_or_create(
        key=f"rate/{turn['standard']}/{turn['unit'] or ''}/{turn['subject']}/{start}"[:400],
        defaults={
            "state": LIFECYCLE.initial,
            "kind": kind.id,
            "subject": "" if turn["subject"] == turn["unit"] else turn["subject"],
            "unit_id": unit,
            "severity": SEVERITIES[severity],
            "responsible": attribution.responsible,
            "controllable": attribution.controllable,
            "explanation_id": explanations[attribution.why.digest(version.pk)],
            "started_at": turn["at"],
            "last_at": turn["at"],
            "blueprint": version,
        },
    )
    return incident


def _end(turn: Mapping[str, Any]) -> set[int | None]:
    going_on = Excursion.objects.filter(
        standard=turn["standard"],
        subject=turn["subject"],
        place=turn["unit"] or "",
        began_at__lt=turn["at"],
        ended_at=None,
    )
    incidents = set(going_on.values_list("incident_id", flat=True))
    going_on.update(ended_at=turn["at"])
    # what else keeps it open: another rate still out of control, or a failure that joined later
    quiet = Incident.objects.filter(pk__in=incidents, state__in=("open", "responding"), last_at__lte=turn["at"])
    quiet = quiet.exclude(pk__in=Excursion.objects.filter(incident__in=incidents, ended_at=None).values("incident"))
    ended = set(quiet.values_list("id", flat=True))
    Incident.objects.filter(pk__in=ended).update(state="ended", ended_at=turn["at"])
    return ended


@transaction.atomic
def end_forgotten(rates: Iterable[Rate], *, watermark: datetime) -> int:
    """End the times out of control of which the monitor will never say that they are over, since it does not remember
    that they began: the unit was not heard of for so long, or the rate is not in the blueprint any more.

    Args:
        rates: of the blueprint in force.
        watermark: all windows that end before it were judged.

    Returns:
        how many.
    """
    known = {rate.id: rate for rate in rates}
    latest = RateWindow.objects.filter(
        standard=OuterRef("standard"), subject=OuterRef("subject"), place=OuterRef("place")
    ).order_by("-start")
    going_on = Excursion.objects.select_for_update(no_key=True).filter(ended_at=None)
    forgotten = []
    for one in going_on.annotate(last=Subquery(latest.values("start")[:1])):
        rate = known.get(one.standard)
        last = max(one.last or one.window_start, one.window_start)
        over = watermark if rate is None else last + (rate.remembered + 1) * rate.window
        if over <= watermark:
            one.ended_at = over
            forgotten.append(one)
    return Excursion.objects.bulk_update(forgotten, ["ended_at"])


def join_out_of_control(cursor: Any, failures: list[int]) -> dict[int, tuple[str, datetime]]:
    """Failures without an incident, of a unit that was out of control when they were found or in its first window,
    join the incident of that. A subject's first failure speaks for all of it, so that it stays in one incident.

    Returns:
        which did, with the standard by which the unit is out of control, and since when.
    """
    cursor.execute(
        """
        update monitor_failure as failure set incident_id = burst.incident_id
        from (
            select distinct on (first.subject) first.subject, excursion.standard, excursion.began_at,
                coalesce(incident.merged_into_id, incident.id) as incident_id
            from (
                select distinct on (subject) subject, unit_id, stage_at, found_at from monitor_failure
                where id = any(%(ids)s) and incident_id is null order by subject, found_at, id
            ) as first
            join monitor_excursion as excursion on excursion.unit_id = first.unit_id
                and first.stage_at >= excursion.window_start
                and first.found_at <= coalesce(excursion.ended_at, 'infinity')
            join monitor_incident as incident on incident.id = excursion.incident_id
            order by first.subject, excursion.window_start desc, excursion.id
        ) as burst
        where failure.subject = burst.subject and failure.id = any(%(ids)s) and failure.incident_id is null
        returning failure.id, burst.standard, burst.began_at
        """,
        {"ids": failures},
    )
    return {id_: (standard, since) for id_, standard, since in cursor.fetchall()}


def _units(codes: set[str | None]) -> dict[str | None, int]:
    return dict(Unit.objects.filter(code__in=codes - {None}).values_list("code", "id"))


def _plain(value: Any) -> str:
    return str(value.isoformat())
