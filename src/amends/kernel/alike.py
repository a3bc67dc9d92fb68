"""How alike the words of two texts are: shared pairs of characters over all (Jaccard 1901).

Bigrams need no words, so Chinese, English and mixed text are compared alike. NumPy is loaded when texts are compared:
every process of the product reads this file for its default, and few compare.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import numpy as np

SAME_WORDS: Final = 0.35  # from here on people would call two texts alike
_PLACES: Final = 4_096  # of the sketch; pairs that share a place make texts look a little more alike, never decide it
_SLACK: Final = 0.1  # so much less alike a sketch may look than the texts are


def shared_pairs(one: str, other: str) -> float:
    """How many of the pairs of characters that either text has both have, from 0 to 1."""
    return _jaccard(pairs_of(one), pairs_of(other))


def pairs_of(text: str) -> frozenset[str]:
    """The pairs of neighbouring letters and digits, whatever stands between them and however they are cased."""
    letters = "".join(letter for letter in text.casefold() if letter.isalnum())
    return frozenset(letters[at : at + 2] for at in range(len(letters) - 1))


def alike(these: Sequence[str], those: Sequence[str], *, least: float = SAME_WORDS) -> list[list[tuple[int, float]]]:
    """For each of `these` the places of `those` that are at least so alike, with how much; exact, and set-wise.

    A product of two matrices of sketches leaves out what cannot be alike; only the rest is compared letter by letter.
    """
    import numpy as np

    mine, theirs = [pairs_of(text) for text in these], [pairs_of(text) for text in those]
    if not mine or not theirs:
        return [[] for _ in mine]
    left, right = _sketch(mine), _sketch(theirs)
    both = left @ right.T
    either = left.sum(1)[:, None] + right.sum(1)[None, :] - both
    near = both >= (least - _SLACK) * np.maximum(either, 1)
    found = []
    for row, pairs in enumerate(mine):
        exact = ((int(at), _jaccard(pairs, theirs[at])) for at in np.flatnonzero(near[row]))
        found.append([(at, score) for at, score in exact if score >= least])
    return found


def _jaccard(mine: frozenset[str], theirs: frozenset[str]) -> float:
    return len(mine & theirs) / len(mine | theirs) if mine and theirs else 0.0


def _sketch(texts: Sequence[frozenset[str]]) -> "np.ndarray[tuple[int, int], np.dtype[np.float32]]":
    import numpy as np

    sketch = np.zeros((len(texts), _PLACES), dtype=np.float32)
    for row, pairs in enumerate(texts):
        sketch[row, [(ord(pair[0]) * 31 + ord(pair[1]) * 1_009) % _PLACES for pair in pairs]] = 1
    return sketch
