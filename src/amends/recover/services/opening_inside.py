"""Cases of what the monitor found broken between colleagues: confidential, with a circle, each for one employee."""

from collections.abc import Iterable
from datetime import datetime

from amends.kernel.blueprint import Blueprint
from amends.monitor.models import Affected, Incident
from amends.monitor.services.findings import BROKEN
from amends.recover.core.circle import Member
from amends.recover.models import Case
from amends.recover.services.circling import FOUND, circle_around, close_around


def split_inside(incident_ids: Iterable[int]) -> tuple[list[int], list[int]]:
    """The incidents of customers, and those between colleagues."""
    ids = list(incident_ids)
    inside = set(Incident.every.filter(pk__in=ids, confidential=True).values_list("pk", flat=True))
    return [one for one in ids if one not in inside], sorted(inside)


def waiting_inside(incident_ids: Iterable[int]) -> list[Affected]:
    """Whom these incidents hit who has no case of it yet, each with failure, customer and account."""
    rows = Affected.objects.filter(
        failure__incident_id__in=incident_ids,
        failure__confidential=True,
        failure__stage__in=BROKEN,
        customer__staff__is_active=True,
    )
    found = rows.select_related("failure__unit", "customer__staff__unit").order_by("pk")
    return [one for one in found if waits(one)]


def waits(hurt: Affected) -> bool:
    """Whether there is no case of it yet."""
    return not Case.every.filter(customer_id=hurt.customer_id, incident_id=hurt.failure.incident_id).exists()


def circle_for(hurt: Affected, pack: Blueprint) -> tuple[Member, ...]:
    """The circle of such a case as things stand; empty where nobody is left who could answer it."""
    failure, person = hurt.failure, hurt.customer.staff
    if person is None or failure.kind not in pack.internal.kinds:
        return ()
    return circle_around(pack, failure.kind, person, failure.unit or person.unit, None)


def let_in(hurt: Affected, circle: tuple[Member, ...], *, now: datetime) -> None:
    """Close the circle around the case that was just opened; those who answer it are told."""
    incident_id = hurt.failure.incident_id
    case = Case.every.select_for_update(no_key=True).get(customer_id=hurt.customer_id, incident_id=incident_id)
    close_around(case, circle, FOUND, now=now)
