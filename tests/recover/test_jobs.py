"""The jobs of workers that are gone are done all the same, and those of living ones are left alone."""

import pytest
from django.db import connection

from amends.recover.jobs import retry_stalled

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _queue_is_empty() -> None:
    """Also of what tests of commits have left."""
    with connection.cursor() as cursor:
        cursor.execute("delete from procrastinate_jobs")


def _worker(heard_of: str) -> int:
    """A worker who was last heard of then, as SQL says it."""
    with connection.cursor() as cursor:
        cursor.execute(f"insert into procrastinate_workers (last_heartbeat) values ({heard_of}) returning id")
        return int(cursor.fetchone()[0])


def _job(task: str, *, worker: int | None, status: str = "doing", once: str | None = None) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into procrastinate_jobs (queue_name, task_name, status, worker_id, queueing_lock)"
            " values ('recover', %s, %s, %s, %s) returning id",
            [task, status, worker, once],
        )
        return int(cursor.fetchone()[0])


def _statuses() -> dict[int, str]:
    with connection.cursor() as cursor:
        cursor.execute("select id, status::text from procrastinate_jobs")
        return dict(cursor.fetchall())


def test_a_worker_that_was_last_heard_of_before_the_database_started_is_gone_at_once() -> None:
    gone = _job("a", worker=_worker("pg_postmaster_start_time() - interval '1 millisecond'"))
    at_work = _job("b", worker=_worker("now()"))
    assert retry_stalled() == 1
    assert _statuses() == {gone: "todo", at_work: "doing"}


def test_a_silent_worker_is_gone() -> None:
    gone = _job("a", worker=_worker("now() - interval '31 seconds'"))
    nobodys = _job("b", worker=None)
    assert retry_stalled() == 2
    assert _statuses() == {gone: "todo", nobodys: "todo"}


def test_a_periodic_job_that_is_queued_again_is_not_done_twice_and_holds_up_no_other() -> None:
    silent = _worker("now() - interval '1 hour'")
    _job("each minute", worker=silent, once="each minute")
    _job("each minute", worker=silent, once="each minute")
    queued = _job("each minute", worker=None, status="todo", once="each minute")
    hourly = _job("each hour", worker=silent, once="each hour")
    _job("each hour", worker=silent, once="each hour")
    other = _job("other", worker=silent)
    assert retry_stalled() == 5
    assert _statuses() == {queued: "todo", hourly: "todo", other: "todo"}
