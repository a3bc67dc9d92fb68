"""What hangs on a case for those who work on it: notes, drafts, files, checklist, time."""

from typing import Final

from django.db.models import Q, QuerySet, Sum

from amends.kernel.blueprint.parts import ChecklistItem
from amends.people.core.rights import RIGHTS
from amends.people.models import Customer, Staff
from amends.people.selectors import NotFound
from amends.policy.selectors import blueprint_of
from amends.recover.models import Attachment, Case, Draft, Note, Tick, Timer, TimeSpent
from amends.recover.selectors.cases import access_case
from amends.recover.selectors.circle import answering

MOST_COLLEAGUES: Final = 8


def colleagues_of(case: Case) -> QuerySet[Staff]:
    """Who may see a case: those of a role that sees cases, whose unit is the case's or one above it."""
    if case.confidential:
        return Staff.objects.filter(pk__in=answering(case), is_active=True)
    roles = [role for role, rights in RIGHTS.items() if "see_cases" in rights]
    reach = Q(unit=None)
    if case.unit is not None:
        codes = [code for code in case.unit.path.split("/") if code]
        reach |= Q(unit__code__in=codes)
    return Staff.objects.filter(reach, is_active=True, role__in=roles)


def people_to_name(staff: Staff, case_id: int, *, begins: str) -> list[Staff]:
    """Whom the person may name in a note of a case, by the beginning of a word of the name."""
    case = access_case(staff, case_id)
    wanted = begins.strip().lower()[:100]
    people = colleagues_of(case).exclude(pk=staff.pk).order_by("name", "pk")
    fitting = (one for one in people if _begins(one, wanted))  # the colleagues of one unit and those above it: few
    return [one for one, _ in zip(fitting, range(MOST_COLLEAGUES), strict=False)]


def _begins(one: Staff, wanted: str) -> bool:
    name = one.name.lower()
    return name.startswith(wanted) or any(word.startswith(wanted) for word in (*name.split(), one.email.lower()))


def notes_of(case: Case) -> QuerySet[Note]:
    """The internal notes of a case, the first one first, without those taken back; for whoever may see the case as
    staff, never its customer."""
    return Note.objects.filter(case=case).exclude(body="").select_related("author").order_by("written_at", "pk")


def drafts_for(staff: Staff, case: Case) -> dict[str, Draft]:
    """What the person has begun to write in a case, by form."""
    return {draft.form: draft for draft in Draft.objects.filter(staff=staff, case=case)}


def attachments_of(case: Case) -> QuerySet[Attachment]:
    """The files of a case that are still there."""
    rows = Attachment.objects.filter(case=case, removed_at=None)
    return rows.select_related("added_by", "customer").order_by("added_at", "pk")


def access_attachment(staff: Staff, attachment_id: int) -> Attachment:
    """One file, if the person may see its case."""
    nothing = f"There is no attachment {attachment_id} here."
    found = Attachment.objects.filter(pk=attachment_id, removed_at=None).first()
    if found is None:
        raise NotFound(nothing)
    try:
        access_case(staff, found.case_id)
    except NotFound:
        raise NotFound(nothing) from None  # in the same words, or they would tell that there is one
    return found


def attachments_shared_with(customer: Customer, case: Case) -> QuerySet[Attachment]:
    """The files that the customer added themselves; those of staff are internal, like notes."""
    return attachments_of(case).filter(customer=customer)


def checklist_items(case: Case) -> tuple[ChecklistItem, ...]:
    """The steps that the case's playbook lists."""
    plan = case.plan
    playbooks = blueprint_of(plan.blueprint_id).playbooks
    return next((one.checklist for one in playbooks if one.id == plan.playbook), ())


def checklist_of(case: Case) -> list[tuple[ChecklistItem, Tick | None]]:
    """Each step with who ticked it, if somebody did."""
    ticks = {tick.item: tick for tick in Tick.objects.filter(case=case, ticked=True).select_related("by")}
    return [(item, ticks.get(item.id)) for item in checklist_items(case)]


def time_of(case: Case) -> tuple[list[TimeSpent], int]:
    """Entries of time spent, and their sum in minutes."""
    rows = list(TimeSpent.objects.filter(case=case).select_related("staff").order_by("at", "pk"))
    return rows, sum(row.minutes for row in rows)


def minutes_of(case: Case) -> int:
    """Minutes recorded for a case."""
    return TimeSpent.objects.filter(case=case).aggregate(sum=Sum("minutes", default=0))["sum"]


def timer_of(staff: Staff, case: Case) -> Timer | None:
    """The person's running timer on a case."""
    return Timer.objects.filter(staff=staff, case=case).first()
