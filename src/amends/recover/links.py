"""The address of a customer's own page: nobody can guess it, and it says nothing about them.

A token is the thread and its signature, as Django's `Signer` makes it; the key is derived once, not for each letter.
"""

import base64
import hashlib
import hmac
import re
from functools import lru_cache
from typing import Final

from django.conf import settings
from django.core.signing import BadSignature, Signer

_SALT = "amends.customer_page"
PLACE: Final = "{link}"  # stands for the address in what our people write and look over, until it goes out
_KEYED: Final = re.compile(r"(/mine/)[^\s<>\"'，。；、）]+")


def customer_link(thread: str) -> str:
    """The address of the page about a thread such as `case:12`."""
    return f"{settings.PUBLIC_ADDRESS}/mine/{token_of(thread)}"


def without_key(text: str) -> str:
    """Words as our own people read them: whoever has the key acts as the customer, so the address ends before it."""
    return _KEYED.sub(r"\1…", text.replace(PLACE, f"{settings.PUBLIC_ADDRESS}/mine/…"))


def token_of(thread: str) -> str:
    """The part of the address that stands for the thread; whoever has it is taken for the customer."""
    signature = hmac.digest(_key(settings.SECRET_KEY), thread.encode(), "sha256")
    return f"{thread}.{base64.urlsafe_b64encode(signature).strip(b'=').decode()}"


def thread_of(token: str) -> str | None:
    """The thread that a page's address is about; None if it was not given out by us."""
    try:
        return Signer(salt=_SALT, sep=".").unsign(token)
    except BadSignature:
        return None


@lru_cache(maxsize=4)
def _key(secret: str) -> bytes:
    return hashlib.sha256(f"{_SALT}signer{secret}".encode()).digest()
