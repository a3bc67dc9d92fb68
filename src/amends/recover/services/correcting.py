"""A fact of a case corrected: what was told at first turns out otherwise, and the rules judge the case anew.

The plan stays until somebody brings it in line; what it would be now is proposed beside it (recover/core/replan.py).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from amends.kernel.reason import Reason
from amends.monitor.services.correcting import correct_affected
from amends.people.models import Staff
from amends.policy.services import keep_explanations
from amends.recover.core.correcting import FACT, check_facts, same, told
from amends.recover.core.plan import what_happened
from amends.recover.core.refusals import Unfit
from amends.recover.models import Case, Edit
from amends.recover.selectors.judging import Judged, earlier_failures_of, judged, priority_parts
from amends.recover.services.assessing import NO_REASON, reckon_anew
from amends.recover.services.holding import holding, save_case
from amends.recover.services.planning import check_open
from amends.recover.services.recharging import follow_attribution


def correct_facts(
    case_id: int,
    *,
    changes: Mapping[str, object],
    reason: str,
    acting_user: Staff,
    now: datetime,
    version: int | None = None,
) -> Case:
    """Put right what is known of a case; each change stays on record with who, before, after and why.

    Severity, cause and what the customer reads of it follow by the pack's rules, but for what a person judged otherwise
    and what the customer's own words raised. Whatever stays as it was is no change.

    Args:
        case_id: which case.
        changes: fact -> what it is; None: not known after all.
        reason: how we know, in the person's words.
        acting_user: who.
        now: when.
        version: of the case as the person saw it.

    Raises:
        Unfit: no reason, no such fact, or a value that it cannot have.
        IllegalMove: the case is closed.
    """
    if not reason.strip():
        raise Unfit("reason", NO_REASON)
    with holding("correct_facts", case_id, acting_user=acting_user, version=version) as (case, person):
        check_open(case)
        before = judged(case)
        check_facts(changes, before.pack)
        known = before.told
        new = {name: value for name, value in changes.items() if not same(known.get(name), value)}
        if not new:
            return case
        edits = [
            Edit(case=case, aspect=FACT, before=told(name, known.get(name)), after=told(name, value), reason=reason)
            for name, value in new.items()
        ]
        for edit in edits:
            edit.at, edit.by = now, person
        edits += _judge_anew(case, before, new, now=now)
        Edit.objects.bulk_create(edits)
        after = judged(case)
        if after.supplier != before.supplier or after.responsible != before.responsible:
            follow_attribution(case, supplier=after.supplier, person=person, now=now)
    return case


def _judge_anew(case: Case, before: Judged, new: Mapping[str, Any], *, now: datetime) -> list[Edit]:
    """Write what follows from the facts; the edits of what changed by it."""
    facts = {name: value for name, value in {**case.facts, **new}.items() if value is not None}
    complete = {name: value for name, value in {**before.told, **new}.items() if value is not None}
    happened = what_happened(case.subject, {**complete, "kind": case.kind}, before.pack)
    was = (case.severity, case.responsible, case.controllable)
    why: dict[str, Any] = {}
    if before.hurt is not None and before.failure is not None and before.failure.kind == case.kind:
        attribution = correct_affected(before.hurt, new, pack=before.pack, version_id=case.blueprint_id)
        case.severity = _severity(before)
        why["severity"] = before.hurt.severity_why_id
        if not before.by_person & {"responsible", "controllable"}:
            case.responsible, case.controllable = attribution.responsible, attribution.controllable
            case.cause_id = why["responsible"] = why["controllable"] = _kept(attribution.why, case)
    case.facts, case.what_happened_id = facts, _kept(happened, case)
    case.priority = sum(part.points for part in priority_parts(before, earlier=earlier_failures_of(before)))
    save_case(
        case, "facts", "severity", "responsible", "controllable", "cause_id", "what_happened_id", "priority"
    )  # fmt: skip
    reckon_anew(case, now)
    is_now = (case.severity, case.responsible, case.controllable)
    return [
        Edit(case=case, aspect=aspect, before=old, after=value, why_id=why.get(aspect), at=now)
        for aspect, old, value in zip(("severity", "responsible", "controllable"), was, is_now, strict=True)
        if old != value
    ]


def _severity(before: Judged) -> int:
    """By the facts now; what a person judged stays, and the customer's words weigh as much as they did."""
    row = before.row
    if row is not None and row.severity is not None:
        return row.severity
    by_facts = before.hurt.severity if before.hurt is not None else before.severity
    return max(by_facts, row.heard) if row is not None and row.heard is not None else by_facts


def _kept(why: Reason, case: Case) -> int:
    return keep_explanations([why], version_id=case.blueprint_id)[why.digest(case.blueprint_id)]
