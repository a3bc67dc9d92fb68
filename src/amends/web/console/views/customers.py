"""Customers: a list to find one in, and a page with all that we did to them and for them before."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from amends.monitor.selectors import failures_for
from amends.people.core.rights import may
from amends.people.selectors import access_customer, customers_for
from amends.recover.selectors import cases_for
from amends.web.console.asked import cursor, text
from amends.web.console.frame import staff_of, staff_page

SHOWN = 25  # of each kind of history


@staff_page("see_customers")
def inbox(request: HttpRequest) -> HttpResponse:
    """Find a customer by reference, name, address or number."""
    query = text(request)
    page = customers_for(staff_of(request), search=query, after=cursor(request))
    return render(request, "console/customers.html", {"page": page, "query": query})


@staff_page("see_customers")
def page(request: HttpRequest, customer_id: int) -> HttpResponse:
    """One customer; of their history only what lies in the person's units."""
    staff = staff_of(request)
    customer = access_customer(staff, customer_id)
    sees_cases = may(staff.role, "see_cases")
    cases = cases_for(staff, customer=customer, sort="opened", limit=SHOWN) if sees_cases else None
    threads = [f"case:{case.pk}" for case in cases.rows] if cases else []
    context = {
        "customer": customer,
        "cases": cases,
        "failures": failures_for(staff, customer=customer, limit=SHOWN) if may(staff.role, "see_incidents") else None,
        "messages_before": customer.messages.filter(thread__in=threads).order_by("-created_at", "-id")[:SHOWN],
        "remedies": (
            customer.remedies.filter(case__in=[case.pk for case in cases.rows]).order_by("-granted_at", "-id")[:SHOWN]
            if cases
            else []
        ),
    }
    return render(request, "console/customer.html", context)
