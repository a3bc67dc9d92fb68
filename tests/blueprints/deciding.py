"""A failure taken through a pack by its own rules, and facts of every kind that a pack knows."""

from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from amends.kernel.blueprint import Blueprint, Playbook
from amends.kernel.rules import first_match
from amends.kernel.taxonomy import Fact


class Decided:
    """A failure taken through the pack: severity, attribution, playbook, actions and what is given."""

    def __init__(self, pack: Blueprint, kind: str, day: date, **facts: object) -> None:
        known = pack.completed(facts)
        self.kind = pack.taxonomy.kinds[kind]
        severity = first_match(self.kind.severity, known)
        assert severity is not None
        attribution = first_match(self.kind.attribution, known)
        blamed = attribution.rule if attribution else self.kind
        self.severity, self.responsible = severity.rule.severity, blamed.responsible
        known |= {"kind": kind, "severity": self.severity, "loss": self.kind.loss}
        known |= {"responsible": blamed.responsible, "controllable": blamed.controllable, "stable": blamed.stable}
        playbook = pack.playbook_for(kind, known)
        self.playbook: Playbook = playbook.rule
        self.actions = [act for act in self.playbook.actions if act.when is None or act.when.holds(known)]
        self.texts = [severity.rule.reason.filled(known), blamed.reason.filled(known)]
        self.texts += [action.reason.filled(known) for action in self.actions]
        happened = first_match(self.kind.what_happened, known)
        assert happened is not None
        self.texts.append(happened.rule.text.filled({**known, "subject": "UA 1545"}))
        self.given: dict[str, Decimal] = {}
        for action in self.actions:
            if action.tariff is not None:
                rows = pack.tariff_in_force(action.tariff, day).rows
                # a share of a fact that is missing never matches
                row = first_match([row for row in rows if known.get(row.percent_of or "kind") is not None], known)
                if row is not None:
                    self.texts.append(row.rule.reason.filled(known))
                    self.given[action.tariff] = _worth(row.rule, known)

    @property
    def done(self) -> set[str]:
        """The names of the actions that the plan has."""
        return {action.id for action in self.actions}


def _worth(row: Any, facts: dict[str, Any]) -> Decimal:
    if row.amount is not None:
        return row.amount
    share = Decimal(str(facts[row.percent_of])) * row.percent / 100
    at_least = share if row.at_least is None else max(share, row.at_least)
    return at_least if row.at_most is None else min(at_least, row.at_most)


def any_facts(pack: Blueprint) -> st.SearchStrategy[dict[str, object]]:
    """Facts of this pack: each is there or not, and may be None as it comes from a row."""
    told = {name: fact for name, fact in pack.taxonomy.facts.items() if not fact.derived}
    return st.fixed_dictionaries(
        {}, optional={name: st.one_of(st.none(), _value_of(fact)) for name, fact in told.items()}
    )


def _value_of(fact: Fact) -> st.SearchStrategy[object]:
    if fact.type == "boolean":
        return st.booleans()
    if fact.type == "text":
        return st.sampled_from(sorted(fact.values)) if fact.values else st.text(max_size=6)
    return st.one_of(st.integers(0, 6000), st.floats(0, 6000))
