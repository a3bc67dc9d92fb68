"""The chart of accounts: whatever an entry moves between is there."""

from decimal import Decimal

from amends.recover.core.books import ACCOUNTS, GRANT_TO, KINDS, Check, differences


def test_every_kind_moves_between_two_accounts_that_there_are() -> None:
    for kind in KINDS.values():
        sides = {side for side in (kind.debit, kind.credit) if side is not None}
        assert sides <= set(ACCOUNTS)
        assert kind.debit != kind.credit
    assert set(GRANT_TO) <= set(ACCOUNTS)


def test_differences_are_those_that_do_not_come_to_zero() -> None:
    sound = Check(what="paid", currency="USD", books=Decimal("12.50"), records=Decimal("12.5"))
    off = Check(what="owed", currency="USD", books=Decimal(3), records=Decimal(5))
    assert differences([sound, off]) == [off]
    assert off.difference == -2
