"""Pages that say no to a customer, kindly, and say what to do instead."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _


def refusal(request: HttpRequest, status: HTTPStatus) -> HttpResponse:
    """A page that says no; whether an address never was, ran out or is another's, it says the same."""
    titles = {
        HTTPStatus.NOT_FOUND: (
            _("We can't find this page"),
            _(
                "The address may be incomplete or no longer in use. Please open the link from our letter again, "
                "or write to us the way you usually do, and we will find it for you."
            ),
        ),
        HTTPStatus.TOO_MANY_REQUESTS: (
            _("One moment, please"),
            _("That was a lot at once. Nothing is lost: please try again in a minute."),
        ),
    }
    title, hint = titles[status]
    return render(request, "portal/door.html", {"title": title, "hint": hint}, status=status)
