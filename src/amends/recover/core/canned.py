"""Canned replies and notes of macros: which variables they may speak of, and how they are filled for one case.

Filled text is plain text; whoever shows it escapes it like any other words.
"""

from collections.abc import Mapping
from typing import Final

from amends.kernel.text import Localised, places_in

VARIABLES: Final[Mapping[str, Localised]] = {
    "customer": Localised(en="the customer's name", zh="顾客姓名"),
    "subject": Localised(en="what the service was about", zh="服务对象"),
    "what_happened": Localised(en="what happened, a sentence", zh="发生了什么（一句话）"),
    "cause": Localised(en="why, a sentence", zh="原因（一句话）"),
    "by_when": Localised(en="the time by which we promised news", zh="承诺告知进展的时间"),
    "company": Localised(en="our company", zh="我公司名称"),
    "case": Localised(en="the case's number", zh="案件编号"),
    "link": Localised(en="the address of the customer's own page", zh="顾客专属页面的网址"),
    "staff": Localised(en="your own name", zh="您的姓名"),
}


class UnknownVariables(ValueError):
    """A reply or a note speaks of something that cases have not; `names` says what."""

    def __init__(self, names: list[str]) -> None:
        self.names = names
        super().__init__(f"no such variable: {', '.join(f'{{{name}}}' for name in names)}")


class NotFilled(LookupError):
    """This case has nothing to say for a variable."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"this case has nothing for {{{name}}}")


def check(*texts: str) -> None:
    """Refuse texts with places that nothing fills.

    Raises:
        UnknownVariables: some are not known.
        ValueError: a brace is unpaired, or holds anything but a name.
    """
    named = {name for text in texts for name in places_in(text)}
    if unknown := sorted(named - set(VARIABLES)):
        raise UnknownVariables(unknown)


def filled(text: str, facts: Mapping[str, str]) -> str:
    """The text with its variables filled.

    Raises:
        NotFilled: one of them has nothing to be filled with.
    """
    for name in sorted(places_in(text)):
        if not facts.get(name):
            raise NotFilled(name)
    return text.format_map(facts)  # places are plain names: `check` saw to it
