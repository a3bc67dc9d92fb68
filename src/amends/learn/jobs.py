"""Background jobs of learning; thin, they call services."""

from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from procrastinate.contrib.django import app

from amends.learn import services
from amends.policy.present import present
from amends.policy.selectors import deployment

LESSON_DAYS: Final = 28  # whole weeks, so that every weekday counts alike
LEARN: Final = "learn"  # queue


@app.periodic(cron="*/5 * * * *")
@app.task(name="amends.learn.jobs.refresh_summary", queue=LEARN, queueing_lock="learn.refresh_summary")
def refresh_summary(timestamp: int | None = None) -> None:  # noqa: ARG001 -- given by the scheduler
    """Take what is new into the summary."""
    services.refresh_summary(now=present())


@app.periodic(cron="17 3 * * *")
@app.task(name="amends.learn.jobs.refresh_whole_summary", queue=LEARN, queueing_lock="learn.refresh_whole_summary")
def refresh_whole_summary(timestamp: int | None = None) -> None:  # noqa: ARG001 -- given by the scheduler
    """Make the summary whole again."""
    services.refresh_summary(now=present(), whole=True)


@app.periodic(cron="0 4 * * 1")
@app.task(name="amends.learn.jobs.draft_lessons", queue=LEARN, queueing_lock="learn.draft_lessons")
def draft_lessons(timestamp: int | None = None) -> None:  # noqa: ARG001 -- given by the scheduler
    """Every Monday, the lessons of the four weeks before."""
    now = present()
    zone = ZoneInfo(deployment().timezone)
    today = now.astimezone(zone).date()
    since, until = (datetime.combine(day, time(), zone) for day in (today - timedelta(days=LESSON_DAYS), today))
    services.draft_lessons(since=since, until=until, now=now)
