"""`amends standards`: try a draft of the standards on what was heard, and show how it differs from what is in force.

A draft is a file with one standard, or with all of them as a blueprint's standards.yaml has them.
"""

import json
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from amends.cli.with_database import with_database

if TYPE_CHECKING:
    from rich.console import Console

    from amends.monitor.sources.drafts import Draft

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Try drafts of standards on history.")

BAD_INPUT = 2
NO = 1
COSTS = {"false alarms cost": "false_alarms", "averted": "averted", "missed": "missed"}  # as shown, as reckoned

Draft_ = Annotated[
    Path, typer.Argument(metavar="FILE", help="A file with one standard, or with all of them (version: 1).")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]


def _instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no time; write it as 2026-01-31 or 2026-01-31T12:00:00Z") from None
    return instant.replace(tzinfo=instant.tzinfo or UTC)


@app.command()
def backtest(
    file: Draft_,
    since: Annotated[
        datetime | None,
        typer.Option("--from", parser=_instant, metavar="TIME", help="From when on (default: a month before the end)."),
    ] = None,
    until: Annotated[
        datetime | None,
        typer.Option("--to", parser=_instant, metavar="TIME", help="Up to and including this time (default: now)."),
    ] = None,
    precision: Annotated[
        float,
        typer.Option("--precision", min=0.01, max=1.0, help="The share of alarms that should be right (0.8 is 80 %)."),
    ] = 0.8,
    as_json: AsJson = False,
) -> None:
    """Say what a draft would have found in that time, beside what the standards in force find in the same signals.

    Signals come from the history, in the order of their time; those of the thirty days before are read too.
    """
    with with_database():
        from amends.monitor.core.drafts import judged_apart
        from amends.monitor.recorded import root_of
        from amends.monitor.services.backtests import standards_of
        from amends.monitor.services.recording import Busy, land_all
        from amends.monitor.services.trying import trying
        from amends.policy.present import present
        from amends.policy.selectors import deployment

        here = deployment()
        now = present(here)
        end = min(until or now, now)
        begin = since or end - timedelta(days=31)
        if begin >= end:
            _refuse("--from has to be before --to, and before now")
        draft, pack = _draft(file)
        try:
            land_all(root=root_of(here), now=now)
        except Busy:
            pass  # whoever is at it writes them
        except OSError as error:
            sys.stderr.write(f"The newest signals could not be written to the history: {error.strerror or error}\n")
        before, after = judged_apart(standards_of(pack), draft.standards)
        try:
            with tempfile.TemporaryDirectory(prefix="amends-backtest-") as work:
                tried = trying(
                    Path(work), root=root_of(here), pack=pack, draft=draft.standards, since=begin, until=end, now=now
                )
                for part in tried:
                    _show_progress(part.done, part.parts)
        except OSError as error:
            _refuse(f"{error.filename or 'the working folder'}: {error.strerror or error}")
    if not part.parts:
        sys.stderr.write("There are no signals on record in that time.\n")
        raise typer.Exit(NO)
    summary = {
        "from": begin.isoformat(),
        "to": end.isoformat(),
        "standard": draft.standard or None,
        "signals": part.signals,
        "changed": sorted({one.id for one in (*before.standards, *after.standards)}),
        **part.result,
        "precision": precision,
        "suggestions": suggestions(part.result, precision),
    }
    if as_json:
        typer.echo(json.dumps(summary, ensure_ascii=False))
    else:
        _show(summary)


@app.command()
def diff(file: Draft_, as_json: AsJson = False) -> None:
    """Show how a draft's standards differ from those in force (exit 1 if they do)."""
    with with_database():
        from amends.kernel.blueprint.changes import changes_between

        draft, pack = _draft(file)
        in_force = _plain(pack.standards_file())
        changes = changes_between(in_force, _plain(draft.standards.model_dump(mode="json", exclude_none=True)))
    if as_json:
        typer.echo(json.dumps({"changes": [change.content() for change in changes]}, ensure_ascii=False))
    else:
        for change in changes:
            typer.echo(str(change))
    raise typer.Exit(NO if changes else 0)


def _plain(file: dict[str, Any]) -> dict[str, Any]:
    """As the monitor reads it, so that equal declarations are equal however they were written."""
    from amends.monitor.core.standard import Standards

    return Standards.model_validate(file).model_dump(mode="json", exclude_none=True)


def _draft(file: Path) -> "tuple[Draft, Any]":
    from amends.kernel.blueprint import BlueprintErrors
    from amends.monitor.drafting import in_force
    from amends.monitor.sources.drafts import file_of

    pack = in_force().pack
    try:
        return file_of(file, pack), pack
    except BlueprintErrors as errors:
        _refuse(str(errors))


def _refuse(message: str) -> NoReturn:
    sys.stderr.write(f"{message}\n")
    raise typer.Exit(BAD_INPUT)


def suggestions(result: dict[str, Any], precision: float) -> list[dict[str, Any]]:
    """For each threshold the value that reaches the precision, as JSON values."""
    from amends.monitor.core.threshold import Curve, suggested

    found = []
    for content in result.get("curves", ()):
        curve = Curve.of(content)
        one = suggested(curve, precision)
        found.append({"standard": curve.standard, "parameter": curve.parameter, **vars(one)})
    return found


def _show_progress(done: int, parts: int) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{done} of {parts} days")
        sys.stderr.flush()


def _show(summary: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Column, Table

    console = Console()
    if not summary["counts"]:
        console.print("Neither the draft nor what is in force finds anything there.")
    else:
        table = Table(Column("standard", overflow="fold"), "finding")
        for name in ("in force", "draft", "only draft", "only in force", "at another time"):
            table.add_column(name, justify="right")
        for row in summary["counts"]:
            both = row["both"]
            figures = (both + row["only_in_force"], both + row["only_draft"], row["only_draft"], row["only_in_force"])
            table.add_row(
                row["standard"],
                row["what"].replace("_", " "),
                *(f"{number:,}" for number in (*figures, row["moved"])),
            )
        console.print(table)
    _show_quality(console, summary)
    for one in summary["examples"]:
        side = one["side"].replace("_", " ")
        times = " instead of ".join(filter(None, (one["at_draft"], one["at_in_force"])))
        console.print(
            f"{side}: {one['standard']} {one['what']} {one['subject']} {times}", soft_wrap=True, highlight=False
        )
    console.print(f"{summary['signals']:,} signals, {summary['from']} to {summary['to']}", highlight=False)


def _show_quality(console: "Console", summary: dict[str, Any]) -> None:
    from rich.table import Column, Table

    for row in summary["quality"]:
        sides = row["sides"]  # beside each other: as rows they would not fit a narrow window
        table = Table(row["standard"], *(Column(side.replace("_", " "), justify="right") for side in sides))
        for told in zip(*map(_quality_of, sides.values()), strict=True):
            if any(figure for _, figure in told):
                table.add_row(told[0][0], *(figure for _, figure in told))
        console.print(table)
    for one in summary["suggestions"]:
        console.print(_said(one, summary["precision"]), soft_wrap=True, highlight=False)


def _quality_of(side: dict[str, Any]) -> list[tuple[str, str]]:
    """What is told of one side: name and figure, empty where there is none."""
    rates, costs, leads = side["rates"] or {}, side["costs"] or {}, side["leads"]
    return [
        *((name, str(rates.get(name, ""))) for name in ("alarms", "false")),
        *((name, _share(rates.get(name))) for name in ("precision", "recall")),
        *((f"before {name}", _lead(leads.get(name))) for name in ("due", "breach", "complaint")),
        *((told, _money(costs, name)) for told, name in COSTS.items()),
        ("confidence in these sums", costs.get("confidence", "")),
    ]


def _money(costs: dict[str, Any], name: str) -> str:
    return f"{costs[name]} {costs['currency']}" if name in costs else ""


def _share(interval: Any) -> str:
    return "" if interval is None else f"{interval[0]:.0%} ({interval[1]:.0%}-{interval[2]:.0%})"


def _lead(told: dict[str, Any] | None) -> str:
    if told is None:
        return ""
    low, median, high = (str(timedelta(seconds=round(told[name]))) for name in ("low", "median", "high"))
    return f"{median} ({low} to {high})"


def _said(one: dict[str, Any], wished: float) -> str:
    """A suggestion in words."""
    from amends.kernel.business_time import format_duration
    from amends.monitor.core.threshold import MINIMUM

    name = f"{one['standard']} {one['parameter']}"
    if one["state"] == "too_few":
        least = f"{MINIMUM['chosen']} to choose a value on and {MINIMUM['judged']} to judge it by"
        return f"{name}: too few failures for a suggestion; it takes {least}"
    if one["state"] == "none":
        return f"{name}: no value is right in {wished:.0%} of its alarms"
    length = one["parameter"] in ("warn", "silent_for")
    value = format_duration(timedelta(seconds=one["value"])) if length else f"{one['value']:g}"
    kept = f"what is in force, {value}, does" if one["state"] == "in_force" else f"{value} does"
    judged = f"precision {_share(one['precision']) or 'unknown'}, recall {_share(one['recall']) or 'unknown'}"
    held = "" if one["held"] else "; there it falls short"
    return f"{name}: for {wished:.0%}, {kept}; on the last third, which it was not chosen on: {judged}{held}"
