"""Who gets a case: the free member of the team with the skills it needs and the fewest open cases, and why them.

Equal loads go to whoever joined the company first (the lower number), so that the same facts give the same choice.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from amends.kernel.reason import Reason
from amends.kernel.severity import SEVERITY_NAMES
from amends.kernel.text import Localised

Lack = Literal["away", "full", "language", "kind", "tier", "severity"]

LACK_WORDS: Final[Mapping[Lack, Localised]] = {
    "away": Localised(en="is not at work", zh="当前不在岗"),
    "full": Localised(en="has as many open cases as they may", zh="手头案件已满"),
    "language": Localised(en="does not speak the customer's language", zh="不会顾客的语言"),
    "kind": Localised(en="does not take this kind of failure", zh="不处理此类失误"),
    "tier": Localised(en="does not take customers of this tier", zh="不处理该等级的顾客"),
    "severity": Localised(en="does not take cases as grave as this", zh="不处理如此严重的案件"),
}


@dataclass(frozen=True, kw_only=True)
class Needs:
    """What a case asks of whoever works on it."""

    language: str  # "zh" or "en"
    kind: str
    tier: str
    severity: int


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A member of the team: skills, and how much they have at hand. An empty list of skills limits nothing."""

    staff_id: int
    name: str
    languages: frozenset[str]
    kinds: frozenset[str]
    tiers: frozenset[str]
    severity_most: int
    most_open: int
    load: int  # open cases


@dataclass(frozen=True, kw_only=True)
class Choice:
    """Whom, or nobody, and why."""

    staff_id: int | None
    why: Reason


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A queue: which cases are its team's. An empty list fits all."""

    queue_id: int
    name: Localised
    team_id: int
    units: frozenset[int] | None  # with all below; None: everywhere
    kinds: frozenset[str]
    tiers: frozenset[str]
    languages: frozenset[str]
    severity_least: int

    def fits(self, needs: Needs, unit_id: int | None) -> bool:
        return (
            (self.units is None or unit_id in self.units)
            and (not self.kinds or needs.kind in self.kinds)
            and (not self.tiers or needs.tier in self.tiers)
            and (not self.languages or needs.language in self.languages)
            and needs.severity >= self.severity_least
        )


def queue_for(rules: Sequence[Rule], needs: Needs, unit_id: int | None) -> Rule | None:
    """The first rule that fits, in the order given."""
    return next((rule for rule in rules if rule.fits(needs, unit_id)), None)


def lacks(candidate: Candidate, needs: Needs, *, free: bool) -> tuple[Lack, ...]:
    """What keeps this person from taking this case; nothing: they can."""
    found: list[Lack] = []
    if not free:
        found.append("away")
    if candidate.load >= candidate.most_open:
        found.append("full")
    if candidate.languages and needs.language not in candidate.languages:
        found.append("language")
    if candidate.kinds and needs.kind not in candidate.kinds:
        found.append("kind")
    if candidate.tiers and needs.tier not in candidate.tiers:
        found.append("tier")
    if needs.severity > candidate.severity_most:
        found.append("severity")
    return tuple(found)


def choose(
    needs: Needs, candidates: Sequence[Candidate], *, free: Collection[int], rule: str, queue: Localised
) -> Choice:
    """The member for a case.

    Args:
        needs: of the case.
        candidates: the team.
        free: who is at work.
        rule: which rule led to this team, for the record.
        queue: what that rule is called.
    """
    able = [one for one in candidates if not lacks(one, needs, free=one.staff_id in free)]
    asked = {"language": needs.language, "kind": needs.kind, "tier": needs.tier, "severity": needs.severity}
    if not able:
        counts: dict[str, int] = {}
        for one in candidates:
            for lack in lacks(one, needs, free=one.staff_id in free):
                counts[lack] = counts.get(lack, 0) + 1
        return Choice(staff_id=None, why=_nobody(len(candidates), counts, asked, rule=rule, queue=queue))
    chosen = min(able, key=lambda one: (one.load, one.staff_id))
    severity = SEVERITY_NAMES[needs.severity]
    return Choice(
        staff_id=chosen.staff_id,
        why=Reason(
            rule=rule,
            text=Localised(
                en=(
                    f"{queue.en}: of {len(candidates)} in the team {len(able)} can take it, and {chosen.name} has the"
                    f" fewest open cases ({chosen.load})."
                ),
                zh=f"{queue.zh}：团队{len(candidates)}人中{len(able)}人可接手，{chosen.name}手头案件最少（{chosen.load}件）。",
            ),
            inputs=asked | {"severity": severity, "team": len(candidates), "able": len(able), "load": chosen.load},
        ),
    )


def keeps(
    needs: Needs, queue: Rule | None, member: Candidate | None, *, staff_id: int, name: str, reaches: bool
) -> Choice:
    """Whether whoever took a complaint down keeps the case: yes, unless their reach, the queue or their skills forbid.

    Args:
        needs: of the case.
        queue: the rule that fits the case; None: none does, so that nothing but reach speaks against it.
        member: the person as a member of that rule's team; None: they are not in it.
        staff_id: the person.
        name: of the person.
        reaches: whether the case lies within their units and their role works on cases.
    """
    if not reaches:
        text = Localised(en=f"{name} cannot work on cases of this unit.", zh=f"{name}无法处理此单位的案件。")
        return Choice(staff_id=None, why=Reason(rule="complaints.taken_by", text=text))
    if queue is None:
        return Choice(staff_id=staff_id, why=_kept(name))
    place = f"queues.{queue.queue_id}"
    if member is None:
        text = Localised(
            en=f"{queue.name.en}: such cases go to a team that {name}, who took it down, is not in.",
            zh=f"{queue.name.zh}：此类案件由专门团队处理，而登记人{name}不在该团队。",
        )
        return Choice(staff_id=None, why=Reason(rule=place, text=text))
    found = lacks(member, needs, free=True)  # who takes a complaint down is at work
    if not found:
        return Choice(staff_id=staff_id, why=_kept(name))
    text = Localised(
        en=f"{queue.name.en}: {name}, who took it down, {'; '.join(LACK_WORDS[lack].en for lack in found)}.",
        zh=f"{queue.name.zh}：登记人{name}{'；'.join(LACK_WORDS[lack].zh for lack in found)}。",
    )
    return Choice(staff_id=None, why=Reason(rule=place, text=text))


def _kept(name: str) -> Reason:
    return Reason(
        rule="complaints.taken_by",
        text=Localised(
            en=f"{name} took the complaint down, so the customer keeps talking to the same person.",
            zh=f"投诉由{name}登记，顾客可继续与同一人沟通。",
        ),
    )


def _nobody(
    size: int, counts: Mapping[str, int], asked: Mapping[str, object], *, rule: str, queue: Localised
) -> Reason:
    ordered: list[Lack] = [lack for lack in LACK_WORDS if lack in counts]
    en = "; ".join(f"{counts[lack]} × {LACK_WORDS[lack].en}" for lack in ordered) or "the team has no members"
    zh = "；".join(f"{counts[lack]}人{LACK_WORDS[lack].zh}" for lack in ordered) or "团队没有成员"
    return Reason(
        rule=rule,
        text=Localised(
            en=f"{queue.en}: nobody of {size} can take it: {en}.", zh=f"{queue.zh}：{size}人均无法接手：{zh}。"
        ),
        inputs={**asked, **counts},
    )
