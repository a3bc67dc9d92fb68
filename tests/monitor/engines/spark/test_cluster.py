"""Law 1 on two engines: what Spark finds on a cluster of two workers is what DuckDB finds, row for row."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from amends.kernel.blueprint import Blueprint, load_shipped
from amends.kernel.text import Localised
from amends.monitor.engines.duckdb import Monitor
from amends.monitor.engines.spark.monitor import SparkMonitor
from amends.monitor.engines.spark.state import spark_schema
from amends.monitor.engines.state import Counts
from amends.monitor.engines.statements import ARRIVED
from amends.monitor.models import Failure, MonitorProgress, SetAside
from amends.monitor.replay import replay
from amends.monitor.sources.on_spark import Files, Topics
from amends.policy.models import Deployment
from amends.policy.services import publish_blueprint, set_up_deployment
from amends.site.spark_watch import SparkWatch
from tests.brokers import Brokers
from tests.monitor.engines.spark.driver import FIRST, LONG, SECOND, SMALL, signals_of
from tests.monitor.tables import test_law_found_once as promises
from tests.monitor.tables import test_law_of_detectors as detectors
from tests.monitor.tables import test_rates_found_once as rates

pytestmark = [
    # what we use of pandas is nothing: tables go through Arrow
    pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning"),
    pytest.mark.early,
]

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


STREAMS = {
    "promises": (promises.STANDARDS, LONG),
    "rates": (rates.STANDARDS, signals_of(rates.long_stream(13, 100), rates.SCHEMA)),
}


@pytest.mark.parametrize(("stream", "cuts"), [("promises", [200]), ("rates", [])])
def test_both_engines_find_the_same(spark: Any, tmp_path: Path, stream: str, cuts: list[int]) -> None:
    standards, signals = STREAMS[stream]
    with Monitor.open(None, standards) as one_machine:
        one_machine.step(signals)
        still_open = one_machine.finish()
        with SparkMonitor(spark, standards, tmp_path, compact_from=1) as many:
            for start, end in zip([0, *cuts], [*cuts, signals.num_rows], strict=True):
                many.step(signals.slice(start, end - start))
            assert many.finish() == still_open
            assert many.counts == one_machine.counts
            assert many.findings_since(0).to_pylist() == one_machine.findings_since(0).to_pylist()
            assert many.set_aside_since(0).to_pylist() == one_machine.set_aside_since(0).to_pylist()
            assert many.points_since(0).to_pylist() == one_machine.points_since(0).to_pylist()


@pytest.mark.usefixtures("spark")
def test_a_replay_of_files_finds_the_same(tmp_path: Path) -> None:
    signals = pa.Table.from_pylist(detectors.long_stream(12), schema=detectors.SCHEMA)
    for number, start in enumerate((0, 120)):
        pq.write_table(signals.slice(start, 120), tmp_path / f"{number}.parquet")
    done = {
        engine: replay([str(tmp_path / "*.parquet")], detectors.STANDARDS, tmp_path / engine, engine=engine)
        for engine in ("duckdb", "spark")
    }
    one_machine, many = done["duckdb"], done["spark"]
    assert many.counts == one_machine.counts
    assert (many.findings, many.promises_open) == (one_machine.findings, one_machine.promises_open)
    for file in ("findings.parquet", "set_aside.parquet"):
        assert pq.read_table(tmp_path / "spark" / file) == pq.read_table(tmp_path / "duckdb" / file)


def on_duckdb() -> tuple[Counts, list[dict[str, Any]]]:
    with Monitor.open(None, SMALL) as monitor:
        monitor.step(FIRST)
        monitor.step(SECOND)
        return monitor.counts, monitor.findings_since(0).to_pylist()


def killing_a_worker(spark: Any, mark: Path) -> Any:
    """SECOND as a table whose first reader kills the worker process that it is in, when it has read."""
    told = str(mark)

    def read(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        yield from batches
        try:
            os.close(os.open(told, os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            return
        java = Path(f"/proc/{os.getppid()}/stat").read_text().split()[3]  # we are forked from its first Python
        os.kill(int(java), signal.SIGKILL)

    rows = SECOND.append_column("seq", pa.array(range(150, 300), pa.int64())).select(list(ARRIVED))
    return spark.createDataFrame(rows).coalesce(1).mapInArrow(read, spark_schema(ARRIVED))


def test_what_is_half_written_or_killed_is_done_again_and_nothing_twice(spark: Any, tmp_path: Path) -> None:
    with SparkMonitor(spark, SMALL, tmp_path) as monitor:
        monitor.step(FIRST, position=1)
        monitor.step(SECOND, position=2)
        assert (monitor.counts, monitor.findings_since(0).to_pylist()) == on_duckdb()
    last = max((tmp_path / "steps").glob("*.json"))
    last.write_text(last.read_text()[:-20])  # as a machine leaves it that lost its power
    with SparkMonitor(spark, SMALL, tmp_path) as restarted:
        assert (restarted.position, restarted.step_number) == (1, 1)
        restarted.step_table(killing_a_worker(restarted.session, tmp_path / "killed"), 150, position=2)
        assert (tmp_path / "killed").exists()
        assert (restarted.counts, restarted.findings_since(0).to_pylist()) == on_duckdb()
    torn = next(place for place in (tmp_path / "rows").iterdir() if place.name.startswith("000000002-"))
    next(torn.glob("*.parquet")).unlink()
    with SparkMonitor(spark, SMALL, tmp_path) as without_rows:
        assert without_rows.position == 1


def wait_until(done: Callable[[], bool], *, alive: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 180
    while not done():
        assert alive.poll() is None, "the driver ended by itself"
        assert time.monotonic() < deadline, "the driver is not that far after three minutes"
        time.sleep(0.05)


def test_a_driver_killed_between_its_rows_and_their_commit_begins_again_at_the_step_before(
    spark: Any, tmp_path: Path
) -> None:
    source = f"from tests.monitor.engines.spark.driver import stop_before_commit as stop; stop({str(tmp_path)!r})"
    with subprocess.Popen([sys.executable, "-c", source], cwd=Path.cwd(), start_new_session=True) as driver:
        try:
            wait_until((tmp_path / "written").exists, alive=driver)
        finally:
            os.killpg(driver.pid, signal.SIGKILL)  # with its Java, as when the machine is gone
    left = {place.name[:9] for place in (tmp_path / "rows").iterdir()}
    assert left == {"000000001", "000000002"}
    with SparkMonitor(spark, SMALL, tmp_path) as restarted:
        assert (restarted.position, restarted.step_number) == (1, 1)
        restarted.step(SECOND, position=2)
        assert (restarted.counts, restarted.findings_since(0).to_pylist()) == on_duckdb()


class Folder:
    """Signals come as files."""

    aside = ("ops", "4"), ("1.ndjson", "5"), ("ops", "3")

    def __init__(self, place: Path) -> None:
        self.place = place
        place.mkdir()
        self.source = Files(folder=place)

    def put(self, signals: list[dict[str, Any]], *further: str) -> None:
        lines = [json.dumps(one, default=datetime.isoformat) for one in signals]
        (self.place / f"{signals[0]['id']}.ndjson").write_text("\n".join([*lines, *further]))


class Topic:
    """Signals come as messages."""

    aside = ("0", "0"), ("0", "1"), ("3", "0")  # partition and offset

    def __init__(self, _: Path) -> None:
        self.brokers = Brokers.two()
        self.source = Topics(settings=self.brokers.settings())

    def put(self, signals: list[dict[str, Any]], *further: str) -> None:
        for one in signals:
            event = one | {"specversion": "1.0"}
            self.brokers.send(json.dumps(event, default=datetime.isoformat).encode(), partition=int(one["id"]) % 4)
        self.brokers.send(*(one.encode() for one in further))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("way", [Folder, Topic])
def test_a_stream_becomes_failures_each_once_whatever_is_given_again(
    spark: Any, tmp_path: Path, way: type[Folder] | type[Topic]
) -> None:
    set_up_deployment(
        kind=Deployment.Kind.COMPANY, blueprint_name="airline", company=Localised(en="Air", zh="航空"), timezone="UTC"
    )
    content = load_shipped("airline").content()
    forbidden = [one for one in content["standards"] if "forbids" in one]
    pack = content | {"standards": forbidden, "internal": content["internal"] | {"watched": []}}
    version = publish_blueprint(Blueprint.from_content(pack), name="airline", now=NOON, acting_user="test")
    coming = way(tmp_path / "in")

    def told(number: int, **changes: Any) -> dict[str, Any]:
        named = {"id": str(number), "source": "ops", "type": "flight.cancelled", "subject": f"F{number}"}
        return {**named, "time": NOON + number * MINUTE, "data": {}, **changes}

    def run(now: datetime) -> None:
        with SparkWatch(tmp_path / "state", version, session=spark) as watch:
            watch.take(coming.source, now=now)
            watch.tick(now=now)

    ahead, endless = told(3, time=datetime(2200, 1, 1, tzinfo=UTC)), told(4, subject="F" * 301)
    coming.put([told(1), told(2), ahead, endless], "no JSON")
    run(NOON + 60 * MINUTE)
    assert set(Failure.objects.values_list("subject", flat=True)) == {"F1", "F2"}
    (commits,) = (tmp_path / "state").glob("*.stream/commits")
    for done in commits.iterdir():
        done.unlink()  # as whoever was killed before Spark noted that the batch is done
    coming.put([told(2), told(55)])
    run(NOON + 90 * MINUTE)
    assert sorted(Failure.objects.values_list("subject", flat=True)) == ["F1", "F2", "F55"]
    progress = MonitorProgress.objects.get()
    assert (progress.signals, progress.duplicates + progress.late) == (7, 1)
    aside = SetAside.objects.exclude(reason__startswith="late").order_by("reason")
    assert [(row.source.rsplit("/", 1)[-1], row.signal_id) for row in aside] == [*way.aside]
    for row, begins in zip(aside, ("subject must have 1 to 300", "the ", "time lies in the future"), strict=True):
        assert row.reason.startswith(begins)
