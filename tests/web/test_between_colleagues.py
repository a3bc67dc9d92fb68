"""A case between colleagues, over every address and operation: to everybody outside its circle it is not there."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.utils import timezone

from amends.monitor.services import record_findings
from amends.people.core.rights import may
from amends.people.core.scopes import SCOPES
from amends.people.models import Staff, Unit
from amends.people.services import create_api_token, create_staff
from amends.policy.selectors import deployment, version_in_force
from amends.policy.services import set_present
from amends.recover.core.support import KINDS
from amends.recover.models import Case, UndoStep
from amends.recover.services import open_cases, report_inside, take_case, write_note
from amends.recover.services.attaching import attach_file
from tests.web.addresses import CONSOLE, MISSING, Console
from tests.web.api.doors import DOORS, Door
from tests.web.console.world import NOON, NOW, World, airline

pytestmark = pytest.mark.django_db
WORDS: Final = "The kettle in the crew room has been broken for a week."
PLACE: Final = re.compile(r"<\w+:(\w+)>")
VARYING: Final = re.compile(
    r'[0-9a-f]{32}|name="csrfmiddlewaretoken" value="[^"]*"|"X-CSRFToken": "[^"]*"|nonce="[^"]*"'
)
NOT_LISTS: Final = ("monitor/board/live/",)  # a stream of the moment


@pytest.fixture
def world() -> World:
    cache.clear()
    return airline()


def outsiders(world: World) -> list[Staff]:
    """One of each role above and beside the unit, the accused, and an executive who reaches the whole company."""
    whole = create_staff(email="w@inside.test", name="Wo Le", role="executive", unit=None, now=NOON, acting_user=None)
    boss = create_staff(email="m@inside.test", name="Ma Ge", role="manager", unit=None, now=NOON, acting_user=None)
    return [world.staff[role] for role in ("front_line", "supervisor", "quality_owner", "executive")] + [whole, boss]


def quill() -> Staff:
    """Whoever tells."""
    unit = Unit.objects.get(code="XX-EWR")
    found = Staff.objects.filter(email="zo@inside.test").first()
    return found or create_staff(
        email="zo@inside.test", name="Zo Quill", role="front_line", unit=unit, now=NOON, acting_user=None
    )


def told(world: World) -> Case:
    """A case with something of all that can hang on one."""
    me = quill()
    given = {"form": uuid4().hex, "kind": "equipment_not_repaired", "unit": Unit.objects.get(code="XX"), "words": WORDS}
    case = report_inside(about=world.staff["supervisor"], acting_user=me, now=NOW, **given)
    boss = world.staff["manager"]
    assert case.owner == boss
    Case.every.filter(pk=case.pk).update(owner=None)
    take_case(case.pk, acting_user=boss, now=NOW)
    attach_file(case.pk, name="seen.txt", data=b"What I saw", acting_user=boss, now=NOW)
    write_note(case.pk, body="Quill is right.", acting_user=boss, now=NOW)
    case.refresh_from_db()
    return case


def found(world: World) -> Case:
    """The same, found by the monitor."""
    quill()
    finding = {
        "standard": "help-answered", "subject": "request/17", "what": "breached", "at": NOW, "due": NOW,
        "opened_at": NOW, "opening_id": "17", "opening_source": "desk", "customer": "zo@inside.test", "unit": "XX",
    }  # fmt: skip
    recorded = record_findings([finding], version=version_in_force(deployment().blueprint_name), now=NOW)
    open_cases(sorted(recorded.incidents), now=NOW)
    case = Case.every.get(confidential=True)
    boss = world.staff["manager"]
    Case.every.filter(pk=case.pk).update(owner=None)
    take_case(case.pk, acting_user=boss, now=NOW)
    attach_file(case.pk, name="seen.txt", data=b"What I saw", acting_user=boss, now=NOW)
    case.refresh_from_db()
    return case


def rows_of(case: Case) -> dict[str, int]:
    """The rows of the case that an address can name."""
    failure = case.case_failures.select_related("failure").get().failure
    rows = {
        "case": case.pk,
        "customer": case.customer_id,
        "failure": failure.pk,
        "incident": case.incident_id or 0,
        "action": case.actions.order_by("pk")[0].pk,
        "attachment": case.attachments.get().pk,
        "undo": UndoStep.objects.filter(case=case).order_by("pk")[0].pk,
    }
    assert all(rows.values())
    return rows


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def browser(staff: Staff) -> Client:
    client = Client()
    client.force_login(staff)
    client.cookies["django_language"] = "en"
    return client


def said(client: Client, method: str, path: str) -> tuple[int, str]:
    with undone():
        answer = client.generic(method, path)
    text = VARYING.sub("", b"".join(answer).decode().replace(path, ""))
    return answer.status_code, re.sub(r"\d+", "", text)


def path_of(route: str, row: Console, pk: int, act: str) -> str:
    return "/" + PLACE.sub(lambda place: str(row.filled.get(place[1], act if place[1] == "act" and act else pk)), route)


@pytest.mark.parametrize("opened", [told, found])
def test_by_every_address_of_the_console_it_is_not_there(world: World, opened: Callable[[World], Case]) -> None:
    case, people = opened(world), outsiders(world)
    people = people[1:6:2] if opened is told else people[1:4]
    rows, tried = rows_of(case), set()
    for staff in people:
        client = browser(staff)
        nothing: dict[str, tuple[int, str]] = {}  # whatever the act on what is not there, the answer is one
        for route, row in CONSOLE.items():
            if row.of not in rows or (row.right is not None and not may(staff.role, row.right)):
                continue
            for act in row.acts or ("",):
                here, nowhere = (path_of(route, row, pk, act) for pk in (rows[row.of], MISSING))
                if route not in nothing:
                    nothing[route] = said(client, row.method, nowhere)
                answer = said(client, row.method, here)
                assert answer == nothing[route], (staff.role, here)
                assert answer[0] == 404, (staff.role, here)
                tried.add(row.of)
    assert tried == set(rows)


def pages(staff: Staff) -> dict[str, str]:
    """Every page that names no row, and what one may look for; as of one moment."""
    client, found = browser(staff), {}
    for route, row in CONSOLE.items():
        if row.of or row.method != "GET" or "<" in route or route in NOT_LISTS:
            continue
        if row.right is None or may(staff.role, row.right):
            seeks = route in {"search/", "palette/", "cases/", "customers/", "customers/callers/"}
            for query in ("", *(f"?q={word}" for word in ("kettle", "Quill", "N-") if seeks)):
                set_present(now=NOW, machine_now=timezone.now())
                found[f"/{route}{query}"] = client.get(f"/{route}{query}").content.decode()
    return found


@pytest.mark.parametrize("opened", [told, found])
def test_no_page_no_list_no_count_and_no_search_changes_for_anybody_outside(
    world: World, opened: Callable[[World], Case]
) -> None:
    quill()
    accused, quality_owner, _, whole_company, _ = outsiders(world)[1:]
    people = [accused, quality_owner, whole_company] if opened is told else [whole_company]
    before = {staff.pk: pages(staff) for staff in people}
    case = opened(world)
    cache.clear()
    for staff in people:
        after = pages(staff)
        for path, text in before[staff.pk].items():
            assert case.subject not in after[path], (staff.role, path)
            assert WORDS not in after[path], (staff.role, path)
            assert _counts(after[path]) == _counts(text), (staff.role, path)
        found = browser(staff).get(f"/palette/?q={case.pk}").content.decode()
        assert f"/cases/{case.pk}/" not in found


def _counts(page: str) -> list[str]:
    """All figures of a page, in order; the ids of accounts that stand in forms are none."""
    return re.findall(r"\d+", re.sub(r"<[^>]*>", " ", page))


def token(staff: Staff) -> str:
    scopes = [scope for scope, right in SCOPES.items() if may(staff.role, right)]
    return create_api_token(staff, name="all", scopes=scopes, now=timezone.now())[1]


def knock(client: Client, door: Door, path: str, secret: str) -> tuple[int, str]:
    body = door.send if isinstance(door.send, str) else json.dumps(door.send) if door.send is not None else ""
    form = door.form or "application/json"
    with undone():
        answer: Any = client.generic(
            door.method, f"/api/v1{path}", body, content_type=form, headers={"Authorization": f"Bearer {secret}"}
        )
    return answer.status_code, answer.content.decode()


def test_by_every_operation_of_the_api_it_is_not_there_and_in_no_list(world: World) -> None:
    case = told(world)
    rows, client, tried = rows_of(case), Client(), set()
    for staff in outsiders(world)[1:6:2]:  # the accused, an executive of the unit above, a manager of the whole
        secret = token(staff)
        for door in DOORS:
            if not may(staff.role, SCOPES[door.scope]):
                continue
            cache.clear()
            place = re.search(r"\{(\w+)_id\}", door.template)
            if place is None:
                if door.method == "GET":
                    for query in (door.query, "?limit=200"):
                        text = knock(client, door, door.template + query, secret)[1]
                        assert case.subject not in text, (staff.role, str(door))
                        assert "Quill" not in text, (staff.role, str(door))
                continue
            if place[1] not in rows:
                continue
            template = re.sub(r"\{\w+_id\}", "{}", door.template).replace("{item}", "travels-on") + door.query
            answer = knock(client, door, template.format(rows[place[1]]), secret)
            nothing = knock(client, door, template.format(MISSING), secret)
            assert answer[0] == nothing[0] == 404, (staff.role, str(door), answer)
            assert re.sub(r"\d+", "", answer[1]) == re.sub(r"\d+", "", nothing[1]), (staff.role, str(door))
            tried.add(place[1])
        for filtered in ("/cases?customer={customer}", "/cases?incident={incident}", "/actions?case={case}"):
            answer = knock(client, Door(method="GET", template="", scope=""), filtered.format(**rows), secret)
            assert answer[0] == 404, (staff.role, filtered, answer)
    assert tried == set(rows) - {"undo"}


def test_whoever_answers_it_works_on_it_by_page_and_by_api(world: World) -> None:
    case, boss = told(world), world.staff["manager"]
    client = browser(boss)
    page = client.get(f"/cases/{case.pk}/")
    assert page.status_code == 200
    assert WORDS in page.content.decode()
    assert "Confidential: seen by Fang Wang and" in page.content.decode()
    assert client.get(f"/customers/{case.customer_id}/").status_code == 404
    listed = knock(Client(), Door(method="GET", template="", scope=""), "/inside", token(boss))
    assert [one["id"] for one in json.loads(listed[1])["items"]] == [case.pk]


def test_whoever_told_follows_it_on_the_customers_page(world: World) -> None:
    case = told(world)
    person = Staff.objects.get(email="zo@inside.test")
    client = browser(person)
    page = client.get("/inside/").content.decode()
    link = re.search(r'href="(/mine/[^"]+)"', page)
    assert link is not None
    own = Client().get(link[1])
    assert own.status_code == 200
    assert "Quill is right." not in own.content.decode()
    assert client.get(f"/cases/{case.pk}/").status_code == 404


def test_told_in_two_clicks_and_refused_where_it_does_not_fit(world: World) -> None:
    client = browser(world.staff["front_line"])
    page = client.get("/inside/").content.decode()
    assert page.count('name="kind"') == 9
    form = re.search(r'name="form" value="([0-9a-f]{32})"', page)
    assert form is not None
    sent = {"form": form[1], "kind": "roster_late"}
    assert client.post("/inside/", sent).status_code == 302
    assert client.post("/inside/", sent).status_code == 302
    assert Case.every.filter(confidential=True).count() == 1
    for wrong in ({"kind": "slow"}, {"unit": "NOWHERE"}, {"about": "1234567"}, {"kind": ""}):
        assert client.post("/inside/", sent | {"form": uuid4().hex} | wrong).status_code == 422, wrong


def test_customers_are_never_offered_what_is_between_colleagues(world: World) -> None:
    client = browser(world.staff["front_line"])
    for path in ("/report/", "/complaints/new/", "/failures/"):
        assert "roster_late" not in client.get(path).content.decode(), path


def test_asking_offering_and_answering_on_the_pages(world: World) -> None:
    me, boss = browser(world.staff["front_line"]), browser(world.staff["supervisor"])
    for kind, words in zip(KINDS, ("Ten minutes.", "", "", ""), strict=True):
        asked = me.post("/support/", {"form": uuid4().hex, "kind": kind, "words": words})
        assert asked.status_code == 302
    assert me.post("/support/", {"form": uuid4().hex, "kind": "gold"}).status_code == 422
    mine = me.get("/support/").content.decode()
    assert "Sam Carter" in mine
    to_give = boss.get("/support/give/").content.decode()
    assert "Ten minutes." in to_give
    for path in re.findall(r'action="(/support/\d+/accept/)"', to_give):
        assert boss.post(path).status_code == 302
        assert boss.post(path.replace("accept", "do")).status_code == 302
    done = re.findall(r'action="(/support/\d+/say/)"', me.get("/support/").content.decode())
    assert len(done) == 4
    assert me.post(done[0], {"helped": "5", "words": "Good."}).status_code == 302
    assert "Helped: 5 of 5" in boss.get("/support/give/").content.decode()
    offered = {"form": uuid4().hex, "kind": "thanks", "to": world.staff["front_line"].pk, "words": "Well done."}
    assert boss.post("/support/give/", offered).status_code == 302
    assert "Well done." in me.get("/support/").content.decode()
    other = browser(world.elsewhere)
    assert other.post(done[0].replace("say", "do")).status_code == 404
    assert other.post("/support/give/", offered | {"form": uuid4().hex}).status_code == 404


def test_a_case_offers_to_ask_and_says_nothing_of_it_afterwards(world: World) -> None:
    client, case = browser(world.staff["front_line"]), world.case_to_call
    path = f"/cases/{case.pk}/"
    form = re.search(
        r'name="form" value="([0-9a-f]{32})"><input type="hidden" name="case"', client.get(path).content.decode()
    )
    assert form is not None
    sent = {"form": form[1], "kind": "talk", "words": "It shook me.", "case": case.pk, "next": path}
    assert client.post("/support/", sent)["Location"] == path
    client.get(path)
    assert "It shook me." not in browser(world.staff["manager"]).get(path).content.decode()
    assert "It shook me." not in client.get(path).content.decode()


def test_what_it_comes_to_is_for_the_confidant_alone_and_gives_nobody_away(world: World) -> None:
    me, unit = quill(), Unit.objects.get(code="XX")
    for kind, times in (("equipment_not_repaired", 5), ("roster_late", 1)):
        for _ in range(times):
            report_inside(form=uuid4().hex, kind=kind, unit=unit, words="", about=None, acting_user=me, now=NOW)
    confidant = create_staff(
        email="c@inside.test", name="Co Fi", role="quality_owner", unit=None, now=NOON, acting_user=None
    )
    page = browser(confidant).get("/inside/").content.decode()
    summary = page[page.index('id="summary"') : page.index("<form", page.index('id="summary"'))]
    assert re.search(r"Equipment or system not put right</th><td[^>]*>.*?5</td>", summary, re.DOTALL)
    assert "Roster" not in summary  # one case would say whose it is
    assert "in all" not in summary  # and so would the sum
    for staff in [*outsiders(world), me]:
        if staff.role != "quality_owner":
            assert 'id="summary"' not in browser(staff).get("/inside/").content.decode(), staff
