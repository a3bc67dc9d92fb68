"""What is owed: the row of a tariff that matches the facts, the amount, and why in both languages.

The tariff in force on the day of the failure counts, not today's. A share of a fact (of a fare) is kept as a share
until the customer's own figure is known, so that equal cases share one decision (Law 8). A row that rests on a sum in
another currency than the tariff's says that something may be owed, not how much: rates change daily, and no pack has
them, so a person says it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from amends.kernel.blueprint import Blueprint
from amends.kernel.blueprint.model import NoTariffInForce
from amends.kernel.blueprint.parts import Tariff, TariffRow
from amends.kernel.money import Money, is_foreign, quantise
from amends.kernel.reason import Reason
from amends.kernel.rules import Facts
from amends.kernel.taxonomy import CURRENCY, currency_among
from amends.kernel.text import Localised


@dataclass(frozen=True, kw_only=True)
class Share:
    """So many per cent of a fact."""

    fact: str
    percent: Decimal


@dataclass(frozen=True, kw_only=True)
class Owed:
    """What one row of a tariff gives: a fixed sum, a share, or neither, when it is for a person to say."""

    tariff: str
    remedy: str
    currency: str
    fixed: Decimal | None
    share: Share | None
    at_least: Decimal | None
    at_most: Decimal | None
    why: Reason

    @property
    def for_people(self) -> bool:
        """Whether the tariff cannot say how much, since what it rests on is in a currency that it does not know."""
        return self.fixed is None and self.share is None

    def amount(self, facts: Facts) -> Decimal | None:
        """The sum for one customer, rounded half up to the currency's minor unit; None if a person has to say it."""
        if self.share is not None:
            amount = Decimal(str(facts[self.share.fact])) * self.share.percent / 100
        elif self.fixed is not None:
            amount = self.fixed
        else:
            return None
        if self.at_least is not None:
            amount = max(amount, self.at_least)
        if self.at_most is not None:
            amount = min(amount, self.at_most)
        return quantise(amount, self.currency)


def reckon(tariff: Tariff, facts: Facts) -> Owed | None:
    """What the first matching row gives; None if none matches: nothing is due. A share of a missing fact never
    matches."""
    for index, row in enumerate(tariff.rows):
        share = None if row.percent_of is None else facts.get(row.percent_of)
        if row.percent_of is not None and share is None:
            continue
        holds = row.when is None or row.when.holds(facts)
        if (holds and is_foreign(share)) or (not holds and row.when is not None and row.when.left_open(facts)):
            return _for_people(tariff, index, facts)
        if holds:
            return _owed(tariff, index, row, facts)
    return None


def lacks(tariff: Tariff, facts: Facts) -> str | None:
    """The fact for want of which a tariff gives nothing: the first row that would give a share of it. None: it gives
    something, or nothing is due whatever that fact is."""
    if reckon(tariff, facts) is not None:
        return None
    rows = (row for row in tariff.rows if row.percent_of is not None and facts.get(row.percent_of) is None)
    return next((row.percent_of for row in rows if row.when is None or row.when.holds(facts)), None)


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


def _for_people(tariff: Tariff, index: int, facts: Facts) -> Owed:
    own, theirs = Money.zero(tariff.currency), Money.zero(currency_among(facts, usual=tariff.currency))
    text = Localised(
        en=f"The sums of this case are in {theirs.name_in('en')}, those of the tariff in {own.name_in('en')}: a person"
        f" says how much it is, in {own.name_in('en')}.",
        zh=f"本案金额以{theirs.name_in('zh')}计，补偿标准以{own.name_in('zh')}计，具体补偿金额（{own.name_in('zh')}）由人工确定。",
    )
    why = Reason(
        rule=f"tariffs.{tariff.id}.{tariff.effective_from.isoformat()}.rows[{index}]",
        text=text,
        inputs={CURRENCY: theirs.currency},
    )
    return Owed(
        tariff=tariff.id,
        remedy=tariff.remedy,
        currency=tariff.currency,
        fixed=None,
        share=None,
        at_least=None,
        at_most=None,
        why=why,
    )


def _evidence(row: TariffRow, facts: Facts) -> Mapping[str, object]:
    used = row.when.facts_used() if row.when else frozenset()
    return {name: facts[name] for name in sorted(used) if facts.get(name) is not None}
