"""Back-tests: what a draft would have found beside what is in force; stopped, gone on with, killed, on broken files."""

import json
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from amends.kernel.blueprint import Blueprint
from amends.kernel.lifecycle import IllegalMove
from amends.kernel.text import Localised
from amends.monitor.core.refusals import NotDone
from amends.monitor.core.signal import SignalIn
from amends.monitor.drafting import in_force
from amends.monitor.engines.duckdb import Monitor
from amends.monitor.models import Backtest, HistoryFile, Signal
from amends.monitor.services import accept_signals
from amends.monitor.services import backtests as service
from amends.monitor.services.backtests import (
    ask_backtest,
    resume_backtest,
    standards_of,
    stop_backtest,
    sweep_backtests,
)
from amends.monitor.services.recording import compact_history, land_all
from amends.monitor.services.trying import carry_on
from amends.monitor.sources.drafts import Draft, standard_in, written
from amends.people.models import Staff, Unit
from amends.people.selectors import NotAllowed
from amends.people.services import create_staff, plant_units
from amends.policy.models import BlueprintVersion, Deployment
from amends.policy.selectors import blueprint_of
from amends.policy.services import publish_blueprint, set_up_deployment
from tests.monitor.told import NOON

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
LATER = NOON + 10 * DAY
Heard = Callable[..., None]


@pytest.fixture
def owner(version: BlueprintVersion) -> Staff:
    set_up_deployment(
        kind=Deployment.Kind.COMPANY, blueprint_name="airline", company=Localised(en="Air", zh="航空"), timezone="UTC"
    )
    content = blueprint_of(version.pk).content()
    few = Blueprint.from_content({**content, "standards": content["standards"][:4]})  # flights alone: soon made ready
    publish_blueprint(few, name="airline", now=NOON, acting_user="test")
    return create_staff(email="q@x.test", name="Quinn", role="quality_owner", unit=None, now=NOON, acting_user=None)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "history"


@pytest.fixture
def heard(owner: Staff, root: Path) -> None:
    """A week of flights, one a day: each is due at noon and leaves five minutes later than the one before."""
    for number in range(7):
        due = NOON + number * DAY
        data = {"depart_due": due.isoformat(), "arrive_due": (due + timedelta(hours=3)).isoformat()}
        left = due + timedelta(minutes=10 + 5 * number)
        told = [("scheduled", due - timedelta(hours=2), data), ("departed", left, {}), ("arrived", left, {})]
        accept_signals(
            [
                SignalIn(
                    id=f"{number}-{what}", source="ops", type=f"flight.{what}", subject=f"F{number}", time=at, data=more
                )
                for what, at, more in told
            ],
            now=LATER,
        )
        land_all(root=root, now=LATER)


def drafted(**changes: Any) -> tuple[Draft, str]:
    base = in_force()
    declared = base.declared("depart-on-time")
    assert declared is not None
    text = written({**declared, **changes})
    return standard_in(text, base.pack, standard_id="depart-on-time"), text


def ask(owner: Staff, *, since: datetime = NOON - DAY, until: datetime = NOON + 7 * DAY, **changes: Any) -> Backtest:
    draft, text = drafted(**changes)
    return ask_backtest(draft, text=text, since=since, until=until, acting_user=owner, now=LATER)


def ask_in_steps(owner: Staff, *, at_once: int = 3, **more: Any) -> Backtest:
    """As if so many signals were very many: with three, each day is a step of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(service, "AT_ONCE", at_once)
        return ask(owner, **more)


def run(one: Backtest, root: Path, tmp_path: Path, *, stretch: float = 600) -> Backtest:
    while carry_on(one.pk, root=root, work=tmp_path / "work", now=LATER, stretch=stretch):
        pass
    one.refresh_from_db()
    return one


STRICTER = {"due": {"at": "data.depart_due", "plus": "PT5M"}}
SOFTER = {"due": {"at": "data.depart_due", "plus": "PT25M"}}


def counts(one: Backtest) -> dict[str, tuple[int, int, int, int]]:
    assert one.result is not None
    return {
        row["what"]: (row["only_draft"], row["only_in_force"], row["both"], row["moved"])
        for row in one.result["counts"]
    }


def test_a_stricter_draft_finds_more_and_what_both_find_moves(
    heard: None, owner: Staff, root: Path, tmp_path: Path
) -> None:
    """Late by 10, 15, ... 40 minutes; in force 15 are granted, in the draft 5."""
    one = run(ask(owner, **STRICTER), root, tmp_path)
    assert (one.state, one.parts_done, one.signals) == ("finished", one.parts, 21)
    # the one that left at 12:15 sharp was kept; its risk, at noon, moves ten minutes back like all others
    assert counts(one) == {"at_risk": (0, 0, 7, 7), "breached": (2, 0, 5, 5), "late": (2, 0, 5, 0)}
    (example, *_) = [e for e in one.result["examples"] if (e["what"], e["side"]) == ("breached", "only_draft")]
    assert (example["subject"], example["at_draft"]) == ("F0", (NOON + timedelta(minutes=5)).isoformat())
    assert {row["standard"] for row in one.result["counts"]} == {"depart-on-time"}, "the others find what they did"
    assert not (tmp_path / "work" / str(one.pk)).exists()


def test_a_softer_draft_finds_less(heard: None, owner: Staff, root: Path, tmp_path: Path) -> None:
    one = run(ask(owner, **SOFTER), root, tmp_path)
    assert counts(one)["breached"] == (0, 2, 3, 3)


def test_it_finds_what_the_monitor_finds(heard: None, owner: Staff, root: Path, tmp_path: Path) -> None:
    """Held against a monitor that takes the same signals all at once."""
    draft, _ = drafted(**STRICTER)
    rows = Signal.objects.order_by("time", "id").values("source", "signal_id", "type", "subject", "time", "data")
    import pyarrow as pa

    table = pa.Table.from_pylist([{**row, "id": row["signal_id"], "data": json.dumps(row["data"])} for row in rows])
    found = {}
    for name, standards in (("in_force", standards_of(in_force().pack)), ("draft", draft.standards)):
        with Monitor.open(None, standards, until=NOON + 7 * DAY) as monitor:
            monitor.step(table)
            monitor.finish(NOON + 7 * DAY)
            found[name] = {
                (row["subject"], row["what"])
                for row in monitor.findings_since(0).to_pylist()
                if row["standard"] == "depart-on-time"
            }
    one = run(ask(owner, **STRICTER), root, tmp_path)
    assert sum(row["only_draft"] for row in one.result["counts"]) == len(found["draft"] - found["in_force"])
    assert sum(row["only_in_force"] for row in one.result["counts"]) == len(found["in_force"] - found["draft"])
    assert sum(row["both"] for row in one.result["counts"]) == len(found["in_force"] & found["draft"])


def test_only_what_lies_in_the_span_counts_but_what_was_open_before_is_known(
    heard: None, owner: Staff, root: Path, tmp_path: Path
) -> None:
    noon = NOON + 3 * DAY
    one = run(ask(owner, since=noon, until=noon + timedelta(hours=2), **STRICTER), root, tmp_path)
    assert counts(one)["breached"] == (0, 0, 1, 1), "it was scheduled before the span began"


def test_it_goes_on_where_it_was_and_ends_the_same(heard: None, owner: Staff, root: Path, tmp_path: Path) -> None:
    whole = run(ask(owner, **STRICTER), root, tmp_path)
    assert whole.state == "finished"
    bits = ask_in_steps(owner, **STRICTER)
    rounds = 0
    while carry_on(bits.pk, root=root, work=tmp_path / "work", now=LATER, stretch=-1 if rounds % 2 else 0):
        rounds += 1
        if rounds == 4:
            break
    bits.refresh_from_db()
    stop_backtest(bits.pk, acting_user=owner, now=LATER)
    assert not carry_on(bits.pk, root=root, work=tmp_path / "work", now=LATER)
    with pytest.raises(IllegalMove):
        stop_backtest(bits.pk, acting_user=owner, now=LATER)
    resume_backtest(bits.pk, acting_user=owner, now=LATER)
    compact_history(root=root, now=LATER)  # what it reads lies elsewhere now
    accept_signals([SignalIn(id="x", source="ops", type="flight.departed", subject="F0", time=NOON)], now=LATER)
    land_all(root=root, now=LATER)  # what came after it was asked for does not count
    assert run(bits, root, tmp_path).result == whole.result


def test_killed_between_its_two_monitors_it_ends_the_same(
    heard: None, owner: Staff, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = run(ask(owner, **STRICTER), root, tmp_path)
    assert whole.state == "finished"
    killed = ask_in_steps(owner, **STRICTER)
    steps = 0
    step = Monitor.step

    def dying(self: Monitor, *given: Any, **more: Any) -> Any:
        nonlocal steps
        steps += 1
        if steps % 4 == 0:
            raise KeyboardInterrupt
        return step(self, *given, **more)

    monkeypatch.setattr(Monitor, "step", dying)
    for _ in range(20):
        try:
            carry_on(killed.pk, root=root, work=tmp_path / "work", now=LATER)
        except KeyboardInterrupt:
            continue
        break
    killed.refresh_from_db()
    assert killed.result == whole.result


def test_a_broken_file_is_passed_over_and_the_rest_goes_on(
    heard: None, owner: Staff, root: Path, tmp_path: Path
) -> None:
    broken = HistoryFile.objects.order_by("first")[0]
    Signal.objects.filter(pk__lte=broken.last).delete()
    (root / broken.path).write_bytes(b"PAR1 and nothing more")
    one = run(ask(owner, **STRICTER), root, tmp_path)
    assert (one.state, counts(one)["breached"]) == ("finished", (1, 0, 5, 5)), "without the first flight"


def test_a_full_disk_stops_it_with_a_word_and_it_goes_on_later(
    heard: None, owner: Staff, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise duckdb.IOException('Could not write file "x.duckdb": No space left on device')

    one = ask(owner, **STRICTER)
    monkeypatch.setattr(Monitor, "step", full)
    assert run(one, root, tmp_path).state == "failed"
    assert "full" in one.said_en
    assert "磁盘" in one.said_zh
    monkeypatch.undo()
    resume_backtest(one.pk, acting_user=owner, now=LATER)
    assert run(one, root, tmp_path).state == "finished"
    assert one.said_en == ""


@contextmanager
def files_up_to(size: int) -> Iterator[None]:
    """As if the disk were full: no file of this process grows beyond so many bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_year_with_a_full_disk_ends_with_a_word_and_goes_on_once_there_is_room(
    owner: Staff, root: Path, tmp_path: Path
) -> None:
    """A flight every three weeks; the limit is the system's, and the monitors run into it while they write."""
    told = []
    for week in range(17):
        due = NOON - (365 - 21 * week) * DAY
        data = {"depart_due": due.isoformat(), "arrive_due": (due + timedelta(hours=3)).isoformat()}
        for what, at, more in (("scheduled", due - timedelta(hours=2), data), ("departed", due + 10 * MINUTE, {})):
            told.append(
                SignalIn(
                    id=f"{week}-{what}", source="ops", type=f"flight.{what}", subject=f"F{week}", time=at, data=more
                )
            )
    accept_signals(told, now=LATER)
    land_all(root=root, now=LATER)
    year = {"since": NOON - 366 * DAY, "until": NOON}
    whole = run(ask(owner, **year, **STRICTER), root, tmp_path)
    assert (whole.state, whole.parts) == ("finished", 1)
    one = ask_in_steps(owner, **year, **STRICTER)
    assert one.parts == 17
    while one.parts_done < 5:
        assert carry_on(one.pk, root=root, work=tmp_path / "work", now=LATER, stretch=0.5)
        one.refresh_from_db()
    with files_up_to(1_000):
        assert run(one, root, tmp_path).state == "failed"
    assert "disk of the server is full" in one.said_en
    assert "磁盘已满" in one.said_zh
    assert 5 <= one.parts_done < one.parts, "what it has got to is kept"
    resume_backtest(one.pk, acting_user=owner, now=LATER)
    assert run(one, root, tmp_path).state == "finished"
    assert (one.result, one.said_en) == (whole.result, "")


def test_what_broke_begins_anew(
    heard: None, owner: Staff, root: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    one = ask(owner, **STRICTER)
    (tmp_path / "work" / str(one.pk)).mkdir(parents=True)
    (tmp_path / "work" / str(one.pk) / "draft.duckdb").write_bytes(b"no database" * 1000)
    assert run(one, root, tmp_path).state == "failed"
    assert "anew" in one.said_en
    resume_backtest(one.pk, acting_user=owner, now=LATER)
    assert run(one, root, tmp_path).state == "finished"


@pytest.mark.parametrize(
    ("span", "words"),
    [
        ((NOON, NOON - DAY), "has to begin"),
        ((NOON - 90 * DAY, NOON - 80 * DAY), "no signals"),
        ((NOON - 5_000 * DAY, NOON), "ten years"),
    ],
)
def test_what_makes_no_sense_is_refused(heard: None, owner: Staff, span: tuple[datetime, datetime], words: str) -> None:
    with pytest.raises(NotDone, match=words):
        ask(owner, since=span[0], until=span[1], **STRICTER)


def test_what_is_in_force_already_is_not_tried(heard: None, owner: Staff) -> None:
    with pytest.raises(NotDone, match="in force already"):
        ask(owner)


def test_only_whoever_reaches_the_whole_company_may_ask(heard: None, owner: Staff) -> None:
    plant_units([("XX", None, "Airline", "航空")])
    part = Unit.objects.get(code="XX-AAA")
    limited = create_staff(email="l@x.test", name="L", role="quality_owner", unit=part, now=NOON, acting_user=None)
    top = create_staff(
        email="t@x.test", name="T", role="administrator", unit=Unit.objects.get(code="XX"), now=NOON, acting_user=None
    )
    lead = create_staff(email="m@x.test", name="M", role="manager", unit=None, now=NOON, acting_user=None)
    for person in (limited, lead):
        with pytest.raises(NotAllowed):
            ask(person, **STRICTER)
    assert ask(top, **STRICTER).state == "running"


def test_days_with_few_signals_go_together_and_one_with_very_many_is_cut(
    heard: None, owner: Staff, root: Path, tmp_path: Path
) -> None:
    whole = run(ask(owner, **STRICTER), root, tmp_path)
    assert (whole.state, whole.parts) == ("finished", 1)
    assert ask_in_steps(owner, **STRICTER).parts == 7
    for at_once, parts in ((6, 4), (2, 14)):
        cut = run(ask_in_steps(owner, at_once=at_once, **STRICTER), root, tmp_path)
        assert (cut.parts, cut.result) == (parts, whole.result)


def test_what_was_left_is_swept_after_a_week(heard: None, owner: Staff, root: Path, tmp_path: Path) -> None:
    work = tmp_path / "work"
    one = ask_in_steps(owner, **STRICTER)
    carry_on(one.pk, root=root, work=work, now=LATER, stretch=-1)
    stop_backtest(one.pk, acting_user=owner, now=LATER)
    (work / "999999").mkdir()
    assert sweep_backtests(work=work, now=LATER + 6 * DAY) == 1
    assert sweep_backtests(work=work, now=LATER + 8 * DAY) == 1
    assert list(work.iterdir()) == []
    resume_backtest(one.pk, acting_user=owner, now=LATER)
    assert run(one, root, tmp_path).state == "finished", "from the beginning"
