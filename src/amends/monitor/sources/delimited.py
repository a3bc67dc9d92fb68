"""Tables as text: any common encoding and separator, found out from the beginning; rows one by one, within bounds."""

import codecs
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

from amends.monitor.core.columns import MOST_COLUMNS
from amends.monitor.core.intake import LONGEST_LINE
from amends.monitor.core.signal import Unusable
from amends.monitor.sources.packed import Unreadable, kind_of

SAMPLE: Final = 2**16  # bytes that are looked at
SEPARATORS: Final = (",", ";", "\t", "|")
_MARKS: Final = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


@dataclass(frozen=True, kw_only=True)
class TextForm:
    """How a table is written."""

    encoding: str
    separator: str
    header: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Record:
    """One row as it stands there; `fault` says why it is none."""

    number: int  # from 1, the head not counted
    cells: tuple[str, ...] = ()
    fault: Unusable | None = None


def form_of(beginning: bytes) -> TextForm:
    """Encoding, separator and head of a table, from the first bytes of it.

    Raises:
        Unreadable: it is no table of text.
    """
    if not beginning.strip():
        raise Unreadable("the file is empty", "文件为空")
    if (kind := kind_of(beginning)) is not None:
        raise Unreadable(f"this is {kind.en}, not a CSV table", f"这是{kind.zh}，不是 CSV 表格")
    encoding = _encoding_of(beginning)
    text = codecs.getincrementaldecoder(encoding)().decode(beginning, final=False)
    if "\0" in text:
        raise Unreadable("this is no text", "这不是文本文件")
    if text.lstrip().startswith("<"):
        raise Unreadable("this is a web page or XML, not a CSV table", "这是网页或 XML，不是 CSV 表格")
    if text.lstrip().startswith(("{", "[")):
        raise Unreadable("this is JSON, not a CSV table", "这是 JSON，不是 CSV 表格")
    separator = max(SEPARATORS, key=lambda one: len(_head(text, one)))
    header = tuple(name.strip() for name in _head(text, separator))
    if len(header) > MOST_COLUMNS:
        raise Unreadable(f"it has more than {MOST_COLUMNS} columns", f"超过 {MOST_COLUMNS} 列")
    if not any(header):
        raise Unreadable("its first line names no columns", "首行没有列名")
    if twice := sorted({name for name in header if name and header.count(name) > 1}):
        raise Unreadable(f"a column is named twice: {', '.join(twice)[:200]}", f"列名重复：{'、'.join(twice)[:200]}")
    return TextForm(encoding=encoding, separator=separator, header=header)


def records(stream: BinaryIO, form: TextForm) -> Iterator[Record]:
    """The rows after the head.

    Raises:
        Unreadable: from here on nothing can be read; the rows before were good.
    """
    lines = _Lines(stream, form.encoding)
    reader = csv.reader(lines, delimiter=form.separator, strict=True)
    next(reader, None)
    number = 0
    while True:
        before = reader.line_num
        try:
            cells = next(reader, None)
        except csv.Error as error:
            number += 1
            yield Record(number=number, fault=_broken(before + 1, reader.line_num, error))
            continue
        except UnicodeError:
            raise Unreadable(
                f"it is not all {form.encoding}; it cannot be read after row {number}",
                f"文件并非全部为 {form.encoding} 编码，第 {number} 行之后无法读取",
            ) from None
        if cells is None:
            return
        if cells:
            number += 1
            yield Record(number=number, cells=tuple(cells))


def _broken(first: int, last: int, error: csv.Error) -> Unusable:
    lines = f"line {first}" if last <= first else f"lines {first} to {last}"
    zh = f"第 {first} 行" if last <= first else f"第 {first} 至 {last} 行"
    return Unusable(f"{lines}: the quotes are broken ({error})", f"{zh}引号不成对，无法读取")


def _encoding_of(beginning: bytes) -> str:
    for mark, encoding in _MARKS:
        if beginning.startswith(mark):
            return encoding
    for encoding in ("utf-8", "gb18030"):
        try:
            codecs.getincrementaldecoder(encoding)().decode(beginning, final=False)
        except UnicodeDecodeError:
            continue
        return encoding
    raise Unreadable("this is no text in UTF-8, UTF-16 or GB 18030", "不是 UTF-8、UTF-16 或 GB 18030 编码的文本")


def _head(text: str, separator: str) -> list[str]:
    try:
        return next(csv.reader(io.StringIO(text, newline=""), delimiter=separator), [])
    except csv.Error:
        return []


class _Lines:
    """Lines of text, none of them longer than a row may be."""

    def __init__(self, stream: BinaryIO, encoding: str) -> None:
        self._text = io.TextIOWrapper(stream, encoding=encoding, newline="")

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._text.readline(LONGEST_LINE)
        if not line:
            raise StopIteration
        if len(line) >= LONGEST_LINE and not line.endswith(("\n", "\r")):
            raise Unreadable("it has a line that is longer than any row", "某一行过长")
        return line
