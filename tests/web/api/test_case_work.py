"""Notes, files, the checklist and time through the API: the same acts and checks as in the console."""

from collections.abc import Callable
from typing import Any

import pytest

from amends.recover.models import Note

Ask = Callable[..., Any]


@pytest.fixture
def case(ask: Ask, token: Callable[..., str], customer: int) -> int:
    send = {"customer": "C-1", "kind": "baggage_delayed", "subject": "UA1", "unit": "EWR"}
    return int(ask("POST", "/cases", token(), send=send).json()["id"])


def test_a_note_is_written_once_for_its_key_and_read_in_its_units_only(
    ask: Ask, token: Callable[..., str], case: int
) -> None:
    secret = token()
    made = [
        ask("POST", f"/cases/{case}/notes", secret, send={"body": "@supervisor look"}, Idempotency_Key="n-1")
        for _ in range(2)
    ]
    assert [answer.status_code for answer in made] == [201, 201]
    assert made[0].json()["id"] == made[1].json()["id"]
    assert Note.objects.count() == 1
    listed = ask("GET", f"/cases/{case}/notes", token(unit="EWR")).json()["items"]
    assert listed[0]["body"] == "@supervisor look"
    assert ask("GET", f"/cases/{case}/notes", token(unit="JFK")).status_code == 404
    assert ask("POST", f"/cases/{case}/notes", token(unit="JFK"), send={"body": "x"}).status_code == 404
    assert ask("POST", f"/cases/{case}/notes", token(), send={"body": ""}).status_code == 422


def test_a_file_goes_up_and_comes_down_and_nothing_else_does(ask: Ask, token: Callable[..., str], case: int) -> None:
    def put(name: str, data: bytes, secret: str = "") -> Any:
        return ask(
            "POST", f"/cases/{case}/attachments?name={name}", secret or token(), body=data,
            form="application/octet-stream",
        )  # fmt: skip

    made = put("receipt.pdf", b"%PDF-1.7 x")
    assert made.status_code == 201
    assert made.json()["kind"] == "pdf"
    got = ask("GET", made["Location"].removeprefix("/api/v1"), token(unit="EWR"))
    assert b"".join(got.streaming_content) == b"%PDF-1.7 x"
    assert got["Content-Disposition"] == 'attachment; filename="receipt.pdf"'
    assert got["Content-Security-Policy"].startswith("sandbox")
    assert ask("GET", f"/attachments/{made.json()['id']}", token(unit="JFK")).status_code == 404
    assert put("page.svg", b"<svg/>").status_code == 422
    assert put("page.pdf", b"<svg/>").status_code == 422
    assert put("empty.txt", b"").status_code == 422
    assert put("large.txt", b"x" * (10 * 1024 * 1024 + 1)).status_code == 413
    assert put("receipt.pdf", b"%PDF-1.7 x", token(unit="JFK")).status_code == 404
    assert [one["name"] for one in ask("GET", f"/cases/{case}/attachments", token()).json()["items"]] == ["receipt.pdf"]


def test_the_checklist_is_ticked_and_time_is_summed(ask: Ask, token: Callable[..., str], case: int) -> None:
    items = ask("GET", f"/cases/{case}/checklist", token()).json()["items"]
    first = items[0]["item"]
    assert {"en", "zh"} == set(items[0]["text"])
    ticked = ask("PUT", f"/cases/{case}/checklist/{first}", token(), send={"ticked": True}).json()["items"]
    assert [item["ticked"] for item in ticked] == [True, *([False] * (len(items) - 1))]
    assert ask("PUT", f"/cases/{case}/checklist/no-such", token(), send={"ticked": True}).status_code == 404
    for minutes in (5, 7):
        ask("POST", f"/cases/{case}/time", token(), send={"minutes": minutes})
    assert ask("GET", f"/cases/{case}/time", token()).json()["minutes"] == 12
    assert ask("POST", f"/cases/{case}/time", token(), send={"minutes": 0}).status_code == 422
    assert ask("POST", f"/cases/{case}/time", token(unit="JFK"), send={"minutes": 1}).status_code == 404


def test_guidance_is_read_and_overruled_within_ones_units(ask: Ask, token: Callable[..., str], case: int) -> None:
    read = ask("GET", f"/cases/{case}/guidance", token(unit="EWR")).json()
    assert read["case"] == case
    assert read["stage"]["stage"] == "listen"
    assert {"en", "zh"} == set(read["felt"]["why"]) == set(read["say"][0])
    said = ask("PUT", f"/cases/{case}/guidance", token(), send={"emotion": "worried", "stage": "explain"}).json()
    assert (said["felt"]["emotion"], said["felt"]["by_hand"]) == ("worried", True)
    assert (said["stage"]["stage"], said["stage"]["by_hand"]) == ("explain", True)
    assert said["rules"] == ["guidance.worried.explain"]
    back = ask("PUT", f"/cases/{case}/guidance", token(), send={"emotion": None}).json()
    assert (back["felt"]["by_hand"], back["stage"]["stage"]) == (False, "explain")
    assert ask("PUT", f"/cases/{case}/guidance", token(), send={"emotion": "cross"}).status_code == 422
    assert ask("GET", f"/cases/{case}/guidance", token(unit="JFK")).status_code == 404
    assert ask("PUT", f"/cases/{case}/guidance", token(unit="JFK"), send={"stage": "offer"}).status_code == 404
