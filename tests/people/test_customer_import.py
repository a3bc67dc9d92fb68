"""Customers set-wise: good rows stay, bad ones go with their reason, the same reference is the same customer."""

import threading
from decimal import Decimal

import pyarrow as pa
import pytest
from django.db import connection

from amends.people.models import ContactPoint, Customer
from amends.people.services import keep_customers

from .conftest import NOW

pytestmark = pytest.mark.django_db


def test_the_same_reference_is_updated_and_not_doubled() -> None:
    first = keep_customers([{"reference": "A", "name": "Ann", "tier": "gold", "value": 10.5}], now=NOW)
    second = keep_customers([{"reference": "A", "name": "Anna"}, {"reference": "B", "name": "Bob"}], now=NOW)
    assert (first.new, first.updated) == (1, 0)
    assert (second.new, second.updated) == (1, 1)
    anna = Customer.objects.get(reference="A")
    assert (anna.name, anna.tier, anna.value) == ("Anna", "gold", Decimal("10.50"))


def test_what_a_row_does_not_say_stays_on_record() -> None:
    keep_customers(
        [{"reference": "A", "name": "Ann", "consent_contact": False, "vulnerable": True, "locale": "zh-CN"}], now=NOW
    )
    keep_customers([{"reference": "A", "email": "ann@example.test"}], now=NOW)
    ann = Customer.objects.get(reference="A")
    assert (ann.name, ann.consent_contact, ann.vulnerable, ann.locale) == ("Ann", False, True, "zh-CN")


def test_of_one_reference_twice_in_one_batch_the_last_row_counts() -> None:
    kept = keep_customers([{"reference": "A", "name": "first"}, {"reference": "A", "name": "last"}], now=NOW)
    assert (kept.new, kept.updated) == (1, 0)
    assert [(one.index, one.reference, one.reason) for one in kept.rejected] == [
        (0, "A", "the customer comes again at index 1, and that row counts")
    ]
    assert Customer.objects.get().name == "last"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"reference": None}, "no reference"),
        ({"reference": " "}, "no reference"),
        ({"reference": "x" * 101}, "more than 100"),
        ({"kind": "martian"}, "unknown kind martian"),
        ({"locale": "klingon"}, "unknown locale klingon"),
        ({"locale": "xx-YY"}, "unknown locale xx-YY"),
        ({"locale": ""}, "unknown locale"),
        ({"name": None}, "needs a name"),
        ({"name": "n" * 201}, "more than 200"),
        ({"value": -1}, "no amount"),
        ({"value": "NaN"}, "no amount"),
        ({"value": 10**12}, "no amount"),
        ({"currency": "XXZ"}, "unknown currency XXZ"),
        ({"vulnerable": "maybe"}, "neither true nor false"),
        ({"email": "nobody"}, "no e-mail address"),
        ({"phone": "call me"}, "no telephone number"),
    ],
)
def test_a_bad_row_is_turned_away_with_its_reason_and_the_good_ones_stay(
    change: dict[str, object], reason: str
) -> None:
    bad = {"reference": "BAD", "name": "Bad", **change}
    kept = keep_customers([{"reference": "A", "name": "Ann"}, bad, {"reference": "C", "name": "Cid"}], now=NOW)
    assert kept.new == 2
    assert [(one.index, reason in one.reason) for one in kept.rejected] == [(1, True)], kept.rejected
    assert set(Customer.objects.values_list("reference", flat=True)) == {"A", "C"}


def test_all_that_is_wrong_with_a_row_is_said_at_once() -> None:
    kept = keep_customers([{"reference": "A", "name": "Ann", "email": "notmail", "locale": "xx"}], now=NOW)
    assert [one.reason for one in kept.rejected] == [
        "unknown locale xx: such as en, en-GB, zh-CN; notmail is no e-mail address"
    ]


def test_a_value_without_a_currency_is_in_the_one_that_is_usual_here_and_what_is_on_record_stays() -> None:
    keep_customers([{"reference": "A", "name": "Ann", "value": 10}], now=NOW)
    rows = [
        {"reference": "A", "value": 20},
        {"reference": "B", "name": "Bo", "value": 5000},
        {"reference": "C", "name": "Cy", "value": 1, "currency": "EUR"},
    ]
    keep_customers(rows, now=NOW, currency="CNY")
    assert dict(Customer.objects.values_list("reference", "currency")) == {"A": "USD", "B": "CNY", "C": "EUR"}


def test_hostile_words_are_only_words() -> None:
    names = ["'; drop table people_customer; --", 'a,"b"\nc', "\\.", "\\N", "=1+1", "%s {x}", "🙂 \u202e"]
    keep_customers([{"reference": f"R{i}", "name": name} for i, name in enumerate(names)], now=NOW)
    assert list(Customer.objects.order_by("reference").values_list("name", flat=True)) == names


def test_a_new_address_takes_the_place_of_the_old_one_of_its_kind() -> None:
    keep_customers([{"reference": "A", "name": "A", "email": "Old@example.test", "phone": "+1 212 555 0100"}], now=NOW)
    keep_customers([{"reference": "A", "email": "new@example.test"}], now=NOW)
    assert set(ContactPoint.objects.values_list("kind", "address", "rank")) == {
        ("email", "new@example.test", 0),
        ("phone", "+12125550100", 1),
    }


def test_an_arrow_table_is_taken_as_it_is() -> None:
    table = pa.table(
        {
            "reference": ["A", "B"],
            "name": ["Ann", "王小明"],
            "locale": ["en", "zh-Hans"],
            "value": pa.array([Decimal("1.25"), None], pa.decimal128(12, 2)),
            "vulnerable": [True, None],
            "vulnerable_reason": ["medical_condition", None],
            "synthetic": [True, True],
        }
    )
    assert keep_customers(table, now=NOW).new == 2
    assert set(Customer.objects.values_list("name", "value", "vulnerable", "synthetic")) == {
        ("Ann", Decimal("1.25"), True, True),
        ("王小明", Decimal(0), False, True),
    }


def test_a_column_that_customers_do_not_have_is_an_error() -> None:
    with pytest.raises(ValueError, match="no column shoe_size"):
        keep_customers([{"reference": "A", "name": "A", "shoe_size": 9}], now=NOW)
    with pytest.raises(ValueError, match="needs the column reference"):
        keep_customers([{"name": "A"}], now=NOW)


def test_nothing_is_nothing() -> None:
    assert keep_customers([], now=NOW).new == 0


@pytest.mark.django_db(transaction=True)
def test_imports_at_once_neither_double_nor_block_each_other_for_ever() -> None:
    together, faults = threading.Barrier(3), []

    def keep(order: int) -> None:
        rows = [{"reference": f"R{i:03}", "name": f"from {order}"} for i in range(200)]
        try:
            together.wait()
            for _ in range(3):
                keep_customers(rows if order % 2 else rows[::-1], now=NOW)
        except Exception as error:  # noqa: BLE001 -- told to the main thread
            faults.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=keep, args=(order,)) for order in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults
    assert Customer.objects.count() == 200
