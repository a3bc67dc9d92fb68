"""`amends replay`: what the standards would have found in recorded signals."""

import json
import resource
import sys
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    from amends.monitor.replay import Replayed

BAD_INPUT = 2

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


class Engine(StrEnum):
    duckdb = "duckdb"
    spark = "spark"


def _instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no time; write it as 2026-01-31T12:00:00Z") from None
    return instant.replace(tzinfo=instant.tzinfo or UTC)


def _engine(name: str) -> Engine:
    try:
        return Engine(name)
    except ValueError:
        raise typer.BadParameter(f"there is no engine {name!r} in this version; there are duckdb and spark") from None


@app.command()
def replay(
    events: Annotated[
        list[str], typer.Argument(metavar="EVENTS...", help="Files, folders or globs of signals, in the order given.")
    ],
    standards: Annotated[Path, typer.Option(metavar="FILE", help="The standards to judge by (YAML).")],
    out: Annotated[
        Path, typer.Option(metavar="DIR", help="Folder for findings.parquet and set_aside.parquet.", file_okay=False)
    ],
    engine: Annotated[
        Engine, typer.Option(parser=_engine, metavar="[duckdb|spark]", help="What runs the tables.")
    ] = Engine.duckdb,
    batch_rows: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Take that many signals a step, keeping state.")
    ] = None,
    until: Annotated[
        datetime | None,
        typer.Option(
            parser=_instant, metavar="TIME", help="Judge up to and including this time; later signals do not count."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
) -> None:
    """Judge recorded signals by standards: which promises were at risk, broken, kept late or never."""
    from amends.kernel.blueprint.problems import BlueprintErrors
    from amends.monitor import replay as recorded
    from amends.monitor.engines.spark.session import SparkMissing
    from amends.monitor.sources.files import SourceError
    from amends.monitor.sources.standards import read_standards

    try:
        judged_by = read_standards(standards)
        done = recorded.replay(
            events, judged_by, out, batch_rows=batch_rows, until=until, engine=engine.value, progress=_show_progress
        )
    except (BlueprintErrors, SourceError, SparkMissing) as error:
        _refuse(str(error))
    except OSError as error:
        _refuse(f"{error.filename or out}: {error.strerror or error}")
    summary = _summary(done)
    if as_json:
        typer.echo(json.dumps(summary, ensure_ascii=False))
    else:
        _show(done, out)
    _warn(done, out)


def _refuse(message: str) -> NoReturn:
    sys.stderr.write(f"{message}\n")
    raise typer.Exit(BAD_INPUT)


def _show_progress(signals: int) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{signals:,} signals")
        sys.stderr.flush()


def _peak_rss_mb() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (2**20 if sys.platform == "darwin" else 2**10), 1)


def _summary(done: "Replayed") -> dict[str, object]:
    return {
        **vars(done.counts),
        "findings": done.findings,
        "promises_open": done.promises_open,
        "seconds": round(done.seconds, 3),
        "signals_per_second": round(done.counts.signals / done.seconds),
        "peak_rss_mb": _peak_rss_mb(),
    }


def _warn(done: "Replayed", out: Path) -> None:
    """What did not count, in one sentence, so that nobody takes a count without it for the whole."""
    counts, first = done.counts, done.first_unreadable
    late = f"{counts.late:,} {'signal was' if counts.late == 1 else 'signals were'} late" if counts.late else ""
    if first is None:
        said = f"{late} and did not count" if late else ""
    else:
        rows = "row was" if counts.rejected == 1 else "rows were"
        place = first.file if first.row is None else f"{first.file}, row {first.row:,}"
        which = "it is" if counts.rejected == 1 else "the first is"
        said = f"{counts.rejected:,} {rows} set aside as unreadable ({which} {place}: {first.reason})"
        said += f", and {late}" if late else ""
    if not (said or counts.signals):
        sys.stderr.write("There was no signal to judge: what was named is empty.\n")
    if said:
        sys.stderr.write(f"{said}; see {out / 'set_aside.parquet'}.\n")


def _show(done: "Replayed", out: Path) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console()
    table = Table("standard", "finding")
    table.add_column("number", justify="right")
    for standard, counts in done.findings.items():
        found = {what: number for what, number in counts.items() if number} or {"nothing": 0}
        for place, (what, number) in enumerate(found.items()):
            table.add_row("" if place else standard, what.replace("_", " "), f"{number:,}")
    console.print(table)
    c = done.counts
    console.print(
        f"{c.signals:,} signals: {c.duplicates:,} duplicates, {c.late:,} late, {c.rejected:,} rejected; "
        f"{done.promises_open:,} promises still open"
    )
    console.print(f"{done.seconds:.1f} s; {out / 'findings.parquet'}, {out / 'set_aside.parquet'}", soft_wrap=True)
