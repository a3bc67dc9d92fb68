"""What is owed: the row of a tariff that matches the facts, the amount, and why in both languages.

The tariff in force on the day of the failure counts, not today's. A share of a fact (of a fare) is kept as a share
until the
customer's own figure is known, so that equal cases share one decision (Law 8).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from amends.kernel.blueprint import Blueprint
from amends.kernel.blueprint.model import NoTariffInForce
from amends.kernel.blueprint.parts import Tariff, TariffRow
from amends.kernel.money import quantise
from amends.kernel.reason import Reason
from amends.kernel.rules import Facts
from amends.kernel.text import Localised


@dataclass(frozen=True, kw_only=True)
class Share:
    """So many per cent of a fact."""

    fact: str
    percent: Decimal


@dataclass(frozen=True, kw_only=True)
class Owed:
    """What one row of a tariff gives."""

    tariff: str
    remedy: str
    currency: str
    fixed: Decimal | None  # either this
    share: Share | None  # or this
    at_least: Decimal | None
    at_most: Decimal | None
    why: Reason

    def amount(self, facts: Facts) -> Decimal:
        """The sum for one customer, rounded half up to the currency's minor unit."""
        if self.share is None:
            assert self.fixed is not None  # noqa: S101  the pack's checks want one of the two
            amount = self.fixed
        else:
            amount = Decimal(str(facts[self.share.fact])) * self.share.percent / 100
        if self.at_least is not None:
            amount = max(amount, self.at_least)
        if self.at_most is not None:
            amount = min(amount, self.at_most)
        return quantise(amount, self.currency)


def reckon(tariff: Tariff, facts: Facts) -> Owed | None:
    """What the first matching row gives; None if none matches: nothing is due. A share of a missing fact never
    matches."""
    for index, row in enumerate(tariff.rows):
        if row.percent_of is not None and facts.get(row.percent_of) is None:
            continue
        if row.when is None or row.when.holds(facts):
            return _owed(tariff, index, row, facts)
    return None


def reckon_on(blueprint: Blueprint, tariff_id: str, on: date, facts: Facts) -> Owed | None:
    """The same with the tariff in force on a day; None also if none was in force.

    Where the tariff changed at some time, the reason says which one counts.
    """
    try:
        tariff = blueprint.tariff_in_force(tariff_id, on)
    except NoTariffInForce:
        return None
    owed = reckon(tariff, facts)
    if owed is None or sum(one.id == tariff_id for one in blueprint.tariffs) == 1:
        return owed
    return replace(owed, why=replace(owed.why, text=_of_its_day(owed.why.text, tariff)))


def _of_its_day(text: Localised, tariff: Tariff) -> Localised:
    """The reason, and that the tariff of the day of the failure counts, whatever came before or after."""
    first, last = tariff.effective_from, tariff.effective_to
    since = f"{first.day} {first:%B %Y}"
    until_en = f" to {last.day} {last:%B %Y}" if last else ""
    until_zh = f"至{last.year}年{last.month}月{last.day}日" if last else "起"
    return Localised(
        en=f"{text.en} What was in force on the day of the failure counts: the tariff from {since}{until_en}.",
        zh=f"{text.zh}按失误当日有效的标准计算（{first.year}年{first.month}月{first.day}日{until_zh}有效）。",
    )


def _owed(tariff: Tariff, index: int, row: TariffRow, facts: Facts) -> Owed:
    share = None
    if row.percent_of is not None and row.percent is not None:
        share = Share(fact=row.percent_of, percent=row.percent)
    return Owed(
        tariff=tariff.id,
        remedy=tariff.remedy,
        currency=tariff.currency,
        fixed=row.amount,
        share=share,
        at_least=row.at_least,
        at_most=row.at_most,
        why=Reason(
            rule=f"tariffs.{tariff.id}.{tariff.effective_from.isoformat()}.rows[{index}]",
            text=row.reason.filled(facts),
            inputs=_evidence(row, facts),
        ),
    )


def _evidence(row: TariffRow, facts: Facts) -> Mapping[str, object]:
    used = row.when.facts_used() if row.when else frozenset()
    return {name: facts[name] for name in sorted(used) if facts.get(name) is not None}
