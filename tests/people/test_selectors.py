"""Who reaches what: units by their path, customers by search, accounts by unit."""

from collections.abc import Callable

import pytest

from amends.people.models import Staff, Unit
from amends.people.selectors import (
    NotAllowed,
    NotFound,
    access_customer,
    access_staff,
    customers_for,
    require,
    staff_for,
    unit_codes_below,
    unit_for,
    units_below,
    units_for,
)
from amends.people.services import keep_customers

from .conftest import NOW

Hire = Callable[..., Staff]


def names(staff: Staff, search: str) -> list[str]:
    return [customer.name for customer in customers_for(staff, search=search).rows]


@pytest.fixture
def customers(db: None) -> None:
    keep_customers(
        [
            {
                "reference": "C-1",
                "name": "Mary Ann O'Brien",
                "email": "Mary@Example.test",
                "phone": "+1 (212) 555-0101",
            },
            {"reference": "C-12", "name": "王小明", "locale": "zh-CN", "phone": "13800138000"},
            {"reference": "K-2", "name": "Marian Smith", "email": "marian@example.test"},
            {"reference": "100%_", "name": "Percent & Sons", "email": "p@example.test"},
        ],
        now=NOW,
    )


def test_without_a_unit_one_has_the_whole_company(hire: Hire) -> None:
    assert units_below(hire("manager")) is None


def test_one_reaches_the_own_unit_and_those_below_it_and_not_the_neighbour(hire: Hire, units: dict[str, Unit]) -> None:
    staff = hire("manager", unit=units["EWR"])
    assert unit_codes_below(staff) == {"EWR", "EWR-IAH"}  # not EWR_X, which only looks alike
    assert [unit.code for unit in units_for(staff)] == ["EWR", "EWR-IAH"]
    assert unit_for(staff, "EWR-IAH").code == "EWR-IAH"


@pytest.mark.parametrize("code", ["JFK", "HQ", "no such unit"])
def test_a_unit_out_of_reach_and_one_that_is_not_there_give_the_same_answer(
    hire: Hire, units: dict[str, Unit], code: str
) -> None:
    with pytest.raises(NotFound, match=f"There is no unit '{code}' here"):
        unit_for(hire("manager", unit=units["EWR"]), code)


def test_a_right_that_the_role_lacks_is_refused(hire: Hire) -> None:
    with pytest.raises(NotAllowed):
        require(hire("front_line"), "approve")


def test_a_closed_account_has_no_rights(hire: Hire) -> None:
    staff = hire("manager")
    staff.is_active = False
    with pytest.raises(NotAllowed):
        require(staff, "see_cases")


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("", ["Percent & Sons", "Mary Ann O'Brien", "王小明", "Marian Smith"]),
        ("C-1", ["Mary Ann O'Brien", "王小明"]),
        ("c-12", ["王小明"]),
        ("100%", ["Percent & Sons"]),
        ("%", []),
        ("mary@example.TEST ", ["Mary Ann O'Brien"]),
        ("mary@example", []),
        ("+1 212 555-0101", ["Mary Ann O'Brien"]),
        ("13800138000", ["王小明"]),
        ("mar", ["Mary Ann O'Brien", "Marian Smith"]),
        ("brien MARY", ["Mary Ann O'Brien"]),
        ("小明", ["王小明"]),
        ("王", ["王小明"]),
        ("明小", ["王小明"]),
        ("'); drop table people_customer; --", []),
        ("& | ! :* <->", []),
        ("a\0b", []),
        ("' & !", []),
    ],
)
def test_customers_are_found_by_reference_address_and_name(
    hire: Hire, customers: None, search: str, found: list[str]
) -> None:
    assert names(hire("front_line"), search) == found


def test_pages_of_customers_join_without_gap_or_overlap(hire: Hire, customers: None) -> None:
    staff, seen, after = hire("front_line"), [], None
    while True:
        page = customers_for(staff, after=after, limit=3)
        seen += [customer.reference for customer in page.rows]
        after = page.after
        if after is None:
            break
    assert seen == ["100%_", "C-1", "C-12", "K-2"]


def test_a_customer_comes_with_contact_points(hire: Hire, customers: None) -> None:
    staff = hire("front_line")
    mary = access_customer(staff, customers_for(staff, search="C-1").rows[0].pk)
    assert {point.address for point in mary.contact_points.all()} == {"mary@example.test", "+12125550101"}


def test_a_customer_who_is_not_there_is_not_found(hire: Hire) -> None:
    with pytest.raises(NotFound):
        access_customer(hire("front_line"), 10**9)


def test_an_administrator_sees_no_customers(hire: Hire, customers: None) -> None:
    with pytest.raises(NotAllowed):
        customers_for(hire("administrator"))


def test_a_manager_sees_the_colleagues_below_and_no_others(hire: Hire, units: dict[str, Unit]) -> None:
    boss = hire("manager", unit=units["EWR"])
    below = hire("front_line", unit=units["EWR-IAH"])
    beside = hire("front_line", unit=units["JFK"])
    assert {one.pk for one in staff_for(boss).rows} == {boss.pk, below.pk}
    assert access_staff(boss, below.pk) == below
    with pytest.raises(NotFound):
        access_staff(boss, beside.pk)


def test_the_front_line_sees_no_accounts(hire: Hire) -> None:
    with pytest.raises(NotAllowed):
        staff_for(hire("front_line"))
