"""Which files of the watched folder are finished, and that looking costs nothing while nothing happens."""

import os
from pathlib import Path

import pytest

from amends.monitor.sources.folder import DONE, SETTLED, Folder


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "inbox")


def names(folder: Folder, now: float) -> list[str]:
    return [found.path.name for found in folder.finished(now=now)]


def test_a_file_is_finished_once_it_has_kept_still(folder: Folder) -> None:
    (folder.path / "a.csv").write_text("id\n")
    assert names(folder, 0) == []
    assert names(folder, SETTLED / 2) == []
    assert names(folder, SETTLED) == ["a.csv"]


def test_a_file_that_grows_is_waited_for(folder: Folder) -> None:
    file = folder.path / "a.csv"
    file.write_text("id\n")
    assert names(folder, 0) == []
    with file.open("a") as more:
        more.write("1\n")
    assert names(folder, SETTLED) == []
    assert names(folder, 2 * SETTLED) == ["a.csv"]


def test_a_file_that_somebody_holds_open_for_writing_is_waited_for_however_long(folder: Folder) -> None:
    file = folder.path / "a.csv"
    with file.open("w") as writer:
        writer.write("id\n")
        writer.flush()
        assert names(folder, 0) == []
        assert names(folder, 100 * SETTLED) == []
    assert names(folder, 101 * SETTLED) == ["a.csv"]


def test_what_is_on_its_way_hidden_a_folder_or_a_link_is_left_alone(folder: Folder, tmp_path: Path) -> None:
    for name in (".a.csv", "_a.csv", "a.csv.part", "a.tmp", "a.csv~"):
        (folder.path / name).write_text("id\n")
    (folder.path / "more").mkdir()
    (tmp_path / "secret.csv").write_text("id\n")
    (folder.path / "link.csv").symlink_to(tmp_path / "secret.csv")
    os.mkfifo(folder.path / "pipe.csv")
    assert names(folder, 0) == names(folder, 2 * SETTLED) == []


def test_a_file_that_is_renamed_to_its_name_is_seen(folder: Folder) -> None:
    (folder.path / "a.csv.part").write_text("id\n")
    assert names(folder, 0) == names(folder, 10) == []
    (folder.path / "a.csv.part").rename(folder.path / "a.csv")
    assert names(folder, 20) == []
    assert names(folder, 20 + SETTLED) == ["a.csv"]


def test_a_quiet_folder_is_not_looked_through_again(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    looks = []
    real = os.scandir
    monkeypatch.setattr(os, "scandir", lambda path: (looks.append(path), real(path))[1])
    for second in range(100):
        assert names(folder, second) == []
    assert len(looks) <= 2
    (folder.path / "a.csv").write_text("id\n")
    assert names(folder, 200) == []
    assert names(folder, 200 + SETTLED) == ["a.csv"]


def test_a_file_put_away_keeps_its_name_and_takes_nobody_elses(folder: Folder) -> None:
    (folder.path / DONE / "a.csv").write_text("before\n")
    (folder.path / "a.csv").write_text("id\n")
    folder.finished(now=0)
    (found,) = folder.finished(now=SETTLED)
    assert folder.place_for(found, DONE) == folder.path / DONE / "2-a.csv"


def test_another_file_of_the_same_name_is_another_file(folder: Folder) -> None:
    file = folder.path / "a.csv"
    file.write_text("id\n")
    folder.finished(now=0)
    (found,) = folder.finished(now=SETTLED)
    assert found.is_unchanged()
    file.write_text("id\n1\n")
    assert not found.is_unchanged()
    file.unlink()
    assert not found.is_unchanged()
