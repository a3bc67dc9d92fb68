"""What research advises about a plan: parts that are missing or do not match the failure, each with its source.

Advice never changes a plan; a person reads it and decides. Sources that were read are of high confidence, those known
from other works of medium, those recalled of low confidence; all of it is direction, none of it an effect size for this
company.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Final

from amends.kernel.repair_ids import RepairId
from amends.kernel.severity import SEVERITIES
from amends.kernel.taxonomy import Confidence, Hurt
from amends.kernel.text import Localised
from amends.recover.core.coverage import Item, coverage

MONEY: Final = frozenset({"refund", "cash", "discount", "waiver"})  # worth that is money, now
OURS: Final = frozenset({"person", "process", "product", "technology", "communication", "supplier"})
CAP: Final = Decimal("1.5")  # of the price: above it loyalty falls (Haesevoets 2017)
STEEP_FROM: Final = Decimal("0.6")  # of the loss: below it money does little for who rejects (Gelbrich et al. 2015)
LONG_WAIT: Final = timedelta(days=1)  # our own judgement, of low confidence


@dataclass(frozen=True, kw_only=True)
class Situation:
    """What a plan is held against."""

    items: tuple[Item, ...]
    hurts: frozenset[Hurt]
    severity: int
    responsible: str
    stable: bool
    price: Decimal | None  # what the customer paid, where it is known
    loss: Decimal | None  # what they lost in money
    earlier_failures: int
    given_before: Decimal | None  # for the failure before this one, where there was a case

    @property
    def counting(self) -> list[Item]:
        """The actions that are, or will be, done."""
        return [item for item in self.items if item.counts]

    def repairs(self, phase: str = "") -> set[str]:
        """Which repairs the plan holds."""
        return {item.repair.id for item in self.counting if item.repair and phase in {"", item.phase}}

    @property
    def worth(self) -> Decimal:
        """All that the plan gives, or has given."""
        return sum((item.amount for item in self.counting), Decimal(0))

    @property
    def comes_from_us(self) -> bool:
        """The firm, or who works for it, is at fault."""
        return self.responsible in OURS


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One finding of research, and when a plan goes against it."""

    id: str
    holds: Callable[[Situation], bool]
    text: Localised
    source: str
    confidence: Confidence
    adds: tuple[RepairId, ...] = ()  # what would answer it


@dataclass(frozen=True, kw_only=True)
class Advice:
    """A rule that speaks about this plan, its sentence filled."""

    id: str
    text: Localised
    source: str
    confidence: Confidence
    adds: tuple[RepairId, ...] = field(default=())


def advise(situation: Situation) -> tuple[Advice, ...]:
    """Everything that the rules have to say, the best founded first."""
    order: Mapping[Confidence, int] = {"high": 0, "medium": 1, "low": 2}
    speaking = sorted((rule for rule in RULES if rule.holds(situation)), key=lambda rule: order[rule.confidence])
    return tuple(
        Advice(id=rule.id, text=rule.text, source=rule.source, confidence=rule.confidence, adds=rule.adds)
        for rule in speaking
    )


def _money_at_once(it: Situation) -> bool:
    return bool(MONEY & it.repairs("immediate"))


def _is_grave(it: Situation) -> bool:
    return it.severity > SEVERITIES["light"]


def _psychological(items: Iterable[Item]) -> bool:
    return any(item.repair and item.repair.sort == "psychological" for item in items)


def _rejects(it: Situation) -> bool:
    """The customer gives the service back: their money is returned and nothing takes its place."""
    return "refund" in it.repairs() and not it.repairs() & {"substitute", "reinstate", "redo", "replace"}


def _beyond_cap(it: Situation) -> bool:
    return bool(it.price) and it.worth > CAP * (it.price or Decimal(0))


def _beyond_refund(it: Situation) -> Decimal:
    return sum((item.amount for item in it.counting if item.remedy != "refund"), Decimal(0))


def _second(it: Situation) -> bool:
    return it.earlier_failures > 0 and _is_grave(it) and it.worth <= (it.given_before or Decimal(0))


def _waits_untold(it: Situation) -> bool:
    longest = max((item.due_in for item in it.counting if item.phase == "immediate"), default=timedelta(0))
    return longest >= LONG_WAIT and not any(
        item.kind in {"progress_notice", "call", "explanation"} for item in it.counting
    )


def _uncovered(it: Situation, justice: str) -> bool:
    return any(one.missing for one in coverage(it.items) if one.justice == justice)


RULES: Final[Sequence[Rule]] = (
    Rule(
        id="money-for-money",
        holds=lambda it: "money" in it.hurts and not MONEY & it.repairs(),
        text=Localised(
            en="The customer lost money, and the plan gives none back. A loss of money is best made up in money, "
            "at once.",
            zh="顾客损失的是钱，而方案中没有现金补偿。金钱损失最好立即以金钱弥补。",
        ),
        source="Roschk & Gelbrich 2014",
        confidence="high",
        adds=("refund", "cash"),
    ),
    Rule(
        id="money-now",
        holds=lambda it: "money" in it.hurts and bool(MONEY & it.repairs()) and not _money_at_once(it),
        text=Localised(
            en="The money comes only later. Immediate money does more than the same sum delayed.",
            zh="补偿金安排得太晚。同样的金额，立即支付比延后支付更有效。",
        ),
        source="Roschk & Gelbrich 2014",
        confidence="high",
        adds=("refund", "cash"),
    ),
    Rule(
        id="exchange-for-goods",
        holds=lambda it: "goods" in it.hurts and not it.repairs() & {"replace", "reinstate", "redo"},
        text=Localised(
            en="Goods are gone or damaged, and nothing in the plan replaces them. Flawed goods want an exchange.",
            zh="物品丢失或损坏，而方案中没有更换或修复。有问题的物品应予更换。",
        ),
        source="Roschk & Gelbrich 2014",
        confidence="high",
        adds=("replace",),
    ),
    Rule(
        id="service-again",
        holds=lambda it: (
            "service" in it.hurts
            and _is_grave(it)
            and not it.repairs() & {"redo", "reinstate", "substitute", "replace", "refund"}
        ),
        text=Localised(
            en="The service itself failed, and the plan neither does it again nor puts something in its place.",
            zh="服务本身没有兑现，而方案既没有重新提供，也没有替代安排。",
        ),
        source="Roschk & Gelbrich 2014",
        confidence="high",
        adds=("redo", "substitute"),
    ),
    Rule(
        id="attention-for-inattention",
        holds=lambda it: "attention" in it.hurts and not it.repairs() & {"apologise_in_person", "listen"},
        text=Localised(
            en="The customer was not treated as they should have been. That wants someone who listens and says sorry; "
            "money alone does not mend it.",
            zh="顾客没有得到应有的对待。需要有人倾听并当面致歉，仅靠金钱难以弥补。",
        ),
        source="Roschk & Gelbrich 2014",
        confidence="high",
        adds=("listen", "apologise_in_person"),
    ),
    Rule(
        id="more-than-the-first",
        holds=_second,
        text=Localised(
            en="We failed this customer before, and this plan gives no more than they got then. After a second failure "
            "the first recovery no longer helps.",
            zh="我们此前已对这位顾客失误过，而本方案给予的不比上次多。第二次失误后，同样的补救不再有效。",
        ),
        source="Maxham & Netemeyer 2002",
        confidence="high",
        adds=("listen", "cash", "upgrade"),
    ),
    Rule(
        id="not-beyond-the-cap",
        holds=_beyond_cap,
        text=Localised(
            en="All together is more than one and a half times what the customer paid. Loyalty rises up to about "
            "there and "
            "falls beyond. What law or contract fixes is owed all the same.",
            zh="补偿总额超过顾客所付价格的1.5倍。忠诚度在此之前上升，超过后反而下降。法律或合同规定的部分仍须支付。",
        ),
        source="Haesevoets 2017",
        confidence="high",
    ),
    Rule(
        id="too-little-for-who-rejects",
        holds=lambda it: (
            _rejects(it)
            and it.comes_from_us
            and it.severity == SEVERITIES["severe"]
            and it.loss is not None
            and 0 < _beyond_refund(it) < STEEP_FROM * it.loss
            and not _beyond_cap(it)  # nobody is told both to give less and to give more
        ),
        text=Localised(
            en="The customer gives the service back. For them, money on top does little below 60 % of the loss "
            "and most "
            "between 60 % and 120 %.",
            zh="顾客选择退掉服务。此时额外补偿低于损失的60%作用很小，在60%至120%之间效果最明显。",
        ),
        source="Gelbrich, Gäthke & Grégoire 2015",
        confidence="high",
        adds=("cash",),
    ),
    Rule(
        id="first-money-for-who-accepts",
        holds=lambda it: (
            it.comes_from_us and _is_grave(it) and bool(it.repairs() & {"substitute", "redo"}) and not it.worth
        ),
        text=Localised(
            en="The customer takes the service after all. For them the first money does the most, even if it is "
            "little.",
            zh="顾客最终接受了服务。此时最初的一点补偿效果最大，金额不必高。",
        ),
        source="Gelbrich, Gäthke & Grégoire 2015",
        confidence="high",
        adds=("voucher", "discount"),
    ),
    Rule(
        id="money-where-not-ours",
        holds=lambda it: (
            not it.comes_from_us and any(item.remedy in {"cash", "points", "gift"} for item in it.counting)
        ),
        text=Localised(
            en="The cause was not ours. Compensation brings customers back only where the firm is responsible; "
            "here care and "
            "information do more.",
            zh="责任不在我方。只有在企业负有责任时，补偿才会促使顾客再次光顾；此时关怀和信息更有用。",
        ),
        source="Grewal, Roggeveen & Tsiros 2008",
        confidence="high",
        adds=("explain",),
    ),
    Rule(
        id="say-how-long",
        holds=_waits_untold,
        text=Localised(
            en="The customer waits a day or more, and nothing in the plan says how long. Clear words about the "
            "wait make it "
            "easier to bear.",
            zh="顾客需要等待一天以上，而方案中没有告知等待时间。清楚说明要等多久会让等待好受一些。",
        ),
        source="Valentini, Orsingher & Polyakova 2020",
        confidence="high",
        adds=("acknowledge",),
    ),
    Rule(
        id="fair-result",
        holds=lambda it: _uncovered(it, "distributive") and _is_grave(it),
        text=Localised(
            en="Nothing in the plan gives the customer a fair result. It weighs most for satisfaction with the "
            "handling.",
            zh="方案中没有让顾客得到公平结果的措施。结果公平对处理满意度影响最大。",
        ),
        source="Orsingher, Valentini & de Angelis 2010",
        confidence="high",
        adds=("refund", "voucher"),
    ),
    Rule(
        id="fair-treatment",
        holds=lambda it: _uncovered(it, "interactional") or not _psychological(it.counting),
        text=Localised(
            en="Nothing in the plan says sorry, explains or listens. Fair treatment weighs most for loyalty.",
            zh="方案中没有致歉、说明或倾听。态度上的公平对忠诚度影响最大。",
        ),
        source="Gelbrich & Roschk 2011",
        confidence="high",
        adds=("apologise_in_writing", "listen"),
    ),
    Rule(
        id="apology-owed",
        holds=lambda it: it.comes_from_us and not any(item.kind in {"apology", "call"} for item in it.counting),
        text=Localised(
            en="The fault is ours, and nobody says sorry. Customers expect an apology wherever the firm is at fault.",
            zh="责任在我方，却没有致歉。只要是企业的责任，顾客都期待得到道歉。",
        ),
        source="Folkes 1984 (recalled)",
        confidence="low",
        adds=("apologise_in_writing", "apologise_in_person"),
    ),
    Rule(
        id="refund-over-exchange",
        holds=lambda it: it.stable and it.comes_from_us and "replace" in it.repairs() and "refund" not in it.repairs(),
        text=Localised(
            en="The cause is likely to come again. Then customers would rather have their money back than the "
            "same once more.",
            zh="同样的问题可能再次发生。此时顾客更愿意退款，而不是换一个同样的。",
        ),
        source="Folkes 1984 (recalled)",
        confidence="low",
        adds=("refund",),
    ),
    Rule(
        id="fair-procedure",
        holds=lambda it: _uncovered(it, "procedural") and _is_grave(it),
        text=Localised(
            en="Nothing in the plan shows a fair procedure: the customer is neither told how it goes on nor asked.",
            zh="方案中没有体现程序公平的措施：既没有告知后续安排，也没有听取顾客意见。",
        ),
        source="Tax, Brown & Chandrashekaran 1998 (recalled)",
        confidence="low",
        adds=("explain", "acknowledge"),
    ),
    Rule(
        id="follow-up",
        holds=lambda it: _is_grave(it) and not any(item.phase == "follow_up" for item in it.counting),
        text=Localised(
            en="Nobody asks afterwards whether it was made good. A follow-up closes the circle.",
            zh="事后没有人询问是否真正补救到位。回访是补救的最后一步。",
        ),
        source="Bell & Zemke 1987 (recalled)",
        confidence="low",
        adds=("follow_up_call",),
    ),
)
"""Findings of the field, in the order in which equally well-founded ones are shown."""
