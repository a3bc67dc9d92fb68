"""Every address by every role: who gets in, who is told no, and that "not there" and "not yours" are one answer."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client

from amends.monitor.core.candidate import CANDIDATE
from amends.monitor.models import Candidate, Closure
from amends.monitor.services.uploads import keep_upload
from amends.people.core.rights import ROLES, may
from amends.people.models import Absence, Staff, Unit
from amends.people.services import create_staff
from amends.recover import models
from amends.recover.core.bulk import BULK
from amends.recover.core.recharge import RECHARGE
from amends.recover.core.splits import PATTERN_WORDS, SPLIT
from amends.recover.models import Case
from amends.recover.services.attaching import attach_file
from amends.recover.services.supporting import ask_support
from amends.web.console.views import acts, customers, incidents, learn
from tests.web.addresses import CONSOLE, ELSEWHERE, MISSING, OPEN, PORTAL, Console, Thing, every_address, things
from tests.web.console.drafts import a_backtest
from tests.web.console.foreseen import a_model, interventions
from tests.web.console.world import NOON, NOW, airline
from tests.web.portal.mail import deliver_all, page_of

pytestmark = pytest.mark.django_db
PLACE = re.compile(r"<\w+:\w+>")
VARYING = re.compile(r"\b[A-Za-z0-9]{64}\b|\d+")  # the token of a form, and numbers such as the one asked for
ABOVE, BELOW = "XX", "XX-EWR"  # and beside it XX-JFK, which was hit too

ACTS: Mapping[str, Mapping[str, Any]] = {
    "cases/<int:case_id>/<str:act>/": acts.ON_CASE,
    "incidents/<int:incident_id>/<str:act>/": incidents.ACTS,
    "actions/<int:action_id>/<str:act>/": acts.ON_ACTION,
    "approvals/<int:approval_id>/<str:act>/": acts.ON_APPROVAL,
    "customers/<int:customer_id>/<str:act>/": customers.ACTS,
    "learn/lessons/<int:lesson_id>/<str:act>/": learn.ON_LESSON,
}


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody at a browser."""

    role: str
    unit: str
    client: Client

    def reaches(self, thing: Thing) -> bool:
        return thing.unit is None or thing.unit == self.unit or thing.unit.startswith(f"{self.unit}-")


@pytest.fixture
def people() -> list[Person]:
    """The airline's world, and of each role one person above the units that were hit and one in one of them."""
    cache.clear()  # forms sent and failed sign-ins are counted there
    airline()
    fill()
    units = {unit.code: unit for unit in Unit.objects.all()}
    return [
        Person(role=role, unit=code, client=_signed_in(role, units[code])) for role in ROLES for code in (ABOVE, BELOW)
    ]


def fill() -> None:
    """Something of all that an address can name: of each unit that was hit, or of a person whom nobody here may see."""
    somebody = create_staff(
        email="x@every.test", name="Lou Roe", role="executive", unit=None, now=NOON, acting_user=None
    )
    cases = [Case.objects.select_related("customer", "unit").get(pk=thing.pk) for thing in things("case")]
    for case, other in zip(cases, reversed(cases), strict=True):
        assert case.unit is not None
        attach_file(case.pk, name="seen.txt", data=b"What I saw", acting_user=case.customer, now=NOW)
        models.CaseLink.objects.create(case=case, other=other, kind=models.CaseLink.Kind.RELATED, at=NOW, by=somebody)
        Closure.objects.create(
            unit=case.unit,
            starts_at=NOW,
            ends_at=NOW + timedelta(days=1),
            reason_en="Works.",
            reason_zh="施工。",
            entered_by=somebody,
            entered_at=NOW,
        )
        Candidate.objects.create(
            key=f"{case.pk}",
            basis="words",
            state=CANDIDATE.initial,
            kind=case.kind,
            unit=case.unit,
            why_id=case.what_happened_id,
            began_at=NOW,
            last_at=NOW,
            blueprint_id=case.blueprint_id,
        )
        models.Team.objects.create(name_en="Amends", name_zh="补救", unit=case.unit)
        models.UndoStep.objects.create(case=case, act="note", at=NOW, by=somebody, version=case.version)
        given = {"case": case, "unit": case.unit, "currency": "USD"}
        models.RechargeClaim.objects.create(**given, amount=100, state=RECHARGE.initial, opened_at=NOW)
        models.Split.objects.create(
            **given,
            key=f"{case.pk}",
            pattern=next(iter(PATTERN_WORDS)),
            state=SPLIT.initial,
            customer=case.customer,
            granter=somebody,
            total=100,
            found_at=NOW,
            why_id=case.what_happened_id,
        )
    a_backtest(somebody)
    interventions(a_model(), of=("XX-EWR", "XX-JFK"))
    case = cases[0]
    models.BulkRun.objects.create(act="note", state=BULK.initial, by=somebody, prepared_at=NOW)
    models.SavedView.objects.create(name="Mine", owner=somebody, query="")
    models.Notice.objects.create(staff=somebody, case=case, what="mention", key="1", en="Look", zh="请看", at=NOW)
    feeder = create_staff(email="f@every.test", name="Fu Ed", role="manager", unit=None, now=NOON, acting_user=None)
    keep_upload(
        [b"id,type,subject,time\n1,t,S,2026-03-02 09:00\n"], name="a.csv", zone="UTC", acting_user=feeder, now=NOW
    )
    ask_support(form="a" * 32, kind="talk", words="", acting_user=somebody, now=NOW)
    Absence.objects.create(staff=somebody, starts_at=NOW, ends_at=NOW + timedelta(days=1), entered_at=NOW)


def _signed_in(role: str, unit: Unit) -> Client:
    email = f"{role}.{unit.code}@every.test".lower()
    staff: Staff = create_staff(email=email, name="Kim Doe", role=role, unit=unit, now=NOON, acting_user=None)
    client = Client()
    client.force_login(staff)
    client.cookies["django_language"] = "en"
    return client


@contextmanager
def undone() -> Iterator[None]:
    """What is done in here is not done afterwards."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def address(route: str, *values: object) -> str:
    """The path of a route with its places filled in, one after the other."""
    left = iter(values)
    return "/" + PLACE.sub(lambda _place: str(next(left)), route)


def ask(client: Client, row: Console, path: str) -> tuple[int, Any]:
    """The status of one request, 401 for a way to the sign-in page, and the answer."""
    with undone():
        answer = client.generic(row.method, path)
    where = answer.get("Location", "")
    return 401 if where.startswith("/accounts/login/") else answer.status_code, answer


def said(client: Client, row: Console, path: str) -> tuple[int, str]:
    """The status of one request, and what the page says but for what names the row."""
    status, answer = ask(client, row, path)
    return status, VARYING.sub("", b"".join(answer).decode().replace(path, ""))


def paths(route: str, row: Console, pk: int) -> list[str]:
    """The path of a page about a row, or of each act on it."""
    places = [name for _kind, name in re.findall(r"<(\w+):(\w+)>", route)]
    return [
        address(route, *(act if name == "act" and act else row.filled.get(name, pk) for name in places))
        for act in row.acts or ("",)
    ]


def test_every_address_there_is_has_its_row_and_every_row_its_address() -> None:
    assert sorted(every_address()) == sorted([*CONSOLE, *ELSEWHERE, *PORTAL, *OPEN])


def test_every_act_there_is_has_its_place_in_a_row() -> None:
    assert {route for route, row in CONSOLE.items() if row.acts} == set(ACTS)
    for route, known in ACTS.items():
        assert CONSOLE[route].acts == tuple(known), route


def test_each_role_gets_in_by_its_rights_and_each_unit_to_what_is_its_own(people: list[Person]) -> None:
    wrong = []
    for route, row in CONSOLE.items():
        # a right opens all acts, and a unit closes all: one of those who have the right and a unit tries each of them
        thorough = next(one for one in people if one.unit == BELOW and (row.right is None or may(one.role, row.right)))
        for person in people:
            for thing, expected in asked_of(person, row, as_one_above=person.role == thorough.role):
                every = paths(route, row, thing.pk)
                for path in every if person is thorough else every[:1]:
                    status, _ = ask(person.client, row, path)
                    if status != expected:
                        wrong.append((person.role, person.unit, path, status, expected))
    assert not wrong, "\n".join(map(str, wrong))


def asked_of(person: Person, row: Console, *, as_one_above: bool) -> list[tuple[Thing, int]]:
    """What this person is to try at an address, and the right answer: all things; one, if the role is told no, as it
    is in whatever unit; and what is above a unit's own, in one role for all, as it opens in whatever role."""
    all_of_it = things(row.of) if row.of else [Thing(pk=0, unit=None)]
    if row.right is not None and not may(person.role, row.right):
        return [(all_of_it[0], 403)] if person.unit == ABOVE else []
    if row.whole and person.unit == BELOW:
        return [(all_of_it[0], 403)]
    if person.unit == ABOVE and not (row.whole or as_one_above):
        return []
    some = all_of_it[:1] if person.unit == ABOVE else all_of_it
    return [(thing, row.status if person.reaches(thing) else 404) for thing in some]


def test_what_is_not_yours_looks_just_like_what_is_not_there(people: list[Person]) -> None:
    seen = set()
    nothing: dict[str, tuple[int, str]] = {}  # whatever the act on what is not there, the answer is one
    for route, row in CONSOLE.items():
        person = next(one for one in people if one.unit == BELOW and (row.right is None or may(one.role, row.right)))
        for thing in things(row.of) if row.of else ():
            if not person.reaches(thing):
                seen.add(row.of)
                for path, missing in zip(paths(route, row, thing.pk), paths(route, row, MISSING), strict=True):
                    if route not in nothing:
                        nothing[route] = said(person.client, row, missing)
                    assert nothing[route][0] == 404, missing
                    assert said(person.client, row, path) == nothing[route], path
    assert seen == {row.of for row in CONSOLE.values()} - {"", "customer", "backtest"}  # these are the whole company's


def test_a_stranger_is_asked_to_sign_in_everywhere_in_the_console(client: Client) -> None:
    for route, row in CONSOLE.items():
        for path in paths(route, row, 1):
            assert ask(client, row, path)[0] == 401, path


def test_acts_are_done_by_post_alone(client: Client) -> None:
    for route, row in CONSOLE.items():
        if row.method == "POST":
            for path in paths(route, row, 1):
                assert client.get(path).status_code == 405, path


def test_lists_hold_what_is_of_ones_units_and_nothing_else(people: list[Person]) -> None:
    cases = Case.objects.select_related("customer", "unit")
    units = {case.customer.name: Thing(pk=case.pk, unit=case.unit.code) for case in cases if case.unit}
    assert {thing.unit for thing in units.values()} == {"XX-JFK", "XX-EWR"}
    for person in people:
        sees = may(person.role, "see_cases")
        pages = {path: person.client.get(path).content.decode() for path in ("/cases/", "/approvals/", "/")}
        for name, thing in units.items():
            if not sees or not person.reaches(thing):
                assert [path for path, page in pages.items() if name in page] == [], (person, name)
            else:
                assert name in pages["/cases/"], (person, name)


def test_the_customers_page_opens_to_its_key_and_to_nothing_else(people: list[Person]) -> None:
    deliver_all()
    key = page_of(Case.objects.select_related("customer").order_by("pk")[0]).removeprefix("/mine/")
    for client in (Client(), *(person.client for person in people if person.unit == ABOVE)):
        for route, (method, sent, status) in PORTAL.items():
            cache.clear()  # the forms of a page are counted
            with undone():
                send = client.post if method == "POST" else client.get
                assert send(address(route, key, MISSING), sent).status_code == status, route
                for wrong in (f"{key[:-1]}-", f"case:{MISSING}", "nonsense"):
                    assert send(address(route, wrong, MISSING), sent).status_code == 404, (route, wrong)


def test_what_is_open_to_all_and_what_sees_to_signing_in(people: list[Person]) -> None:
    wrong = []
    for route, expected in OPEN.items():
        path = "/" + re.sub(r"\(\?P<\w+>[^)]*\)|<\w+:\w+>", "x", route.replace("^", "").replace("$", ""))
        statuses = (Client().get(path).status_code, people[0].client.get(path).status_code)
        if statuses != expected:
            wrong.append((route, statuses, expected))
    assert wrong == []
