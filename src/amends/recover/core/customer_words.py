"""What a customer's own words say about how badly they were hit: a few phrases, so that every answer can be shown.

Words raise a severity and never lower it: whoever writes calmly was hurt no less. A phrase counts where it stands as
whole words, unless a word just before it denies it ("not angry", "没有受伤").
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TypeVar

from amends.kernel.reason import Reason
from amends.kernel.severity import SEVERITIES
from amends.kernel.taxonomy import Phrases, WordRule
from amends.kernel.text import Localised

Group = TypeVar("Group")
_LEFT_OUT_EN: Final = r"(?:[^\w.!?]+[\w'-]+){0,4}[^\w.!?]+"  # up to four words of the same sentence
_LEFT_OUT_ZH: Final = r"[^。！？.!?]{0,8}"
_DENIED_EN: Final = re.compile(
    r"\b(?:no|not|never|without|neither|nor|isn't|wasn't|aren't|weren't|don't|didn't)(?:[^\w.!?]+\w+)?[^\w.!?]+$"
)
_DENIED_ZH: Final = re.compile(r"(?:没有|没|不是|并非|不|未|无)(?:人|任何|太|很)?$")
_DENIES_EN: Final = re.compile(r"^(?:no|not|never|without)\b")
_DENIES_ZH: Final = re.compile(r"^(?:没|不|未|无)")


@dataclass(frozen=True, kw_only=True)
class Heard:
    """A rule that the words spoke for, and which words, as they were written."""

    rule: WordRule
    words: tuple[str, ...]

    @property
    def rank(self) -> int:
        """The severity that it asks for, as rows have it."""
        return SEVERITIES[self.rule.at_least]

    @property
    def why(self) -> Reason:
        """The rule's reason, with the words that spoke for it."""
        en = ", ".join(f"“{word}”" for word in self.words)
        zh = "、".join(f"“{word}”" for word in self.words)
        return Reason(
            rule=f"taxonomy.words.{self.rule.id}",
            text=Localised(
                en=f"{self.rule.reason.en} The customer's own words: {en}.",
                zh=f"{self.rule.reason.zh}顾客的原话：{zh}。",
            ),
            inputs={"words": list(self.words)},
        )


def heard(text: str, rules: Iterable[WordRule]) -> tuple[Heard, ...]:
    """Every rule that the text speaks for, the gravest first; in the order of the pack where equally grave."""
    plain = _plain(text)
    found = [Heard(rule=rule, words=words) for rule in rules if (words := tuple(_spoken(plain, rule.phrases)))]
    return tuple(sorted(found, key=lambda one: -one.rank))


def raised(severity: int, text: str, rules: Sequence[WordRule]) -> Heard | None:
    """What raises the severity that the facts gave, or None: it stays as it is, and is never lowered."""
    gravest = next(iter(heard(text, rules)), None)
    return gravest if gravest is not None and gravest.rank > severity else None


def first_spoken(text: str, groups: Mapping[Group, Phrases]) -> tuple[Group, tuple[str, ...]] | None:
    """The first group whose phrases are in the text, and which words those are, each once; None if no group's are."""
    plain = _plain(text)
    return next(((group, words) for group, said in groups.items() if (words := tuple(_spoken(plain, said)))), None)


def _plain(text: str) -> str:
    """One spelling for what looks alike: width, case, apostrophes, spaces."""
    same = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    return re.sub(r"\s+", " ", same)


def _spoken(plain: str, phrases: Phrases) -> Iterator[str]:
    seen: set[str] = set()
    for language, said in (("en", phrases.en), ("zh", phrases.zh)):
        for phrase in said:
            pattern, denies, begins = _pattern(phrase, language)
            if begins not in plain:  # most are not, and this is the fastest way to know
                continue
            for match in pattern.finditer(plain):
                word = match[0].strip()
                before = plain[max(0, match.start() - 40) : match.start()]
                denied = (_DENIED_EN if language == "en" else _DENIED_ZH).search(before)
                if (denies or not denied) and word not in seen:
                    seen.add(word)
                    yield word


@lru_cache(maxsize=2_000)
def _pattern(phrase: str, language: str) -> tuple[re.Pattern[str], bool, str]:
    """The phrase as a pattern; whether it denies something itself, so that a "not" belongs to it; and its first word,
    without which it is not there."""
    parts = [part.strip() for part in _plain(phrase).replace("...", "…").split("…") if part.strip()]
    if language == "zh":
        return re.compile(_LEFT_OUT_ZH.join(map(re.escape, parts))), bool(_DENIES_ZH.match(parts[0])), parts[0]
    words = [r"[^\w.!?]+".join(_word(word) for word in part.split()) for part in parts]
    pattern = re.compile(rf"(?<!\w){_LEFT_OUT_EN.join(words)}(?!\w)")
    return pattern, bool(_DENIES_EN.match(parts[0])), parts[0].split()[0].rstrip("*")


def _word(word: str) -> str:
    return re.escape(word[:-1]) + r"[\w'-]*" if word.endswith("*") else re.escape(word)
