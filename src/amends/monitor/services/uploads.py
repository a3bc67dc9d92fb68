"""Tables that people upload: kept in pieces in the database, looked over, taken in by a job chunk by chunk."""

import hashlib
import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any, BinaryIO, Final, cast

from django.conf import settings
from django.db import transaction

from amends.kernel.text import Localised
from amends.monitor.core.columns import ATTRIBUTES, Columns, guess, is_target
from amends.monitor.core.intake import CHUNK, INTAKE_FILE, KEPT_FOR, LARGEST_UPLOAD, seconds_to_wait
from amends.monitor.core.local_time import ORDERS, Order, time_of
from amends.monitor.core.signal import SignalIn, Unusable
from amends.monitor.models import IntakeFile, UploadPart
from amends.monitor.queue import defer_upload
from amends.monitor.selectors import access_upload, backlog
from amends.monitor.services.files import end_file, judged, take_rows
from amends.monitor.sources.delimited import SAMPLE, form_of, records
from amends.monitor.sources.packed import Unreadable
from amends.monitor.sources.rows import Row, rows_by
from amends.people.models import Staff
from amends.people.selectors import NotAllowed, require, unit_codes_below

PIECE: Final = 2**20  # bytes
CHUNKS: Final = 10  # a job, so that other work gets its turn
LOOKED_AT: Final = 20  # rows of the preview
GUESSED_BY: Final = 200  # rows that are looked at for what a column holds
TOO_LARGE: Final = Localised(
    en=f"The file is larger than {LARGEST_UPLOAD // 2**20} MB. Put it into the watched folder, or send it in parts.",
    zh=f"文件超过 {LARGEST_UPLOAD // 2**20} MB。请放入监视文件夹，或分批上传。",
)
NOT_SETTLED: Final = Localised(
    en="Some columns that every signal needs are not chosen yet.", zh="尚未选定信号必需的列。"
)
NO_RIGHT: Final = Localised(en="Whoever uploaded it may bring no signals in any more.", zh="上传者已无权导入信号。")


class NotTakenIn(ValueError):
    """An upload that can't be taken in as it is; says why."""

    def __init__(self, said: Localised) -> None:
        self.said = said
        super().__init__(said.en)


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A row of the preview: the signal that it would be, or why it would be refused."""

    row: Row
    signal: SignalIn | None
    fault: Unusable | None


def keep_upload(pieces: Iterable[bytes], *, name: str, zone: str, acting_user: Staff, now: datetime) -> IntakeFile:
    """Keep a table that somebody uploads, once it is seen to be one, with a guess at its columns.

    Args:
        pieces: its bytes, however they are cut.
        name: as the sender's machine calls it; for people only.
        zone: of the times in it that have no offset.
        acting_user: who uploads it.
        now: the present.

    Raises:
        NotAllowed: the role brings no signals in.
        NotTakenIn: it is too large, no table of text, or has no row.
    """
    require(acting_user, "feed")
    whole = io.BytesIO()
    for piece in pieces:
        whole.write(piece)
        if whole.tell() > LARGEST_UPLOAD:
            raise NotTakenIn(TOO_LARGE)
    data = whole.getvalue()
    try:
        form = form_of(data[:SAMPLE])
        first: list[tuple[str, ...]] = []
        total = 0
        for record in records(io.BytesIO(data), form):
            total = record.number
            if len(first) < GUESSED_BY and record.fault is None:
                first.append(record.cells)
    except Unreadable as unreadable:
        raise NotTakenIn(unreadable.said) from None
    if not total:
        raise NotTakenIn(Localised(en="The table has a head and no rows.", zh="表格只有表头，没有数据行。"))
    columns = _guessed(form.header, first, zone)
    with transaction.atomic():
        file = IntakeFile.objects.create(
            way=IntakeFile.Way.UPLOAD,
            name=_shown(name),
            size=len(data),
            mark=hashlib.sha256(data).hexdigest(),
            state=INTAKE_FILE.initial,
            given={"header": [_shown(one) for one in form.header], **_as_json(columns)},
            total=total,
            by=acting_user,
            came_at=now,
        )
        UploadPart.objects.bulk_create(
            UploadPart(file=file, number=number, data=data[start : start + PIECE])
            for number, start in enumerate(range(0, len(data), PIECE))
        )
    return file


def settle_columns(file_id: int, columns: Columns, *, acting_user: Staff) -> IntakeFile:
    """Say what the columns of an upload tell, before it is taken in.

    Raises:
        NotFound: it is nobody's or somebody else's.
        NotTakenIn: it is being taken in already, or these are no columns of it.
    """
    with transaction.atomic():
        file = _held(file_id, acting_user)
        if file.state != INTAKE_FILE.initial or file.done:
            raise NotTakenIn(Localised(en="It is being taken in already.", zh="该文件已开始导入。"))
        if len(columns.targets) != len(file.given["header"]) or not all(map(is_target, columns.targets)):
            raise NotTakenIn(Localised(en="These are not the columns of this table.", zh="所选列与表格不符。"))
        file.given = {"header": file.given["header"], **_as_json(columns)}
        file.save(update_fields=["given"])
    return file


def move_upload(file_id: int, move: str, *, acting_user: Staff, now: datetime) -> IntakeFile:
    """Begin to take an upload in, cancel that, resume it behind the last row that was taken in, or throw it away.

    Raises:
        IllegalMove: it stands where there is no such move.
        NotFound: it is nobody's or somebody else's.
        NotTakenIn: what its columns tell is not settled.
    """
    with transaction.atomic():
        file = _held(file_id, acting_user)
        state = INTAKE_FILE.after(file.state, move)
        if state == "running" and columns_of(file).faults():
            raise NotTakenIn(NOT_SETTLED)
        file.state, file.ended_at = state, None if state == "running" else now
        file.save(update_fields=["state", "ended_at"])
        if state == "running":
            defer_upload(file.pk)
        elif state == "dropped":
            UploadPart.objects.filter(file=file).delete()
    return file


def columns_of(file: IntakeFile) -> Columns:
    """What its columns tell, as settled so far."""
    given = file.given
    return Columns(
        targets=tuple(given["targets"]),
        times=frozenset(given["times"]),
        constants=given["constants"],
        zone=given["zone"],
        order=given["order"],
    )


def preview_of(file: IntakeFile, staff: Staff, *, now: datetime, most: int = LOOKED_AT) -> list[Judged]:
    """The first rows as they would be taken in by now."""
    with _opened(file) as stream:
        rows = list(islice(rows_by(stream, columns_of(file), _beginning(file)), most))
    good, refused = judged(rows, reached=unit_codes_below(staff), now=now)
    faults = {row.number: fault for row, fault in refused}
    signals = iter(good)
    return [
        Judged(row=row, fault=faults.get(row.number), signal=None if row.number in faults else next(signals))
        for row in rows
    ]


def take_upload(file_id: int, *, now_of: Callable[[], datetime], chunks: int = CHUNKS) -> int | None:
    """Take in some chunks of an upload; None when nothing is left to do, else after how many seconds to go on."""
    file = IntakeFile.objects.get(pk=file_id)
    if file.state != "running":
        return None
    why: Localised | None = None
    try:
        with _opened(file) as stream:
            rows = (row for row in rows_by(stream, columns_of(file), _beginning(file)) if row.number > file.done)
            for _ in range(chunks):
                if wait := seconds_to_wait(backlog(), settings.SIGNALS_BACKLOG):
                    return wait
                chunk = list(islice(rows, CHUNK))
                if not chunk:
                    break
                if take_rows(file_id, chunk, now=now_of()).state != "running":
                    return None
            else:
                return 0
    except Unreadable as unreadable:
        why = unreadable.said
    except NotAllowed:
        why = NO_RIGHT
    end_file(file_id, now=now_of(), why=why)
    return None


def sweep_uploads(*, now: datetime) -> int:
    """Throw away what lies about: uploads that nobody has taken in for a week; how many."""
    old = IntakeFile.objects.filter(
        way=IntakeFile.Way.UPLOAD, state__in=("prepared", "cancelled"), came_at__lt=now - KEPT_FOR
    )
    swept = 0
    with transaction.atomic():
        for file in old.select_for_update(skip_locked=True)[:1_000]:
            file.state, file.ended_at = INTAKE_FILE.after(file.state, "drop"), now
            file.save(update_fields=["state", "ended_at"])
            UploadPart.objects.filter(file=file).delete()
            swept += 1
    return swept


def _held(file_id: int, person: Staff) -> IntakeFile:
    access_upload(person, file_id)
    return IntakeFile.objects.select_for_update().get(pk=file_id)


def _guessed(header: tuple[str, ...], first: list[tuple[str, ...]], zone: str) -> Columns:
    targets = guess(header)
    cells = {
        target: [row[place].strip() for row in first if len(row) == len(header) and row[place].strip()]
        for place, target in enumerate(targets)
        if target
    }
    times = frozenset(
        target for target, values in cells.items() if target not in ATTRIBUTES and values and all(map(_is_time, values))
    )
    dated = [value for target, values in cells.items() if target == "time" or target in times for value in values]
    fits = {order: sum(_reads(value, order) for value in dated) for order in ORDERS}
    return Columns(targets=targets, times=times, zone=zone, order=max(ORDERS, key=lambda order: fits[order]))


def _is_time(text: str) -> bool:
    """Whether it can be meant as a time; numbers alone are numbers."""
    return not text.isdigit() and any(_reads(text, order) for order in ORDERS)


def _reads(text: str, order: Order) -> bool:
    try:
        time_of(text, UTC, order)
    except Unusable:
        return False
    return True


def _as_json(columns: Columns) -> dict[str, Any]:
    return {
        "targets": list(columns.targets),
        "times": sorted(columns.times),
        "constants": dict(columns.constants),
        "zone": columns.zone,
        "order": columns.order,
    }


def _shown(text: str) -> str:
    return "".join(char if char.isprintable() else " " for char in text).strip()[:255]


def _beginning(file: IntakeFile) -> bytes:
    return bytes(UploadPart.objects.get(file=file, number=0).data[:SAMPLE])


def _opened(file: IntakeFile) -> BinaryIO:
    return cast("BinaryIO", io.BufferedReader(_Pieces(file.pk), PIECE))


class _Pieces(io.RawIOBase):
    """An upload as one stream of bytes, one piece of it in memory."""

    def __init__(self, file_id: int) -> None:
        self._file_id, self._number, self._piece = file_id, 0, memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._piece:
            part = UploadPart.objects.filter(file_id=self._file_id, number=self._number).first()
            if part is None:
                return 0
            self._piece, self._number = memoryview(bytes(part.data)), self._number + 1
        size = min(len(buffer), len(self._piece))
        buffer[:size], self._piece = self._piece[:size], self._piece[size:]
        return size
