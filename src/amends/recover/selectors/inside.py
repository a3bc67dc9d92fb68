"""What failures between colleagues come to, for whom the blueprint has as confidant, and for nobody else."""

from datetime import datetime, timedelta
from typing import Final

from django.db import connection

from amends.kernel.blueprint import Blueprint
from amends.people.models import Staff
from amends.people.selectors import has_whole_company
from amends.recover.core.inside import Group, Shown, shown

LATELY: Final = timedelta(days=365)


def inside_summary(staff: Staff, pack: Blueprint, *, now: datetime) -> Shown | None:
    """Cases between colleagues of the last year by kind; not by unit as well, for one table would give away what the
    other keeps back.

    Returns:
        None to everybody but the pack's confidant for the whole company.
    """
    if staff.role != pack.internal.confidant or staff.acts_for_id is not None or not has_whole_company(staff):
        return None
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select cases.kind, count(*), count(*) filter (where cases.state in ('made_good', 'closed')),
                percentile_cont(0.5) within group (order by answered.ended_at - answered.started_at)
            from recover_case as cases
            left join recover_clock as answered
                on answered.case_id = cases.id and answered.kind = 'acknowledge' and answered.state = 'met'
            where cases.confidential and cases.opened_at > %s
            group by 1
            """,
            [now - LATELY],
        )
        return shown(
            [
                Group(name=kind, cases=cases, put_right=put_right, answered_in=answered_in)
                for kind, cases, put_right, answered_in in cursor.fetchall()
            ]
        )
