"""How back-tests are carried out: a draft of the standards is tried on history, a stretch at a time.

What one has got to lies in a folder of its own, committed step by step: stopped, killed or gone on with, it ends with
the same result.
"""

import errno
import logging
import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import duckdb

from amends.kernel.blueprint import Blueprint
from amends.kernel.text import Localised
from amends.monitor.backtest import JudgedBy, Trial
from amends.monitor.core.backtest import BACKTEST
from amends.monitor.core.drafts import judged_apart, judged_beside
from amends.monitor.core.history_days import span_of
from amends.monitor.core.standard import Standards
from amends.monitor.core.trial_cost import prices_of
from amends.monitor.models import Backtest
from amends.monitor.recorded import history_progress
from amends.monitor.services.backtests import plan_of, standards_of
from amends.monitor.services.lead_time import hearing as hearing_in
from amends.monitor.services.recording import signals_of
from amends.policy.selectors import blueprint_of

log = logging.getLogger(__name__)

STRETCH: Final = 5.0  # seconds after which the worker looks at other jobs
NO_ROOM: Final = Localised(
    en="The disk of the server is full. Once there is room, it can go on where it was.",
    zh="服务器磁盘已满。腾出空间后可从中断处继续。",
)
REFUSED: Final = Localised(
    en="The server may not write its data folder. Once it may, this can go on where it was.",
    zh="服务器无法写入数据目录。恢复后可从中断处继续。",
)
BROKE_OFF: Final = Localised(
    en="Something broke; the server's log has the details. Going on begins anew.",
    zh="运行出错，详情见服务器日志。继续将从头开始。",
)
FULL: Final = ("no space left", "not enough space", "file too large", "quota exceeded")  # as the engine hands it on
BY_SYSTEM: Final = {errno.ENOSPC: NO_ROOM, errno.EDQUOT: NO_ROOM, errno.EFBIG: NO_ROOM}


def carry_on(number: int, *, root: Path, work: Path, now: datetime, stretch: float = STRETCH) -> bool:
    """Go on with a back-test for so many seconds; whether some of it is left.

    Args:
        root: the folder of the history.
        work: the folder where back-tests keep what they have got to.
    """
    run = Backtest.objects.filter(pk=number, state="running").first()
    if run is None:
        return False
    folder = work / str(run.pk)
    try:
        return _carry_on(run, root=root, folder=folder, now=now, stretch=stretch)
    except OSError as error:
        said = BY_SYSTEM.get(error.errno or 0, REFUSED)
    except duckdb.Error as error:
        full = any(words in str(error).lower() for words in FULL)
        said = NO_ROOM if full else BROKE_OFF
        if not full:  # what it has got to may be what is broken
            shutil.rmtree(folder, ignore_errors=True)
            log.exception("Back-test %d broke off.", number)
    _end(run, "fail", now=now, said_en=said.en, said_zh=said.zh)
    return False


def _carry_on(run: Backtest, *, root: Path, folder: Path, now: datetime, stretch: float) -> bool:
    started = time.monotonic()
    pack = blueprint_of(run.against_id)
    before, after = judged_apart(standards_of(pack), Standards.model_validate(run.draft))
    with Trial(
        folder, in_force=before, draft=after, until=run.until, judged_by=judged_by(pack, before, after)
    ) as trial:
        for done, (position, days, times) in enumerate(_parts(run.plan), start=1):
            if position > trial.position:
                if time.monotonic() - started > stretch:
                    return True
                trial.step(signals_of(*days, root=root, now=now, times=times, arrived_to=run.arrived_to), position)
            elif done <= run.parts_done:
                continue
            running = Backtest.objects.filter(pk=run.pk, state="running")
            if not running.update(parts_done=done, signals=trial.signals):
                return False  # it was stopped meanwhile
        result = trial.finish(since=run.since)
    if _end(run, "finish", now=now, result=result):
        shutil.rmtree(folder, ignore_errors=True)
    return False


@dataclass(frozen=True, kw_only=True)
class Tried:
    """How far a trial is, and at its end what it found."""

    done: int
    parts: int
    signals: int
    result: dict[str, Any]


def trying(
    folder: Path,
    *,
    root: Path,
    pack: Blueprint,
    draft: Standards,
    since: datetime,
    until: datetime,
    now: datetime,
) -> Iterator[Tried]:
    """A back-test at once and on no record; gives how far it is after each part, and last what it found."""
    plan, arrived_to = plan_of(since, until), history_progress().position
    parts = sum(number for _, number in plan)
    before, after = judged_apart(standards_of(pack), draft)
    with Trial(folder, in_force=before, draft=after, until=until, judged_by=judged_by(pack, before, after)) as trial:
        for done, (position, days, times) in enumerate(_parts(plan), start=1):
            trial.step(signals_of(*days, root=root, now=now, times=times, arrived_to=arrived_to), position)
            yield Tried(done=done, parts=parts, signals=trial.signals, result={})
        yield Tried(done=parts, parts=parts, signals=trial.signals, result=trial.finish(since=since))


def _parts(
    plan: Sequence[tuple[str, int]],
) -> Iterator[tuple[str, tuple[date, date], tuple[datetime, datetime]]]:
    """The parts of the plan in the order of time, each with its days and times; their positions grow."""
    for name, parts in plan:
        first, _, last = name.partition("/")
        days = date.fromisoformat(first), date.fromisoformat(last or first)
        since, before = span_of(days[0])[0], span_of(days[1])[1]
        step = (before - since) / parts
        for part in range(parts):
            end = before if part == parts - 1 else since + (part + 1) * step
            yield f"{name}/{part:02d}", days, (since + part * step, end)


def _end(run: Backtest, move: str, *, now: datetime, **fields: Any) -> bool:
    after = BACKTEST.after("running", move)
    running = Backtest.objects.filter(pk=run.pk, state="running")
    return bool(running.update(state=after, ended_at=now, **fields))


def judged_by(pack: Blueprint, before: Standards, after: Standards) -> JudgedBy:
    """What tells whether findings were right: the other standards, who hears customers, and the economics."""
    apart = before.model_copy(update={"standards": (*before.standards, *after.standards)})
    hearing = frozenset(hearing_in(pack))
    return JudgedBy(
        beside=judged_beside(standards_of(pack), apart, hearing=hearing),
        hearing=hearing,
        horizon=pack.incidents.voices.within,
        prices=prices_of(pack.economics) if pack.economics is not None else None,
        currency=pack.currency,
    )
