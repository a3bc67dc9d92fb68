"""Signs that a claim is worth a closer look, each with its reason: advice for people, never a refusal.

Nothing here is asked when a plan is made: who claims too much is owed what happened to them all the same (Law 8).
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

from amends.kernel.blueprint.care import CloserLook
from amends.kernel.money import Money
from amends.kernel.reason import Reason
from amends.kernel.text import Localised

Sign = Literal["claim", "receipt", "strangers", "refusals"]

# A median absolute deviation is to a standard deviation as 0.6745 to 1 where sums are spread as a bell (Iglewicz &
# Hoaglin 1993). Where most claim exactly the same it is 0; then a tenth of the median stands in for it.
BELL: Final = Decimal("0.6745")
LEAST_DEVIATION: Final = Decimal("0.1")


@dataclass(frozen=True, kw_only=True)
class LikeCustomers:
    """What others with this kind of failure and this tier claim."""

    claims: int
    median: Decimal
    deviation: Decimal  # median absolute deviation


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What is known of one case's claim."""

    claimed: Money | None  # what the customer names
    like: LikeCustomers | None
    receipts_elsewhere: tuple[tuple[str, int], ...] = ()  # a receipt of this case, and another case that has it
    on_roster: bool = True  # or there is no roster to be on
    strangers: int = 0  # customers who claim for the subject and are not on its roster, this one among them
    refused: int = 0  # requests of this customer that were refused, within the time
    objected: int = 0  # cases of theirs to whose answer they said no, within the time


@dataclass(frozen=True, kw_only=True)
class Found:
    """One sign."""

    sign: Sign
    weight: int
    why: Reason


@dataclass(frozen=True, kw_only=True)
class Advice:
    """What all signs add up to."""

    weight: int
    advised: bool
    found: tuple[Found, ...]


def advice(evidence: Evidence, rules: CloserLook) -> Advice:
    """Whether a closer look is advised, and every sign that speaks for it."""
    looked = (
        _claim(evidence, rules),
        _receipt(evidence, rules),
        _strangers(evidence, rules),
        _refusals(evidence, rules),
    )
    found = tuple(one for one in looked if one is not None and one.weight > 0)
    weight = sum(one.weight for one in found)
    return Advice(weight=weight, advised=bool(found) and weight >= rules.from_weight, found=found)


def distance(sum_: Decimal, like: LikeCustomers) -> Decimal:
    """How far a sum lies above the median of like customers, as a robust z."""
    deviation = max(like.deviation, like.median * LEAST_DEVIATION)
    if deviation <= 0:
        return Decimal(0)
    return BELL * (sum_ - like.median) / deviation


def _claim(evidence: Evidence, rules: CloserLook) -> Found | None:
    claimed, like = evidence.claimed, evidence.like
    if claimed is None or like is None or like.claims < rules.like_customers:
        return None
    z = distance(claimed.amount, like)
    if z < rules.far_above:
        return None
    usual = Money(like.median, claimed.currency)
    return Found(
        sign="claim",
        weight=rules.weight_claim,
        why=Reason(
            rule="care.closer_look.far_above",
            text=Localised(
                en=(
                    f"The claim of {claimed.in_('en')} is far above what like customers claim: half of {like.claims:,}"
                    f" claim no more than {usual.in_('en')}."
                ),
                zh=(
                    f"索赔金额{claimed.in_('zh')}远高于同类顾客：在{like.claims:,}位同类顾客中，"
                    f"半数不超过{usual.in_('zh')}。"
                ),
            ),
            inputs={"claimed": str(claimed.amount), "median": str(like.median), "z": str(round(z, 2))},
        ),
    )


def _receipt(evidence: Evidence, rules: CloserLook) -> Found | None:
    if not evidence.receipts_elsewhere:
        return None
    reference, case = evidence.receipts_elsewhere[0]
    more = len(evidence.receipts_elsewhere) - 1
    and_en, and_zh = (f" and {more} more", f"等{more + 1}处") if more else ("", "")
    return Found(
        sign="receipt",
        weight=rules.weight_receipt,
        why=Reason(
            rule="care.closer_look.weight_receipt",
            text=Localised(
                en=f"The receipt {reference} is in case {case}{and_en} too.",
                zh=f"凭证{reference}在案件{case}{and_zh}中也出现过。",
            ),
            inputs={"receipts": [list(pair) for pair in evidence.receipts_elsewhere]},
        ),
    )


def _strangers(evidence: Evidence, rules: CloserLook) -> Found | None:
    if evidence.on_roster or evidence.strangers < rules.strangers:
        return None
    return Found(
        sign="strangers",
        weight=rules.weight_strangers,
        why=Reason(
            rule="care.closer_look.strangers",
            text=Localised(
                en=(
                    f"This customer is not on the list of those who were served, and neither are others who claim for"
                    f" it: {evidence.strangers} in all."
                ),
                zh=f"这位顾客不在服务名单上，而且共有{evidence.strangers}位不在名单上的顾客就此提出诉求。",
            ),
            inputs={"strangers": evidence.strangers},
        ),
    )


def _refusals(evidence: Evidence, rules: CloserLook) -> Found | None:
    times = evidence.refused + evidence.objected
    if times < rules.refusals:
        return None
    return Found(
        sign="refusals",
        weight=rules.weight_refusals,
        why=Reason(
            rule="care.closer_look.refusals",
            text=Localised(
                en=f"Lately {evidence.refused} requests were refused and {evidence.objected} answers objected to.",
                zh=f"近期有{evidence.refused}项申请未获批准，{evidence.objected}次对处理结果提出异议。",
            ),
            inputs={"refused": evidence.refused, "objected": evidence.objected},
        ),
    )
