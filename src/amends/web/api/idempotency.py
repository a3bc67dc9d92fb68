"""Idempotency-Key: a write that is sent again gets the answer of the first time and is not done again.

Key, request and answer are kept in the transaction of the write, so either both are there or neither. A write that was
refused has changed nothing and is not kept. Keys belong to a token and live for a day.
"""

import hashlib
import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse

from amends.policy.present import present
from amends.web.api.problems import Refused
from amends.web.api.tokens import token_of
from amends.web.kept_answers import KEPT_FOR
from amends.web.models import KeptAnswer

HEADER: Final = "Idempotency-Key"
LONGEST: Final = 255

Operation = Callable[..., HttpResponse]


def once(operation: Operation) -> Operation:
    """Make a write idempotent for whoever sends a key; without one it just runs, in one transaction all the same."""

    @wraps(operation)
    def run(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        key = request.headers.get(HEADER)
        with transaction.atomic():
            if key is None:
                return operation(request, *args, **kwargs)
            return _run_once(_checked(key), request, lambda: operation(request, *args, **kwargs))

    run.takes_idempotency_key = True  # type: ignore[attr-defined]  # for the documentation
    run.__signature__ = inspect.signature(operation)  # type: ignore[attr-defined]  # Ninja reads it; a function has no such attribute declared
    return run


def _run_once(key: str, request: HttpRequest, write: Callable[[], HttpResponse]) -> HttpResponse:
    now, token_id, digest = present(), token_of(request).pk, _digest(request)
    with connection.cursor() as cursor:  # held until the transaction ends: whoever comes meanwhile is told so
        cursor.execute("select pg_try_advisory_xact_lock(%s, hashtext(%s))", [token_id % 2**31, key])
        if not cursor.fetchone()[0]:
            raise Refused(409, f"A request with this {HEADER} is being worked on.", headers={"Retry-After": "1"})
    kept = KeptAnswer.objects.filter(token_id=token_id, key=key).first()
    if kept is not None and kept.created_at > now - KEPT_FOR:
        return _again(kept, digest)
    answer = write()
    KeptAnswer.objects.update_or_create(
        token_id=token_id,
        key=key,
        defaults={
            "request_digest": digest,
            "status": answer.status_code,
            "body": answer.content,
            "location": answer.get("Location", ""),
            "created_at": now,
        },
    )
    return answer


def _again(kept: KeptAnswer, digest: str) -> HttpResponse:
    if kept.request_digest != digest:
        raise Refused(422, f"This {HEADER} was sent before with another request. Use a new one for each write.")
    answer = HttpResponse(bytes(kept.body), status=kept.status, content_type="application/json")
    answer["Idempotent-Replayed"] = "true"
    if kept.location:
        answer["Location"] = kept.location
    return answer


def _checked(key: str) -> str:
    if not (0 < len(key) <= LONGEST and key.isascii() and key.isprintable()):
        raise Refused(400, f"An {HEADER} has 1 to {LONGEST} printable ASCII characters.")
    return key


def _digest(request: HttpRequest) -> str:
    head = f"{request.method} {request.get_full_path()}\n{request.content_type}\n".encode()
    return hashlib.sha256(head + request.body).hexdigest()
