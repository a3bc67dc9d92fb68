"""What the messages of a pack speak of, filled for one customer: names, money and times in the form their reader
expects."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from amends.kernel.blueprint.parts import MessageTemplate
from amends.kernel.money import Money
from amends.kernel.text import Localised, MissingFactError, language_of
from amends.kernel.text_message import plain

_MONTHS: Final = (
    "January February March April May June July August September October November December".split()  # noqa: SIM905 -- easier to read
)
REMEDY_WORDS: Final[Mapping[str, Localised]] = {
    "refund": Localised(en="refund", zh="退款"),
    "discount": Localised(en="discount", zh="折扣"),
    "voucher": Localised(en="voucher", zh="代金券"),
    "points": Localised(en="points", zh="积分"),
    "gift": Localised(en="gift", zh="礼品"),
    "waiver": Localised(en="waiver of fees", zh="费用减免"),
    "upgrade": Localised(en="upgrade", zh="升级"),
    "cash": Localised(en="cash payment", zh="现金补偿"),
}
GIVEN: Final[Mapping[str, Localised]] = {
    "refund": Localised(en="a refund of {amount}", zh="{amount}退款"),
    "discount": Localised(en="a discount of {amount}", zh="{amount}优惠"),
    "voucher": Localised(en="a voucher over {amount}", zh="{amount}代金券"),
    "points": Localised(en="points worth {amount}", zh="价值{amount}的积分"),
    "gift": Localised(en="a gift worth {amount}", zh="价值{amount}的礼品"),
    "waiver": Localised(en="a waiver of {amount} in fees", zh="{amount}的费用减免"),
    "upgrade": Localised(en="an upgrade worth {amount}", zh="价值{amount}的升级"),
    "cash": Localised(en="a payment of {amount}", zh="{amount}现金补偿"),
}
"""What a customer reads of a remedy: only money is told as money."""


class Told(NamedTuple):
    """All that a message to one customer may say; a named tuple, since it is made by the hundred thousand."""

    name: str
    company: Localised
    subject: str
    what_happened: Localised
    cause: Localised
    amount: Money | None
    remedy: str  # its kind; empty: nothing is given
    by_when: datetime | None
    case: str
    link: str


def rendered(template: MessageTemplate, told: Told, *, locale: str, zone: ZoneInfo) -> tuple[str, str]:
    """Subject and body in the customer's language.

    Raises:
        MissingFactError: the template speaks of something that this customer's case has not.
    """
    language = language_of(locale)
    facts = _facts(told, language, zone)
    return _filled(template.subject, language, facts), _filled(template.body, language, facts)


def rendered_text(template: MessageTemplate, told: Told, *, locale: str, zone: ZoneInfo) -> tuple[str, str] | None:
    """Subject and short text in the customer's language; None if the template has no text.

    Raises:
        MissingFactError: the template speaks of something that this customer's case has not.
    """
    if template.text is None:
        return None
    language = language_of(locale)
    facts = _facts(told, language, zone)
    return _filled(template.subject, language, facts), plain(_filled(template.text, language, facts))


def _facts(told: Told, language: str, zone: ZoneInfo) -> dict[str, object]:
    facts: dict[str, object] = {
        "name": told.name,
        "company": told.company.in_(language),
        "subject": told.subject,
        "what_happened": told.what_happened.in_(language),
        "cause": told.cause.in_(language),
        "case": told.case,
        "link": told.link,
    }
    if told.amount is not None:
        facts["amount"] = told.amount.in_(language)
        if told.remedy:
            facts["given"] = given_as(told.remedy, told.amount, language)
    if told.by_when is not None:
        facts["by_when"] = local_time(told.by_when, locale=language, zone=zone)
    return facts


def given_as(remedy: str, amount: Money, language: str) -> str:
    """A remedy as what it is: `a voucher over $50.00`, `价值50.00元的积分`."""
    return GIVEN[remedy].in_(language).format(amount=amount.in_(language))


def one_letter(bodies: Sequence[str]) -> str:
    """What several letters to one person say, as one letter: how they all begin and how they all end is said once.

    Args:
        bodies: at least one, paragraphs parted by a blank line.
    """
    letters = [body.split("\n\n") for body in bodies]
    begin = _in_common(letters)
    end = _in_common([letter[begin:][::-1] for letter in letters])
    between = [paragraph for letter in letters for paragraph in letter[begin : len(letter) - end]]
    return "\n\n".join([*letters[0][:begin], *between, *letters[0][len(letters[0]) - end :]])


def _in_common(letters: Sequence[Sequence[str]]) -> int:
    """With how many equal paragraphs all of them begin."""
    same = 0
    while all(len(letter) > same and letter[same] == letters[0][same] for letter in letters):
        same += 1
    return same


def _filled(text: Localised, language: str, facts: Mapping[str, object]) -> str:
    try:
        return text.in_(language).format_map(facts)  # places are plain names: the pack's checks see to it
    except KeyError as error:
        raise MissingFactError(str(error.args[0]), sorted(facts)) from None


@lru_cache(maxsize=4_096)
def local_time(at: datetime, *, locale: str, zone: ZoneInfo) -> str:
    """`2 March 2026, 14:30` or `2026年3月2日14:30`."""
    local = at.astimezone(zone)
    clock = f"{local:%H:%M}"
    if language_of(locale) == "zh":
        return f"{local.year}年{local.month}月{local.day}日{clock}"
    return f"{local.day} {_MONTHS[local.month - 1]} {local.year}, {clock}"


def amount_of(amount: Decimal | None, currency: str) -> Money | None:
    """The worth of an action, if it has any."""
    return None if amount is None or not currency else Money(amount, currency)
