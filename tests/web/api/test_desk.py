"""The case desk over the API: what people can do in the console, machines can do by the same rules."""

from typing import Any

import pytest

from amends.people.models import Customer, Staff, Unit
from amends.recover.models import BulkRun, Case
from amends.recover.services import carry_out_bulk, open_cases
from tests import stories


@pytest.fixture
def pair(db: None) -> list[Case]:
    """Two cases of one customer."""
    place = stories.company()
    first = stories.broken_flights(place, seats=1)
    someone = list(Customer.objects.values_list("pk", flat=True))
    open_cases([*first, *stories.broken_flights(place, prefix="G", customers=someone)], now=stories.NOW)
    return list(Case.objects.order_by("pk"))


@pytest.fixture
def secret(pair: list[Case]) -> str:
    """A supervisor's token."""
    return secret_of("supervisor")


def secret_of(role: str) -> str:
    """A token of somebody of this role, with all scopes that it may have."""
    from django.utils import timezone

    from amends.people.core.rights import may
    from amends.people.core.scopes import SCOPES
    from amends.people.services import create_api_token

    scopes = [scope for scope, right in SCOPES.items() if may(role, right)]
    return create_api_token(stories.staff(role), name="test", scopes=scopes, now=timezone.now())[1]


def test_cases_are_merged_and_split_again(ask: Any, pair: list[Case], secret: str) -> None:
    case, into = pair
    merged = ask("POST", f"/cases/{case.pk}/merge", secret, send={"into": into.pk, "note": "twice"})
    assert merged.status_code == 200
    assert merged.json()["id"] == into.pk
    again = ask("POST", f"/cases/{case.pk}/merge", secret, send={"into": into.pk})
    assert again.status_code == 409
    links = ask("GET", f"/cases/{into.pk}/links", secret).json()["items"]
    assert [(one["case"], one["other"], one["kind"]) for one in links] == [(case.pk, into.pk, "merged_into")]
    failure = into.case_failures.filter(moved_to=None).order_by("pk")[0].failure_id
    split = ask("POST", f"/cases/{into.pk}/split", secret, send={"failures": [failure]})
    assert split.status_code == 201
    assert split.json()["customer"]["id"] == into.customer_id


def test_cases_are_linked_handed_over_and_assigned(ask: Any, pair: list[Case], secret: str) -> None:
    case, other = pair
    colleague = stories.staff("front_line")
    link = ask("POST", f"/cases/{case.pk}/links", secret, send={"other": other.pk, "kind": "caused_by"})
    assert link.status_code == 201
    assert (
        ask("POST", f"/cases/{case.pk}/links", secret, send={"other": other.pk, "kind": "caused_by"}).status_code == 409
    )
    handed = ask("POST", f"/cases/{case.pk}/hand-over", secret, send={"to_staff": colleague.pk, "note": "yours"})
    assert (handed.json()["to_staff"], handed.json()["note"]) == (colleague.pk, "yours")
    nobody = ask("POST", f"/cases/{other.pk}/hand-over", secret, send={"note": "whose?"})
    assert nobody.status_code == 409
    assigned = ask("POST", f"/cases/{other.pk}/assign", secret, send={"to_staff": colleague.pk})
    assert assigned.json()["how"] == "assigned"
    assert ask("POST", f"/cases/{other.pk}/assign", secret, send={}).status_code == 409  # no queue fits


def test_many_are_prepared_run_and_read(ask: Any, pair: list[Case], secret: str) -> None:
    ids = [case.pk for case in pair]
    run = ask("POST", "/bulk", secret, send={"act": "message", "cases": ids, "subject": "a", "body": "b"})
    assert run.status_code == 201
    assert [(row["case"], row["state"]) for row in run.json()["rows"]] == [(pk, "waiting") for pk in ids]
    at = f"/bulk/{run.json()['id']}"
    assert ask("POST", f"{at}/run", secret).json()["state"] == "running"
    carry_out_bulk(run.json()["id"], now=stories.NOW)
    found = ask("GET", at, secret).json()
    assert found["state"] == "finished"
    assert {row["state"] for row in found["rows"]} == {"done"}
    assert ask("POST", f"{at}/cancel", secret).status_code == 409
    assert ask("POST", "/bulk", secret, send={"act": "message", "cases": ids}).status_code == 409


def test_of_a_run_one_reads_what_is_still_within_reach(ask: Any, pair: list[Case], secret: str) -> None:
    ids = [case.pk for case in pair]
    run = ask("POST", "/bulk", secret, send={"act": "message", "cases": ids, "subject": "a", "body": "b"}).json()
    assert [row["case"] for row in run["rows"]] == ids
    away = Unit.objects.create(code="AWAY", name_en="Away", name_zh="别处", path="/AWAY/")
    Case.objects.filter(pk=ids[0]).update(unit=away)
    Staff.objects.filter(pk=BulkRun.objects.get().by_id).update(unit=pair[1].unit)
    assert [row["case"] for row in ask("GET", f"/bulk/{run['id']}", secret).json()["rows"]] == ids[1:]


def test_a_case_out_of_reach_is_not_there_for_any_of_it(ask: Any, pair: list[Case]) -> None:
    from django.utils import timezone

    from amends.people.models import Unit
    from amends.people.services import create_api_token

    elsewhere = Unit.objects.create(code="X", name_en="X", name_zh="X", path="/X/")
    person = stories.staff("supervisor", unit=elsewhere)
    _, secret = create_api_token(person, name="x", scopes=["write:cases", "read:cases"], now=timezone.now())
    case, other = pair
    for path, send in (
        ("merge", {"into": other.pk}),
        ("split", {"failures": [1]}),
        ("links", {"other": other.pk, "kind": "related"}),
        ("hand-over", {"to_staff": person.pk, "note": "x"}),
        ("assign", {}),
    ):
        assert ask("POST", f"/cases/{case.pk}/{path}", secret, send=send).status_code == 404


def test_views_are_kept_shared_and_taken_away(ask: Any, secret: str) -> None:
    sent = {"name": "Substitutes", "query": "strategy=substitute&pigeon=1", "shared": True, "role": "front_line"}
    made = ask("POST", "/views", secret, send=sent)
    assert made.status_code == 200, made.content
    assert made.json()["query"] == "strategy=substitute"
    assert [(one["name"], one["mine"], one["role"]) for one in ask("GET", "/views", secret).json()["items"]] == [
        ("Substitutes", True, "front_line")
    ]
    other = secret_of("front_line")
    (seen,) = ask("GET", "/views", other).json()["items"]
    assert (seen["name"], seen["mine"], seen["shared"]) == ("Substitutes", False, True)
    assert ask("POST", "/views", other, send=sent).status_code == 409  # they do not lead
    assert ask("POST", "/views", secret, send=sent | {"unit": "NOWHERE"}).status_code == 422
    assert ask("DELETE", f"/views/{seen['id']}", other).status_code == 404
    assert ask("DELETE", f"/views/{seen['id']}", secret).status_code == 200
    assert ask("GET", "/views", other).json()["items"] == []
