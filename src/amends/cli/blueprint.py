"""`amends blueprint`: check, show, compare and publish industry packs, and print the schemas of their files.

A pack is named by its folder, by the name of one that is shipped, or as NAME@NUMBER by a version that was published.
"""

import json
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Check, show, compare and publish industry packs.")

BAD_INPUT = 2

Pack = Annotated[
    str,
    typer.Argument(metavar="PATH|NAME", help="A pack's folder, a shipped pack's name, or NAME@NUMBER, once published."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@app.command()
def check(pack: Pack, as_json: AsJson = False) -> None:
    """Say whether a pack can be used; if not, everything that is wrong with it, by file and line (exit 2)."""
    from amends.kernel.blueprint import BlueprintErrors

    try:
        blueprint = _blueprint(pack)
    except BlueprintErrors as errors:
        if as_json:
            _print_json({"ok": False, "problems": [problem.content() for problem in errors.problems]})
        _fail(str(errors))
    if as_json:
        _print_json({"ok": True, "id": blueprint.id, "digest": blueprint.digest, "problems": []})
    else:
        typer.echo(f"{blueprint.name.en} {blueprint.version}: sound ({blueprint.digest[:12]})")


@app.command()
def show(
    pack: Pack,
    part: Annotated[str | None, typer.Argument(help="taxonomy, standards, playbooks, ...")] = None,
    as_json: AsJson = False,
) -> None:
    """Show what a pack says: all of it in short, or one part in full."""
    import yaml

    blueprint = _sound(pack)
    content = blueprint.content()
    if part is not None and part not in content:
        _fail(f"a blueprint has no part {part!r}; it has {', '.join(content)}")
    if as_json:
        shown = content if part is None else {part: content[part]}
        _print_json({"digest": blueprint.digest, **shown})
    elif part is not None:
        typer.echo(yaml.safe_dump(content[part], allow_unicode=True, sort_keys=False, width=120).rstrip())
    else:
        _print_summary(blueprint)


@app.command()
def diff(before: Pack, after: Pack, as_json: AsJson = False) -> None:
    """Show what differs between two packs (exit 1 if anything does)."""
    from amends.kernel import blueprint as kernel

    changes = kernel.diff(_sound(before), _sound(after))
    if as_json:
        _print_json({"changes": [change.content() for change in changes]})
    else:
        for change in changes:
            typer.echo(str(change))
    raise typer.Exit(1 if changes else 0)


@app.command()
def publish(
    pack: Pack,
    note: Annotated[str, typer.Option(help="What is new, for those who will look back.")] = "",
    as_json: AsJson = False,
) -> None:
    """Put a sound pack in force as the next version of its name; earlier versions are kept, with what they decided."""
    import getpass

    blueprint = _sound(pack)
    with _store():
        from django.utils import timezone

        from amends.policy.services import publish_blueprint

        version = publish_blueprint(
            blueprint, name=blueprint.id, now=timezone.now(), acting_user=getpass.getuser(), note=note
        )
        if as_json:
            _print_json({"name": version.name, "number": version.number, "digest": version.digest})
        else:
            typer.echo(f"{version.name}@{version.number} is in force ({version.digest[:12]})")


@app.command()
def versions(name: Annotated[str, typer.Argument(help="A pack's name.")], as_json: AsJson = False) -> None:
    """List the published versions of a pack, the newest first."""
    with _store():
        from amends.policy.models import BlueprintVersion

        found = BlueprintVersion.objects.filter(name=name).order_by("-number").defer("content")
        rows = [
            {
                "number": version.number,
                "digest": version.digest,
                "published_at": version.published_at.isoformat(),
                "published_by": version.published_by,
                "note": version.note,
            }
            for version in found
        ]
    if as_json:
        _print_json({"name": name, "versions": rows})
    else:
        for row in rows:
            typer.echo(
                f"{name}@{row['number']}  {row['published_at']}  {row['digest'][:12]}  "
                f"{row['published_by']}  {row['note']}"
            )
    if not rows:
        typer.echo(f"no version of {name!r} is published here", err=True)
        raise typer.Exit(1)


@app.command()
def schema(
    part: Annotated[str | None, typer.Argument(help="One file of a pack; without it, all.")] = None,
    out: Annotated[Path | None, typer.Option(help="Write a file for each part into this folder instead.")] = None,
) -> None:
    """Print the JSON Schema of a pack's file, for editors."""
    from amends.kernel.blueprint.loading import PARTS
    from amends.kernel.blueprint.schemas import schema as schema_of
    from amends.kernel.blueprint.schemas import write_schemas

    if part is not None and part not in PARTS:
        _fail(f"a pack has no part {part!r}; it has {', '.join(PARTS)}")
    if out is not None:
        for file in write_schemas(out):
            typer.echo(str(file))
    else:
        _print_json({name: schema_of(name) for name in PARTS} if part is None else schema_of(part))


def _blueprint(pack: str) -> Any:
    from amends.kernel.blueprint import load, load_shipped, shipped

    if Path(pack).is_dir():
        from amends.monitor.sources.standards import check_standards

        blueprint = load(pack)
        check_standards(Path(pack), blueprint)
        return blueprint
    name, at, number = pack.rpartition("@")
    if at and number.isdecimal():
        return _published(name, int(number))
    if pack not in shipped():
        _fail(f"there is no folder {pack!r}, and no such pack is shipped; shipped: {', '.join(shipped())}")
    return load_shipped(pack)


def _published(name: str, number: int) -> Any:
    with _store():
        from amends.policy.models import BlueprintVersion
        from amends.policy.selectors import blueprint_of

        version = BlueprintVersion.objects.filter(name=name, number=number).only("id").first()
        if version is None:
            _fail(f"no version {name}@{number} is published here; `amends blueprint versions {name}` lists them")
        return blueprint_of(version.pk)


def _store() -> AbstractContextManager[None]:
    from amends.cli.with_database import with_database

    return with_database()


def _sound(pack: str) -> Any:
    from amends.kernel.blueprint import BlueprintErrors

    try:
        return _blueprint(pack)
    except BlueprintErrors as errors:
        _fail(str(errors))


def _print_summary(blueprint: Any) -> None:
    from amends.kernel.money import Money

    typer.echo(f"{blueprint.name.en} · {blueprint.name.zh}, version {blueprint.version}")
    typer.echo(f"digest {blueprint.digest}")
    typer.echo(
        f"currency {blueprint.currency}, calendar {blueprint.calendar}, own case from {blueprint.cases.own_case_from}"
    )
    for title, names in {
        "kinds of failure": [
            f"{kind.id} {kind.name.en} · {kind.name.zh}" for kind in blueprint.taxonomy.kinds.values()
        ],
        "standards": [standard.id for standard in blueprint.standards],
        "playbooks": [f"{playbook.id} ({playbook.strategy})" for playbook in blueprint.playbooks],
        "authority": [
            f"{level.role} up to {Money(level.per_case, level.currency).in_('en')}" for level in blueprint.authority
        ],
        "tariffs": [f"{tariff.id} from {tariff.effective_from} ({tariff.source_kind})" for tariff in blueprint.tariffs],
        "templates": list(blueprint.templates),
        "calendars": ["always", *blueprint.calendars],
    }.items():
        typer.echo(f"\n{title} ({len(names)})")
        for name in names:
            typer.echo(f"  {name}")


def _print_json(value: dict[str, Any]) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False))


def _fail(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(BAD_INPUT)
