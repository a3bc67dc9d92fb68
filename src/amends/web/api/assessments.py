"""How a case is judged: read with its reasons, judged anew, its facts corrected."""

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema
from pydantic import AwareDatetime

from amends.kernel.severity import SEVERITIES, SEVERITY_NAMES, Severity
from amends.kernel.taxonomy import Gap, Responsible
from amends.policy.present import present
from amends.recover.core.assessing import Party
from amends.recover.core.priority import FORMULA, PRESSING
from amends.recover.core.refusals import Unfit
from amends.recover.models import Case, Edit
from amends.recover.selectors import access_case, edits_of, judged
from amends.recover.selectors.judging import earlier_failures_of, items_of, priority_parts, proposal_of
from amends.recover.services import correct_facts, reassess
from amends.web.api.answers import Words, answer, both, words_of
from amends.web.api.bodies import Body, Facts
from amends.web.api.idempotency import once
from amends.web.api.tokens import caller, needs

router = Router(tags=["plans"])

Reason = Annotated[str, Field(min_length=1, max_length=2000, description="Why; it is kept with the change.")]
Text = Annotated[str, Field(max_length=1000)]


class EditOut(Schema):
    """One change, by a person with their reason, or by the customer's words or a graver failure with theirs."""

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
        "kind_why": now.kind_why and both(now.kind_why),
        "severity_why": words_of(now.severity_why),
        "gap_why": now.gap_why and both(now.gap_why),
        "cause": words_of(case.cause),
        "by_person": sorted(now.by_person),
        "priority": case.priority,
        "priority_formula": both(FORMULA),
        "priority_parts": [{"points": part.points, "why": both(part.why)} for part in parts],
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
