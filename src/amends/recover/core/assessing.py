"""The words of an assessment: whose fault it was, which gap it shows, and what changes when somebody judges anew.

Attribution has three dimensions (Folkes 1984, recalled): who, could it be controlled, will it come again. The five
gaps are those between what was expected and what was perceived (Parasuraman, Zeithaml & Berry 1985, recalled).
"""

from collections.abc import Mapping
from typing import Final, Literal, get_args

from amends.kernel.reason import Reason
from amends.kernel.taxonomy import Gap, Responsible
from amends.kernel.text import Localised

Party = Literal["us", "supplier", "customer", "external"]
ASPECTS: Final = (
    "kind",
    "severity",
    "responsible",
    "supplier",
    "controllable",
    "stable",
    "gap",
    "promised",
    "expected",
    "perceived",
    "pressing",
)
"""What of an assessment a person may change."""
RESTS_ON: Final = ("kind", "severity", "responsible", "supplier", "controllable", "stable")
"""What decides what a customer is owed: who judges it gives no leave for what rests on it."""
IN_THEIR_WORDS: Final = ("supplier", "promised", "expected", "perceived")  # text of a person's own
LONGEST: Final = {"supplier": 200, "promised": 1_000, "expected": 1_000, "perceived": 1_000}
REPLANNED_BY: Final = frozenset({"kind", "severity", "responsible", "controllable", "stable"})
RESPONSIBLE: Final = get_args(Responsible)
GAPS: Final = get_args(Gap)

PARTY_WORDS: Final[Mapping[Party, Localised]] = {
    "us": Localised(en="us", zh="我方"),
    "supplier": Localised(en="a supplier", zh="供应商"),
    "customer": Localised(en="the customer", zh="顾客"),
    "external": Localised(en="outside causes (force majeure)", zh="外部原因（不可抗力）"),
}
GAP_WORDS: Final[Mapping[str, Localised]] = {
    "knowledge": Localised(en="we did not know what customers expect", zh="不了解顾客的期望"),
    "standards": Localised(en="we know, but promise or plan too little", zh="了解期望，但标准或安排不到位"),
    "delivery": Localised(en="the standard is right, the delivery was not", zh="标准合理，但执行没有到位"),
    "communication": Localised(en="we promised more than we deliver", zh="承诺与实际提供的不一致"),
    "perception": Localised(en="it was delivered, but not perceived so", zh="服务已提供，但顾客没有感受到"),
}
CAUSE_TOLD: Final[Mapping[str, Localised]] = {
    "person": Localised(en="One of us made a mistake.", zh="我们的员工出现了差错。"),
    "process": Localised(en="Our own work was not organised well enough.", zh="我们内部的安排不够周到。"),
    "product": Localised(en="What we provided was not in order.", zh="我们提供的产品存在问题。"),
    "technology": Localised(en="Our technical systems failed.", zh="我们的技术系统出现了故障。"),
    "communication": Localised(en="We did not tell you clearly or in time.", zh="我们没有清楚、及时地告知您。"),
    "supplier": Localised(
        en="A partner who works for us did not deliver as agreed. You are our customer, so we make it right.",
        zh="为我们提供服务的合作方没有按约定做好。您是我们的顾客，由我们负责补救。",
    ),
    "customer": Localised(en="We looked into how it came about.", zh="我们已经了解了事情的经过。"),
    "external": Localised(en="The cause lay outside our control.", zh="原因超出了我们的控制。"),
}
"""What customers are told of a cause that a person named; never a blame."""


def kind_found(standard: Localised | None) -> Localised:
    """Why a failure is of its kind, where nobody judged it otherwise."""
    if standard is None:
        return Localised(en="as it was reported", zh="按反映的情况")
    return Localised(en=f"by the standard “{standard.en}”", zh=f"依据服务标准“{standard.zh}”")


def gap_found(kind: Localised) -> Localised:
    """Why it shows the gap that it shows, where nobody judged it otherwise."""
    return Localised(en=f"usual for “{kind.en}”", zh=f"“{kind.zh}”通常如此")


def party_of(responsible: str) -> Party:
    """Who is at fault: we ourselves, by whatever it was of ours, or one of three others."""
    return responsible if responsible in PARTY_WORDS else "us"  # type: ignore[return-value]  # the same words


def cause_told(responsible: str) -> Reason:
    """The cause as a person judged it, in words fit for the customer."""
    return Reason(
        rule=f"assessment.responsible.{responsible}",
        text=CAUSE_TOLD[responsible],
        inputs={"responsible": responsible},
    )
