"""Saved views of the inbox: kept, put in order, taken away by their owner."""

from typing import Final

from django.db import IntegrityError, transaction

from amends.kernel.text import Localised
from amends.people.core.rights import may
from amends.people.models import Staff
from amends.people.selectors import NotFound, require, units_below
from amends.recover.core.refusals import Declined
from amends.recover.models import SavedView
from amends.recover.selectors.inbox import READERS

MOST: Final = 30  # of one person
NAME: Final = Localised(en="A view needs a name.", zh="请为视图命名。")
THERE: Final = Localised(en="You have a view of that name already.", zh="您已有同名视图。")
TOO_MANY: Final = Localised(en=f"At most {MOST} views a person.", zh=f"每人最多{MOST}个视图。")
LEADS: Final = Localised(en="Only those who lead share views with others.", zh="只有主管及以上才能向他人共享视图。")


@transaction.atomic
def save_view(
    *,
    name: str,
    query: str,
    acting_user: Staff,
    shared: bool = False,
    role: str = "",
    unit: int | None = None,
    place: int | None = None,
) -> SavedView:
    """Keep a filter and an order of the inbox under a name; saved again under it, it is replaced.

    Args:
        name: of the view.
        query: the inbox's address, checked by whoever read it.
        acting_user: whose it is.
        shared: others see it too, those of the role and the unit given, or all who see the owner's unit.
        role: only these.
        unit: only in this one and below; without it in the owner's own, which for whoever has none is everywhere.
        place: where among one's views; without it, last.
    """
    require(acting_user, "see_cases")
    if not name.strip():
        raise Declined(NAME)
    if shared and not may(acting_user.role, "work_teams"):
        raise Declined(LEADS)
    reached = units_below(acting_user)
    if (unit is not None and reached is not None and unit not in reached) or (role and role not in READERS):
        raise NotFound("There is no such unit or role here.")
    own = SavedView.objects.select_for_update().filter(owner=acting_user)
    view = own.filter(name=name.strip()[:60]).first()
    if view is None:
        if own.count() >= MOST:
            raise Declined(TOO_MANY)
        view = SavedView(owner=acting_user, name=name.strip()[:60], place=own.count())
    view.query, view.shared, view.role = query[:1000], shared, role if shared else ""
    view.unit_id = (unit or acting_user.unit_id) if shared else None
    view.place = view.place if place is None else place
    try:
        with transaction.atomic():
            view.save()
    except IntegrityError as error:
        raise Declined(THERE) from error
    return view


@transaction.atomic
def drop_view(view_id: int, *, acting_user: Staff) -> None:
    """Take a view of one's own away."""
    if not SavedView.objects.filter(pk=view_id, owner=acting_user).delete()[0]:
        raise NotFound(f"There is no view {view_id} here.")


@transaction.atomic
def move_view(view_id: int, *, up: bool, acting_user: Staff) -> None:
    """Put a view of one's own before or behind its neighbour."""
    own = list(SavedView.objects.select_for_update().filter(owner=acting_user).order_by("place", "pk"))
    at = next((place for place, view in enumerate(own) if view.pk == view_id), None)
    if at is None:
        raise NotFound(f"There is no view {view_id} here.")
    to = at - 1 if up else at + 1
    if 0 <= to < len(own):
        own[at], own[to] = own[to], own[at]
    for place, view in enumerate(own):
        view.place = place
    SavedView.objects.bulk_update(own, ["place"])
