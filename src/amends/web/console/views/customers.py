"""Customers: the look-up as one types, a page with all that we did to them and for them, and what people change."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from amends.people import services
from amends.people.core.rights import may
from amends.people.selectors import access_customer, customers_for
from amends.recover.selectors import look_up
from amends.recover.services import lift_watch
from amends.web.console import customer_file
from amends.web.console.asked import cursor, text
from amends.web.console.customer_forms import Lifted, Profile, Watched
from amends.web.console.frame import now_of, staff_of, staff_page


@staff_page("see_customers")
def inbox(request: HttpRequest) -> HttpResponse:
    """Find a customer by whatever they say first; without the script the same field asks for the page anew."""
    staff = staff_of(request)
    query = text(request)
    context = {
        "query": query,
        "callers": look_up(staff, query) if query else [],
        "page": None if query else customers_for(staff, after=cursor(request)),
        "works": may(staff.role, "work_cases"),
    }
    return render(request, "console/customers.html", context)


@staff_page("see_customers")
def callers(request: HttpRequest) -> HttpResponse:
    """The list below the look-up's field, as one types."""
    staff = staff_of(request)
    query = text(request)
    context = {"query": query, "callers": look_up(staff, query), "works": may(staff.role, "work_cases")}
    return render(request, "parts/customer/callers.html", context)


@staff_page("see_customers")
def page(request: HttpRequest, customer_id: int) -> HttpResponse:
    """One customer; of their history only what lies in the person's units."""
    staff = staff_of(request)
    customer = access_customer(staff, customer_id)
    context = customer_file.whole(staff, customer, now=now_of(request))
    if context["works"]:
        context["profile"] = Profile(
            initial={
                "locale": customer.locale,
                "prefers": customer.prefers,
                "consent_contact": customer.consent_contact,
            }
        )
    return render(request, "console/customer.html", context)


def _watch(pk: int, *, days: int, reason: str, acting_user: Any, now: Any) -> object:
    return services.watch_customer(
        pk, until=now + timedelta(days=days), reason=reason, acting_user=acting_user, now=now
    )


ACTS: dict[str, tuple[type[forms.Form], Callable[..., object], Any]] = {
    "profile": (Profile, services.update_profile, _("Kept, and on record.")),
    "watch": (Watched, _watch, _("Everybody who serves this customer is told to take care.")),
    "lift": (Lifted, lift_watch, _("The watch is lifted, with your reason.")),
}


@require_POST
@staff_page("work_cases")
def act(request: HttpRequest, customer_id: int, act: str) -> HttpResponse:
    """What people change about a customer."""
    staff = staff_of(request)
    customer = access_customer(staff, customer_id)
    if act not in ACTS:
        raise Http404
    form_class, service, success = ACTS[act]
    form = form_class(request.POST)
    if not form.is_valid():
        for errors in form.errors.values():
            for error in errors:
                messages.error(request, error)
    else:
        service(customer.pk, acting_user=staff, now=now_of(request), **form.cleaned_data)
        messages.success(request, success)
    return redirect(reverse("console:customer", args=[customer.pk]))
