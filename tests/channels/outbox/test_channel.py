"""The outbox: whole files only, the same letters in the same place, nothing half-written left behind."""

import errno
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amends.channels.letter import Letter
from amends.channels.outbox.channel import Outbox
from amends.channels.registry import CHANNELS, UnknownChannel, channel

AT = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)


def letter(number: int, body: str = "你好") -> Letter:
    return Letter(
        id=number,
        key=f"action:{number}",
        customer="C-1",
        address="a@example.com",
        locale="zh-CN",
        subject="subject",
        body=body,
        created_at=AT,
    )


def test_letters_become_lines_of_one_file_of_their_day(tmp_path: Path):
    handed = Outbox(tmp_path / "outbox").send([letter(2), letter(1)])
    receipt = handed.receipts[1]
    assert handed.receipts == {1: receipt, 2: receipt}
    assert receipt.startswith("outbox/2026-03-02/000000000001-000000000002-")
    lines = [json.loads(line) for line in (tmp_path / receipt).read_text(encoding="utf-8").splitlines()]
    assert [line["key"] for line in lines] == ["action:1", "action:2"]
    assert lines[0]["body"] == "你好"


def test_sending_the_same_letters_again_writes_the_same_file(tmp_path: Path):
    outbox = Outbox(tmp_path / "outbox")
    assert outbox.send([letter(1), letter(2)]) == outbox.send([letter(2), letter(1)])
    assert len(list((tmp_path / "outbox").rglob("*.*"))) == 1


def test_a_full_disk_leaves_no_half_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("amends.channels.outbox.channel.os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        Outbox(tmp_path / "outbox").send([letter(1)])
    assert list((tmp_path / "outbox").rglob("*.*")) == []


def test_texts_have_a_folder_of_their_own_and_say_how_long_they_are(tmp_path: Path):
    receipt = Outbox(tmp_path / "outbox", "sms").send([letter(1, "延误" * 40)]).receipts[1]
    assert receipt.startswith("outbox/sms/2026-03-02/")
    assert json.loads((tmp_path / receipt).read_text(encoding="utf-8"))["segments"] == 2


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_any_words_survive_the_file(tmp_path_factory: pytest.TempPathFactory, body: str):
    folder = tmp_path_factory.mktemp("words")
    receipt = Outbox(folder / "outbox").send([letter(1, body)]).receipts[1]
    (line,) = (folder / receipt).read_bytes().decode().strip("\n").split("\n")
    assert json.loads(line)["body"] == body


def test_every_channel_of_the_registry_can_be_loaded_and_no_other():
    for name in CHANNELS:
        assert hasattr(channel(name), "opened")
    with pytest.raises(UnknownChannel, match="outbox"):
        channel("pigeon")
