"""Files for the bank: whole, the same however often they are written, and safe to open in a spreadsheet."""

import csv
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from amends.recover.payouts.bank_file import COLUMNS, BankFile
from amends.recover.payouts.connector import Batch, NotSent, Order

ORDERED = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def order(number=1, **other):
    given_facts = {
        "payout_id": number, "remedy_id": number, "reference": f"P{number}-1", "customer": "C-1", "name": "王小明",
        "kind": "cash", "amount": Decimal("12.50"), "currency": "CNY", "case_id": 7, "case_subject": "SF 1",
    }  # fmt: skip
    return Order(**{**given_facts, **other})


def batch(*orders, key="1-abc"):
    return Batch(key=key, ordered_at=ORDERED, currency="CNY", orders=orders or (order(),))


def rows_of(place):
    with place.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def test_a_file_has_a_line_an_order_and_their_sum(tmp_path):
    sent = BankFile(tmp_path).send(batch(order(1), order(2, amount=Decimal(1000))))
    assert sent.receipt == "2026-03-02/1-abc.csv"
    rows = rows_of(tmp_path / sent.receipt)
    assert rows[0] == list(COLUMNS)
    assert rows[1] == ["P1-1", "C-1", "王小明", "12.50", "CNY", "cash", "7", "SF 1"]
    assert rows[-1] == ["total", "", "2", "1012.50", "CNY", "", "1-abc", ""]


def test_written_again_it_is_the_same_file(tmp_path):
    one = BankFile(tmp_path)
    first = (tmp_path / one.send(batch()).receipt).read_bytes()
    assert (tmp_path / one.send(batch()).receipt).read_bytes() == first
    assert len([file for file in tmp_path.rglob("*") if file.is_file()]) == 1


def test_a_name_that_is_a_formula_stays_a_name(tmp_path):
    place = BankFile(tmp_path).send(batch(order(name="=HYPERLINK(1)", customer="+C", case_subject="@x"))).receipt
    assert rows_of(tmp_path / place)[1][1:3] == ["'+C", "'=HYPERLINK(1)"]


def test_a_folder_that_cannot_be_written_is_told_and_leaves_nothing(tmp_path):
    (tmp_path / "2026-03-02").write_text("in the way", encoding="ascii")
    with pytest.raises(NotSent, match="could not be written"):
        BankFile(tmp_path).send(batch())
    assert [file.name for file in tmp_path.rglob("*")] == ["2026-03-02"]
