"""Unit budgets: counted against the unit and all above it by the database itself; the last of one is given once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from threading import Barrier

import pytest
import stories
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from amends.kernel.blueprint import Blueprint
from amends.people.core.authority import BeyondAuthority
from amends.people.models import Unit
from amends.people.selectors import NotAllowed, NotFound
from amends.recover.models import Action, Approval, Budget, BudgetChange, Case, Remedy
from amends.recover.services import (
    carry_out,
    do_action,
    grant_approval,
    keep_blueprint_budgets,
    make_gesture,
    open_cases,
    set_budget,
)
from amends.recover.services.budgeting import BadBudget, spent_by

NOW = stories.NOW
MARCH = {"from_day": date(2026, 3, 1), "to_day": date(2026, 3, 31)}


def budget(unit: Unit, amount: int, *, by=None) -> Budget:
    return set_budget(
        unit.pk, amount=Decimal(amount), currency="USD", acting_user=by or stories.staff("manager"), now=NOW, **MARCH
    )


def by_hand(company, seats: int, amount: int = 100) -> list[Action]:
    """As many cases as seats, each with one sum for the front line to give."""
    open_cases(stories.broken_flights(company, seats=seats, minutes_late=100, severity=2), now=NOW)
    actions = {action.case_id: action for action in Action.objects.filter(amount__gt=0, state="ready").order_by("-id")}
    rows = Action.objects.filter(pk__in=[action.pk for action in actions.values()])
    rows.update(performer="front_line", amount=amount)
    return list(rows.order_by("id"))


def test_a_remedy_counts_against_its_unit_and_every_unit_above_that_has_a_budget(company):
    other = Unit.objects.create(code="JFK", name_en="JFK", name_zh="肯", parent=company.unit, path="/HQ/JFK/")
    here, above, beside = budget(company.branch, 1_000), budget(company.unit, 5_000), budget(other, 1_000)
    (action,) = by_hand(company, 1)
    do_action(action.pk, acting_user=stories.staff("front_line"), now=NOW)
    spent = [Budget.objects.get(pk=one.pk).spent for one in (here, above, beside)]
    assert spent == [100, 100, 0]


def test_what_was_given_before_counts_when_a_budget_is_set(company):
    first, second = by_hand(company, 2)
    do_action(first.pk, acting_user=stories.staff("front_line"), now=NOW)
    assert budget(company.branch, 150).spent == 100
    assert do_action(second.pk, acting_user=stories.staff("front_line"), now=NOW).state == "waiting_approval"
    assert Approval.objects.get().why.inputs["limits"] == ["unit_budget"]


def test_a_spent_budget_of_a_unit_above_stops_those_below_and_whoever_may_go_beyond_it_can_give_leave(company):
    budget(company.unit, 50)
    (action,) = by_hand(company, 1)
    assert do_action(action.pk, acting_user=stories.staff("front_line"), now=NOW).state == "waiting_approval"
    approval = Approval.objects.get()
    assert approval.level == "executive"
    with pytest.raises(BeyondAuthority) as refused:
        grant_approval(approval.pk, acting_user=stories.staff("manager"), now=NOW)
    assert refused.value.limits == ("unit_budget",)
    grant_approval(approval.pk, acting_user=stories.staff("executive"), now=NOW)
    assert Budget.objects.get().spent == 100


def test_a_gesture_is_there_even_when_the_budget_is_spent(company):
    budget(company.branch, 0)
    by_hand(company, 1)
    make_gesture(Case.objects.get().pk, "small-voucher", acting_user=stories.staff("front_line"), now=NOW)
    assert Budget.objects.get().spent == 25


def test_what_the_tariff_owes_is_paid_by_itself_and_counts(company):
    budget(company.branch, 1)
    open_cases(stories.broken_flights(company, seats=3, minutes_late=100, severity=2), now=NOW)
    carry_out(1, 2**60, now=NOW, as_of_ready=False)
    assert Budget.objects.get().spent == sum(Remedy.objects.values_list("amount", flat=True)) > 0


def test_a_pack_may_hold_its_automatic_grants_to_the_budget(db):
    content = stories.pack_with_limit(500).content()
    content["authority"][0]["beyond_budget"] = False
    company = stories.company(pack=Blueprint.from_content(content))
    open_cases(stories.broken_flights(company, seats=3, minutes_late=100, severity=2), now=NOW)
    amounts = sorted(Action.objects.filter(amount__gt=0, state="ready").values_list("amount", flat=True))
    budget(company.branch, int(max(amounts)))
    carry_out(1, 2**60, now=NOW, as_of_ready=False)
    found = Budget.objects.get()
    assert 0 < found.spent <= found.amount
    assert {one.why.inputs["limits"][0] for one in Approval.objects.all()} == {"unit_budget"}


def test_a_budget_is_set_by_those_who_may_within_their_units(company):
    with pytest.raises(NotAllowed):
        budget(company.branch, 1, by=stories.staff("supervisor"))
    with pytest.raises(NotFound):
        budget(company.unit, 1, by=stories.staff("manager", unit=company.branch))
    for wrong in ({"amount": Decimal(-1)}, {"currency": "XXY"}, {"to_day": date(2026, 2, 1)}):
        given = {"amount": Decimal(1), "currency": "USD", **MARCH, **wrong}
        with pytest.raises(BadBudget):
            set_budget(company.unit.pk, acting_user=stories.staff("manager"), now=NOW, **given)
    first = budget(company.branch, 100)
    assert budget(company.branch, 200).pk == first.pk
    assert [change.amount for change in BudgetChange.objects.order_by("id")] == [100, 200]
    with pytest.raises(BadBudget):
        set_budget(
            company.branch.pk, amount=Decimal(1), currency="USD", from_day=date(2026, 3, 10), to_day=date(2026, 4, 9),
            acting_user=stories.staff("manager"), now=NOW,
        )  # fmt: skip


def test_the_blueprints_budgets_come_each_month_and_leave_a_managers_alone(company):
    Unit.objects.create(code="JFK", name_en="JFK", name_zh="肯", parent=company.unit, path="/HQ/JFK/")
    budget(company.branch, 700)
    assert keep_blueprint_budgets(now=NOW) == 1
    assert keep_blueprint_budgets(now=NOW) == 0
    assert keep_blueprint_budgets(now=NOW + timedelta(days=31)) == 2
    assert Budget.objects.get(unit=company.branch, starts_at__lt=NOW).amount == 700


def test_a_managers_budget_for_some_days_leaves_the_blueprints_on_all_others(company):
    set_budget(
        company.branch.pk, amount=Decimal(50), currency="USD", from_day=date(2026, 3, 5), to_day=date(2026, 3, 7),
        acting_user=stories.staff("manager"), now=NOW,
    )  # fmt: skip
    (rule,) = [one for one in company.pack.leave.budgets if one.depth == 1]
    (action,) = by_hand(company, 1)
    do_action(action.pk, acting_user=stories.staff("front_line"), now=NOW)
    assert keep_blueprint_budgets(now=NOW) == 2
    assert keep_blueprint_budgets(now=NOW) == 0
    rows = Budget.objects.filter(unit=company.branch).order_by("starts_at")
    assert [(row.starts_at.day, row.ends_at.day, row.source, row.spent) for row in rows] == [
        (1, 5, "blueprint", 100),
        (5, 8, "staff", 0),
        (8, 1, "blueprint", 0),
    ]
    first, _, last = rows
    assert first.amount == round(rule.amount * 4 / 31, 2)
    assert last.amount == round(rule.amount * 24 / 31, 2)
    assert all(row.spent == spent_by(row.unit_id, row.currency, row.starts_at, row.ends_at) for row in rows)


@settings(max_examples=10, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.sampled_from(["do", "gesture", "carry", "set"]), st.integers(0, 5)), max_size=10))
def test_what_a_budget_says_is_spent_is_what_the_ledger_says(company, acts):
    with transaction.atomic():
        actions = by_hand(company, 6)
        cases = list(Case.objects.order_by("id").values_list("pk", flat=True))
        someone = stories.staff("front_line")
        for act, pick in acts:
            try:
                with transaction.atomic():
                    if act == "do":
                        do_action(actions[pick].pk, acting_user=someone, now=NOW)
                    elif act == "gesture":
                        make_gesture(cases[pick], "small-voucher", acting_user=someone, now=NOW)
                    elif act == "carry":
                        carry_out(1, 2**60, now=NOW, as_of_ready=False)
                    else:
                        budget((company.unit, company.branch)[pick % 2], 300 * pick)
            except (ValueError, PermissionError):
                continue
        for one in Budget.objects.all():
            assert one.spent == spent_by(one.unit_id, one.currency, one.starts_at, one.ends_at)
        transaction.set_rollback(True)


@pytest.mark.django_db(transaction=True)
def test_two_people_granting_the_last_of_a_budget_at_once_grant_it_once():
    company = stories.company()
    actions = by_hand(company, 2)
    budget(company.unit, 150)  # room for one sum of 100; different customers, different people, one level
    asked = Approval.objects
    for action in actions:
        Action.objects.filter(pk=action.pk).update(amount=700)
    for action in actions:
        do_action(action.pk, acting_user=stories.staff("front_line"), now=NOW)
    asked.update(amount=100)
    Action.objects.filter(amount=700).update(amount=100)
    ids = list(asked.order_by("id").values_list("pk", flat=True))
    people = [stories.staff("supervisor"), stories.staff("manager")]  # of two levels: only the budget is shared
    together = Barrier(2)

    def grant(place: int) -> str:
        try:
            together.wait()
            grant_approval(ids[place], acting_user=people[place], now=NOW)
        except BeyondAuthority as refused:
            return ",".join(refused.limits)
        finally:
            connection.close()
        return "granted"

    with ThreadPoolExecutor(2) as pool:
        said = sorted(pool.map(grant, range(2)))
    assert said == ["granted", "unit_budget"]
    assert Remedy.objects.count() == 1
    assert Budget.objects.get().spent == 100
