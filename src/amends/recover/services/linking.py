"""Ties between cases that people say: related, a duplicate of, caused by."""

from datetime import datetime
from typing import Final

from amends.kernel.text import Localised
from amends.people.models import Staff
from amends.people.selectors import NotFound, require, units_below
from amends.recover.core.refusals import Declined
from amends.recover.models import Case, CaseLink
from amends.recover.services.holding import holding, save_case
from amends.recover.services.undoing import undoable

SAID: Final = (CaseLink.Kind.RELATED, CaseLink.Kind.DUPLICATE_OF, CaseLink.Kind.CAUSED_BY)

TO_ITSELF: Final = Localised(en="A case can't be linked to itself.", zh="案件不能与自身关联。")
THERE: Final = Localised(en="These cases are linked so already.", zh="这两个案件已有此关联。")
NOT_SAID: Final = Localised(
    en="Merges and splits are made by their own acts, not by a link.", zh="合并与拆分须由相应操作完成，不能仅作关联。"
)


def link_cases(
    case_id: int,
    *,
    other: int,
    kind: str,
    acting_user: Staff,
    now: datetime,
    note: str = "",
    version: int | None = None,
) -> CaseLink:
    """Say how a case hangs together with another.

    Raises:
        NotFound: one of them is out of the person's reach.
        Declined: a link to itself, one that is there, or a kind that no person says.
    """
    if other == case_id:
        raise Declined(TO_ITSELF)
    if kind not in SAID:
        raise Declined(NOT_SAID)
    with holding("link_cases", case_id, acting_user=acting_user, version=version) as (case, person):
        assert person is not None  # noqa: S101 -- only the automatic system has no person
        _check_reach(person, other)
        alike = CaseLink.objects.filter(case=case, other_id=other, kind=kind, ended_at=None)
        mirror = CaseLink.objects.filter(case_id=other, other=case, kind=kind, ended_at=None)
        if alike.exists() or (kind == CaseLink.Kind.RELATED and mirror.exists()):
            raise Declined(THERE)
        with undoable(case, "link_cases", person, now=now) as step:
            link = CaseLink.objects.create(case=case, other_id=other, kind=kind, note=note, at=now, by=person)
            step["link"] = link.pk
            save_case(case)
    return link


def unlink_cases(link_id: int, *, acting_user: Staff, now: datetime) -> None:
    """Take back what was said of two cases; it stays on record that it was said."""
    require(acting_user, "work_cases")
    found = CaseLink.objects.filter(pk=link_id).first()
    if found is None:
        raise NotFound(f"There is no link {link_id} here.")
    with holding("unlink_cases", found.case_id, acting_user=acting_user) as (case, _):
        end_link(found, now=now)
        save_case(case)


def end_link(link: CaseLink, *, now: datetime) -> None:
    """End a link of a case that is held."""
    if link.kind not in SAID:
        raise Declined(NOT_SAID)
    if link.ended_at is None:
        link.ended_at = now
        link.save(update_fields=["ended_at"])


def _check_reach(person: Staff, case_id: int) -> None:
    require(person, "see_cases")
    reached = units_below(person)
    rows = Case.objects.filter(pk=case_id)
    if not (rows if reached is None else rows.filter(unit_id__in=reached)).exists():
        raise NotFound(f"There is no case {case_id} here.")
