"""Signals in: CloudEvents 1.0 as JSON, structured, batched or one a line. What is counted as accepted is durable."""

from collections.abc import Iterable
from typing import Any, Final

import orjson
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema

from amends.monitor.core.intake import seconds_to_wait
from amends.monitor.core.signal import Ahead, SignalIn, Unusable, signal_from_cloudevent
from amends.monitor.selectors import backlog, unknown_units, why_out_of_reach
from amends.monitor.services import accept_signals, note_ahead
from amends.people.models import Staff
from amends.people.selectors import unit_codes_below
from amends.policy.present import present
from amends.web.api.answers import answer
from amends.web.api.idempotency import once
from amends.web.api.problems import Refused
from amends.web.api.tokens import caller, media_type, needs

ONE: Final = "application/cloudevents+json"
BATCH: Final = "application/cloudevents-batch+json"
LINES: Final = "application/x-ndjson"
MOST: Final = 100_000  # events a request

router = Router(tags=["signals"])


class Rejection(Schema):
    """An event that was not accepted."""

    index: int  # its place in the batch, or its line, counted from 0
    reason: str


class Intake(Schema):
    """What became of a batch."""

    accepted: int
    duplicate: int  # there already, by source and id
    rejected: int
    rejections: list[Rejection]


EVENT: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["specversion", "id", "source", "type", "subject", "time"],
    "properties": {
        "specversion": {"const": "1.0"},
        "id": {"type": "string", "minLength": 1, "maxLength": 200},
        "source": {"type": "string", "minLength": 1, "maxLength": 200},
        "type": {"type": "string", "minLength": 1, "maxLength": 200, "examples": ["flight.departed"]},
        "subject": {"type": "string", "minLength": 1, "maxLength": 300},
        "time": {"type": "string", "format": "date-time"},
        "customer": {"type": ["string", "null"], "minLength": 1, "maxLength": 100},
        "unit": {"type": ["string", "null"], "minLength": 1, "maxLength": 64},
        "data": {"type": ["object", "null"]},
    },
}


@router.post(
    "",
    auth=needs("write:signals", media_types=frozenset({ONE, BATCH, LINES})),
    response={202: Intake},
    summary="Send signals",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                ONE: {"schema": EVENT},
                BATCH: {"schema": {"type": "array", "items": EVENT, "maxItems": MOST}},
                LINES: {"schema": {"type": "string", "description": "One event a line."}},
            },
        }
    },
)
@once
def send_signals(request: HttpRequest) -> HttpResponse:
    """Take in up to 100,000 CloudEvents. Each is accepted, a duplicate, or rejected with its reason; an event does not
    fail for its neighbours' faults. The attributes `customer` (reference) and `unit` (code) are extensions. Accepted
    means durable. While too many accepted signals wait to be judged, the answer is 429 with `Retry-After`.
    """
    _check_backlog()
    staff = caller(request)
    signals: list[tuple[int, SignalIn]] = []
    rejections: list[dict[str, Any]] = []
    ahead: list[Ahead] = []
    now = present()  # in a demo it lies in the past: what is later than it would never be judged
    for index, event in _events(request):
        try:
            signals.append((index, signal_from_cloudevent(event, now=now)))
        except Unusable as error:
            rejections.append({"index": index, "reason": str(error)})
            if isinstance(error, Ahead):
                ahead.append(error)
    good = _within_reach(staff, signals, rejections)
    counts = accept_signals(good, now=now)
    note_ahead(ahead, now=now)
    rejections.sort(key=lambda one: one["index"])
    return answer(
        {
            "accepted": counts.accepted,
            "duplicate": counts.duplicate,
            "rejected": len(rejections),
            "rejections": rejections,
        },
        status=202,
    )


def _events(request: HttpRequest) -> Iterable[tuple[int, object]]:
    """The events with their place in the batch, or their line; a blank line is none."""
    form, body = media_type(request), request.body
    if form == LINES:
        lines = [(index, line) for index, line in enumerate(body.splitlines()) if line.strip()]
        _check_count(len(lines))
        return [(index, _line(line)) for index, line in lines]
    try:
        parsed = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Refused(400, f"The body is no JSON: {error}.") from None
    if form == ONE:
        return [(0, parsed)]
    if not isinstance(parsed, list):
        raise Refused(400, f"{BATCH} is a JSON array of events.")
    _check_count(len(parsed))
    return enumerate(parsed)


def _check_count(count: int) -> None:
    if count > MOST:
        raise Refused(413, f"A request takes at most {MOST:,} events; this one has {count:,}. Send them in parts.")


def _line(line: bytes) -> object:
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError:
        return None  # no object, so rejected with its index


def _check_backlog() -> None:
    waiting = backlog()
    if wait := seconds_to_wait(waiting, settings.SIGNALS_BACKLOG):
        words = f"{waiting:,} accepted signals wait to be judged; send this again in {wait} seconds."
        raise Refused(429, words, headers={"Retry-After": str(wait)})


def _within_reach(
    staff: Staff, signals: list[tuple[int, SignalIn]], rejections: list[dict[str, Any]]
) -> list[SignalIn]:
    """The signals whose units there are and which the account reaches; the others join the rejections."""
    reached = unit_codes_below(staff)
    unknown = unknown_units((signal.unit for _, signal in signals), reached)
    good = []
    for index, signal in signals:
        fault = why_out_of_reach(signal, unknown, reached)
        if fault is None:
            good.append(signal)
        else:
            rejections.append({"index": index, "reason": str(fault)})
    return good
