"""Files read row by row: every form and packing says the same, what is broken is named, and nothing bursts."""

import gzip
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from amends.monitor.core import intake
from amends.monitor.sources import packed, rows
from amends.monitor.sources.files import read_signals, signal_files
from amends.monitor.sources.packed import Unreadable
from amends.monitor.sources.rows import Row, form_by_name, rows_of
from amends.monitor.tables.moments import micros

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
TOLD: list[dict[str, Any]] = [
    {
        "id": f"{n}",
        "source": "ops" if n % 2 else None,
        "type": "parcel.scanned",
        "subject": f"P{n}, “{n}”",
        "time": AT.replace(minute=n % 60),
        "customer": f"C{n}" if n % 3 else None,
        "unit": None,
        "data": {"weight": n, "due": "2026-03-02T10:00:00+00:00"} if n % 2 else None,
    }
    for n in range(1, 8)
]


def as_csv() -> bytes:
    table = pa.Table.from_pylist([_plain(one) for one in TOLD])
    out = io.BytesIO()
    pyarrow.csv.write_csv(table, out)
    return out.getvalue()


def as_ndjson() -> bytes:
    return "\n".join(json.dumps({**one, "time": one["time"].isoformat()}) for one in TOLD).encode() + b"\n"


def as_parquet() -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(TOLD), out)
    return out.getvalue()


def _plain(one: dict[str, Any]) -> dict[str, Any]:
    return {**one, "time": one["time"].isoformat(), "data": json.dumps(one["data"]) if one["data"] else None}


FORMS: dict[str, Callable[[], bytes]] = {"csv": as_csv, "ndjson": as_ndjson, "parquet": as_parquet}
PACKED: dict[str, Callable[[bytes], bytes]] = {
    "": lambda plain: plain,
    ".gz": gzip.compress,
    ".zst": lambda plain: pa.Codec("zstd").compress(plain, asbytes=True),
}


def read(path: Path) -> list[Row]:
    return list(rows_of(path))


@pytest.mark.parametrize("packing", PACKED)
@pytest.mark.parametrize("form", FORMS)
def test_every_form_and_packing_tells_the_same(form: str, packing: str, tmp_path: Path) -> None:
    path = tmp_path / f"signals.{form}{packing}"
    path.write_bytes(PACKED[packing](FORMS[form]()))
    assert form_by_name(path.name) == form
    found = read(path)
    assert [row.number for row in found] == list(range(1, len(TOLD) + 1))
    for row, told in zip(found, TOLD, strict=True):
        assert row.fault is None
        assert row.told is not None
        data = row.told.get("data")
        assert (json.loads(data) if isinstance(data, str) else data) in (told["data"], {"weight": None, "due": None})
        expected = {**told, "source": told["source"] or "file"}
        for name in ("id", "source", "type", "subject", "time", "customer", "unit"):
            assert row.told.get(name) == expected[name], name


@pytest.mark.parametrize("form", FORMS)
def test_the_replay_reads_the_same_signals(form: str, tmp_path: Path) -> None:
    path = tmp_path / f"signals.{form}"
    path.write_bytes(FORMS[form]())
    (table,) = read_signals(signal_files([str(path)]), rows=100, unpacked=tmp_path)
    theirs = [(one["source"], one["id"], one["subject"], one["at"], one["customer"]) for one in table.to_pylist()]
    ours = [
        (told["source"], told["id"], told["subject"], micros(told["time"]), told.get("customer"))
        for told in (row.told or {} for row in read(path))
    ]
    assert ours == theirs


def test_a_row_that_is_none_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "id,type,subject,time,data.gate\n"
        "1,t,S,2026-03-02T09:00:00Z,B7\n"
        "2,t,S\n"
        "3,t,S,soon,\n"
        '4,t,"S"x,2026-03-02T09:00:00Z,\n'
        "5,t,S,2026-03-02 09:00,B8\n"
    )
    found = read(path)
    assert [(row.number, row.fault is None) for row in found] == [
        (1, True),
        (2, False),
        (3, False),
        (4, False),
        (5, True),
    ]
    assert "3 cells" in str(found[1].fault)
    assert "soon" in str(found[2].fault)
    assert "line 5" in str(found[3].fault)
    assert found[4].told is not None
    assert found[4].told["data"] == {"gate": "B8"}


def test_a_quote_that_is_never_closed_names_the_lines_it_swallows(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    good = "".join(f"{n},t,S,2026-03-02T09:00:00Z\n" for n in range(20_000))
    path.write_text(f'id,type,subject,time\nx,t,"S,2026-03-02T09:00:00Z\n{good}')
    found = read(path)
    assert found[0].fault is not None
    assert "lines 2 to" in str(found[0].fault)
    assert sum(row.fault is None for row in found) > 10_000, "it ends where no cell is so long"


def test_lines_of_json_are_named_by_their_line(tmp_path: Path) -> None:
    path = tmp_path / "a.ndjson"
    good = json.dumps({"id": 7, "type": "t", "subject": "S", "time": "2026-03-02T09:00:00Z"})
    path.write_text(f"{good}\n\n{{broken\n[1]\n{good.replace('7', 'null')}\n")
    found = read(path)
    assert [(row.number, row.fault is None) for row in found] == [(1, True), (3, False), (4, False), (5, True)]
    assert found[0].told is not None
    assert found[0].told["id"] == "7", "a number is an id, too"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_tables_come_in_the_encodings_and_with_the_separators_that_offices_use(
    encoding: str, separator: str, tmp_path: Path
) -> None:
    path = tmp_path / "a.csv"
    lines = [["id", "type", "subject", "time"], ["1", "包裹.签收", "顺丰 1", "2026-03-02 09:00"]]
    path.write_bytes("\r\n".join(separator.join(line) for line in lines).encode(encoding))
    (row,) = read(path)
    assert row.told is not None
    assert (row.told["type"], row.told["subject"], row.told["time"]) == ("包裹.签收", "顺丰 1", AT)


WRONG: dict[str, tuple[str, bytes, str]] = {
    "another ending": ("a.xlsx", b"PK\x03\x04", "should end in"),
    "no ending": ("signals", b"id,type,subject,time\n", "should end in"),
    "an office file": ("a.csv", b"PK\x03\x04....", "office file"),
    "a picture": ("a.csv", b"\x89PNG\r\n", "picture"),
    "a packed file without its ending": ("a.csv", gzip.compress(b"id"), "packed with gzip"),
    "an empty file": ("a.csv", b"", "empty"),
    "a web page": ("a.csv", b"<!DOCTYPE html><title>No</title>", "web page"),
    "json": ("a.csv", b'{"id": 1}', "JSON"),
    "bytes": ("a.csv", bytes(range(128, 256)) * 9, "no text"),
    "zeros": ("a.csv", bytes(99), "no text"),
    "other columns": ("a.csv", b"name,age\nKim,7\n", "no column id, type, subject, time; it has name, age"),
    "a column twice": ("a.csv", b"id,id,type,subject,time\n", "named twice"),
    "no Parquet": ("a.parquet", b"id,type\n", "cannot be read as Parquet"),
    "half a Parquet file": ("a.parquet", as_parquet()[:-20], "cannot be read as Parquet"),
    "Parquet of something else": ("a.parquet", b"", "cannot be read as Parquet"),
    "not packed": ("a.csv.gz", b"id,type,subject,time\n", "cannot be unpacked"),
    "half of a packed file": ("a.csv.gz", gzip.compress(as_csv())[:-30], "cannot be unpacked"),
    "not packed with zstd": ("a.csv.zst", b"id,type,subject,time\n", "cannot be unpacked"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_file_of_another_kind_is_refused_in_words(wrong: str, tmp_path: Path) -> None:
    name, data, words = WRONG[wrong]
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(Unreadable, match=words) as refused:
        read(path)
    assert refused.value.said.zh


def test_a_packed_file_that_bursts_is_broken_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packed, "FREE_OF_RATIO", 2**20)
    for packing, squeeze in PACKED.items():
        for form in ("csv", "ndjson"):
            path = tmp_path / f"a.{form}{packing}"
            line = b"id,type,subject,time\n" if form == "csv" else b"\n"
            path.write_bytes(squeeze(line + b"0\n" * 2**21))
            if not packing:
                continue
            assert path.stat().st_size < 30_000
            with pytest.raises(Unreadable, match="far more than"):
                read(path)


def test_a_line_without_an_end_is_broken_off(tmp_path: Path) -> None:
    for name in ("a.csv", "a.ndjson", "a.ndjson.gz"):
        path = tmp_path / name
        data = b"id,type,subject,time\n" + b"x" * (intake.LONGEST_LINE + 10)
        path.write_bytes(gzip.compress(data) if name.endswith("gz") else data)
        with pytest.raises(Unreadable, match="longer than"):
            read(path)


def test_a_small_parquet_file_that_repeats_a_long_text_is_broken_off(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    long = "x" * (intake.LONGEST_LINE + 1)
    columns = {"id": pa.array(["1"]), "type": pa.array(["t"]), "subject": pa.array([long]), "time": pa.array([AT])}
    again = pa.array([0] * 5_000, pa.int32())
    repeated = {name: pa.DictionaryArray.from_arrays(again, values) for name, values in columns.items()}
    pq.write_table(pa.table(repeated), path)
    assert path.stat().st_size < 4 * intake.LONGEST_LINE
    with pytest.raises(Unreadable, match="longer than any signal"):
        read(path)


def test_a_parquet_file_of_more_values_than_anybody_has_is_broken_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "MOST_VALUES", 3)
    path = tmp_path / "a.parquet"
    path.write_bytes(as_parquet())
    with pytest.raises(Unreadable, match="far more than"):
        read(path)
