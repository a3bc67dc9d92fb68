"""Which rule of the pack decided, in words: what the pack writes as a path, said as people count and call it."""

import re
from typing import Final

from django.utils.translation import gettext as _

from amends.kernel.taxonomy import FailureKind
from amends.policy.models import Explanation
from amends.policy.selectors import blueprint_of
from amends.web.console.times import language

_OF_A_KIND: Final = re.compile(
    r"taxonomy\.kinds\.(?P<kind>\w+)\.(?P<part>severity|attribution|responsible)(?:\[(?P<at>\d+)\])?"
)


def rule_said(why: Explanation | None) -> str:
    """Which rule of a kind of failure it was; empty where it was none of those, as where people or words decided."""
    found = _OF_A_KIND.fullmatch(why.rule) if why is not None else None
    kind = blueprint_of(why.blueprint_id).taxonomy.kinds.get(found["kind"]) if why is not None and found else None
    return "" if found is None or kind is None else _said(kind, found["part"], int(found["at"] or 0) + 1)


def _said(kind: FailureKind, part: str, number: int) -> str:
    shown = {"number": number, "kind": kind.name.in_(language())}
    if part == "severity":
        return _("Rule {number} of {all} on how severe “{kind}” is").format(all=len(kind.severity), **shown)
    if part == "attribution":
        return _("Rule {number} of {all} on the cause of “{kind}”").format(all=len(kind.attribution), **shown)
    return _("What is taken for the cause of “{kind}” where no other rule applies").format(**shown)
