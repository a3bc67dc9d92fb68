"""What surrounds every page: language, zone and present of the request, the theme, the wings one may enter."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache, cached_property, wraps
from http import HTTPStatus
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_htmx.http import HttpResponseClientRedirect

from amends.kernel.taxonomy import Taxonomy
from amends.kernel.text import language_of
from amends.people.core.rights import may
from amends.people.keyset import BadCursor
from amends.people.models import Staff
from amends.people.selectors import NotAllowed, NotFound, require
from amends.policy.models import Deployment
from amends.policy.present import present
from amends.policy.selectors import NotSetUp, blueprint_of, deployment, version_in_force
from amends.recover.selectors.waiting import Waiting, waiting_for
from amends.web.console.parts import asks_for_part, reader_is_at
from amends.web.zones import place_of

View = Callable[..., HttpResponse]
THEMES = ("light", "dark", "system")
THEME_COOKIE = "amends_theme"


@dataclass(frozen=True, kw_only=True)
class Place:
    """One page of a wing as the bar shows it."""

    name: str | Promise
    url: str
    right: str


@dataclass(frozen=True, kw_only=True)
class Wing:
    """One of the three systems as the rail shows it."""

    key: str
    name: str | Promise
    icon: str
    places: tuple[Place, ...]


WINGS = (
    Wing(
        key="monitor",
        name=pgettext_lazy("wing", "Monitor"),
        icon="radar",
        places=(
            Place(name=_("Live board"), url="console:board", right="see_incidents"),
            Place(name=_("Incidents"), url="console:incidents", right="see_incidents"),
            Place(name=_("To be decided"), url="console:candidates", right="see_incidents"),
            Place(name=_("Failures"), url="console:failures", right="see_incidents"),
            Place(name=_("Early interventions"), url="console:interventions", right="see_incidents"),
            Place(name=_("Prediction"), url="console:prediction", right="see_incidents"),
            Place(name=_("Standards"), url="console:standards", right="see_incidents"),
            Place(name=_("Drafts and back-tests"), url="console:backtests", right="work_standards"),
            Place(name=_("Signals"), url="console:signals", right="feed"),
            Place(name=_("Closures"), url="console:closures", right="see_incidents"),
            Place(name=_("Held standards"), url="console:held", right="resume_standards"),
        ),
    ),
    Wing(
        key="recover",
        name=pgettext_lazy("wing", "Recover"),
        icon="hand-heart",
        places=(
            Place(name=_("Cases"), url="console:cases", right="see_cases"),
            Place(name=_("Approvals"), url="console:approvals", right="approve"),
            Place(name=_("Came up to you"), url="console:escalations", right="see_cases"),
            Place(name=_("Recharges"), url="console:recharges", right="recharge"),
            Place(name=_("Customers"), url="console:customers", right="see_customers"),
            Place(name=_("Replies and macros"), url="console:replies", right="work_cases"),
            Place(name=_("Teams"), url="console:teams", right="work_teams"),
            Place(name=_("Support to give"), url="console:support_give", right="work_teams"),
            Place(name=_("Budgets"), url="console:budgets", right="see_budgets"),
            Place(name=_("Money"), url="console:money", right="see_money"),
            Place(name=_("Vouchers"), url="console:vouchers", right="work_cases"),
        ),
    ),
    Wing(
        key="learn",
        name=pgettext_lazy("wing", "Learn"),
        icon="sprout",
        places=(
            Place(name=_("Costs and causes"), url="console:learn", right="see_learning"),
            Place(name=_("Lessons"), url="console:lessons", right="see_learning"),
        ),
    ),
)


OWN_PLACES: Final = (  # of every member of staff, in their own menu
    Place(name=_("My support"), url="console:support", right="report"),
    Place(name=_("Between colleagues"), url="console:inside", right="report"),
)
PARTS_OF: Final = {  # pages that have no place of their own in the bar, and where they belong
    "console:complaint": "console:customers",
    "console:splits": "console:approvals",
    "console:absences": "console:approvals",
}


class Surroundings:
    """What base.html needs to know, looked up only when a page asks for it."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.left_out: list[tuple[str | Promise, str]] = []  # what the address asks for and is not known: name, value

    @cached_property
    def deployment(self) -> Deployment:
        return deployment()

    @cached_property
    def now(self) -> datetime:
        """The deployment's present, once a request, so that one page never shows two presents."""
        return present(self.deployment)

    @cached_property
    def taxonomy(self) -> Taxonomy:
        """The pack's words for what customers are, as now in force; of a failure, its own version speaks."""
        return blueprint_of(version_in_force(self.deployment.blueprint_name).pk).taxonomy

    @cached_property
    def language(self) -> str:
        return language_of(translation.get_language() or "en")

    @property
    def company(self) -> str:
        return self.deployment.company_zh if self.language == "zh" else self.deployment.company_en

    @property
    def is_demo(self) -> bool:
        return self.deployment.kind == Deployment.Kind.DEMO

    @property
    def zone(self) -> str:
        """The zone's place, as in `New York`, in the language of the page."""
        return place_of(self.deployment.timezone, language_of(translation.get_language() or "en"))

    @property
    def theme(self) -> str:
        chosen = self.request.COOKIES.get(THEME_COOKIE, "system")
        return chosen if chosen in THEMES else "system"

    @property
    def next_theme(self) -> str:
        return THEMES[(THEMES.index(self.theme) + 1) % len(THEMES)]

    @property
    def here(self) -> str:
        """Where a form leads back to."""
        return reader_is_at(self.request)

    @property
    def looks_up(self) -> bool:
        """Whether this person may look up a caller."""
        return may(getattr(self.request.user, "role", ""), "see_customers")

    @property
    def reports(self) -> bool:
        """Whether this person may report a failure."""
        return may(getattr(self.request.user, "role", ""), "report")

    @property
    def writes_standards(self) -> bool:
        """Whether this person may draft standards."""
        return may(getattr(self.request.user, "role", ""), "work_standards")

    @cached_property
    def wings(self) -> list[dict[str, Any]]:
        """The wings with the places that this person may enter; the present one is marked."""
        role = getattr(self.request.user, "role", "")
        found = []
        for wing in WINGS:
            places = [
                {"name": place.name, "url": _at(place.url), "current": self._under(_at(place.url), wing)}
                for place in wing.places
                if may(role, place.right)
            ]
            if places:
                here = any(place["current"] for place in places)
                found.append({"wing": wing, "url": places[0]["url"], "places": places, "current": here})
        return found

    @cached_property
    def waiting(self) -> Waiting | None:
        """What waits for the person; None for a visitor."""
        user = self.request.user
        return waiting_for(user) if isinstance(user, Staff) else None

    @property
    def to_colleagues(self) -> int:
        """Support and cases between colleagues together, for the one mark in the bar."""
        it = self.waiting
        return it.offers + it.to_give + it.confidential if it else 0

    def _under(self, url: str, wing: Wing) -> bool:
        """Whether the page is at or below a place, and at no deeper place of the same wing."""
        path = self.request.path
        for part, place in PARTS_OF.items():
            if path.startswith(_at(part)):
                path = _at(place)
        deeper = [at for place in wing.places if len(at := _at(place.url)) > len(url)]
        return path.startswith(url) and not any(path.startswith(other) for other in deeper)


@cache
def _at(name: str) -> str:
    """The address of a place; every page asks for dozens of them, and they never change."""
    return reverse(name)


def surroundings(request: HttpRequest) -> dict[str, Any]:
    """The context processor: `frame` in every template."""
    return {"frame": getattr(request, "frame", None) or Surroundings(request)}


def language_for(staff: Staff) -> str:
    """In which language a member of staff reads until they switch."""
    return "zh-hans" if language_of(staff.locale) == "zh" else "en"


class Locality:
    """Middleware: a member of staff reads in their own language unless they switched, and in the deployment's zone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        frame = Surroundings(request)
        request.frame = frame  # type: ignore[attr-defined]  # set for the views of this request; parts.py reads it
        if not request.user.is_authenticated:
            return self._answer(request)
        if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
            chosen = language_for(request.user)
            translation.activate(chosen)
            request.LANGUAGE_CODE = chosen  # type: ignore[attr-defined]  # as LocaleMiddleware does
        try:
            zone = ZoneInfo(frame.deployment.timezone)
        except NotSetUp as error:
            return self.process_exception(request, error) or self._answer(request)
        with timezone.override(zone):
            return self._answer(request)

    def _answer(self, request: HttpRequest) -> HttpResponse:
        """The page; in words where an address takes only what a button sends."""
        answer = self.get_response(request)
        if not isinstance(answer, HttpResponseNotAllowed) or answer.content or request.path.startswith("/api/"):
            return answer
        said = _refusal(request, HTTPStatus.METHOD_NOT_ALLOWED)
        said["Allow"] = answer["Allow"]
        return said

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Not there and not to be seen are 404, lacking the right is 403, a page key of another list is 400."""
        answers = {
            NotFound: HTTPStatus.NOT_FOUND,
            NotAllowed: HTTPStatus.FORBIDDEN,
            BadCursor: HTTPStatus.BAD_REQUEST,
            NotSetUp: HTTPStatus.SERVICE_UNAVAILABLE,
        }
        status = answers.get(type(error))
        return None if status is None or request.path.startswith("/api/") else _refusal(request, status)


def _refusal(request: HttpRequest, status: HTTPStatus) -> HttpResponse:
    from amends.web.console.views.doors import refusal  # the doors' pages stand in this frame

    return refusal(request, status)


def staff_page(right: str | None = None) -> Callable[[View], View]:
    """A page for members of staff; with a right, only for those whose role has it."""

    def wrap(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return _to_the_door(request)
            if right is not None:
                require(staff_of(request), right)
            return view(request, *args, **kwargs)

        return guarded

    return wrap


def _to_the_door(request: HttpRequest) -> HttpResponse:
    """To signing in, and then back; where a part of a page asks, as its session has ended, the whole page goes."""
    door = redirect_to_login(reader_is_at(request))
    return HttpResponseClientRedirect(door.url) if asks_for_part(request) else door


def staff_of(request: HttpRequest) -> Staff:
    """The member of staff who asks."""
    assert isinstance(request.user, Staff)  # noqa: S101 -- staff_page lets nobody else through
    return request.user


def now_of(request: HttpRequest) -> datetime:
    """The deployment's present in this request."""
    return frame_of(request).now


def frame_of(request: HttpRequest) -> Surroundings:
    """What surrounds the page that is asked for."""
    frame: Surroundings = request.frame  # type: ignore[attr-defined]  # put there by Locality
    return frame
