"""What is known of a failure changed, and nothing more is owed by it: its open cases show it as it is known now.

Facts, kind, grade, what happened and why follow the gravest failure, as they do in a case that is revised. The plan,
the state, what was promised and what was written stay. Confidential cases are left to those who hold them, and those
that were split or merged to people, for their facts are not of one failure alone. What a person judged or corrected
stays.
"""

from datetime import datetime
from typing import Any, Final

from amends.recover.core.correcting import FACT, OF_CUSTOMER
from amends.recover.core.priority import SEVERITY_WEIGHT
from amends.recover.models import CaseLink
from amends.recover.services.reckoning import reckon

_FRESH: Final = f"""
    select old.id, old.severity as was,
        case when said.kind <> '' then old.kind else opening.kind end as kind,
        case when said.kind <> '' then old.subject else opening.subject end as subject,
        case when said.kind <> '' then old.what_happened_id else told_words.why_id end as what_happened_id,
        coalesce(said.severity, greatest(opening.severity, said.heard)) as severity,
        case when blame.by_person then old.responsible else opening.responsible end as responsible,
        case when blame.by_person then old.controllable else opening.controllable end as controllable,
        case when blame.by_person then old.cause_id else opening.cause_id end as cause_id,
        opening.facts - kept.names || coalesce((
            select jsonb_object_agg(had.name, had.value) from jsonb_each(old.facts) as had (name, value)
            where had.name = any(kept.names)), '{{}}') as facts
    from opening
    join told_words using (told_no)
    join recover_case as old on old.id = opening.case_id
    left join recover_assessment as said on said.case_id = old.id
    cross join lateral (
        select array(
            select edit.after ->> 'name' from recover_edit as edit
            where edit.case_id = old.id and edit.aspect = '{FACT}') as names
    ) as put_right
    cross join lateral (select %(of_customer)s::text[] || put_right.names as names) as kept
    cross join lateral (
        select put_right.names <> '{{}}' or coalesce(said.responsible <> '' or said.controllable is not null, false)
            as by_person
    ) as blame
    where not opening.is_new and old.is_open and old.state <> 'merged' and not old.confidential
        and not exists (select from work where work.case_id = old.id)
        and not exists (
            select from recover_caselink as link
            where old.id in (link.case_id, link.other_id)
                and link.kind in ('{CaseLink.Kind.SPLIT_FROM}', '{CaseLink.Kind.MERGED_INTO}'))
"""


def show_as_known(cursor: Any, *, now: datetime) -> None:
    """Bring what open cases show of their failure up to date; `opening`, `told_words` and `work` are there.

    Cases in `work` were revised. Of the customer themselves a case shows what its plan was decided from.

    Args:
        cursor: the open cursor; the cases are locked.
        now: as of when a case of another grade is dear to leave.
    """
    cursor.execute(
        f"""
        update recover_case as cases set kind = fresh.kind, subject = fresh.subject, facts = fresh.facts,
            severity = fresh.severity, responsible = fresh.responsible, controllable = fresh.controllable,
            what_happened_id = fresh.what_happened_id, cause_id = fresh.cause_id,
            priority = cases.priority + {SEVERITY_WEIGHT} * (fresh.severity - cases.severity),
            version = cases.version + 1
        from ({_FRESH}) as fresh
        where cases.id = fresh.id and (cases.facts, cases.what_happened_id, cases.cause_id)
            is distinct from (fresh.facts, fresh.what_happened_id, fresh.cause_id)
        returning cases.id, fresh.severity <> fresh.was
        """,
        {"of_customer": sorted(OF_CUSTOMER)},
    )
    if graded := [id_ for id_, regraded in cursor.fetchall() if regraded]:
        reckon(cursor, dict.fromkeys(graded, now))
