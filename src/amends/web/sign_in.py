"""Signing in by a one-time link. Looking at the link shows a button; only pressing it uses the link up.

So the previews that mail and chat programs fetch do no harm. Whoever has set up a second factor is asked for it.
"""

from http import HTTPStatus

from allauth.account.utils import perform_login
from allauth.core import ratelimit
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from amends.people.services import use_sign_in_link


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_link(request: HttpRequest, token: str) -> HttpResponse:
    """Show the button, or sign in. Links run out by the machine's clock, also where the present is past."""
    if request.method != "POST":
        return render(request, "account/link.html")
    too_many: HttpResponse | None = ratelimit.consume_or_429(request, action="sign_in_link")
    if too_many is not None:
        return too_many
    staff = use_sign_in_link(token, now=timezone.now())
    if staff is None:
        return render(request, "account/link.html", {"spent": True}, status=HTTPStatus.GONE)
    answer: HttpResponse = perform_login(request, staff, email_verification="none")
    return answer
