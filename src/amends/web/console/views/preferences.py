"""What a reader chooses for themselves: the theme (the language is Django's own view)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from amends.web.console.frame import THEME_COOKIE, THEMES


def back_to(request: HttpRequest, otherwise: str) -> str:
    """Where the form came from, if that is ours."""
    wanted = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if safe else otherwise


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Keep the theme in a cookie; the server writes it on the page, so nothing flashes."""
    answer = redirect(back_to(request, "/"))
    chosen = request.POST.get("theme")
    if chosen in THEMES:
        answer.set_cookie(
            THEME_COOKIE, chosen, max_age=365 * 86400, httponly=True, secure=request.is_secure(), samesite="Lax"
        )
    return answer
