"""Rosters in: who is served by a subject and under which terms, such as the passengers of a flight."""

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema

from amends.people.models import Customer
from amends.policy.present import present
from amends.recover.services import take_roster
from amends.web.api.answers import answer
from amends.web.api.bodies import Body, Facts
from amends.web.api.facts import misfit, taxonomy_in_force
from amends.web.api.idempotency import once
from amends.web.api.signals import Rejection
from amends.web.api.tokens import caller, needs
from amends.web.api.whole_company import require_whole_company

router = Router(tags=["roster"])


class RosterLine(Body):
    """One customer served by one subject."""

    subject: Annotated[str, Field(min_length=1, max_length=300)]
    customer: Annotated[str, Field(min_length=1, max_length=100, description="Reference.")]
    facts: Facts = Field(default_factory=dict)


class RosterIn(Body):
    """Up to 20,000 lines; a line that was sent before is brought up to date."""

    entries: Annotated[list[RosterLine], Field(min_length=1, max_length=20_000)]


class RosterKept(Schema):
    """What became of them."""

    kept: int
    rejected: int
    rejections: list[Rejection]


@router.post("", auth=needs("write:roster"), response={200: RosterKept}, summary="Say who is served")
@once
def send_roster(request: HttpRequest, body: RosterIn) -> HttpResponse:
    """Keep roster entries. Of a subject and customer sent twice in one request the last line counts; a line with an
    unknown customer, or with a fact of another type than the taxonomy declares, is rejected and the others are kept.
    Who is new on a subject that failed already, not longer ago than a voice could be about it, is answered as others.
    The fact `order`, in any industry, is the number on what the customer bought; the caller look-up finds them by it.
    """
    require_whole_company(caller(request))
    references = {line.customer for line in body.entries}
    known = set(Customer.objects.filter(reference__in=references).values_list("reference", flat=True))
    taxonomy = taxonomy_in_force()
    lines: dict[tuple[str, str], dict[str, Any]] = {}
    rejections = []
    for index, line in enumerate(body.entries):
        wrong = misfit(line.facts, taxonomy) if line.customer in known else f"there is no customer {line.customer} here"
        if wrong:
            rejections.append({"index": index, "reason": wrong})
        else:
            lines[line.subject, line.customer] = line.facts
    entries = [(subject, customer, facts) for (subject, customer), facts in lines.items()]
    kept = take_roster(entries, now=present())
    return answer({"kept": kept, "rejected": len(rejections), "rejections": rejections})
