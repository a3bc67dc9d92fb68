"""What a way to pay takes and gives. A connector is told a batch again and again until it says that it has it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal, Protocol

Outcome = Literal["paid", "returned"]


@dataclass(frozen=True, kw_only=True)
class Order:
    """One sum for one customer."""

    payout_id: int
    remedy_id: int
    reference: str  # ours, which comes back with the result and is never used for anything else: `P12-1`
    customer: str  # the company's own reference of the customer, by which whoever pays knows where to
    name: str
    kind: str  # of remedy
    amount: Decimal
    currency: str
    case_id: int
    case_subject: str


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Orders that leave together, under one key."""

    key: str
    ordered_at: datetime
    currency: str
    orders: Sequence[Order]


@dataclass(frozen=True, kw_only=True)
class Result:
    """What became of one order."""

    reference: str
    outcome: Outcome
    note: str = ""  # why it came back


class NotSent(Exception):
    """The batch could not be handed over this time, or not all of it; says why. It is tried again, under the same key,
    without the orders of which the result is known."""

    def __init__(self, why: str, results: Sequence[Result] = ()) -> None:
        super().__init__(why)
        self.results = results


@dataclass(frozen=True, kw_only=True)
class Sent:
    """The other side has the batch."""

    receipt: str  # what it is known by there, or the file's name
    results: Sequence[Result] = ()  # what is already known of its orders


class Connector(Protocol):
    """A way to pay. What it does under a key it does once, however often it is told."""

    def send(self, batch: Batch) -> Sent:
        """Hand the batch over.

        Raises:
            NotSent: that failed; nothing or all of what it gives no result of may have arrived.
        """
        ...
