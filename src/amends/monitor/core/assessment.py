"""How badly and whose fault: severity and attribution of a failure, from its facts by the taxonomy's rules."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from amends.kernel.reason import Reason
from amends.kernel.rules import Facts, Match, first_match
from amends.kernel.severity import Severity
from amends.kernel.taxonomy import FailureKind, Responsible


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
    match = first_match(kind.severity, facts)
    if match is None:
        raise ValueError(
            f"kind {kind.id!r} has no severity rule that holds always; `amends blueprint check` says where"
        )
    reason = Reason(
        rule=f"taxonomy.kinds.{kind.id}.severity[{match.index}]",
        text=match.rule.reason.filled(facts),
        inputs=_inputs(match),
    )
    return match.rule.severity, reason


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
