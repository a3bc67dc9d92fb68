"""Keys, the order they have, and what is found among sorted ones by halving."""

import numpy as np
import numpy.typing as npt

Key = npt.NDArray[np.uint64]


def order_of(keys: Key) -> npt.NDArray[np.intp]:
    """The rows in the order of their keys.

    Numbers are sorted in half the time that it takes to sort rows by them. So the last bits of each key give way to its
    row; keys that differ in those bits alone are few, and where there are any, rows are sorted after all.
    """
    bits = np.uint64(max(len(keys) - 1, 0).bit_length())
    numbered = (keys >> bits << bits) | np.arange(len(keys), dtype=np.uint64)
    numbered.sort()
    order = (numbered & ((np.uint64(1) << bits) - np.uint64(1))).astype(np.intp)
    found = keys[order]
    return np.argsort(keys) if (found[1:] < found[:-1]).any() else order


def each(keys: Key) -> Key:
    """Every key once, of keys that are sorted."""
    return keys[np.append(True, keys[1:] != keys[:-1])] if len(keys) else keys


def has(among: Key, keys: Key) -> npt.NDArray[np.bool_]:
    """Which of these keys are in `among`, which is sorted; quickest if they are sorted, too."""
    return _found(among, keys)[1]


def rows_of(among: Key, keys: Key) -> npt.NDArray[np.intp]:
    """The rows of `among` that have one of these keys. Both are sorted; `keys` differ from each other."""
    begin, there = _found(among, keys)
    begin, keys = begin[there], keys[there]
    many = np.searchsorted(among, keys, side="right") - begin
    ends = np.cumsum(many)
    return np.repeat(begin - ends + many, many) + np.arange(ends[-1] if len(ends) else 0)


def _found(among: Key, keys: Key) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.bool_]]:
    """The first row that has each key or would have it, and whether it has."""
    begin = np.searchsorted(among, keys)
    there = among[np.minimum(begin, len(among) - 1)] == keys if len(among) else np.zeros(len(keys), dtype=bool)
    return begin, there


def repeated(keys: Key) -> npt.NDArray[np.bool_]:
    """Which of these, which are sorted, are there more than once."""
    same = keys[1:] == keys[:-1]
    return np.append(same, False) | np.append(False, same) if len(keys) else same
