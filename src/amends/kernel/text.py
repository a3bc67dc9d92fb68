"""Text in both languages, and the safe filling of `{name}` places in it.

A place is a plain name in braces: no attributes, no formats; `{{` and `}}` stand for the braces themselves.
"""

from collections.abc import Mapping
from decimal import Decimal
from string import Formatter
from typing import Annotated, Literal, Protocol, Self, runtime_checkable

from pydantic import AfterValidator, ConfigDict
from pydantic.dataclasses import dataclass

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")

_NUMBERS = frozenset({int, float, Decimal})
_YES_NO: dict[Language, tuple[str, str]] = {"en": ("yes", "no"), "zh": ("是", "否")}


@runtime_checkable
class Speaks(Protocol):
    """A value that knows its own form in a locale: localised text, money."""

    def in_(self, locale: str) -> str: ...


class MissingFactError(LookupError):
    """A text names a fact that was not given."""

    def __init__(self, name: str, known: list[str]) -> None:
        self.name = name
        super().__init__(f"the text needs {{{name}}}, which was not given; given: {', '.join(known) or 'nothing'}")


def language_of(locale: str) -> Language:
    """The language we answer a locale in: Chinese for zh, zh-CN, zh_Hans and the like, English for all others."""
    return "zh" if locale.lower().replace("_", "-").split("-")[0] == "zh" else "en"


@dataclass(frozen=True, config=ConfigDict(extra="forbid", str_min_length=1, str_strip_whitespace=True))
class Localised:
    """The same text in English and in Simplified Chinese; neither may be empty."""

    en: str
    zh: str

    def in_(self, locale: str) -> str:
        return self.zh if language_of(locale) == "zh" else self.en

    @property
    def places(self) -> frozenset[str]:
        """The names that the text, in either language, wants filled."""
        return frozenset(places_in(self.en) | places_in(self.zh))

    def filled(self, facts: Mapping[str, object]) -> "Localised":
        """The text with every place filled; raises MissingFactError naming the first that was not given."""
        return Localised(en=_fill(self.en, facts, "en"), zh=_fill(self.zh, facts, "zh"))


Said = Localised | str
"""Text in both languages, or what is one in either, such as the title of a publication."""


class WordedText(str):
    """A text value that rules compare and rows keep as it is, and that sentences say in words."""

    __slots__ = ("words",)

    words: Localised

    def __new__(cls, value: str, words: Localised) -> Self:
        text = super().__new__(cls, value)
        text.words = words
        return text

    def __getnewargs__(self) -> tuple[str, Localised]:  # type: ignore[override]  # what a copy is made from
        return str(self), self.words

    def in_(self, locale: str) -> str:
        return self.words.in_(locale)


def places_in(text: str) -> set[str]:
    """The names in braces; ValueError if a brace is unpaired or holds anything but a plain name."""
    places = set()
    try:
        pieces = list(Formatter().parse(text))
    except ValueError as error:
        raise ValueError(f"unpaired brace in {text!r} ({error}); write {{{{ or }}}} for a brace itself") from None
    for _, name, spec, conversion in pieces:
        if name is None:
            continue
        if not name.isidentifier() or spec or conversion:
            raise ValueError(f"{{{name}}} in {text!r} is no plain name")
        places.add(name)
    return places


def shown(value: object, locale: str) -> str:
    """A fact as a reader of the locale expects to see it inside a sentence."""
    if type(value) is str:  # most are; whether something speaks takes long to find out
        return value
    if isinstance(value, bool):
        yes, no = _YES_NO[language_of(locale)]
        return yes if value else no
    if type(value) not in _NUMBERS and isinstance(value, Speaks):
        return value.in_(locale)
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float | Decimal):
        # two decimals carry every unit we speak of (miles, inches, kilometres); more would be false precision
        return f"{value:,.2f}".rstrip("0").rstrip(".")
    return str(value)


def _fill(text: str, facts: Mapping[str, object], language: Language) -> str:
    out = []
    for literal, name, _, _ in Formatter().parse(text):
        out.append(literal)
        if name is None:
            continue
        if facts.get(name) is None:
            raise MissingFactError(name, sorted(facts))
        out.append(shown(facts[name], language))
    return "".join(out)


def _with_sound_places(text: Localised) -> Localised:
    for language in (text.en, text.zh):
        places_in(language)
    return text


Template = Annotated[Localised, AfterValidator(_with_sound_places)]
"""Localised text of a pack whose places were checked when it was read."""
