"""The bank's answer as a table: which payouts were paid and which came back. Good rows count, bad ones are told."""

import csv
import io
from dataclasses import dataclass
from typing import Final, get_args

from amends.kernel.text import Localised
from amends.recover.payouts.connector import Outcome, Result

COLUMNS: Final = ("reference", "outcome")
NOTE: Final = "note"
OUTCOMES: Final = get_args(Outcome)
LARGEST: Final = 5_000_000  # bytes
IN_CHINESE: Final = {"已付款": "paid", "已付": "paid", "退回": "returned", "被退回": "returned"}


class NoAnswer(ValueError):
    """This is no table of results; says what it should be."""

    def __init__(self, said: Localised) -> None:
        self.said = said
        super().__init__(said.en)


@dataclass(frozen=True, kw_only=True)
class BadRow:
    """A row that says nothing."""

    row: int  # of the file, the head is 1
    said: Localised


def read_answer(data: bytes) -> tuple[list[Result], list[BadRow]]:
    """The results in a CSV with the columns reference, outcome (paid or returned) and, if wanted, note.

    Raises:
        NoAnswer: it is no CSV in UTF-8, larger than 5 MB, or lacks a column.
    """
    if len(data) > LARGEST:
        raise NoAnswer(Localised(en="The file is larger than 5 MB.", zh="文件超过5 MB。"))
    try:
        table = list(csv.reader(io.StringIO(data.decode("utf-8-sig").replace("\0", ""), newline="")))
    except (UnicodeDecodeError, csv.Error):
        raise NoAnswer(Localised(en="This is no CSV file in UTF-8.", zh="这不是UTF-8编码的CSV文件。")) from None
    head = [cell.strip().lower() for cell in table[0]] if table else []
    missing = [name for name in COLUMNS if name not in head]
    if missing:
        names = ", ".join(missing)
        raise NoAnswer(
            Localised(
                en=f"The first row has no column {names}; it needs reference and outcome.",
                zh=f"首行缺少列：{names}；需要 reference 和 outcome 两列。",
            )
        )
    results, bad = [], []
    for number, cells in enumerate(table[1:], start=2):
        if not any(cell.strip() for cell in cells):
            continue
        row = dict(zip(head, (cell.strip() for cell in cells), strict=False))
        outcome = row.get("outcome", "").lower()
        outcome = IN_CHINESE.get(outcome, outcome)
        if not row.get("reference"):
            bad.append(BadRow(row=number, said=Localised(en="no reference", zh="没有付款编号")))
        elif outcome not in OUTCOMES:
            said = row.get("outcome", "")[:40]
            bad.append(
                BadRow(
                    row=number,
                    said=Localised(
                        en=f"{said!r} is neither paid nor returned", zh=f"“{said}”既不是 paid 也不是 returned"
                    ),
                )
            )
        else:
            results.append(Result(reference=row["reference"], outcome=outcome, note=row.get(NOTE, "")))
    return results, bad
