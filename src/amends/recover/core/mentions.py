"""Who is named with an @ in a note. Names may have spaces, and Chinese text none; so the longest that fits counts."""

import re
from collections.abc import Iterable
from typing import Final

_AT: Final = re.compile(r"(?<![\w.])[@＠]")  # not the one in an e-mail address


def mentioned(text: str, colleagues: Iterable[tuple[int, str, str]]) -> list[int]:
    """The ids of the colleagues (id, name, e-mail address) whom the text names, in its order, each once.

    A name that several have means all of them; an address is always one person.
    """
    calls = sorted(
        ((call.lower(), id_) for id_, name, email in colleagues for call in {name, email} if call),
        key=lambda pair: (-len(pair[0]), pair[1]),
    )
    found: dict[int, None] = {}
    lowered = text.lower()
    for at in _AT.finditer(lowered):
        rest = lowered[at.end() :]
        hit = next((call for call, _ in calls if rest.startswith(call) and _ends(rest[len(call) :], call)), None)
        if hit is not None:
            found |= dict.fromkeys(id_ for call, id_ in calls if call == hit)
    return list(found)


def _ends(rest: str, call: str) -> bool:
    """Whether a name ends here: `@Sam Carterson` does not mean Sam Carter. Chinese names run on into the text."""
    last = call[-1]
    return not (last.isascii() and last.isalnum() and rest[:1].isascii() and rest[:1].isalnum())
