"""A file for the bank or the payroll office: one CSV a batch, `payouts/<day>/<key>.csv`, whole or not there.

Its name and content follow from the batch alone, so that a batch which is told again writes the same file in its place.
The last line counts and sums what is above it. No cell begins a formula, whatever a customer is called.
"""

import contextlib
import csv
import io
import os
from decimal import Decimal
from pathlib import Path
from typing import Final

from django.conf import settings

from amends.kernel.cells import harmless
from amends.recover.payouts.connector import Batch, NotSent, Sent

COLUMNS: Final = ("reference", "customer", "name", "amount", "currency", "kind", "case", "subject")
TOTAL: Final = "total"


class BankFile:
    """Files below one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def send(self, batch: Batch) -> Sent:
        """Write the file and make it durable; its path below the folder is the receipt."""
        place = self.folder / f"{batch.ordered_at:%Y-%m-%d}" / f"{batch.key}.csv"
        fresh = place.with_suffix(f".{os.getpid()}.part")
        try:
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with fresh.open("wb") as file:
                file.write(_text(batch).encode("utf-8-sig"))  # so that spreadsheets read names in any script
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(place)
            for folder in (place.parent, self.folder):
                _make_durable(folder)
        except OSError as error:
            with contextlib.suppress(OSError):
                fresh.unlink()
            raise NotSent(f"The file {place} could not be written: {error.strerror}.") from error
        return Sent(receipt=str(place.relative_to(self.folder)))


def make() -> BankFile:
    """The folder of this deployment."""
    return BankFile(Path(settings.PAYOUTS_PATH))


def _text(batch: Batch) -> str:
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\r\n")
    table.writerow(COLUMNS)
    for one in batch.orders:
        table.writerow(
            [
                one.reference, harmless(one.customer), harmless(one.name), f"{one.amount:f}", one.currency, one.kind,
                one.case_id, harmless(one.case_subject),
            ]
        )  # fmt: skip
    total = sum((one.amount for one in batch.orders), Decimal(0))
    table.writerow([TOTAL, "", len(batch.orders), f"{total:f}", batch.currency, "", batch.key, ""])
    return text.getvalue()


def _make_durable(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
