"""The books in double entry: which accounts there are, and which two an entry of each kind moves worth between.

Each entry is one row with the account that it is debited to and the account that it is credited from, so that no entry
can be out of balance; what can go wrong is that the books and what happened differ, which the daily reconciliation
looks for.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from amends.kernel.text import Localised

ACCOUNTS: Final[Mapping[str, Localised]] = MappingProxyType(
    {
        "cost": Localised(en="Cost of remedies", zh="补偿成本"),
        "owed": Localised(en="Owed to customers", zh="应付顾客"),
        "in_transit": Localised(en="On its way to customers", zh="在途付款"),
        "paid": Localised(en="Paid", zh="已付款"),
        "vouchers": Localised(en="Open vouchers", zh="未使用的代金券"),
        "redeemed": Localised(en="Redeemed vouchers", zh="已核销的代金券"),
        "lapsed": Localised(en="Expired vouchers", zh="已过期的代金券"),
        "given": Localised(en="Given with the service", zh="随服务给予"),
        "budget_set": Localised(en="Budgets set", zh="预算下达"),
        "budget_left": Localised(en="Budgets left", zh="预算余额"),
        "budget_used": Localised(en="Budgets used", zh="预算已用"),
    }
)


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of entry: what it is called, and its two accounts; None: one of those that a grant may go to."""

    name: Localised
    debit: str | None
    credit: str | None


GRANT_TO: Final = ("owed", "vouchers", "given")  # by how the remedy is settled
KINDS: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        "allot": Kind(name=Localised(en="Budget set", zh="下达预算"), debit="budget_left", credit="budget_set"),
        "cut": Kind(name=Localised(en="Budget cut", zh="调减预算"), debit="budget_set", credit="budget_left"),
        "use": Kind(name=Localised(en="Budget used", zh="占用预算"), debit="budget_used", credit="budget_left"),
        "free": Kind(name=Localised(en="Budget freed", zh="退回预算"), debit="budget_left", credit="budget_used"),
        "grant": Kind(name=Localised(en="Granted", zh="授予"), debit="cost", credit=None),
        "reverse": Kind(name=Localised(en="Reversed", zh="冲销"), debit=None, credit="cost"),
        "order": Kind(name=Localised(en="Payout ordered", zh="付款下单"), debit="owed", credit="in_transit"),
        "settle": Kind(name=Localised(en="Paid out", zh="付款完成"), debit="in_transit", credit="paid"),
        "return": Kind(name=Localised(en="Payout returned", zh="付款退回"), debit="in_transit", credit="owed"),
        "sent_back": Kind(name=Localised(en="Returned after payment", zh="付款后退回"), debit="paid", credit="owed"),
        "redeem": Kind(name=Localised(en="Voucher redeemed", zh="代金券核销"), debit="vouchers", credit="redeemed"),
        "expire": Kind(name=Localised(en="Voucher expired", zh="代金券过期"), debit="vouchers", credit="lapsed"),
    }
)


@dataclass(frozen=True, kw_only=True, order=True)
class Check:
    """What the books say of something, and what the records of what happened say: they must not differ."""

    what: str  # of CHECKS
    currency: str
    books: Decimal
    records: Decimal

    @property
    def difference(self) -> Decimal:
        """Books less records; zero if all is well."""
        return self.books - self.records


CHECKS: Final[Mapping[str, Localised]] = MappingProxyType(
    {
        "grants": Localised(en="Cost of remedies against remedies granted", zh="补偿成本与已授予的补偿"),
        "owed": Localised(en="Owed against payouts that are due or returned", zh="应付顾客与待付、退回的付款"),
        "in_transit": Localised(en="On its way against payouts ordered and sent", zh="在途付款与已下单、已送出的付款"),
        "paid": Localised(en="Paid against payouts confirmed", zh="已付款与已确认的付款"),
        "files": Localised(en="Payouts ordered against the batches", zh="付款下单与付款批次"),
        "vouchers": Localised(en="Open vouchers against vouchers that are open", zh="代金券余额与未使用的代金券"),
        "redeemed": Localised(en="Redeemed against vouchers used", zh="核销金额与已核销的代金券"),
        "lapsed": Localised(en="Expired against vouchers that ran out", zh="过期金额与已过期的代金券"),
        "given": Localised(en="Given with the service against such remedies", zh="随服务给予与此类补偿"),
        "budget_left": Localised(en="Budgets left against the units' budgets", zh="预算余额与各单位预算"),
        "budget_used": Localised(en="Budgets used against the units' budgets", zh="预算已用与各单位预算"),
        "unbooked": Localised(en="Remedies without an entry", zh="没有分录的补偿"),
    }
)


def differences(checks: Iterable[Check]) -> list[Check]:
    """Those that do not come to zero."""
    return [check for check in checks if check.difference != 0]
