"""A case judged anew: by a person with a reason, or by the customer's own words, which raise its severity only."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import connection

from amends.kernel.blueprint import Blueprint
from amends.kernel.severity import SEVERITY_NAMES
from amends.kernel.text import Localised
from amends.people.models import Staff
from amends.policy.selectors import blueprint_of
from amends.policy.services import keep_explanations
from amends.recover.core.assessing import ASPECTS, GAPS, IN_THEIR_WORDS, LONGEST, RESPONSIBLE, cause_told
from amends.recover.core.customer_words import Heard, raised
from amends.recover.core.plan import what_happened
from amends.recover.core.priority import PRESSING, SEVERITY_WEIGHT
from amends.recover.core.refusals import Unfit
from amends.recover.models import Assessment, Case, Edit
from amends.recover.selectors.judging import Judged, earlier_failures_of, judged, priority_parts
from amends.recover.services.holding import holding, save_case
from amends.recover.services.recharging import follow_attribution
from amends.recover.services.reckoning import reckon


def reassess(
    case_id: int,
    *,
    changes: Mapping[str, object],
    reason: str,
    acting_user: Staff,
    now: datetime,
    version: int | None = None,
) -> Case:
    """Judge a case otherwise than the facts do. Whatever stays as it was is not a change.

    Args:
        case_id: which case.
        changes: aspect -> value, of `ASPECTS`; severity by its rank.
        reason: why, in the person's words; it is kept with each change.
        acting_user: who.
        now: when.
        version: of the case as the person saw it.

    Raises:
        Unfit: a value that an aspect cannot have, or no reason.
    """
    if not reason.strip():
        raise Unfit("reason", NO_REASON)
    with holding("reassess", case_id, acting_user=acting_user, version=version) as (case, person):
        before = judged(case)
        for aspect, value in changes.items():
            _check(aspect, value, before.pack, kind=case.kind)
        new = {aspect: value for aspect, value in changes.items() if before.value_of(aspect) != value}
        if not new:
            return case
        row = Assessment.objects.get_or_create(case=case)[0]
        old = {aspect: before.value_of(aspect) for aspect in new}
        for aspect, value in new.items():
            setattr(row, aspect, value)
        row.save()
        Edit.objects.bulk_create(
            Edit(case=case, aspect=aspect, before=old[aspect], after=value, reason=reason, at=now, by=person)
            for aspect, value in new.items()
        )
        _apply(case, replace(before, row=row), new, now=now)
        if new.keys() & {"responsible", "supplier"}:
            follow_attribution(case, supplier=judged(case).supplier, person=person, now=now)
    return case


def weigh_words(case: Case, words: str, now: datetime) -> Heard | None:
    """Raise the severity of a case that is held, if the customer's words say that it is graver than we took it for."""
    found = raised(case.severity, words, blueprint_of(case.blueprint_id).taxonomy.words)
    if found is not None:
        note_heard(case, found, before=case.severity, now=now)
        case.priority += SEVERITY_WEIGHT * (found.rank - case.severity)
        case.severity = found.rank
        case.save(update_fields=["severity", "priority"])
        reckon_anew(case, now)
    return found


def note_heard(case: Case, found: Heard, *, before: int, now: datetime) -> None:
    """Put on record that the customer's words raised the severity, and which words."""
    explained = keep_explanations([found.why], version_id=case.blueprint_id)
    why = explained[found.why.digest(case.blueprint_id)]
    row = Assessment.objects.get_or_create(case=case)[0]
    row.heard, row.heard_why_id = found.rank, why
    if row.severity is not None and row.severity < found.rank:
        row.severity = None  # a person judged before these words were said
    row.save()
    Edit.objects.create(case=case, aspect="severity", before=before, after=found.rank, why_id=why, at=now)


def keep_judgements(cursor: Any) -> None:
    """What people and words said stands when further failures join: for the cases in `work` that were there before."""
    cursor.execute(
        f"""
        update recover_case as cases set
            kind = coalesce(nullif(row.kind, ''), cases.kind),
            severity = row.grade,
            priority = cases.priority + {SEVERITY_WEIGHT} * (row.grade - cases.severity) + coalesce(row.pressing, 0),
            responsible = coalesce(nullif(row.responsible, ''), cases.responsible),
            controllable = coalesce(row.controllable, cases.controllable),
            what_happened_id = case when row.kind = '' then cases.what_happened_id else row.what_happened_id end,
            cause_id = case when row.responsible = '' then cases.cause_id else row.cause_id end
        from (
            select said.*, coalesce(said.severity, greatest(held.severity, said.heard)) as grade,
                kept.what_happened_id, kept.cause_id
            from recover_assessment as said join recover_case as held on held.id = said.case_id
            join judged_before as kept on kept.case_id = said.case_id
        ) as row
        where cases.id = row.case_id
        """
    )
    cursor.execute("drop table judged_before")


def remember_judged(cursor: Any) -> None:
    """Before cases are revised: the words about those that somebody judged, for `keep_judgements`."""
    cursor.execute(
        """
        create temp table judged_before on commit drop as
        select cases.id as case_id, cases.what_happened_id, cases.cause_id
        from recover_assessment as said join recover_case as cases on cases.id = said.case_id
        where cases.id in (select case_id from work where not is_new)
        """
    )


def _apply(case: Case, before: Judged, new: Mapping[str, object], *, now: datetime) -> None:
    """Write what the case itself holds of an assessment; its priority follows."""
    pack, reasons = before.pack, {}
    fields = [aspect for aspect in ("kind", "severity", "responsible", "controllable") if aspect in new]
    for aspect in fields:
        setattr(case, aspect, new[aspect])
    if "kind" in new:
        reasons["what_happened_id"] = what_happened(case.subject, {**case.facts, "kind": case.kind}, pack)
    if "responsible" in new:
        reasons["cause_id"] = cause_told(case.responsible)
    explained = keep_explanations(reasons.values(), version_id=case.blueprint_id)
    for field, why in reasons.items():
        setattr(case, field, explained[why.digest(case.blueprint_id)])
    case.priority = sum(part.points for part in priority_parts(before, earlier=earlier_failures_of(before)))
    save_case(case, *fields, *reasons, "priority")
    reckon_anew(case, now)


def reckon_anew(case: Case, now: datetime) -> None:
    """A graver case is dearer to leave."""
    with connection.cursor() as cursor:
        reckon(cursor, {case.pk: now})
    case.refresh_from_db(fields=["leaving", "priority", "next_due"])


def _check(aspect: str, value: object, pack: Blueprint, *, kind: str) -> None:
    fits = {
        "kind": value in pack.kinds_like(kind),
        "severity": not isinstance(value, bool) and value in SEVERITY_NAMES,
        "responsible": value in RESPONSIBLE,
        "controllable": isinstance(value, bool),
        "stable": isinstance(value, bool),
        "gap": value in GAPS,
        "pressing": not isinstance(value, bool) and value in PRESSING,
    }
    if aspect in IN_THEIR_WORDS:
        fits[aspect] = isinstance(value, str) and len(value) <= LONGEST[aspect] and "\0" not in value
    if aspect not in ASPECTS or not fits[aspect]:
        words = Localised(en=f"{aspect} cannot be {value!r}.", zh=f"{aspect}不能是{value!r}。")
        raise Unfit(aspect, words)


NO_REASON = Localised(en="Please say why: the reason goes into the record.", zh="请说明原因，原因会记录在案。")
