"""Arrays of keys that are sorted, and what is found in them by halving."""

import numpy as np
import numpy.typing as npt

Key = npt.NDArray[np.uint64]


def rows_of(among: Key, keys: Key) -> npt.NDArray[np.intp]:
    """The rows of `among` that have one of these keys. Both are sorted; `keys` differ from each other."""
    if not len(among):
        return np.empty(0, np.intp)
    begin = np.searchsorted(among, keys)
    there = among[np.minimum(begin, len(among) - 1)] == keys
    begin, keys = begin[there], keys[there]
    many = np.searchsorted(among, keys, side="right") - begin
    ends = np.cumsum(many)
    return np.repeat(begin - ends + many, many) + np.arange(ends[-1] if len(ends) else 0)


def each(keys: Key) -> Key:
    """Every key once, of keys that are sorted."""
    return keys[np.append(True, keys[1:] != keys[:-1])] if len(keys) else keys
