"""Which case first: a number that a person can add up. How soon something is due is not in it; the inbox sorts by
that too.

    100 x severity (light 1, moderate 2, severe 3)
  +  40   if the customer is vulnerable
  +  25   if the customer failed recently and is handled with care
  +  15 x earlier failures within a year, at most 3 of them    a second failure hurts more than the first
                                                               (double deviation: Maxham & Netemeyer 2002)
  +   5 x log10(1 + yearly value)                              so value decides only between equals

The weights are our own judgement, of low confidence. Value moves nobody past a graver failure: a million a year adds
30.
What a customer is offered never depends on this number.
"""

import math
from decimal import Decimal
from typing import Final

SEVERITY_WEIGHT: Final = 100
VULNERABLE_WEIGHT: Final = 40
WATCH_WEIGHT: Final = 25
PRIOR_WEIGHT: Final = 15
PRIOR_MOST: Final = 3
VALUE_WEIGHT: Final = 5


def priority(*, severity: int, vulnerable: bool, watched: bool, prior_failures: int, value: Decimal) -> float:
    """The formula above."""
    return (
        SEVERITY_WEIGHT * severity
        + VULNERABLE_WEIGHT * vulnerable
        + WATCH_WEIGHT * watched
        + PRIOR_WEIGHT * min(prior_failures, PRIOR_MOST)
        + VALUE_WEIGHT * math.log10(1 + max(0.0, float(value)))
    )
