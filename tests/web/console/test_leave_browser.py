"""Leave in a real browser: asking who may decide without leaving the case, and the pages of leave on every screen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from tests.web.console.test_browser import airline

if TYPE_CHECKING:
    from tests.web.console.browsing import Visitor
    from tests.web.console.world import World

__all__ = ["airline"]  # a fixture: the crowded one
pytestmark = pytest.mark.django_db(transaction=True)

LOOKS = [("en", "light", "desktop"), ("zh-hans", "dark", "phone")]


def prepare(world: World) -> None:
    """Budgets, an absence, and approvals given out."""
    from amends.people.duty import enter_absence
    from amends.people.models import Unit
    from amends.recover.services import set_budget, sweep_approvals
    from tests.web.console.world import NOW

    boss = world.staff["manager"]
    for code, amount in (("XX", 90_000), ("XX-JFK", 9_000), ("XX-EWR", 400)):
        set_budget(
            Unit.objects.get(code=code).pk,
            amount=Decimal(amount),
            currency="USD",
            from_day=date(2026, 3, 1),
            to_day=date(2026, 3, 31),
            acting_user=boss,
            now=NOW,
        )
    day = timedelta(days=1)
    enter_absence(
        boss.pk, starts_at=NOW + day, ends_at=NOW + 3 * day, note="Leave", acting_user=boss, now=NOW,
        stand_in_id=world.staff["executive"].pk,
    )  # fmt: skip
    sweep_approvals(now=NOW)


@pytest.mark.parametrize("look", LOOKS, ids="-".join)
def test_the_pages_of_leave_are_sound_and_a_sum_is_explained_beside_its_field(
    look: tuple[str, str, str],
    visit: Callable[..., Visitor],
    airline: World,
) -> None:
    language, theme, size = look
    prepare(airline)
    visitor = visit("supervisor", language=language, theme=theme, size=size, contrast=True)
    for name, path in (("approvals", "/approvals/"), ("budgets", "/budgets/"), ("absences", "/absences/")):
        visitor.open(path)
        visitor.photograph(name)
    visitor.open("/splits/", accessible=False)
    page = visitor.open(f"/cases/{airline.case_to_approve.pk}/")
    page.locator("details:has(form.ask-sum) > summary").first.click()
    page.locator("form.ask-sum input[name=amount]").fill("900")
    page.locator("form.ask-sum button").click()
    page.locator("#authority .verdict").wait_for()
    assert "900" in page.locator("#authority .verdict").inner_text()
    visitor.look_over("the case with a sum explained")
    visitor.photograph("leave-case")
    page.locator("section.gesture button").scroll_into_view_if_needed()
    page.locator("section.gesture button").click()
    page.locator("text=" + ("已赠送" if language == "zh-hans" else "Given.")).first.wait_for()
