"""Files in the watched folder are taken in once, whatever is in them and whoever is killed meanwhile."""

import csv
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from django.db import connection
from psycopg.conninfo import make_conninfo

from amends.kernel.blueprint import load_shipped
from amends.kernel.text import Localised
from amends.monitor.models import IntakeFile, MonitorProgress, RejectedRow, Signal
from amends.monitor.sources.folder import DONE, REFUSED, SETTLED, Folder
from amends.people.services import plant_units
from amends.policy.models import Deployment
from amends.policy.present import present
from amends.policy.services import publish_blueprint, set_up_deployment
from amends.site.inbox import inbox_watched, take_in
from amends.site.postgres.locks import wait_until

pytestmark = pytest.mark.django_db(transaction=True)
HEAD = "id,type,subject,time,unit\n"
Look = Callable[[], None]


@pytest.fixture(autouse=True)
def _company(transactional_db: None) -> None:
    set_up_deployment(
        kind=Deployment.Kind.COMPANY, blueprint_name="airline", company=Localised(en="Air", zh="航空"), timezone="UTC"
    )
    plant_units([("AAA", None, "Alpha", "甲站")])
    publish_blueprint(load_shipped("airline"), name="airline", now=present(), acting_user="test")


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "inbox")


@pytest.fixture
def look(folder: Folder) -> Look:
    """One look of the monitor's process, when all files there have kept still."""
    clock = iter(range(0, 1_000_000, 10))

    def looked() -> None:
        folder.finished(now=next(clock))
        for found in folder.finished(now=next(clock)):
            take_in(folder, found, Event())

    assert SETTLED < 10
    return looked


def lines(numbers: range, unit: str = "AAA") -> str:
    return "".join(f"{n},flight.departed,F{n},2026-03-02T09:00:00Z,{unit}\n" for n in numbers)


def names(folder: Folder, where: str = "") -> list[str]:
    return sorted(path.name for path in (folder.path / where).iterdir() if path.is_file())


def counts(file: IntakeFile) -> tuple[str, int, int, int]:
    return file.state, file.accepted, file.duplicate, file.rejected


def test_a_good_file_is_taken_in_and_put_away(folder: Folder, look: Look) -> None:
    (folder.path / "a.csv").write_text(HEAD + lines(range(3)))
    look()
    assert set(Signal.objects.values_list("signal_id", "source", "unit")) == {(f"{n}", "file", "AAA") for n in range(3)}
    assert (names(folder), names(folder, DONE), names(folder, REFUSED)) == ([], ["a.csv"], [])
    assert counts(IntakeFile.objects.get()) == ("finished", 3, 0, 0)


def test_a_file_with_bad_rows_is_put_to_the_refused_with_their_reasons_and_its_good_rows_are_taken(
    folder: Folder, look: Look
) -> None:
    bad = "7,t,F7,soon,AAA\n8,t,F8,2026-03-02T09:00:00Z,NOWHERE\n9,,F9,2999-01-01T00:00:00Z,\n"
    (folder.path / "a.csv").write_text(HEAD + lines(range(2)) + bad + lines(range(3, 4)))
    look()
    assert sorted(Signal.objects.values_list("signal_id", flat=True)) == ["0", "1", "3"]
    assert names(folder, REFUSED) == ["a.csv", "a.csv.reasons.csv"]
    with (folder.path / REFUSED / "a.csv.reasons.csv").open(encoding="utf-8", newline="") as reasons:
        head, *rows = csv.reader(reasons)
    assert head == ["row", "reason", "原因"]
    assert [row[0] for row in rows] == ["3", "4", "5"]
    assert "soon" in rows[0][1]
    assert "NOWHERE" in rows[1][2]
    assert "no type" in rows[2][1]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.xlsx", b"PK\x03\x04"),
        ("a.csv", b""),
        ("a.csv", b"name\nKim\n"),
        ("a.csv.gz", b"no"),
        ("a\xff.csv".encode("latin-1").decode("utf-8", "surrogateescape"), b"x\n"),
    ],
)
def test_a_file_of_another_kind_is_refused_as_a_whole(name: str, data: bytes, folder: Folder, look: Look) -> None:
    (folder.path / name).write_bytes(data)
    look()
    assert not Signal.objects.exists()
    assert names(folder) == []
    (file, reasons) = names(folder, REFUSED)
    assert reasons == f"{file}.reasons.csv"
    assert IntakeFile.objects.get().state == "refused"
    assert IntakeFile.objects.get().said_zh


def test_the_same_file_again_changes_nothing(folder: Folder, look: Look) -> None:
    for _ in range(2):
        (folder.path / "a.csv").write_text(HEAD + lines(range(3)))
        look()
    assert Signal.objects.count() == 3
    assert names(folder, DONE) == ["2-a.csv", "a.csv"]
    assert [counts(file) for file in IntakeFile.objects.order_by("id")] == [
        ("finished", 3, 0, 0),
        ("finished", 0, 3, 0),
    ]


def test_a_refused_file_put_back_is_read_again(folder: Folder, look: Look) -> None:
    (folder.path / "a.csv").write_text(HEAD + lines(range(1), unit="NEW"))
    look()
    assert not Signal.objects.exists()
    plant_units([("NEW", None, "New", "新站")])
    (folder.path / REFUSED / "a.csv").rename(folder.path / "a.csv")
    look()
    assert Signal.objects.count() == 1
    assert names(folder, DONE) == ["a.csv"]


def test_a_file_that_changes_while_it_is_read_is_read_anew(
    folder: Folder, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = folder.path / "a.csv"
    path.write_text(HEAD + lines(range(2)))
    real = Path.lstat
    grown: list[bool] = []

    def lstat(self: Path) -> os.stat_result:
        if self == path and not grown:
            grown.append(True)
            with path.open("a") as more:
                more.write(lines(range(2, 4)))
        return real(self)

    monkeypatch.setattr(Path, "lstat", lstat)
    look()
    assert names(folder) == ["a.csv"]
    look()
    assert Signal.objects.count() == 4
    assert names(folder, DONE) == ["a.csv"]
    assert [counts(file) for file in IntakeFile.objects.order_by("id")] == [("refused", 2, 0, 0), ("finished", 2, 2, 0)]


def test_a_killed_process_leaves_whole_chunks_and_the_next_goes_on_behind_them(folder: Folder, look: Look) -> None:
    rows = 20_000
    (folder.path / "a.ndjson").write_text(
        "".join(
            json.dumps({"id": n, "type": "t", "subject": f"S{n}", "time": "2026-03-02T09:00:00Z"}) + "\n"
            for n in range(rows)
        )
    )
    program = (
        "from amends.site.loading import load_django; load_django()\n"
        "from pathlib import Path; from threading import Event\n"
        "from amends.monitor.sources.folder import Folder; from amends.site.inbox import take_in\n"
        f"folder = Folder(Path({str(folder.path)!r}))\n"
        "folder.finished(now=0)\n"
        "for found in folder.finished(now=10): take_in(folder, found, Event())\n"
    )
    given = connection.get_connection_params()
    known = {"dbname", "user", "password", "host", "port"}
    url = make_conninfo(**{name: value for name, value in given.items() if name in known and value})
    process = subprocess.Popen([sys.executable, "-c", program], env={**os.environ, "DATABASE_URL": url})
    try:
        assert wait_until(lambda: IntakeFile.objects.filter(done__gt=0).exists(), seconds=60)
    finally:
        process.kill()
        process.wait()
    half = IntakeFile.objects.get()
    assert half.state == "running"
    assert half.done == half.accepted == Signal.objects.count()
    assert 0 < half.done < rows
    look()
    done = IntakeFile.objects.get()
    assert counts(done) == ("finished", rows, 0, 0), "not a row came twice"
    assert Signal.objects.count() == rows
    assert names(folder, DONE) == ["a.ndjson"]


def test_a_process_killed_before_the_file_was_put_away_puts_it_away_next_time(folder: Folder, look: Look) -> None:
    (folder.path / "a.csv").write_text(HEAD + lines(range(1)) + "x\n")
    folder.finished(now=-20)
    (found,) = folder.finished(now=-10)
    killed = Event()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("amends.site.inbox._put_away", _killed)
        with pytest.raises(KeyboardInterrupt):
            take_in(folder, found, killed)
    assert names(folder) == ["a.csv"]
    look()
    assert names(folder, REFUSED) == ["a.csv", "a.csv.reasons.csv"]
    assert (IntakeFile.objects.count(), Signal.objects.count(), RejectedRow.objects.count()) == (1, 1, 1)


def _killed(*_: object) -> None:
    raise KeyboardInterrupt


def test_the_folder_waits_while_the_monitor_is_too_far_behind(folder: Folder, settings: Any) -> None:
    settings.SIGNALS_BACKLOG = 1
    (folder.path / "a.csv").write_text(HEAD + lines(range(9)))
    folder.finished(now=0)
    (found,) = folder.finished(now=10)
    stopped = Event()
    take_in(folder, found, stopped)
    (folder.path / "b.csv").write_text(HEAD + lines(range(10, 12)))
    folder.finished(now=20)
    (found,) = folder.finished(now=30)
    stopped.set()
    assert take_in(folder, found, stopped) is None
    assert Signal.objects.count() == 9
    MonitorProgress.objects.create(stream="s", position="1", updated_at=present(), read_to=2**40)
    stopped.clear()
    assert take_in(folder, found, stopped) is not None
    assert Signal.objects.count() == 11


def test_the_monitors_process_looks_after_the_folder_beside_its_ticks(folder: Folder, settings: Any) -> None:
    settings.INBOX_PATH = folder.path
    (folder.path / "a.csv").write_text(HEAD + lines(range(3)))
    with inbox_watched():
        assert wait_until(lambda: names(folder, DONE) == ["a.csv"], seconds=30)
    assert Signal.objects.count() == 3
