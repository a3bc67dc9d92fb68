"""How badly and whose fault: severity and attribution of a failure, from its facts by the taxonomy's rules."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from amends.kernel.reason import Reason
from amends.kernel.rules import Facts, Match, first_match
from amends.kernel.severity import Severity
from amends.kernel.taxonomy import FailureKind, Responsible, SeverityRule


@dataclass(frozen=True, kw_only=True)
class Attribution:
    """Who is responsible, could they have prevented it, and will it happen again (Folkes 1984)."""

    responsible: Responsible
    controllable: bool
    stable: bool
    why: Reason


def _inputs(match: Match[Any]) -> Mapping[str, object]:
    return {name: value for name, value in match.explanation.evidence.items() if value is not None}


def severity_of(kind: FailureKind, facts: Facts) -> tuple[Severity, Reason]:
    """The grade of the first severity rule that holds; every kind's last rule always does."""
    return SeverityJudge(kind)(facts)


class SeverityJudge:
    """`severity_of` for many customers of one kind of failure: equal answers are one object, made once."""

    def __init__(self, kind: FailureKind) -> None:
        self.kind = kind
        self._rules = [(rule.when, _names_of(rule)) for rule in kind.severity]
        self._given: dict[tuple[object, ...], tuple[Severity, Reason]] = {}

    def __call__(self, facts: Facts) -> tuple[Severity, Reason]:
        for index, (when, names) in enumerate(self._rules):
            if when is None or when.holds(facts):
                key = (index, *map(facts.get, names))
                answer = self._given.get(key)
                if answer is None:
                    answer = self._given[key] = self._answer(facts)
                return answer
        raise ValueError(
            f"kind {self.kind.id!r} has no severity rule that holds always; `amends blueprint check` says where"
        )

    def _answer(self, facts: Facts) -> tuple[Severity, Reason]:
        match = first_match(self.kind.severity, facts)
        assert match is not None  # noqa: S101 -- a rule was just found to hold
        reason = Reason(
            rule=f"taxonomy.kinds.{self.kind.id}.severity[{match.index}]",
            text=match.rule.reason.filled(facts),
            inputs=_inputs(match),
        )
        return match.rule.severity, reason


def _names_of(rule: SeverityRule) -> tuple[str, ...]:
    """All facts on which the rule's reason rests."""
    used = rule.when.facts_used() if rule.when is not None else frozenset()
    return tuple(sorted(used | rule.reason.places))


def attribution_of(kind: FailureKind, facts: Facts) -> Attribution:
    """What the first attribution rule that holds says, else the kind's own default."""
    match = first_match(kind.attribution, facts)
    if match is None:
        return Attribution(
            responsible=kind.responsible,
            controllable=kind.controllable,
            stable=kind.stable,
            why=Reason(rule=f"taxonomy.kinds.{kind.id}.responsible", text=kind.reason),
        )
    return Attribution(
        responsible=match.rule.responsible,
        controllable=match.rule.controllable,
        stable=match.rule.stable,
        why=Reason(
            rule=f"taxonomy.kinds.{kind.id}.attribution[{match.index}]",
            text=match.rule.reason.filled(facts),
            inputs=_inputs(match),
        ),
    )


def facts_of_severity(kind: FailureKind) -> frozenset[str]:
    """Every fact that the kind's severity rests on, directly."""
    return frozenset(name for rule in kind.severity if rule.when is not None for name in rule.when.facts_used())
