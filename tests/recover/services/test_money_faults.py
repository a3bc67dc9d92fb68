"""Money under fire: many tills at once, a worker killed between ledger and payout, chaos. Paid once, and it adds up."""

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from threading import Barrier

import pytest
import stories
from django.db import connection, transaction

from amends.recover import queue
from amends.recover.core.refusals import VoucherEnded
from amends.recover.jobs import retry_stalled
from amends.recover.models import Action, LedgerEntry, Payout, PayoutBatch, Remedy, Voucher
from amends.recover.payouts.connector import Result
from amends.recover.services import open_cases
from amends.recover.services.reconciling import reconcile
from amends.recover.services.settling import order_payouts, reference_of, settle
from amends.recover.services.vouchers import redeem
from amends.recover.voucher_codes import code_for
from tests.recover.services.test_carrying_out import all_out
from tests.recover.services.test_faults import _wait_until, _wait_until_blocked_process
from tests.workers import do_jobs, worker_process

pytestmark = pytest.mark.django_db(transaction=True)
NOW = stories.NOW
CLIENTS = 50


def granted(seats=4):
    """A long delay: each customer is owed cash and has a meal voucher."""
    company = stories.company()
    open_cases(stories.broken_flights(company, seats=seats, minutes_late=200), now=NOW)
    all_out()
    with connection.cursor() as cursor:
        cursor.execute("delete from procrastinate_jobs")  # letters are not what this is about
    return company


def comes_to_zero():
    found = reconcile(now=NOW)
    assert [one for one in found.checks if Decimal(one["books"]) != Decimal(one["records"])] == []


def payout_lines(folder):
    return [
        line.split(",")[0]
        for file in (folder / "payouts").rglob("*.csv")
        for line in file.read_text(encoding="utf-8-sig").splitlines()[1:-1]
    ]


def test_fifty_tills_at_once_redeem_a_voucher_once():
    granted(seats=1)
    code = code_for(Voucher.objects.get().pk)
    together = Barrier(CLIENTS)

    def till(number: int) -> bool:
        try:
            connection.ensure_connection()
            together.wait()
            redeem(code, unit=None, reference=f"sale {number}", by=f"till {number}", now=NOW)
        except VoucherEnded:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(CLIENTS) as pool:
        assert Counter(pool.map(till, range(CLIENTS))) == {True: 1, False: CLIENTS - 1}
    assert LedgerEntry.objects.filter(what="redeem").count() == 1
    comes_to_zero()


def test_a_worker_killed_between_the_file_and_the_books_pays_nobody_twice(tmp_path):
    granted()
    order_payouts(now=NOW)
    with transaction.atomic():
        list(Payout.objects.select_for_update())  # the file can be written, and what it says can't be noted
        worker = worker_process(tmp_path)
        _wait_until_blocked_process(worker)
        worker.kill()
        worker.join()
    first = payout_lines(tmp_path)
    assert len(first) == 4
    assert Payout.objects.filter(state="ordered").count() == 4
    comes_to_zero()
    with connection.cursor() as cursor:  # time passes: a dead worker is known by its silence
        cursor.execute("update procrastinate_workers set last_heartbeat = now() - interval '1 hour'")
    retry_stalled()
    do_jobs(tmp_path)
    assert payout_lines(tmp_path) == first
    assert Payout.objects.filter(state="sent").count() == 4
    assert PayoutBatch.objects.filter(sent_at=None).count() == 0
    comes_to_zero()


def test_after_chaos_everything_is_paid_once_and_adds_up(tmp_path, monkeypatch):
    chance = random.Random(5)
    monkeypatch.setattr(queue, "CHUNK", 20)
    company = stories.company()
    open_cases(stories.broken_flights(company, flights=3, seats=40, minutes_late=200), now=NOW)
    due = Action.objects.filter(state="ready", performer="automatic", amount__gt=0).count()
    for share in (0.2, 0.5, 0.8):
        worker = worker_process(tmp_path)
        _wait_until(worker, lambda share=share: Remedy.objects.count() > share * due)
        order_payouts(now=NOW, limit=30)
        worker.kill()
        worker.join()
        comes_to_zero()
        with connection.cursor() as cursor:
            cursor.execute("update procrastinate_workers set last_heartbeat = now() - interval '1 hour'")
        retry_stalled()
        for voucher in chance.sample(list(Voucher.objects.filter(state="open")), 5):
            redeem(code_for(voucher.pk), unit=None, reference="", now=NOW)
    do_jobs(tmp_path)
    while order_payouts(now=NOW + timedelta(hours=1)):
        pass
    do_jobs(tmp_path)
    lines = payout_lines(tmp_path)
    payouts = list(Payout.objects.all())
    assert Counter(lines) == Counter(reference_of(one.pk, one.round) for one in payouts)
    assert len(payouts) == Remedy.objects.filter(kind__in=["cash", "refund"]).count() > 100
    answers = [
        Result(reference=line, outcome="returned" if chance.random() < 0.1 else "paid")
        for line in chance.sample(lines, 90)
    ]
    settle(answers, now=NOW)
    settle(chance.sample(answers, 50), now=NOW)  # a part of the bank's answer comes twice
    comes_to_zero()
