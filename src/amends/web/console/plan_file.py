"""What the page of a case shows of its assessment and its plan: as they are, what speaks for them, what may change."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext

from amends.kernel.blueprint import Blueprint
from amends.kernel.blueprint.parts import Justice
from amends.kernel.money import Money
from amends.kernel.repairs import ADDED, ONLY_WORDS, REPAIRS, Repair, repair_of
from amends.kernel.strategies import STRATEGIES
from amends.kernel.taxonomy import currency_among
from amends.monitor.models import Affected
from amends.people.core.rights import may
from amends.people.models import Staff
from amends.people.selectors import NotAllowed
from amends.policy.selectors import blueprint_of
from amends.recover.core.action import UNDONE
from amends.recover.core.advice import advise
from amends.recover.core.assessing import GAP_WORDS, RESPONSIBLE
from amends.recover.core.correcting import FACT
from amends.recover.core.coverage import Item, coverage
from amends.recover.core.plan import facts_lacking
from amends.recover.core.priority import FORMULA, PRESSING
from amends.recover.models import Action, Case, Edit
from amends.recover.selectors import edits_of
from amends.recover.selectors.circle import circle_names
from amends.recover.selectors.guidance import emotions, stages
from amends.recover.selectors.judging import (
    Judged,
    earlier_failures_of,
    items_of,
    judged_from,
    priority_parts,
    proposal_of,
    situation_of,
)
from amends.recover.services.holding import check_performer
from amends.recover.services.planning import has_text
from amends.web.console import facts_asked, times, words


@dataclass(frozen=True, kw_only=True)
class Row:
    """One action of the plan as a row: which repair it is, and whether this person may alter it or do it."""

    action: Action
    repair: Repair | None
    alterable: bool
    doable: bool  # by this person, now, in whatever order they think best
    words: str = ""  # why a person brought it in or changed it, as they wrote it
    texts: bool = False  # whether it may be done by text message

    @property
    def by_itself(self) -> bool:
        """Whether it may be the system's: words, or what the playbook gave to it."""
        return self.action.kind in ONLY_WORDS or self.action.performer == "automatic"


@dataclass(frozen=True, kw_only=True)
class Spoken:
    """One justice and the actions that speak for it."""

    justice: Justice
    actions: list[Action]

    @property
    def kinds(self) -> list[str]:
        """What they are, each once."""
        return list(dict.fromkeys(action.kind for action in self.actions))


@dataclass(frozen=True, kw_only=True)
class Told:
    """One change, its values in the reader's words."""

    edit: Edit
    before: str
    after: str


def _texts(action: Action, pack: Blueprint) -> bool:
    """Whether it may be done by text message."""
    repair = repair_of(step=action.step, kind=action.kind, remedy=action.remedy, channel=action.channel)
    return action.channel == "sms" or (repair is not None and has_text(repair.id, pack))


def of_plan(
    staff: Staff, case: Case, contents: Collection[str], actions: Sequence[Action], hurt: Affected | None
) -> dict[str, Any]:
    """The context of the parts `assessment.html` and `plan.html`; `hurt`: how the gravest failure hit the customer."""
    edits = edits_of(case) if "edits" in contents else []
    corrected = any(edit.aspect == FACT for edit in edits)
    now = judged_from(case, getattr(case, "assessment", None), hurt, corrected=corrected)
    items = items_of(case, list(actions))
    earlier = earlier_failures_of(now)
    by_id = {action.pk: action for action in actions}
    works = may(staff.role, "work_cases") and case.is_open
    rows = [_row(staff, action, item, works=works) for action, item in zip(actions, items, strict=True)]
    said = {edit.action_id: _why(edit) for edit in reversed(edits) if edit.action_id and _why(edit)}
    rows = [replace(row, words=said.get(row.action.pk, ""), texts=_texts(row.action, now.pack)) for row in rows]
    return {
        "judged": now,
        "promise": now.promise,
        "priority_parts": priority_parts(now, earlier=earlier),
        "priority_formula": FORMULA,
        "edits": [_told(edit, now) for edit in edits],
        "lacking": _lacking(case, now) if works else [],
        "correctable": facts_asked.asked_of(now.pack, case.kind, now.told) if works else [],
        "recharge": getattr(case, "recharge", None),
        "may_recharge": may(staff.role, "recharge"),
        "may_judge": may(staff.role, "work_cases"),
        "may_plan": works,
        "plan_phases": [
            (phase, found)
            for phase in ("immediate", "follow_up")
            if (found := [r for r in rows if r.action.phase == phase])
        ],
        "spoken": [
            Spoken(justice=one.justice, actions=[by_id[item.id] for item in one.items]) for one in coverage(items)
        ],
        "advice": advise(situation_of(now, items, earlier=earlier)) if case.is_open else (),
        "proposal": proposal_of(now, items),
        "strategy_words": STRATEGIES.get(case.plan.strategy),
        "repairs": REPAIRS,
        "repairs_with_text": [id_ for id_ in REPAIRS if has_text(id_, now.pack)],
        "performers": _performers(now),
        "kinds": [(code, kind.name) for code, kind in now.pack.kinds_like(case.kind).items()],
        "severities": list(words.SEVERITY.items()),
        "responsibles": RESPONSIBLE,
        "gaps": GAP_WORDS,
        "pressings": PRESSING,
        "judgements": {edit.aspect: edit for edit in reversed(edits) if edit.action_id is None and edit.by_id},
        "suppliers": now.pack.taxonomy.suppliers,
        "currency": now.pack.currency,
    }


def supplier_code(case: Case, name: str) -> str:
    """The pack's code of a supplier that a person named in either language; a name that it does not know stays."""
    known = blueprint_of(case.blueprint_id).taxonomy.suppliers
    return next((code for code, said in known.items() if name in {code, said.en, said.zh}), name)


def _why(edit: Edit) -> str:
    """In the person's words; of a step that was left out by itself, the rule's."""
    if edit.aspect == "withheld" and edit.why is not None:
        return edit.why.zh if times.language() == "zh" else edit.why.en
    return edit.reason


def _row(staff: Staff, action: Action, item: Item, *, works: bool) -> Row:
    alterable = works and action.state in UNDONE and _mine(staff, action)
    to_say = bool(action.remedy) and action.amount is None
    doable = alterable and action.state == "ready" and action.performer != "automatic" and not to_say
    planned_after = action.kind == "follow_up" and not action.step.startswith(ADDED)  # when and how, the row says
    repair = None if planned_after else item.repair
    return Row(action=action, repair=repair, alterable=alterable, doable=doable)


def _mine(staff: Staff, action: Action) -> bool:
    try:
        check_performer(staff, action.performer)
    except NotAllowed:
        return False
    return True


def _performers(now: Judged) -> list[str]:
    return [level.role for level in now.pack.authority]


def _told(edit: Edit, now: Judged) -> Told:
    before, after = _value(edit, edit.before, now), _value(edit, edit.after, now)
    if edit.aspect == FACT:  # which one is said once
        before = f"{_name_of(edit, now)}{gettext(': ')}{before}"
    return Told(edit=edit, before=before, after=after)


def _name_of(edit: Edit, now: Judged) -> str:
    fact = now.pack.taxonomy.facts.get(edit.after["name"])
    return fact.name.in_(times.language()) if fact else str(edit.after["name"])


def _value(edit: Edit, value: Any, now: Judged) -> str:
    """A value as its reader would say it."""
    if edit.aspect in _SAID:
        return "" if value in (None, "", []) else _SAID[edit.aspect](edit, value, now)
    if isinstance(value, bool):
        return str(words.YES if value else words.NO)
    return str(_CODES.get(edit.aspect, {}).get(value, "" if value is None else value))


def _money(edit: Edit, value: str, now: Judged) -> str:
    currency = (edit.action.currency if edit.action else "") or now.pack.currency
    return Money(Decimal(value), currency).in_(times.language())


def _added(value: Mapping[str, Any], now: Judged) -> str:
    language = times.language()
    repair = REPAIRS.get(str(value.get("repair", "")))
    name = repair.name.in_(language) if repair else str(value.get("step", ""))
    amount = value.get("amount")
    return f"{name} {Money(Decimal(amount), now.pack.currency).in_(language)}" if amount else name


def _fact(told: Mapping[str, Any], now: Judged) -> str:
    """The value of a fact as it is said; not known is said, too."""
    fact = now.pack.taxonomy.facts.get(told["name"])
    language, value = times.language(), told["value"]
    if value is None:
        return str(words.UNKNOWN)
    if isinstance(value, bool):
        return str(words.YES if value else words.NO)
    if fact is not None and fact.values and value in fact.values:
        return fact.values[value].in_(language)
    if fact is not None and fact.unit == "currency":
        return Money(Decimal(str(value)), currency_among(now.facts, usual=now.pack.currency)).in_(language)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _members(ids: list[int], now: Judged) -> str:
    """Those who answered a confidential case, by name; whoever reads it is one of them."""
    names = circle_names(now.case)
    return ("、" if times.language() == "zh" else ", ").join(names[one] for one in ids)


_CODES: Final[Mapping[str, Mapping[Any, Any]]] = {
    "severity": words.SEVERITY,
    "responsible": words.RESPONSIBLE,
    "performer": words.ROLE,
    "channel": {**words.CHANNEL, "": words.IN_PERSON},
}
_SAID: Final[Mapping[str, Callable[[Edit, Any, Judged], str]]] = {
    "amount": _money,
    "due_at": lambda _edit, value, _now: times.moment_short(datetime.fromisoformat(value)),
    "added": lambda _edit, value, now: _added(value, now),
    "fact": lambda _edit, value, now: _fact(value, now),
    "circle": lambda _edit, value, now: _members(value, now),
    "kind": lambda _edit, value, now: words.kind_name(now.case.blueprint_id, value),
    "playbook": lambda _edit, value, now: words.playbook_name(now.case.blueprint_id, value),
    "supplier": lambda _edit, value, now: words.supplier_name(now.case.blueprint_id, value),
    "emotion": lambda _edit, value, _now: emotions()[value].name.in_(times.language()),
    "stage": lambda _edit, value, _now: stages()[value].name.in_(times.language()),
    "gap": lambda _edit, value, _now: GAP_WORDS[value].in_(times.language()),
    "pressing": lambda _edit, value, _now: PRESSING[value].in_(times.language()),
}


def _lacking(case: Case, now: Judged) -> list[tuple[str, str]]:
    """Facts that are not known and on which something rests that the plan therefore leaves out: name, and of what."""
    found = facts_lacking(case.plan.playbook, now.facts, now.pack, on=now.day)
    known = now.pack.taxonomy.facts
    return [(known[fact].name.in_(times.language()), given.in_(times.language())) for fact, given in found.items()]
