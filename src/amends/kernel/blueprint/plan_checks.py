"""Does every failure have a plan, and can the plan keep what it promises: is there an action for each clock, in time?

Conditions are judged by kind and severity alone: an action counts unless these two rule it out.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

from amends.kernel.blueprint.model import Blueprint
from amends.kernel.blueprint.parts import MEETS, ClockKind, Clocks, PlannedAction, Playbook
from amends.kernel.blueprint.problems import Complaint
from amends.kernel.severity import SEVERITIES, Severity

_TOLD: Final[tuple[ClockKind, ...]] = ("acknowledge", "inform", "follow_up")  # `resolve` is met by whatever comes last


def plans(blueprint: Blueprint) -> Iterator[Complaint]:
    yield from _every_failure_has_a_plan(blueprint)
    yield from _every_clock_can_be_met(blueprint)


def _every_failure_has_a_plan(blueprint: Blueprint) -> Iterator[Complaint]:
    for kind in blueprint.taxonomy.kinds:
        for severity in SEVERITIES:
            if not any(_surely_applies(playbook, kind, severity) for playbook in blueprint.playbooks):
                message = f"no playbook is sure to apply to {kind} when it is {severity}"
                remedy = "add one for it without `when`, or with a `when` on severity only"
                yield Complaint("playbooks", ("playbooks",), message, remedy)


def _every_clock_can_be_met(blueprint: Blueprint) -> Iterator[Complaint]:
    for place, playbook in enumerate(blueprint.playbooks):
        for severity, kinds in _own_cases(blueprint, place).items():
            for clock in _TOLD:
                unmet = [kind for kind in kinds if not _can_be_met(playbook, clock, kind, severity)]
                if unmet:
                    message = f"none can meet the clock `{clock}` in time for {', '.join(unmet)} when {severity}"
                    meeting = " or ".join(kind for kind, clocks in MEETS.items() if clock in clocks)
                    remedy = f"add an action of kind {meeting}, due before the clock runs out, or widen its `when`"
                    yield Complaint("playbooks", ("playbooks", place, "actions"), message, remedy)


def _own_cases(blueprint: Blueprint, place: int) -> dict[Severity, list[str]]:
    """The severities at which the playbook may be the plan of a case, each with the kinds of failure in question."""
    playbook, earlier = blueprint.playbooks[place], blueprint.playbooks[:place]
    found: dict[Severity, list[str]] = defaultdict(list)
    for name in playbook.kinds:
        kind = blueprint.taxonomy.kinds.get(name)  # one that does not exist is told elsewhere
        for severity in sorted({rule.severity for rule in kind.severity}, key=SEVERITIES.__getitem__) if kind else ():
            has_case = SEVERITIES[severity] >= SEVERITIES[blueprint.cases.own_case_from]
            if has_case and _may_apply(playbook, earlier, name, severity):
                found[severity].append(name)
    return found


def _may_apply(playbook: Playbook, earlier: Sequence[Playbook], kind: str, severity: Severity) -> bool:
    if any(_surely_applies(other, kind, severity) for other in earlier):
        return False
    return playbook.when is None or playbook.when.may_hold({"kind": kind, "severity": severity})


def _surely_applies(playbook: Playbook, kind: str, severity: Severity) -> bool:
    if kind not in playbook.kinds:
        return False
    when = playbook.when
    return when is None or (when.facts_used() <= {"severity"} and when.holds({"severity": severity}))


def _can_be_met(playbook: Playbook, clock: ClockKind, kind: str, severity: Severity) -> bool:
    facts = {"kind": kind, "severity": severity}
    return any(
        clock in MEETS.get(action.kind, ())
        and (action.when is None or action.when.may_hold(facts))
        and _in_time(action, playbook.clocks, clock)
        for action in playbook.actions
    )


def _in_time(action: PlannedAction, clocks: Clocks, clock: ClockKind) -> bool:
    """Times in different calendars count as in time, except that business time never runs faster than the clock on the
    wall."""
    rule = getattr(clocks, clock)
    comparable = rule.calendar in (action.due.calendar, "always")
    return not comparable or action.due.within <= rule.within
