"""A failure that somebody tells us about: recorded as the monitor would, then treated like any other (Law 8)."""

import json
from collections.abc import Mapping
from datetime import datetime

from django.db import connection
from django.db.models import F

from amends.channels.services import receive
from amends.kernel.severity import SEVERITIES
from amends.monitor.core.assessment import attribution_of, severity_of
from amends.monitor.models import Affected, Failure, RosterEntry
from amends.monitor.services.incidents import correlate, join_incident, stand_alone
from amends.monitor.services.proposing import keep_said
from amends.monitor.services.told import record_told
from amends.people.models import Customer, Staff, Unit
from amends.people.selectors import NotFound, require, units_below
from amends.policy.models import BlueprintVersion
from amends.policy.selectors import blueprint_of, deployment, version_in_force
from amends.policy.services import keep_explanations
from amends.recover.acting import acting
from amends.recover.core.case import CASE
from amends.recover.core.customer_words import raised
from amends.recover.models import Case, CaseFailure
from amends.recover.search import add_words
from amends.recover.services.assessing import note_heard
from amends.recover.services.opening import open_for
from amends.recover.services.working import reopen_case


def open_case(  # noqa: PLR0917 -- the order in which one tells it
    customer: Customer,
    kind: str,
    subject: str,
    unit: Unit | None,
    facts: Mapping[str, object],
    words: str,
    *,
    acting_user: Staff | Customer | None,
    now: datetime,
    channel: str = "outbox",
    told: str = "",
) -> Case:
    """Open a case for one customer by hand; whoever comes forward gets a case of their own, however light the failure.

    Args:
        customer: who was hit.
        kind: of failure, from the taxonomy.
        subject: what it was about.
        unit: where it happened.
        facts: what is known; together with what the roster says of this customer and subject.
        words: the customer's own.
        acting_user: who takes it down; a customer on their own page, None for a machine.
        now: when.
        channel: by which the words came.
        told: a key of one's own for this telling, which happens once; without it every telling is a new failure.

    Raises:
        ValueError: the taxonomy has no such kind.
        NotFound: the unit is out of the person's reach.
    """
    version = version_in_force(deployment().blueprint_name)
    pack = blueprint_of(version.pk)
    if kind not in pack.kinds_of_customers:
        raise ValueError(
            f"{kind!r} is no kind of failure here; there are: {', '.join(sorted(pack.kinds_of_customers))}"
        )
    if isinstance(acting_user, Staff):
        require(acting_user, "work_cases")
        reached = units_below(acting_user)
        if reached is not None and (unit is None or unit.pk not in reached):
            raise NotFound("There is no such unit here.")
    roster = (
        RosterEntry.objects.filter(subject=subject, customer=customer).values_list("facts", flat=True).first() or {}
    )
    given = {name: value for name, value in facts.items() if value is not None}
    personal = {"vulnerable": customer.vulnerable, **({"tier": customer.tier} if customer.tier else {})}
    complete = pack.completed({**roster, **personal, **given})
    meaning = pack.taxonomy.kinds[kind]
    severity, why = severity_of(meaning, complete)
    graver = raised(
        SEVERITIES[severity], words, pack.taxonomy.words
    )  # it weighs for this customer, not for the failure
    attribution = attribution_of(meaning, complete)
    reasons = [why, attribution.why, *([graver.why] if graver else [])]
    explained = keep_explanations(reasons, version_id=version.pk)
    with acting("open_case", acting_user):
        key = told or json.dumps(["reported", kind, subject, customer.reference, now.isoformat()], ensure_ascii=False)
        failure = record_told(
            key,
            meaning,
            subject=subject,
            unit=unit,
            facts=given,
            severity=(severity, why),
            attribution=attribution,
            explained=explained,
            version=version,
            now=now,
            customers=1,
        )
        Affected.objects.create(
            failure=failure,
            customer=customer,
            severity=graver.rank if graver else SEVERITIES[severity],
            severity_why_id=explained[(graver.why if graver else why).digest(version.pk)],
            facts=roster,
        )
        with connection.cursor() as cursor:
            keep_said(cursor, failure.pk, words, now)
            incident_id = _matter(failure, customer, version)
            open_for(cursor, incident_id, customer.pk, pack, version, now=now, told=True)
        case = Case.objects.get(customer=customer, incident_id=incident_id)
        if "reopen" in CASE.moves_from(case.state):  # told of once more after all was done
            case = reopen_case(case.pk, acting_user=acting_user, now=now)
        if graver is not None:
            note_heard(case, graver, before=SEVERITIES[severity], now=now)
        if words:
            receive(
                key=f"failure:{failure.pk}:words",
                thread=f"case:{case.pk}",
                customer_id=customer.pk,
                channel_name=channel,
                locale=customer.locale,
                subject=subject,
                body=words,
                now=now,
            )
            add_words(case.pk, words)
    return case


def in_turn(customer: Customer) -> None:
    """Let whatever else this customer tells wait until this transaction ends, so that it finds what this one opens.

    Taken before anything else. It is not the customer's row: whoever grants has locked the case before that.
    """
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtext('customer tells'), %s)", [customer.pk])


def _matter(failure: Failure, customer: Customer, version: BlueprintVersion) -> int:
    """The incident of what somebody told us: that of their case about the very same thing; one that they have no case
    of; else one of its own. A smashed suitcase is not made good by the plan for the late flight that it was on.
    """
    same = CaseFailure.objects.filter(
        case__customer=customer,
        case__incident_id=F("failure__incident_id"),
        failure__kind=failure.kind,
        failure__subject=failure.subject,
    )
    known = same.order_by("-case_id").values_list("failure__incident_id", flat=True).first()
    if known is not None:
        join_incident(failure.pk, known, version=version)
        return int(known)
    (incident_id,) = correlate([failure.pk], version=version)
    if Case.objects.filter(customer=customer, incident_id=incident_id).exists():
        return stand_alone(failure.pk, version=version)
    return incident_id
