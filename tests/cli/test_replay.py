"""`amends replay` from outside: files in, findings and set-aside signals out, by the words of its reference."""

import gzip
import json
import resource
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner, Result

from amends.cli.replay import app
from amends.kernel.blueprint.loading import PACKS

STANDARDS = """\
version: 1
lateness: PT10M
standards:
  - id: depart-on-time
    opens: {type: scheduled, where: "data.carrier = 'UA'"}
    closes: {type: departed}
    due: {at: data.due, plus: PT15M}
    warn: PT30M
    gives_up: PT12H
    failure: slow
  - id: not-cancelled
    forbids: {type: cancelled}
    failure: unavailable
"""
EVENTS: list[dict[str, Any]] = [
    {"id": "1", "type": "scheduled", "subject": "UA1", "time": "2026-01-05T08:00:00Z", "unit": "EWR", "customer": "c"},
    {"id": "2", "type": "departed", "subject": "UA1", "time": "2026-01-05T10:20:00Z"},
    {"id": "2", "type": "departed", "subject": "UA1", "time": "2026-01-05T10:20:00Z"},
    {"id": "3", "type": "cancelled", "subject": "UA2", "time": "2026-01-05T09:20:00Z"},
    {"id": "4", "type": "cancelled", "subject": "UA2", "time": "2026-01-05T12:15:00+02:00"},
]
EVENTS[0]["data"] = {"carrier": "UA", "due": "2026-01-05T10:00:00"}
EXPECTED = [("at_risk", "09:45"), ("breached", "10:15"), ("violated", "10:15"), ("late", "10:20")]


class Replay:
    """A folder to work in, and the command."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "standards.yaml").write_text(STANDARDS)

    def __call__(self, *arguments: object) -> Result:
        return CliRunner().invoke(
            app,
            [
                *map(str, arguments),
                "--standards",
                str(self.folder / "standards.yaml"),
                "--out",
                str(self.folder / "out"),
            ],
        )

    def summary(self, *arguments: object) -> dict[str, Any]:
        result = self(*arguments, "--json")
        assert result.exit_code == 0, result.output
        return dict(json.loads(result.stdout))

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.write_text(text)
        return path

    @property
    def found(self) -> list[tuple[str, str]]:
        rows = pq.read_table(self.folder / "out" / "findings.parquet").to_pylist()
        return [(row["what"], f"{row['at']:%H:%M}") for row in rows]

    @property
    def aside(self) -> list[dict[str, Any]]:
        return pq.read_table(self.folder / "out" / "set_aside.parquet").to_pylist()


@pytest.fixture
def replay(tmp_path: Path) -> Replay:
    return Replay(tmp_path)


def ndjson(events: list[dict[str, Any]] = EVENTS) -> str:
    return "".join(json.dumps(event) + "\n" for event in events)


def test_the_example_gives_what_one_reckons_by_hand(replay: Replay) -> None:
    summary = replay.summary(replay.write("a.ndjson", ndjson()))
    assert replay.found == sorted(EXPECTED, key=lambda pair: (pair[1], pair[0] == "violated"))
    assert {name: summary[name] for name in ("signals", "duplicates", "late", "rejected", "promises_open")} == {
        "signals": 5,
        "duplicates": 1,
        "late": 1,
        "rejected": 0,
        "promises_open": 0,
    }
    assert summary["findings"] == {
        "depart-on-time": {"at_risk": 1, "breached": 1, "late": 1, "never": 0},
        "not-cancelled": {"violated": 1},
    }
    assert summary["seconds"] > 0
    assert summary["signals_per_second"] > 0
    assert summary["peak_rss_mb"] > 0


def test_a_packs_standards_are_replayed_with_the_calendars_beside_them(replay: Replay) -> None:
    replay.write("standards.yaml", (PACKS / "express" / "standards.yaml").read_text(encoding="utf-8"))
    replay.write("calendars.yaml", (PACKS / "express" / "calendars.yaml").read_text(encoding="utf-8"))
    parcel: dict[str, Any] = {"subject": "SF1", "customer": "c", "data": {"product": "next_morning"}}
    accepted = {"id": "1", "type": "parcel.accepted", "time": "2026-03-02T09:00:00Z", **parcel}
    delivered = {"id": "2", "type": "parcel.delivered", "time": "2026-03-03T03:30:00Z", **parcel}
    summary = replay.summary(replay.write("a.ndjson", ndjson([accepted, delivered])))
    assert summary["findings"]["by-ten-next-morning"]["late"] == 1  # half past eleven in Shanghai
    replay.write("calendars.yaml", "calendars: [1")
    broken = replay(replay.folder / "a.ndjson")
    assert broken.exit_code == 2
    assert "calendars.yaml" in broken.stderr


def test_the_findings_have_the_columns_of_the_reference(replay: Replay) -> None:
    replay.summary(replay.write("a.ndjson", ndjson()))
    table = pq.read_table(replay.folder / "out" / "findings.parquet")
    assert table.column_names == [
        "standard",
        "subject",
        "what",
        "at",
        "due",
        "opened_at",
        "opening_id",
        "customer",
        "unit",
    ]
    assert {table.schema.field(name).type for name in ("at", "due", "opened_at")} == {pa.timestamp("us", tz="UTC")}
    first, violated = table.to_pylist()[0], table.to_pylist()[2]
    assert (first["opening_id"], first["customer"], first["unit"]) == ("1", "c", "EWR")
    assert first["due"] == datetime(2026, 1, 5, 10, 15, tzinfo=UTC)
    assert (violated["opening_id"], violated["due"], violated["opened_at"]) == ("4", None, None)


@pytest.mark.parametrize("rows", [1, 2, 1000])
def test_the_cut_changes_nothing(replay: Replay, rows: int) -> None:
    path = replay.write("a.ndjson", ndjson())
    whole, aside = replay.summary(path), replay.aside
    cut = replay.summary(path, "--batch-rows", rows)
    assert replay.found == sorted(EXPECTED, key=lambda pair: (pair[1], pair[0] == "violated"))
    assert replay.aside == aside
    assert {name: cut[name] for name in ("signals", "duplicates", "late", "findings")} == {
        name: whole[name] for name in ("signals", "duplicates", "late", "findings")
    }


def _typed(data: pa.Array, unit: str = "us") -> pa.Table:
    naive = [datetime.fromisoformat(event["time"]).astimezone(UTC).replace(tzinfo=None) for event in EVENTS]
    columns = {name: [event.get(name) for event in EVENTS] for name in ("id", "type", "subject", "customer", "unit")}
    return pa.table({**columns, "time": pa.array(naive, pa.timestamp(unit)), "data": data})


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("form", ["struct", "map", "text"])
def test_parquet_may_hold_any_kind_of_time_and_data(replay: Replay, unit: str, form: str) -> None:
    values = [event.get("data") for event in EVENTS]
    kinds = {"struct": pa.struct([("carrier", pa.string()), ("due", pa.string())]), "text": pa.string()}
    kinds["map"] = pa.map_(pa.string(), pa.string())
    shaped: list[Any] = [
        json.dumps(v) if form == "text" and v else list(v.items()) if form == "map" and v else v for v in values
    ]
    path = replay.folder / "a.parquet"
    pq.write_table(_typed(pa.array(shaped, kinds[form]), unit), path)
    replay.summary(path)
    assert [what for what, _ in replay.found] == ["at_risk", "breached", "violated", "late"]


CSV = "id,type,subject,time,data.carrier,data.due\n1,scheduled,UA1,2026-01-05 08:00,UA,2026-01-05T10:00Z\n"


def test_csv_takes_further_columns_as_data(replay: Replay) -> None:
    replay.summary(replay.write("a.csv", CSV), "--until", "2026-01-06T00:00:00Z")
    assert replay.found == [("at_risk", "09:45"), ("breached", "10:15"), ("never", "22:15")]


def test_packed_files_are_unpacked(replay: Replay) -> None:
    (replay.folder / "a.csv.gz").write_bytes(gzip.compress(CSV.encode()))
    with pa.CompressedOutputStream(str(replay.folder / "b.ndjson.zst"), "zstd") as packed:
        packed.write(ndjson(EVENTS[1:2]).encode())
    pq.write_table(_typed(pa.nulls(len(EVENTS), pa.string())), replay.folder / "c.parquet")
    (replay.folder / "c.parquet.gz").write_bytes(gzip.compress((replay.folder / "c.parquet").read_bytes()))
    names = [replay.folder / name for name in ("a.csv.gz", "b.ndjson.zst", "c.parquet.gz")]
    assert replay.summary(*names)["signals"] == 2 + len(EVENTS)


def test_a_folder_is_read_in_the_order_of_names_and_globs_too(replay: Replay) -> None:
    folder = replay.folder / "in"
    folder.mkdir()
    (folder / "2.ndjson").write_text(ndjson(EVENTS[1:]))
    (folder / "1.ndjson").write_text(ndjson(EVENTS[:1]))
    assert replay.summary(folder)["late"] == 1
    assert replay.summary(f"{folder}/*.ndjson", "--batch-rows", 3)["late"] == 1
    # the other way round the opening comes too late
    assert replay.summary(folder / "2.ndjson", folder / "1.ndjson")["late"] == 2


def test_what_cannot_be_read_is_set_aside_with_its_place_and_a_reason(replay: Replay) -> None:
    lines = [
        json.dumps(EVENTS[0]),
        "no json",
        "",
        '{"id": "5", "type": "x", "subject": null, "time": "2026-01-05T10:00:00Z"}',
        '{"id": "6", "type": "x", "subject": "s", "time": "yesterday"}',
        '{"id": "7", "type": "x", "subject": "s", "time": "2026-01-05T10:00:00Z", "data": "{broken"}',
        '{"id": "8", "type": "scheduled", "subject": "s", "time": "2026-01-05T10:00:00Z", "data": {"carrier": "UA"}}',
    ]
    path = replay.write("a.ndjson", "\n".join(lines))
    assert replay.summary(path)["rejected"] == 5
    assert [(row["row"], row["reason"]) for row in replay.aside] == [
        (2, "the line is no JSON object"),
        (4, "subject is missing"),
        (5, "time cannot be read: yesterday"),
        (6, "data is no JSON object"),
        (7, "standard depart-on-time: data.due is missing or no time, so the promise cannot be judged"),
    ]
    assert {row["file"] for row in replay.aside} == {str(path)}
    assert replay.aside[0]["data"] == "no json"
    assert replay.aside[3]["data"] == "{broken"


def test_what_did_not_count_is_said_in_one_sentence_beside_the_output(replay: Replay) -> None:
    cancelled = {**EVENTS[3], "id": "5", "time": "2026-01-05T09:00:00Z"}
    path = replay.write("a.ndjson", ndjson([*EVENTS, cancelled]) + "no json\n{}\n")
    done = replay(path, "--json")
    aside = replay.folder / "out" / "set_aside.parquet"
    assert done.exit_code == 0
    assert json.loads(done.stdout)["rejected"] == 2
    assert done.stderr == (
        f"2 rows were set aside as unreadable (the first is {path}, row 7: the line is no JSON object), "
        f"and 2 signals were late; see {aside}.\n"
    )
    one = replay.write("b.ndjson", ndjson(EVENTS[:1]) + "no json\n")
    assert replay(one).stderr == (
        f"1 row was set aside as unreadable (it is {one}, row 2: the line is no JSON object); see {aside}.\n"
    )
    assert replay(replay.write("c.ndjson", ndjson())).stderr == f"1 signal was late and did not count; see {aside}.\n"
    assert replay(replay.write("d.ndjson", ndjson(EVENTS[:1]))).stderr == ""


def test_lines_of_a_csv_file_that_are_no_rows_are_set_aside(replay: Replay) -> None:
    path = replay.write("a.csv", CSV + "2,x\n3,x,s,2026-01-05,,,,too many\n4,x,s,2026-01-05 08:05,,\n")
    summary = replay.summary(path)
    assert (summary["signals"], summary["rejected"]) == (4, 2)
    assert all("line" in row["reason"] for row in replay.aside)


def test_the_end_leaves_out_what_comes_after_it(replay: Replay) -> None:
    summary = replay.summary(replay.write("a.ndjson", ndjson()), "--until", "2026-01-05T10:15:00Z")
    # without the departure at 10:20 the watermark stays behind, so the cancellation of 09:20 is in time
    expected = [("violated", "09:20"), ("at_risk", "09:45"), ("breached", "10:15"), ("violated", "10:15")]
    assert replay.found == expected
    assert (summary["signals"], summary["promises_open"], summary["late"]) == (3, 1, 0)


@pytest.mark.parametrize("name", ["a.csv", "a.ndjson"])
def test_no_signals_are_no_findings(replay: Replay, name: str) -> None:
    summary = replay.summary(replay.write(name, ""))
    assert (summary["signals"], replay.found, replay.aside) == (0, [], [])
    assert replay(replay.write(name, "")).stderr == "There was no signal to judge: what was named is empty.\n"


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", "id,type,subject\n1,a,b\n", "a.csv: column time missing; it has id, type, subject"),
        ("a.ndjson", '{"id": "1", "type": "a", "time": "2026-01-01"}\n', "a.ndjson: column subject missing"),
        ("a.txt", "x", "a.txt: cannot tell the form"),
        ("a.parquet", "x", "a.parquet: cannot be read as parquet"),
        ("a.csv.gz", "x", "a.csv.gz: cannot be read as csv"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(replay: Replay, name: str, content: str, message: str) -> None:
    result = replay(replay.write(name, content))
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stdout == ""


def test_a_file_that_is_not_there_is_named(replay: Replay) -> None:
    result = replay("nowhere.csv")
    assert (result.exit_code, result.stderr) == (2, "nowhere.csv: there is no such file or folder\n")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("    due: {at: data.due, plus: PT15M}\n", "", "standards.yaml:4: standards[0].due: is missing"),
        ("plus: PT15M", "plus: 15M", "standards.yaml:7: standards[0].due.plus: '15M' is no duration"),
        ("warn:", "warns:", "standards.yaml:8: standards[0].warns: is no field here"),
        ("{at: data.due, plus: PT15M}", '{by: "10:00", days: 1, calendar: depot}', "there is no calendar 'depot'"),
        ("not-cancelled", "depart-on-time", "the id 'depart-on-time' comes twice"),
        (
            "data.carrier = 'UA'",
            "lower(unit) = 'x'",
            "standards.yaml:5: standards[0].opens.where: 'LOWER(unit)' is not",
        ),
        ("version: 1", "version: [", "standards.yaml:"),
    ],
)
def test_a_fault_in_the_standards_is_named_with_line_and_field(
    replay: Replay, old: str, new: str, message: str
) -> None:
    events = replay.write("a.ndjson", ndjson())
    assert old in STANDARDS
    replay.write("standards.yaml", STANDARDS.replace(old, new))
    result = replay(events)
    assert result.exit_code == 2
    assert message in result.stderr


def test_an_engine_of_another_version_is_refused_in_words(replay: Replay) -> None:
    result = replay(replay.write("a.ndjson", ndjson()), "--engine", "flink")
    assert result.exit_code == 2
    assert "there are duckdb and spark" in " ".join(result.stderr.replace("│", " ").split())


def test_without_json_a_table_is_shown(replay: Replay) -> None:
    result = replay(replay.write("a.ndjson", ndjson()))
    assert result.exit_code == 0
    assert "depart-on-time" in result.stdout
    assert "5 signals: 1 duplicates, 1 late, 0 rejected" in result.stdout


def test_a_disk_that_fills_is_named_and_leaves_no_half_result(tmp_path: Path) -> None:
    """No file of the process may grow beyond 20 KB, which is how a full disk feels to it."""
    events = tmp_path / "events.csv"
    rows = [f"{n},forbidden,S{n},2026-01-05T10:00:{n % 60:02}Z" for n in range(20_000)]
    events.write_text("\n".join(["id,type,subject,time", *rows]))
    (tmp_path / "standards.yaml").write_text(
        "version: 1\nlateness: P1D\nstandards:\n  - {id: never, forbids: {type: forbidden}, failure: slow}\n"
    )
    given = [events, "--standards", tmp_path / "standards.yaml", "--out", tmp_path / "out"]
    ran = subprocess.run(
        [sys.executable, "-m", "amends.cli", "replay", *given],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 2
    assert str(tmp_path / "out") in ran.stderr
    assert list((tmp_path / "out").iterdir()) == []
