"""Calls to the company's payment service: signed, once for their key, and nowhere but to the address that was set."""

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from amends.recover.payouts.connector import NotSent
from amends.recover.payouts.webhook import Webhook
from tests.recover.payouts.test_bank_file import batch, order

SECRET = "payments"


class PaymentService:
    """A small one that is real: it checks the signature, and pays what it has not seen."""

    def __init__(self) -> None:
        self.paid: dict[str, list[str]] = {}
        self.answer: Callable[[BaseHTTPRequestHandler], bool] = lambda _: False

    def take(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        if self.answer(handler):
            return
        wanted = "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(wanted, handler.headers["X-Amends-Signature"]):
            reply(handler, 401, {})
            return
        key, orders = handler.headers["Idempotency-Key"], json.loads(body)["orders"]
        new = key not in self.paid
        self.paid.setdefault(key, [one["reference"] for one in orders])
        results = [{"reference": one["reference"], "outcome": "paid"} for one in orders]
        reply(handler, 200 if new else 409, {"receipt": f"R-{key}", "results": results})


def reply(handler: BaseHTTPRequestHandler, status: int, body: object, **headers: str) -> None:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name, value)
    handler.send_header("Content-Length", str(len(data)))
    handler.end_headers()
    handler.wfile.write(data)


@contextmanager
def serving(service: PaymentService) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            service.take(self)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/pay"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def service() -> PaymentService:
    return PaymentService()


@pytest.fixture
def webhook(service: PaymentService) -> Iterator[Webhook]:
    with serving(service) as address:
        yield Webhook(address, SECRET)


def test_a_batch_is_paid_and_its_results_come_back(webhook, service):
    sent = webhook.send(batch(order(1), order(2)))
    assert service.paid == {"1-abc": ["P1-1", "P2-1"]}
    assert sent.receipt == "R-1-abc"
    assert [(one.reference, one.outcome) for one in sent.results] == [("P1-1", "paid"), ("P2-1", "paid")]


def test_told_again_it_is_paid_once_and_the_answer_is_the_same(webhook, service):
    first = webhook.send(batch())
    assert webhook.send(batch()) == first
    assert service.paid == {"1-abc": ["P1-1"]}


def test_a_wrong_secret_a_fault_and_a_lost_answer_are_told_and_tried_again(webhook, service):
    with pytest.raises(NotSent, match="401"):
        Webhook(webhook.address, "wrong").send(batch())
    service.answer = lambda handler: reply(handler, 503, {}) or True
    with pytest.raises(NotSent, match="503"):
        webhook.send(batch())
    service.answer = lambda handler: handler.connection.close() or True
    with pytest.raises(NotSent, match="could not be reached"):
        webhook.send(batch())
    service.answer = lambda _: False
    assert webhook.send(batch()).receipt == "R-1-abc"


def test_no_redirect_is_followed(webhook, service):
    with serving(elsewhere := PaymentService()) as other:
        service.answer = lambda handler: reply(handler, 307, {}, Location=other) or True
        with pytest.raises(NotSent, match="307"):
            webhook.send(batch())
    assert elsewhere.paid == {}


@pytest.mark.parametrize(
    "body", [b"", b"thanks", b"[]", b'{"results": [{"reference": "P9-1", "outcome": "paid"}, 3, {"outcome": "paid"}]}']
)
def test_an_answer_that_says_nothing_of_ours_means_that_it_arrived(webhook, service, body):
    service.answer = lambda handler: reply(handler, 200, body) or True
    sent = webhook.send(batch())
    assert (sent.receipt, list(sent.results)) == ("1-abc", [])


@pytest.mark.parametrize(
    ("address", "secret", "why"),
    [
        ("", SECRET, "set both"),
        ("https://pay.example", "", "set both"),
        ("http://pay.example/x", SECRET, "https://"),
        ("file:///etc/passwd", SECRET, "https://"),
    ],
)
def test_where_nothing_is_set_or_all_could_read_it_nothing_is_sent(address, secret, why):
    with pytest.raises(NotSent, match=why):
        Webhook(address, secret).send(batch())
