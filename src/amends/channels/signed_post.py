"""A call to a service of the company's own choice: JSON over HTTPS, signed, with a key for idempotency.

The signature is HMAC-SHA256 over the body, in `X-Amends-Signature`; the key stands in `Idempotency-Key`. It goes to the
address that was set and follows nobody elsewhere.
"""

import hashlib
import hmac
import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

TIMEOUT: Final = 20  # seconds
MOST: Final = 4_000_000  # bytes of an answer that are read
_LOOPBACK: Final = {"127.0.0.1", "::1", "localhost"}


class Answer(NamedTuple):
    """What the other side said."""

    status: int
    body: bytes

    def told(self) -> Mapping[str, Any]:
        """The JSON object in it; anything else says nothing."""
        try:
            told = json.loads(self.body or b"{}")
        except ValueError:
            return {}
        return told if isinstance(told, Mapping) else {}


def may_call(address: str) -> bool:
    """Names go over TLS, or do not leave the machine."""
    parts = urlsplit(address)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)


def signed_post(address: str, secret: str, *, key: str, told: Mapping[str, object]) -> Answer:
    """Post it to an address that may be called; whatever status comes back is an answer.

    Raises:
        OSError: there was none; it may have arrived all the same.
        ValueError: the address is none.
    """
    body = json.dumps(told, ensure_ascii=False, sort_keys=True).encode()
    request = urllib.request.Request(  # noqa: S310 -- the scheme was looked at
        address,
        data=body,
        headers={
            "Content-Type": "application/json",
            "Idempotency-Key": key,
            "X-Amends-Signature": "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest(),
        },
    )
    try:
        with urllib.request.build_opener(_NoRedirect).open(request, timeout=TIMEOUT) as answer:
            return Answer(answer.status, answer.read(MOST))
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, error.read(MOST))


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """What is told goes to the address that was set, and nowhere else."""

    def redirect_request(self, *_: Any) -> None:
        return None
