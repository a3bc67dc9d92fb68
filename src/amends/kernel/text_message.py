"""How long a text message is: GSM-7 (3GPP TS 23.038) where its alphabet is enough, else UCS-2; in segments, as it is
charged. No character is cut in two between segments."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

# 3GPP TS 23.038, 6.2.1: the default alphabet without the escape, and what takes two septets by its extension
_BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED: Final = frozenset("\f^{}\\[~]|€")
_GSM: Final = _BASIC | _EXTENDED
_ROOM: Final = {"GSM-7": (160, 153), "UCS-2": (70, 67)}  # units of a message of one segment, and of each of several
MOST_SEGMENTS: Final = 3  # what a customer's phone is asked to put together
_E164: Final = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
_PLAIN: Final = {"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "...", "\u00a0": " "}
_BEYOND: Final = re.compile(f"[^{re.escape(''.join(sorted(_GSM.union(_PLAIN))))}]")  # what GSM-7 cannot say


@dataclass(frozen=True, kw_only=True)
class Home:
    """How mobile numbers are written in one country."""

    code: str  # of the country, such as +86
    written: re.Pattern[str]  # the number as people write it; a group in it is what follows the code


def texted_at(number: str, home: Home | None) -> str | None:
    """Where a text goes for a telephone number, in the form that gateways take (E.164); None: none reaches it.

    Args:
        number: without spaces and the like.
        home: whose mobile numbers need no code; None: every number needs one.
    """
    if is_number(number):
        return number
    match = None if home is None else home.written.fullmatch(number)
    return None if home is None or match is None else home.code + match[match.re.groups and 1]


class Length(NamedTuple):
    """What a text message comes to."""

    encoding: Literal["GSM-7", "UCS-2"]
    units: int  # septets, or UTF-16 code units
    segments: int


def length_of(text: str) -> Length:
    """How many segments this text takes."""
    encoding: Literal["GSM-7", "UCS-2"] = "GSM-7" if _GSM.issuperset(text) else "UCS-2"
    whole, part = _ROOM[encoding]
    if encoding == "GSM-7":
        units = len(text) + sum(map(text.count, _EXTENDED))
    else:
        units = len(text.encode("utf-16-le", "surrogatepass")) // 2
    if units <= whole:
        return Length(encoding, units, 1)
    if units == len(text):  # nothing that could be cut in two
        return Length(encoding, units, -(-units // part))
    return Length(encoding, units, _packed(_sizes(text, encoding), part))


def plain(text: str) -> str:
    """The same words with the quotation marks and dashes of GSM-7, so that one of them alone does not halve the room.

    What is no GSM-7 anyway, such as Chinese, keeps its own.
    """
    if _BEYOND.search(text):
        return text
    for mark, said in _PLAIN.items():
        text = text.replace(mark, said)
    return text


def _sizes(text: str, encoding: str) -> Iterable[int]:
    if encoding == "GSM-7":
        return (2 if one in _EXTENDED else 1 for one in text)
    return (2 if ord(one) > 0xFFFF else 1 for one in text)


def _packed(sizes: Iterable[int], room: int) -> int:
    segments, left = 1, room
    for size in sizes:
        if size > left:
            segments, left = segments + 1, room
        left -= size
    return segments


def is_number(address: str) -> bool:
    """Whether text messages can go there: a number in the international form of E.164."""
    return _E164.fullmatch(address) is not None
