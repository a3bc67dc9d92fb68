"""Random numbers that belong to a key, not to a sequence: the same seed and key draw the same, whatever else is drawn.

Counter-based, by the splitmix64 finaliser (Steele, Lea & Flood 2014), so that a whole column is drawn at once.
"""

import hashlib
from collections.abc import Iterable
from typing import Final

import numpy as np
import numpy.typing as npt

Keys = npt.NDArray[np.uint64]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_STEP: Final = np.uint64(0x9E3779B97F4A7C15)  # 2**64 / golden ratio, odd


def key_of(seed: int, *words: str) -> int:
    """A 64-bit key of a seed and words; the same on every machine."""
    digest = hashlib.blake2b("\x1f".join((str(seed), *words)).encode(), digest_size=8)
    return int.from_bytes(digest.digest(), "little")


def keys_of(seed: int, words: Iterable[str]) -> Keys:
    """The key of each word."""
    return np.fromiter((key_of(seed, word) for word in words), dtype=np.uint64)


def subkeys(keys: Keys, counter: npt.NDArray[np.integer] | int) -> Keys:
    """The keys' children numbered by counter (an array, or one number for all)."""
    state: Keys = keys + (np.atleast_1d(counter).astype(np.uint64) + np.uint64(1)) * _STEP
    state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return state ^ (state >> np.uint64(31))


def uniform(keys: Keys, counter: int) -> Floats:
    """Draw number `counter` of each key, evenly from [0, 1)."""
    return (subkeys(keys, counter) >> np.uint64(11)).astype(np.float64) * 2.0**-53


def normal(keys: Keys, counter: int) -> Floats:
    """Draw number `counter` of each key from the standard normal distribution (Box and Muller)."""
    first, second = uniform(keys, 2 * counter + 1_000), uniform(keys, 2 * counter + 1_001)
    return np.asarray(np.sqrt(-2.0 * np.log1p(-first)) * np.cos(2.0 * np.pi * second), dtype=np.float64)


def choose(keys: Keys, counter: int, cumulative: Floats) -> Ints:
    """Draw number `counter` of each key: an index, by cumulative shares that end at 1."""
    return np.minimum(np.searchsorted(cumulative, uniform(keys, counter), side="right"), len(cumulative) - 1)


def shuffled(numbers: Ints, size: Ints, keys: Keys) -> Ints:
    """Where a shuffle of range(size) under each key puts the number: distinct numbers of one key and size stay so.

    A four-round Feistel network over the next power of four, walked until the result falls within the size.
    """
    half = np.maximum((np.ceil(np.log2(np.maximum(size, 2))).astype(np.int64) + 1) // 2, 1).astype(np.uint64)
    result = numbers.astype(np.uint64)
    open_rows = np.arange(len(result))
    while len(open_rows):
        walked = _feistel(result[open_rows], half[open_rows], keys[open_rows])
        result[open_rows] = walked
        open_rows = open_rows[walked >= size[open_rows].astype(np.uint64)]
    return result.astype(np.int64)


def _feistel(numbers: Keys, half: Keys, keys: Keys) -> Keys:
    mask = (np.uint64(1) << half) - np.uint64(1)
    left, right = numbers >> half, numbers & mask
    for turn in range(4):
        left, right = right, left ^ (subkeys(subkeys(keys, turn), right) & mask)
    return (left << half) | right
