"""Payouts on their way: what is owed is ordered in batches, handed over, and settled by what comes back.

Ordering and handing over are two transactions. A process that is killed between them leaves a batch that is ordered and
not sent; the next one hands the same batch over under the same key, and whoever receives it knows it by that.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid5

from django.db import connection

from amends.kernel.blueprint.settling import BY_EMAIL
from amends.people.models import Staff
from amends.people.selectors import require, units_below
from amends.policy.selectors import deployment
from amends.recover.acting import acting
from amends.recover.core.books import KINDS
from amends.recover.core.payout import PAYOUT
from amends.recover.models import Payout, PayoutBatch
from amends.recover.moves import move_rows
from amends.recover.payouts.connector import Batch, NotSent, Order, Result
from amends.recover.payouts.registry import connector
from amends.recover.queue import defer_send_batch
from amends.recover.selectors.money import access_payout

AT_ONCE: Final = 1_000  # payouts a batch


@dataclass(frozen=True, kw_only=True)
class Settled:
    """What a list of results came to."""

    paid: int
    returned: int
    already: int  # they were known: a list that is read twice changes nothing
    unknown: tuple[str, ...]  # references that are none of ours, or of payouts that were never sent


def order_payouts(*, now: datetime, limit: int = AT_ONCE) -> list[int]:
    """Order what is due, one batch for each way and currency; the batches, each of which a job hands over."""
    with acting("order_payouts"), connection.cursor() as cursor:
        cursor.execute(
            """
            select id, connector, currency, amount from recover_payout where state = any(%s)
            order by connector, currency, id limit %s for no key update skip locked
            """,
            [list(PAYOUT.states_with("order")), limit],
        )
        groups: dict[tuple[str, str], list[tuple[int, Any]]] = {}
        for id_, way, currency, amount in cursor.fetchall():
            groups.setdefault((way, currency), []).append((id_, amount))
        made = [_order(cursor, way, currency, rows, now=now) for (way, currency), rows in sorted(groups.items())]
        defer_send_batch(made)
    return made


def _order(cursor: Any, way: str, currency: str, rows: Sequence[tuple[int, Any]], *, now: datetime) -> int:
    ids = [id_ for id_, _ in rows]
    batch = PayoutBatch.objects.create(
        key="",
        connector=way,
        currency=currency,
        count=len(rows),
        total=sum(amount for _, amount in rows),
        ordered_at=now,
    )
    batch.key = _key_of(batch.pk, deployment().uid)
    batch.save(update_fields=["key"])
    move_rows(cursor, PAYOUT, "order", ids=ids, assign="batch_id = %s", params=[batch.pk])
    _book(cursor, "order", ids, now)
    return batch.pk


def _key_of(batch_id: int, uid: UUID) -> str:
    """No other batch has it, of this deployment or another: whoever is paid by several knows them apart."""
    return f"{batch_id}-{uuid5(uid, f'payout batch {batch_id}').hex[:16]}"


def send_batch(batch_id: int, *, now: datetime) -> bool:
    """Hand a batch over; False if that was done before.

    Raises:
        NotSent: it could not be handed over, or not all of it; the batch says why, and the job comes back.
    """
    sent, trouble = _send(batch_id, now=now)
    if trouble is not None:
        raise trouble
    return sent


def _send(batch_id: int, *, now: datetime) -> tuple[bool, NotSent | None]:
    """Whether this was the time, and what kept it; where that left some of the batch, the rest of it is on record."""
    with acting("send_batch"), connection.cursor() as cursor:
        batch = PayoutBatch.objects.select_for_update(no_key=True).get(pk=batch_id)
        if batch.sent_at is not None:
            return False, None
        ordered = Payout.objects.filter(batch=batch, state__in=PAYOUT.states_with("send"))
        payouts = list(ordered.select_related("remedy__customer", "remedy__case").order_by("pk"))
        orders = [_order_of(payout) for payout in payouts]
        try:
            sent = connector(batch.connector).send(
                Batch(key=batch.key, ordered_at=batch.ordered_at, currency=batch.currency, orders=orders)
            )
        except NotSent as error:
            batch.problem = str(error)[:500]
            batch.save(update_fields=["problem"])
            known = {result.reference for result in error.results}
            gone = [order.payout_id for order in orders if order.reference in known]
            move_rows(cursor, PAYOUT, "send", ids=gone)
            _settle(cursor, error.results, now=now)
            return False, error
        batch.sent_at, batch.receipt, batch.problem = now, sent.receipt[:200], ""
        batch.save(update_fields=["sent_at", "receipt", "problem"])
        move_rows(cursor, PAYOUT, "send", ids=[payout.pk for payout in payouts])
        _settle(cursor, sent.results, now=now)
    return True, None


def _order_of(payout: Payout) -> Order:
    remedy = payout.remedy
    return Order(
        payout_id=payout.pk,
        remedy_id=remedy.pk,
        reference=reference_of(payout.pk, payout.round),
        customer=remedy.customer.reference,
        name=remedy.customer.name,
        kind=remedy.kind,
        amount=payout.amount,
        currency=payout.currency,
        case_id=remedy.case_id,
        case_subject=remedy.case.subject,
    )


def reference_of(payout_id: int, round: int) -> str:  # noqa: A002 -- the column's own word
    """What one attempt to pay is known by outside."""
    return f"P{payout_id}-{round}"


def settle(results: Iterable[Result], *, now: datetime, acting_user: Staff | None = None) -> Settled:
    """Note what came of payouts: the bank's answer, or the payment service's. The same answer again changes nothing.

    Args:
        results: what came of which.
        now: the present.
        acting_user: who brings the answer; None: the other side itself, by a call that was checked.

    Raises:
        NotAllowed: the person may not.
    """
    if acting_user is not None:
        require(acting_user, "work_money")
    with acting("settle", acting_user), connection.cursor() as cursor:
        reached = None if acting_user is None else units_below(acting_user)
        return _settle(cursor, results, now=now, reached=reached)


def _settle(cursor: Any, results: Iterable[Result], *, now: datetime, reached: Sequence[int] | None = None) -> Settled:
    told = {one.reference: one for one in results}  # of two answers to one order the last counts
    cursor.execute(
        """
        select payout.id, payout.round, payout.state, payout.unit_id from recover_payout as payout
        where payout.id = any(%s) order by payout.id for no key update
        """,
        [sorted({_number_of(reference) for reference in told})],
    )
    found = {reference_of(id_, round_): (id_, state, unit) for id_, round_, state, unit in cursor.fetchall()}
    counts: Counter[str] = Counter()
    unknown: list[str] = []
    moves: dict[tuple[str, str], list[tuple[int, str]]] = {}  # by move and kind of entry
    for reference, result in told.items():
        id_, state, unit = found.get(reference, (None, "", None))
        move = "settle" if result.outcome == "paid" else "return"
        if id_ is None or (reached is not None and unit not in reached):
            unknown.append(reference)
        elif move in PAYOUT.moves_from(state):
            what = "sent_back" if state == "paid" else move
            moves.setdefault((move, what), []).append((id_, result.note))
            counts[result.outcome] += 1
        elif state == PAYOUT.after("sent", move):
            counts["already"] += 1
        else:
            unknown.append(reference)
    for (move, what), answers in moves.items():
        ids = [id_ for id_, _ in answers]
        move_rows(cursor, PAYOUT, move, ids=ids, assign="ended_at = %s", params=[now])
        cursor.execute(
            """
            update recover_payout as payout set note = told.note
            from unnest(%s::bigint[], %s::text[]) as told (id, note) where payout.id = told.id
            """,
            [ids, [note[:500] for _, note in answers]],
        )
        _book(cursor, what, ids, now)
    return Settled(paid=counts["paid"], returned=counts["returned"], already=counts["already"], unknown=tuple(unknown))


def _number_of(reference: str) -> int:
    number = reference.removeprefix("P").partition("-")[0]
    return int(number) if number.isascii() and number.isdigit() and len(number) < 19 else 0


def pay_again(payout_id: int, *, acting_user: Staff, now: datetime) -> Payout:
    """Try once more what came back: it is due again, under a reference of its own.

    Raises:
        NotAllowed: the person may not.
        NotFound: the payout is none of theirs.
        IllegalMove: it did not come back.
    """
    with acting("pay_again", acting_user):
        payout = access_payout(acting_user, payout_id, lock=True)
        payout.state = PAYOUT.after(payout.state, "renew")
        payout.round += 1
        payout.batch, payout.ended_at, payout.note, payout.due_at = None, None, "", now
        payout.save(update_fields=["state", "round", "batch", "ended_at", "note", "due_at"])
    return payout


def _book(cursor: Any, what: str, ids: Sequence[int], now: datetime) -> None:
    """An entry a payout; a voucher's letter moves no worth, since the voucher itself was issued when it was granted."""
    cursor.execute(
        """
        insert into recover_ledgerentry (key, what, at, debit, credit, amount, currency, remedy_id)
        select %(what)s || ':' || id || ':' || round, %(what)s, %(now)s, %(debit)s, %(credit)s, amount, currency,
            remedy_id
        from recover_payout where id = any(%(ids)s) and connector <> %(by_email)s order by id
        """,
        {
            "what": what,
            "now": now,
            "debit": KINDS[what].debit,
            "credit": KINDS[what].credit,
            "ids": list(ids),
            "by_email": BY_EMAIL,
        },
    )
