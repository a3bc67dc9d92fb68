"""The caller look-up: one field finds a customer by whatever they say first, and shows what matched."""

import pytest
import stories
from django.db import connection
from django.test.utils import CaptureQueriesContext

from amends.monitor.services import keep_roster
from amends.people.inside import customer_of
from amends.people.models import Customer
from amends.people.services import keep_customers
from amends.recover.models import Case
from amends.recover.selectors import look_up
from amends.recover.services import open_cases

NOW = stories.NOW
PEOPLE = [
    {"reference": "C-100", "name": "Rosa Klein", "phone": "+1 212 555 0100", "email": "Rosa.Klein@example.com"},
    {"reference": "C-101", "name": "Ros Adler", "phone": "+44 20 7946 0958", "email": "adler@example.com"},
    {"reference": "C-102", "name": "王小明", "phone": "+86 138 1234 5678", "locale": "zh-CN"},
    {"reference": "C-103", "name": "王丽", "phone": "+86 139 0000 5678", "locale": "zh-CN"},
    {"reference": "C-104", "name": "Smith O'Neil", "phone": "021 555 777"},
    {"reference": "X_100%", "name": "Ann 100% Percent"},
]


@pytest.fixture
def person(company):
    assert keep_customers(PEOPLE, now=NOW).rejected == []
    keep_roster([("UA123/2026-03-02/EWR-SFO", "C-100", {"fare": 200}), ("UA123/2026-03-02/EWR-SFO", "C-102", {})])
    keep_roster([("UA777/2026-03-02/EWR-LAX", "C-101", {"order": "K7QW2P"})])
    keep_roster([("UA888/2026-03-02/EWR-LAX", "C-103", {"order": "K7QX_%"}), ("T-5", "C-104", {"order": 20260302})])
    return stories.staff("front_line")


@pytest.mark.parametrize(
    ("typed", "names", "what"),
    [
        ("+1 (212) 555", ["Rosa Klein"], "phone"),  # as it is written abroad
        ("212 555 0", ["Rosa Klein"], "phone"),  # as it is dialled at home
        ("001 212 555 0100", ["Rosa Klein"], "phone"),
        ("0100", ["Rosa Klein"], "phone"),  # the last digits
        ("020 7946", ["Ros Adler"], "phone"),
        ("13812", ["王小明"], "phone"),
        ("5678", ["王小明", "王丽"], "phone"),
        ("021555", ["Smith O'Neil"], "phone"),
        ("rosa.k", ["Rosa Klein"], "email"),
        ("ADLER@", ["Ros Adler"], "email"),
        ("c-10", ["Rosa Klein", "Ros Adler", "王小明", "王丽", "Smith O'Neil"], "reference"),
        ("klein", ["Rosa Klein"], "name"),
        ("ros", ["Rosa Klein", "Ros Adler"], "name"),
        ("klein r", ["Rosa Klein"], "name"),
        ("r", ["Rosa Klein", "Ros Adler"], "name"),
        ("王", ["王小明", "王丽"], "name"),
        ("小明", ["王小明"], "name"),
        ("o'neil", ["Smith O'Neil"], "name"),
        ("ua123", ["Rosa Klein", "王小明"], "subject"),
        ("UA 123", ["Rosa Klein", "王小明"], "subject"),
        ("ua123 klein", ["Rosa Klein"], "subject"),
        ("ua123 小明", ["王小明"], "subject"),
        ("ua7", ["Ros Adler"], "subject"),
        ("K7QW2P", ["Ros Adler"], "order"),
        ("k7qw", ["Ros Adler"], "order"),
        ("- k7q w2-", ["Ros Adler"], "order"),  # as it is read out
        ("K7Q", ["Ros Adler", "王丽"], "order"),
        ("k7q adler", ["Ros Adler"], "order"),
        ("k7q 丽", ["王丽"], "order"),
        ("k7qx_%", ["王丽"], "order"),
        ("202603", ["Smith O'Neil"], "order"),
    ],
)
def test_one_field_finds_them_by_whatever_they_say(person, typed, names, what):
    found = look_up(person, typed)
    assert sorted(one.customer.name for one in found) == sorted(names)
    assert all(what in {match.what for match in one.matches} for one in found)


@pytest.mark.parametrize(
    "typed", ["", "   ", "%", "_", "\\", "X%", "zzzz", "99", "'; drop table x --", "\0", "((", "& | !"]
)
def test_what_fits_nobody_finds_nobody_and_signs_of_patterns_are_only_signs(person, typed):
    assert look_up(person, typed) == []


def test_a_percent_sign_in_a_reference_is_found_as_it_is(person):
    assert [one.customer.reference for one in look_up(person, "X_100%")] == ["X_100%"]


def test_a_case_is_found_by_its_number_only_by_those_who_see_it(company):
    open_cases(stories.broken_flights(company, seats=2), now=NOW)
    case = Case.objects.order_by("id")[0]
    inside, outside = stories.staff("front_line", unit=company.branch), stories.staff("supervisor", unit=other(company))
    for typed in (str(case.pk), f"#{case.pk}"):
        assert ("case", str(case.pk)) in [
            (match.what, match.value) for one in look_up(inside, typed) for match in one.matches
        ]
        assert not [one for one in look_up(outside, typed) if "case" in {match.what for match in one.matches}]


def test_who_was_hit_without_being_on_a_roster_is_found_by_the_subject_within_ones_units(company):
    stories.broken_flights(company, seats=2, prefix="QQ")
    assert len(look_up(stories.staff("front_line", unit=company.branch), "qq1")) == 2
    by_subject = [
        one
        for one in look_up(stories.staff("supervisor", unit=other(company)), "qq1")
        if "subject" in {match.what for match in one.matches}
    ]
    assert by_subject == []


def test_employees_are_no_callers_and_take_no_callers_place(company):
    for number in range(12):
        customer_of(stories.staff("front_line", name=f"Quentin{number}"), currency="USD", now=NOW)
    assert keep_customers([{"reference": "Z-1", "name": "Quentin Zed", "email": "quentin@z.test"}], now=NOW).new == 1
    for typed in ("quentin", "quentin z", "quenti"):
        assert [one.customer.reference for one in look_up(stories.staff("manager"), typed)] == ["Z-1"], typed
    assert look_up(stories.staff("manager"), "inside-") == []


def test_one_customer_is_one_line_with_everything_that_matched(person):
    keep_customers([{"reference": "0100-A", "name": "Nora", "phone": "+12125550100"}], now=NOW)
    found = {one.customer.name: {match.what for match in one.matches} for one in look_up(person, "0100")}
    assert found == {"Rosa Klein": {"phone"}, "Nora": {"phone", "reference"}}


@pytest.mark.parametrize("typed", ["7QW2P", "W2P", "K7", "K7QW2PP", "K7Q zzzz", "k7_w", "K7%"])
def test_an_order_is_found_by_its_beginning_of_three_characters_and_not_by_its_middle(person, typed):
    assert look_up(person, typed) == []


def test_an_order_says_its_number_as_it_stands_and_whoever_finds_their_subject_finds_them_by_it(company):
    keep_customers(PEOPLE, now=NOW)
    keep_roster([("UA777/2026-03-02/EWR-LAX", "C-101", {"order": "k7Qw2p"})])
    for staff in (stories.staff("front_line", unit=company.branch), stories.staff("supervisor", unit=other(company))):
        assert [one.customer.name for one in look_up(staff, "UA777")] == ["Ros Adler"]
        (found,) = look_up(staff, "K7QW")
        assert [(match.what, match.value) for match in found.matches] == [("order", "k7Qw2p")]


def test_the_whole_number_of_an_order_goes_before_names_and_its_beginning_after_them(company):
    keep_customers([{"reference": f"N-{n}", "name": f"Rosa {n}"} for n in range(20)], now=NOW)
    keep_customers([{"reference": "O-1", "name": "Ann"}, {"reference": "O-2", "name": "Bea"}], now=NOW)
    keep_roster([("T-1", "O-1", {"order": "ROSA"}), ("T-2", "O-2", {"order": "ROSANA"})])
    names = [one.customer.name for one in look_up(stories.staff("front_line"), "rosa", limit=30)]
    assert (names[0], names[-1], len(names)) == ("Ann", "Bea", 22)


def test_an_order_is_found_by_its_own_index_among_many(person):
    with connection.cursor() as cursor:
        cursor.execute(
            """
            insert into monitor_rosterentry (subject, customer_id, facts)
            select 'M-' || n, 1 + n, jsonb_build_object('order', upper(substr(md5(n::text), 1, 6)))
            from generate_series(1, 20000) as n
            """
        )
        cursor.execute("analyze monitor_rosterentry")
    with CaptureQueriesContext(connection) as asked:
        assert look_up(person, "k7q w2")
    (query,) = [one["sql"] for one in asked.captured_queries if "'order'" in one["sql"]]
    with connection.cursor() as cursor:
        cursor.execute(f"explain {query}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert plan.count("Index Scan using roster_by_order") == 2, plan  # as typed, and without the space
    assert plan.count("~>=~ 'K7Q") == 2, plan
    assert "Seq Scan on monitor_rosterentry" not in plan, plan
    assert "Sort" not in plan, plan  # it is read in the index's order, no further than the limit


@pytest.mark.parametrize("typed", ["ros", "212555", "王小", "UA123 klein", "c-1", "rosa.klein@"])
def test_each_way_to_match_goes_by_an_index_and_never_through_all_rows(person, typed):
    Customer.objects.bulk_create(Customer(reference=f"M-{n}", name=f"Many {n}", created_at=NOW) for n in range(2_000))
    with connection.cursor() as cursor:
        cursor.execute("set local enable_seqscan = off")  # few rows: the planner would rather read them all
        cursor.execute("analyze people_customer, people_contactpoint")
    with CaptureQueriesContext(connection) as asked:
        look_up(person, typed)
    for query in [one["sql"] for one in asked.captured_queries if "like" in one["sql"] or "@@" in one["sql"]]:
        with connection.cursor() as cursor:
            cursor.execute(f"explain {query}")
            plan = "\n".join(row[0] for row in cursor.fetchall())
        assert "Seq Scan" not in plan, f"{query}\n{plan}"


def test_the_number_of_queries_does_not_grow_with_what_is_found(person):
    def asked(typed: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            look_up(person, typed)
        return len(queries)

    few = asked("ros")
    keep_customers([{"reference": f"R-{n}", "name": f"Rosa {n}"} for n in range(40)], now=NOW)
    assert asked("ros") == few


def test_who_may_not_see_customers_may_not_look_them_up(company):
    with pytest.raises(PermissionError):
        look_up(stories.staff("administrator"), "ros")


def other(company):
    from amends.people.models import Unit

    return Unit.objects.create(code="LAX", name_en="L", name_zh="洛", parent=company.unit, path="/HQ/LAX/")
