"""`amends monitor`: the monitor alone, on this machine or on a cluster."""

import os
import signal
import sys
from enum import StrEnum
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from amends.cli.with_database import with_database

if TYPE_CHECKING:
    from amends.monitor.sources.kafka import KafkaSettings
    from amends.monitor.sources.on_spark import Source

NO, BAD_INPUT = 1, 2


class Engine(StrEnum):
    duckdb = "duckdb"
    spark = "spark"


def monitor(
    engine: Annotated[Engine, typer.Option(help="What runs the tables.")] = Engine.duckdb,
    files: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Spark: a folder into which files of signals are put.")
    ] = None,
    kafka: Annotated[
        str | None, typer.Option(metavar="SERVERS", help="Spark: a Kafka cluster, instead of files.")
    ] = None,
    topics: Annotated[str, typer.Option(metavar="NAMES", help="Its topics, with commas between.")] = "signals",
    state: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Spark: where the state lies; every machine sees it. Default: the data folder."
        ),
    ] = None,
    master: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Spark: the cluster. Default: what spark-submit says, or this machine."),
    ] = None,
    every: Annotated[
        float, typer.Option(metavar="SECONDS", min=0.1, help="Spark: how often it looks for signals.")
    ] = 10.0,
    once: Annotated[
        bool, typer.Option("--once", help="Spark: take what has come, deliver what was found, and end.")
    ] = False,
) -> None:
    """Run the monitor alone; `amends serve --without-monitor` runs the rest.

    With DuckDB it judges the signals on record; with Spark those of files or topics. One monitor watches at a time.
    """
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    if engine is Engine.duckdb:
        if files or kafka:
            _refuse("--files and --kafka are for --engine spark; DuckDB judges the signals on record")
        with with_database():
            from amends.site.monitor_loop import wait_for_set_up, watch_when_free

            while wait_for_set_up(stop):  # another version of the blueprint is another watch
                watch_when_free(stop)
        return
    source = _source(files, kafka, topics)
    with with_database():
        _on_spark(stop, source, state=state, master=master, every=None if once else every)


def _source(files: Path | None, kafka: str | None, topics: str) -> "Source":
    from amends.monitor.sources.on_spark import Files, Topics

    if (files is None) == (kafka is None):
        _refuse("--engine spark needs either --files DIR or --kafka SERVERS")
    if files is None:
        return Topics(settings=_settings(str(kafka), topics))
    if not files.is_dir():
        _refuse(f"{files} is no folder")
    return Files(folder=files.resolve())


def _settings(servers: str, topics: str) -> "KafkaSettings":
    from amends.monitor.sources.kafka import KafkaSettings, KafkaSettingsError

    try:
        settings = KafkaSettings.of({**os.environ, "AMENDS_KAFKA": servers, "AMENDS_KAFKA_TOPICS": topics})
        if settings is None:
            _refuse("--kafka needs the brokers, as host:9092,host:9092")
        settings.consumer().close()  # it alone knows which settings there are
    except KafkaSettingsError as error:
        _refuse(str(error))
    return settings


def _on_spark(stop: Event, source: "Source", *, state: Path | None, master: str | None, every: float | None) -> None:
    from amends.monitor.engines.spark.session import SparkMissing, session
    from amends.site.home import open_home
    from amends.site.ring import MonitorBusy
    from amends.site.spark_watch import watch_on_spark

    folder = (state or open_home() / "monitor").resolve()
    try:
        watch_on_spark(stop, source, session=session(master), folder=folder, every=every)
    except SparkMissing as missing:
        _refuse(str(missing))
    except MonitorBusy as busy:
        sys.stderr.write(f"{busy}\n")
        raise typer.Exit(NO) from None


def _refuse(message: str) -> NoReturn:
    sys.stderr.write(f"{message}\n")
    raise typer.Exit(BAD_INPUT)
