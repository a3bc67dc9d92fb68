"""An employee tells that something between colleagues did not work: the same ring as for a customer, in confidence.

The employee is its customer, in a row of their own that no list shows. Who may see the case is decided here; nobody
whom it is about is ever among them, not even later, when somebody takes the place of another (services/succeeding.py).
No signal is kept of it, and no subject but its own number, so that nothing else can join it.
"""

from datetime import datetime
from typing import Final

from django.db import connection

from amends.channels.services import receive
from amends.kernel.severity import SEVERITIES
from amends.kernel.text import Localised
from amends.monitor.core.assessment import attribution_of, severity_of
from amends.monitor.models import Affected, Failure, Incident
from amends.monitor.services.incidents import stand_alone
from amends.monitor.services.told import record_told
from amends.people.inside import customer_of
from amends.people.models import Staff, Unit
from amends.people.selectors import NotFound, require
from amends.policy.selectors import blueprint_of, deployment, version_in_force
from amends.policy.services import keep_explanations
from amends.recover.acting import acting
from amends.recover.core.refusals import Declined
from amends.recover.models import Case
from amends.recover.search import add_words
from amends.recover.services.circling import circle_around, close_around
from amends.recover.services.opening import open_for

NOBODY: Final = Localised(
    en="There is nobody here who could answer this. Please choose another unit.",
    zh="目前没有合适的人可以处理此事，请选择其他单位。",
)
TOLD: Final = Localised(
    en="A colleague has told you in confidence that something did not work. Please answer in time.",
    zh="有同事向您反映了一个内部问题，请严格保密并按时答复。",
)


def report_inside(
    *, form: str, kind: str, unit: Unit | None, words: str, about: Staff | None, acting_user: Staff, now: datetime
) -> Case:
    """Open a confidential case for an employee whom colleagues failed; the same form sent twice is one case.

    Args:
        form: the form's own key.
        kind: of failure, of those between colleagues.
        unit: that is to answer; None: the employee's own.
        words: the employee's own.
        about: the colleague whom it is about, if any: they never see it, whatever they lead.
        acting_user: who tells.
        now: when.

    Raises:
        NotAllowed: the role reports nothing.
        ValueError: the pack has no such kind between colleagues.
        NotFound: it is about oneself, or somebody who is not there.
        Declined: nobody is left who could answer it.
    """
    require(acting_user, "report")
    version = version_in_force(deployment().blueprint_name)
    pack = blueprint_of(version.pk)
    if kind not in pack.internal.kinds:
        raise ValueError(f"{kind!r} is no failure between colleagues here; there are: {', '.join(pack.internal.kinds)}")
    if about is not None and (about.pk == acting_user.pk or not about.is_active):
        raise NotFound("There is no such colleague.")
    unit = unit or acting_user.unit
    key = f"inside/{form}"
    with acting("report_inside", acting_user), connection.cursor() as cursor:
        customer = customer_of(acting_user, currency=pack.currency, now=now)
        before = Failure.every.filter(promise_key=key, affected__customer=customer).first()
        if before is not None:
            return Case.every.get(customer=customer, incident_id=before.incident_id)
        circle = circle_around(pack, kind, acting_user, unit, about)
        if not circle:
            raise Declined(NOBODY)
        meaning, facts = pack.taxonomy.kinds[kind], pack.completed({})
        severity, why = severity_of(meaning, facts)
        attribution = attribution_of(meaning, facts)
        explained = keep_explanations([why, attribution.why], version_id=version.pk)
        failure = record_told(
            key,
            meaning,
            subject=f"N-{form[:8].upper()}",
            unit=unit,
            facts={},
            severity=(severity, why),
            attribution=attribution,
            explained=explained,
            version=version,
            now=now,
            customers=1,
        )
        Failure.every.filter(pk=failure.pk).update(confidential=True)
        Affected.objects.create(
            failure=failure,
            customer=customer,
            severity=SEVERITIES[severity],
            severity_why_id=explained[why.digest(version.pk)],
            facts={},
        )
        incident_id = stand_alone(failure.pk, version=version)
        Incident.every.filter(pk=incident_id).update(confidential=True)
        open_for(cursor, incident_id, customer.pk, pack, version, now=now)
        case = Case.every.select_for_update(no_key=True).get(customer=customer, incident_id=incident_id)
        close_around(case, circle, TOLD, now=now, about=about)
        if words.strip():
            receive(
                key=f"failure:{failure.pk}:words",
                thread=f"case:{case.pk}",
                customer_id=customer.pk,
                channel_name="outbox",
                locale=customer.locale,
                subject=failure.subject,
                body=words.strip(),
                now=now,
            )
            add_words(case.pk, words.strip())
    return case
