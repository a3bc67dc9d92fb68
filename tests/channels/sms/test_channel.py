"""Text messages through a real gateway on this machine: signed, once for their key, refusals told from hiccups."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from amends.channels.letter import Letter
from amends.channels.sms.channel import Sms

AT = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)
SECRET = "texts"


class Gateway:
    """A small one that is real: it checks the signature, and sends what it has not seen."""

    def __init__(self) -> None:
        self.sent: dict[str, dict[str, Any]] = {}
        self.answers: dict[str, int] = {}  # by number
        self.hangs_up = False  # after it sent a text, before it says so

    def take(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        told, key = json.loads(body), handler.headers["Idempotency-Key"]
        wanted = "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(wanted, handler.headers["X-Amends-Signature"]):
            self.say(handler, 401, {})
        elif told["to"] in self.answers:
            self.say(handler, self.answers[told["to"]], {"error": "unknown number"})
        else:
            new = key not in self.sent
            self.sent.setdefault(key, told)
            if self.hangs_up:
                self.hangs_up = False
                handler.close_connection = True
                return
            self.say(handler, 200 if new else 409, {"receipt": f"R-{key}"})

    @staticmethod
    def say(handler: BaseHTTPRequestHandler, status: int, body: object) -> None:
        data = json.dumps(body).encode()
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)


@pytest.fixture
def gateway() -> Gateway:
    return Gateway()


@pytest.fixture
def sms(gateway: Gateway) -> Iterator[Sms]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            gateway.take(self)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield Sms(f"http://127.0.0.1:{server.server_port}/texts", SECRET)
    server.shutdown()
    server.server_close()
    thread.join()


def text(number: int, body: str = "航班延误，非常抱歉。", address: str = "") -> Letter:
    return Letter(
        id=number,
        key=f"action:{number}:text",
        customer="C-1",
        address=address or f"+1212555014{number}",
        locale="zh-CN",
        subject="向您致歉",
        body=body,
        created_at=AT,
    )


def test_a_text_is_told_with_its_number_and_its_length(sms, gateway):
    handed = sms.send([text(1), text(2, "延" * 71)])
    assert handed.receipts == {1: "R-action:1:text", 2: "R-action:2:text"}
    assert gateway.sent["action:2:text"] == {
        "key": "action:2:text", "to": "+12125550142", "text": "延" * 71, "encoding": "UCS-2", "segments": 2,
    }  # fmt: skip


def test_after_a_lost_answer_the_customer_has_one_text(sms, gateway):
    gateway.hangs_up = True
    first = sms.send([text(1), text(2)])
    assert not first.receipts
    assert "could not be reached" in first.later
    assert sms.send([text(1), text(2)]).receipts == {1: "R-action:1:text", 2: "R-action:2:text"}
    assert list(gateway.sent) == ["action:1:text", "action:2:text"]


def test_what_is_refused_for_good_is_told_from_what_may_come_later(sms, gateway):
    gateway.answers = {"+12125550141": 422, "+12125550142": 503, "+12125550143": 429}
    handed = sms.send([text(1), text(2), text(3), text(4), text(5, address="2125550145"), text(6, "延" * 300)])
    assert set(handed.receipts) == {4}
    assert handed.refused[1] == "The gateway refused it (422): unknown number"
    assert "international form" in handed.refused[5]
    assert "5 segments" in handed.refused[6]
    assert set(handed.refused) == {1, 5, 6}
    assert handed.later


def test_a_wrong_secret_is_ours_to_mend_and_loses_nothing(sms, gateway):
    handed = Sms(sms.address, "another").send([text(1)])
    assert (handed.receipts, handed.refused, handed.later) == ({}, {}, "The gateway answered 401.")


@pytest.mark.parametrize(("address", "secret"), [("http://texts.example", SECRET), ("https://texts.example", "")])
def test_numbers_leave_the_machine_signed_and_unseen_or_not_at_all(address, secret):
    handed = Sms(address, secret).send([text(1)])
    assert not handed.receipts
    assert "https://" in handed.later


def test_without_a_gateway_texts_are_files(settings, tmp_path):
    settings.OUTBOX_PATH = tmp_path / "outbox"
    handed = Sms("", "").send([text(1)])
    assert handed.receipts[1].startswith("outbox/sms/2026-03-02/")
