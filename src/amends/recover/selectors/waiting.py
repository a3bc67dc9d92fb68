"""What waits for one member of staff: the marks in the bar, which every page of the console shows."""

from dataclasses import dataclass
from typing import Final

from django.db import connection

from amends.people.core.rights import may
from amends.people.keyset import MOST_COUNTED
from amends.people.models import Staff
from amends.recover.core.circle import ABOUT, PERSON
from amends.recover.core.support import TO_GIVE


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """How much waits, of each sort; beyond `MOST_COUNTED` nobody counts."""

    notices: int | None  # unseen ones, about cases that the person may still see; None for roles that get none
    offers: int  # of support, to answer
    to_give: int  # support that others asked of them
    confidential: int  # open cases between colleagues that they answer
    held: int  # standards that found far too much, for those who may let them go on


def waiting_for(staff: Staff) -> Waiting:
    """What waits for this person, in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            _WAITING,
            {
                "staff": staff.pk,
                "unit": staff.unit_id,
                "sightless": [PERSON, ABOUT],
                "give": list(TO_GIVE),
                "most": MOST_COUNTED,
            },
        )
        notices, offers, to_give, confidential, held = cursor.fetchone()
    return Waiting(
        notices=notices if may(staff.role, "see_cases") else None,
        offers=offers,
        to_give=to_give,
        confidential=confidential,
        held=held if may(staff.role, "resume_standards") else 0,
    )


_WAITING: Final = """
    with answers as (
        select case_id from recover_circlemember
        where staff_id = %(staff)s and until is null and role <> all(%(sightless)s)
    )
    select
        cardinality(array(
            select 1 from recover_notice as notice
            join recover_case as cases on cases.id = notice.case_id
            left join people_unit as unit on unit.id = cases.unit_id
            where notice.staff_id = %(staff)s and notice.seen_at is null and case
                when cases.confidential then cases.id in (select case_id from answers)
                else %(unit)s::bigint is null
                    or starts_with(unit.path, (select path from people_unit where id = %(unit)s)) end
            limit %(most)s)),
        cardinality(array(
            select 1 from recover_support where employee_id = %(staff)s and state = 'offered' limit %(most)s)),
        cardinality(array(
            select 1 from recover_support where supporter_id = %(staff)s and state = any(%(give)s) limit %(most)s)),
        cardinality(array(
            select 1 from recover_case where id in (select case_id from answers) and confidential and is_open
            limit %(most)s)),
        cardinality(array(select 1 from monitor_standardguard where state = 'held' limit %(most)s))
"""
