"""Lists and searches of cases: only what a person may see, in order, page by page, found by any of their words."""

import pytest
import stories
from django.db import connection
from django.test.utils import CaptureQueriesContext

from amends.people.models import Customer, Unit
from amends.people.selectors import NotAllowed, NotFound
from amends.recover.models import Action, Approval, Case, Plan
from amends.recover.selectors import (
    access_action,
    access_approval,
    access_case,
    approvals_for,
    case_timeline,
    cases_for,
    count_cases,
    ledger_for,
)
from amends.recover.services import carry_out, close_case, grant_approval, open_cases

NOW = stories.NOW


@pytest.fixture
def boss(company):
    open_cases(stories.broken_flights(company, flights=2, seats=6, distance_km=5_000, minutes_late=400), now=NOW)
    return stories.staff("supervisor")


def test_pages_follow_one_another_without_gap_or_repetition(boss):
    for sort in ("priority", "leaving", "due", "opened"):
        seen, after = [], None
        while True:
            page = cases_for(boss, sort=sort, after=after, limit=5)
            seen += page.rows
            after = page.after
            if after is None:
                break
        assert len(seen) == len({case.pk for case in seen}) == 12
    assert [case.priority for case in cases_for(boss).rows] == sorted(
        (case.priority for case in Case.objects.all()), reverse=True
    )


def test_the_inbox_can_be_read_by_what_leaving_a_case_costs(boss):
    free, *others = Case.objects.order_by("pk")
    Case.objects.filter(pk=free.pk).update(leaving=0)
    for place, case in enumerate(others):
        Case.objects.filter(pk=case.pk).update(leaving=100 + place * 7 % 5)
    seen = cases_for(boss, sort="leaving").rows
    assert [(case.leaving, case.pk) for case in seen] == sorted(
        ((case.leaving, case.pk) for case in seen), reverse=True
    )
    assert {case.pk for case in seen} == {case.pk for case in others}


def test_a_list_of_cases_takes_few_queries_however_long(boss, django_assert_num_queries):
    with django_assert_num_queries(1):
        for case in cases_for(boss).rows:
            assert case.customer.name


def test_a_person_sees_the_cases_of_their_unit_and_below_only(company, boss):
    elsewhere = Unit.objects.create(code="JFK", name_en="JFK", name_zh="JFK", parent=company.unit, path="/HQ/JFK/")
    there, here = stories.staff("supervisor", unit=elsewhere), stories.staff("supervisor", unit=company.branch)
    assert cases_for(there).rows == []
    assert len(cases_for(here).rows) == 12
    case, action, approval = Case.objects.first(), Action.objects.first(), Approval.objects.first()
    for read, pk in ((access_case, case.pk), (access_action, action.pk), (access_approval, approval.pk)):
        assert read(here, pk).pk == pk
        with pytest.raises(NotFound):
            read(there, pk)
        with pytest.raises(NotFound):
            read(here, 10**9)
    assert approvals_for(there).rows == []
    assert len(cases_for(boss, unit="HQ").rows) == 12
    assert cases_for(boss, unit="nowhere").rows == []


def test_an_administrator_of_accounts_reads_no_cases(company):
    with pytest.raises(NotAllowed):
        cases_for(stories.staff("administrator"))


def test_of_approvals_that_wait_the_longest_waiting_comes_first_and_of_decided_ones_the_latest(boss):
    waiting = list(Approval.objects.filter(state="waiting").order_by("asked_at", "id"))
    assert approvals_for(boss).rows == waiting
    Approval.objects.filter(pk__in=[one.pk for one in waiting[1:]]).update(state="granted")
    first = approvals_for(boss, state="granted", limit=1)
    rest = approvals_for(boss, state="granted", after=first.after)
    latest = list(Approval.objects.filter(state="granted").order_by("-id"))
    assert [*first.rows, *rest.rows] == latest
    assert len(latest) > 1
    assert [one.pk for one in approvals_for(boss, state="").rows] == sorted((one.pk for one in waiting), reverse=True)


@pytest.mark.parametrize(("state", "index"), [("waiting", "approval_waiting"), ("granted", "approval_decided")])
def test_a_page_of_approvals_is_read_off_an_index(boss, state, index):
    with connection.cursor() as cursor:
        cursor.execute("set local enable_seqscan = off; set local enable_sort = off")  # few rows: it would sort them
        with CaptureQueriesContext(connection) as asked:
            approvals_for(boss, state=state)
        (query,) = [one["sql"] for one in asked.captured_queries if 'FROM "recover_approval"' in one["sql"]]
        cursor.execute(f"explain {query}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert index in plan, plan
    assert "Sort" not in plan, plan


@pytest.mark.parametrize("wanted", ["王小明", "小明", "王小", "王"])
def test_a_chinese_name_is_found_whole_and_by_any_two_characters_that_follow_each_other(boss, wanted):
    found = cases_for(boss, search=wanted).rows
    assert len(found) == 6
    assert all("王小明" in case.customer.name for case in found)


def test_search_finds_number_reference_name_and_subject_by_the_beginning_of_the_last_word(boss):
    case = Case.objects.get(customer__reference="F-1-3")
    for wanted in (str(case.pk), "F-1-3", "f-1-3", "example3", "ann exam", "F1"):
        assert case.pk in {found.pk for found in cases_for(boss, search=wanted).rows}, wanted
    assert cases_for(boss, search="nobody").rows == []
    assert cases_for(boss, search="ann nobody").rows == []


@pytest.mark.parametrize("wanted", ["'", "\\", "a' | 'b", "!!", "& |", ":*", "\0", "ann:*", "<->", "，。"])
def test_no_search_is_an_error(boss, wanted):
    cases_for(boss, search=wanted)


def test_closed_cases_leave_the_inbox_but_are_found(boss):
    case = Case.objects.order_by("pk").first()
    Case.objects.filter(pk=case.pk).update(state="awaiting_customer")
    close_case(case.pk, acting_user=boss, now=NOW)
    assert case.pk not in {row.pk for row in cases_for(boss).rows}
    for how in ({"state": "closed"}, {"search": str(case.pk)}, {"customer": case.customer_id}, {"sort": "opened"}):
        assert case.pk in {row.pk for row in cases_for(boss, **how).rows}, how


def test_filters_narrow(boss):
    mine = Case.objects.order_by("pk").first()
    Case.objects.filter(pk=mine.pk).update(owner=boss, severity=2)
    assert [case.pk for case in cases_for(boss, owner=boss).rows] == [mine.pk]
    assert [case.pk for case in cases_for(boss, severity=2).rows] == [mine.pk]
    assert len(cases_for(boss, incident=mine.incident_id).rows) == 6


def test_a_strategy_narrows_every_list_search_and_count_page_by_page(boss):
    followed = Case.objects.order_by("pk")[:5]
    Plan.objects.filter(case__in=[case.pk for case in followed]).update(strategy="substitute")
    Plan.objects.exclude(case__in=[case.pk for case in followed]).update(strategy="early_intervention")
    wanted = {case.pk for case in followed}
    for sort in ("priority", "due", "opened"):
        first = cases_for(boss, strategy="substitute", sort=sort, limit=3)
        second = cases_for(boss, strategy="substitute", sort=sort, limit=3, after=first.after)
        assert {case.pk for case in [*first.rows, *second.rows]} == wanted
    assert {case.pk for case in cases_for(boss, strategy="substitute", search="F1").rows} <= wanted
    assert count_cases(boss, strategy="substitute", now=NOW).number == 5
    assert count_cases(boss, strategy="early_intervention", now=NOW).number == 7
    assert cases_for(boss, strategy="case_by_case").rows == []


def test_the_timeline_tells_a_case_in_both_languages_in_order(boss):
    carry_out(1, 2**60, now=NOW, as_of_ready=False)
    case = access_case(boss, Case.objects.first().pk)
    entries = case_timeline(case)
    assert [entry.at for entry in entries] == sorted(entry.at for entry in entries)
    words = " ".join(entry.text.en for entry in entries)
    assert "Found:" in words
    assert "Approval asked for:" in words
    assert all(entry.text.zh for entry in entries)
    assert ledger_for(boss, case=case).rows == list(case.remedies.order_by("-id"))
    assert ledger_for(boss, customer=Customer.objects.get(pk=case.customer_id)).rows


def test_of_one_moment_the_timeline_tells_the_cause_before_the_effect(boss):
    carry_out(1, 2**60, now=NOW, as_of_ready=False)
    approval = Approval.objects.filter(state="waiting", action__kind="compensation").order_by("pk").first()
    grant_approval(approval.pk, acting_user=boss, now=NOW)
    entries = case_timeline(access_case(boss, approval.case_id))
    told = [entry.text.en for entry in entries if entry.at in {NOW, entries[0].at}]  # the finding and today
    firsts = ["Found", "Planned", "Approval asked for", "Approval granted", "Done: compensation", "Given", "Written to"]
    places = [next(at for at, text in enumerate(told) if text.startswith(first)) for first in firsts]
    assert places == sorted(places), told


def test_what_others_have_hides_nothing_of_ones_own_from_a_search(company, boss, monkeypatch):
    monkeypatch.setattr("amends.recover.selectors.cases.MOST_FOUND", 2)
    elsewhere = Unit.objects.create(code="JFK", name_en="JFK", name_zh="JFK", parent=company.unit, path="/HQ/JFK/")
    mine = Case.objects.order_by("priority", "id").first()
    Case.objects.filter(pk=mine.pk).update(unit=elsewhere)
    there = stories.staff("supervisor", unit=elsewhere)
    for sort in ("priority", "due", "opened"):
        assert [case.pk for case in cases_for(there, search="F", sort=sort).rows] == [mine.pk]
        assert [case.pk for case in cases_for(boss, search="F", unit="JFK", sort=sort).rows] == [mine.pk]
    assert cases_for(there, unit="EWR").rows == []


@pytest.mark.parametrize("looked_at", [1, 3, 200])
@pytest.mark.parametrize("sort", ["priority", "leaving", "due", "opened"])
def test_a_word_that_very_many_cases_have_is_read_from_the_top_of_the_list(boss, monkeypatch, sort, looked_at):
    monkeypatch.setattr("amends.recover.selectors.cases.MOST_FOUND", 2)
    monkeypatch.setattr("amends.recover.selectors.cases.FIRST_LOOKED_AT", looked_at)
    seen, after = [], None
    while True:
        page = cases_for(boss, search="F", sort=sort, after=after, limit=5)
        seen += page.rows
        after = page.after
        if after is None:
            break
    assert [case.pk for case in seen] == [case.pk for case in cases_for(boss, sort=sort).rows]


def test_matches_far_down_a_list_are_found_although_it_is_not_read_so_far(boss, monkeypatch):
    monkeypatch.setattr("amends.recover.selectors.cases.MOST_FOUND", 2)
    monkeypatch.setattr("amends.recover.selectors.cases.MOST_LOOKED_AT", 1)
    found = cases_for(boss, search="F").rows
    assert len(found) >= 3
    assert len({case.pk for case in found}) == len(found)


def test_a_settled_case_has_nothing_due(boss):
    case = Case.objects.order_by("pk").first()
    Case.objects.filter(pk=case.pk).update(state="awaiting_customer")
    close_case(case.pk, acting_user=boss, now=NOW)
    assert cases_for(boss, state="closed", sort="due").rows == []
    assert [row.pk for row in cases_for(boss, state="closed").rows] == [case.pk]
