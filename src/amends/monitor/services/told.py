"""A failure that somebody told of, with the finding that says so."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from amends.kernel.reason import Reason
from amends.kernel.severity import SEVERITIES, Severity
from amends.kernel.taxonomy import FailureKind
from amends.monitor.core.assessment import Attribution
from amends.monitor.models import Failure, Finding
from amends.people.models import Unit
from amends.policy.models import BlueprintVersion


def record_told(
    key: str,
    kind: FailureKind,
    *,
    subject: str,
    unit: Unit | None,
    facts: Mapping[str, Any],
    severity: tuple[Severity, Reason],
    attribution: Attribution,
    explained: Mapping[str, int],
    version: BlueprintVersion,
    now: datetime,
    customers: int = 0,
) -> Failure:
    """Put it on record.

    Args:
        key: what makes it the same one when it is told again.
        kind: of the taxonomy.
        subject: what it is about.
        unit: where; None if nobody knows.
        facts: what is known of it.
        severity: how grave it is, and why.
        attribution: whose fault it is, and why.
        explained: digest of a reason -> its row.
        version: of the blueprint by which it was judged.
        now: when it was told.
        customers: how many it hit, as far as is known.
    """
    rank, why = severity
    failure = Failure.objects.create(
        promise_key=key,
        kind=kind.id,
        step=kind.step,
        subject=subject,
        unit=unit,
        stage=Failure.Stage.REPORTED,
        found_at=now,
        stage_at=now,
        severity=SEVERITIES[rank],
        severity_why_id=explained[why.digest(version.pk)],
        responsible=attribution.responsible,
        controllable=attribution.controllable,
        stable=attribution.stable,
        attribution_why_id=explained[attribution.why.digest(version.pk)],
        facts=facts,
        customers=customers,
        blueprint=version,
    )
    Finding.objects.create(failure=failure, what="reported", at=now)
    return failure
