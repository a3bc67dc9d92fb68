"""The lifecycle of support for an employee, and when a case was hard on whoever had it: with its reason (Law 7)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from amends.kernel.blueprint.internal import OfferRule, Support
from amends.kernel.lifecycle import Lifecycle
from amends.kernel.reason import Reason
from amends.kernel.rules import first_match
from amends.kernel.taxonomy import WordRule
from amends.kernel.text import Localised
from amends.recover.core.calling import Colleague
from amends.recover.core.customer_words import heard

SUPPORT: Final = Lifecycle(
    name="support",
    initial="begun",
    moves={
        "begun": {"ask": "asked", "offer": "offered"},
        "asked": {"accept": "accepted", "decline": "declined", "pass_on": "asked", "withdraw": "withdrawn"},
        "offered": {"accept": "accepted", "decline": "declined", "lapse": "lapsed"},
        "accepted": {"do": "done", "pass_on": "accepted", "withdraw": "withdrawn"},
        "done": {},
        "declined": {},
        "lapsed": {},
        "withdrawn": {},
    },
    state_labels={
        "begun": Localised(en="Begun", zh="刚提出"),
        "asked": Localised(en="Asked for", zh="已申请"),
        "offered": Localised(en="Offered", zh="待您回应"),
        "accepted": Localised(en="Agreed", zh="已约定"),
        "done": Localised(en="Done", zh="已完成"),
        "declined": Localised(en="Declined", zh="已婉拒"),
        "lapsed": Localised(en="Lapsed", zh="已过期"),
        "withdrawn": Localised(en="Withdrawn", zh="已撤回"),
    },
    move_labels={
        "ask": Localised(en="Ask", zh="申请"),
        "offer": Localised(en="Offer", zh="主动提供"),
        "accept": Localised(en="Accept", zh="接受"),
        "decline": Localised(en="Decline", zh="婉拒"),
        "pass_on": Localised(en="Pass further up", zh="转给上一级"),
        "lapse": Localised(en="Lapse", zh="过期"),
        "withdraw": Localised(en="Withdraw", zh="撤回"),
        "do": Localised(en="Done", zh="完成"),
    },
)

OPEN: Final = ("asked", "offered", "accepted")
TO_GIVE: Final = ("asked", "accepted")  # the supporter has to act
KINDS: Final[Mapping[str, Localised]] = {
    "break": Localised(en="a break", zh="休息一下"),
    "talk": Localised(en="a talk", zh="聊一聊"),
    "thanks": Localised(en="a thank-you", zh="一声感谢"),
    "help": Localised(en="help with the case", zh="协助处理案件"),
}
OF_THE_PLAN: Final = Localised(
    en="Cases of this kind are hard on whoever has them, so the plan has support for you.",
    zh="这类案件往往让经办的同事承受压力，因此补救方案中为您安排了支持。",
)


def facts_of(
    support: Support,
    *,
    severity: str,
    words: Iterable[str],
    hard_lately: int,
    after_hours: bool,
    objections: int,
) -> dict[str, object]:
    """What is known of a case that bears on whoever had it; `words` are the customer's own."""
    said = "\n".join(words)
    rules = [
        WordRule(
            id=f"heard-{place}",
            name=Localised(en=one.fact, zh=one.fact),
            at_least="moderate",
            phrases=one.phrases,
            reason=Localised(en=one.fact, zh=one.fact),
        )
        for place, one in enumerate(support.words)
    ]
    found = {one.rule.name.en for one in heard(said, rules)}
    return {
        "severity": severity,
        "threatened": "threatened" in found,
        "dignity_hurt": "dignity_hurt" in found,
        "hard_lately": hard_lately,
        "after_hours": after_hours,
        "objections": objections,
    }


def hard_on_owner(support: Support, facts: Mapping[str, Any]) -> tuple[OfferRule, Reason] | None:
    """What the owner of a case is offered and why; None: the case was not hard by the pack's rules.

    The reason speaks to the employee, and never repeats the customer's words.
    """
    match = first_match(support.offers, facts)
    if match is None:
        return None
    rule = match.rule
    used = {name: facts[name] for name in sorted(rule.when.facts_used()) if name in facts}
    return rule, Reason(rule=f"internal.support.offers.{rule.id}", text=rule.reason.filled(facts), inputs=used)


RANKS: Final = ("supervisor", "manager", "executive")  # who gives support, the nearest first, then the lower rank


def supporters(colleagues: Iterable[Colleague], *, employee: int, role: str, path: str) -> list[int]:
    """Who could support an employee, the one to ask first: whoever leads their unit, then further up.

    Args:
        colleagues: everybody who can be called, without whoever is not to know.
        employee: whom it is for; nobody supports themselves.
        role: of the employee; nobody is supported by somebody below them.
        path: of the employee's unit.
    """
    above = RANKS[RANKS.index(role) + 1 :] if role in RANKS else RANKS
    able = [one for one in colleagues if one.role in above and one.id != employee and path.startswith(one.path)]
    return [one.id for one in sorted(able, key=lambda one: (-len(one.path), RANKS.index(one.role), one.id))]


def next_after(order: Sequence[int], current: int | None) -> int | None:
    """Who is asked when the present one let the time run out; None: nobody is further up."""
    if current not in order:
        return order[0] if order else None
    return next(iter(order[order.index(current) + 1 :]), None)
