"""The books: every grant, payout, redemption, expiry and reversal has its entry, and they reconcile to zero."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
import stories
from django.db import DatabaseError, connection, transaction

from amends.kernel.lifecycle import IllegalMove
from amends.people.selectors import NotAllowed, NotFound
from amends.recover import ledger
from amends.recover.core.refusals import NotReversible, VoucherEnded
from amends.recover.models import Approval, Budget, LedgerEntry, Payout, PayoutBatch, Reconciliation, Remedy, Voucher
from amends.recover.payouts.connector import Result
from amends.recover.selectors.money import balances
from amends.recover.services import carry_out, open_cases, set_budget
from amends.recover.services.reconciling import reconcile
from amends.recover.services.reversing import reverse_remedy
from amends.recover.services.settling import order_payouts, pay_again, reference_of, send_batch, settle
from amends.recover.services.vouchers import expire_vouchers, redeem
from amends.recover.voucher_codes import code_for
from tests.recover.services.test_carrying_out import all_out, opened

NOW = stories.NOW
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def granted(company, settings, tmp_path):
    """Four customers of a long delay: each is owed cash and has a meal voucher."""
    settings.PAYOUTS_PATH = tmp_path / "payouts"
    from amends.recover.payouts.registry import connector

    connector.cache_clear()
    opened(company, seats=4, minutes_late=200, distance_km=2_000)
    all_out()
    yield company
    connector.cache_clear()


def accounts(staff=None):
    executive = staff or stories.staff("executive")
    return {one.account: one.amount for one in balances(executive)}


def sent_all(*, now=NOW):
    batches = order_payouts(now=now)
    for batch in batches:
        assert send_batch(batch, now=now)
    return batches


def comes_to_zero():
    found = reconcile(now=LATER)
    assert [one for one in found.checks if Decimal(one["books"]) != Decimal(one["records"])] == []
    assert found.differences == 0
    return found


def test_a_grant_is_booked_with_what_it_owes(granted):
    cash, vouchers = (Remedy.objects.filter(kind=kind) for kind in ("cash", "voucher"))
    assert cash.count() == vouchers.count() == 4
    assert Payout.objects.filter(state="due", connector="bank_file").count() == 4
    assert Voucher.objects.filter(state="open").count() == 4
    assert LedgerEntry.objects.filter(what="grant").count() == 8
    owed, open_vouchers = (sum(one.amount for one in rows) for rows in (cash, vouchers))
    assert accounts() == {"cost": owed + open_vouchers, "owed": -owed, "vouchers": -open_vouchers}
    comes_to_zero()


def test_what_is_due_is_ordered_sent_and_paid_and_each_step_is_booked_once(granted):
    (batch,) = sent_all()
    assert not send_batch(batch, now=LATER)  # a second time is no time
    assert order_payouts(now=LATER) == []
    kept = PayoutBatch.objects.get()
    references = [reference_of(one.pk, one.round) for one in Payout.objects.order_by("pk")]
    lines = (granted_file(kept)).splitlines()
    assert [line.split(",")[0] for line in lines[1:-1]] == references
    assert lines[-1].split(",")[:4] == ["total", "", "4", str(kept.total)]
    told = [Result(reference=reference, outcome="paid") for reference in references]
    first = settle(told, now=LATER)
    again = settle(told, now=LATER)
    assert (first.paid, again.paid, again.already) == (4, 0, 4)
    assert accounts()["paid"] == -kept.total
    assert accounts()["owed"] == accounts()["in_transit"] == 0
    comes_to_zero()


def granted_file(batch):
    from django.conf import settings

    return (settings.PAYOUTS_PATH / batch.receipt).read_text(encoding="utf-8-sig")


def test_a_batch_that_is_told_again_writes_the_same_file_in_its_place(granted, settings):
    (batch,) = sent_all()
    before = granted_file(PayoutBatch.objects.get(pk=batch))
    # as after a crash between the file and the commit
    PayoutBatch.objects.filter(pk=batch).update(sent_at=None, receipt="")
    Payout.objects.update(state="ordered")
    assert send_batch(batch, now=LATER)
    assert granted_file(PayoutBatch.objects.get(pk=batch)) == before
    assert len([file for file in settings.PAYOUTS_PATH.rglob("*") if file.is_file()]) == 1
    comes_to_zero()


def test_what_comes_back_is_owed_again_and_paid_under_a_reference_of_its_own(granted):
    sent_all()
    payout = Payout.objects.order_by("pk").first()
    manager = stories.staff("manager")
    back = settle(
        [Result(reference=reference_of(payout.pk, 1), outcome="returned", note="account closed")],
        now=LATER,
        acting_user=manager,
    )
    assert back.returned == 1
    assert accounts()["owed"] == -payout.amount
    comes_to_zero()
    pay_again(payout.pk, acting_user=manager, now=LATER)
    (second,) = sent_all(now=LATER)
    assert PayoutBatch.objects.get(pk=second).count == 1
    late = settle([Result(reference=reference_of(payout.pk, 1), outcome="paid")], now=LATER)
    assert late.unknown == (reference_of(payout.pk, 1),)  # the first attempt is over
    assert settle([Result(reference=reference_of(payout.pk, 2), outcome="paid")], now=LATER).paid == 1
    with pytest.raises(IllegalMove):
        pay_again(payout.pk, acting_user=manager, now=LATER)
    comes_to_zero()


def test_what_the_bank_sends_back_after_it_was_paid_is_owed_again(granted):
    sent_all()
    payout = Payout.objects.order_by("pk").first()
    paid, returned = (
        [Result(reference=reference_of(payout.pk, 1), outcome=outcome)] for outcome in ("paid", "returned")
    )
    assert settle(paid, now=LATER).paid == 1
    assert [settle(returned, now=LATER).returned for _ in range(2)] == [1, 0]
    payout.refresh_from_db()
    assert payout.state == "returned"
    assert (accounts()["paid"], accounts()["owed"]) == (0, -payout.amount)
    comes_to_zero()
    pay_again(payout.pk, acting_user=stories.staff("manager"), now=LATER)
    sent_all(now=LATER)
    assert settle([Result(reference=reference_of(payout.pk, 2), outcome="paid")], now=LATER).paid == 1
    assert accounts()["paid"] == -payout.amount
    comes_to_zero()


def test_answers_that_are_none_of_ours_are_told_and_change_nothing(granted):
    told = [Result(reference=one, outcome="paid") for one in ("P0-1", "P99999999999999999999-1", "Q1", "", "P-")]
    assert set(settle(told, now=LATER).unknown) == {one.reference for one in told}
    due = Payout.objects.first()
    never_sent = settle([Result(reference=reference_of(due.pk, 1), outcome="paid")], now=LATER)
    assert never_sent.unknown == (reference_of(due.pk, 1),)


def test_a_voucher_is_redeemed_once_and_the_same_sale_gets_the_same_answer(granted):
    voucher = Voucher.objects.order_by("pk").first()
    till = {"unit": granted.branch, "acting_user": stories.staff("front_line", unit=granted.branch)}
    used = redeem(code_for(voucher.pk), reference="S-1", now=LATER, **till)
    assert (used.state, used.redeemed_at_unit_id) == ("redeemed", granted.branch.pk)
    assert redeem(code_for(voucher.pk), reference="S-1", now=LATER, **till).ended_at == used.ended_at
    for reference in ("S-2", ""):
        with pytest.raises(VoucherEnded, match="redeemed before"):
            redeem(code_for(voucher.pk), reference=reference, now=LATER, **till)
    assert LedgerEntry.objects.filter(what="redeem").count() == 1
    comes_to_zero()


def test_the_same_number_of_a_sale_at_another_till_is_another_sale(granted):
    code, long = code_for(Voucher.objects.first().pk), "S" * 120
    redeem(code, unit=granted.branch, reference=long, by="till A", now=LATER)
    assert redeem(code, unit=granted.branch, reference=long, by="till A", now=LATER).redeemed_by == "till A"
    for unit, till in ((granted.unit, "till A"), (granted.branch, "till B"), (None, "till A")):
        with pytest.raises(VoucherEnded, match="redeemed before"):
            redeem(code, unit=unit, reference=long, by=till, now=LATER)
    comes_to_zero()


def test_a_code_that_was_never_given_out_and_a_unit_out_of_reach_are_not_found(granted):
    elsewhere = stories.staff("front_line", unit=granted.branch)
    code = code_for(Voucher.objects.first().pk)
    with pytest.raises(NotFound):
        redeem("0000-0001-0000-0000-0000", unit=granted.branch, reference="", now=LATER, acting_user=elsewhere)
    with pytest.raises(NotFound):
        redeem(code, unit=granted.unit, reference="", now=LATER, acting_user=elsewhere)
    with pytest.raises(NotAllowed):
        redeem(code, unit=granted.unit, reference="", now=LATER, acting_user=stories.staff("administrator"))


def test_a_code_is_good_under_the_secret_that_was_replaced(granted, settings):
    code = code_for(Voucher.objects.first().pk)
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another"
    assert redeem(code, unit=None, reference="", by="till 4", now=LATER).redeemed_by == "till 4"


def test_vouchers_run_out_when_their_time_has_come(granted):
    first = Voucher.objects.order_by("pk").first()
    assert first.expires_at == first.issued_at + timedelta(days=365)
    at = first.expires_at
    assert expire_vouchers(now=at - timedelta(days=1)) == 0
    with pytest.raises(VoucherEnded, match="expired"):  # also before the sweep came by
        redeem(code_for(first.pk), unit=None, reference="", now=at)
    assert expire_vouchers(now=at + timedelta(days=1)) == 4
    assert expire_vouchers(now=at + timedelta(days=1)) == 0
    assert accounts()["vouchers"] == 0
    comes_to_zero()


def test_what_is_not_with_the_customer_yet_is_taken_back_by_a_line_of_its_own(granted):
    manager = stories.staff("manager")
    today = NOW.date()
    set_budget(
        granted.branch.pk, amount=Decimal(5_000), currency="USD", from_day=today, to_day=today,
        acting_user=manager, now=NOW,
    )  # fmt: skip
    spent = Budget.objects.get().spent
    cash = Remedy.objects.filter(kind="cash").order_by("pk").first()
    back = reverse_remedy(cash.pk, reason="Paid at the desk already.", acting_user=manager, now=LATER)
    assert (back.amount, back.reverses_id, back.note) == (-cash.amount, cash.pk, "Paid at the desk already.")
    assert Payout.objects.get(remedy=cash).state == "cancelled"
    assert Budget.objects.get().spent == spent - cash.amount
    meal = Remedy.objects.filter(kind="voucher").order_by("pk").first()
    reverse_remedy(meal.pk, reason="Twice.", acting_user=manager, now=LATER)
    with pytest.raises(VoucherEnded, match="taken back"):
        redeem(code_for(Voucher.objects.get(remedy=meal).pk), unit=None, reference="", now=LATER)
    with pytest.raises(NotReversible, match="taken back before"):
        reverse_remedy(cash.pk, reason="Again.", acting_user=manager, now=LATER)
    with pytest.raises(NotReversible, match="taken back before"):
        reverse_remedy(back.pk, reason="The other way round.", acting_user=manager, now=LATER)
    comes_to_zero()


def test_what_is_taken_back_in_a_later_period_makes_no_room_in_it(granted):
    """Else a cap of 1,000 would let out what was taken back besides."""
    manager, later = stories.staff("manager"), NOW + timedelta(days=40)
    customer = Remedy.objects.order_by("pk").first().customer_id
    lines = list(Remedy.objects.filter(customer_id=customer).order_by("pk"))
    span = {"since": later - timedelta(days=30), "until": later}
    for line in lines:
        reverse_remedy(line.pk, reason="Paid at the desk already.", acting_user=manager, now=later)
    assert ledger.by_customer([customer], **span) == {}
    assert ledger.of_level(lines[0].level, **span) == ledger.to_household([customer], **span) == 0
    assert ledger.own_lines(manager.pk, **span) == []
    incidents = []
    for prefix in "GHI":
        incidents += stories.broken_flights(granted, prefix=prefix, customers=[customer], found_at=later)
    open_cases(incidents, now=later)
    carry_out(1, 2**60, now=later, as_of_ready=False)
    fresh = Remedy.objects.filter(customer_id=customer, granted_at__gte=later, reverses=None)
    level = granted.pack.authority_of("automatic")
    assert sum(fresh.values_list("amount", flat=True)) <= level.per_customer.amount
    assert {why.inputs["limits"][0] for why in (one.why for one in Approval.objects.all())} == {"per_customer"}
    assert (
        min(fresh.values_list("customer_before", flat=True)) == min(fresh.values_list("level_before", flat=True)) == 0
    )


def test_what_is_taken_back_within_the_period_makes_room_again(granted):
    line = Remedy.objects.filter(kind="cash").order_by("pk").first()
    span = {"since": NOW - timedelta(days=1), "until": LATER}
    before, level = ledger.by_customer([line.customer_id], **span), ledger.of_level(line.level, **span)
    reverse_remedy(line.pk, reason="Twice.", acting_user=stories.staff("manager"), now=LATER)
    after = ledger.by_customer([line.customer_id], **span)
    assert before[line.customer_id] - after[line.customer_id] == line.amount
    assert level - ledger.of_level(line.level, **span) == line.amount


def test_what_is_on_its_way_or_used_is_not_taken_back(granted):
    manager = stories.staff("manager")
    sent_all()
    with pytest.raises(NotReversible, match="on its way"):
        reverse_remedy(Remedy.objects.filter(kind="cash").first().pk, reason="No.", acting_user=manager, now=LATER)
    voucher = Voucher.objects.first()
    redeem(code_for(voucher.pk), unit=None, reference="", now=LATER)
    with pytest.raises(NotReversible, match="redeemed"):
        reverse_remedy(voucher.remedy_id, reason="No.", acting_user=manager, now=LATER)
    with pytest.raises(NotReversible, match="Say why"):
        reverse_remedy(voucher.remedy_id, reason="  ", acting_user=manager, now=LATER)


def test_only_who_may_and_reaches_the_case_takes_anything_back(granted):
    remedy = Remedy.objects.first()
    with pytest.raises(NotAllowed):
        reverse_remedy(remedy.pk, reason="No.", acting_user=stories.staff("supervisor"), now=LATER)
    other = type(granted.branch).objects.create(
        code="JFK", name_en="Kennedy", name_zh="肯尼迪", parent=granted.unit, path="/HQ/JFK/"
    )
    elsewhere = stories.staff("manager", unit=other)
    with pytest.raises(NotFound):
        reverse_remedy(remedy.pk, reason="No.", acting_user=elsewhere, now=LATER)
    with pytest.raises(NotAllowed):
        balances(elsewhere)
    with pytest.raises(NotAllowed):
        reconcile(now=LATER, acting_user=elsewhere)
    sent_all()
    payout = Payout.objects.first()
    unseen = settle([Result(reference=reference_of(payout.pk, 1), outcome="paid")], now=LATER, acting_user=elsewhere)
    assert unseen.unknown == (reference_of(payout.pk, 1),)


def test_a_budget_and_its_changes_are_booked_also_what_was_given_before_it_began(granted):
    manager = stories.staff("manager")
    days = {"from_day": NOW.date(), "to_day": NOW.date() + timedelta(days=1), "acting_user": manager, "now": NOW}
    for amount in (9_000, 7_000, 8_000):
        set_budget(granted.branch.pk, amount=Decimal(amount), currency="USD", **days)
    spent = Budget.objects.get().spent
    assert spent > 0
    told = accounts()
    assert (told["budget_set"], told["budget_used"], told["budget_left"]) == (-8_000, spent, 8_000 - spent)
    opened(granted, seats=2, minutes_late=200, prefix="H")
    all_out()
    assert accounts()["budget_used"] == Budget.objects.get().spent > spent
    comes_to_zero()


def test_a_budget_that_begins_after_a_reversal_counts_it_in_the_month_of_its_grant(granted):
    manager, later = stories.staff("manager"), NOW + timedelta(days=40)
    line = Remedy.objects.filter(kind="cash").order_by("pk").first()
    given = sum(Remedy.objects.values_list("amount", flat=True))
    reverse_remedy(line.pk, reason="Twice.", acting_user=manager, now=later)
    unit = {"unit_id": granted.branch.pk, "amount": Decimal(5_000), "currency": "USD", "acting_user": manager}
    then = set_budget(from_day=date(2026, 3, 1), to_day=date(2026, 3, 31), now=later, **unit)
    after = set_budget(from_day=date(2026, 4, 1), to_day=date(2026, 4, 30), now=later, **unit)
    assert (then.spent, after.spent) == (given - line.amount, 0)
    comes_to_zero()


@pytest.mark.parametrize("statement", ["update recover_ledgerentry set amount = 1", "delete from recover_ledgerentry"])
def test_the_books_are_append_only(granted, statement):
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_a_difference_is_found_and_named(granted):
    with connection.cursor() as cursor:
        cursor.execute("set local session_replication_role = replica")  # past the triggers, as a bad hand would
        cursor.execute("delete from recover_ledgerentry where what = 'grant' and credit = 'owed'")
        cursor.execute("set local session_replication_role = default")
    found = reconcile(now=LATER)
    off = {one["what"] for one in found.checks if Decimal(one["books"]) != Decimal(one["records"])}
    assert off == {"grants", "owed", "unbooked"}
    assert found.differences == 3
    assert Reconciliation.objects.count() == 1
