"""The codes of vouchers, under this deployment's own secret: read and made, never kept."""

import hashlib
from typing import Final

from django.conf import settings

from amends.recover.core.voucher import code_of, number_of

_SALT: Final = "amends.voucher"


def code_for(voucher_id: int) -> str:
    """What the customer shows to redeem it."""
    return code_of(voucher_id, _key(settings.SECRET_KEY))


def voucher_of(code: str) -> int | None:
    """The voucher that a code is of, also one given out under a secret that was replaced since; None: of none."""
    return number_of(code, [_key(secret) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def _key(secret: str) -> bytes:
    return hashlib.sha256(f"{_SALT}:{secret}".encode()).digest()
