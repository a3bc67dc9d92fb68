"""Office files (docx, xlsx, odt) by what they really hold: a zip container with the parts of its kind, none to run.

The directory of the container is read, and small parts of it within a bound; nothing else is unpacked. Whoever makes
such a file says in it how large its parts are when unpacked, so the sum is held against a bound before anything is
read, and reading never goes beyond it.
"""

import re
import zlib
from io import BytesIO
from typing import Final
from zipfile import BadZipFile, ZipFile, ZipInfo

MOST_PARTS: Final = 2_000
LARGEST_UNPACKED: Final = 100 * 1024 * 1024  # bytes of all parts together
LARGEST_READ: Final = 1024 * 1024  # bytes of one part that is looked into
SOUND_FROM: Final = 64 * 1024  # bytes; below it a part may be packed as tightly as it likes
TIGHTEST: Final = 200  # times; what is packed tighter than that is made to burst

_ENCRYPTED: Final = 0x1
_WAYS: Final = frozenset({0, 8})  # stored and deflated: what office programs write
_HARM: Final = re.compile(  # what runs, or brings another program's files along
    r"vba|macro|activex|embeddings/|oleobject"
    r"|(?:^|/)(?!printersettings\d*\.bin$)[^/]*\.bin$"  # how one prints is no program
    r"|\.(?:exe|dll|js|vbs|jar|scr|bat|cmd|ps1|htm|html|svg|swf|class)$"
    r"|^(?:basic|scripts)/",
    re.IGNORECASE,
)
_TYPES: Final = "[Content_Types].xml"
_MAIN: Final = {
    "docx": ("word/document.xml", b"wordprocessingml.document.main+xml"),
    "xlsx": ("xl/workbook.xml", b"spreadsheetml.sheet.main+xml"),
}
_ODT: Final = b"application/vnd.oasis.opendocument.text"
_ODD: Final = rb"<!doctype|<!entity|\x00"  # no office program writes these; in UTF-16 nothing would be found
_RUNS: Final = re.compile(rb"macroenabled|vbaproject|activex|oleobject|" + _ODD, re.IGNORECASE)
_ODT_RUNS: Final = re.compile(
    rb"<script:|<office:script\b|<office:event-listeners|vnd\.sun\.star\.script|" + _ODD, re.IGNORECASE
)
_RELATION: Final = re.compile(rb"<[^<>]*relationship\b[^<>]*>", re.IGNORECASE)
_ELSEWHERE: Final = re.compile(rb"target\s*=\s*[\"'](?:https?:|ftp:|\\\\|//|file:/{0,2}[^/])", re.IGNORECASE)


def is_docx(data: bytes) -> bool:
    """A word processor's document without macros."""
    return _is_sound(data, "docx")


def is_xlsx(data: bytes) -> bool:
    """A spreadsheet without macros."""
    return _is_sound(data, "xlsx")


def is_odt(data: bytes) -> bool:
    """An open document text without macros."""
    return _is_sound(data, "odt")


def _is_sound(data: bytes, kind: str) -> bool:
    if not data.startswith(b"PK\x03\x04"):  # something in front of it could be another kind of file
        return False
    if data.count(b"PK\x01\x02") > MOST_PARTS:  # before anything is made of its directory
        return False
    try:
        with ZipFile(BytesIO(data)) as container:
            parts = {part.filename: part for part in container.infolist()}
            if len(parts) != len(container.infolist()) or not _bounded(list(parts.values())):
                return False
            return _is_odt(container, parts) if kind == "odt" else _is_open_xml(container, parts, kind)
    # NotImplementedError: zipfile meets a compression that it does not know
    except (BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError):
        return False


def _bounded(parts: list[ZipInfo]) -> bool:
    """Few enough parts, that stay in the container, hold nothing to run, and do not burst."""
    return (
        0 < len(parts) <= MOST_PARTS
        and sum(part.file_size for part in parts) <= LARGEST_UNPACKED
        and all(map(_is_harmless, parts))
    )


def _is_harmless(part: ZipInfo) -> bool:
    name = part.filename
    bursts = part.file_size > SOUND_FROM and part.file_size > TIGHTEST * max(1, part.compress_size)
    leaves = name.startswith("/") or "\\" in name or ":" in name or "\0" in name or ".." in name.split("/")
    return not (
        bursts or leaves or part.flag_bits & _ENCRYPTED or part.compress_type not in _WAYS or _HARM.search(name)
    )


def _is_open_xml(container: ZipFile, parts: dict[str, ZipInfo], kind: str) -> bool:
    main, media_type = _MAIN[kind]
    if main not in parts or _TYPES not in parts or "_rels/.rels" not in parts:
        return False
    types = _read(container, parts[_TYPES])
    if types is None or media_type not in types or _RUNS.search(types):
        return False
    return not any(_leads_away(container, part) for name, part in parts.items() if name.endswith(".rels"))


def _leads_away(container: ZipFile, part: ZipInfo) -> bool:
    """Whether it brings something to run along, or a template with it from another place."""
    relations = _read(container, part)
    if relations is None or _RUNS.search(relations):
        return True
    tags = (found[0] for found in _RELATION.finditer(relations))
    return any(b"attachedtemplate" in tag.lower() and _ELSEWHERE.search(tag) for tag in tags)


def _is_odt(container: ZipFile, parts: dict[str, ZipInfo]) -> bool:
    needed = ("mimetype", "content.xml", "META-INF/manifest.xml")
    if any(name not in parts for name in needed):
        return False
    if _read(container, parts["mimetype"]) != _ODT:
        return False
    manifest = _read(container, parts["META-INF/manifest.xml"])
    if manifest is None or b"encryption-data" in manifest:
        return False
    return not _found(container, parts["content.xml"], _ODT_RUNS)


def _read(container: ZipFile, part: ZipInfo) -> bytes | None:
    """A small part; None if it is larger than it may be, or than it says."""
    if part.file_size > LARGEST_READ:
        return None
    with container.open(part) as held:
        data = held.read(LARGEST_READ + 1)
    return data if len(data) == part.file_size else None


def _found(container: ZipFile, part: ZipInfo, wanted: re.Pattern[bytes]) -> bool:
    """Whether a part has such words; it is read piece by piece and no further than it says it is long."""
    tail, left = b"", part.file_size
    with container.open(part) as held:
        while left > 0 and (piece := held.read(min(LARGEST_READ, left))):
            if wanted.search(tail + piece):
                return True
            tail, left = piece[-100:], left - len(piece)
    return False
