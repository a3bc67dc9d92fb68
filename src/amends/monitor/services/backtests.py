"""Back-tests: a draft of the standards is to be tried on history, in the background; trying.py does it."""

import shutil
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from django.db import transaction

from amends.kernel.blueprint import Blueprint
from amends.kernel.text import Localised
from amends.monitor.core.backtest import BACKTEST, LEAD, LONGEST
from amends.monitor.core.refusals import NotDone
from amends.monitor.core.standard import Standards
from amends.monitor.drafting import in_force, require_standards
from amends.monitor.models import Backtest
from amends.monitor.queue import defer_backtest
from amends.monitor.recorded import days_recorded, history_progress
from amends.monitor.sources.drafts import Draft
from amends.people.models import Staff
from amends.people.selectors import NotFound

AT_ONCE: Final = 250_000  # signals of a step, which costs the same with few: days go together, and one with more is cut
MOST_PARTS: Final = 96  # of a day

BACKWARDS: Final = Localised(en="The span has to begin before it ends.", zh="时段的开始须早于结束。")
TOO_LONG: Final = Localised(en="At most ten years at once.", zh="一次最多回测十年。")
NOTHING: Final = Localised(
    en="There are no signals on record in that span.", zh="该时段内没有信号记录。"
)  # nothing to try it on
NOTHING_NEW: Final = Localised(en="This is what is in force already.", zh="内容与现行版本相同。")


def ask_backtest(
    draft: Draft, *, text: str, since: datetime, until: datetime, acting_user: Staff, now: datetime
) -> Backtest:
    """Have a draft tried on what was heard from one instant to another; it begins once this is committed.

    Raises:
        NotDone: there is nothing to try it on, or nothing to try.
    """
    require_standards(acting_user)
    until = min(until, now)
    if since >= until:
        raise NotDone(BACKWARDS)
    if until - since > LONGEST:
        raise NotDone(TOO_LONG)
    if not days_recorded(since, until):
        raise NotDone(NOTHING)
    with transaction.atomic():
        base = in_force()
        if draft.standards == standards_of(base.pack):
            raise NotDone(NOTHING_NEW)
        plan = plan_of(since, until)
        run = Backtest.objects.create(
            state=BACKTEST.initial,
            standard=draft.standard,
            text=text,
            draft=draft.standards.model_dump(mode="json"),
            digest=draft.digest,
            against=base.version,
            since=since,
            until=until,
            plan=plan,
            parts=sum(parts for _, parts in plan),
            arrived_to=history_progress().position,
            by=acting_user,
            asked_at=now,
        )
        defer_backtest(run.pk)
    return run


def stop_backtest(number: int, *, acting_user: Staff, now: datetime) -> Backtest:
    """Go no further; what it has got to is kept for a week."""
    return _move(number, "cancel", acting_user=acting_user, now=now)


def resume_backtest(number: int, *, acting_user: Staff, now: datetime) -> Backtest:
    """Go on where it stopped."""
    return _move(number, "resume", acting_user=acting_user, now=now)


def _move(number: int, move: str, *, acting_user: Staff, now: datetime) -> Backtest:
    require_standards(acting_user)
    with transaction.atomic():
        run = Backtest.objects.select_for_update(of=("self",)).filter(pk=number).first()
        if run is None:
            raise NotFound(f"There is no back-test {number} here.")
        run.state = BACKTEST.after(run.state, move)
        run.ended_at = None if move == "resume" else now
        run.said_en = run.said_zh = ""
        run.save(update_fields=["state", "ended_at", "said_en", "said_zh"])
        if move == "resume":
            defer_backtest(run.pk)
    return run


def plan_of(since: datetime, until: datetime) -> list[tuple[str, int]]:
    """What to go through: a day, or days that go together as `first/last`, and into how many parts each is cut."""
    plan: list[tuple[str, int]] = []
    gathered = AT_ONCE
    for day, signals in days_recorded(since - LEAD, until):
        gathered += signals
        if gathered <= AT_ONCE:
            first = plan[-1][0].partition("/")[0]
            plan[-1] = (f"{first}/{day.isoformat()}", 1)
        else:
            plan.append((day.isoformat(), min(MOST_PARTS, -(-signals // AT_ONCE))))
            gathered = signals
    return plan


def sweep_backtests(*, work: Path, now: datetime, kept: timedelta = timedelta(days=7)) -> int:
    """Delete what those had got to that ended long ago, or that nobody knows any more."""
    if not work.is_dir():
        return 0
    wanted = set(
        Backtest.objects.exclude(state="finished").exclude(ended_at__lt=now - kept).values_list("pk", flat=True)
    )
    swept = [folder for folder in work.iterdir() if not (folder.name.isdecimal() and int(folder.name) in wanted)]
    for folder in swept:
        shutil.rmtree(folder, ignore_errors=True)
    return len(swept)


def standards_of(pack: Blueprint) -> Standards:
    """A blueprint's standards as the monitor judges by them."""
    return Standards.model_validate(pack.standards_file())
