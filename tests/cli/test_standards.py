"""`amends standards` and `amends history`: a draft held against what is in force and against what was heard."""

import json
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner, Result

from amends.cli import history, standards
from amends.kernel.blueprint import Blueprint, load_shipped
from amends.kernel.text import Localised
from amends.monitor.core.signal import SignalIn
from amends.monitor.models import HistoryFile, HistoryProgress, Signal
from amends.monitor.recorded import root_of
from amends.monitor.services import accept_signals
from amends.policy.models import Deployment
from amends.policy.selectors import deployment
from amends.policy.services import publish_blueprint, set_up_deployment

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
STRICTER = {"due": {"at": "data.depart_due", "plus": "PT5M"}}


@pytest.fixture(autouse=True)
def _deployment(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> None:
    """An airline of four standards, and one flight that left ten minutes late; nothing of it is history yet."""
    for module in (standards, history):
        monkeypatch.setattr(module, "with_database", nullcontext)
    settings.HISTORY_PATH = tmp_path / "history"
    set_up_deployment(
        kind=Deployment.Kind.COMPANY, blueprint_name="airline", company=Localised(en="Air", zh="航空"), timezone="UTC"
    )
    content = load_shipped("airline").content()
    pack = Blueprint.from_content({**content, "standards": content["standards"][:4]})
    publish_blueprint(pack, name="airline", now=NOON, acting_user="test")
    data = {"depart_due": NOON.isoformat(), "arrive_due": (NOON + timedelta(hours=3)).isoformat()}
    told = (("scheduled", NOON - timedelta(hours=1)), ("departed", NOON + timedelta(minutes=10)))
    accept_signals(
        [SignalIn(id=what, source="ops", type=f"flight.{what}", subject="F1", time=at, data=data) for what, at in told],
        now=NOON,
    )


def run(app: Any, *arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def drafted(folder: Path, **changes: Any) -> Path:
    (standard,) = (one for one in load_shipped("airline").content()["standards"] if one["id"] == "depart-on-time")
    file = folder / "draft.yaml"
    file.write_text(yaml.safe_dump({**standard, **changes}, allow_unicode=True), encoding="utf-8")
    return file


def test_a_back_test_says_what_the_draft_would_have_found(tmp_path: Path) -> None:
    done = run(
        *(
            standards.app,
            "backtest",
            drafted(tmp_path, **STRICTER),
            "--from",
            "2026-03-01",
            "--to",
            "2026-03-02T13:00Z",
        ),
        "--json",
    )
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert found["signals"] == 2, "what was accepted became history first"
    assert (found["standard"], found["changed"]) == ("depart-on-time", ["depart-on-time"])
    assert {row["what"]: (row["only_draft"], row["both"]) for row in found["counts"]} == {
        "at_risk": (0, 1),
        "breached": (1, 0),
        "late": (1, 0),
    }
    assert {one["subject"] for one in found["examples"]} == {"F1"}
    shown = run(standards.app, "backtest", drafted(tmp_path, **STRICTER), "--from", "2026-03-01", "--to", "2026-03-03")
    assert "only draft: depart-on-time breached F1 2026-03-02T12:05:00+00:00" in shown.stdout
    assert "…" not in shown.stdout, "what does not fit a narrow window is cut off"
    told = {cells[1]: cells[2:4] for line in shown.stdout.splitlines() if len(cells := line.split("│")) == 5}
    told = {name.strip(): [side.strip() for side in sides] for name, sides in told.items()}
    assert told["alarms"] == ["1", "1"]
    assert told["averted"][1].endswith(" USD")


def test_a_whole_file_of_standards_is_a_draft_too(tmp_path: Path) -> None:
    file = tmp_path / "all.yaml"
    file.write_text(
        "version: 1\nstandards:\n  - {id: no-departures, forbids: {type: flight.departed}}\n", encoding="utf-8"
    )
    done = run(standards.app, "backtest", file, "--from", "2026-03-01", "--to", "2026-03-03", "--json")
    counts = {(row["standard"], row["what"]): row["only_draft"] for row in json.loads(done.stdout)["counts"]}
    assert counts[("no-departures", "violated")] == 1
    assert counts[("depart-on-time", "at_risk")] == 0, "what is in force and not in the file is only in force"


def test_a_diff_names_what_is_other_and_says_no_by_its_exit_code(tmp_path: Path) -> None:
    done = run(standards.app, "diff", drafted(tmp_path, **STRICTER))
    assert (done.exit_code, done.stdout) == (1, "standards.depart-on-time.due.plus: PT15M -> PT5M\n")
    assert run(standards.app, "diff", drafted(tmp_path)).exit_code == 0
    (change,) = json.loads(run(standards.app, "diff", drafted(tmp_path, warn="PT1M"), "--json").stdout)["changes"]
    assert change == {"path": "standards.depart-on-time.warn", "before": "PT15M", "after": "PT1M"}


def test_what_is_wrong_with_a_draft_names_file_line_and_field(tmp_path: Path) -> None:
    for command in ("diff", "backtest"):
        done = run(standards.app, command, drafted(tmp_path, warn="soon"))
        assert done.exit_code == 2
        assert f"{tmp_path}/draft.yaml:" in done.stderr
        assert "warn: 'soon' is no duration" in done.stderr
    assert run(standards.app, "diff", tmp_path / "nowhere.yaml").exit_code == 2


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (("--from", "2026-03-02", "--to", "2026-03-01"), 2, "before --to"),
        (("--from", "yesterday"), 2, "no time"),
        (("--from", "2020-01-01", "--to", "2020-02-01"), 1, "no signals on record"),
    ],
)
def test_times_that_make_no_sense_are_refused(tmp_path: Path, options: tuple[str, ...], code: int, words: str) -> None:
    done = run(standards.app, "backtest", drafted(tmp_path, **STRICTER), *options)
    assert (done.exit_code, words in done.stderr) == (code, True), done.output


def test_the_history_says_what_it_has_and_is_put_in_order(tmp_path: Path) -> None:
    assert "No signals are on record yet." in run(history.app, "status").stdout
    assert json.loads(run(history.app, "tidy", "--json").stdout)["landed"] == 2
    found = json.loads(run(history.app, "status", "--json").stdout)
    assert (found["since"], found["signals"], found["waiting"]) == ("2026-03-02", 2, False)
    assert found["folder"] == str(root_of(deployment()))
    assert "2 signals from 2026-03-02 to 2026-03-02, in 1 files" in run(history.app, "status").stdout


def test_what_is_wrong_with_the_history_is_said_by_its_exit_code() -> None:
    run(history.app, "tidy")
    Signal.objects.all().delete()
    (root_of(deployment()) / HistoryFile.objects.get().path).unlink()
    accept_signals([SignalIn(id="x", source="ops", type="t", subject="F1", time=NOON)], now=NOON)
    assert run(history.app, "tidy").exit_code == 0
    done = run(history.app, "status")
    assert done.exit_code == 1
    assert "2 of their signals could not be written anew" in done.stdout
    HistoryProgress.objects.update(trouble="ENOSPC", troubled_at=NOON)
    assert "nothing can be written: ENOSPC" in run(history.app, "status").stdout
