"""`amends monitor` from outside: what it refuses, and in which words. What it does: tests of `site` and of Spark."""

import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from amends.cli.main import app
from amends.cli.replay import app as replay


def monitor(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["monitor", *map(str, arguments)])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--engine", "spark"], "needs either --files DIR or --kafka SERVERS"),
        (["--engine", "spark", "--files", ".", "--kafka", "k:9092"], "needs either --files DIR or --kafka SERVERS"),
        (["--engine", "spark", "--files", "nowhere"], "nowhere is no folder"),
        (["--engine", "spark", "--kafka", ""], "--kafka needs the brokers"),
        (["--engine", "spark", "--kafka", "k:9092", "--topics", ","], "needs AMENDS_KAFKA_TOPICS"),
        (["--files", "."], "DuckDB judges the signals on record"),
    ],
)
def test_a_source_that_does_not_fit_the_engine_is_refused(arguments: list[str], words: str) -> None:
    result = monitor(*arguments)
    assert result.exit_code == 2
    assert words in result.stderr


def test_settings_of_kafka_that_there_are_not_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "more.properties").write_text("no.such=1\n")
    monkeypatch.setenv("AMENDS_KAFKA_CONFIG", str(tmp_path / "more.properties"))
    result = monitor("--engine", "spark", "--kafka", "k:9092")
    assert result.exit_code == 2
    assert "no.such" in result.stderr


def given(folder: Path) -> list[str]:
    (folder / "a.csv").write_text("id,type,subject,time\n1,open,S1,2026-01-05T10:00:00Z\n")
    (folder / "s.yaml").write_text(
        "version: 1\nlateness: P1D\nstandards:\n  - {id: never, forbids: {type: open}, failure: slow}\n"
    )
    return [str(folder / "a.csv"), "--standards", str(folder / "s.yaml"), "--out", str(folder), "--engine", "spark"]


def test_without_spark_it_is_said_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark", None)
    monkeypatch.delitem(sys.modules, "pyspark.errors", raising=False)
    result = CliRunner().invoke(replay, given(tmp_path))
    assert result.exit_code == 2
    assert result.stderr == "Spark is not installed; install it with: pip install 'amends[spark]'\n"
