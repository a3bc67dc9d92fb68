"""A call to the company's own payment service: one POST a batch, signed, with the batch's key for idempotency.

The address and the secret come from the environment. The answer is JSON: `{"receipt": "...", "results": [{"reference":
"P12-1", "outcome": "paid"}]}`; results that are not known yet come later. 2xx and 409 (it has the batch already) mean
that the batch arrived.
"""

from collections.abc import Mapping
from typing import Any, Final

from django.conf import settings

from amends.channels.signed_post import may_call, signed_post
from amends.recover.payouts.connector import Batch, NotSent, Result, Sent

ALREADY: Final = 409


class Webhook:
    """One address."""

    def __init__(self, address: str, secret: str) -> None:
        self.address, self._secret = address, secret

    def send(self, batch: Batch) -> Sent:
        """Post the batch; the signature covers the body."""
        if not self.address or not self._secret:
            raise NotSent("AMENDS_PAYOUT_WEBHOOK and AMENDS_PAYOUT_WEBHOOK_SECRET say where to pay; set both.")
        if not may_call(self.address):
            raise NotSent("AMENDS_PAYOUT_WEBHOOK has to begin with https://, since it carries names and sums.")
        try:
            answer = signed_post(self.address, self._secret, key=batch.key, told=_told(batch))
        except (OSError, ValueError) as error:
            raise NotSent(f"The payment service could not be reached: {error}.") from None
        if answer.status != ALREADY and not 200 <= answer.status < 300:
            raise NotSent(f"The payment service answered {answer.status}.")
        return _sent(batch, answer.told())


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


def _sent(batch: Batch, told: Mapping[str, Any]) -> Sent:
    """What the answer says; an answer that is no JSON of ours is taken for no more than "it arrived"."""
    ours = {one.reference for one in batch.orders}
    results = [
        Result(reference=one["reference"], outcome=one["outcome"], note=str(one.get("note") or "")[:500])
        for one in told.get("results") or ()
        if isinstance(one, Mapping) and one.get("reference") in ours and one.get("outcome") in {"paid", "returned"}
    ]
    return Sent(receipt=str(told.get("receipt") or batch.key)[:200], results=results)
