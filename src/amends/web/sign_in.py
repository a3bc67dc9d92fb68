"""Signing in by a one-time link, and what to do about a forgotten password.

Looking at a link shows a button; only pressing it uses the link up, so the previews that mail and chat programs fetch
do no harm. Whoever has set up a second factor is asked for it. Without a mail server nobody is promised a letter.
"""

from http import HTTPStatus

from allauth.account import views as accounts
from allauth.account.utils import perform_login
from allauth.core import ratelimit
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from amends.people.models import Staff
from amends.people.selectors import open_links
from amends.people.services import use_sign_in_link
from amends.web.console.frame import language_for


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_link(request: HttpRequest, token: str) -> HttpResponse:
    """Show the button, or sign in. Links run out by the machine's clock, also where the present is past."""
    if request.method != "POST":
        is_open = open_links(token, now=timezone.now()).exists()
        return render(request, "account/link.html") if is_open else _spent(request)
    too_many: HttpResponse | None = ratelimit.consume_or_429(request, action="sign_in_link")
    if too_many is not None:
        return too_many
    staff = use_sign_in_link(token, now=timezone.now())
    if staff is None:
        return _spent(request)
    with translation.override(_reads_in(request, staff)):  # the greeting stands on a page in their own language
        answer: HttpResponse = perform_login(request, staff, email_verification="none")
    return answer


def _reads_in(request: HttpRequest, staff: Staff) -> str:
    """The language of their pages from now on: as they chose it on this machine, else their own."""
    chosen = settings.LANGUAGE_COOKIE_NAME in request.COOKIES
    return translation.get_language() if chosen else language_for(staff)


def password_reset(request: HttpRequest) -> HttpResponse:
    """A letter with a link to a new password; where none can be sent, whom to ask."""
    if not settings.MAIL_IS_SENT:
        return render(request, "account/forgotten.html")
    answer: HttpResponse = accounts.password_reset(request)
    return answer


def _spent(request: HttpRequest) -> HttpResponse:
    return render(request, "account/link.html", {"spent": True}, status=HTTPStatus.GONE)
