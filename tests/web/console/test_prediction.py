"""The pages of predictions: what they say in each state, who sees what, and what pressing a button does."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from django.test import Client

    from tests.web.console.browsing import Visitor
    from tests.web.console.world import World

pytestmark = pytest.mark.django_db(transaction=True)
PATH, ACTS = "/monitor/prediction/", "/monitor/interventions/"


def page(client: Client, path: str = PATH) -> str:
    return client.get(path).content.decode()


def test_without_history_the_page_says_that_there_is_no_model(world: World, as_: Callable[..., Client]) -> None:
    from tests.web.console.foreseen import a_failed_training

    assert "There is no model yet" in page(as_("manager"))
    a_failed_training()
    assert "There is too little history to learn from" in page(as_("manager"))


def test_the_figures_stand_beside_the_base_rate_and_logistic_regression(
    world: World, as_: Callable[..., Client]
) -> None:
    from tests.web.console.foreseen import a_model

    a_model()
    said = page(as_("manager"))
    for figure in ("0.842", "0.1181", "0.819", "0.529", "It fits", "Newark", "20:00", 'class="reliability"'):
        assert figure in said, figure
    assert "So base rates are told" not in said


def test_a_model_that_drifted_is_said_to_be_one(world: World, as_: Callable[..., Client]) -> None:
    from tests.web.console.foreseen import a_model

    a_model(drifted=True)
    assert "So base rates are told instead of chances" in page(as_("manager"))


def test_only_who_changes_standards_for_the_whole_company_may_have_a_model_learnt(
    world: World, as_: Callable[..., Client]
) -> None:
    from amends.monitor.models import Training

    assert "Learn anew now" not in page(as_("manager"))
    assert as_("manager").post(f"{PATH}train/").status_code == 403
    owner = as_("quality_owner")
    assert "Learn anew now" in page(owner)
    owner.post(f"{PATH}train/")
    assert "A model is being learnt" in page(owner)
    owner.post(f"{PATH}stop/")
    assert Training.objects.get().state == "cancelled"


def test_an_intervention_is_taken_on_and_done(world: World, as_: Callable[..., Client]) -> None:
    from tests.web.console.foreseen import a_model, interventions

    first, second = interventions(a_model())
    manager = as_("manager")
    said = page(manager, ACTS)
    assert said.index(first.subject) < said.index(second.subject), "the dearest first"
    assert "came 48 minutes late" in said
    manager.post(f"{ACTS}{first.pk}/take/")
    manager.post(f"{ACTS}{first.pk}/do/", {"note": "Another aircraft"})
    first.refresh_from_db()
    assert (first.state, first.note) == ("done", "Another aircraft")
    assert first.subject not in page(manager, ACTS)
    assert "Another aircraft" in page(manager, f"{ACTS}?state=done")
    assert manager.post(f"{ACTS}{first.pk}/fly/").status_code == 404


def test_what_broke_in_somebodys_hands_is_not_counted_as_seen_to_by_nobody(
    world: World, as_: Callable[..., Client]
) -> None:
    from amends.monitor.models import Intervention
    from tests.web.console.foreseen import a_model, interventions

    first, second = interventions(a_model())
    manager = as_("manager")
    for one in (first, second):
        manager.post(f"{ACTS}{one.pk}/take/")
    manager.post(f"{ACTS}{second.pk}/leave/")
    Intervention.objects.filter(pk=first.pk).update(state="passed", broken=True)  # its time came before it was done
    Intervention.objects.filter(pk=second.pk).update(broken=False)
    assert "of 1 that somebody saw to, 1 broke all the same; of 1 that nobody saw to, 0." in page(manager, ACTS)


def test_the_board_tells_the_chance_and_why(world: World, as_: Callable[..., Client]) -> None:
    from amends.monitor.models import BoardPromise
    from tests.web.console.foreseen import a_model, foreseen
    from tests.web.console.watched import monitored, put_on_board

    monitored()
    put_on_board()
    rows = list(BoardPromise.objects.order_by("-due").values("standard", "subject", "opened_at", "due")[:2])
    foreseen(rows, a_model())
    said = page(as_("manager"), "/monitor/board/")
    assert "83% likely to break." in said
    assert "came 48 minutes late" in said


LOOKS = [("en", "light", "desktop"), ("zh-hans", "dark", "phone"), ("zh-hans", "light", "desktop")]


@pytest.mark.parametrize("look", LOOKS, ids="-".join)
def test_the_pages_are_sound_in_every_look(
    look: tuple[str, str, str], visit: Callable[..., Visitor], airline: World
) -> None:
    from amends.monitor.models import BoardPromise
    from tests.web.console.foreseen import a_model, foreseen, interventions
    from tests.web.console.watched import monitored, put_on_board

    language, theme, size = look
    visitor = visit("manager", language=language, theme=theme, size=size)
    visitor.open(PATH)
    visitor.photograph("prediction-empty")
    model = a_model()
    monitored()
    put_on_board()
    foreseen(list(BoardPromise.objects.order_by("-due").values("standard", "subject", "opened_at", "due")[:3]), model)
    interventions(model)
    for name, path in (("prediction", PATH), ("interventions", ACTS), ("board-chances", "/monitor/board/")):
        visitor.open(path)
        visitor.photograph(name)
    model.drifted_at = model.checked_at
    model.drift |= {"verdict": "off", "broken": 0.41, "low": 0.37, "high": 0.45}
    model.save()
    visitor.open(PATH)
    visitor.photograph("prediction-drifted")
