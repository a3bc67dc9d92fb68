"""What a file is, by what it holds and not by what it says it is; only a few harmless kinds are taken.

Nothing is drawn here, and of office files (office.py) only a little is unpacked, within bounds, so a file that would
burst when opened can do us no harm. What browsers would run
(HTML, SVG, XML) is refused, also under another name.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from amends.kernel.text import Localised
from amends.recover.core.office import is_docx, is_odt, is_xlsx

LARGEST_FILE: Final = 10 * 1024 * 1024  # bytes
LARGEST_CASE: Final = 50 * 1024 * 1024  # bytes of all files of a case
MOST_FILES: Final = 50  # of a case
LONGEST_NAME: Final = 200

_MARKUP: Final = re.compile(
    rb"\s*(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|head|body|script|svg|\?xml|iframe|!--)", re.IGNORECASE
)
_CONTROL: Final = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_UNSEEN: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of file that is taken."""

    name: str
    media_type: str
    endings: tuple[str, ...]
    is_it: Callable[[bytes], bool]


def _is_text(data: bytes) -> bool:
    if _MARKUP.match(data) or _CONTROL.search(data):
        return False
    for encoding in ("utf-8", "gb18030"):
        try:
            data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return True
    return False


KINDS: Final = {
    kind.name: kind
    for kind in (
        Kind(
            name="pdf",
            media_type="application/pdf",
            endings=("pdf",),
            is_it=lambda data: data.startswith(b"%PDF-"),
        ),
        Kind(
            name="png",
            media_type="image/png",
            endings=("png",),
            is_it=lambda data: data.startswith(b"\x89PNG\r\n\x1a\n"),
        ),
        Kind(
            name="jpeg",
            media_type="image/jpeg",
            endings=("jpg", "jpeg"),
            is_it=lambda data: data.startswith(b"\xff\xd8\xff"),
        ),
        Kind(
            name="webp",
            media_type="image/webp",
            endings=("webp",),
            is_it=lambda data: data[:4] == b"RIFF" and data[8:12] == b"WEBP",
        ),
        Kind(
            name="docx",
            media_type="application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            endings=("docx",),
            is_it=is_docx,
        ),
        Kind(
            name="xlsx",
            media_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            endings=("xlsx",),
            is_it=is_xlsx,
        ),
        Kind(name="odt", media_type="application/vnd.oasis.opendocument.text", endings=("odt",), is_it=is_odt),
        Kind(name="csv", media_type="text/csv", endings=("csv",), is_it=_is_text),
        Kind(name="txt", media_type="text/plain", endings=("txt",), is_it=_is_text),
    )
}
ENDINGS: Final = tuple(ending for kind in KINDS.values() for ending in kind.endings)


class NotTaken(ValueError):
    """A file that is not taken, and why, in words for whoever sent it."""

    def __init__(self, why: Localised) -> None:
        self.why = why
        super().__init__(why.en)


def plain_name(name: str) -> str:
    """The file's own name without folders and without characters that nobody sees; its ending is kept."""
    last = _UNSEEN.sub("", re.split(r"[\\/]", name)[-1]).strip(" .")
    stem, dot, ending = last.rpartition(".")
    return f"{stem[: LONGEST_NAME - len(ending) - 1]}.{ending}" if dot and len(ending) < 10 else last[:LONGEST_NAME]


def kind_of(name: str, data: bytes) -> Kind:
    """Which kind a file is; its name and what it holds must say the same.

    Raises:
        NotTaken: it is empty, too large, of another kind, or something else than it says.
    """
    if not data:
        raise NotTaken(Localised(en=f"“{name}” is empty.", zh=f"“{name}”是空文件。"))
    if len(data) > LARGEST_FILE:
        most = LARGEST_FILE // 1024 // 1024
        raise NotTaken(Localised(en=f"“{name}” is larger than {most} MB.", zh=f"“{name}”超过 {most} MB。"))
    ending = name.rpartition(".")[2].lower()
    kind = next((kind for kind in KINDS.values() if ending in kind.endings), None)
    if kind is None:
        taken = ", ".join(ENDINGS)
        raise NotTaken(
            Localised(
                en=f"“{name}” is of a kind that we don't take; we take {taken}.",
                zh=f"“{name}”的格式不在可接收之列；可接收的格式：{taken}。",
            )
        )
    if not kind.is_it(data):
        raise NotTaken(
            Localised(en=f"“{name}” holds something else than its ending says.", zh=f"“{name}”的内容与其扩展名不符。")
        )
    return kind


def check_room(*, files: int, held: int, more: int) -> None:
    """Whether a case has room for a file of so many bytes.

    Raises:
        NotTaken: it has not.
    """
    if files >= MOST_FILES or held + more > LARGEST_CASE:
        most = LARGEST_CASE // 1024 // 1024
        raise NotTaken(
            Localised(
                en=f"A case holds at most {MOST_FILES} files and {most} MB.",
                zh=f"每个案件最多可存 {MOST_FILES} 个文件，共 {most} MB。",
            )
        )
