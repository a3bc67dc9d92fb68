"""What we owe our own people ships once; a pack changes single entries, and its mistakes are told where they are."""

import json
import shutil
from pathlib import Path

import jsonschema_rs
import pytest

from amends.kernel.blueprint import Blueprint, BlueprintErrors, Problem, load, load_shipped
from amends.kernel.blueprint.internal_shipped import SHIPPED
from amends.kernel.blueprint.loading import PACKS
from amends.kernel.blueprint.schemas import schema
from amends.kernel.blueprint.source import read

OWN = """
working_hours: front_desk
leaves_out: [supplies_missing]
kinds:
  lift_broken:
    name: {en: Staff lift broken, zh: 员工电梯坏了}
    description: {en: The staff lift does not run., zh: 员工电梯停运。}
    what_happened: [{text: {en: The staff lift does not run., zh: 员工电梯停运。}}]
    step: inside
    loss: outcome
    bitner: delivery_system
    hurts: [service]
    gap: delivery
    responsible: technology
    controllable: true
    stable: true
    reason: {en: It is ours to mend., zh: 由我们负责修好。}
    severity: [{severity: light, reason: {en: There are stairs., zh: 还可以走楼梯。}}]
standards:
  - kinds: [roster_late, lift_broken]
    promise: {en: By tomorrow., zh: 明天之前。}
    source: own assumption
    confidence: low
circle:
  - name: {en: House, zh: 后勤}
    kinds: [lift_broken]
    members: [person, unit_head]
    reason: {en: The house sees to it., zh: 由后勤解决。}
playbooks:
  - id: lift
    name: {en: Lift, zh: 电梯}
    kinds: [lift_broken]
    strategy: case_by_case
    clocks:
      acknowledge: {within: PT8H, calendar: working_hours, owner: supervisor, escalate_to: manager}
      inform: {within: P2D, owner: supervisor, escalate_to: manager}
      resolve: {within: P5D, owner: supervisor, escalate_to: manager}
      follow_up: {within: P14D, owner: supervisor, escalate_to: manager}
    actions:
      - id: received
        kind: apology
        phase: immediate
        performer: automatic
        channel: outbox
        template: internal-received
        due: {within: PT15M}
        justice: [interactional]
        reason: {en: They hear at once., zh: 马上告知。}
confidant: executive
support:
  lapses: P1D
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(PACKS / "hotel", tmp_path / "hotel"))


def with_own(folder: Path, text: str) -> Blueprint:
    (folder / "internal.yaml").write_text(text, encoding="utf-8")
    return load(folder)


def problems(folder: Path, text: str) -> list[Problem]:
    with pytest.raises(BlueprintErrors) as caught:
        with_own(folder, text)
    return caught.value.problems


def test_a_single_line_brings_all_that_ships(folder: Path) -> None:
    pack = load_shipped("hotel")
    assert len(pack.internal.kinds) == 9
    assert pack.internal.support.calendar == "office"
    assert with_own(folder, "working_hours: office\n") == pack
    assert with_own(folder, "confidant: quality_owner\n").internal.support.calendar == pack.calendar


def test_without_the_file_there_is_nothing_between_colleagues(folder: Path) -> None:
    (folder / "internal.yaml").unlink()
    pack = load(folder)
    assert pack.internal.kinds == ()
    assert "internal" not in pack.content()


def test_a_pack_changes_single_entries_and_the_rest_stays(folder: Path) -> None:
    ships, pack = load_shipped("hotel"), with_own(folder, OWN)
    assert set(ships.internal.kinds) - set(pack.internal.kinds) == {"supplies_missing"}
    assert set(pack.internal.kinds) - set(ships.internal.kinds) == {"lift_broken"}
    for kind in ("roster_late", "lift_broken"):
        promise = pack.internal.promise_of(kind)
        assert promise is not None
        assert promise.en == "By tomorrow."
    assert pack.internal.promise_of("pay_wrong") == ships.internal.promise_of("pay_wrong")
    assert pack.internal.circle_of("lift_broken").name.en == "House"
    assert pack.internal.circle_of("harassed") == ships.internal.circle_of("harassed")
    assert pack.internal.confidant == "executive"
    assert pack.internal.support.lapses.days == 1
    assert pack.internal.support.offers == ships.internal.support.offers
    assert pack.internal.support.answer.calendar == "front_desk"
    assert "supplies_missing" not in {kind for one in pack.playbooks for kind in one.kinds}
    assert pack.playbook_for("lift_broken", {"severity": "light"}).rule.clocks.acknowledge.calendar == "front_desk"
    assert Blueprint.from_content(pack.content()) == pack


def test_an_entry_with_an_id_takes_the_place_of_the_one_that_ships(folder: Path) -> None:
    kind = OWN.split("kinds:\n", 1)[1].split("standards:", 1)[0].replace("lift_broken", "pay_wrong")
    pack = with_own(folder, f"kinds:\n{kind}")
    assert pack.taxonomy.kinds["pay_wrong"].name.en == "Staff lift broken"
    assert len(pack.internal.kinds) == 9


def test_what_is_wrong_in_the_packs_own_is_told_with_its_line(folder: Path) -> None:
    text = OWN.replace("    kinds: [lift_broken]\n    members", "    kinds: [lift]\n    members")
    circle, unknown = problems(folder, text)
    assert unknown.file == str(folder / "internal.yaml") == circle.file
    assert unknown.field == "circle[0].kinds[0]"
    assert unknown.line == text[: text.index("kinds: [lift]\n    members")].count("\n") + 1
    assert "lift_broken has no circle" in circle.message


@pytest.mark.parametrize(
    ("text", "field", "says"),
    [
        ("working_hours: offce\n", "working_hours", "no calendar 'offce'"),
        ("leaves_out: [pay_late]\n", "leaves_out[0]", "does not ship"),
        ("confidnt: executive\n", "confidnt", "did you mean confidant?"),
        ("support: {calendar: moon}\n", "support.calendar", "no calendar 'moon'"),
        ("kinds: {room_not_ready: {}}\n", "kinds.room_not_ready.name", "is missing"),
    ],
)
def test_mistakes_of_the_file_itself(folder: Path, text: str, field: str, says: str) -> None:
    found = [one for one in problems(folder, text) if one.field == field and says in f"{one.message} ({one.remedy})"]
    assert [(one.file, one.line) for one in found] == [(str(folder / "internal.yaml"), 1)]


def test_a_kind_that_ships_and_one_of_the_taxonomy_have_two_names(folder: Path) -> None:
    file = folder / "taxonomy.yaml"
    text = file.read_text(encoding="utf-8")
    name = next(iter(load_shipped("hotel").kinds_of_customers))
    file.write_text(text.replace(f"\n  {name}:\n", "\n  pay_wrong:\n"), encoding="utf-8")
    (problem,) = problems(folder, "working_hours: office\n")
    assert (problem.file, problem.field) == (str(file), "kinds.pay_wrong")
    assert problem.remedy == "give yours another name"


@pytest.mark.parametrize(
    "standard",
    [
        "opens: {type: colleague.help_asked}\n    closes: {type: x.done}\n    due: {after: PT1H}",
        "rate: {of: {type: x}, per: {type: shift.changed}}\n    window: PT1H\n    chart: u\n    target: 2",
        "hears: {types: [x.seen, colleague.help_answered]}\n    silent_for: PT1H",
    ],
)
def test_no_other_standard_listens_to_what_colleagues_tell_of_each_other(folder: Path, standard: str) -> None:
    standards = folder / "standards.yaml"
    kind = next(iter(load_shipped("hotel").standards)).failure
    added = f"standards:\n  - id: open-to-all\n    name: {{en: Open, zh: 公开}}\n    {standard}\n    failure: {kind}\n"
    standards.write_text(standards.read_text(encoding="utf-8").replace("standards:\n", added, 1), encoding="utf-8")
    with pytest.raises(BlueprintErrors) as caught:
        load(folder)
    (problem,) = caught.value.problems
    assert problem.file.endswith("standards.yaml")
    assert "what colleagues tell of each other stays confidential" in problem.message


def test_what_ships_passes_the_published_schema() -> None:
    published = jsonschema_rs.Draft202012Validator(schema("internal"))
    data = json.loads(json.dumps(read(SHIPPED).data, default=str))
    assert [error.message for error in published.iter_errors(data)] == []
