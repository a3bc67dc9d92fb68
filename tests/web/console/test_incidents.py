"""Incidents on the screens: what their pages say when there is nothing, when it can't be, and to whom."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from amends.monitor.models import Candidate, Closure, Incident, StandardGuard
from amends.policy.present import present
from amends.recover.services import sweep_clocks
from tests.web.console.world import NOW, World

SPAN = {
    "unit": "XX-EWR",
    "starts_at": "2026-03-02T14:00",
    "ends_at": "2026-03-02T22:00",
    "reason_en": "Works.",
    "reason_zh": "施工。",
}


def page(client: Client, name: str, *args: object, **query: str) -> str:
    return client.get(reverse(f"console:{name}", args=args), query).content.decode()


@pytest.mark.parametrize(
    ("name", "en", "zh"),
    [
        ("candidates", "Nothing waits to be decided", "没有等待确认的事件"),
        ("closures", "Nothing is closed", "目前没有停用安排"),
        ("held", "No standard is held", "没有暂停的标准"),
    ],
)
def test_a_page_without_rows_says_what_will_be_there(
    name: str, en: str, zh: str, world: World, as_: Callable[..., Client]
) -> None:
    assert en in page(as_("quality_owner"), name)
    assert zh in page(as_("quality_owner", "zh-hans"), name)


def test_a_filter_that_nothing_fits_says_so(world: World, as_: Callable[..., Client]) -> None:
    assert "No candidate fits this filter" in page(as_(), "candidates", state="lapsed")
    assert "Nothing was closed" in page(as_(), "closures", past="1")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"ends_at": "2026-03-01T10:00"}, "the end lies after the beginning"),
        ({"reason_zh": ""}, "why in both languages"),
        ({"unit": "XX-NOWHERE"}, "There is no such unit here"),
        ({"unit": "", "kind": "airport", "name": "EWR"}, "There is no such unit here"),  # not the whole company
    ],
)
def test_a_closure_that_cannot_be_comes_back_as_it_was_typed(
    change: dict[str, str], words: str, world: World, as_: Callable[..., Client]
) -> None:
    answer = as_("manager").post(reverse("console:closure_enter"), SPAN | change)
    assert answer.status_code == 422
    text = answer.content.decode()
    assert words in text
    assert 'value="Works."' in text
    assert not Closure.objects.exists()


def test_a_closure_is_entered_ended_and_taken_back(world: World, as_: Callable[..., Client]) -> None:
    manager = as_("manager")
    assert "opens no cases" in manager.post(reverse("console:closure_enter"), SPAN, follow=True).content.decode()
    closure = Closure.objects.get()
    for act, words in (("end", "Ended."), ("end", "Only what is going on"), ("withdraw", "Taken back.")):
        answer = manager.post(reverse("console:closure_act", args=[closure.pk, act]), follow=True)
        assert words in answer.content.decode()
    assert "taken back" in page(manager, "closures", past="1")


def test_acts_that_make_no_sense_say_why(world: World, as_: Callable[..., Client]) -> None:
    manager, incident = as_("manager"), world.incident
    for act, sent, words in (
        ("merge", {"into": incident.pk}, "merged into itself"),
        ("merge", {"into": 424242}, "There is no incident 424242 here."),
        ("merge", {}, "Please give the number"),
        ("split", {}, "not none and not all of them"),
        ("part", {}, "That can&#x27;t be done now"),
    ):
        answer = manager.post(reverse("console:incident_act", args=[incident.pk, act]), sent, follow=True)
        assert words in answer.content.decode(), act


def test_a_merged_incident_leads_to_the_one_that_goes_on_and_so_does_its_case(
    world: World, as_: Callable[..., Client]
) -> None:
    one, other = Incident.objects.order_by("pk")[:2]
    manager = as_("manager")
    manager.post(reverse("console:incident_act", args=[other.pk, "merge"]), {"into": one.pk})
    address = reverse("console:incident", args=[one.pk])
    text = page(manager, "incident", other.pk)
    assert "counts in another incident" in text
    assert address in text
    case = other.cases.order_by("pk")[0]
    assert address in page(manager, "case", case.pk)
    assert case.customer.name in page(manager, "incident", one.pk)


def test_nothing_ticked_confirms_nothing(world: World, as_: Callable[..., Client]) -> None:
    candidate = Candidate.objects.create(
        key="k",
        basis="words",
        state="proposed",
        kind="slow",
        unit=world.incident.unit,
        why_id=world.incident.explanation_id,
        began_at=NOW,
        last_at=NOW,
        blueprint_id=world.incident.blueprint_id,
    )
    answer = as_("manager").post(
        reverse("console:candidate_act", args=[candidate.pk, "confirm"]), {"shown": ["1"]}, follow=True
    )
    assert "Please tick the failures" in answer.content.decode()
    candidate.refresh_from_db()
    assert candidate.state == "proposed"


def test_the_alert_is_for_those_who_answer_for_standards(world: World, as_: Callable[..., Client]) -> None:
    held = {"state": "held", "held_at": NOW - timedelta(hours=1), "limit": 300}
    StandardGuard.objects.update_or_create(standard="depart-on-time", defaults=held)
    for role in ("quality_owner", "administrator"):
        assert 'role="alert"' in page(as_(role), "overview")
    for role in ("front_line", "manager"):
        assert 'role="alert"' not in page(as_(role), "overview")
    owner = as_("quality_owner", "zh-hans")
    address = reverse("console:held_resume", args=["depart-on-time"])
    assert "请说明如何处理" in owner.post(address, {}, follow=True).content.decode()
    assert "已恢复" in owner.post(address, {"take": "yes"}, follow=True).content.decode()
    assert "运行中" in owner.post(address, {"take": "yes"}, follow=True).content.decode()  # how it stands, and no more


def test_an_incident_says_how_many_of_those_covered_nobody_reached(world: World, as_: Callable[..., Client]) -> None:
    from amends.people.models import ContactPoint
    from amends.policy.selectors import blueprint_of
    from amends.recover.models import Case, IncidentResponse
    from amends.recover.services import open_cases, tell_affected
    from tests.stories import Company, broken_flights

    unit = world.incident.unit
    assert unit is not None
    version = world.incident.blueprint
    place = Company(pack=blueprint_of(version.pk), version=version, unit=unit, branch=unit)
    incidents = broken_flights(place, seats=3, minutes_late=20, severity=1)
    ContactPoint.objects.all().delete()
    open_cases(incidents, now=NOW)
    tell_affected(incidents, now=NOW, as_of_found=False)
    assert IncidentResponse.objects.filter(incident_id__in=incidents).count() == 1
    assert not Case.objects.filter(incident_id__in=incidents).exists()
    assert "3 of them were not reached" in page(as_(), "incident", incidents[0])
    assert "其中 3 位未能送达" in page(as_("supervisor", "zh-hans"), "incident", incidents[0])


def test_the_cases_of_an_incident_say_which_promise_they_missed(world: World, as_: Callable[..., Client]) -> None:
    case = world.case_to_approve
    sweep_clocks(now=present() + timedelta(days=3))
    listed = as_().get(reverse("console:incident", args=[case.incident_id])).content.decode()
    assert "out of time" in listed
