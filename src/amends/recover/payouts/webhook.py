"""A call to the company's own payment service: one POST a batch, signed, with the batch's key for idempotency.

The address and the secret come from the environment. The answer is JSON: `{"receipt": "...", "results": [{"reference":
"P12-1", "outcome": "paid"}]}`; results that are not known yet come later. 2xx and 409 (it has the batch already) mean
that the batch arrived.
"""

import hashlib
import hmac
import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings

from amends.recover.payouts.connector import Batch, NotSent, Result, Sent

TIMEOUT: Final = 20  # seconds
MOST: Final = 4_000_000  # bytes of an answer that are read
ALREADY: Final = 409
_LOOPBACK: Final = {"127.0.0.1", "::1", "localhost"}


class Webhook:
    """One address."""

    def __init__(self, address: str, secret: str) -> None:
        self.address, self._secret = address, secret

    def send(self, batch: Batch) -> Sent:
        """Post the batch; the signature covers the body."""
        if not self.address or not self._secret:
            raise NotSent("AMENDS_PAYOUT_WEBHOOK and AMENDS_PAYOUT_WEBHOOK_SECRET say where to pay; set both.")
        parts = urlsplit(self.address)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
            raise NotSent("AMENDS_PAYOUT_WEBHOOK has to begin with https://, since it carries names and sums.")
        body = json.dumps(_told(batch), ensure_ascii=False, sort_keys=True).encode()
        request = urllib.request.Request(  # noqa: S310 -- the scheme was looked at
            self.address,
            data=body,
            headers={
                "Content-Type": "application/json",
                "Idempotency-Key": batch.key,
                "X-Amends-Signature": "sha256=" + hmac.new(self._secret.encode(), body, hashlib.sha256).hexdigest(),
            },
        )
        try:
            with _opener().open(request, timeout=TIMEOUT) as answer:
                return _sent(batch, answer.read(MOST))
        except urllib.error.HTTPError as error:
            with error:
                if error.code == ALREADY:
                    return _sent(batch, error.read(MOST))
            raise NotSent(f"The payment service answered {error.code}.") from None
        except (OSError, ValueError) as error:
            raise NotSent(f"The payment service could not be reached: {error}.") from None


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Sums and names go to the address that was set, and nowhere else."""

    def redirect_request(self, *_: Any) -> None:
        return None


def _opener() -> urllib.request.OpenerDirector:
    return urllib.request.build_opener(_NoRedirect)


def make() -> Webhook:
    """The payment service of this deployment."""
    return Webhook(settings.PAYOUT_WEBHOOK, settings.PAYOUT_WEBHOOK_SECRET)


def _told(batch: Batch) -> dict[str, object]:
    return {
        "key": batch.key,
        "ordered_at": batch.ordered_at.isoformat(),
        "currency": batch.currency,
        "orders": [
            {
                "reference": one.reference,
                "customer": one.customer,
                "name": one.name,
                "kind": one.kind,
                "amount": f"{one.amount:f}",
                "currency": one.currency,
                "case": one.case_id,
                "subject": one.case_subject,
            }
            for one in batch.orders
        ],
    }


def _sent(batch: Batch, body: bytes) -> Sent:
    """What the answer says; an answer that is no JSON of ours is taken for no more than "it arrived"."""
    try:
        told = json.loads(body or b"{}")
    except ValueError:
        told = {}
    if not isinstance(told, Mapping):
        told = {}
    ours = {one.reference for one in batch.orders}
    results = [
        Result(reference=one["reference"], outcome=one["outcome"], note=str(one.get("note") or "")[:500])
        for one in told.get("results") or ()
        if isinstance(one, Mapping) and one.get("reference") in ours and one.get("outcome") in {"paid", "returned"}
    ]
    return Sent(receipt=str(told.get("receipt") or batch.key)[:200], results=results)
