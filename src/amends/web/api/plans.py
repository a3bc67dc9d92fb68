"""How a case is judged and planned: read with its reasons, judged anew, its plan added to, altered, brought in line."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Final, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema
from pydantic import AwareDatetime

from amends.kernel.blueprint import Performer
from amends.kernel.blueprint.parts import Justice
from amends.kernel.repair_ids import RepairId
from amends.kernel.severity import SEVERITIES, SEVERITY_NAMES, Severity
from amends.kernel.strategies import STRATEGIES
from amends.kernel.taxonomy import Confidence, Gap, Responsible
from amends.kernel.text import Localised
from amends.policy.present import present
from amends.recover.core.advice import advise
from amends.recover.core.assessing import Party
from amends.recover.core.coverage import coverage
from amends.recover.core.priority import FORMULA, PRESSING
from amends.recover.core.refusals import Unfit
from amends.recover.models import Case, Edit
from amends.recover.selectors import access_action, access_case, edits_of, judged
from amends.recover.selectors.judging import (
    Judged,
    earlier_failures_of,
    items_of,
    priority_parts,
    proposal_of,
    situation_of,
)
from amends.recover.services import accept_replan, add_action, alter_action, correct_facts, reassess
from amends.web.api.actions import ActionOut
from amends.web.api.actions import shown as shown_action
from amends.web.api.answers import Words, answer, words_of
from amends.web.api.bodies import Body, Facts
from amends.web.api.idempotency import once
from amends.web.api.tokens import caller, needs

router = Router(tags=["plans"])

Reason = Annotated[str, Field(min_length=1, max_length=2000, description="Why; it is kept with the change.")]
Amount = Annotated[str, Field(pattern=r"^\d{1,9}(\.\d{1,3})?$", description="A decimal in the currency of the pack.")]
DueAt = Annotated[AwareDatetime, Field(strict=False)]
Text = Annotated[str, Field(max_length=1000)]
Channel = Literal["outbox", "sms", "phone", ""]


class EditOut(Schema):
    """One change, by a person with their reason or by the customer's words with theirs."""

    aspect: str
    action: int | None
    before: Any
    after: Any
    reason: str
    why: Words | None
    at: AwareDatetime
    by: int | None


class PriorityPart(Schema):
    """One summand of the priority."""

    points: float
    why: Words


class AssessmentOut(Schema):
    """A case as it is judged now, and every change so far, the latest first."""

    case: int
    version: int
    kind: str
    kind_why: Words | None = Field(description="Null where a person judged it; see the edits.")
    severity: Severity
    severity_why: Words | None = Field(description="Null where a person judged it; see the edits.")
    party: Party
    responsible: Responsible
    supplier: str
    controllable: bool
    stable: bool
    cause: Words
    gap: Gap
    gap_why: Words | None = Field(description="Null where a person judged it; see the edits.")
    promised: str
    expected: str
    perceived: str
    pressing: int = Field(description="Points that a person added to the priority.")
    by_person: list[str] = Field(description="What a person judged over the facts.")
    priority: float
    priority_formula: Words
    priority_parts: list[PriorityPart]
    edits: list[EditOut]


class Judgement(Body):
    """What is judged otherwise; what is left out stays as it is."""

    kind: Annotated[str, Field(max_length=64)] | None = None
    severity: Severity | None = None
    responsible: Responsible | None = None
    supplier: Annotated[str, Field(max_length=200)] | None = None
    controllable: bool | None = None
    stable: bool | None = None
    gap: Gap | None = None
    promised: Text | None = None
    expected: Text | None = None
    perceived: Text | None = None
    pressing: Literal[*PRESSING] | None = Field(None, description="Points beyond the formula of the priority.")
    reason: Reason


class Corrected(AssessmentOut):
    """The assessment as judged anew, and whether the plan is to be brought in line with it."""

    replan_proposed: bool = Field(description="Whether the playbook would give another plan now; GET the plan for it.")


class Correction(Body):
    """Facts as they turn out to be; what is left out stays as it is, and null is not known after all."""

    facts: Annotated[Facts, Field(min_length=1)]
    reason: Reason


class CoverageOut(Schema):
    """One justice, the actions that speak for it, and whether none does."""

    justice: Justice
    actions: list[int]
    missing: bool


class AdviceOut(Schema):
    """What research says about the plan."""

    id: str
    text: Words
    source: str
    confidence: Confidence
    adds: list[RepairId]


class StepOut(Schema):
    """An action as the playbook would give it now."""

    step: str
    kind: str
    amount: str | None
    why: Words


class ProposalOut(Schema):
    """The plan that the playbook gives for the case as it is judged now, as changes."""

    playbook: str
    strategy: str
    why: Words
    adds: list[StepOut]
    drops: list[int]
    amounts: dict[str, str] = Field(description="Action to its new amount.")


class PlanWhole(Schema):
    """The plan with what it covers, what is advised, and what the playbook would give now, if that differs."""

    case: int
    playbook: str
    strategy: str
    strategy_in_words: Words
    revision: int
    why: Words
    actions: list[ActionOut]
    coverage: list[CoverageOut]
    advice: list[AdviceOut]
    proposal: ProposalOut | None


class NewAction(Body):
    """A repair to be added; what is left out is as usual for it."""

    repair: RepairId
    amount: Amount | None = None
    due_at: DueAt | None = None
    performer: Performer | None = None
    channel: Channel | None = None
    reason: Reason


class Alteration(Body):
    """What becomes different; what is left out stays as it is."""

    amount: Amount | None = None
    due_at: DueAt | None = None
    performer: Performer | None = None
    channel: Channel | None = None
    reason: Reason


class Agreed(Body):
    """Why the plan is brought in line."""

    reason: Reason


@router.get(
    "/cases/{int:case_id}/assessment", auth=needs("read:cases"), response=AssessmentOut, summary="Get an assessment"
)
def get_assessment(request: HttpRequest, case_id: int) -> HttpResponse:
    """How a case is judged now, each part with its reason, and every change of it so far."""
    return answer(_assessment(access_case(caller(request), case_id)))


@router.post(
    "/cases/{int:case_id}/assessment", auth=needs("write:cases"), response=AssessmentOut, summary="Judge a case anew"
)
@once
def post_assessment(request: HttpRequest, case_id: int, body: Judgement) -> HttpResponse:
    """Judge a case otherwise than the facts do. The priority follows; the plan waits for somebody to replan it."""
    staff = caller(request)
    access_case(staff, case_id)
    changes = body.model_dump(exclude={"reason"}, exclude_none=True)
    if "severity" in changes:
        changes["severity"] = SEVERITIES[body.severity or "light"]
    reassess(case_id, changes=changes, reason=body.reason, acting_user=staff, now=present())
    return answer(_assessment(access_case(staff, case_id)))


@router.post(
    "/cases/{int:case_id}/facts", auth=needs("write:cases"), response=Corrected, summary="Correct facts of a case"
)
@once
def post_facts(request: HttpRequest, case_id: int, body: Correction) -> HttpResponse:
    """Put right what is known of a case. Severity, cause and priority follow by the rules, but for what a person judged
    otherwise; the plan waits for somebody to replan it."""
    staff = caller(request)
    access_case(staff, case_id)
    try:
        correct_facts(case_id, changes=body.facts, reason=body.reason, acting_user=staff, now=present())
    except Unfit as refusal:
        if refusal.field in body.facts:  # it names the fact; the answer says where in the body that stands
            raise Unfit(f"facts.{refusal.field}", refusal.words) from refusal
        raise
    case = access_case(staff, case_id)
    now = judged(case)
    actions = list(case.actions.order_by("due_at", "id"))
    proposed = proposal_of(now, items_of(case, actions)) is not None
    return answer({**_assessment(case), "replan_proposed": proposed})


@router.get("/cases/{int:case_id}/plan", auth=needs("read:cases"), response=PlanWhole, summary="Get a plan")
def get_plan(request: HttpRequest, case_id: int) -> HttpResponse:
    """The plan, which justice each action speaks for, what research advises, and what the playbook would give now."""
    return answer(_plan(access_case(caller(request), case_id)))


@router.post(
    "/cases/{int:case_id}/plan/actions",
    auth=needs("write:actions"),
    response={201: ActionOut},
    summary="Add an action to a plan",
)
@once
def post_action(request: HttpRequest, case_id: int, body: NewAction) -> HttpResponse:
    """Add a repair to the plan. What it is worth is held against authority when it is done."""
    staff = caller(request)
    access_case(staff, case_id)
    given = body.model_dump(exclude={"amount", "performer"})
    added = add_action(
        case_id,
        amount=_decimal(body.amount),
        performer=body.performer or "",
        acting_user=staff,
        now=present(),
        **given,
    )
    return answer(
        shown_action(access_action(staff, added.pk)), status=201, headers={"Location": f"/api/v1/actions/{added.pk}"}
    )


@router.post(
    "/cases/{int:case_id}/plan/replan", auth=needs("write:actions"), response=PlanWhole, summary="Bring a plan in line"
)
@once
def post_replan(request: HttpRequest, case_id: int, body: Agreed) -> HttpResponse:
    """Take over what the playbook gives for the case as it is judged now. What was done stays done."""
    staff = caller(request)
    access_case(staff, case_id)
    accept_replan(case_id, reason=body.reason, acting_user=staff, now=present())
    return answer(_plan(access_case(staff, case_id)))


@router.post(
    "/actions/{int:action_id}/alter", auth=needs("write:actions"), response=ActionOut, summary="Alter an action"
)
@once
def post_alteration(request: HttpRequest, action_id: int, body: Alteration) -> HttpResponse:
    """Alter the worth, the time, the performer or the channel of an action that nobody has begun."""
    staff = caller(request)
    access_action(staff, action_id)
    alter_action(
        action_id,
        amount=_decimal(body.amount),
        **body.model_dump(exclude={"amount"}),
        acting_user=staff,
        now=present(),
    )
    return answer(shown_action(access_action(staff, action_id)))


def _decimal(amount: str | None) -> Decimal | None:
    return None if amount is None else Decimal(amount)


def _two(text: Localised) -> dict[str, str]:
    return {"en": text.en, "zh": text.zh}


_AS_THEY_ARE: Final = (
    *("kind", "party", "responsible", "supplier", "controllable", "stable", "gap"),
    *("promised", "expected", "perceived", "pressing"),
)


def _assessment(case: Case) -> Mapping[str, Any]:
    now = judged(case)
    parts = priority_parts(now, earlier=earlier_failures_of(now))
    return {name: getattr(now, name) for name in _AS_THEY_ARE} | {
        "case": case.pk,
        "version": case.version,
        "severity": SEVERITY_NAMES[case.severity],
        "kind_why": now.kind_why and _two(now.kind_why),
        "severity_why": words_of(now.severity_why),
        "gap_why": now.gap_why and _two(now.gap_why),
        "cause": words_of(case.cause),
        "by_person": sorted(now.by_person),
        "priority": case.priority,
        "priority_formula": _two(FORMULA),
        "priority_parts": [{"points": part.points, "why": _two(part.why)} for part in parts],
        "edits": [_edit(edit) for edit in edits_of(case)],
    }


def _edit(edit: Edit) -> dict[str, Any]:
    return {
        "aspect": edit.aspect,
        "action": edit.action_id,
        "before": edit.before,
        "after": edit.after,
        "reason": edit.reason,
        "why": words_of(edit.why),
        "at": edit.at,
        "by": edit.by_id,
    }


def _plan(case: Case) -> Mapping[str, Any]:
    now, plan = judged(case), case.plan
    actions = list(case.actions.select_related("why").order_by("due_at", "id"))
    items = items_of(case, actions)
    return {
        "case": case.pk,
        "playbook": plan.playbook,
        "strategy": plan.strategy,
        "strategy_in_words": _two(STRATEGIES[plan.strategy]),
        "revision": plan.revision,
        "why": words_of(plan.why),
        "actions": [shown_action(action) for action in actions],
        "coverage": [
            {"justice": one.justice, "actions": [item.id for item in one.items], "missing": one.missing}
            for one in coverage(items)
        ],
        "advice": [
            {
                "id": one.id,
                "text": _two(one.text),
                "source": one.source,
                "confidence": one.confidence,
                "adds": list(one.adds),
            }
            for one in advise(situation_of(now, items, earlier=earlier_failures_of(now)))
        ],
        "proposal": _proposal(now, items),
    }


def _proposal(now: Judged, items: Any) -> dict[str, Any] | None:
    found = proposal_of(now, items)
    return found and {
        "playbook": found.decision.playbook,
        "strategy": found.decision.strategy,
        "why": _two(found.decision.why.text),
        "adds": [
            {"step": step.id, "kind": step.kind, "amount": worth, "why": _two(step.why.text)}
            for step, worth in found.adds
        ],
        "drops": [item.id for item in found.drops],
        "amounts": {str(item.id): str(worth) for item, _, worth in found.amounts},
    }
