"""What a machine that watches us asks: alive, ready, and in figures.

`/healthz` says the process answers, whatever the database does; `/readyz` that it can work; `/metrics` is for
Prometheus, on this machine or with a token of the scope `read:metrics`. Each web process counts its own requests; set
PROMETHEUS_MULTIPROC_DIR to an empty folder to have all of them in every answer.
"""

import ipaddress
import os
from collections.abc import Callable, Iterator
from typing import Any, Final

from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest, multiprocess
from prometheus_client.core import GaugeMetricFamily

from amends.monitor.models import MonitorProgress
from amends.monitor.selectors import backlog, clocks_ahead
from amends.people.core.rights import may
from amends.people.core.scopes import SCOPES
from amends.people.services import token_owner
from amends.policy.present import present
from amends.policy.selectors import NotSetUp, deployment

SCOPE: Final = "read:metrics"
# Name and meaning of a figure, and the table or partial index whose number of rows PostgreSQL has an estimate of
ESTIMATES: Final = (
    ("amends_signals", "Signals on record", "monitor_signal"),
    ("amends_signals_set_aside", "Signals that could not be judged", "monitor_setaside"),
    ("amends_failures", "Failures on record", "monitor_failure"),
    ("amends_incidents", "Incidents on record", "monitor_incident"),
    ("amends_cases", "Cases on record", "recover_case"),
    ("amends_cases_open", "Cases that are open", "case_open_priority"),
    ("amends_actions_to_do", "Automatic actions that are ready", "action_to_do"),
    ("amends_clocks_running", "Clocks that are running", "clock_wakes"),
    ("amends_approvals_waiting", "Approvals that wait", "approval_waiting"),
    ("amends_messages_queued", "Messages that wait to be sent", "message_queued"),
    ("amends_remedies", "Lines of the ledger", "recover_remedy"),
    ("amends_customers", "Customers", "people_customer"),
)
MOST_SOURCES: Final = 50  # whose clocks are told
MOST_JOBS: Final = 10_000  # counted no further
JOBS: Final = (  # and which of the queue's rows are counted
    ("amends_jobs_waiting", "Jobs that wait for a worker", "status = 'todo'"),
    ("amends_jobs_tried_again", "Jobs that wait and have failed before", "status = 'todo' and attempts > 0"),
    ("amends_jobs_given_up", "Jobs that failed too often and are tried no more", "status = 'failed'"),
)
_COUNTED = ", ".join(
    f"(select count(*) from (select from procrastinate_jobs where {which} limit {MOST_JOBS}) as job)"
    for _, _, which in JOBS
)

_migrated = False  # migrations only go forward while a process runs, so a yes stays a yes


@never_cache
def healthz(_request: HttpRequest) -> HttpResponse:
    """The process is there and answers."""
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
def readyz(_request: HttpRequest) -> JsonResponse:
    """Database reachable, tables up to date, deployment set up; 503 with what is missing otherwise."""
    checks: dict[str, str] = {}
    for name, check in _CHECKS:
        try:
            said = check()
        except (DatabaseError, ImproperlyConfigured):
            said = "not reachable"
        except NotSetUp:
            said = "nothing is set up yet"
        checks[name] = said or "ok"
        if said:
            break
    ready = all(said == "ok" for said in checks.values())
    return JsonResponse({"ready": ready, "checks": checks}, status=200 if ready else 503)


@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Figures as Prometheus reads them."""
    if not (_from_this_machine(request) or _has_token(request)):
        words = f"Only from this machine, or with a token of the scope {SCOPE} whose account has its right.\n"
        return HttpResponse(words, status=403, content_type="text/plain")
    registry = CollectorRegistry()
    registry.register(_Rows())
    own: Any = REGISTRY
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        own = CollectorRegistry()
        multiprocess.MultiProcessCollector(own)  # type: ignore[no-untyped-call]  # prometheus_client has no types there
    return HttpResponse(generate_latest(own) + generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class _Rows:
    """The business in figures: PostgreSQL's own estimates, so that asking costs nothing at any size."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        up = GaugeMetricFamily("amends_database_up", "Whether the database answers")
        try:
            figures, jobs = _figures()
        except DatabaseError:
            up.add_metric([], 0)
            yield up
            return
        up.add_metric([], 1)
        yield up
        for name, meaning, relation in ESTIMATES:
            if relation in figures:
                gauge = GaugeMetricFamily(name, f"{meaning} (estimate)")
                gauge.add_metric([], figures[relation])
                yield gauge
        yield from _monitor()
        yield from _intake()
        for (name, meaning, _), number in zip(JOBS, jobs, strict=True):
            gauge = GaugeMetricFamily(name, f"{meaning}, counted up to {MOST_JOBS}")
            gauge.add_metric([], number)
            yield gauge


def _monitor() -> Iterator[GaugeMetricFamily]:
    """What the live monitor last said of itself. Silent for minutes, or ever more set aside: somebody should look."""
    latest = MonitorProgress.objects.order_by("-updated_at").first()
    if latest is None:
        return
    try:
        silent = (present() - latest.updated_at).total_seconds()
    except NotSetUp:
        return
    for name, meaning, value in (
        ("amends_monitor_silent_seconds", "Since the monitor last reported", silent),
        ("amends_monitor_signals", "Signals that the monitor has judged", latest.signals),
        ("amends_monitor_late", "Signals set aside because they were older than the watermark", latest.late),
        ("amends_monitor_duplicates", "Signals that came again", latest.duplicates),
    ):
        gauge = GaugeMetricFamily(name, meaning)
        gauge.add_metric([], value)
        yield gauge


def _intake() -> Iterator[GaugeMetricFamily]:
    """What waits to be judged, and whose clocks are ahead of ours: what lies in the future is refused."""
    waiting = GaugeMetricFamily("amends_signals_backlog", "Accepted signals that wait to be judged")
    waiting.add_metric([], backlog())
    yield waiting
    ahead = GaugeMetricFamily("amends_source_ahead_seconds", "By how much a source's clock is ahead", labels=["source"])
    for source, length in clocks_ahead(most=MOST_SOURCES):
        ahead.add_metric([source], length.total_seconds())
    yield ahead


def _figures() -> tuple[dict[str, float], tuple[int, ...]]:
    """The estimates by relation, and the numbers of `JOBS`."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select relname, greatest(reltuples, 0) from pg_class"
            " where relname = any(%s) and relnamespace = current_schema()::regnamespace",
            [[relation for _, _, relation in ESTIMATES]],
        )
        figures = dict(cursor.fetchall())
        cursor.execute(f"select {_COUNTED}")
        return figures, cursor.fetchone()


def _database_answers() -> str:
    with connection.cursor() as cursor:
        cursor.execute("select 1")
    return ""


def _tables_are_up_to_date() -> str:
    global _migrated  # noqa: PLW0603 -- see where it is made
    if not _migrated:
        executor = MigrationExecutor(connection)
        _migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    return "" if _migrated else "migrations are missing"


def _is_set_up() -> str:
    deployment()
    return ""


_CHECKS: Final[tuple[tuple[str, Callable[[], str]], ...]] = (
    ("database", _database_answers),
    ("tables", _tables_are_up_to_date),
    ("set_up", _is_set_up),
)


def _from_this_machine(request: HttpRequest) -> bool:
    """Not through a proxy either: it would make everybody look local."""
    if any(name in request.headers for name in ("X-Forwarded-For", "Forwarded", "X-Real-IP")):
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


def _has_token(request: HttpRequest) -> bool:
    """One of the scope, whose account still has the right on which that rests."""
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secret.isascii():
        return False
    try:
        token = token_owner(secret, now=present())
    except (DatabaseError, NotSetUp):
        return False
    return token is not None and SCOPE in token.scopes and may(token.staff.role, SCOPES[SCOPE])
