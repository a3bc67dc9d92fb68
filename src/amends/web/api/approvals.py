"""Approvals: leave to go beyond an authority, given or refused by another person of the right level."""

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema

from amends.policy.present import present
from amends.recover.core.approval import APPROVAL
from amends.recover.models import Approval
from amends.recover.selectors import access_approval, approvals_for
from amends.recover.services import grant_approval, refuse_approval
from amends.web.api.actions import Reason, Remark
from amends.web.api.answers import After, Limit, PageOf, Words, answer, page_answer, words_of
from amends.web.api.idempotency import once
from amends.web.api.tokens import caller, needs

router = Router(tags=["approvals"])


class SplitOut(Schema):
    """Sums that look like one cut into parts."""

    pattern: str
    state: str
    total: str
    why: Words


class ApprovalOut(Schema):
    """Leave asked for one action."""

    id: int
    action: int
    case: int
    unit: str | None
    level: str
    amount: str
    currency: str
    state: str
    asked_at: datetime
    asked_by: int | None
    decided_at: datetime | None
    decided_by: int | None
    note: str
    why: Words
    assigned_to: int | None
    assigned_why: Words | None
    decide_by: datetime | None
    escalations: int
    covered_by: Words | None
    splits: list[SplitOut]


def shown(approval: Approval) -> dict[str, Any]:
    """An approval as plain values."""
    return {
        "id": approval.pk,
        "action": approval.action_id,
        "case": approval.case_id,
        "unit": approval.unit.code if approval.unit else None,
        "level": approval.level,
        "amount": approval.amount,
        "currency": approval.currency,
        "state": approval.state,
        "asked_at": approval.asked_at,
        "asked_by": approval.asked_by_id,
        "decided_at": approval.decided_at,
        "decided_by": approval.decided_by_id,
        "note": approval.note,
        "why": words_of(approval.why),
        "assigned_to": approval.assigned_to_id,
        "assigned_why": words_of(approval.assigned_why),
        "decide_by": approval.decide_by,
        "escalations": approval.escalations,
        "covered_by": words_of(approval.covered_by),
        "splits": [
            {"pattern": split.pattern, "state": split.state, "total": split.total, "why": words_of(split.why)}
            for split in approval.splits.all()
        ],
    }


@router.get("", auth=needs("read:approvals"), response=PageOf[ApprovalOut], summary="List approvals")
def list_approvals(
    request: HttpRequest,
    state: Annotated[Literal["", *APPROVAL.states], Field(description="Empty for all.")] = "waiting",
    after: After = None,
    limit: Limit = 50,
) -> HttpResponse:
    """The approvals in the account's units: of those that wait the longest waiting first, of others the latest."""
    return page_answer(approvals_for(caller(request), state=state, after=after, limit=limit), shown)


@router.get("/{int:approval_id}", auth=needs("read:approvals"), response=ApprovalOut, summary="Get an approval")
def get_approval(request: HttpRequest, approval_id: int) -> HttpResponse:
    """One approval with why it is needed."""
    return answer(shown(access_approval(caller(request), approval_id)))


@router.post(
    "/{int:approval_id}/grant", auth=needs("write:approvals"), response=ApprovalOut, summary="Grant an approval"
)
@once
def grant(request: HttpRequest, approval_id: int, body: Remark) -> HttpResponse:
    """Give leave. Refused with 403 to whoever asked for it or told what it rests on, and to too low a level."""
    staff = caller(request)
    access_approval(staff, approval_id)
    grant_approval(approval_id, acting_user=staff, now=present(), note=body.note)
    return answer(shown(access_approval(staff, approval_id)))


@router.post(
    "/{int:approval_id}/refuse", auth=needs("write:approvals"), response=ApprovalOut, summary="Refuse an approval"
)
@once
def refuse(request: HttpRequest, approval_id: int, body: Reason) -> HttpResponse:
    """Refuse leave, and say why."""
    staff = caller(request)
    access_approval(staff, approval_id)
    refuse_approval(approval_id, acting_user=staff, now=present(), note=body.note)
    return answer(shown(access_approval(staff, approval_id)))
