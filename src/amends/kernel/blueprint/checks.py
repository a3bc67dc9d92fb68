"""What the parts of a pack say about each other: names lead somewhere, nothing overlaps, every failure has a plan."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise

from amends.kernel.blueprint.guidance_checks import guidance
from amends.kernel.blueprint.incident_checks import incidents
from amends.kernel.blueprint.internal_checks import internal
from amends.kernel.blueprint.ladder_checks import escalations_and_ladder
from amends.kernel.blueprint.model import Blueprint
from amends.kernel.blueprint.name_checks import calendars, resolves, unique
from amends.kernel.blueprint.parts import (
    LONG_VALUES,
    MESSAGE_VARIABLES,
    DemandPlan,
    PlannedAction,
    Playbook,
    Tariff,
    TariffRow,
)
from amends.kernel.blueprint.plan_checks import plans
from amends.kernel.blueprint.problems import Complaint, Path
from amends.kernel.blueprint.rule_checks import condition, rule, taxonomy_rules
from amends.kernel.blueprint.standard_checks import standards
from amends.kernel.repairs import REPAIRS, WRITTEN
from amends.kernel.taxonomy import DECISION_FACTS, Fact
from amends.kernel.text import Localised, places_in
from amends.kernel.text_message import MOST_SEGMENTS, length_of, plain


def complaints_about(blueprint: Blueprint) -> list[Complaint]:
    """Everything that is wrong between the parts."""
    return [complaint for check in _CHECKS for complaint in check(blueprint)]


def _manifest(blueprint: Blueprint) -> Iterator[Complaint]:
    yield from resolves("blueprint", ("calendar",), "calendar", blueprint.calendar, calendars(blueprint))
    if "always" in blueprint.calendars:
        yield Complaint("calendars", ("calendars", "always"), "`always` is built in", "give yours another name")
    for place, name in enumerate(blueprint.care.closer_look.claims):
        here: Path = ("care", "closer_look", "claims", place)
        fact = blueprint.taxonomy.facts.get(name)
        if fact is None or fact.unit != "currency":
            yield Complaint("blueprint", here, f"{name!r} is no fact that is a sum of money", "name one, or declare it")


def _taxonomy(blueprint: Blueprint) -> Iterator[Complaint]:
    yield from taxonomy_rules(blueprint.taxonomy)
    for key, kind in blueprint.taxonomy.kinds.items():
        path: Path = ("kinds", key)
        yield from resolves("taxonomy", (*path, "step"), "step", kind.step, blueprint.taxonomy.steps)
        if kind.id != key:
            yield Complaint("taxonomy", (*path, "id"), f"{kind.id!r} is not its key", "leave `id` out")


def _playbooks(blueprint: Blueprint) -> Iterator[Complaint]:
    yield from unique("playbooks", "playbooks", (playbook.id for playbook in blueprint.playbooks))
    facts = _all_facts(blueprint)
    for place, playbook in enumerate(blueprint.playbooks):
        path: Path = ("playbooks", place)
        for index, kind in enumerate(playbook.kinds):
            yield from resolves("playbooks", (*path, "kinds", index), "kind", kind, blueprint.taxonomy.kinds)
        if playbook.when is not None:
            yield from condition("playbooks", (*path, "when"), playbook.when, facts)
        for name in type(playbook.clocks).model_fields:
            calendar = getattr(playbook.clocks, name).calendar
            here = (*path, "clocks", name, "calendar")
            yield from resolves("playbooks", here, "calendar", calendar, calendars(blueprint))
        yield from _actions(blueprint, path, playbook, facts)
    if blueprint.demands is not None:
        yield from _demands(blueprint, blueprint.demands, facts)
    yield from plans(blueprint)
    yield from _repairs(blueprint)
    yield from _locale_defaults(blueprint, facts)


def _repairs(blueprint: Blueprint) -> Iterator[Complaint]:
    for name, rule_ in blueprint.repairs.items():
        path: Path = ("repairs", name, "template")
        yield from resolves("playbooks", path, "template", rule_.template, blueprint.templates)
        if not REPAIRS[name].remedy:
            yield from _gives_nothing(blueprint, path, rule_.template, name)


def _gives_nothing(blueprint: Blueprint, path: Path, name: str, what: str) -> Iterator[Complaint]:
    """A template that speaks of what is given, where nothing is."""
    template = blueprint.templates.get(name)
    spoken = () if template is None else template.variables
    for variable in ("amount", "given"):
        if variable in spoken:
            message = f"{name} speaks of {{{variable}}}, which {what} has not"
            yield Complaint("playbooks", path, message, "name another template")


def _locale_defaults(blueprint: Blueprint, facts: Mapping[str, Fact]) -> Iterator[Complaint]:
    yield from unique("playbooks", "locale_defaults", (one.id for one in blueprint.locale_defaults))
    known = [one.id for one in blueprint.locale_defaults]
    for place, name in enumerate(blueprint.cases.locale_defaults):
        yield from resolves("blueprint", ("cases", "locale_defaults", place), "locale default", name, known)
    for place, one in enumerate(blueprint.locale_defaults):
        here: Path = ("locale_defaults", place)
        taken = {action.id for playbook in blueprint.playbooks for action in playbook.actions}
        for at, action in enumerate(one.adds):
            path = (*here, "adds", at)
            yield from rule("playbooks", path, action.when, action.reason, facts, ensured=frozenset(DECISION_FACTS))
            yield from _action(blueprint, path, action)
            if action.id in taken:
                message = f"{action.id!r} is the id of an action of a playbook"
                yield Complaint("playbooks", (*path, "id"), message, "give it another id")
        level = blueprint.authority_of(one.performer)
        for kind in one.then:
            if level is None or kind not in level.may:
                message = f"{one.performer} may not do {kind}"
                yield Complaint("playbooks", (*here, "performer"), message, "allow it in authority.yaml")


def _demands(blueprint: Blueprint, demands: DemandPlan, facts: Mapping[str, Fact]) -> Iterator[Complaint]:
    yield from _actions(blueprint, ("demands",), demands, facts)
    taken = {action.id for playbook in blueprint.playbooks for action in playbook.actions}
    for place, action in enumerate(demands.actions):
        path: Path = ("demands", "actions", place)
        if action.id in taken:
            yield Complaint("playbooks", (*path, "id"), f"{action.id!r} is a playbook's action", "give it another id")
        if action.tariff is not None:
            message = "what is demanded beyond measure is not answered with a gift"
            yield Complaint("playbooks", (*path, "tariff"), message, "take it out")


def _actions(
    blueprint: Blueprint, path: Path, playbook: Playbook | DemandPlan, facts: Mapping[str, Fact]
) -> Iterator[Complaint]:
    yield from unique("playbooks", "actions", (action.id for action in playbook.actions), path)
    if isinstance(playbook, Playbook):
        yield from unique("playbooks", "checklist", (item.id for item in playbook.checklist), path)
    when = playbook.when if isinstance(playbook, Playbook) else None
    ensured = when.facts_ensured() if when else frozenset()
    for place, action in enumerate(playbook.actions):
        here = (*path, "actions", place)
        yield from rule("playbooks", here, action.when, action.reason, facts, ensured=ensured | set(DECISION_FACTS))
        yield from _action(blueprint, here, action)


def _action(blueprint: Blueprint, path: Path, action: PlannedAction) -> Iterator[Complaint]:
    names = {
        "template": (action.template, blueprint.templates),
        "tariff": (action.tariff, {tariff.id for tariff in blueprint.tariffs}),
    }
    for what, (name, known) in names.items():
        if name is not None:
            yield from resolves("playbooks", (*path, what), what, name, known)
    calendar = action.due.calendar
    yield from resolves("playbooks", (*path, "due", "calendar"), "calendar", calendar, calendars(blueprint))
    level = blueprint.authority_of(action.performer)
    if level is None:
        message = f"{action.performer} has no level of authority"
        yield Complaint("playbooks", (*path, "performer"), message, "add one in authority.yaml")
    elif action.kind not in level.may:
        message = f"{action.performer} may not do {action.kind}"
        yield Complaint(
            "playbooks", (*path, "performer"), message, f"allow it in authority.yaml ({level.id}), or take another"
        )
    yield from _channel(blueprint, path, action)
    if action.template is not None and action.tariff is None:
        yield from _gives_nothing(blueprint, (*path, "template"), action.template, action.id)
    if action.kind == "compensation" and action.tariff is None:
        yield Complaint("playbooks", path, "a compensation without a tariff", "name one in `tariff`")
    for tariff in blueprint.tariffs:
        if tariff.id == action.tariff and tariff.currency != blueprint.currency:
            message = f"{tariff.id} is in {tariff.currency}, authority in {blueprint.currency}"
            yield Complaint("playbooks", (*path, "tariff"), message, "use a tariff in the pack's currency")
            break


def _channel(blueprint: Blueprint, path: Path, action: PlannedAction) -> Iterator[Complaint]:
    template = blueprint.templates.get(action.template or "")
    if action.channel == "sms" and template is not None and template.text is None:
        message = f"{action.template} has no short text"
        yield Complaint("playbooks", (*path, "channel"), message, "give it a `text`, or write channel: outbox")
    if action.channel in WRITTEN and action.template is None:
        yield Complaint("playbooks", path, "a message without a template", "name one in `template`")
    if action.performer == "automatic" and action.channel == "phone":
        yield Complaint("playbooks", (*path, "channel"), "nobody calls by themselves", "give it a role as performer")


def _authority(blueprint: Blueprint) -> Iterator[Complaint]:
    levels = blueprint.authority
    yield from unique("authority", "levels", (level.id for level in levels))
    for place, (lower, higher) in enumerate(pairwise(levels), start=1):
        if higher.per_case < lower.per_case:
            here: Path = ("levels", place, "per_case")
            yield Complaint("authority", here, f"is less than that of {lower.id} before it", "order levels upwards")
    for place, level in enumerate(levels):
        if level.currency != blueprint.currency:
            message = f"is {level.currency}, the pack's is {blueprint.currency}"
            yield Complaint("authority", ("levels", place, "currency"), message, "use one currency")
        if any(level.role == earlier.role for earlier in levels[:place]):
            message = f"{level.role} has a level already"
            yield Complaint("authority", ("levels", place, "role"), message, "one level a role")
    for place, level in enumerate(levels):
        if level.decides_within is not None:
            path: Path = ("levels", place, "decides_within", "calendar")
            yield from resolves("authority", path, "calendar", level.decides_within.calendar, calendars(blueprint))
    if not levels[-1].approves:
        place = len(levels) - 1
        yield Complaint("authority", ("levels", place, "approves"), "the highest level has to approve", "write true")


def _leave(blueprint: Blueprint) -> Iterator[Complaint]:
    leave = blueprint.leave
    yield from unique("authority", "gestures", (gesture.id for gesture in leave.gestures))
    for place, gesture in enumerate(leave.gestures):
        path: Path = ("gestures", place)
        yield from resolves("authority", (*path, "template"), "template", gesture.template, blueprint.templates)
        if gesture.amount > gesture.per_customer.amount:
            message = f"is less than the gesture itself ({gesture.amount})"
            yield Complaint("authority", (*path, "per_customer"), message, "allow at least one")
    yield from unique("authority", "written_complaints", (asked.id for asked in leave.written_complaints))
    for place, asked in enumerate(leave.written_complaints):
        path = ("written_complaints", place)
        for index, kind in enumerate(asked.kinds):
            yield from resolves("authority", (*path, "kinds", index), "kind", kind, blueprint.taxonomy.kinds)
        for name in sorted(asked.reason.places):
            yield Complaint("authority", (*path, "reason"), f"{{{name}}} is not filled here", "say it without")
    currencies = [("gestures", place, gesture.currency) for place, gesture in enumerate(leave.gestures)]
    currencies += [("budgets", place, budget.currency) for place, budget in enumerate(leave.budgets)]
    for what, place, currency in currencies:
        if currency != blueprint.currency:
            message = f"is {currency}, the pack's is {blueprint.currency}"
            yield Complaint("authority", (what, place, "currency"), message, "use one currency")


def _tariffs(blueprint: Blueprint) -> Iterator[Complaint]:
    facts = _all_facts(blueprint)
    spans: dict[str, list[Tariff]] = defaultdict(list)
    for place, tariff in enumerate(blueprint.tariffs):
        path: Path = ("tariffs", place)
        if tariff.effective_to is not None and tariff.effective_to < tariff.effective_from:
            yield Complaint(
                "tariffs", (*path, "effective_to"), "is before effective_from", "give the last day in force"
            )
        for other in spans[tariff.id]:
            if tariff.in_force(other.effective_from) or other.in_force(tariff.effective_from):
                message = f"overlaps the {tariff.id} in force from {other.effective_from}"
                yield Complaint("tariffs", (*path, "effective_from"), message, "end the earlier one the day before")
        spans[tariff.id].append(tariff)
        for index, row in enumerate(tariff.rows):
            yield from _row((*path, "rows", index), row, facts, is_last=index == len(tariff.rows) - 1)


def _row(path: Path, row: TariffRow, facts: Mapping[str, Fact], *, is_last: bool) -> Iterator[Complaint]:
    share = (row.percent_of is not None, row.percent is not None)
    ensured = frozenset() if row.percent_of is None else frozenset({row.percent_of})
    yield from rule("tariffs", path, row.when, row.reason, facts, ensured=ensured | set(DECISION_FACTS))
    if any(share) != all(share) or (row.amount is not None) == all(share):
        remedy = "write amount: 250, or percent_of: fare and percent: 50"
        yield Complaint("tariffs", path, "is neither a fixed amount nor a share of a fact", remedy)
    if row.percent_of is not None and (row.percent_of not in facts or facts[row.percent_of].type != "number"):
        yield Complaint(
            "tariffs", (*path, "percent_of"), f"there is no number {row.percent_of!r}", "declare it as a fact"
        )
    if row.at_least is not None and row.at_most is not None and row.at_most < row.at_least:
        yield Complaint("tariffs", (*path, "at_most"), "is less than at_least", "exchange them")
    if row.when is None and row.percent_of is None and not is_last:  # a share of a fact that is missing is passed over
        yield Complaint("tariffs", path, "the rows below this one are never reached", "give it a `when`")


def _templates(blueprint: Blueprint) -> Iterator[Complaint]:
    for key, template in blueprint.templates.items():
        path: Path = ("templates", key)
        if template.id != key:
            yield Complaint("templates", (*path, "id"), f"{template.id!r} is not its key", "leave `id` out")
        for name in template.variables:
            yield from resolves("templates", (*path, "variables"), "variable", name, MESSAGE_VARIABLES)
        used: set[str] = set()
        for what, text in (("subject", template.subject), ("body", template.body), ("text", template.text)):
            if text is not None:
                used |= text.places
                yield from _declared((*path, what), text, template.variables)
        if template.text is not None and template.text.places <= set(LONG_VALUES):
            yield from _short((*path, "text"), template.text)
        for name in sorted(set(template.variables) - used):
            yield Complaint("templates", (*path, "variables"), f"{name!r} is never used", "take it out")


def _short(path: Path, text: Localised) -> Iterator[Complaint]:
    filled = text.filled(LONG_VALUES)
    for language, words in (("en", filled.en), ("zh", filled.zh)):
        length = length_of(plain(words))
        if length.segments > MOST_SEGMENTS:
            message = f"takes {length.segments} segments ({length.encoding}) with long values, at most {MOST_SEGMENTS}"
            yield Complaint("templates", (*path, language), message, "say less")


def _declared(path: Path, text: Localised, variables: tuple[str, ...]) -> Iterator[Complaint]:
    for language, words in (("en", text.en), ("zh", text.zh)):
        for name in sorted(places_in(words) - set(variables)):
            yield Complaint("templates", (*path, language), f"{{{name}}} is not declared", "list it in `variables`")


def _economics(blueprint: Blueprint) -> Iterator[Complaint]:
    economics = blueprint.economics
    done = {action.kind for playbook in blueprint.playbooks for action in playbook.actions}
    done |= {action.kind for action in blueprint.demands.actions} if blueprint.demands else set()
    for kind in sorted(done - set(economics.handling_minutes)):
        message = f"no handling time for {kind}, which playbooks use"
        yield Complaint("economics", ("handling_minutes",), message, f"add `{kind}:`")
    losses = [row.loss_from for row in economics.loyalty.rows]
    if losses != sorted(set(losses)) or losses[0] != 0:
        yield Complaint("economics", ("loyalty", "rows"), "loss_from does not rise from 0", "order the rows")
    spans = [point.within for point in economics.delay_cost.points]
    known = [span for span in spans if span is not None]
    if known != sorted(set(known)) or spans[-1] is not None or None in spans[:-1]:
        message = "the points do not rise to one without `within`"
        yield Complaint(
            "economics", ("delay_cost", "points"), message, "order them; the last one is for any later time"
        )


def _all_facts(blueprint: Blueprint) -> dict[str, Fact]:
    return {**blueprint.taxonomy.facts, **DECISION_FACTS}


_CHECKS: tuple[Callable[[Blueprint], Iterator[Complaint]], ...] = (
    _manifest,
    incidents,
    _taxonomy,
    standards,
    _playbooks,
    escalations_and_ladder,
    _authority,
    _leave,
    _tariffs,
    _templates,
    _economics,
    internal,
    guidance,
)
