"""A person's act on one case: right and reach are checked, and the case's row is locked until the act is committed.

Customers reach their own cases only."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from amends.kernel.text import Localised
from amends.people.core.rights import ROLES
from amends.people.models import Customer, Staff
from amends.people.selectors import NotAllowed, NotFound, require
from amends.recover.acting import acting
from amends.recover.core.refusals import Declined, StaleVersion
from amends.recover.holdings import level_of
from amends.recover.models import Case
from amends.recover.selectors.circle import seen_alone

__all__ = ["CONFIDENTIAL", "check_performer", "holding", "level_of", "save_case"]


NEVER_CONFIDENTIAL: Final = frozenset(
    {"merge_cases", "split_case", "link_cases", "make_gesture", "mark_demand", "set_watch", "assign_by_rules"}
)  # what would show a confidential case to others, or give money that others have to allow
CONFIDENTIAL: Final = Localised(
    en="This case between colleagues is confidential; that cannot be done with it.",
    zh="这是内部保密案件，不能进行此操作。",
)


@contextmanager
def holding(
    act: str,
    case_id: int,
    *,
    acting_user: Staff | Customer | None,
    right: str = "work_cases",
    version: int | None = None,
) -> Iterator[tuple[Case, Staff | None]]:
    """The case, locked, and the person as the database knows them now: a role lost a moment ago counts.

    Args:
        act: how the audit trail names it.
        case_id: which case.
        acting_user: who; a customer on their own page, None for the system itself.
        right: that the person needs.
        version: of the case as the person saw it; None where it does not matter.

    Raises:
        NotAllowed: the person lacks the right.
        NotFound: there is no such case, or none that this person may see.
        StaleVersion: somebody else changed the case since.
    """
    with acting(act, acting_user):
        person = Staff.objects.get(pk=acting_user.pk) if isinstance(acting_user, Staff) else None
        rows = Case.every.select_for_update(no_key=True, of=("self",))
        if isinstance(acting_user, Customer):
            rows = rows.filter(customer=acting_user)
        if person is not None:
            require(person, right)
            rows = rows.filter(seen_alone(person))
        case = rows.filter(pk=case_id).first()
        if case is None:
            raise NotFound(f"There is no case {case_id} here.")
        if case.confidential and act in NEVER_CONFIDENTIAL:
            raise Declined(CONFIDENTIAL)
        if version is not None and version != case.version:
            raise StaleVersion(version, case.version)
        if person is not None:
            person.refresh_from_db()  # the lock may have been waited for: a role lost meanwhile is lost
            require(person, right)
        yield case, person


def save_case(case: Case, *fields: str) -> None:
    """Write the changed columns and count the change, so that others notice."""
    case.version += 1
    case.save(update_fields=[*fields, "version"])


def check_performer(person: Staff, performer: str) -> None:
    """An action may be done by whoever has its role or one above it in the line.

    Raises:
        NotAllowed: it is somebody else's.
    """
    if performer in {"automatic", person.role} or (
        performer in ROLES and ROLES.index(person.role) > ROLES.index(performer) and performer != "quality_owner"
    ):
        return
    raise NotAllowed(f"This is for the role {performer}; the role {person.role} cannot do it.")
