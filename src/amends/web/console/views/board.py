"""The live board: what is about to fail, by risk. The page, and the part of it that asks each second whether anything
changed."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from amends.monitor.live_board import asked_for, board_for, mark_of, pulse_of
from amends.monitor.services import want_board
from amends.policy.selectors import blueprint_of, deployment, version_in_force
from amends.web.console import words
from amends.web.console.asked import text
from amends.web.console.frame import now_of, staff_of, staff_page
from amends.web.console.units import units_to_choose


@staff_page("see_incidents")
@never_cache
def page(request: HttpRequest) -> HttpResponse:
    """The whole page, with the board as it is now."""
    staff = staff_of(request)
    version = version_in_force(deployment().blueprint_name)
    context = _live(request) | {
        "units": units_to_choose(staff),
        "standards": [(one.id, words.standard_name(version.pk, one.id)) for one in blueprint_of(version.pk).standards],
    }
    return render(request, "console/board.html", context)


@staff_page("see_incidents")
@never_cache
def live(request: HttpRequest) -> HttpResponse:
    """The board alone if it changed since the reader's copy, else nothing."""
    context = _live(request, unless=text(request, "mark", most=40))
    if not context:
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    return render(request, "parts/board/live.html", context)


def _live(request: HttpRequest, *, unless: str = "") -> dict[str, object]:
    staff, now = staff_of(request), now_of(request)
    asked = asked_for(staff, unit=text(request, "unit", most=64), standard=text(request, "standard", most=100))
    want_board(now=now)
    pulse = pulse_of(asked, now=now)
    mark = mark_of(asked, pulse, now=now)
    if mark == unless:
        return {}
    version = version_in_force(deployment().blueprint_name)
    return {
        "asked": asked,
        "board": board_for(staff, asked, pulse, now=now),
        "mark": mark,
        "now": now,
        "version": version.pk,
        "lateness": blueprint_of(version.pk).lateness,
    }
