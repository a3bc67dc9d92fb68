"""Doors: the pages that say no, in the reader's language, and say what to do instead."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _


def refusal(request: HttpRequest, status: HTTPStatus, *, words: str = "") -> HttpResponse:
    """A page that says no: why, and where to go from here."""
    titles = {
        HTTPStatus.BAD_REQUEST: (
            _("We couldn't read that"),
            _("The address or the form isn't complete. Go back and try again."),
        ),
        HTTPStatus.FORBIDDEN: (
            _("This isn't yours to see"),
            _("Your role doesn't include this page. If you need it for your work, ask an administrator."),
        ),
        HTTPStatus.NOT_FOUND: (
            _("There is nothing here"),
            _("It may never have been there, or belongs to another unit. Search for it, or start from the overview."),
        ),
        HTTPStatus.METHOD_NOT_ALLOWED: (
            _("There is nothing to see at this address"),
            _("It only takes what a button sends. Go back to the page before and press the button there once more."),
        ),
        HTTPStatus.TOO_MANY_REQUESTS: (
            _("One moment, please"),
            _("That was a lot at once. Nothing is lost: please try again in a minute."),
        ),
        HTTPStatus.INTERNAL_SERVER_ERROR: (
            _("Something broke on our side"),
            _("Nothing you entered was done twice. Please try again in a moment."),
        ),
        HTTPStatus.SERVICE_UNAVAILABLE: (
            _("Nothing is set up here yet"),
            _("Run `amends init` for a company, or `amends demo` to try it on real flights."),
        ),
    }
    title, hint = titles[status]
    bare = not request.user.is_authenticated or status == HTTPStatus.SERVICE_UNAVAILABLE  # without the frame's figures
    context = {"title": title, "hint": words or hint, "code": int(status), "bare": bare}
    return render(request, "console/refusal.html", context, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 -- Django's signature
    """400."""
    return refusal(request, HTTPStatus.BAD_REQUEST)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 -- Django's signature
    """403."""
    return refusal(request, HTTPStatus.FORBIDDEN)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 -- Django's signature
    """404."""
    return refusal(request, HTTPStatus.NOT_FOUND)


def too_many_requests(request: HttpRequest) -> HttpResponse:
    """429: allauth's limits on signing in."""
    return refusal(request, HTTPStatus.TOO_MANY_REQUESTS)


def server_error(request: HttpRequest) -> HttpResponse:
    """500: a page that needs neither the database nor the frame."""
    return render(request, "500.html", status=HTTPStatus.INTERNAL_SERVER_ERROR)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 -- Django's signature
    """A form that was open for too long, or came from elsewhere."""
    return refusal(
        request,
        HTTPStatus.FORBIDDEN,
        words=_("This form was open for too long. Go back, reload the page and try again."),
    )
