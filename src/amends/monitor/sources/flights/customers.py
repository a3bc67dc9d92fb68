"""Synthetic customers: who a reference made by `passengers` stands for; one reference and seed, one person.

Nobody real can be reached: e-mail is at `passengers.example` (RFC 2606), telephone numbers are from 555-0100 to
555-0199, kept for fiction in North America.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from amends.monitor.core.keyed_random import Ints, Keys, choose, key_of, normal, subkeys, uniform

from .names import CHINESE_FAMILY, CHINESE_GIVEN, ENGLISH_FAMILY, ENGLISH_GIVEN
from .passengers import POOL, TIERS, money, tier_of

CHINESE_SHARE: Final = 0.30
VULNERABLE_SHARE: Final = 0.02

VULNERABLE: Final = (
    "reduced_mobility",
    "medical_condition",
    "impaired_hearing",
    "impaired_sight",
    "unaccompanied_minor",
)
_VULNERABLE_CUMULATIVE: Final = np.cumsum([0.48, 0.16, 0.10, 0.08, 0.18])

YEARLY_VALUE_MEDIAN: Final = np.array([9_000.0, 4_200.0, 2_100.0, 520.0])  # USD revenue by tier; our assumption
YEARLY_VALUE_SPREAD: Final = 0.55

AREA_CODES: Final = np.array(
    ["201", "212", "305", "312", "404", "415", "516", "617", "646", "702", "718", "808", "908", "917", "973"]
)


def customers(references: pa.Array | pa.ChunkedArray | Sequence[str], seed: int, pool: int = POOL) -> pa.Table:
    """One row a reference, in the order given; `pool` as given to `passengers`."""
    reference = _as_array(references)
    number = _numbers(reference, pool)
    keys = subkeys(np.full(len(number), key_of(seed, "customer"), dtype=np.uint64), number)
    tier = tier_of(number, pool)
    chinese = uniform(keys, 0) < CHINESE_SHARE
    vulnerable = uniform(keys, 1) < VULNERABLE_SHARE
    reason = choose(keys, 2, _VULNERABLE_CUMULATIVE)
    reason = np.where(
        (VULNERABLE.index("unaccompanied_minor") == reason) & (tier < len(TIERS) - 1), 0, reason
    )  # children hold no tier
    value = np.rint(YEARLY_VALUE_MEDIAN[tier] * np.exp(YEARLY_VALUE_SPREAD * normal(keys, 3)) * 100).astype(np.int64)
    return pa.table(
        {
            "reference": reference,
            "kind": pa.repeat("external", len(number)),
            "name": _names(keys, chinese),
            "locale": _pick(["en", "zh-Hans"], chinese.astype(np.int64)),
            "email": pc.binary_join_element_wise(pc.utf8_lower(reference), "passengers.example", "@"),
            "phone": _phones(keys),
            "tier": _pick([name for name, _, _ in TIERS], tier),
            "value": money(value),
            "currency": pa.repeat("USD", len(number)),
            "vulnerable": pa.array(vulnerable),
            "vulnerable_reason": pc.if_else(pa.array(vulnerable), _pick(list(VULNERABLE), reason), None),
            "synthetic": pa.repeat(True, len(number)),
        }
    )


def _as_array(references: pa.Array | pa.ChunkedArray | Sequence[str]) -> pa.Array:
    if isinstance(references, pa.ChunkedArray):
        return references.combine_chunks()
    return references if isinstance(references, pa.Array) else pa.array(references, pa.string())


def _numbers(reference: pa.Array, pool: int) -> Ints:
    made_here = pc.match_substring_regex(reference, r"^SYN-\d{7,}$")
    if len(reference) and not pc.all(made_here, min_count=0).as_py():
        stranger = reference.filter(pc.invert(made_here))[0]
        raise ValueError(f"{stranger} is no reference of a synthetic customer (SYN-0000123)")
    numbers: Ints = pc.utf8_slice_codeunits(reference, 4).cast(pa.int64()).to_numpy(zero_copy_only=False)
    if len(numbers) and int(numbers.max()) >= pool:
        raise ValueError(f"SYN-{numbers.max():07d} is outside a pool of {pool:,} customers")
    return numbers


def _pick(words: list[str], index: Ints) -> pa.Array:
    return pa.array(words).take(pa.array(index))


def _names(keys: Keys, chinese: np.ndarray) -> pa.Array:
    family_zh, given_zh = (
        _drawn(names, keys, counter) for names, counter in ((CHINESE_FAMILY, 10), (CHINESE_GIVEN, 11))
    )
    given_en, family_en = (
        _drawn(names, keys, counter) for names, counter in ((ENGLISH_GIVEN, 12), (ENGLISH_FAMILY, 13))
    )
    return pc.if_else(
        pa.array(chinese),
        pc.binary_join_element_wise(family_zh, given_zh, ""),
        pc.binary_join_element_wise(given_en, family_en, " "),
    )


def _drawn(names: tuple[str, ...], keys: Keys, counter: int) -> pa.Array:
    """One of the names each, the earlier ones more often: shares fall as one over the square root of the place."""
    shares = 1.0 / np.sqrt(np.arange(1, len(names) + 1))
    return _pick(list(names), choose(keys, counter, np.cumsum(shares / shares.sum())))


def _phones(keys: Keys) -> pa.Array:
    area = _pick(AREA_CODES.tolist(), (uniform(keys, 20) * len(AREA_CODES)).astype(np.int64))
    line = pc.utf8_lpad(pa.array((uniform(keys, 21) * 100).astype(np.int64)).cast(pa.string()), 2, "0")
    return pc.binary_join_element_wise("+1", area, "55501", line, "")
