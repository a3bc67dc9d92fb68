"""The last entries of a case's audit trail, with who acted by name."""

from django.utils.translation import gettext as _

from amends.people.models import Staff
from amends.recover.models import Case, TrailEntry

SHOWN = 50


def last_entries(case: Case) -> list[tuple[TrailEntry, str]]:
    """The latest first. Whoever can't be named stays as the trail has them."""
    entries = list(case.trail.order_by("-number")[:SHOWN])
    ids = {int(one.actor.removeprefix("staff:")) for one in entries if one.actor.startswith("staff:")}
    names = (
        {f"staff:{pk}": name for pk, name in Staff.objects.filter(pk__in=ids).values_list("pk", "name")} if ids else {}
    )
    names[f"customer:{case.customer_id}"] = case.customer.name
    names["automatic"] = _("automatic")
    return [(one, names.get(one.actor, one.actor)) for one in entries]
