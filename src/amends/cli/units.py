"""`amends units`: plant the tree of branches, routes, teams and departments from a file, and list it."""

import csv
import json
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from amends.cli.with_database import with_database

BAD_INPUT = 2
COLUMNS = ("code", "parent", "name_en", "name_zh")
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Plant and list the tree of units.")


@app.command()
def load(
    file: Annotated[Path, typer.Argument(help="CSV with the columns code, parent, name_en, name_zh.", exists=True)],
    as_json: AsJson = False,
) -> None:
    """Add the units of a file or change those that are there, in any order; all of them or, if one is wrong, none.

    An empty parent makes a root. A unit that gets another parent takes along what is below it.
    """
    rows = _rows(file)
    with with_database():
        from amends.people.services import BadUnits, plant_units

        before = _on_record()
        try:
            planted = plant_units(rows)
        except BadUnits as error:
            _fail(f"{file}: {error}")
    given = {code: tuple(rest) for code, *rest in rows}
    added = len(given.keys() - before.keys())
    changed = sum(code in before and before[code] != rest for code, rest in given.items())
    counts = {"added": added, "changed": changed, "as before": len(given) - added - changed}
    if as_json:
        typer.echo(json.dumps({"units": len(planted)} | {what.replace(" ", "_"): n for what, n in counts.items()}))
    else:
        named = ", ".join(f"{number} {what}" for what, number in counts.items() if number)
        typer.echo(f"{len(planted)} units: {named}" if named else "The file has no units.")


def _on_record() -> dict[str, tuple[str | None, str, str]]:
    """Each unit's parent and names, by its code."""
    from amends.people.models import Unit

    units = Unit.objects.values_list("code", "parent__code", "name_en", "name_zh")
    return {code: (parent, en, zh) for code, parent, en, zh in units}


@app.command("list")
def list_units(as_json: AsJson = False) -> None:
    """The tree, each unit below its parent."""
    with with_database():
        from amends.people.models import Unit

        rows = list(Unit.objects.order_by("path").values("code", "parent__code", "name_en", "name_zh", "path"))
    if as_json:
        units = [{name: row[name.replace("parent", "parent__code")] for name in COLUMNS} for row in rows]
        typer.echo(json.dumps({"units": units}, ensure_ascii=False))
        return
    for row in rows:
        depth = row["path"].count("/") - 2
        typer.echo(f"{'  ' * depth}{row['code']}  {row['name_en']} · {row['name_zh']}")


def _rows(file: Path) -> list[tuple[str, str | None, str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.DictReader(lines)
        if missing := [name for name in COLUMNS if name not in (reader.fieldnames or ())]:
            _fail(f"{file}: the column {', '.join(missing)} is missing; it needs {', '.join(COLUMNS)}")
        rows = []
        for row in reader:
            if empty := [name for name in COLUMNS if name != "parent" and not (row[name] or "").strip()]:
                _fail(f"{file}, row {reader.line_num}: {', '.join(empty)} is empty")
            code, parent, en, zh = ((row[name] or "").strip() for name in COLUMNS)
            rows.append((code, parent or None, en, zh))
    return rows


def _fail(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(BAD_INPUT)
