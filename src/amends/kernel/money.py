"""Money: an exact amount in one currency, rounded half up to the currency's minor unit (ISO 4217) when it is made.

Amounts of different currencies never mix; there is no conversion here because a rate is a policy with a date.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Self

from amends.kernel.text import language_of

# digits after the point: the circulating currencies of ISO 4217, by how many they have
_BY_DIGITS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF",
    2: """
AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC
CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES
KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR
NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT
TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD YER ZAR ZMW ZWG
""",
    3: "BHD IQD JOD KWD LYD OMR TND",
}
MINOR_UNITS: dict[str, int] = {code: digits for digits, codes in _BY_DIGITS.items() for code in codes.split()}

_SYMBOLS_EN = {
    "USD": "$",
    "EUR": "€",
    "GBP": "£",
    "CNY": "CN¥",
    "JPY": "¥",
    "HKD": "HK$",
    "AUD": "A$",
    "CAD": "CA$",
    "INR": "₹",
}
_NAMES_ZH = {
    "CNY": "元",
    "USD": "美元",
    "EUR": "欧元",
    "GBP": "英镑",
    "JPY": "日元",
    "HKD": "港元",
    "TWD": "新台币",
    "KRW": "韩元",
    "SGD": "新加坡元",
    "AUD": "澳元",
    "CAD": "加元",
    "CHF": "瑞士法郎",
    "INR": "印度卢比",
    "THB": "泰铢",
}

COMMON = tuple(_NAMES_ZH)
"""The currencies that forms offer."""

_TOO_MUCH = 10**15  # no sum, but a slip: said as the number it is


class CurrencyMismatchError(ValueError):
    """Two currencies met in one sum or comparison."""


@dataclass(frozen=True, slots=True)
class Money:
    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "amount", quantise(self.amount, self.currency))

    @classmethod
    def parse(cls, text: str) -> "Money":
        """`USD 1,234.50` or `1234.50 USD`."""
        words = text.split()
        if len(words) != 2:
            raise ValueError(f"{text!r} is no amount of money; write it as 'USD 12.50'")
        currency, amount = words if words[0].isalpha() else reversed(words)
        try:
            return cls(Decimal(amount.replace(",", "")), currency.upper())
        except InvalidOperation:
            raise ValueError(f"{amount!r} in {text!r} is no number; write it as 'USD 12.50'") from None

    @classmethod
    def zero(cls, currency: str) -> "Money":
        return cls(Decimal(0), currency)

    def __add__(self, other: "Money") -> "Money":
        return Money(self.amount + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.amount - self._same(other), self.currency)

    def __mul__(self, factor: Decimal | int) -> "Money":
        return Money(self.amount * factor, self.currency)

    __rmul__ = __mul__

    def __neg__(self) -> "Money":
        return Money(-self.amount, self.currency)

    def __bool__(self) -> bool:
        return bool(self.amount)

    def __lt__(self, other: "Money") -> bool:
        return self.amount < self._same(other)

    def __le__(self, other: "Money") -> bool:
        return self.amount <= self._same(other)

    def __gt__(self, other: "Money") -> bool:
        return self.amount > self._same(other)

    def __ge__(self, other: "Money") -> bool:
        return self.amount >= self._same(other)

    def __str__(self) -> str:
        return f"{self.currency} {self.amount}"

    def in_(self, locale: str) -> str:
        """As a reader expects it: `$1,234.50` in English, `1,234.50美元` in Chinese."""
        digits = f"{abs(self.amount):,}"
        sign = "-" if self.amount < 0 else ""
        if language_of(locale) == "zh":
            return f"{sign}{digits}{_NAMES_ZH.get(self.currency, ' ' + self.currency)}"
        return f"{sign}{_SYMBOLS_EN.get(self.currency, self.currency + ' ')}{digits}"

    def name_in(self, locale: str) -> str:
        """The currency as a sentence names it: its code in English, its name in Chinese if there is one."""
        return _NAMES_ZH.get(self.currency, self.currency) if language_of(locale) == "zh" else self.currency

    def _same(self, other: "Money") -> Decimal:
        if self.currency != other.currency:
            raise CurrencyMismatchError(f"{self} and {other} are in different currencies")
        return other.amount


class _Worded:
    """A number of which sentences say that it is money; rules cannot compare it with theirs if it is `foreign`."""

    currency: str
    foreign: bool
    real: float  # the plain number, as every number of Python has it

    def __new__(cls, value: float, currency: str, foreign: bool) -> Self:
        number = super().__new__(cls, value)  # type: ignore[call-arg]  # of the number that comes next
        number.currency, number.foreign = currency, foreign
        return number

    def __getnewargs__(self) -> tuple[float, str, bool]:  # what a copy is made from
        return self.real, self.currency, self.foreign

    def in_(self, locale: str) -> str:
        return Money(Decimal(str(self)), self.currency).in_(locale)


class WordedInt(_Worded, int):  # type: ignore[misc]  # a whole number's plain number is a whole one
    """A whole one."""


class WordedFloat(_Worded, float):  # type: ignore[misc]  # the same of others
    """Any other."""


def worded(value: object, currency: str, *, foreign: bool = False) -> object:
    """A sum that rules compare and rows keep as the number it is, and that sentences say as money.

    Args:
        value: any value of a fact; one that is no sum is given back as it is.
        currency: of the sum.
        foreign: the rules that will look at it have their sums in another currency.
    """
    if type(value) is int and abs(value) < _TOO_MUCH:
        return WordedInt(value, currency, foreign)
    return WordedFloat(value, currency, foreign) if type(value) is float and abs(value) < _TOO_MUCH else value


def is_foreign(value: object) -> bool:
    """Whether this is a sum in another currency than that of the rules that look at it."""
    return isinstance(value, _Worded) and value.foreign


def known_currency(code: str) -> str:
    """The code itself if ISO 4217 knows it; ValueError otherwise."""
    if code not in MINOR_UNITS:
        raise ValueError(f"{code!r} is no currency of ISO 4217; use a code such as USD, EUR or CNY")
    return code


def quantise(amount: Decimal, currency: str) -> Decimal:
    """The amount rounded half up to the currency's minor unit."""
    if not isinstance(amount, Decimal):
        raise TypeError(f"an amount of money is a Decimal, not {type(amount).__name__}")
    if not amount.is_finite():
        raise ValueError(f"{amount} is no amount of money")
    return amount.quantize(Decimal(1).scaleb(-MINOR_UNITS[known_currency(currency)]), rounding=ROUND_HALF_UP)
