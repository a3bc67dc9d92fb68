"""Incidents merged, parted, split, confirmed, ended: what that means for cases.

A case rests on the incident that its failure was born into, and keeps it: plan, clocks, money and letters stay as they
are, and the trail still adds up. Cases of one customer that turn out to have one cause are tied together, so that
whoever works on one sees the other and may merge them.
"""

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

from django.db import connection

from amends.monitor.models import Closure, Incident
from amends.monitor.services import grouping as monitor
from amends.monitor.services.closures import held_closure, withdraw
from amends.monitor.services.incidents import correlate
from amends.people.models import Staff
from amends.policy.selectors import deployment, version_in_force
from amends.recover.acting import acting
from amends.recover.models import CaseLink
from amends.recover.queue import defer_open_cases


def merge_incidents(incident_id: int, *, into: int, acting_user: Staff, now: datetime, note: str = "") -> Incident:
    """One incident counts in another from now on; cases of one customer in both are tied together."""
    return _grouped(
        "merge_incidents",
        lambda: monitor.merge(incident_id, into=into, acting_user=acting_user, now=now, note=note),
        acting_user,
        now,
    )


def part_incidents(incident_id: int, *, acting_user: Staff, now: datetime, note: str = "") -> Incident:
    """A merge is taken back. Ties between cases stay until somebody ends them: they were said, and harm nothing."""
    with acting("part_incidents", acting_user):
        return monitor.part(incident_id, acting_user=acting_user, now=now, note=note)


def split_incident(
    incident_id: int, *, subjects: Collection[str], acting_user: Staff, now: datetime, note: str = ""
) -> Incident:
    """Some subjects of an incident have a cause of their own; their cases are shown with the new incident."""
    version = version_in_force(deployment().blueprint_name)
    with acting("split_incident", acting_user):
        return monitor.split(
            incident_id, subjects=subjects, version=version, acting_user=acting_user, now=now, note=note
        )


def end_incident(incident_id: int, *, acting_user: Staff, now: datetime, note: str = "") -> Incident:
    """An incident is over; its open cases go on until each is made good."""
    with acting("end_incident", acting_user):
        return monitor.end(incident_id, acting_user=acting_user, now=now, note=note)


def resume_incident(incident_id: int, *, acting_user: Staff, now: datetime, note: str = "") -> Incident:
    """An incident that was ended is not over after all."""
    with acting("resume_incident", acting_user):
        return monitor.go_on(incident_id, acting_user=acting_user, now=now, note=note)


def confirm_candidate(
    candidate_id: int,
    *,
    leave_out: Collection[int] = (),
    into: int | None = None,
    acting_user: Staff,
    now: datetime,
    note: str = "",
) -> Incident:
    """The failures of a candidate have one cause; cases of one customer among them are tied together."""
    version = version_in_force(deployment().blueprint_name)
    return _grouped(
        "confirm_candidate",
        lambda: monitor.confirm(
            candidate_id,
            leave_out=leave_out,
            into=into,
            version=version,
            acting_user=acting_user,
            now=now,
            note=note,
        ),
        acting_user,
        now,
    )


def dismiss_candidate(candidate_id: int, *, acting_user: Staff, now: datetime, note: str = "") -> object:
    """The failures of a candidate do not hang together."""
    with acting("dismiss_candidate", acting_user):
        return monitor.dismiss(candidate_id, acting_user=acting_user, now=now, note=note)


def reconsider_candidate(candidate_id: int, *, acting_user: Staff, now: datetime, note: str = "") -> object:
    """A candidate that was dismissed or lapsed is to be decided again."""
    with acting("reconsider_candidate", acting_user):
        return monitor.reconsider(candidate_id, acting_user=acting_user, now=now, note=note)


def withdraw_closure(closure_id: int, *, acting_user: Staff, now: datetime) -> Closure:
    """A closure was wrong: what it kept back is correlated and its customers get their cases."""
    with acting("withdraw_closure", acting_user):
        closure = held_closure(closure_id, acting_user=acting_user)
        freed = withdraw(closure, acting_user=acting_user, now=now)
        born = correlate(freed, version=version_in_force(deployment().blueprint_name))
        defer_open_cases(sorted(born), now=now)
    return closure


def _grouped(act: str, group: Callable[[], Incident], person: Staff, now: datetime) -> Incident:
    with acting(act, person), connection.cursor() as cursor:
        incident = group()
        _tie_cases(cursor, monitor.failures_counting_in(incident.pk), f"#{incident.pk}", person, now)
    return incident


def _tie_cases(cursor: Any, failures: Collection[int], note: str, person: Staff, now: datetime) -> None:
    """Each further case of a customer that makes good one of these failures is related to their first."""
    cursor.execute(
        """
        create temp table tied on commit drop as
        select distinct cases.id, cases.customer_id, min(cases.id) over (partition by cases.customer_id) as first
        from recover_casefailure as made join recover_case as cases on cases.id = made.case_id
        where made.failure_id = any(%s) and made.moved_to_id is null and cases.state <> 'merged'
        """,
        [list(failures)],
    )
    cursor.execute(
        """
        select id from recover_case where id in (select id from tied where id <> first)
        order by id for no key update
        """
    )
    cursor.execute(
        """
        insert into recover_caselink (case_id, other_id, kind, note, at, by_id)
        select tied.id, tied.first, %(kind)s, %(note)s, %(now)s, %(by)s from tied
        where tied.id <> tied.first and not exists (
            select from recover_caselink as link
            where link.ended_at is null and link.kind = %(kind)s
                and ((link.case_id, link.other_id) in ((tied.id, tied.first), (tied.first, tied.id))))
        order by tied.id
        """,
        {"kind": CaseLink.Kind.RELATED, "note": note, "now": now, "by": person.pk},
    )
    cursor.execute("drop table tied")
