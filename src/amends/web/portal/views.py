"""The customer's page and its forms. Looking changes nothing; a form sent twice counts once."""

from http import HTTPStatus

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from amends.recover.links import token_of
from amends.recover.models import Case
from amends.recover.services import accept_case, hear_affected, hear_customer, take_complaint
from amends.web.console.frame import now_of
from amends.web.portal.affected import Hit
from amends.web.portal.case_page import case_page, letters_about_incident
from amends.web.portal.forms import Words, Yes
from amends.web.portal.frame import customer_page


@require_safe
@customer_page
def page(request: HttpRequest, found: Case | Hit, token: str) -> HttpResponse:
    """What happened, what we do, by when, what is given, and how to answer."""
    if isinstance(found, Hit) and found.case is not None:
        return _to_case(found.case)
    return _shown(request, found, token, Words())


@require_POST
@customer_page
def yes(request: HttpRequest, found: Case | Hit, token: str) -> HttpResponse:
    """It is made good."""
    form = Yes(request.POST)
    if isinstance(found, Case) and form.is_valid():
        rating: int | None = form.cleaned_data["rating"]
        accept_case(found.pk, satisfaction=rating, acting_user=found.customer, now=now_of(request))
    return redirect("portal:page", token)


@require_POST
@customer_page
def words(request: HttpRequest, found: Case | Hit, token: str) -> HttpResponse:
    """Words of the customer's own: what is not right yet, or what we do not know of."""
    form = Words(request.POST)
    if not form.is_valid():
        return _shown(request, found, token, form, status=HTTPStatus.BAD_REQUEST)
    given, now = form.cleaned_data["words"], now_of(request)
    if isinstance(found, Case):
        case = found
        hear_customer(case.pk, words=given, acting_user=found.customer, now=now)
    else:
        case = hear_affected(found.failure, words=given, acting_user=found.customer, now=now)
    messages.success(request, _("Thank you. We have your words and are looking into them."))
    return _to_case(case)


@require_POST
@customer_page
def complaint(request: HttpRequest, found: Case | Hit, token: str) -> HttpResponse:
    """The complaint in writing, where one is asked for."""
    form = Words(request.POST)
    if not isinstance(found, Case):
        return redirect("portal:page", token)
    if not form.is_valid():
        return _shown(request, found, token, form, status=HTTPStatus.BAD_REQUEST)
    take_complaint(found.pk, words=form.cleaned_data["words"], acting_user=found.customer, now=now_of(request))
    messages.success(request, _("Thank you. We have your complaint in writing and go on from here."))
    return redirect("portal:page", token)


def _to_case(case: Case) -> HttpResponse:
    return redirect("portal:page", token_of(f"case:{case.pk}"))


def _shown(
    request: HttpRequest, found: Case | Hit, token: str, form: Words, *, status: int = HTTPStatus.OK
) -> HttpResponse:
    context = {"token": token, "form": form, "customer": found.customer}
    if isinstance(found, Case):
        context |= {"mine": case_page(found, now=now_of(request)), "yes": Yes()}
        return render(request, "portal/case.html", context, status=status)
    assert found.failure.incident_id is not None  # noqa: S101 -- it was found by its incident
    context |= {"hit": found, "letters": letters_about_incident(found.customer, found.failure.incident_id)}
    return render(request, "portal/incident.html", context, status=status)
