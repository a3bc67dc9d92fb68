"""How each case was made good: sums a currency, what was done, and what the customer said, in two queries for all."""

from decimal import Decimal

import pytest
from stories import NOW, Company, broken_flights, staff

from amends.kernel.money import Money
from amends.recover.models import Action, Case, Outcome, Remedy
from amends.recover.selectors import history_for, made_good
from amends.recover.services import open_cases


@pytest.fixture
def cases(company: Company) -> list[Case]:
    open_cases(broken_flights(company, seats=4, kind="unavailable"), now=NOW)
    return list(Case.objects.order_by("pk"))


def give(case: Case, company: Company, *sums: tuple[str, str]) -> None:
    for number, (amount, currency) in enumerate(sums):
        Remedy.objects.create(
            key=f"{case.pk}/{number}",
            case=case,
            customer=case.customer,
            action=case.actions.first(),
            kind="cash",
            amount=Decimal(amount),
            currency=currency,
            granted_at=NOW,
            level="manager",
            blueprint=company.version,
        )


def test_each_case_has_its_own_sums_and_its_own_deeds(cases, company, django_assert_num_queries):
    give(cases[0], company, ("100", "USD"), ("50.50", "USD"), ("30", "CNY"))
    give(cases[1], company, ("7", "USD"))
    Action.objects.filter(case=cases[0], kind__in=("apology", "compensation", "record")).update(state="done")
    Action.objects.filter(case=cases[0], kind="reinstatement").update(state="skipped")
    with django_assert_num_queries(2):
        found = made_good(cases)
    assert found[cases[0].pk].given == (Money(Decimal(30), "CNY"), Money(Decimal("150.50"), "USD"))
    assert found[cases[0].pk].done == ("apology",)
    assert found[cases[1].pk].given == (Money(Decimal(7), "USD"),)
    assert (found[cases[2].pk].given, found[cases[2].pk].done, found[cases[2].pk].answer) == ((), (), "")
    assert made_good([]) == {}


@pytest.mark.parametrize(
    ("state", "said", "answer"),
    [
        ("awaiting_customer", None, ""),
        ("made_good", None, "accepted"),
        ("made_good", True, "accepted"),
        ("closed", True, "accepted"),
        ("closed", False, "objected"),
        ("closed", None, ""),
        ("objected", True, "objected"),  # it was accepted once, and no longer
        ("made_good", False, "accepted"),  # it was refused once, and made good since
    ],
)
@pytest.mark.parametrize("source", ["customer", "simulated", "staff"])
def test_what_the_customer_said_last_counts_and_who_says_so_is_told(cases, state, said, answer, source):
    case = cases[0]
    case.state = state
    if said is not None:
        Outcome.objects.create(case=case, accepted=said, source=source, recorded_at=NOW)
    found = made_good(cases[:1])[case.pk]
    assert (found.answer, found.simulated) == (answer, said is not None and source == "simulated")
    assert found.by_staff == (said is not None and source == "staff")


@pytest.mark.parametrize(
    ("state", "source", "accepted", "counted"),
    [
        ("made_good", "customer", True, (1, 0, 4)),
        ("closed", "customer", True, (1, 0, 4)),
        ("made_good", "staff", True, (0, 0, None)),
        ("closed", "staff", False, (0, 0, None)),
        ("objected", "customer", True, (0, 1, 4)),  # it was accepted once, and no longer
        ("closed", "customer", False, (0, 1, 4)),
        ("made_good", "simulated", True, (1, 0, None)),
    ],
)
def test_the_history_counts_what_the_customer_said_themselves(cases, state, source, accepted, counted):
    case = cases[0]
    Case.objects.filter(pk=case.pk).update(state=state, is_open=state != "closed")
    Outcome.objects.create(case=case, accepted=accepted, satisfaction_after=4, source=source, recorded_at=NOW)
    found = history_for(staff("manager"), case.customer)
    assert (found.made_good, found.objected, found.satisfaction) == counted
    assert found.under_way == (state == "objected")  # one that is made good is not said to be open, too
