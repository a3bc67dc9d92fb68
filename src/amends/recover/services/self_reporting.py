"""A failure that an employee reports: a signal and a failure like any other, thanked, and never held against anybody.

Who reported it stands in one row of its own and nowhere else: not in the signal, not in the failure, not in the trail
of a case. That row is read with the right `see_reporters`, or by whoever reported.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

from django.db import connection, transaction

from amends.kernel.blueprint import Blueprint
from amends.monitor.core.assessment import attribution_of, severity_of
from amends.monitor.core.signal import SignalIn
from amends.monitor.models import Failure, SelfReport, Signal
from amends.monitor.services import accept_signals
from amends.monitor.services.affected import hold_roster, record_affected
from amends.monitor.services.incidents import correlate
from amends.monitor.services.told import record_told
from amends.people.models import Staff, Unit
from amends.people.selectors import NotFound, has_whole_company, require, unit_codes_below, units_below
from amends.policy.selectors import blueprint_of, deployment, version_in_force
from amends.policy.services import keep_explanations
from amends.recover.queue import defer_open_cases

SOURCE: Final = "self-report"
TYPE: Final = "failure.reported"
HEARD: Final = 200  # signals of the subject that say what is known of it, the latest


@transaction.atomic
def report_failure(
    *, form: str, kind: str, subject: str, unit: Unit | None, words: str, acting_user: Staff, now: datetime
) -> Failure:
    """Put on record what an employee saw go wrong; the same form sent twice is one report.

    It hits whoever is on the subject's roster, joins or opens an incident, and the worker opens cases, as for what the
    monitor finds by itself. One about what belongs to others hits nobody, until somebody who works there tells it too.

    Args:
        form: the form's own key.
        kind: of failure, from the taxonomy.
        subject: what it is about; without one the report is a subject of its own.
        unit: where it happened.
        words: a sentence about it, if any.
        acting_user: who reports.
        now: when.

    Raises:
        NotAllowed: the role reports nothing.
        ValueError: the taxonomy has no such kind.
        NotFound: the unit is out of the person's reach.
    """
    require(acting_user, "report")
    version = version_in_force(deployment().blueprint_name)
    pack = blueprint_of(version.pk)
    if kind not in pack.kinds_of_customers:
        raise ValueError(
            f"{kind!r} is no kind of failure here; there are: {', '.join(sorted(pack.kinds_of_customers))}"
        )
    reached = units_below(acting_user)
    if reached is not None and (unit is None or unit.pk not in reached):
        raise NotFound("There is no such unit here.")
    key = f"{SOURCE}/{form}"
    with connection.cursor() as cursor:
        # the same form, sent twice at once
        cursor.execute("select pg_advisory_xact_lock(hashtext('self-report'), hashtext(%s))", [form])
        hold_roster(cursor)
    before = SelfReport.objects.select_related("failure").filter(failure__promise_key=key, reporter=acting_user).first()
    if before is not None:
        return before.failure
    about = subject.strip() or f"R-{form[:8].upper()}"
    own_units = _own_units(acting_user)
    known = pack.completed(_known(about, pack, within=own_units))
    meaning = pack.taxonomy.kinds[kind]
    severity, why = severity_of(meaning, known)
    attribution = attribution_of(meaning, known)
    explained = keep_explanations([why, attribution.why], version_id=version.pk)
    accept_signals(
        [
            SignalIn(
                id=form,
                source=SOURCE,
                type=TYPE,
                subject=about,
                time=now,
                unit=unit.code if unit else None,
                data={"reported_kind": kind},
            )
        ],
        now=now,
    )
    failure = record_told(
        key,
        meaning,
        subject=about,
        unit=unit,
        facts=known,
        severity=(severity, why),
        attribution=attribution,
        explained=explained,
        version=version,
        now=now,
    )
    SelfReport.objects.create(failure=failure, reporter=acting_user, words=words.strip()[:500], at=now)
    if not _belongs_to_others(about, own_units):
        record_affected({failure.pk: None}, pack=pack, version=version, now=now)
    defer_open_cases(sorted(correlate([failure.pk], version=version)), now=now)
    failure.refresh_from_db()
    return failure


def reported_of_all(subjects: Collection[str]) -> list[int]:
    """The failures of these subjects that employees reported and that hit all on the roster."""
    told = SelfReport.objects.filter(failure__subject__in=subjects).select_related("failure", "reporter")
    return [one.failure_id for one in told if not _belongs_to_others(one.failure.subject, _own_units(one.reporter))]


def _own_units(reporter: Staff) -> Collection[str] | None:
    """Codes of the units where they work; None: all."""
    return None if has_whole_company(reporter) else unit_codes_below(reporter)


def _known(subject: str, pack: Blueprint, *, within: Collection[str] | None) -> dict[str, Any]:
    """What signals from these units say of the subject, the later over the earlier; None: from anywhere.

    Only what the pack declares is taken, and nothing of what is between colleagues: the report is read by many.
    """
    told = Signal.objects.filter(subject=subject).exclude(type__in=pack.internal.types)
    if within is not None:
        told = told.filter(unit__in=within)
    names = pack.taxonomy.facts.keys() | {kind.fact for kind in pack.incidents.resources.values()}
    known: dict[str, Any] = {}
    for data in reversed(told.order_by("-time", "-id").values_list("data", flat=True)[:HEARD]):
        if isinstance(data, dict):
            known |= {name: value for name, value in data.items() if name in names}
    return known


def _belongs_to_others(subject: str, own_units: Collection[str] | None) -> bool:
    """Whether all that we know of the subject happened elsewhere. What people told of it says nothing of where it
    belongs, or whoever tells twice would make it their own."""
    if own_units is None:
        return False
    heard = Signal.objects.filter(subject=subject, unit__isnull=False).exclude(source=SOURCE)
    failed = Failure.objects.filter(subject=subject, unit__isnull=False).exclude(stage=Failure.Stage.REPORTED)
    units = {*heard.values_list("unit", flat=True), *failed.values_list("unit__code", flat=True)}
    return bool(units) and units.isdisjoint(own_units)
