"""What a pack says about how worth that was granted reaches the customer, and how long a voucher is good for."""

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any, Final, Literal, get_args

from pydantic import Field, field_validator

from amends.kernel.business_time import Duration
from amends.kernel.taxonomy import Frozen

Remedy = Literal["refund", "discount", "voucher", "points", "gift", "waiver", "upgrade", "cash"]
Way = Literal["at_once", "page", "bank_file", "webhook", "email_voucher"]
AT_ONCE: Final[Way] = "at_once"  # given with the service itself: nothing is left to settle
ON_PAGE: Final[Way] = "page"  # a voucher that the customer finds on their page
BY_EMAIL: Final[Way] = "email_voucher"
DEFAULT_WAYS: Final[Mapping[Remedy, Way]] = MappingProxyType(
    {
        "refund": "bank_file",
        "cash": "bank_file",
        "points": "webhook",
        "voucher": ON_PAGE,
        "discount": AT_ONCE,
        "gift": AT_ONCE,
        "waiver": AT_ONCE,
        "upgrade": AT_ONCE,
    }
)
_PAID_OUT: Final[frozenset[Way]] = frozenset({"bank_file", "webhook"})
_WITH_THE_SERVICE: Final[frozenset[Way]] = frozenset({AT_ONCE, "webhook"})
ALLOWED: Final[Mapping[Remedy, frozenset[Way]]] = MappingProxyType(
    {
        "refund": _PAID_OUT,
        "cash": _PAID_OUT,
        "points": _WITH_THE_SERVICE,
        "voucher": frozenset({ON_PAGE, BY_EMAIL}),
        "discount": _WITH_THE_SERVICE,
        "gift": _WITH_THE_SERVICE,
        "waiver": _WITH_THE_SERVICE,
        "upgrade": _WITH_THE_SERVICE,
    }
)


class Vouchers(Frozen):
    """How long a voucher is good for, from the moment it was granted."""

    valid: Duration = Field(default=timedelta(days=365), gt=timedelta(0))


class Settling(Frozen):
    """How each kind of remedy is settled; a kind that is not named goes the usual way."""

    by: dict[Remedy, Way] = Field(default_factory=lambda: dict(DEFAULT_WAYS), validate_default=True)
    vouchers: Vouchers = Vouchers()

    @field_validator("by")
    @classmethod
    def _whole(cls, by: dict[Any, Any]) -> dict[Any, Any]:
        for kind, way in by.items():
            if way not in ALLOWED[kind]:
                raise ValueError(f"a {kind} is not settled by {way!r}; choose {' or '.join(sorted(ALLOWED[kind]))}")
        return {kind: by.get(kind, DEFAULT_WAYS[kind]) for kind in get_args(Remedy)}
