"""The case desk on the screens: hands, merges, undo, views with counts, who is here, one act on many, teams."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from amends.monitor.models import Failure
from amends.people.models import Unit
from amends.policy.present import present
from amends.recover.acting import acting
from amends.recover.models import BulkRun, Case, CaseFailure, Handover, Queue, SavedView, Team, TeamMember
from amends.recover.selectors.inbox import views_for
from amends.recover.services import carry_out_bulk, save_reply, take_case
from amends.recover.services.carrying_over import copied
from tests.web.console.test_acts import press, told
from tests.web.console.world import NOW, World


@pytest.fixture(autouse=True)
def _fresh_counts() -> None:
    cache.clear()


def page_of(client: Client, case: Case) -> str:
    answer = client.get(reverse("console:case", args=[case.pk]))
    assert answer.status_code == 200
    return answer.content.decode()


def twin_of(case: Case) -> Case:
    """The same complaint once more."""
    with acting("test"):
        twin = copied(case, incident=None, version=1)
        plan = copied(case.plan, case=twin)
        for clock in case.clocks.all():
            copied(clock, case=twin)
        for action in case.actions.filter(state="ready"):
            copied(action, case=twin, plan=plan)
        for one in case.case_failures.all():
            copied(one, case=twin)
    return twin


def test_a_duplicate_is_suggested_and_merged_by_one_button(world: World, as_: Callable[..., Client]) -> None:
    case, client = world.case_to_call, as_("front_line")
    twin = twin_of(case)
    page = page_of(client, case)
    assert "may be the same complaint:" in page
    assert "same subject · same kind of failure · within three days" in page
    press(client, "case", twin.pk, "merge", into=case.pk, next=reverse("console:case", args=[case.pk]))
    assert Case.objects.get(pk=twin.pk).state == "merged"
    assert f'It goes on in <a href="{reverse("console:case", args=[case.pk])}">case {case.pk}</a>' in page_of(
        client, twin
    )
    assert "may be the same complaint" not in page_of(client, case)


def test_what_makes_no_sense_is_said_in_the_readers_language(world: World, as_: Callable[..., Client]) -> None:
    case, other = world.case_to_call, world.case_to_approve
    assert told(press(as_("front_line"), "case", case.pk, "merge", into=other.pk)) == [
        "Only cases of the same customer can be merged."
    ]
    assert told(press(as_("front_line", "zh-hans"), "case", case.pk, "merge", into=other.pk)) == [
        "只有同一位顾客的案件才能合并。"
    ]


def test_the_receiver_of_a_case_sees_the_note_and_finds_it_among_those_handed_to_them(
    world: World, as_: Callable[..., Client]
) -> None:
    case, giver, taker = world.case_to_call, as_("supervisor"), world.staff["front_line"]
    answer = press(giver, "case", case.pk, "hand_over", to=f"staff:{taker.pk}", note="")
    assert told(answer) == ["Please write what the receiver needs to know."]
    press(giver, "case", case.pk, "hand_over", to=f"staff:{taker.pk}", note="She needs a wheelchair.")
    client = as_("front_line")
    assert case.customer.name in client.get(reverse("console:cases"), {"desk": "handed"}).content.decode()
    page = page_of(client, case)
    assert "Sam Carter handed this over." in page
    assert "She needs a wheelchair." in page
    assert Handover.objects.get(case=case).seen_at is not None


def test_an_act_can_be_undone_from_its_notice(world: World, as_: Callable[..., Client]) -> None:
    case, client = world.case_to_call, as_("front_line")
    press(client, "case", case.pk, "take")
    page = page_of(client, case)
    assert "The case is yours now." in page
    step = case.undo_steps.get()
    assert reverse("console:undo", args=[step.pk]) in page
    assert told(client.post(reverse("console:undo", args=[step.pk]))) == ["Undone."]
    assert Case.objects.get(pk=case.pk).owner is None
    again = client.post(reverse("console:undo", args=[step.pk]))
    assert told(again)[-1] == "This has been undone already."


def test_nobody_undoes_anothers_act_or_one_of_another_unit(world: World, as_: Callable[..., Client]) -> None:
    press(as_("front_line"), "case", world.case_to_call.pk, "take")
    url = reverse("console:undo", args=[world.case_to_call.undo_steps.get().pk])
    assert told(as_("supervisor").post(url)) == ["Only whoever did it can undo it."]
    assert as_(world.elsewhere).post(url).status_code == 404
    assert as_("administrator").post(url).status_code == 403


def test_who_comes_too_late_keeps_what_they_typed_and_is_told_who_was_quicker(
    world: World, as_: Callable[..., Client]
) -> None:
    case, client = world.case_to_call, as_("front_line")
    press(as_("supervisor"), "case", case.pk, "take")
    answer = press(client, "case", case.pk, "message", version=case.version, subject="Your bag", body="It is <here>.")
    assert told(answer)[-1] == "What you typed is kept: see below."
    assert "It is &lt;here&gt;.</textarea>" in page_of(client, case)  # as a draft, until it is sent or discarded
    assert "It is &lt;here&gt;.</textarea>" in page_of(client, case)
    other = world.staff["supervisor"]
    answer = press(
        client, "case", case.pk, "hand_over", version=case.version, to=f"staff:{other.pk}", note="She <waits>."
    )
    assert told(answer)[-1] == "What you typed is kept: see below."
    page = page_of(client, case)  # a form that keeps no draft shows it once
    assert "What you had typed" in page
    assert "She &lt;waits&gt;.</textarea>" in page
    assert "What you had typed" not in page_of(client, case)


def test_a_page_that_is_open_says_who_else_looks_who_writes_and_what_changed(
    world: World, as_: Callable[..., Client]
) -> None:
    case = Case.objects.get(pk=world.case_to_call.pk)
    url = reverse("console:here", args=[case.pk])
    mine, other = as_("front_line"), as_("supervisor")
    assert other.post(url, {"version": case.version}).content.decode().strip() == ""
    assert "Sam Carter is looking at this case." in mine.post(url, {"version": case.version}).content.decode()
    other.post(url, {"version": case.version, "writing": "1"})
    assert "Sam Carter is writing on this case." in mine.post(url, {"version": case.version}).content.decode()
    press(other, "case", case.pk, "take")
    assert "Sam Carter took it." in mine.post(url, {"version": case.version}).content.decode()
    assert as_(world.elsewhere).post(url).status_code == 404


def test_who_has_left_the_page_is_not_shown_for_long(world: World, as_: Callable[..., Client]) -> None:

    from amends.recover.models import Presence

    case = world.case_to_call
    as_("supervisor").post(reverse("console:here", args=[case.pk]))
    here = as_("front_line").post(reverse("console:here", args=[case.pk]))
    assert "is looking" in here.content.decode()
    Presence.objects.update(seen_at=NOW - timedelta(minutes=1))
    assert "is looking" not in as_("front_line").post(reverse("console:here", args=[case.pk])).content.decode()


def test_views_are_there_for_everybody_and_ones_own_are_kept_with_counts(
    world: World, as_: Callable[..., Client]
) -> None:
    client = as_("supervisor")
    given = {"name": "Grave at Newark", "query": "unit=XX-EWR&severity=3&nonsense=1", "shared": "1"}
    client.post(reverse("console:view_save"), given)
    assert SavedView.objects.get().query == "severity=3&unit=XX-EWR"
    counts = client.get(reverse("console:view_counts"), {"current": ""}).content.decode()
    for name in (
        "All open",
        "Mine",
        "Unassigned",
        "At risk",
        "Waiting for approval",
        "Handed to me",
        "Grave at Newark",
    ):
        assert name in counts
    expected = Case.objects.filter(is_open=True, owner=None).count()
    assert f'Unassigned <span class="count">{expected}</span>' in counts
    assert "Grave at Newark" in as_("front_line").get(reverse("console:cases")).content.decode()
    as_(world.elsewhere).post(reverse("console:view_save"), {"name": "LaGuardia's", "query": "mine=1", "shared": "1"})
    assert "LaGuardia" not in as_("front_line").get(reverse("console:cases")).content.decode().partition("<form")[0]
    assert "LaGuardia" not in client.get(reverse("console:view_counts")).content.decode()
    own = SavedView.objects.get(owner=world.staff["supervisor"])
    assert as_("front_line").post(reverse("console:view_act", args=[own.pk, "drop"])).status_code == 404
    client.post(reverse("console:view_act", args=[own.pk, "drop"]))
    assert not SavedView.objects.filter(pk=own.pk).exists()


def cases_in(page: Any) -> set[int]:
    """The cases whose rows a page has."""
    return set(map(int, re.findall(r'id="case-(\d+)"', page.content.decode())))


def test_the_inbox_is_narrowed_to_a_strategy_and_a_view_keeps_it(world: World, as_: Callable[..., Client]) -> None:
    client = as_("supervisor")
    rows = Case.objects.filter(is_open=True)
    for strategy in ("case_by_case", "systematic", "early_intervention", "substitute"):
        shown = cases_in(client.get(reverse("console:cases"), {"strategy": strategy}))
        assert shown == set(rows.filter(plan__strategy=strategy).values_list("pk", flat=True))
    assert rows.filter(plan__strategy="substitute").exists()
    client.post(reverse("console:view_save"), {"name": "Rebooked", "query": "strategy=substitute&strategy=nonsense"})
    client.post(reverse("console:view_save"), {"name": "Subs", "query": "nonsense=1&strategy=substitute"})
    assert SavedView.objects.get(name="Rebooked").query == ""
    assert SavedView.objects.get(name="Subs").query == "strategy=substitute"
    assert (
        'value="substitute" selected' in client.get(f"{reverse('console:cases')}?strategy=substitute").content.decode()
    )


def test_only_who_leads_shares_a_view(world: World, as_: Callable[..., Client]) -> None:
    answer = as_("front_line").post(reverse("console:view_save"), {"name": "x", "query": "mine=1", "shared": "1"})
    assert told(answer) == ["Only those who lead share views with others."]


def test_a_view_is_shared_with_a_role_a_unit_or_all_by_who_leads_there(
    world: World, as_: Callable[..., Client]
) -> None:
    save, inbox = reverse("console:view_save"), reverse("console:cases")
    client = as_("supervisor")
    page = client.get(inbox).content.decode()
    assert '<select name="role"' in page
    assert 'value="XX-EWR"' in page.partition('<select name="unit"')[2]
    assert '<select name="role"' not in as_("front_line").get(inbox).content.decode()
    given = {"query": "desk=at_risk&sort=opened", "shared": "1"}
    client.post(save, given | {"name": "For leaders", "role": "supervisor", "unit": "XX"})
    client.post(save, given | {"name": "For LaGuardia", "role": "", "unit": "XX-LGA"})
    client.post(save, given | {"name": "For all of them", "role": "", "unit": "XX"})
    seen = {
        role: {view.name for view in views_for(who)}
        for role, who in {**world.staff, "elsewhere": world.elsewhere}.items()
        if role != "administrator"
    }
    assert seen["front_line"] == seen["manager"] == {"For all of them"}
    assert seen["elsewhere"] == {"For leaders", "For LaGuardia", "For all of them"}
    assert "XX-LGA" in SavedView.objects.get(name="For LaGuardia").unit.code
    assert as_(world.elsewhere).post(save, given | {"name": "y", "unit": "XX"}).status_code == 404  # beyond their reach
    assert not SavedView.objects.filter(name="y").exists()
    client.post(save, given | {"name": "z", "role": "administrator"})
    assert not SavedView.objects.filter(name="z").exists()  # they see no cases
    world.staff["supervisor"].role = "front_line"
    world.staff["supervisor"].save()
    assert views_for(world.staff["front_line"]) == []  # who no longer leads shares no longer


@pytest.mark.parametrize("desk", ["unassigned", "at_risk", "waiting_approval", "handed"])
def test_each_default_view_shows_its_cases_only(world: World, as_: Callable[..., Client], desk: str) -> None:
    take_case(world.case_to_call.pk, acting_user=world.staff["front_line"], now=NOW)
    shown = cases_in(as_("front_line").get(reverse("console:cases"), {"desk": desk}))
    rows = Case.objects.filter(is_open=True)
    expected = {
        "unassigned": rows.filter(owner=None),
        "at_risk": rows.filter(next_due__lte=present() + timedelta(hours=2)),
        "waiting_approval": rows.filter(approvals__state="waiting"),
        "handed": rows.none(),
    }[desk]
    assert shown == set(expected.values_list("pk", flat=True))


def test_the_next_one_is_taken_and_opened(world: World, as_: Callable[..., Client]) -> None:
    client = as_("front_line")
    answer = client.post(reverse("console:next"))
    case = Case.objects.get(owner=world.staff["front_line"])
    assert answer["Location"] == reverse("console:case", args=[case.pk])
    assert told(answer) == ["This one is yours now."]


def bulk(client: Client, **given: Any) -> Any:
    return client.post(reverse("console:bulk_new"), given)


def test_many_are_looked_over_run_and_told_row_by_row(world: World, as_: Callable[..., Client]) -> None:
    client = as_("front_line")
    ids = list(Case.objects.order_by("pk").values_list("pk", flat=True))
    take_case(ids[0], acting_user=world.staff["front_line"], now=NOW)
    answer = bulk(client, act="take", cases=ids)
    run = BulkRun.objects.get()
    assert answer["Location"] == reverse("console:bulk", args=[run.pk])
    page = client.get(answer["Location"]).content.decode()
    assert f"{len(ids) - 1} would be done" in page
    assert "It is yours already." in page
    client.post(reverse("console:bulk_act", args=[run.pk, "run"]))
    carry_out_bulk(run.pk, now=NOW)
    page = client.get(answer["Location"]).content.decode()
    assert f"{len(ids) - 1} done" in page
    assert Case.objects.filter(owner=world.staff["front_line"]).count() == len(ids)
    assert as_("supervisor").get(answer["Location"]).status_code == 404


def test_an_act_that_needs_words_asks_for_them_first(world: World, as_: Callable[..., Client]) -> None:
    client = as_("front_line")
    ids = list(Case.objects.values_list("pk", flat=True))
    asked = bulk(client, act="message", cases=ids)
    assert asked.status_code == 200
    joined = ",".join(map(str, ids))
    assert f'value="{joined}"' in asked.content.decode()
    answer = bulk(client, act="message", cases=joined, ready="1", subject="Storm", body="Dear {customer}")
    assert answer.status_code == 302
    assert BulkRun.objects.get().given == {"subject": "Storm", "body": "Dear {customer}"}


def test_the_letter_to_each_is_shown_before_it_is_sent(world: World, as_: Callable[..., Client]) -> None:
    client = as_("front_line")
    reply = save_reply(
        None, name="Storm", whose="own", unit="", subject_en="Storm", subject_zh="风暴", body_en="Dear {customer} <b>",
        body_zh="{customer}，您好", acting_user=world.staff["front_line"], now=NOW,
    )  # fmt: skip
    ids = list(Case.objects.values_list("pk", flat=True))
    assert "Storm" in bulk(client, act="message", cases=ids).content.decode()
    answer = bulk(client, act="message", cases=ids, ready="1", reply=reply.pk)
    page = client.get(answer["Location"]).content.decode()
    case = Case.objects.select_related("customer").get(pk=ids[0])
    greeting = "{}，您好" if case.customer.locale.startswith("zh") else "Dear {} &lt;b&gt;"
    assert greeting.format(case.customer.name) in page
    refused = bulk(client, act="message", cases=ids, ready="1", subject="x", body="{nothing}")
    assert told(refused) == ["There is no such variable: {nothing}."]


def test_of_a_run_one_sees_what_is_still_within_reach(world: World, as_: Callable[..., Client]) -> None:
    client, person = as_("front_line"), world.staff["front_line"]
    ids = list(Case.objects.values_list("pk", flat=True))
    answer = bulk(client, act="message", cases=ids, ready="1", subject="x", body="Dear {customer}, {link}")
    names = set(Case.objects.values_list("customer__name", flat=True))
    page = client.get(answer["Location"]).content.decode()
    assert all(name in page for name in names)
    assert "/mine/case:" not in page
    type(person).objects.filter(pk=person.pk).update(unit=world.elsewhere.unit)
    page = client.get(answer["Location"]).content.decode()
    assert not any(name in page for name in names)


def test_all_that_match_are_chosen_by_the_filter(world: World, as_: Callable[..., Client]) -> None:
    bulk(as_("front_line"), act="take", every="1", query="severity=3")
    expected = set(Case.objects.filter(is_open=True, severity=3).values_list("pk", flat=True))
    assert set(BulkRun.objects.get().rows.values_list("case_id", flat=True)) == expected


def test_nothing_chosen_is_said_and_done(world: World, as_: Callable[..., Client]) -> None:
    assert told(bulk(as_("front_line"), act="take"))[0].startswith("Choose some cases first")
    assert bulk(as_("front_line"), act="dance", cases=[1]).status_code == 404
    assert bulk(as_("administrator"), act="take", cases=[1]).status_code == 403
    assert not BulkRun.objects.exists()


def test_a_queue_takes_only_cases_of_units_within_reach_of_who_makes_it(
    world: World, as_: Callable[..., Client]
) -> None:
    client, own, above = as_(world.elsewhere), world.elsewhere.unit, world.staff["supervisor"].unit
    client.post(reverse("console:team_save"), {"name_en": "Care", "name_zh": "关怀组", "unit": own.pk})
    url = reverse("console:team_act", args=[Team.objects.get().pk, "queue"])
    queue = {"name_en": "Grave", "name_zh": "严重", "place": 1, "severity_least": 3}
    for out_of_reach in (above.pk, 10**9):
        assert client.post(url, queue | {"unit_id": out_of_reach}).status_code == 404
    assert not Queue.objects.exists()
    client.post(url, queue | {"unit_id": own.pk})
    assert Queue.objects.get().unit == own


def test_a_team_is_made_filled_and_fed_on_one_page(world: World, as_: Callable[..., Client]) -> None:
    client, unit = as_("supervisor"), world.staff["supervisor"].unit
    client.post(reverse("console:team_save"), {"name_en": "Care", "name_zh": "关怀组", "unit": unit.pk})
    team = Team.objects.get()
    member = {
        "staff_id": world.staff["front_line"].pk, "languages": ["zh"], "kinds": ["unavailable"],
        "tiers": "gold, silver", "severity_most": 3, "most_open": 5,
    }  # fmt: skip
    client.post(reverse("console:team_act", args=[team.pk, "member"]), member)
    found = TeamMember.objects.get()
    assert (found.languages, found.kinds, found.tiers, found.most_open) == (
        ["zh"],
        ["unavailable"],
        ["gold", "silver"],
        5,
    )
    queue = {"name_en": "Grave", "name_zh": "严重", "place": 1, "severity_least": 3, "kinds": ["unavailable"]}
    client.post(reverse("console:team_act", args=[team.pk, "queue"]), queue)
    assert Queue.objects.get().kinds == ["unavailable"]
    page = client.get(reverse("console:teams")).content.decode()
    assert "Mei Lin" in page
    assert "Grave" in page
    assert as_(world.elsewhere).post(reverse("console:team_act", args=[team.pk, "end"])).status_code == 404
    assert as_("front_line").get(reverse("console:teams")).status_code == 403
    client.post(reverse("console:team_act", args=[team.pk, "end"]))
    assert not Team.objects.get().is_active


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_what_was_typed_into_a_teams_form_stays_when_something_in_it_is_wrong(
    world: World, as_: Callable[..., Client], language: str
) -> None:
    client, unit = as_("supervisor", language), world.staff["supervisor"].unit
    answer = client.post(reverse("console:team_save"), {"name_en": "Care", "name_zh": "", "unit": unit.pk})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'name="name_en" value="Care"' in page
    assert f'<option value="{unit.pk}" selected>' in page
    team = Team.objects.create(name_en="Care", name_zh="关怀组", unit=unit)
    member = {"staff_id": world.staff["front_line"].pk, "languages": ["zh"], "kinds": ["unavailable"],
              "tiers": "gold", "severity_most": 2, "most_open": -4}  # fmt: skip
    page = client.post(reverse("console:team_act", args=[team.pk, "member"]), member).content.decode()
    assert 'value="-4" required><ul class="errorlist"' in page
    for kept in ('value="zh" checked', 'value="unavailable" checked', 'value="gold"'):
        assert page.count(kept) == 1, kept
    severity = re.search(r'name="severity_most".*?</select>', page, re.DOTALL)
    assert severity is not None
    assert '<option value="2" selected>' in severity[0]
    assert f'<option value="{world.staff["front_line"].pk}" selected>' in page
    queue = {"name_en": "Grave", "name_zh": "", "place": 7, "severity_least": 3, "unit_id": unit.pk}
    page = client.post(reverse("console:team_act", args=[team.pk, "queue"]), queue).content.decode()
    assert 'name="name_en" value="Grave"' in page
    assert 'value="7"' in page
    assert page.count('<details class="more" open>') == 1
    assert not TeamMember.objects.exists()
    assert not Queue.objects.exists()


def test_what_one_did_last_can_be_undone_from_the_case_after_one_has_been_elsewhere(
    world: World, as_: Callable[..., Client]
) -> None:
    case, client = world.case_to_call, as_("front_line")
    press(client, "case", case.pk, "note", body="To be taken back.")
    assert page_of(client, case).count(">Undo <kbd") == 1  # with what is told of the act
    page = page_of(client, case)
    assert "What you did last here can be undone until" in page
    assert "can be undone until" not in page_of(as_("supervisor"), case)
    (undo,) = re.findall(r'action="(/undo/\d+/)"', page)
    client.post(undo)
    assert not case.notes.exclude(body="").exists()
    page_of(client, case)
    assert "can be undone until" not in page_of(client, case)


def test_a_number_of_no_case_is_said_and_the_page_stays(world: World, as_: Callable[..., Client]) -> None:
    case, client = world.case_to_call, as_("front_line")
    press(client, "case", case.pk, "link", other=99998, kind="related")
    assert told(press(client, "case", case.pk, "merge", into=99999)) == [
        f"There is no case {number} that you could see." for number in (99998, 99999)
    ]


def test_a_case_is_assigned_by_the_queues_which_say_why(world: World, as_: Callable[..., Client]) -> None:
    case, client = world.case_to_call, as_("supervisor")
    assert told(press(client, "case", case.pk, "assign"))[0].startswith("No queue fits this case")
    team = Team.objects.create(name_en="Care", name_zh="关怀组", unit=world.staff["supervisor"].unit)
    TeamMember.objects.create(team=team, staff=world.staff["front_line"])
    Queue.objects.create(name_en="All", name_zh="全部", team=team)
    press(client, "case", case.pk, "assign")
    assert Case.objects.get(pk=case.pk).owner == world.staff["front_line"]
    assert "Mei Lin has the fewest open cases (0)" in page_of(as_("front_line"), case)


def test_a_case_handed_to_another_unit_is_gone_from_here_without_an_error(
    world: World, as_: Callable[..., Client]
) -> None:
    case = world.case_to_call
    with acting("test"):
        Case.objects.filter(pk=case.pk).update(unit=world.elsewhere.unit)
    home = type(world.elsewhere.unit).objects.get(code="XX-EWR")
    client = as_(world.elsewhere)
    answer = press(client, "case", case.pk, "hand_over", to=f"unit:{home.pk}", note="Yours.")
    assert answer["Location"] == reverse("console:cases")
    assert client.get(reverse("console:case", args=[case.pk])).status_code == 404


BESIDE = {"HX-Request": "true", "HX-Target": "beside", "HX-Current-URL": "http://testserver/cases/?mine=1"}


def beside(client: Client, case: Case) -> str:
    """The case as it opens beside the list."""
    return client.get(reverse("console:case", args=[case.pk]), headers=BESIDE).content.decode()


def press_beside(client: Client, case: Case, act: str, **entered: Any) -> str:
    """Press one of its buttons; the panel as it is drawn anew."""
    answer = client.post(reverse("console:case_act", args=[case.pk, act]), entered, headers=BESIDE)
    assert answer.status_code == 200
    return answer.content.decode()


def forms_of(page: str) -> set[str]:
    return set(re.findall(r'hx-post="([^"]+)" hx-target="#beside"', page))


@pytest.mark.parametrize(("language", "words"), [("en", "Hand over"), ("zh-hans", "移交")])
def test_beside_the_list_a_case_is_passed_on_linked_merged_and_split_as_on_its_page(
    world: World, as_: Callable[..., Client], language: str, words: str
) -> None:
    case, client = world.case_to_call, as_("front_line", language)
    with acting("test"):
        CaseFailure.objects.create(
            case=case, failure=Failure.objects.exclude(pk__in=case.case_failures.values("failure_id"))[0]
        )
    acts = {reverse("console:case_act", args=[case.pk, act]) for act in ("link", "merge", "split")}
    page = beside(client, case)
    assert acts <= forms_of(page)
    opens = reverse("console:pass_on", args=[case.pk]) + "?beside=1"
    assert f'hx-get="{opens}"' in page
    assert 'data-key="h"' in page
    within = client.get(opens, headers={"HX-Request": "true"}).content.decode()
    assert words in within
    assert forms_of(within) == {reverse("console:case_act", args=[case.pk, "hand_over"])}
    whole = page_of(client, case)
    assert acts & forms_of(whole) == set()  # there the page is asked for again
    assert all(f'action="{act}"' in whole for act in acts)


def test_a_closed_case_is_neither_passed_on_nor_merged_beside_the_list(
    world: World, as_: Callable[..., Client]
) -> None:
    case, client = world.case_to_call, as_("front_line")
    with acting("test"):
        Case.objects.filter(pk=case.pk).update(state="closed", is_open=False)
    assert not {reverse("console:case_act", args=[case.pk, act]) for act in ("link", "merge")} & forms_of(
        beside(client, case)
    )
    assert reverse("console:pass_on", args=[case.pk]) not in beside(client, case)


def test_beside_the_list_one_sees_what_became_of_a_link_and_of_a_merge(
    world: World, as_: Callable[..., Client]
) -> None:
    case, client = world.case_to_call, as_("front_line")
    twin = twin_of(case)
    assert f"case {twin.pk}</a>" in press_beside(client, case, "link", other=twin.pk, kind="related")
    page = press_beside(client, twin, "merge", into=case.pk)
    assert f'It goes on in <a href="{reverse("console:case", args=[case.pk])}">case {case.pk}</a>' in page
    assert "The cases are one now." in page
    assert f'id="case-{twin.pk}" hx-swap-oob="true"' in page


def test_what_was_done_beside_the_list_is_undone_there(world: World, as_: Callable[..., Client]) -> None:
    case, client, taker = world.case_to_call, as_("front_line"), world.staff["supervisor"]
    page = press_beside(client, case, "hand_over", to=f"staff:{taker.pk}", note="Yours, please.")
    undo = reverse("console:undo", args=[case.undo_steps.get().pk])
    assert undo in forms_of(page)
    assert '<input type="hidden" name="next" value="/cases/?mine=1">' in page  # and not the address of the act
    page = client.post(undo, headers=BESIDE).content.decode()
    assert "Undone." in page
    assert Case.objects.get(pk=case.pk).owner is None
    again = client.post(undo, headers=BESIDE)
    assert (again.status_code, again["HX-Refresh"]) == (200, "true")
    assert "This has been undone already." in client.get(reverse("console:cases")).content.decode()


def test_a_case_handed_out_of_reach_beside_the_list_leaves_it_with_a_word(
    world: World, as_: Callable[..., Client]
) -> None:
    case = world.case_to_call
    with acting("test"):
        Case.objects.filter(pk=case.pk).update(unit=world.elsewhere.unit)
    home, client = Unit.objects.get(code="XX-EWR"), as_(world.elsewhere)
    url = reverse("console:case_act", args=[case.pk, "hand_over"])
    answer = client.post(url, {"to": f"unit:{home.pk}", "note": "Yours."}, headers=BESIDE)
    assert (answer.status_code, answer["HX-Refresh"]) == (200, "true")
    inbox = client.get(reverse("console:cases")).content.decode()
    assert "Handed over, with your note." in inbox
    assert case.customer.name not in inbox


def test_a_gesture_made_beside_the_list_draws_the_panel_anew(world: World, as_: Callable[..., Client]) -> None:
    case, client = world.case_to_call, as_("front_line")
    give = next(url for url in forms_of(beside(client, case)) if "/gesture/" in url)
    page = client.post(give, headers=BESIDE).content.decode()
    assert "Given. The customer has it in writing." in page
    assert give not in forms_of(page)
