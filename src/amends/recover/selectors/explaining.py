"""Who may decide a sum and why: at once, or by leave of whom; with the totals that it is held against."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final, Literal, get_args

from amends.kernel.blueprint.parts import ActionKind, AuthorityLevel
from amends.kernel.money import Money, quantise
from amends.kernel.text import Localised
from amends.people.core.authority import LIMIT_WORDS, ROLE_WORDS, Limit, Spent, exceeded
from amends.people.core.duty import by_nearness, nearest
from amends.people.core.rights import may
from amends.people.models import Staff
from amends.policy.selectors import blueprint_of
from amends.recover.holdings import Held, Sum, hold, level_in
from amends.recover.models import Approval, Case
from amends.recover.selectors.deciders import approvers_over, candidates, not_independent
from amends.recover.selectors.gestures import Ready, gestures_for

KINDS: Final = get_args(ActionKind)
MOST: Final = Decimal(10) ** 12 - 1


class BadSum(ValueError):
    """An amount or a kind of action that cannot be asked about; says which of the two, and why."""

    def __init__(self, of: Literal["amount", "kind"], why: str) -> None:
        self.of = of
        super().__init__(why)


@dataclass(frozen=True, kw_only=True)
class LevelView:
    """One level of the pack, held against the sum."""

    level: AuthorityLevel
    limits: tuple[Limit, ...]
    spent: Spent

    @property
    def why_not(self) -> Localised | None:
        """The limits that would be exceeded, in words; None: the level covers the sum."""
        if not self.limits:
            return None
        return Localised(
            en="; ".join(LIMIT_WORDS[limit].en for limit in self.limits),
            zh="；".join(LIMIT_WORDS[limit].zh for limit in self.limits),
        )


@dataclass(frozen=True, kw_only=True)
class Decider:
    """Somebody who may decide."""

    person: Staff
    at_once: bool  # on their own authority; else by giving leave
    away: bool
    nearest: bool


@dataclass(frozen=True, kw_only=True)
class Explained:
    """All there is to say about one sum for one case."""

    case: Case
    sum: Sum
    at: datetime
    levels: tuple[LevelView, ...]
    person: Staff | None  # who asked
    at_once: bool  # the person may, on their own authority
    held: Held
    gives_leave: tuple[Decider, ...]  # the nearest first
    gestures: tuple[Ready, ...]

    @property
    def somebody_may(self) -> bool:
        """Whether anybody at all may give it, at once or by leave."""
        return self.at_once or bool(self.gives_leave)

    @property
    def verdict(self) -> Localised:
        """In one sentence: who may."""
        worth = Money(self.sum.amount, self.sum.currency)
        en, zh = worth.in_("en"), worth.in_("zh")
        if self.person is not None and self.at_once:
            return Localised(
                en=f"{self.person.name} may give {en} at once.", zh=f"{self.person.name}可以直接给予{zh}。"
            )
        first = next((one for one in self.gives_leave if one.nearest), None)
        if first is not None:
            role = ROLE_WORDS[first.person.role]
            return Localised(
                en=f"{en} needs approval; it would go to {first.person.name}, {role.en}.",
                zh=f"{zh}需要审批，将由{first.person.name}（{role.zh}）审批。",
            )
        if self.gives_leave:
            return Localised(
                en=f"{en} needs approval; {len(self.gives_leave)} may give it, but none of them is free now.",
                zh=f"{zh}需要审批；有{len(self.gives_leave)}人有权审批，但目前均不在岗。",
            )
        return Localised(en=f"Nobody may give {en} in this case.", zh=f"目前无人有权在本案件中给予{zh}。")

    @property
    def why(self) -> Localised | None:
        """Why the person may not at once: the limits that it would exceed."""
        if self.at_once or self.person is None:
            return None
        limits = self.held.limits
        return Localised(
            en="; ".join(LIMIT_WORDS[limit].en for limit in limits),
            zh="；".join(LIMIT_WORDS[limit].zh for limit in limits),
        )


def explain_authority(
    case: Case, *, amount: Decimal, kind: str, person: Staff | None, now: datetime, currency: str = ""
) -> Explained:
    """Who may give a sum in a case; `person` is who asks, None for whoever.

    Raises:
        BadSum: no amount of money, or no kind of action.
    """
    pack = blueprint_of(case.blueprint_id)
    if kind not in KINDS:
        raise BadSum("kind", f"There is no kind of action {kind!r}; there are {', '.join(KINDS)}.")
    if not (amount.is_finite() and 0 <= amount <= MOST):
        raise BadSum("amount", "An amount is at least nothing and less than a million million.")
    try:
        amount = quantise(amount, currency or pack.currency)
    except ValueError as error:
        raise BadSum("amount", str(error)) from None
    what = Sum(kind=kind, amount=amount, currency=currency or pack.currency)
    held = hold(case, what, pack, granter=person, at=now, lock=False)
    works = person is not None and person.is_active and may(person.role, "work_cases")
    levels = tuple(
        LevelView(
            level=level,
            limits=exceeded(level, kind=kind, amount=amount, currency=what.currency, spent=spent),
            spent=spent,
        )
        for level in pack.authority
        for spent in [held.own if held.level is not None and held.level.id == level.id else held.spent[level.id]]
    )
    return Explained(
        case=case,
        sum=what,
        at=now,
        levels=levels,
        person=person,
        at_once=works and not held.limits,
        held=held,
        gives_leave=_gives_leave(case, what, held.spent, person, now=now),
        gestures=tuple(gestures_for(person, case, now=now)) if person is not None and works else (),
    )


def _gives_leave(
    case: Case, what: Sum, spent: Mapping[str, Spent], person: Staff | None, *, now: datetime
) -> tuple[Decider, ...]:
    """Who could give leave for it if this person asked."""
    pack = blueprint_of(case.blueprint_id)
    asked = Approval(case=case, unit_id=case.unit_id, amount=what.amount, currency=what.currency, asked_by=person)
    people = {one.pk: one for one, _ in approvers_over(case.unit_id)}
    levels = {pk: level_in(one, pack) for pk, one in people.items()}
    able = [
        one
        for one in candidates(asked, pack, kind=what.kind, now=now)
        if (level := levels[one.id]) is not None
        and not exceeded(level, kind=what.kind, amount=what.amount, currency=what.currency, spent=spent[level.id])
    ]
    excluded = not_independent(asked, now=now)
    choice = nearest(able, excluded=excluded)
    return tuple(
        Decider(
            person=people[one.id],
            at_once=may(one.role, "work_cases"),
            away=one.duty.away is not None,
            nearest=choice is not None and choice.id == one.id,
        )
        for one in by_nearness(able)
        if one.id not in excluded
    )
