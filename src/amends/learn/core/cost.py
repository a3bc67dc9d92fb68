"""What failures cost, in four lines: remedies, handling, customers who leave, and what those tell others.

Every parameter is a figure of the blueprint's economics; a line is as certain as its least certain parameter or source.
The two lines of expectation are made only of customers with a case of their own: whom a failure hit lightly, the table
of loyalty does not speak of. A customer can leave only once, so of several cases of one customer each counts only for
the chance that the earlier ones had not yet driven them away. No gain is booked for good words.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Final, Literal

from amends.kernel.blueprint.economics import Economics, Figure
from amends.kernel.money import Money
from amends.kernel.taxonomy import Confidence
from amends.kernel.text import Localised, Said

LineName = Literal["remedies", "handling", "leaving", "word_of_mouth"]

LABELS: Final[dict[LineName, Localised]] = {
    "remedies": Localised(en="Remedies given", zh="已给出的补偿"),
    "handling": Localised(en="Handling", zh="处理成本"),
    "leaving": Localised(en="Customers expected to leave", zh="预计的顾客流失"),
    "word_of_mouth": Localised(en="Word of mouth", zh="口碑损失"),
}
FACE_VALUE: Final = Localised(en="the ledger, at face value", zh="台账，按面值计")
SHARE_WHO_STAY: Final = Localised(en="share who stay", zh="留下的比例")
CASES: Final = Localised(en="cases", zh="个案")
SIMULATED: Final = Localised(en="a simulated customer", zh="模拟顾客")
CONFIDENCES: Final[tuple[Confidence, ...]] = ("low", "medium", "high")  # in rising order


@dataclass(frozen=True, kw_only=True)
class Quantities:
    """What is counted before it is priced; quantities of two sets of cases add up."""

    remedies: Decimal = Decimal(0)  # given, in the blueprint's currency, at face value
    minutes: Decimal = Decimal(
        0
    )  # of staff time: as recorded; without a record, actions that people did x minutes of their kind
    messages: int = 0  # sent
    value_lost: Decimal = Decimal(0)  # sum over customers of yearly revenue x chance to leave because of the failure
    tellers: Decimal = Decimal(0)  # expected customers who speak ill of us
    cases: int = 0
    valued_by_default: int = 0  # of the cases: of customers whose own value is not known
    simulated: int = 0  # of the cases: answered by a simulated customer

    def __add__(self, other: "Quantities") -> "Quantities":
        return Quantities(**{part.name: getattr(self, part.name) + getattr(other, part.name) for part in fields(self)})


@dataclass(frozen=True, kw_only=True)
class Basis:
    """One figure that a line rests on."""

    name: str
    value: Decimal | None  # None: many values, such as a table
    unit: Said
    source: Said
    confidence: Confidence


@dataclass(frozen=True, kw_only=True)
class CostLine:
    """One line of the cost of failure, and what it rests on."""

    name: LineName
    label: Localised
    amount: Money
    confidence: Confidence
    basis: tuple[Basis, ...]


@dataclass(frozen=True, kw_only=True)
class Cost:
    """The cost of failure; `total` adds the lines up as they are shown."""

    lines: tuple[CostLine, ...]
    total: Money
    confidence: Confidence

    def line(self, name: LineName) -> CostLine:
        return next(line for line in self.lines if line.name == name)


def lowest(confidences: Iterable[Confidence]) -> Confidence:
    """The lowest of some confidences; a chain is as strong as its weakest link."""
    return min(confidences, key=CONFIDENCES.index)


def handling(quantities: Quantities, economics: Economics) -> Decimal:
    """minutes / 60 x wage per hour + messages x cost of a message."""
    time = quantities.minutes / 60 * economics.wage_per_hour.value
    return time + quantities.messages * economics.message_cost.value


def leaving(quantities: Quantities, economics: Economics) -> Decimal:
    """sum of (yearly revenue x chance to leave because of it) x margin x years, undiscounted."""
    return quantities.value_lost * economics.margin_share.value * economics.horizon_years.value


def word_of_mouth(quantities: Quantities, economics: Economics) -> Decimal:
    """tellers x people told x share of those who now do not buy x yearly revenue x margin x years.

    Who is told is a stranger to us: they are worth the default customer, not the one who tells.
    """
    words = economics.word_of_mouth
    strangers_lost = quantities.tellers * words.told_when_dissatisfied.value * words.loss_per_person_told.value
    return strangers_lost * economics.yearly_value.value * economics.margin_share.value * economics.horizon_years.value


def cost_of(quantities: Quantities, economics: Economics, currency: str) -> Cost:
    """The four lines and their total, in the blueprint's currency."""
    amounts: dict[LineName, Decimal] = {
        "remedies": quantities.remedies,
        "handling": handling(quantities, economics),
        "leaving": leaving(quantities, economics),
        "word_of_mouth": word_of_mouth(quantities, economics),
    }
    bases = _bases(quantities, economics, currency)
    lines = tuple(
        CostLine(
            name=name,
            label=LABELS[name],
            amount=Money(amount, currency),
            confidence=lowest(basis.confidence for basis in bases[name]),
            basis=bases[name],
        )
        for name, amount in amounts.items()
    )
    total = sum((line.amount for line in lines), Money.zero(currency))
    return Cost(lines=lines, total=total, confidence=lowest(line.confidence for line in lines))


def _bases(quantities: Quantities, economics: Economics, currency: str) -> dict[LineName, tuple[Basis, ...]]:
    ledger = Basis(name="ledger", value=None, unit=currency, source=FACE_VALUE, confidence="high")
    minutes = (_figure(f"handling_minutes.{kind}", figure) for kind, figure in economics.handling_minutes.items())
    worth = (_figure("margin_share", economics.margin_share), _figure("horizon_years", economics.horizon_years))
    default = _figure("yearly_value", economics.yearly_value)
    return {
        "remedies": (ledger,),
        "handling": (
            _figure("wage_per_hour", economics.wage_per_hour),
            *minutes,
            _figure("message_cost", economics.message_cost),
        ),
        "leaving": (
            _loyalty(economics),
            *worth,
            *([default] if quantities.valued_by_default else []),
            *_simulated(quantities),
        ),
        "word_of_mouth": (
            _loyalty(economics),
            _figure("word_of_mouth.told_when_dissatisfied", economics.word_of_mouth.told_when_dissatisfied),
            _figure("word_of_mouth.loss_per_person_told", economics.word_of_mouth.loss_per_person_told),
            default,
            *worth,
            *_simulated(quantities),
        ),
    }


def _figure(name: str, figure: Figure) -> Basis:
    return Basis(name=name, value=figure.value, unit=figure.unit, source=figure.source, confidence=figure.confidence)


def _loyalty(economics: Economics) -> Basis:
    loyalty = economics.loyalty
    return Basis(name="loyalty", value=None, unit=SHARE_WHO_STAY, source=loyalty.source, confidence=loyalty.confidence)


def _simulated(quantities: Quantities) -> tuple[Basis, ...]:
    if not quantities.simulated:
        return ()
    count = Decimal(quantities.simulated)
    return (Basis(name="outcomes", value=count, unit=CASES, source=SIMULATED, confidence="low"),)
