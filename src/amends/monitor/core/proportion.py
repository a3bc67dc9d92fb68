"""A share of few, with how far it may be off: Wilson's score interval."""

from math import sqrt
from typing import Final

Z95: Final = 1.959963984540054  # of the normal distribution: 95 % lie within so many standard deviations


def wilson(hits: float, number: float, *, z: float = Z95) -> tuple[float, float, float] | None:
    """The share of hits with the low and the high end of its interval; None of nothing (Wilson 1927, JASA 22:209)."""
    if number <= 0:
        return None
    share = hits / number
    middle = (share + z * z / (2 * number)) / (1 + z * z / number)
    half = z * sqrt(share * (1 - share) / number + z * z / (4 * number * number)) / (1 + z * z / number)
    return share, max(0.0, min(middle - half, share)), min(1.0, max(middle + half, share))
