"""A complaint taken down: whoever took it keeps the case, unless reach, a queue or skills forbid it."""

import pytest
import stories

from amends.people.models import Customer, Unit
from amends.people.selectors import NotAllowed, NotFound
from amends.recover.core.refusals import StaleVersion
from amends.recover.models import Case, Handover, Queue, Team, TeamMember
from amends.recover.selectors import case_timeline, unexplained, verify_trail
from amends.recover.services import assign_waiting, take_case, take_complaint
from amends.recover.services.teams import end_team

NOW = stories.NOW


def taken(person, *, form="1", unit=None, customer=None, kind="baggage_lost") -> Case:
    who = (
        customer
        or Customer.objects.get_or_create(reference="C-1", defaults={"name": "Ada", "locale": "en", "created_at": NOW})[
            0
        ]
    )
    return take_complaint(
        who,
        form=form,
        kind=kind,
        subject="BAG-1",
        unit=unit,
        facts={},
        words="Lost it.",
        channel="phone",
        acting_user=person,
        now=NOW,
    )


def team_for_bags(company, *members, **skills) -> Team:
    team = Team.objects.create(name_en="Bags", name_zh="行李组", unit=company.unit)
    Queue.objects.create(name_en="Lost bags", name_zh="行李丢失", team=team, kinds=["baggage_lost"])
    for one in members:
        TeamMember.objects.create(team=team, staff=one, **skills)
    return team


def why_of(case: Case) -> str:
    return case.handovers.select_related("why").latest("pk").why.en


def test_whoever_took_the_complaint_keeps_the_case_and_it_is_on_record_why(company):
    person = stories.staff("front_line", name="Mei")
    case = taken(person)
    assert case.owner == person
    assert (Handover.objects.get().how, Handover.objects.get().by) == ("taken", person)
    assert why_of(case) == "Mei took the complaint down, so the customer keeps talking to the same person."
    assert any("Mei took this: Mei took the complaint" in entry.text.en for entry in case_timeline(case))
    assert verify_trail([case.pk]) == unexplained([case.pk]) == []


def test_the_same_form_sent_twice_changes_hands_once_and_gives_nothing_back(company):
    person, other = stories.staff("front_line"), stories.staff("front_line", name="Lou")
    case = taken(person)
    Case.objects.filter(pk=case.pk).update(owner=other)  # handed over meanwhile
    assert taken(person) == case
    case.refresh_from_db()
    assert case.owner == other
    assert Handover.objects.count() == 1


def test_a_queue_that_leads_it_to_another_team_forbids_it_and_the_team_gets_it(company):
    person, porter = stories.staff("front_line", name="Mei"), stories.staff("front_line", name="Porter")
    team = team_for_bags(company, porter)
    case = taken(person)
    assert (case.owner, case.team) == (None, team)
    assert why_of(case) == "Lost bags: such cases go to a team that Mei, who took it down, is not in."
    assert assign_waiting(now=NOW) == 1
    case.refresh_from_db()
    assert case.owner == porter
    assert verify_trail([case.pk]) == unexplained([case.pk]) == []


def test_a_team_that_ends_changes_the_version_of_the_cases_that_it_leaves(company):
    team = team_for_bags(company, stories.staff("front_line", name="Porter"))
    case = taken(stories.staff("front_line", name="Mei"))
    assert case.team == team
    end_team(team.pk, acting_user=stories.staff("manager"))
    left = Case.objects.get(pk=case.pk)
    assert (left.team, left.version) == (None, case.version + 1)  # whoever has it open is told that it changed
    with pytest.raises(StaleVersion):
        take_case(case.pk, acting_user=stories.staff("supervisor"), now=NOW, version=case.version)


@pytest.mark.parametrize(
    ("skills", "lacking"),
    [
        ({"languages": ["zh"]}, "does not speak the customer's language"),
        ({"kinds": ["slow"]}, "does not take this kind of failure"),
        ({"most_open": 0}, "has as many open cases as they may"),
    ],
)
def test_a_skill_that_the_taker_lacks_forbids_it(company, skills, lacking):
    person = stories.staff("front_line", name="Mei")
    team = team_for_bags(company, person, **skills)
    case = taken(person)
    assert (case.owner, case.team) == (None, team)
    assert why_of(case) == f"Lost bags: Mei, who took it down, {lacking}."


def test_a_member_of_the_queues_team_with_the_skills_keeps_it_for_the_team(company):
    person = stories.staff("front_line")
    team = team_for_bags(company, person, languages=["en"], kinds=["baggage_lost"])
    case = taken(person)
    assert (case.owner, case.team) == (person, team)


def test_nobody_takes_down_what_is_out_of_their_reach_and_the_right_is_asked_for(company):
    other = Unit.objects.create(code="LGA", name_en="LGA", name_zh="拉瓜迪亚", parent=company.unit, path="/HQ/LGA/")
    person = stories.staff("front_line", unit=company.branch)
    with pytest.raises(NotFound):
        taken(person, unit=other)
    with pytest.raises(NotAllowed):
        taken(stories.staff("administrator"))
    assert not Case.objects.exists()
    assert taken(person, unit=company.branch).owner == person


def test_another_thing_that_went_wrong_with_the_same_subject_is_a_case_of_its_own_with_a_plan_of_its_own(company):
    person = stories.staff("front_line")
    first = taken(person, kind="slow")
    second = taken(person, form="2")
    assert first != second
    assert (first.kind, second.kind, second.owner) == ("slow", "baggage_lost", person)
    assert first.plan.playbook != second.plan.playbook
    assert second.actions.filter(kind="compensation").exists()
    assert {one.incident.failures for one in (first, second)} == {1}
    assert verify_trail([first.pk, second.pk]) == unexplained([first.pk, second.pk]) == []


def test_the_same_thing_told_again_comes_to_the_case_that_is_about_it_and_opens_it_if_it_was_closed(company):
    person = stories.staff("front_line")
    taken(person, kind="slow")
    case = taken(person, form="2")
    given = list(case.actions.order_by("pk").values_list("step", "amount"))
    assert taken(person, form="3") == case
    Case.objects.filter(pk=case.pk).update(state="closed", is_open=False, closed_at=NOW)
    again = taken(person, form="4")
    assert (again.pk, again.is_open, again.incident.failures) == (case.pk, True, 3)
    assert list(case.actions.order_by("pk").values_list("step", "amount")) == given  # nothing is promised twice
