"""Promises between colleagues that the monitor found broken: confidential from the start, and joined to nothing.

Each failure has a subject of its own number, so that no customer's failure, closure or proposal can meet it, and an
incident of its own. Whom it hit is the employee whose e-mail address the signal names as its customer.
"""

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256

from amends.monitor.models import Affected, Failure, Incident
from amends.monitor.services.incidents import stand_alone
from amends.people.inside import customer_of
from amends.people.models import Staff
from amends.policy.models import BlueprintVersion
from amends.policy.selectors import blueprint_of

LONGEST = 300


def number_of(promise_key: str, subject: str) -> str:
    """What such a failure is about, under a number that nothing else has."""
    return f"N-{sha256(promise_key.encode()).hexdigest()[:8].upper()} {subject}"[:LONGEST]


def record_inside(broken: Mapping[int, str | None], *, version: BlueprintVersion, now: datetime) -> frozenset[int]:
    """Put on record whom these failures hit, and give each an incident of its own.

    Args:
        broken: failure -> e-mail address of the employee whom its signal named, if any. Of one that names nobody, or
            somebody who has no account, it is known that it happened, and nobody has a case of it.
        version: of the blueprint in force.
        now: when; an employee who is failed for the first time is known as a customer from then on.

    Returns:
        the incidents.
    """
    pack = blueprint_of(version.pk)
    named = {address.strip().lower() for address in broken.values() if address}
    people = {one.email.lower(): one for one in Staff.objects.filter(email__in=named, is_active=True)}
    incidents = set()
    for failure in Failure.every.select_for_update(no_key=True).filter(pk__in=broken).order_by("pk"):
        person = people.get((broken[failure.pk] or "").strip().lower())
        if person is not None:
            hurt, made = Affected.objects.get_or_create(
                failure=failure,
                customer=customer_of(person, currency=pack.currency, now=now),
                defaults={"severity": failure.severity, "severity_why_id": failure.severity_why_id},
            )
            if not made and not hurt.corrected:
                hurt.severity, hurt.severity_why_id = failure.severity, failure.severity_why_id
                hurt.save(update_fields=["severity", "severity_why"])
            Failure.every.filter(pk=failure.pk).update(customers=1)
        if failure.incident_id is None:
            incident_id = stand_alone(failure.pk, version=version)
            Incident.every.filter(pk=incident_id).update(confidential=True)
        else:
            incident_id = failure.incident_id
        incidents.add(incident_id)
    return frozenset(incidents)
