"""The plan of a case: which playbook, which of its actions, what each gives, and why (Law 7).

A decision depends on the facts named by `facts_that_decide` and on the day, and on nothing else; so it is made once
for all
cases whose facts are equal, and equal cases get equal offers (Law 8).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from amends.kernel.blueprint import Blueprint
from amends.kernel.blueprint.parts import Clocks, DueRule, LocaleDefault, PlannedAction, Playbook
from amends.kernel.reason import Reason
from amends.kernel.rules import Condition, Facts, Rule, first_match
from amends.kernel.taxonomy import CURRENCY, DECISION_FACTS
from amends.kernel.text import Localised
from amends.recover.core.tariff import Owed, lacks, reckon_on


@dataclass(frozen=True, kw_only=True)
class Step:
    """One action of a plan, before it has a row."""

    id: str
    kind: str
    phase: str
    performer: str
    channel: str
    template: str
    justice: tuple[str, ...]
    due: DueRule
    owed: Owed | None
    why: Reason


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What the blueprint says should be done for a case with these facts."""

    playbook: str
    strategy: str
    clocks: Clocks
    steps: tuple[Step, ...]
    why: Reason


def plan_for(facts: Facts, blueprint: Blueprint, *, on: date) -> Decision:
    """The plan for a case; `facts` hold the decision facts (`kind`, `severity` …), and `on` is the day of the
    failure. The fact `locale_default` names a default of the customer's locale that is in use."""
    facts = blueprint.completed(facts)
    kind = str(facts["kind"])
    match = blueprint.playbook_for(kind, facts)
    playbook = match.rule
    steps = tuple(_steps(playbook.actions, f"playbooks.{playbook.id}.actions", facts, blueprint, on))
    known = {one.id: one for one in blueprint.locale_defaults}
    if (usual := known.get(str(facts.get("locale_default", "")))) is not None:
        steps = _as_usual_there(usual, steps, facts, blueprint, on)
    return Decision(
        playbook=playbook.id,
        strategy=playbook.strategy,
        clocks=playbook.clocks,
        steps=steps,
        why=Reason(
            rule=f"playbooks.{playbook.id}",
            text=_why_playbook(playbook, blueprint.taxonomy.kinds[kind].name),
            inputs={"kind": kind, **_known(playbook.when, facts)},
        ),
    )


def facts_lacking(playbook: str, facts: Facts, blueprint: Blueprint, *, on: date) -> Mapping[str, Localised]:
    """What is left out of a plan because a fact is not known: the fact, and the name of what it would give; `facts` and
    `on` as for `plan_for`."""
    facts = blueprint.completed(facts)
    lacking: dict[str, Localised] = {}
    for action in next((one.actions for one in blueprint.playbooks if one.id == playbook), ()):
        if action.tariff is None or (action.when is not None and not action.when.holds(facts)):
            continue
        tariff = next((one for one in blueprint.tariffs if one.id == action.tariff and one.in_force(on)), None)
        if tariff is not None and (fact := lacks(tariff, facts)) is not None:
            lacking.setdefault(fact, tariff.name)
    return lacking


def facts_that_decide(blueprint: Blueprint) -> frozenset[str]:
    """Every given fact on which some plan may rest, by a condition or by the words of a reason; shares are not among
    them."""
    names: set[str] = set(DECISION_FACTS)
    for condition in _conditions(blueprint):
        names |= condition.facts_used()
    for text in _reasons(blueprint):
        names |= text.places
    if _shares(blueprint):
        names.add(CURRENCY)  # of the share, though not the share itself
    return _given(names, blueprint)


def facts_told(blueprint: Blueprint) -> frozenset[str]:
    """The given facts that the sentences about what happened rest on or speak of."""
    sentences = [sentence for kind in blueprint.taxonomy.kinds.values() for sentence in kind.what_happened]
    names = {name for sentence in sentences for name in sentence.text.places}
    names |= {name for sentence in sentences if sentence.when is not None for name in sentence.when.facts_used()}
    return _given(names, blueprint)


def what_happened(subject: str, facts: Facts, blueprint: Blueprint) -> Reason:
    """The failure in one sentence, fit for the customer; `facts` hold the `kind`."""
    kind = blueprint.taxonomy.kinds[str(facts["kind"])]
    facts = blueprint.completed(facts)
    match = first_match(kind.what_happened, facts)
    if match is None:
        raise LookupError(f"no sentence of {kind.id!r} says what happened when {dict(facts)}")
    return Reason(
        rule=f"taxonomy.kinds.{kind.id}.what_happened[{match.index}]",
        text=match.rule.text.filled({**facts, "subject": subject}),
        inputs=_known(match.rule.when, facts),
    )


def facts_shared(blueprint: Blueprint) -> frozenset[str]:
    """The facts of which some tariff gives a share."""
    return frozenset(_shares(blueprint))


def _shares(blueprint: Blueprint) -> set[str]:
    return {row.percent_of for tariff in blueprint.tariffs for row in tariff.rows if row.percent_of}


def _given(names: Iterable[str], blueprint: Blueprint) -> frozenset[str]:
    """These facts, the derived ones taken back to those that they are derived from."""
    known = blueprint.taxonomy.facts
    given = {name for name in names if name in DECISION_FACTS or (name in known and known[name].derived is None)}
    for name in names:
        derived = known[name].derived if name in known else None
        if derived is not None:
            given |= derived.facts_used()
    if given & blueprint.taxonomy.sums:
        given.add(CURRENCY)
    return frozenset(given)


def _as_usual_there(
    usual: LocaleDefault, steps: tuple[Step, ...], facts: Facts, blueprint: Blueprint, on: date
) -> tuple[Step, ...]:
    """The steps with what customers of a locale want first in front. What it puts back is offered by a person, due no
    earlier than what comes first; what law or contract fixes is owed at once, whatever the locale."""
    added = tuple(_steps(usual.adds, f"playbooks.locale_defaults.{usual.id}.adds", facts, blueprint, on))
    steps = (*added, *steps)
    leads = [step for step in steps if step.kind in usual.first and step.phase == "immediate"]
    if not leads:
        return steps
    latest = max((step.due for step in leads), key=lambda due: due.within)
    fixed = {tariff.id for tariff in blueprint.tariffs if tariff.source_kind != "policy"}
    waiting = {
        step.id
        for step in steps
        if step.kind in usual.then and step.phase == "immediate" and not (step.owed and step.owed.tariff in fixed)
    }
    rest = [step for step in steps if step not in leads]
    return (*leads, *(_put_back(step, latest, usual) if step.id in waiting else step for step in rest))


def _put_back(step: Step, latest: DueRule, usual: LocaleDefault) -> Step:
    """The step after what comes first, offered by a person."""
    due = latest if latest.within > step.due.within else step.due
    text = Localised(en=f"{step.why.text.en} {usual.reason.en}", zh=f"{step.why.text.zh}{usual.reason.zh}")
    inputs = {**step.why.inputs, "locale_default": usual.id, "source": usual.source}
    why = Reason(rule=step.why.rule, text=text, inputs=inputs)
    performer = usual.performer if step.performer == "automatic" else step.performer
    return replace(step, due=due, performer=performer, why=why)


def _steps(actions: Iterable[PlannedAction], rule: str, facts: Facts, blueprint: Blueprint, on: date) -> Iterator[Step]:
    for action in actions:
        if action.when is not None and not action.when.holds(facts):
            continue
        owed = None
        if action.tariff is not None:
            owed = reckon_on(blueprint, action.tariff, on, facts)
            if owed is None:
                continue  # nothing is due: no action
        performer = action.performer
        if owed is not None and owed.for_people and performer == "automatic":
            performer = next(level.role for level in blueprint.authority if level.role != "automatic")
        yield Step(
            id=action.id,
            kind=action.kind,
            phase=action.phase,
            performer=performer,
            channel=action.channel or "",
            template=action.template or "",
            justice=action.justice,
            due=action.due,
            owed=owed,
            why=_why(f"{rule}.{action.id}", action, owed, facts),
        )


def _why(rule: str, action: PlannedAction, owed: Owed | None, facts: Facts) -> Reason:
    text = action.reason.filled(facts)
    inputs = dict(_known(action.when, facts))
    if owed is not None:
        text = Localised(en=f"{text.en} {owed.why.text.en}", zh=f"{text.zh}{owed.why.text.zh}")
        inputs |= {"tariff": owed.why.rule, **owed.why.inputs}
    return Reason(rule=rule, text=text, inputs=inputs)


def _why_playbook(playbook: Playbook, kind: Localised) -> Localised:
    return Localised(
        en=f"For “{kind.en}” we follow our prepared plan “{playbook.name.en}”.",
        zh=f"针对“{kind.zh}”，我们按预案“{playbook.name.zh}”处理。",
    )


def _known(when: Condition | None, facts: Facts) -> Mapping[str, object]:
    if when is None:
        return {}
    return {name: facts[name] for name in sorted(when.facts_used()) if facts.get(name) is not None}


def _conditions(blueprint: Blueprint) -> Iterator[Condition]:
    rules: list[Rule] = []
    for playbook in blueprint.playbooks:
        rules += [playbook, *playbook.actions]
    for usual in blueprint.locale_defaults:
        rules += usual.adds
    for tariff in blueprint.tariffs:
        rules += tariff.rows
    return (rule.when for rule in rules if rule.when is not None)


def _reasons(blueprint: Blueprint) -> Iterator[Localised]:
    for playbook in blueprint.playbooks:
        for action in playbook.actions:
            yield action.reason
    for usual in blueprint.locale_defaults:
        for action in usual.adds:
            yield action.reason
    for tariff in blueprint.tariffs:
        for row in tariff.rows:
            yield row.reason
