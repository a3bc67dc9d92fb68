from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amends.kernel.money import MINOR_UNITS, CurrencyMismatchError, Money, known_currency

amounts = st.decimals(min_value=-(10**9), max_value=10**9, places=4)
currencies = st.sampled_from(sorted(MINOR_UNITS))


def usd(amount: str) -> Money:
    return Money(Decimal(amount), "USD")


@pytest.mark.parametrize(
    ("amount", "currency", "rounded"),
    [("1.005", "USD", "1.01"), ("-1.005", "USD", "-1.01"), ("0.5", "JPY", "1"), ("1.0005", "KWD", "1.001")],
)
def test_amounts_are_rounded_half_up_to_the_minor_unit(amount: str, currency: str, rounded: str) -> None:
    assert str(Money(Decimal(amount), currency).amount) == rounded


@pytest.mark.parametrize(
    ("money", "english", "chinese"),
    [
        (usd("1234.5"), "$1,234.50", "1,234.50美元"),
        (usd("-3"), "-$3.00", "-3.00美元"),
        (Money(Decimal(250), "EUR"), "€250.00", "250.00欧元"),
        (Money(Decimal("88.8"), "CNY"), "CN¥88.80", "88.80元"),
        (Money(Decimal(5000), "JPY"), "¥5,000", "5,000日元"),
        (Money(Decimal(7), "NOK"), "NOK 7.00", "7.00 NOK"),
    ],
)
def test_money_is_shown_as_readers_expect(money: Money, english: str, chinese: str) -> None:
    assert (money.in_("en"), money.in_("zh-Hans")) == (english, chinese)


@given(amounts, amounts, currencies)
def test_what_is_added_and_taken_away_leaves_nothing(a: Decimal, b: Decimal, currency: str) -> None:
    x, y = Money(a, currency), Money(b, currency)
    assert x + y - y == x
    assert x + y == y + x


@given(amounts, currencies)
def test_money_is_read_back_as_it_is_written(amount: Decimal, currency: str) -> None:
    money = Money(amount, currency)
    assert Money.parse(str(money)) == money


def test_the_currency_may_come_after_the_amount() -> None:
    assert Money.parse("1,234.50 usd") == usd("1234.50")


@pytest.mark.parametrize("text", ["", "12", "USD", "USD twelve", "US$ 12", "USD NaN", "ZZZ 3", "USD Infinity"])
def test_what_is_no_money_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no"):
        Money.parse(text)


def test_currencies_never_mix() -> None:
    for act in (lambda a, b: a + b, lambda a, b: a - b, lambda a, b: a < b, lambda a, b: a >= b):
        with pytest.raises(CurrencyMismatchError):
            act(usd("1"), Money(Decimal(1), "EUR"))
    assert usd("1") != Money(Decimal(1), "EUR")


def test_floats_are_no_money() -> None:
    with pytest.raises(TypeError):
        Money(0.1, "USD")  # type: ignore[arg-type]  # what is refused


def test_an_unknown_currency_is_named() -> None:
    with pytest.raises(ValueError, match="'BTC' is no currency"):
        known_currency("BTC")
