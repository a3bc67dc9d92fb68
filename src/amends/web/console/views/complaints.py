"""A complaint taken by phone, at the counter, or from a letter: one form from the customer on the line to the plan."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from amends.kernel.blueprint import Blueprint
from amends.monitor.models import Failure, RosterEntry
from amends.monitor.service_now import served_now
from amends.people.models import Customer, Staff, Unit
from amends.people.selectors import NotFound, access_customer, require, unit_for, units_below
from amends.people.services import make_known
from amends.policy.selectors import blueprint_of, deployment, version_in_force
from amends.recover.models import Case
from amends.recover.selectors import cases_for
from amends.recover.services import take_complaint
from amends.web.console import facts_asked
from amends.web.console.asked import row_id, text
from amends.web.console.customer_forms import Complaint, Newcomer, default_locale
from amends.web.console.frame import now_of, staff_of, staff_page
from amends.web.console.times import language
from amends.web.console.units import units_to_choose

EARLIER = 10  # cases whose subjects are offered


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What the complaint may be about."""

    subject: str
    more: str


@staff_page("work_cases")
def new(request: HttpRequest) -> HttpResponse:
    """The form, and taking it down."""
    staff = staff_of(request)
    require(staff, "see_customers")
    known = row_id(request, "customer")
    customer = None if known is None else access_customer(staff, known)
    pack = _pack()
    if request.method != "POST":
        newcomer = Newcomer(initial=_said_before(request, staff)) if customer is None else None
        complaint = Complaint(initial={"form": uuid4().hex, "channel": "phone", "unit": _home(staff)})
        return _form(request, pack, customer, complaint, newcomer=newcomer)
    complaint = Complaint(request.POST)
    newcomer = Newcomer(request.POST) if customer is None else None
    kind = str(request.POST.get("kind", ""))
    facts, wrong = facts_asked.given(pack, kind, request.POST)
    sound = [complaint.is_valid(), newcomer is None or newcomer.is_valid(), not wrong]
    if complaint.is_valid() and kind not in pack.kinds_of_customers:
        complaint.add_error("kind", _("There is no such kind of failure."))
    unit = _unit(staff, complaint)
    if not all(sound) or complaint.errors:
        return _form(request, pack, customer, complaint, newcomer=newcomer, wrong=wrong)
    given = complaint.cleaned_data
    if customer is None:
        assert newcomer is not None  # noqa: S101 -- without a customer there is this form
        about = newcomer.cleaned_data
        names = ("name", "locale", "phone", "email")
        customer = make_known(
            **{name: about[name] for name in names}, currency=pack.currency, now=now_of(request), acting_user=staff
        )
    before = set(Case.objects.filter(customer=customer).values_list("pk", flat=True))
    case = take_complaint(
        customer,
        form=given["form"],
        kind=kind,
        subject=given["about"],
        unit=unit,
        facts=facts,
        words=given["words"],
        channel=given["channel"],
        receipt=given["receipt"],
        acting_user=staff,
        now=now_of(request),
    )
    messages.success(request, _whose(case, staff, there_before=case.pk in before))
    return redirect("console:case", case_id=case.pk)


@staff_page("work_cases")
def facts(request: HttpRequest) -> HttpResponse:
    """The fields of the chosen kind, filled with what the subject's roster and failures say."""
    staff = staff_of(request)
    require(staff, "see_customers")
    known = row_id(request, "customer")
    customer = None if known is None else access_customer(staff, known)
    about = text(request, "subject_other", most=300) or text(request, "subject", most=300)
    kind = text(request, "kind", most=64)
    asked = facts_asked.asked_of(_pack(), kind, _known(staff, customer, about))
    return render(request, "parts/customer/facts.html", {"asked": asked})


def _form(
    request: HttpRequest,
    pack: Blueprint,
    customer: Customer | None,
    complaint: Complaint,
    *,
    newcomer: Newcomer | None,
    wrong: dict[str, str] | None = None,
) -> HttpResponse:
    staff = staff_of(request)
    kind = str(complaint["kind"].value() or text(request, "kind", most=64))
    about = str(complaint["subject_other"].value() or complaint["subject"].value() or "")
    entered = {
        name.removeprefix(facts_asked.PREFIX): value
        for name, value in request.POST.items()
        if name.startswith(facts_asked.PREFIX)
    }
    known = entered or _known(staff, customer, about)
    context = {
        "customer": customer,
        "newcomer": newcomer,
        "form": complaint,
        "subjects": _subjects(staff, customer, pack, request) if customer else [],
        "kinds": _kinds(pack),
        "kind": kind,
        "asked": facts_asked.asked_of(pack, kind, known),
        "wrong": wrong or {},
        "units": units_to_choose(staff),
        "whole_company": staff.unit_id is None,
        "now": now_of(request),
    }
    return render(request, "console/complaint.html", context)


def _whose(case: Case, staff: Staff, *, there_before: bool) -> str:
    """That it is on record, and whose the case is now."""
    if there_before:
        known = _("The complaint is on record in this case, which was about it already.")
        if case.owner in {None, staff}:
            return known
        return " ".join([known, _("{name} has this case already.").format(name=case.owner.name)])
    if case.owner_id == staff.pk:
        return _("The complaint is on record and the case is yours. Here is the plan.")
    said = [_("The complaint is on record, and here is the plan.")]
    last = case.handovers.select_related("why").order_by("-at", "-pk").first()
    if case.owner is not None:
        said.append(_("{name} has this case already.").format(name=case.owner.name))
    elif last is not None and last.why is not None:
        said.append(last.why.zh if language() == "zh" else last.why.en)
    if case.owner is None and case.team is not None:
        team = case.team.name_zh if language() == "zh" else case.team.name_en
        said.append(_("It waits for the team {team}.").format(team=team))
    return " ".join(said)


def _pack() -> Blueprint:
    return blueprint_of(version_in_force(deployment().blueprint_name).pk)


def _kinds(pack: Blueprint) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """The kinds of failure by the step of the service at which they happen."""
    groups: dict[str, list[tuple[str, str, str]]] = {}
    for code, kind in pack.kinds_of_customers.items():
        said = (code, kind.name.in_(language()), kind.description.in_(language()))
        groups.setdefault(pack.taxonomy.steps[kind.step].in_(language()), []).append(said)
    return list(groups.items())


def _subjects(staff: Staff, customer: Customer, pack: Blueprint, request: HttpRequest) -> list[Subject]:
    """What they have: on whose rosters they are, then what earlier cases were about."""
    found: dict[str, str] = {}
    for served in served_now(staff, customer, pack, now=now_of(request)):
        found[served.subject] = _("open promises") if served.promises else _("on the list")
    for case in cases_for(staff, customer=customer, sort="opened", limit=EARLIER).rows:
        found[case.subject] = _("case {number}").format(number=case.pk)
    return [Subject(subject=subject, more=more) for subject, more in found.items()]


def _known(staff: Staff, customer: Customer | None, subject: str) -> dict[str, Any]:
    """What the roster says of this customer, and the latest failure of the subject that the person may see."""
    if not subject:
        return {}
    failures = Failure.objects.filter(subject=subject)
    reached = units_below(staff)
    if reached is not None:
        failures = failures.filter(unit_id__in=reached)
    known: dict[str, Any] = {}
    for facts_told in failures.order_by("stage_at").values_list("facts", flat=True)[:20]:
        known |= facts_told
    if customer is not None:
        rosters = RosterEntry.objects.filter(subject=subject, customer=customer)
        known |= rosters.values_list("facts", flat=True).first() or {}
    return known


def _home(staff: Staff) -> str:
    return staff.unit.code if staff.unit else ""


def _unit(staff: Staff, complaint: Complaint) -> Unit | None:
    """Where it happened: as chosen, else the person's own unit."""
    code = str(complaint.data.get("unit", "")) or _home(staff)
    if not code:
        return None
    try:
        return unit_for(staff, code)
    except NotFound:
        complaint.is_valid()
        complaint.add_error("unit", _("There is no such unit here."))
        return None


def _said_before(request: HttpRequest, staff: Staff) -> dict[str, str]:
    """What was typed into the look-up goes along, where it can be told what it is."""
    typed = text(request, "q")
    digits = [sign for sign in typed if sign.isdigit()]
    of = "email" if "@" in typed else "phone" if len(digits) > len(typed) // 2 else "name"
    return {of: typed, "locale": default_locale(staff.locale)}
