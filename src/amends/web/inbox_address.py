"""The inbox's address: a filter and an order as pages, saved views and the API write it."""

from typing import Any, Final

from django.http import QueryDict

from amends.kernel.strategies import STRATEGIES
from amends.recover.core.case import CASE
from amends.recover.selectors.inbox import DESKS

SORTS: Final = ("priority", "leaving", "due", "opened")


def chosen_of(given: QueryDict) -> dict[str, Any]:
    """A filter of the inbox as its address says it: nothing unknown gets through to a selector."""

    def one(name: str, known: Any, otherwise: str = "") -> str:
        value = given.get(name, "")
        return value if value in known else otherwise

    severity, team = given.get("severity", ""), given.get("team", "")
    return {
        "state": one("state", CASE.states),
        "severity": int(severity) if severity in {"1", "2", "3"} else None,
        "unit": given.get("unit", "").replace("\0", "").strip()[:64],
        "search": given.get("q", "").replace("\0", "").strip()[:200],
        "sort": one("sort", SORTS, "priority"),
        "strategy": one("strategy", STRATEGIES),
        "desk": one("desk", DESKS),
        "team": int(team) if team.isascii() and team.isdigit() and len(team) < 19 else None,
    }


def query_of(given: QueryDict) -> str:
    """The same as an address again, in one spelling."""
    chosen = chosen_of(given)
    chosen["q"] = chosen.pop("search")
    kept = QueryDict(mutable=True)
    if given.get("mine") == "1":
        kept["mine"] = "1"
    for name in ("q", "state", "severity", "unit", "strategy", "desk", "team", "sort"):
        value = chosen[name]
        if value not in ("", None) and not (name == "sort" and value == "priority"):
            kept[name] = str(value)
    return kept.urlencode()
