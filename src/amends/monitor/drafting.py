"""Reads for those who look after the standards: what is in force, what was, and back-tests.

Standards hold for the whole company, so only whoever reaches all of it changes them, or sees what a back-test found.
"""

import difflib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from django.db import connection

from amends.kernel.blueprint import Blueprint
from amends.kernel.business_time import format_duration
from amends.monitor.core.threshold import Curve, suggested
from amends.monitor.models import Backtest
from amends.monitor.sources.drafts import with_value, written
from amends.people.keyset import Page, page_of
from amends.people.models import Staff
from amends.people.selectors import NotAllowed, NotFound, has_whole_company, require
from amends.policy.models import BlueprintVersion
from amends.policy.selectors import blueprint_of, deployment, version_in_force


@dataclass(frozen=True, kw_only=True)
class InForce:
    """The blueprint by which is judged."""

    version: BlueprintVersion
    pack: Blueprint

    def declared(self, standard_id: str) -> Mapping[str, Any] | None:
        """What it says of a standard."""
        return next((one for one in self.pack.standards_file()["standards"] if one["id"] == standard_id), None)


@dataclass(frozen=True, kw_only=True)
class Change:
    """A version of a blueprint in which a standard is new, other than before, or gone."""

    number: int
    at: datetime
    by: str
    why: str
    text: str | None  # the standard as YAML; None: it was withdrawn
    lines: tuple[tuple[str, str], ...]  # how it differs from before: +, - or a space, and the line


def require_standards(staff: Staff) -> None:
    """Go on only if this person may change standards.

    Raises:
        NotAllowed: the role may not, or the person has a part of the company only.
    """
    require(staff, "work_standards")
    if not has_whole_company(staff):
        raise NotAllowed("Standards hold for the whole company, and this account is limited to a part of it.")


def in_force() -> InForce:
    version = version_in_force(deployment().blueprint_name)
    return InForce(version=version, pack=blueprint_of(version.pk))


def access_standard(staff: Staff, standard_id: str) -> tuple[InForce, Mapping[str, Any]]:
    """A standard to change.

    Raises:
        NotAllowed: this person may not.
        NotFound: there is none of that id in force.
    """
    require_standards(staff)
    now = in_force()
    if (declared := now.declared(standard_id)) is None:
        raise NotFound(f"There is no standard {standard_id!r} in force.")
    return now, declared


def changes_of(staff: Staff, standard_id: str) -> list[Change]:
    """The versions that changed a standard, the latest first.

    Raises:
        NotAllowed: this person may not see blueprints.
        NotFound: no version ever had such a standard.
    """
    require(staff, "see_blueprints")
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select number, published_at, published_by, note, (
                select standard from jsonb_array_elements(content::jsonb -> 'standards') as standard
                where standard ->> 'id' = %s
            )::text from policy_blueprintversion where name = %s order by number
            """,
            [standard_id, deployment().blueprint_name],
        )
        rows = [(*row, _declared(text)) for *row, text in cursor.fetchall()]
    changes = [
        Change(
            number=number,
            at=at,
            by=by,
            why=why,
            text=None if after is None else written(after),
            lines=tuple(compared_lines(before, after)),
        )
        for (*_, before), (number, at, by, why, after) in pairwise([(None,), *rows])
        if before != after
    ]
    if not changes:
        raise NotFound(f"There was never a standard {standard_id!r} here.")
    return changes[::-1]


def ever_declared(standard_id: str) -> bool:
    """Whether any version of the blueprint has such a standard."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select exists (
                select from policy_blueprintversion, jsonb_array_elements(content::jsonb -> 'standards') as standard
                where name = %s and standard ->> 'id' = %s)
            """,
            [deployment().blueprint_name, standard_id],
        )
        return bool(cursor.fetchone()[0])


def compared_lines(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> Iterator[tuple[str, str]]:
    """Two declarations of a standard, line by line: what went, what came, what stayed."""
    texts = [written(one).splitlines() if one is not None else [] for one in (before, after)]
    for line in difflib.ndiff(*texts):
        if line[0] != "?":
            yield line[0], line[2:]


def access_backtest(staff: Staff, number: int) -> Backtest:
    """One back-test.

    Raises:
        NotAllowed: this person may not change standards.
        NotFound: there is none of that number.
    """
    require_standards(staff)
    found = Backtest.objects.select_related("by", "against").defer("against__content").filter(pk=number).first()
    if found is None:
        raise NotFound(f"There is no back-test {number} here.")
    return found


def with_suggestion(run: Backtest, wished: int | None) -> str | None:
    """The draft that was tried, with the value that so many per cent of right alarms ask for; None without one."""
    for content in (run.result or {}).get("curves", ()) if wished else ():
        curve = Curve.of(content)
        found = suggested(curve, (wished or 0) / 100)
        if curve.standard == run.standard and found.value is not None:
            value = format_duration(timedelta(seconds=found.value)) if curve.is_length else f"{found.value:g}"
            return with_value(run.text, curve.parameter, value)
    return None


def backtests_for(staff: Staff, *, standard: str = "", after: str | None = None, limit: int = 50) -> Page:
    """Back-tests, the latest first."""
    require_standards(staff)
    rows = Backtest.objects.select_related("by").defer("draft", "text")
    if standard:
        rows = rows.filter(standard=standard)
    return page_of(rows, order=("-asked_at", "-id"), after=after, limit=limit)


def tried(digest: str, *, against: BlueprintVersion) -> Backtest | None:
    """The latest finished back-test of this very draft beside what is in force."""
    found = Backtest.objects.filter(digest=digest, against=against, state="finished")
    return found.order_by("-asked_at", "-id").first()


def _declared(text: str | None) -> Mapping[str, Any] | None:
    return None if text is None else json.loads(text)
