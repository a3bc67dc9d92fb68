"""Promises, waits, notices and what came up: what the console offers and does."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.test import Client
from django.urls import reverse

from amends.kernel.text import Localised
from amends.policy.present import present
from amends.recover.models import Case, Clock, Hold, Notice, Plan
from amends.recover.selectors import access_case
from amends.recover.services import notify, sweep_clocks
from amends.web.console.clock_times import quick_times
from tests.web.console.test_acts import press, told
from tests.web.console.world import World


def read(client: Client, name: str, *args: Any) -> str:
    answer = client.get(reverse(f"console:{name}", args=args))
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_next_update_is_promised_with_one_press(world: World, as_: Callable[..., Client]) -> None:
    case = world.case_to_approve
    said = read(as_("front_line"), "case", case.pk)
    for label in ("in 2 h", "tomorrow at 10:00"):
        assert label in said
    assert "by the calendar" not in said  # that is in two hours, too
    assert 'data-key="u"' in said
    answer = press(as_("front_line"), "case", case.pk, "promise", by=(present() + timedelta(hours=2)).isoformat())
    assert told(answer) == ["The next update is promised; the customer's page says so."]
    clock = Clock.objects.filter(case=case, kind="inform").order_by("-number")[0]
    assert (clock.state, clock.promised_by) == ("running", world.staff["front_line"])
    assert "as promised" in read(as_("front_line"), "case", case.pk)


def test_the_calendars_time_for_news_is_offered_last_where_it_is_another(world: World) -> None:
    case = world.case_to_approve
    usual = quick_times(case, now=present())
    assert [str(choice.label) for choice in usual] == ["tomorrow at 10:00", "in 2 h"]
    Plan.objects.filter(case=case).update(playbook="correct")
    office = quick_times(access_case(world.staff["manager"], case.pk), now=present())
    assert [str(choice.label) for choice in office] == ["in 2 h", "tomorrow at 10:00", "by the calendar"]


def test_a_time_that_has_passed_or_is_none_is_not_promised(world: World, as_: Callable[..., Client]) -> None:
    case = world.case_to_approve
    late = press(as_("front_line"), "case", case.pk, "promise", by="2020-01-01T10:00")
    assert told(late) == ["A time that we promise lies ahead, and no more than 60 days."]
    none = press(as_("front_line"), "case", case.pk, "promise", by="soon")
    assert told(none) == ["Please choose a date and a time."]


def test_a_message_may_promise_the_next_news_in_the_same_breath(world: World, as_: Callable[..., Client]) -> None:
    case = world.case_to_approve
    by = (present() + timedelta(hours=5)).isoformat()
    press(as_("front_line"), "case", case.pk, "message", subject="News", body="We are on it.", next_by=by)
    assert Clock.objects.filter(case=case, kind="inform", number__gt=1, state="running").count() == 1


def test_waiting_for_the_customer_says_what_is_needed_and_ends_with_one_press(
    world: World, as_: Callable[..., Client]
) -> None:
    case, client = world.case_to_approve, as_("front_line")
    assert told(press(client, "case", case.pk, "wait", needed=" ")) == ["Please say what we need from the customer."]
    press(client, "case", case.pk, "wait", needed="The receipt")
    said = read(client, "case", case.pk)
    assert "Paused for the customer" in said
    assert "The receipt" in said
    assert 'data-key="w"' in said
    assert told(press(client, "case", case.pk, "resume")) == ["The case goes on, and its clocks run again."]
    assert Hold.objects.get().ended_by == "staff"
    assert Case.objects.get(pk=case.pk).state == "in_progress"


def test_the_inbox_says_why_a_case_stands_where_it_does_and_which_clocks_are_not_kept(
    world: World, as_: Callable[..., Client]
) -> None:
    sweep_clocks(now=present() + timedelta(days=4))
    said = read(as_("front_line"), "cases")
    assert "longer costs about $" in said
    assert "resolve: out of time" in said
    assert "解决：已超时" in read(as_("front_line", "zh-hans"), "cases")


def test_what_came_up_to_somebody_is_in_their_list_alone(world: World, as_: Callable[..., Client]) -> None:
    sweep_clocks(now=present() + timedelta(days=4))
    boss = world.staff["manager"]
    assert Notice.objects.filter(staff=boss, what="escalated").exists()
    said = read(as_("manager"), "escalations")
    assert "Out of time to" in said
    assert "Came up to you" in read(as_("manager"), "overview")
    Case.objects.update(state="closed", is_open=False)  # what is settled asks nothing of anybody
    assert "Nothing came up to you" in read(as_("manager"), "escalations")
    assert "Came up to you" not in read(as_("manager"), "overview")
    Case.objects.update(state="in_progress", is_open=True)
    client = Client()
    client.force_login(world.elsewhere)
    assert "Nothing came up to you" in client.get(reverse("console:escalations")).content.decode()


def test_a_notice_rings_the_bell_until_it_is_opened(world: World, as_: Callable[..., Client]) -> None:
    case, client = world.case_to_call, as_("front_line")
    notify([world.staff["front_line"].pk], case, "mention", Localised(en="Look here.", zh="请看。"), now=present())
    assert "1 new notice" in read(client, "cases")
    assert "Look here." in read(client, "notices")
    notice = Notice.objects.get()
    stranger = as_("manager").post(reverse("console:notice_open", args=[notice.pk]))
    assert stranger.status_code == 404
    answer = as_("front_line").post(reverse("console:notice_open", args=[notice.pk]))
    assert answer["Location"] == reverse("console:case", args=[case.pk])
    assert "0 new notices" in read(as_("front_line"), "cases")


def test_the_case_page_shows_the_ladder(world: World, as_: Callable[..., Client]) -> None:
    press(as_("front_line"), "case", world.case_to_approve.pk, "object", words="No.")
    said = read(as_("supervisor"), "case", world.case_to_approve.pk)
    assert "step 2 of 5" in said
    assert Case.objects.get(pk=world.case_to_approve.pk).owner == world.staff["supervisor"]
