"""Files of signals come in, chunk by chunk: signals, refused rows and the place in the file in one transaction.

So a process killed in the middle goes on where the last chunk ended, and a row that comes again is a duplicate.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from amends.kernel.text import Localised
from amends.monitor.core.intake import INTAKE_FILE, MOST_KEPT
from amends.monitor.core.signal import Ahead, SignalIn, Unusable, signal_from_row
from amends.monitor.models import IntakeFile, RejectedRow, UploadPart
from amends.monitor.selectors import unknown_units, why_out_of_reach
from amends.monitor.services.clocks import note_ahead
from amends.monitor.services.intake import accept_signals
from amends.people.models import Staff
from amends.people.selectors import require, unit_codes_below

if TYPE_CHECKING:  # it reads Parquet, and Arrow takes its time to load
    from amends.monitor.sources.rows import Row

Refused = list[tuple["Row", Unusable]]


def found_file(*, name: str, size: int, mark: str, now: datetime) -> IntakeFile:
    """The record of a file in the folder: as it stands if this very file was found before, else a new one."""
    begun = INTAKE_FILE.after(INTAKE_FILE.initial, "begin")
    given = {"name": name, "size": size, "state": begun, "came_at": now}
    file, _ = IntakeFile.objects.get_or_create(way=IntakeFile.Way.FOLDER, mark=mark, defaults=given)
    return file


def judged(rows: "Iterable[Row]", *, reached: frozenset[str] | None, now: datetime) -> tuple[list[SignalIn], Refused]:
    """Which rows are signals that whoever sends them may tell, and why the others are not."""
    told: list[tuple[Row, SignalIn]] = []
    refused: Refused = []
    for row in rows:
        if row.fault is not None or row.told is None:
            refused.append((row, row.fault or Unusable("it tells nothing", "该行没有内容")))
            continue
        try:
            told.append((row, signal_from_row(row.told, now=now)))
        except Unusable as fault:
            refused.append((row, fault))
    unknown = unknown_units((signal.unit for _, signal in told), reached)
    good = []
    for row, signal in told:
        fault = why_out_of_reach(signal, unknown, reached)
        if fault is None:
            good.append(signal)
        else:
            refused.append((row, fault))
    return good, sorted(refused, key=lambda one: one[0].number)


@transaction.atomic
def take_rows(file_id: int, rows: "Sequence[Row]", *, now: datetime) -> IntakeFile:
    """Take in the next rows of a file, in their order; those that were taken in before are passed over.

    Returns:
        the file as it stands now. If it is not running any more, nothing was done.
    """
    file = IntakeFile.objects.select_for_update(of=("self",)).select_related("by").get(pk=file_id)
    fresh = [row for row in rows if row.number > file.done]
    if file.state != "running" or not fresh:
        return file
    good, refused = judged(fresh, reached=_reach(file.by), now=now)
    counts = accept_signals(good, now=now)
    note_ahead((fault for _, fault in refused if isinstance(fault, Ahead)), now=now)
    room = max(0, MOST_KEPT - file.rejected)
    RejectedRow.objects.bulk_create([_kept(file, row, fault) for row, fault in refused[:room]], batch_size=5_000)
    file.done = fresh[-1].number
    file.accepted += counts.accepted
    file.duplicate += counts.duplicate
    file.rejected += len(refused)
    file.save(update_fields=["done", "accepted", "duplicate", "rejected"])
    return file


@transaction.atomic
def end_file(file_id: int, *, now: datetime, why: Localised | None = None) -> IntakeFile:
    """Nothing more will come of it: it is read to its end, or refused (any further), with the reason."""
    file = IntakeFile.objects.select_for_update(of=("self",)).get(pk=file_id)
    if file.state != "running":
        return file
    file.state = INTAKE_FILE.after(file.state, "finish" if why is None else "refuse")
    file.ended_at = now
    if why is not None:
        file.said_en, file.said_zh = why.en[:500], why.zh[:500]
    file.save(update_fields=["state", "ended_at", "said_en", "said_zh"])
    UploadPart.objects.filter(file=file).delete()
    return file


def _reach(by: Staff | None) -> frozenset[str] | None:
    """The units of whoever uploaded it, as they are now; a folder of the machine's owner reaches all.

    Raises:
        NotAllowed: who uploaded it may do so no more, or has no account any more.
    """
    if by is None:
        return None
    require(by, "feed")
    return unit_codes_below(by)


def _kept(file: IntakeFile, row: "Row", fault: Unusable) -> RejectedRow:
    cells = [_storable(cell[:2_000]) for cell in row.cells]
    said = fault.said
    return RejectedRow(
        file=file, row=row.number, said_en=_storable(said.en)[:500], said_zh=_storable(said.zh)[:500], cells=cells
    )


def _storable(text: str) -> str:
    return text.replace("\0", "�").encode("utf-8", "replace").decode("utf-8")
