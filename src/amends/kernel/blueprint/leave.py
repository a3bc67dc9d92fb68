"""What authority.yaml says besides its levels: gestures that are always allowed, unit budgets, when sums count as
split, and when a complaint in writing is asked for. All of it may be left out."""

from decimal import Decimal
from typing import Literal

from pydantic import Field

from amends.kernel.blueprint.parts import (
    ActionKind,
    AuthorityLevel,
    Ceiling,
    Currency,
    Justice,
    Performer,
    Role,
)
from amends.kernel.blueprint.settling import Remedy
from amends.kernel.business_time import Duration, parse_duration
from amends.kernel.taxonomy import Frozen
from amends.kernel.text import Localised, Template


class Gesture(Frozen):
    """A small thing that these roles may always give at once, once a case, even when limits and budgets are spent."""

    id: str = Field(pattern=r"^[a-z][a-z0-9-]*$", max_length=40)
    name: Localised
    roles: tuple[Role, ...] = Field(min_length=1)
    kind: ActionKind = "compensation"
    remedy: Remedy
    amount: Decimal = Field(gt=0)
    currency: Currency
    per_customer: Ceiling  # all gestures that a customer gets within the period
    template: str
    justice: tuple[Justice, ...] = Field(min_length=1)
    reason: Localised


class Splits(Frozen):
    """When several sums count as one that was cut into parts."""

    within: Duration = Field(default_factory=lambda: parse_duration("P14D"))
    household_most: int = Field(default=8, ge=2)  # an address that more customers share belongs to an agency
    near: Decimal = Field(default=Decimal(10), gt=0, lt=100)  # percent below a limit that count as just under it
    series: int = Field(default=3, ge=2)  # so many sums just under a limit are a series


class WrittenComplaint(Frozen):
    """What is not given before the customer has complained in writing; every condition that stands here must hold."""

    id: str = Field(pattern=r"^[a-z][a-z0-9-]*$", max_length=64)
    above: Decimal | None = Field(default=None, ge=0)  # the sum, together with what the case was given before
    actions: tuple[ActionKind, ...] = ()  # empty: any
    kinds: tuple[str, ...] = ()  # of failure; empty: any
    reason: Template


class UnitBudget(Frozen):
    """What the units at this depth of the tree may give away in a calendar month, less the share of days that have
    another budget of the unit's."""

    depth: int = Field(ge=0)  # 0: the root
    amount: Decimal = Field(ge=0)
    currency: Currency
    period: Literal["month"] = "month"


class Leave(Frozen):
    gestures: tuple[Gesture, ...] = ()
    splits: Splits = Field(default_factory=Splits)
    written_complaints: tuple[WrittenComplaint, ...] = ()
    budgets: tuple[UnitBudget, ...] = ()

    def gestures_of(self, role: Performer) -> tuple[Gesture, ...]:
        return tuple(gesture for gesture in self.gestures if role in gesture.roles)

    def written_for(self, *, kind: str, failure: str, amount: Decimal, given: Decimal) -> WrittenComplaint | None:
        """The rule that asks for a written complaint before this action is done, if any.

        Args:
            kind: of the action.
            failure: kind of the failure.
            amount: what the action gives.
            given: what the case was given before, so that a sum in parts does not get around it.
        """
        for rule in self.written_complaints:
            if (
                (not rule.actions or kind in rule.actions)
                and (not rule.kinds or failure in rule.kinds)
                and (rule.above is None or (amount > 0 and given + amount > rule.above))
            ):
                return rule
        return None


class Authority(Leave):
    """authority.yaml, levels from the lowest to the highest"""

    levels: tuple[AuthorityLevel, ...] = Field(min_length=1)
