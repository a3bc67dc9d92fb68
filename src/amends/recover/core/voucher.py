"""A voucher: its lifecycle, and its code, which nobody can guess and no table holds.

A code is the voucher's number and a signature of it, sixty bits, in letters that nobody mistakes for one another
(Crockford's base 32): `0000-002F-7QKX-M3TD-9ZRA`. Whoever reads the database cannot spend what is in it.
"""

import hmac
import re
from collections.abc import Iterable
from typing import Final

from amends.kernel.lifecycle import Lifecycle
from amends.kernel.text import Localised

VOUCHER: Final = Lifecycle(
    name="voucher",
    initial="open",
    moves={
        "open": {"redeem": "redeemed", "expire": "expired", "withdraw": "withdrawn"},
        "redeemed": {},
        "expired": {},
        "withdrawn": {},
    },
    state_labels={
        "open": Localised(en="Open", zh="未使用"),
        "redeemed": Localised(en="Redeemed", zh="已核销"),
        "expired": Localised(en="Expired", zh="已过期"),
        "withdrawn": Localised(en="Withdrawn", zh="已收回"),
    },
    move_labels={
        "redeem": Localised(en="Redeem", zh="核销"),
        "expire": Localised(en="Expire", zh="过期"),
        "withdraw": Localised(en="Withdraw", zh="收回"),
    },
)

LETTERS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
NUMBER, TAG = 8, 12  # letters, five bits each
_READ_AS: Final = str.maketrans("OIL", "011")  # as Crockford has it
_NOTHING: Final = re.compile(r"[\s\-–—‐]+")


def code_of(number: int, key: bytes) -> str:
    """The code of the voucher of that number, in groups of four.

    Raises:
        ValueError: the number has no place in a code (40 bits).
    """
    if not 0 <= number < 1 << 5 * NUMBER:
        raise ValueError(f"no voucher has the number {number}")
    letters = _in_letters(number, NUMBER) + _tag(number, key)
    return "-".join(letters[start : start + 4] for start in range(0, len(letters), 4))


def number_of(code: str, keys: Iterable[bytes]) -> int | None:
    """Whose code it is; None: it was not given out under any of these keys. Spaces, dashes and case don't matter."""
    letters = _NOTHING.sub("", code).upper().translate(_READ_AS)
    if len(letters) != NUMBER + TAG or set(letters) - set(LETTERS):
        return None
    number = 0
    for letter in letters[:NUMBER]:
        number = number << 5 | LETTERS.index(letter)
    given = letters[NUMBER:]
    # every key is tried, so that the time it takes says nothing
    fits = [hmac.compare_digest(_tag(number, key), given) for key in keys]
    return number if any(fits) else None


def _tag(number: int, key: bytes) -> str:
    digest = hmac.digest(key, f"voucher:{number}".encode(), "sha256")
    return _in_letters(int.from_bytes(digest[:8], "big") >> 4, TAG)


def _in_letters(value: int, length: int) -> str:
    return "".join(LETTERS[value >> 5 * place & 31] for place in reversed(range(length)))
