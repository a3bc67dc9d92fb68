"""Two people at once, and a worker killed in the middle: nothing over the limit, nothing lost, nothing twice (Laws 2,
3, 5)."""

import json
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from threading import Barrier, Event, get_ident
from typing import Any

import pytest
import stories
from django.db import connection, transaction

from amends.channels.models import Message
from amends.monitor.models import Failure
from amends.monitor.services.incidents import correlate
from amends.people.core.authority import BeyondAuthority
from amends.people.models import Customer
from amends.recover import ledger, queue
from amends.recover.jobs import retry_stalled
from amends.recover.models import Action, Approval, Case, Remedy
from amends.recover.selectors import unexplained, verify_trail
from amends.recover.services import carry_out, carrying_out, grant_approval, open_cases, opening
from amends.recover.services.carrying_out import CarriedOut
from tests.workers import worker_process

pytestmark = pytest.mark.django_db(transaction=True)
NOW = stories.NOW


def test_two_people_granting_the_last_of_a_limit_at_once_grant_it_once():
    company = stories.company()
    far = {"seats": 1, "distance_km": 5_000, "minutes_late": 400}
    first = stories.broken_flights(company, **far)
    someone = list(Customer.objects.values_list("pk", flat=True))
    second = stories.broken_flights(company, prefix="G", customers=someone, **far)
    third = stories.broken_flights(company, prefix="H", customers=someone, seats=1, minutes_late=100, severity=2)
    open_cases([*first, *second, *third], now=NOW)
    approvals = list(Approval.objects.order_by("pk").values_list("pk", flat=True))
    assert len(approvals) == 2
    limit = next(level for level in company.pack.authority if level.role == "supervisor").per_customer.amount
    case = Case.objects.get(incident_id=third[0])
    Remedy.objects.create(
        key="earlier",
        case=case,
        customer=case.customer,
        action=case.actions.first(),
        kind="cash",
        amount=limit - Decimal(700),  # room for one sum of 600, not for two
        currency="USD",
        granted_at=NOW - timedelta(hours=1),
        level="manager",
        blueprint=company.version,
    )
    first_person, second_person = stories.staff("supervisor"), stories.staff("supervisor")
    granted, said = Event(), []

    def grant_too() -> None:
        try:
            granted.wait()
            grant_approval(approvals[1], acting_user=second_person, now=NOW)
            said.append(())
        except BeyondAuthority as refused:
            said.append(refused.limits)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            grant_approval(approvals[0], acting_user=first_person, now=NOW)
            granted.set()
            other = pool.submit(grant_too)
            _wait_until_blocked(other)
        other.result()
    assert said == [("per_customer",)]
    assert Remedy.objects.exclude(key="earlier").filter(amount=600).count() == 1
    assert sum(Remedy.objects.values_list("amount", flat=True)) <= limit


def test_two_workers_on_the_same_range_do_each_action_once():
    company = stories.company()
    open_cases(stories.broken_flights(company, seats=40, minutes_late=100, severity=2), now=NOW)
    ids = list(Action.objects.filter(state="ready").order_by("pk").values_list("pk", flat=True))
    together = Barrier(2)

    def work(_: int) -> int:
        try:
            together.wait()
            return carry_out(ids[0], ids[-1], now=NOW, as_of_ready=False).done
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(work, range(2)))
    done.append(carry_out(ids[0], ids[-1], now=NOW, as_of_ready=False).done)
    assert sum(done) == len(ids) == Action.objects.filter(state="done").count()
    assert Message.objects.count() == 40  # one letter a case
    assert Remedy.objects.count() == 40


def test_an_incident_that_cannot_be_opened_holds_up_no_other(tmp_path):
    company = stories.company()
    first, broken, last, later = stories.broken_flights(company, flights=4, seats=1)
    with _refused(broken):
        queue.defer_open_cases([first, broken, last], now=NOW)
        queue.defer_open_cases([later], now=NOW)
        _open_what_waits(tmp_path)
        assert _with_cases() >= {later}
        for _ in range(2):  # in halves, then the half with the broken one in halves
            _open_what_waits(tmp_path)
        assert _with_cases() == {first, last, later}
    _open_what_waits(tmp_path)
    assert _with_cases() == {first, broken, last, later}
    assert not _jobs_of(queue.OPEN_CASES, "todo")


@contextmanager
def _refused(incident: int) -> Iterator[None]:
    """The database takes no case of it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "create function refuse() returns trigger language plpgsql as 'begin raise ''not this one''; end'"
        )
        cursor.execute(
            f"create trigger refuse before insert on recover_case for each row when (new.incident_id = {incident})"
            " execute function refuse()"
        )
        yield
        cursor.execute("drop function refuse cascade")


def _open_what_waits(home: Path) -> None:
    with connection.cursor() as cursor:
        cursor.execute("update procrastinate_jobs set scheduled_at = null where status = 'todo'")
    worker = worker_process(home, "--until-idle")
    worker.join(timeout=60)
    assert worker.exitcode == 0


def _with_cases() -> set[int]:
    return set(Case.objects.values_list("incident_id", flat=True))


def test_two_workers_who_grant_the_last_of_a_customers_limit_grant_it_once(monkeypatch):
    company = stories.company()
    customers: list[int] = []
    for prefix in "EGH":
        open_cases(stories.broken_flights(company, prefix=prefix, seats=1, customers=customers), now=NOW)
        customers = list(Customer.objects.values_list("pk", flat=True))
    earlier, first, second = Case.objects.order_by("pk")
    limit = company.pack.authority_of("automatic").per_customer.amount
    sums = [action.amount for action in first.actions.filter(amount__gt=0)]
    Remedy.objects.create(
        key="earlier",
        case=earlier,
        customer_id=customers[0],
        action=earlier.actions.first(),
        kind="cash",
        amount=limit - sum(sums),
        currency="USD",
        granted_at=NOW - timedelta(hours=1),
        level="manager",
        blueprint=company.version,
    )
    together, at_the_lock, granting = Barrier(2), set(), set()
    really_lock, really_grant = ledger.lock_totals, carrying_out._grant

    def lock_totals(**whose: Any) -> None:
        if get_ident() not in at_the_lock:
            at_the_lock.add(get_ident())
            together.wait(timeout=60)  # both have done all else
        really_lock(**whose)

    def grant(cursor: Any, *args: Any) -> None:
        granting.add(get_ident())
        waits = False
        while len(granting) < 2 and not waits:  # the other one comes here, too, unless the lock keeps it
            cursor.execute(
                "select exists (select from pg_stat_activity"
                " where datname = current_database() and wait_event_type = 'Lock')"
            )
            waits = cursor.fetchone()[0]
        really_grant(cursor, *args)

    monkeypatch.setattr(ledger, "lock_totals", lock_totals)
    monkeypatch.setattr(carrying_out, "_grant", grant)

    def work(case: Case) -> CarriedOut:
        try:
            ids = list(case.actions.order_by("pk").values_list("pk", flat=True))
            return carry_out(ids[0], ids[-1], now=NOW, as_of_ready=False)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(work, (first, second)))
    assert sorted(outcome.held_back > 0 for outcome in outcomes) == [False, True]
    given = Remedy.objects.filter(customer_id=customers[0]).order_by("pk")
    assert sum(line.amount for line in given) <= limit
    assert Message.objects.count() == 2  # one letter a case, also of the one that was done anew


def test_a_worker_killed_at_any_moment_loses_nothing_and_does_nothing_twice(tmp_path, monkeypatch):
    monkeypatch.setattr(queue, "CHUNK", 60)
    monkeypatch.setattr(opening, "CHUNK", 60)
    company = stories.company()
    open_cases(stories.broken_flights(company, flights=4, seats=50, minutes_late=100, severity=2), now=NOW)
    wanted = set(Action.objects.filter(state="ready").values_list("pk", flat=True))
    for share in (0.1, 0.4, 0.7):
        worker = worker_process(tmp_path)
        _wait_until(worker, lambda share=share: Action.objects.filter(state="done").count() > share * len(wanted))
        worker.kill()
        worker.join()
        _whole()
        with connection.cursor() as cursor:  # time passes: a dead worker is known by its silence
            cursor.execute("update procrastinate_workers set last_heartbeat = now() - interval '1 hour'")
        retry_stalled()
    last = worker_process(tmp_path, "--until-idle")
    last.join(timeout=120)
    assert last.exitcode == 0
    _whole()
    assert set(Action.objects.filter(state="done").values_list("pk", flat=True)) == wanted
    cases = list(Case.objects.values_list("pk", flat=True))
    assert set(Message.objects.values_list("thread", flat=True)) == {f"case:{pk}" for pk in cases}
    assert Message.objects.count() == len(cases)  # one letter a case tells of all that was done at once
    assert not Message.objects.exclude(state="sent").exists()
    lines = [
        json.loads(line)["key"]
        for file in (tmp_path / "outbox").rglob("*.ndjson")
        for line in file.open(encoding="utf-8")
    ]
    assert Counter(lines) == Counter(Message.objects.values_list("key", flat=True))
    assert verify_trail(cases) == []
    assert unexplained(cases[:10]) == []


def test_what_a_job_enqueues_is_there_only_once_the_job_is_committed(tmp_path):
    company = stories.company()
    incidents = stories.broken_flights(company, seats=3, minutes_late=100, severity=2)
    with connection.cursor() as cursor:
        cursor.execute("delete from procrastinate_jobs")  # other tests may have left some
    queue.defer_open_cases(incidents, now=NOW)
    with transaction.atomic():
        with connection.cursor() as cursor:  # the last table that an opening writes; it may be read
            cursor.execute("lock table monitor_incident in share mode")
        worker = worker_process(tmp_path, "--until-idle")
        _wait_until_blocked_process(worker)
        assert not _jobs_of(queue.CARRY_OUT), "another worker would find nothing to do, and nobody would come again"
    worker.join(timeout=120)
    assert worker.exitcode == 0
    assert not Action.objects.filter(state="ready", performer="automatic").exists()
    assert Action.objects.filter(state="done").exists()


def _jobs_of(task: str, *states: str) -> int:
    """How many there are, of all states where none is given."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from procrastinate_jobs where task_name = %s and (%s = '{}' or status::text = any(%s))",
            [task, list(states), list(states)],
        )
        return int(cursor.fetchone()[0])


def _wait_until_blocked_process(worker: ForkServerProcess) -> None:
    """Until the worker's transaction waits for a lock of ours."""
    for _ in range(6_000):
        if _keeps_anybody_waiting():
            return
        worker.join(timeout=0.01)
        assert worker.exitcode is None, f"the worker ended with {worker.exitcode} and waited for nothing"
    raise AssertionError("the worker neither waits nor ends")


def _keeps_anybody_waiting() -> bool:
    """Whether a transaction waits for a lock of this one; others on the server wait for each other, too."""
    with connection.cursor() as cursor:
        cursor.execute("select exists (select from pg_locks where pg_backend_pid() = any(pg_blocking_pids(pid)))")
        return bool(cursor.fetchone()[0])


def _wait_until_blocked(other: Future[None]) -> None:
    """Until the other transaction waits for a lock of ours, or is through without one."""
    for _ in range(6_000):
        if _keeps_anybody_waiting():
            return
        try:
            other.result(timeout=0.01)
        except TimeoutError:
            continue
        return
    raise AssertionError("the other transaction neither waits nor ends")


def _whole() -> None:
    """Whatever was done has its letter, one a case, and its line in the ledger if it gives something; whatever was not
    has neither."""
    done = set(Action.objects.filter(state="done").values_list("case_id", flat=True))
    given = set(Action.objects.filter(state="done", amount__gt=0).values_list("pk", flat=True))
    assert sorted(Message.objects.values_list("thread", flat=True)) == sorted(f"case:{pk}" for pk in done)
    assert set(Remedy.objects.values_list("action_id", flat=True)) == given


def _wait_until(worker: ForkServerProcess, there) -> None:
    for _ in range(6_000):
        if there():
            return
        worker.join(timeout=0.01)
        if worker.exitcode is not None:
            break
    assert there(), "the worker ended before it got so far"


def test_the_monitor_counts_what_joins_an_incident_while_its_cases_are_being_opened(monkeypatch):
    company = stories.company()
    incidents = stories.broken_flights(company)
    whole, at_it, counted = opening._open_all, Event(), Event()

    def slowly(*given: Any, **named: Any) -> opening.Opened:
        done = whole(*given, **named)
        at_it.set()
        counted.wait(60)
        return done

    monkeypatch.setattr(opening, "_open_all", slowly)

    def opens() -> int:
        try:
            return open_cases(incidents, now=NOW).cases
        finally:
            connection.close()

    failures = list(Failure.objects.filter(incident__in=incidents).values_list("pk", flat=True))
    with ThreadPoolExecutor(1) as pool:
        cases = pool.submit(opens)
        assert at_it.wait(60)
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("set local lock_timeout = '5s'")
                assert correlate(failures, version=company.version) == set(incidents)
        finally:
            counted.set()
        assert cases.result() == Case.objects.count() > 0
