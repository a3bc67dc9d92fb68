"""Every operation by every role and unit, on rows that are there: what is not yours is answered as what is not there.

The doors are those of `doors.py`, which `test_access.py` holds against the description; a new one is tried here too.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from amends.people.core.rights import ROLES, may
from amends.people.core.scopes import SCOPES
from amends.people.models import Unit
from amends.people.services import create_api_token, create_staff
from amends.recover.models import Case
from amends.recover.services.attaching import attach_file
from tests.web.addresses import Thing, things
from tests.web.console.world import NOON, NOW, airline

from .doors import DOORS, Door, description

Ask = Callable[..., Any]
MISSING = 4_242_424_242
ITEM = "travels-on"  # of the checklists; only some cases have it
NAMES_ANOTHER = {"/cases/{case_id}/merge", "/cases/{case_id}/links"}  # in its body, and that one is not there
LISTED = ("customer", "failure", "incident", "case", "approval", "recharge")  # the lists of what has an id and a unit
OF_PERSONS = {"run", "absence", "view", "support"}  # rows of whoever made them; tried where they are at home
PLACE = re.compile(r"\{(\w+)_id\}")
ABOVE, BELOW = "XX", "XX-EWR"  # and beside it XX-JFK, which was hit too
QUERIES: Mapping[str, tuple[tuple[str, str], ...]] = {  # the rows that a list's query names: parameter, kind of row
    "/cases": (("incident", "incident"), ("customer", "customer")),
    "/failures": (("incident", "incident"), ("customer", "customer")),
    "/actions": (("case", "case"),),
}


@pytest.fixture
def tokens(db: None) -> dict[tuple[str, str], str]:
    """The airline's world; for each role and for two units a token with all the scopes that the role allows."""
    airline()
    for thing in things("case"):
        case = Case.objects.select_related("customer").get(pk=thing.pk)
        attach_file(case.pk, name="seen.txt", data=b"What I saw", acting_user=case.customer, now=NOW)
    units = {unit.code: unit for unit in Unit.objects.all()}
    return {(role, code): _token(role, units[code]) for role in ROLES for code in (ABOVE, BELOW)}


def _token(role: str, unit: Unit) -> str:
    email = f"{role}.{unit.code}@every.test".lower()
    staff = create_staff(email=email, name="Kim Doe", role=role, unit=unit, now=NOON, acting_user=None)
    scopes = [scope for scope, right in SCOPES.items() if may(role, right)]
    return create_api_token(staff, name="all", scopes=scopes, now=timezone.now())[1]


@contextmanager
def undone() -> Iterator[None]:
    """What is done in here is not done afterwards."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def knock(ask: Ask, door: Door, secret: str, path: str) -> Any:
    with undone():
        return ask(door.method, path, secret, send=door.send, form=door.form)


def named(door: Door) -> list[tuple[str, str]]:
    """The paths of a door that name a row, each with a place to fill in, and the kind of row."""
    if found := PLACE.search(door.template):
        if found[1] in OF_PERSONS or found[1] == "standard":  # a standard is of no unit
            return []
        return [(PLACE.sub("{}", door.template).replace("{item}", ITEM) + door.query, found[1])]
    if door.method != "GET":
        return []
    return [(f"{door.template}?{parameter}={{}}", of) for parameter, of in QUERIES.get(door.template, ())]


def reaches(unit: str, thing: Thing) -> bool:
    return thing.unit is None or thing.unit == unit or thing.unit.startswith(f"{unit}-")


def test_each_role_opens_the_doors_of_its_rights_and_no_others(ask: Ask, tokens: dict[tuple[str, str], str]) -> None:
    for door in DOORS:
        for (role, unit), secret in tokens.items():
            if unit == ABOVE and not _of_the_books(door):
                continue  # what a unit opens is tried below, row by row; here it makes a difference to the books alone
            answer = knock(ask, door, secret, door.path)
            refused = not may(role, SCOPES[door.scope]) or _for_all(door) or (unit == BELOW and _of_the_books(door))
            assert (answer.status_code == 403) == refused, (role, str(door))
            assert answer.status_code < 500, (role, str(door))


def _for_all(door: Door) -> bool:
    """What is written here belongs to the whole company, and these accounts have a unit."""
    return door.scope in {"write:customers", "write:roster"}


def _of_the_books(door: Door) -> bool:
    """The books are for whoever reaches the whole company, by no unit or by the root."""
    return door.template.startswith("/ledger/")


def test_a_row_is_there_for_its_unit_and_those_above_and_for_nobody_else(
    ask: Ask, tokens: dict[tuple[str, str], str]
) -> None:
    tried = set()
    for door in DOORS:
        role = next(role for role in ROLES if may(role, SCOPES[door.scope]))
        for template, of in named(door):
            for thing in things(of):
                for unit in (ABOVE, BELOW):
                    path = template.format(thing.pk)
                    status = knock(ask, door, tokens[role, unit], path).status_code
                    if not reaches(unit, thing) or not (ITEM in path or door.template in NAMES_ANOTHER):
                        assert (status == 404) == (not reaches(unit, thing)), (str(door), path, unit, status)
                    tried.add((of, status == 404))
    assert {of for of, refused in tried if refused} == {of for of, _ in tried} - {"customer"}


def test_what_is_not_yours_is_answered_as_what_is_not_there(ask: Ask, tokens: dict[tuple[str, str], str]) -> None:
    def said(door: Door, path: str, secret: str) -> tuple[int, str]:
        answer = knock(ask, door, secret, path)
        return answer.status_code, re.sub(r"\d+", "", answer.content.decode())

    for door in DOORS:
        secret = tokens[next(role for role in ROLES if may(role, SCOPES[door.scope])), BELOW]
        for template, of in named(door):
            for thing in things(of):
                if not reaches(BELOW, thing):
                    not_there = said(door, template.format(MISSING), secret)
                    assert not_there[0] == 404
                    assert said(door, template.format(thing.pk), secret) == not_there, (str(door), thing)


def test_lists_hold_what_is_of_ones_units_and_nothing_else(ask: Ask, tokens: dict[tuple[str, str], str]) -> None:
    for door in DOORS:
        of = door.template.strip("/").removesuffix("s")
        if door.method != "GET" or of not in LISTED:
            continue
        role = next(role for role in ROLES if may(role, SCOPES[door.scope]))
        for unit in (ABOVE, BELOW):
            items = ask("GET", f"{door.template}?limit=200", tokens[role, unit]).json()["items"]
            listed = {item["id"] for item in items}
            for thing in things(of):
                assert (thing.pk in listed) == reaches(unit, thing), (str(door), unit, thing)


def test_every_row_that_a_query_names_is_tried() -> None:
    ids = {
        (path, one["name"])
        for path, methods in description().items()
        for one in methods.get("get", {}).get("parameters", [])
        if one["in"] == "query" and one["name"] not in {"limit", "owner"} and "integer" in str(one["schema"])
    }
    assert ids == {(path, parameter) for path, asked in QUERIES.items() for parameter, _of in asked}
