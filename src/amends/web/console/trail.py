"""The last entries of a case's audit trail, with who acted by name and what they did in words."""

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from amends.people.models import Staff
from amends.recover.models import Case, TrailEntry
from amends.web.console.act_words import DONE, ROWS

SHOWN = 50


def last_entries(case: Case) -> list[tuple[TrailEntry, str, str | Promise, str | Promise]]:
    """The latest first: with who, what they did and in which rows; what has no words stays as the trail has it."""
    entries = list(case.trail.order_by("-number")[:SHOWN])
    ids = {int(one.actor.removeprefix("staff:")) for one in entries if one.actor.startswith("staff:")}
    names = (
        {f"staff:{pk}": name for pk, name in Staff.objects.filter(pk__in=ids).values_list("pk", "name")} if ids else {}
    )
    names[f"customer:{case.customer_id}"] = case.customer.name
    names["automatic"] = _("automatic")
    return [
        (one, names.get(one.actor, one.actor), DONE.get(one.act, one.act), ROWS.get(one.rows, one.rows))
        for one in entries
    ]
