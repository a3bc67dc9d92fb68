"""Canned replies and macros: whose they are, who may change them, and what a reply says for one case."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db.models import F, Min, Q, QuerySet
from django.db.models.functions import Coalesce

from amends.kernel.text import language_of
from amends.people.models import Staff, Unit
from amends.people.selectors import NotFound, require
from amends.policy.selectors import deployment
from amends.recover.core.canned import filled
from amends.recover.core.words import local_time
from amends.recover.links import PLACE
from amends.recover.models import CannedReply, Case, Clock, Macro

SPOKEN_OF: Final = ("customer", "what_happened", "cause")  # rows that the facts of a case are read from
LEADERS: Final = frozenset({"supervisor", "manager"})


@dataclass(frozen=True, kw_only=True)
class Written:
    """A message as its customer would read it."""

    subject: str
    body: str


def replies_for(staff: Staff) -> QuerySet[CannedReply]:
    """The canned replies that the person may use: their own, those of their unit and above, the shared ones."""
    return _used_by(staff, CannedReply.objects.all())


def macros_for(staff: Staff) -> QuerySet[Macro]:
    """The macros that the person may use."""
    return _used_by(staff, Macro.objects.all())


def access_reply(staff: Staff, reply_id: int) -> CannedReply:
    """One canned reply that the person may use."""
    found = replies_for(staff).filter(pk=reply_id).first()
    if found is None:
        raise NotFound(f"There is no canned reply {reply_id} here.")
    return found


def access_macro(staff: Staff, macro_id: int) -> Macro:
    """One macro that the person may use."""
    found = macros_for(staff).filter(pk=macro_id).first()
    if found is None:
        raise NotFound(f"There is no macro {macro_id} here.")
    return found


def may_change(staff: Staff, row: CannedReply | Macro) -> bool:
    """One's own; what a unit or all share, whoever leads people and has that unit, or the whole company."""
    if row.owner_id is not None:
        return row.owner_id == staff.pk
    return may_share(staff, row.unit)


def may_share(staff: Staff, unit: Unit | None) -> bool:
    """Whether the person may write what a unit and all below it have in common: supervisors and managers of it. What
    all have in common (None) is for managers of the whole company."""
    if unit is None:
        return staff.role == "manager" and (staff.unit is None or staff.unit.parent_id is None)
    return staff.role in LEADERS and (staff.unit is None or unit.path.startswith(staff.unit.path))


def reply_facts(staff: Staff, case: Case, *, at: datetime | None = None) -> dict[str, str]:
    """What a canned reply may say of a case, in its customer's language; what there is not is empty.

    `at`: when it is sent. Of news promised at that moment it speaks first, since it keeps what was promised before.
    """
    return facts_of(staff, [case], at=at)[case.pk]


def facts_of(staff: Staff, cases: Iterable[Case], *, at: datetime | None = None) -> dict[int, dict[str, str]]:
    """The same for many cases, by their numbers; whoever has many joins `SPOKEN_OF` to them."""
    of = {case.pk: case for case in cases}
    clocks = Clock.objects.filter(case__in=of, state="running", kind__in=("inform", "resolve"))
    just_promised = Min("due_at", filter=Q(kind="inform", started_at=at))
    first = Min("due_at") if at is None else Coalesce(just_promised, Min("due_at"))
    promised = dict(clocks.order_by().values("case_id").annotate(first=first).values_list("case_id", "first"))
    place = deployment()
    zone = ZoneInfo(place.timezone)
    facts = {}
    for pk, case in of.items():
        language = language_of(case.customer.locale)
        facts[pk] = {
            "customer": case.customer.name,
            "subject": case.subject,
            "what_happened": getattr(case.what_happened, language),
            "cause": getattr(case.cause, language),
            "by_when": local_time(promised[pk], locale=language, zone=zone) if pk in promised else "",
            "company": place.company_zh if language == "zh" else place.company_en,
            "case": str(pk),
            "link": PLACE,
            "staff": staff.name,
        }
    return facts


def written(reply: CannedReply, facts: Mapping[str, str], locale: str) -> Written:
    """A reply in the customer's language, filled.

    Raises:
        NotFilled: the case has nothing for one of its variables.
    """
    language = language_of(locale)
    return filled_in(getattr(reply, f"subject_{language}"), getattr(reply, f"body_{language}"), facts)


def filled_in(subject: str, body: str, facts: Mapping[str, str]) -> Written:
    """Words with variables, filled.

    Raises:
        NotFilled: the case has nothing for one of them.
    """
    return Written(subject=filled(subject, facts)[:300], body=filled(body, facts))


def _used_by(staff: Staff, rows: QuerySet[Any]) -> QuerySet[Any]:
    require(staff, "work_cases")
    theirs = Q(owner=staff) | Q(owner=None, unit=None)
    if staff.unit is None:
        theirs |= Q(owner=None)
    else:
        above = [code for code in staff.unit.path.split("/") if code]
        theirs |= Q(owner=None, unit__code__in=above) | Q(owner=None, unit__path__startswith=staff.unit.path)
    return (
        rows.filter(theirs, retired_at=None)
        .select_related("unit", "owner")
        .order_by(F("owner").asc(nulls_last=True), F("unit").asc(nulls_last=True), "name", "pk")
    )
