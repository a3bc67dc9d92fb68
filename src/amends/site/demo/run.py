"""The demo's course. Each span of time is committed by itself, so a demo that was killed goes on where it stopped."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.apps import apps
from django.db import connection, transaction
from django.utils import timezone

from amends.channels.services import CHANNELS
from amends.kernel.blueprint import load_shipped
from amends.kernel.text import Localised
from amends.learn.selectors import demo_figures
from amends.learn.services import draft_lessons
from amends.monitor.core.standard import Standards
from amends.monitor.engines.statements import statements_for
from amends.monitor.services import accept_signals
from amends.policy.models import Deployment
from amends.policy.present import present as demo_time
from amends.policy.selectors import NotSetUp, deployment
from amends.policy.services import publish_blueprint, set_present, set_up_deployment
from amends.recover.services.sweeping import release_follow_ups, wake_clocks
from amends.site.demo import cast
from amends.site.demo.answers import ask_customers
from amends.site.demo.feed import SPAN, Feed
from amends.site.demo.hands import Hands
from amends.site.ring import Watch

BLUEPRINT: Final = "airline"
ZONE: Final = "America/New_York"
COMPANY: Final = Localised(en="New York flights (demo)", zh="纽约航班（演示）")
_LOCK: Final = 7_201_301  # one demo at a time in a database
SETTLING: Final = timedelta(hours=1)  # after the last landing: when the demo's present begins

Say = Callable[[str], None]


class DemoError(Exception):
    """The demo can't run here; says why and what to do."""


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What the ring did, as `amends demo --json` prints it."""

    signals: int
    findings: int
    failures: int  # all that were found, also those that threatened only
    broken: int  # of them; the overview counts these
    averted: int  # of them, in time
    incidents: int
    cases: int
    plans: int
    actions_done: int
    messages: int
    remedies: int
    remedy_total: float  # in `remedy_currency`
    remedy_currency: str
    lessons: int
    seconds: float


def made_ready(*, start: date, days: int) -> Feed:
    """Read the flights of these days and compile the monitor's statements, which takes long and needs no database.

    Raises:
        ValueError: there are no flights on some of these days.
    """
    feed = Feed(start, days)
    feed.signals  # noqa: B018 -- read once, here
    statements_for(Standards.model_validate(load_shipped(BLUEPRINT).judged_file()))
    return feed


def run(feed: Feed, *, began: float, say: Say) -> Figures:
    """Turn the ring on these flights. The tables are up to date; `began` is when the work on it all did (monotonic).

    Raises:
        DemoError: the database belongs to a company, or another demo is running in it.
    """
    with _only_demo():
        _set_up(feed.start, feed.days, say)
        first = datetime.combine(feed.start, datetime.min.time(), tzinfo=feed.ends.tzinfo) - timedelta(days=1)
        present = feed.ends + SETTLING
        with Hands() as hands:
            _feed_in(feed, until=present, say=say)
            _let_time_pass(hands, since=first, until=present, say=say)
            hands.dismiss()
            say("asking the simulated customers")
            ask_customers(now=present)
            say("drafting lessons")
            draft_lessons(since=first, until=present, now=present, all_new=True)
            return _figures(feed, first, present, seconds=time.monotonic() - began)


def _feed_in(feed: Feed, *, until: datetime, say: Say) -> None:
    """Take in one span of time after the other.

    The present moves first: whatever was accepted is never ahead of it, also when a killed demo is started again and
    finds signals that nobody has judged yet.
    """
    fed, reached = 0, _present_reached()
    with Watch.of_deployment(roster=lambda subjects: fetch_roster(feed, subjects)) as watch:
        for span in feed.spans():
            _move_present_to(span.until)
            accept_signals(span.signals, now=span.until)
            watch.turn(now=span.until if reached is None else max(span.until, reached))
            fed += len(span.signals)
            say(f"{span.until:%Y-%m-%d %H:%M} UTC: {fed:,} of {feed.signals.num_rows:,} signals")
        _move_present_to(until)
        watch.tick(now=until)


def _present_reached() -> datetime | None:
    """How far an earlier run of this demo came; None if there was none."""
    return demo_time() if deployment().behind else None


def _move_present_to(now: datetime) -> None:
    """Time only goes forward: a demo that is started again goes on at the present that people have worked in."""
    reached = _present_reached()
    if reached is None or reached < now:
        set_present(now=now, machine_now=timezone.now())


def _let_time_pass(hands: Hands, *, since: datetime, until: datetime, say: Say) -> None:
    """Have all done that was ready, then look at the clocks again and again, as the sweep of a running service does.

    What was to be done by then is done before the clocks are looked at, so that one is missed only if nobody met it,
    and not because this replay was quick.
    """
    hands.finish(say)
    now = since
    while now < until:
        now = min(now + SPAN, until)
        while release_follow_ups(now=now):
            pass
        hands.finish(say, besides=CHANNELS)  # a letter is on its way when it is written
        while wake_clocks(now=now):
            pass
    hands.finish(say)


def _figures(feed: Feed, since: datetime, until: datetime, *, seconds: float) -> Figures:
    found = demo_figures(since, until)
    (currency, total), *others = found.pop("remedy_total").items() or [(load_shipped(BLUEPRINT).currency, "0")]
    if others:
        raise RuntimeError(f"the demo pays in one currency, not also in {others}")
    return Figures(
        signals=feed.signals.num_rows,
        seconds=round(seconds, 1),
        remedy_total=float(total),
        remedy_currency=currency,
        **found,
    )


def fetch_roster(feed: Feed, subjects: frozenset[str]) -> None:
    """Make the passengers of these flights known, as of the demo's present: that is since when they are known."""
    feed.fetch_roster(subjects, now=demo_time())


@contextmanager
def _only_demo() -> Iterator[None]:
    """One demo at a time; the lock goes with the connection, also when the process is killed."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_lock(%s)", [_LOCK])
        if not cursor.fetchone()[0]:
            raise DemoError(
                "Another demo is running in this database. Wait for it, or give this one its own AMENDS_HOME."
            )
        try:
            yield
        finally:
            cursor.execute("select pg_advisory_unlock(%s)", [_LOCK])


def _set_up(start: date, days: int, say: Say) -> None:
    try:
        found = deployment()
    except NotSetUp:
        pass
    else:
        if found.kind != Deployment.Kind.DEMO:
            raise DemoError(
                "This database belongs to a company, and a demo never mixes with real customers. Give the demo a place "
                "of its own: AMENDS_HOME=~/amends-demo amends demo"
            )
        if (found.demo_from, found.demo_days) != (start, days):
            say(f"the last demo covered {found.demo_days} days from {found.demo_from}; clearing it away")
            _clear()
    with transaction.atomic():
        set_up_deployment(
            kind=Deployment.Kind.DEMO,
            blueprint_name=BLUEPRINT,
            company=COMPANY,
            timezone=ZONE,
            demo_from=start,
            demo_days=days,
        )
        publish_blueprint(load_shipped(BLUEPRINT), name=BLUEPRINT, now=timezone.now(), acting_user="demo")
        cast.plant()


def _clear() -> None:
    """Remove all rows of an earlier demo. Nothing in it is real."""
    ours = ("policy", "people", "channels", "monitor", "recover", "learn", "web")
    tables = [model._meta.db_table for app in ours for model in apps.get_app_config(app).get_models()]
    with connection.cursor() as cursor:
        quoted = ", ".join(connection.ops.quote_name(table) for table in [*tables, "procrastinate_jobs"])
        cursor.execute(f"truncate {quoted} restart identity cascade")
