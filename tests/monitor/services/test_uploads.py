"""Tables that people upload: checked, guessed at, looked over, taken in by a job that may be killed or cancelled."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from amends.kernel.lifecycle import IllegalMove
from amends.monitor.core.columns import Columns
from amends.monitor.core.intake import KEPT_FOR, LARGEST_UPLOAD
from amends.monitor.models import IntakeFile, RejectedRow, Signal, UploadPart
from amends.monitor.services import uploads
from amends.monitor.services.uploads import (
    NotTakenIn,
    columns_of,
    keep_upload,
    move_upload,
    preview_of,
    settle_columns,
    sweep_uploads,
    take_upload,
)
from amends.people.models import Staff, Unit
from amends.people.selectors import NotAllowed, NotFound
from amends.people.services import create_staff, plant_units

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
HEAD = "编号,事件类型,航班号,时间,网点\n"


@pytest.fixture
def hire(db: None) -> Callable[..., Staff]:
    plant_units([("AAA", None, "Alpha", "甲站"), ("BBB", None, "Beta", "乙站")])

    def hired(role: str = "quality_owner", unit: str | None = None) -> Staff:
        found = Unit.objects.get(code=unit) if unit else None
        email = f"{role}.{unit}.{Staff.objects.count()}@every.test".lower()
        return create_staff(email=email, name="Kim Doe", role=role, unit=found, now=NOW, acting_user=None)

    return hired


def lines(numbers: range, unit: str = "AAA", time: str = "2026/3/2 19:30") -> str:
    return "".join(f"{n},flight.departed,F{n},{time},{unit}\n" for n in numbers)


def keep(staff: Staff, text: str | bytes, **more: Any) -> IntakeFile:
    data = text.encode() if isinstance(text, str) else text
    given = {"name": "信号.csv", "zone": "Asia/Shanghai", "acting_user": staff, "now": NOW, **more}
    return keep_upload([data[:100], data[100:]], **given)


def begin(file: IntakeFile, staff: Staff) -> None:
    move_upload(file.pk, "begin", acting_user=staff, now=NOW)


def work(file: IntakeFile, **more: Any) -> IntakeFile:
    """What the jobs do, until none is left."""
    while take_upload(file.pk, now_of=lambda: NOW, **more) is not None:
        pass
    file.refresh_from_db()
    return file


def counts(file: IntakeFile) -> tuple[str, int, int, int]:
    return file.state, file.accepted, file.duplicate, file.rejected


def test_a_table_with_chinese_columns_is_guessed_and_taken_in(hire: Callable[..., Staff]) -> None:
    staff = hire()
    file = keep(staff, (HEAD + lines(range(3))).encode("gb18030"))
    assert columns_of(file).targets == ("id", "type", "subject", "time", "unit")
    assert columns_of(file).faults() == []
    begin(file, staff)
    assert counts(work(file)) == ("finished", 3, 0, 0)
    assert Signal.objects.get(signal_id="0").time == datetime(2026, 3, 2, 11, 30, tzinfo=UTC)
    assert not UploadPart.objects.exists(), "what was taken in is not kept a second time"


def test_the_preview_says_what_would_be_refused_and_why_and_nothing_is_taken_in(hire: Callable[..., Staff]) -> None:
    staff = hire()
    bad = "7,t,F7,soon,AAA\n8,t,F8,2026/3/2 19:30,NOWHERE\n9,t,F9,2026/3/2 20:30,AAA\n"
    file = keep(staff, HEAD + lines(range(1)) + bad)
    good, *refused = preview_of(file, staff, now=NOW)
    assert good.signal is not None
    assert [one.signal for one in refused] == [None] * 3
    assert [word in str(one.fault) for one, word in zip(refused, ("soon", "NOWHERE", "future"), strict=True)] == [
        True
    ] * 3
    assert not Signal.objects.exists()
    begin(file, staff)
    assert counts(work(file)) == ("finished", 1, 0, 3)
    kept = RejectedRow.objects.order_by("row")
    assert [row.row for row in kept] == [2, 3, 4]
    assert kept[0].cells == ["7", "t", "F7", "soon", "AAA"]
    assert all(row.said_zh for row in kept)


def test_columns_can_be_settled_otherwise_until_it_is_begun(hire: Callable[..., Staff]) -> None:
    staff = hire()
    file = keep(staff, "which,when,due\nF1,4/3/2026 19:00,4/3/2026 20:00\n", now=NOW + timedelta(days=9))
    assert columns_of(file).faults() == ["type", "subject", "time"]
    with pytest.raises(NotTakenIn, match="not chosen"):
        begin(file, staff)
    chosen = Columns(
        targets=("subject", "time", "data.due"),
        times=frozenset({"data.due"}),
        constants={"type": "flight.scheduled"},
        zone="UTC",
        order="day_first",
    )
    settle_columns(file.pk, chosen, acting_user=staff)
    begin(file, staff)
    with pytest.raises(NotTakenIn, match="already"):
        settle_columns(file.pk, chosen, acting_user=staff)
    while take_upload(file.pk, now_of=lambda: NOW + timedelta(days=9)) is not None:
        pass
    signal = Signal.objects.get()
    assert signal.time == datetime(2026, 3, 4, 19, tzinfo=UTC)
    assert signal.data == {"due": "2026-03-04T20:00:00+00:00"}
    assert signal.signal_id.startswith("row-")


def test_what_a_column_of_times_is_and_which_part_is_the_day_is_guessed_from_the_rows(
    hire: Callable[..., Staff],
) -> None:
    file = keep(hire(), "type,order,time,promised,weight\nt,O1,14/3/2026 9:00,15/3/2026 9:00,1250\n")
    assert columns_of(file).times == {"data.promised"}
    assert columns_of(file).order == "day_first"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"PK\x03\x04" + bytes(50), "office file"),
        (b"", "empty"),
        (b"id,type\n", "no rows"),
        (b"<html><body>", "web page"),
        (b"\x89PNG\r\n\x1a\n", "picture"),
        (b"a,a\n1,2\n", "named twice"),
        (bytes(500), "no text"),
    ],
)
def test_a_wrong_file_is_refused_by_what_it_holds_whatever_its_name(
    hire: Callable[..., Staff], data: bytes, words: str
) -> None:
    with pytest.raises(NotTakenIn, match=words) as refused:
        keep(hire(), data)
    assert refused.value.said.zh
    assert not IntakeFile.objects.exists()


def test_a_file_that_is_too_large_is_refused_before_all_of_it_is_read(hire: Callable[..., Staff]) -> None:
    pieces = 0

    def endless() -> Any:
        nonlocal pieces
        while True:
            pieces += 1
            yield b"x" * 2**20

    with pytest.raises(NotTakenIn, match="larger than"):
        keep_upload(endless(), name="a.csv", zone="UTC", acting_user=hire(), now=NOW)
    assert pieces == LARGEST_UPLOAD // 2**20 + 1


def test_cancelled_in_the_middle_it_goes_on_behind_the_last_row(
    hire: Callable[..., Staff], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "CHUNK", 10)
    staff = hire()
    file = keep(staff, HEAD + lines(range(100)))
    begin(file, staff)
    assert take_upload(file.pk, now_of=lambda: NOW, chunks=2) == 0
    move_upload(file.pk, "cancel", acting_user=staff, now=NOW)
    assert take_upload(file.pk, now_of=lambda: NOW) is None
    assert Signal.objects.count() == 20
    move_upload(file.pk, "resume", acting_user=staff, now=NOW)
    assert counts(work(file)) == ("finished", 100, 0, 0)
    with pytest.raises(IllegalMove):
        move_upload(file.pk, "resume", acting_user=staff, now=NOW)


def test_the_same_table_again_takes_nothing_in_twice(hire: Callable[..., Staff]) -> None:
    staff = hire()
    for expected in (("finished", 5, 0, 0), ("finished", 0, 5, 0)):
        file = keep(staff, "type,flight,time\n" + "".join(f"t,F{n},2026-03-02\n" for n in range(5)))
        begin(file, staff)
        assert counts(work(file)) == expected
    assert Signal.objects.count() == 5


def test_only_whoever_may_feed_uploads_and_only_their_own_units_rows_are_taken(hire: Callable[..., Staff]) -> None:
    with pytest.raises(NotAllowed):
        keep(hire("supervisor"), HEAD + lines(range(1)))
    staff = hire("manager", "AAA")
    file = keep(staff, HEAD + lines(range(1)) + lines(range(1, 2), unit="BBB") + lines(range(2, 3), unit=""))
    begin(file, staff)
    assert counts(work(file)) == ("finished", 1, 0, 2)
    with pytest.raises(NotFound):
        move_upload(file.pk, "cancel", acting_user=hire(), now=NOW)


def test_of_whoever_has_lost_the_right_meanwhile_nothing_more_is_taken(hire: Callable[..., Staff]) -> None:
    staff = hire()
    file = keep(staff, HEAD + lines(range(3)))
    begin(file, staff)
    Staff.objects.filter(pk=staff.pk).update(is_active=False)
    assert counts(work(file)) == ("refused", 0, 0, 0)
    assert "no signals in any more" in file.said_en


def test_a_table_that_can_be_read_no_further_keeps_what_was_good(hire: Callable[..., Staff]) -> None:
    staff = hire()
    text = (HEAD + lines(range(5_000))).encode() + b"9,t,\xff\xfe,2026/3/2,AAA\n"
    with pytest.raises(NotTakenIn, match="not all utf-8"):
        keep(staff, text)


def test_it_waits_while_the_monitor_is_too_far_behind(hire: Callable[..., Staff], settings: Any) -> None:
    staff = hire()
    first, second = keep(staff, HEAD + lines(range(3))), keep(staff, HEAD + lines(range(3, 6)))
    begin(first, staff)
    begin(second, staff)
    work(first)
    settings.SIGNALS_BACKLOG = 1
    assert take_upload(second.pk, now_of=lambda: NOW) == 1
    assert Signal.objects.count() == 3


def test_what_nobody_takes_in_is_thrown_away_after_a_week(hire: Callable[..., Staff]) -> None:
    staff = hire()
    file, running = keep(staff, HEAD + lines(range(3))), keep(staff, HEAD + lines(range(3)))
    begin(running, staff)
    assert sweep_uploads(now=NOW + KEPT_FOR - timedelta(hours=1)) == 0
    assert sweep_uploads(now=NOW + KEPT_FOR + timedelta(hours=1)) == 1
    file.refresh_from_db()
    assert file.state == "dropped"
    assert set(UploadPart.objects.values_list("file", flat=True)) == {running.pk}
