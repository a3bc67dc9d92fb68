"""Which case first: a number that a person can add up.

    100 x severity (light 1, moderate 2, severe 3)
  +  40   if the customer is vulnerable
  +  25   if the customer failed recently and is handled with care
  +  15 x earlier failures within a year, at most 3 of them    a second failure hurts more than the first
                                                               (double deviation: Maxham & Netemeyer 2002)
  +   5 x log10(1 + yearly value)                              so value decides only between equals
  +  what it costs to leave the case as it is                  core/leaving.py; the inbox puts the dearest first
  + 100  or less 100, if a person judged it more or less pressing than all that, and said why

The weights are our own judgement, of low confidence. The value by itself moves nobody past a graver failure: a
million a year adds 30.
What a customer is offered never depends on this number.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from amends.kernel.severity import SEVERITY_NAMES
from amends.kernel.taxonomy import DECISION_FACTS
from amends.kernel.text import Localised
from amends.recover.core.leaving import NOTHING, URGENCY_WEIGHT, urgency

SEVERITY_WEIGHT: Final = 100
VULNERABLE_WEIGHT: Final = 40
WATCH_WEIGHT: Final = 25
PRIOR_WEIGHT: Final = 15
PRIOR_MOST: Final = 3
VALUE_WEIGHT: Final = 5
PRESSING: Final[Mapping[int, Localised]] = {
    SEVERITY_WEIGHT: Localised(en="more pressing, as one of us judged it", zh="经人工判断更紧急"),
    0: Localised(en="as the formula says", zh="按公式计算"),
    -SEVERITY_WEIGHT: Localised(en="less pressing, as one of us judged it", zh="经人工判断不那么紧急"),
}
"""Points that a person may add with a reason: as much as a grade of severity, either way."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """One summand, and why it is there."""

    points: float
    why: Localised

    @property
    def size(self) -> float:
        """How many points, without their sign."""
        return abs(self.points)


FORMULA: Final = Localised(
    en=f"{SEVERITY_WEIGHT} points for each grade of severity (light 1, moderate 2, severe 3); {VULNERABLE_WEIGHT} "
    f"if the "
    f"customer needs special care; {WATCH_WEIGHT} if they are to be handled with care; {PRIOR_WEIGHT} for each earlier "
    f"failure within a year, at most {PRIOR_MOST}; and {VALUE_WEIGHT} for each digit of their yearly value, so "
    f"that value "
    f"decides only between equals. What it costs to leave the case a while longer adds {URGENCY_WEIGHT} for each "
    f"digit. Whoever works on the case may judge it more or less pressing by {SEVERITY_WEIGHT}, with a reason.",
    zh=f"严重程度每级{SEVERITY_WEIGHT}分（轻微1级、中等2级、严重3级）；需要特别照顾的顾客加{VULNERABLE_WEIGHT}分；"
    f"需要谨慎对待的顾客加{WATCH_WEIGHT}分；一年内此前每次失误加{PRIOR_WEIGHT}分，最多计{PRIOR_MOST}次；"
    f"年消费额每多一位数加{VALUE_WEIGHT}分，因此消费额只在其他条件相同时起作用；"
    f"再放置一段时间的损失每多一位数加{URGENCY_WEIGHT}分。"
    f"处理人可说明原因，将其调高或调低{SEVERITY_WEIGHT}分。",
)
"""The formula in words."""


def parts(
    *,
    severity: int,
    vulnerable: bool,
    watched: bool,
    prior_failures: int,
    value: Decimal,
    leaving: Decimal = NOTHING,
    pressing: int = 0,
) -> tuple[Part, ...]:
    """The formula's summands for one case; those of nothing are left out. `pressing` is one of PRESSING."""
    grade = DECISION_FACTS["severity"].values or {}
    words = grade[SEVERITY_NAMES[severity]]
    counted = min(prior_failures, PRIOR_MOST)
    every = (
        Part(points=SEVERITY_WEIGHT * severity, why=Localised(en=f"severity: {words.en}", zh=f"严重程度：{words.zh}")),
        Part(
            points=VULNERABLE_WEIGHT * vulnerable,
            why=Localised(en="the customer needs special care", zh="顾客需要特别照顾"),
        ),
        Part(
            points=WATCH_WEIGHT * watched,
            why=Localised(en="failed recently: handle with care", zh="近期遇到过失误，需谨慎对待"),
        ),
        Part(
            points=PRIOR_WEIGHT * counted,
            why=Localised(
                en=f"earlier failures within a year: {prior_failures}", zh=f"一年内此前失误{prior_failures}次"
            ),
        ),
        Part(
            points=VALUE_WEIGHT * math.log10(1 + max(0.0, float(value))),
            why=Localised(en="what the customer is worth a year", zh="顾客的年消费额"),
        ),
        Part(
            points=urgency(leaving),
            why=Localised(en="what it costs to leave it any longer", zh="继续放置的损失"),
        ),
        Part(points=pressing, why=PRESSING[pressing]),
    )
    return tuple(part for part in every if part.points)


def priority(*, severity: int, vulnerable: bool, watched: bool, prior_failures: int, value: Decimal) -> float:
    """The formula above: the sum of its parts."""
    return sum(
        part.points
        for part in parts(
            severity=severity, vulnerable=vulnerable, watched=watched, prior_failures=prior_failures, value=value
        )
    )
