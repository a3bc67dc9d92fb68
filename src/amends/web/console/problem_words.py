"""What can be wrong with a draft of a standard, in the reader's language.

The models say it in English, with the names of fields and values, which are the same in every language. What is usual
has its words here; what is not is shown as the model says it.
"""

import re
from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from amends.kernel.blueprint import Problem

_SAID: Final[Mapping[str, str | Promise]] = {
    r"is missing": _("is missing"),
    r"is no field here|unknown field": _("is no field here"),
    r"the file is empty": _("nothing is written here"),
    r"no YAML: (?P<why>.*)": _("is no YAML ({why}); look at indentation, quotes and colons around this line"),
    r"there is no standard here": _("is no standard; begin with its id"),
    r"this is a whole file; give one standard": _("is a whole file; give one standard"),
    r"this standard is '(?P<id>.*)'": _("the id of this standard is {id}; what has another id is another standard"),
    r"there is a standard '(?P<id>.*)' already": _(
        "there is a standard {id} already; change that one, or take another id"
    ),
    r"the id '(?P<id>.*)' comes twice": _("the id {id} comes twice"),
    r"comes twice, first on line (?P<line>\d+)": _("comes twice, first on line {line}"),
    r"'(?P<text>.*)' is no duration; .*": _("“{text}” is no duration; write PT15M, PT2H or P1D"),
    r"'(?P<text>.*)' is too long a duration|longer than a hundred years": _("is too long a duration"),
    r"'(?P<text>.*)' is no attribute; write data\.NAME": _("“{text}” is no attribute; write data.NAME"),
    r"'(?P<text>.*)' cannot be read near .*": _(
        "“{text}” cannot be read; use comparisons, AND, OR, NOT, IN, IS NULL, LIKE and arithmetic over the columns and "
        "data.*"
    ),
    r"there is no calendar '(?P<name>.*)'; there are (?P<known>.*)": _(
        "there is no calendar {name}; there are {known}"
    ),
    r"there is no kind '?(?P<name>[^' ]*)'?.*": _("there is no kind of failure {name}; the list below has all"),
    r"give exactly one of at, after, by.*|is none of the three forms of a due time": _(
        "give exactly one of at, after and by"
    ),
    r"[Ii]nput should be a valid string": _("is no text; put it in quotes"),
    r"[Ii]nput should be a valid integer.*": _("is no whole number"),
    r"[Ii]nput should be a valid (number|decimal).*": _("is no number"),
    r"[Ii]nput should be a valid (dictionary|list|tuple).*": _("has not the form that is wanted here"),
    r"String should have at least 1 character": _("is empty"),
}
_PATTERNS: Final = tuple((re.compile(pattern, re.DOTALL), words) for pattern, words in _SAID.items())


def said(problem: Problem) -> tuple[str, bool]:
    """What is wrong, and whether there were words for it; else it is the model's own English with its remedy."""
    for pattern, words in _PATTERNS:
        if found := pattern.fullmatch(problem.message):
            return str(words).format(**found.groupdict()), True
    return problem.message + (f" ({problem.remedy})" if problem.remedy else ""), False
