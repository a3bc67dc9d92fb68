"""Causes from the dearest to the cheapest, with the share of all cost that each and all before it make up."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from amends.kernel.money import Money
from amends.kernel.text import Localised


@dataclass(frozen=True, kw_only=True)
class Cause:
    """One group of failures before it is put in order; `key` is a kind, step, responsible, or a unit's code."""

    key: str
    label: Localised
    failures: int
    customers: int  # hit, once for each failure that hit them
    cost: Money
    other_remedies: tuple[Money, ...] = ()  # in other currencies, a sum each


@dataclass(frozen=True, kw_only=True)
class ParetoRow:
    """A cause in its place."""

    key: str
    label: Localised
    failures: int
    customers: int
    cost: Money
    other_remedies: tuple[Money, ...]  # beside the cost: in no share, and no part of the order
    share: Decimal  # of all cost, 0-1
    cumulative: Decimal  # share of this row and all before it


def pareto_rows(causes: Iterable[Cause]) -> tuple[ParetoRow, ...]:
    """All causes by falling cost, then failures, then key. Where nothing costs anything, the shares are of failures."""
    rows = sorted(causes, key=lambda cause: (-cause.cost.amount, -cause.failures, cause.key))
    priced = any(row.cost.amount > 0 for row in rows)
    weights = [row.cost.amount if priced else Decimal(row.failures) for row in rows]
    whole = sum(weights, Decimal(0))
    found, so_far = [], Decimal(0)
    for row, weight in zip(rows, weights, strict=True):
        so_far += weight
        found.append(
            ParetoRow(
                key=row.key,
                label=row.label,
                failures=row.failures,
                customers=row.customers,
                cost=row.cost,
                other_remedies=row.other_remedies,
                share=weight / whole if whole else Decimal(0),
                cumulative=so_far / whole if whole else Decimal(0),
            )
        )
    return tuple(found)
