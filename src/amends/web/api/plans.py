"""The plan of a case: read with its reasons, added to, altered, brought in line."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema
from pydantic import AwareDatetime

from amends.kernel.blueprint import Performer
from amends.kernel.blueprint.parts import Justice
from amends.kernel.repair_ids import RepairId
from amends.kernel.strategies import STRATEGIES
from amends.kernel.taxonomy import Confidence
from amends.policy.present import present
from amends.recover.core.advice import advise
from amends.recover.core.coverage import coverage
from amends.recover.core.plan import facts_lacking
from amends.recover.models import Case
from amends.recover.selectors import access_action, access_case, judged
from amends.recover.selectors.judging import Judged, earlier_failures_of, items_of, proposal_of, situation_of
from amends.recover.services import accept_replan, add_action, alter_action
from amends.web.api.actions import ActionOut
from amends.web.api.actions import shown as shown_action
from amends.web.api.answers import Words, answer, both, words_of
from amends.web.api.assessments import Reason
from amends.web.api.bodies import Body
from amends.web.api.idempotency import once
from amends.web.api.tokens import caller, needs

router = Router(tags=["plans"])

Amount = Annotated[str, Field(pattern=r"^\d{1,9}(\.\d{1,3})?$", description="A decimal in the currency of the pack.")]
DueAt = Annotated[AwareDatetime, Field(strict=False)]
Channel = Literal["outbox", "sms", "phone", ""]


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


class LackingOut(Schema):
    """A fact that is not known, and for want of which the plan leaves something out."""

    fact: str
    name: Words
    leaves_out: Words = Field(description="What it would give.")


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
    lacking: list[LackingOut] = Field(description="Of an open case; a closed one waits for no fact.")
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


@router.get("/cases/{int:case_id}/plan", auth=needs("read:cases"), response=PlanWhole, summary="Get a plan")
def get_plan(request: HttpRequest, case_id: int) -> HttpResponse:
    """The plan, which justice each action speaks for, what research advises, which unknown facts keep something out of
    it, and what the playbook would give now."""
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


def _plan(case: Case) -> Mapping[str, Any]:
    now, plan = judged(case), case.plan
    actions = list(case.actions.select_related("why").order_by("due_at", "id"))
    items = items_of(case, actions)
    return {
        "case": case.pk,
        "playbook": plan.playbook,
        "strategy": plan.strategy,
        "strategy_in_words": both(STRATEGIES[plan.strategy]),
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
                "text": both(one.text),
                "source": one.source,
                "confidence": one.confidence,
                "adds": list(one.adds),
            }
            for one in advise(situation_of(now, items, earlier=earlier_failures_of(now)))
        ],
        "lacking": _lacking(now) if case.is_open else [],
        "proposal": _proposal(now, items),
    }


def _lacking(now: Judged) -> list[dict[str, Any]]:
    found = facts_lacking(now.case.plan.playbook, now.facts, now.pack, on=now.day)
    return [
        {"fact": fact, "name": both(now.pack.taxonomy.facts[fact].name), "leaves_out": both(given)}
        for fact, given in found.items()
    ]


def _proposal(now: Judged, items: Any) -> dict[str, Any] | None:
    found = proposal_of(now, items)
    return found and {
        "playbook": found.decision.playbook,
        "strategy": found.decision.strategy,
        "why": both(found.decision.why.text),
        "adds": [
            {"step": step.id, "kind": step.kind, "amount": worth, "why": both(step.why.text)}
            for step, worth in found.adds
        ],
        "drops": [item.id for item in found.drops],
        "amounts": {str(item.id): str(worth) for item, _, worth in found.amounts},
    }
