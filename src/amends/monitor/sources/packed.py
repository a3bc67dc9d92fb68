"""Files opened as plain bytes whatever they are packed with, and never more of them than is allowed."""

import gzip
import io
from pathlib import Path
from typing import BinaryIO, Final, cast

import pyarrow as pa

from amends.kernel.text import Localised
from amends.monitor.core.intake import FREE_OF_RATIO, LARGEST_UNPACKED, MOST_RATIO

PACKINGS: Final = {".gz": "gzip", ".zst": "zstd"}
_KINDS: Final = (  # how files begin that are no text, and what to call them
    (b"PK\x03\x04", "an office file or a ZIP archive", "Office 文件或 ZIP 压缩包"),
    (b"\xd0\xcf\x11\xe0", "an old office file", "旧版 Office 文件"),
    (b"\x1f\x8b", "packed with gzip", "gzip 压缩文件"),
    (b"\x28\xb5\x2f\xfd", "packed with zstd", "zstd 压缩文件"),
    (b"PAR1", "a Parquet file", "Parquet 文件"),
    (b"%PDF", "a PDF", "PDF 文件"),
    (b"\x89PNG", "a picture", "图片"),
    (b"\xff\xd8\xff", "a picture", "图片"),
    (b"GIF8", "a picture", "图片"),
    (b"\x7fELF", "a program", "程序"),
    (b"MZ", "a program", "程序"),
    (b"SQLite format 3", "a database", "数据库文件"),
)


class Unreadable(Exception):
    """A file that cannot be used, or no further; says why in both languages."""

    def __init__(self, en: str, zh: str) -> None:
        self.said = Localised(en=en[:500], zh=zh[:500])
        super().__init__(en)


def opened(path: Path) -> BinaryIO:
    """The plain bytes of a file, by its ending; reading raises Unreadable once it bursts or is broken."""
    packing = PACKINGS.get(path.suffix.lower())
    if packing is None:
        return path.open("rb")
    stream: BinaryIO
    if packing == "gzip":
        stream = cast("BinaryIO", gzip.GzipFile(path))
    else:
        stream = cast("BinaryIO", pa.CompressedInputStream(pa.OSFile(str(path)), "zstd"))
    return cast("BinaryIO", io.BufferedReader(_Bounded(stream, path.stat().st_size), 2**18))


def check(path: Path) -> None:
    """Unpack a packed file once to nowhere: before a row of it is taken in, it is known to be whole and not to burst.

    Raises:
        Unreadable: it is not.
    """
    if path.suffix.lower() in PACKINGS:
        with opened(path) as stream:
            while stream.read(2**20):
                pass


def kind_of(beginning: bytes) -> Localised | None:
    """What a file is that is no text, as people call it; None if it may be text."""
    for magic, en, zh in _KINDS:
        if beginning.startswith(magic):
            return Localised(en=en, zh=zh)
    return None


class _Bounded(io.RawIOBase):
    """Counts what comes out of a packed file."""

    def __init__(self, stream: BinaryIO, packed: int) -> None:
        self._stream, self._packed, self._came = stream, packed, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(cast("bytearray", buffer))
        try:
            piece = self._stream.read(len(view))
        except (OSError, EOFError, pa.ArrowException) as error:
            why = (str(error).strip().splitlines() or ["cut off"])[0]
            raise Unreadable(
                f"it cannot be unpacked to its end; is it whole? ({why})", "无法完整解压，文件可能不完整"
            ) from None
        self._came += len(piece)
        if self._came > LARGEST_UNPACKED or (
            self._came > FREE_OF_RATIO and self._came > MOST_RATIO * max(self._packed, 1)
        ):
            raise Unreadable("it unpacks to far more than a file of signals would", "解压后的体积远超正常的信号文件")
        view[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        self._stream.close()
        super().close()
