"""Which facts a complaint of a kind asks for, as fields of a form: what its rules look at and nobody else knows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _

from amends.kernel.blueprint import Blueprint
from amends.kernel.money import COMMON, Money
from amends.kernel.taxonomy import CURRENCY, DECISION_FACTS, Fact, currency_among
from amends.recover.core.correcting import OF_CUSTOMER  # known without asking
from amends.web.console import words
from amends.web.console.times import language

PREFIX: Final = "fact-"
LARGEST: Final = 1e12
NEVER_BELOW_NOTHING: Final = frozenset({"currency", "hours", "km"})  # units; a flight may well leave minutes early


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One field."""

    name: str
    label: str
    type: str  # number, boolean, text
    unit: str
    options: tuple[tuple[str, str], ...]
    value: str = ""
    unsaid: str = ""  # what goes without saying where nothing is chosen; empty: it is not known
    least: float = -LARGEST

    @property
    def field(self) -> str:
        """What it is called in the form."""
        return PREFIX + self.name


def asked_of(pack: Blueprint, kind: str, known: Mapping[str, object]) -> list[Asked]:
    """The fields for a kind of failure, in the pack's order, filled with what is known."""
    if kind not in pack.kinds_of_customers:
        return []
    wanted = _names(pack, kind)
    return [
        Asked(
            name=name,
            label=fact.name.in_(language()),
            type=fact.type,
            unit=_unit(pack, fact, known),
            options=_options(pack, name, fact, known),
            value=_shown(known.get(name)),
            unsaid=Money.zero(pack.currency).name_in(language()) if name == CURRENCY else "",
            least=0 if fact.unit in NEVER_BELOW_NOTHING else -LARGEST,
        )
        for name, fact in pack.taxonomy.facts.items()
        if name in wanted and fact.derived is None
    ]


def given(pack: Blueprint, kind: str, posted: Mapping[str, Any]) -> tuple[dict[str, object], dict[str, str]]:
    """What was entered, typed as the taxonomy declares it; and what is wrong, by field."""
    facts: dict[str, object] = {}
    wrong: dict[str, str] = {}
    for one in asked_of(pack, kind, {}):
        text = str(posted.get(one.field, "")).replace("\0", "").strip()[:200]
        if not text:
            continue
        try:
            facts[one.name] = _typed(one, text)
        except ValueError:
            wrong[one.field] = _("“{value}” doesn't fit {name}.").format(value=text[:40], name=one.label)
    return facts, wrong


def _options(pack: Blueprint, name: str, fact: Fact, known: Mapping[str, object]) -> tuple[tuple[str, str], ...]:
    if name == CURRENCY:  # the pack's own goes without saying
        codes = dict.fromkeys((*COMMON, currency_among(known, usual=pack.currency)))
        return tuple((code, Money.zero(code).name_in(language())) for code in codes if code != pack.currency)
    return tuple((code, said.in_(language())) for code, said in (fact.values or {}).items())


def _names(pack: Blueprint, kind: str) -> set[str]:
    """Facts that decide about this kind: in its own rules and in those of its playbooks and their tariffs."""
    meaning = pack.taxonomy.kinds[kind]
    conditions: list[Any] = [
        *(rule.when for rule in meaning.severity),
        *(rule.when for rule in meaning.attribution),
        *(sentence.when for sentence in meaning.what_happened),
    ]
    names: set[str] = set()
    tariffs: set[str] = set()
    for playbook in pack.playbooks:
        if kind in playbook.kinds:
            conditions += [playbook.when, *(action.when for action in playbook.actions)]
            tariffs |= {action.tariff for action in playbook.actions if action.tariff}
    for tariff in pack.tariffs:
        if tariff.id in tariffs:
            conditions += [row.when for row in tariff.rows]
            names |= {row.percent_of for row in tariff.rows if row.percent_of}
    for condition in conditions:
        names |= condition.facts_used() if condition is not None else set()
    names |= {base for name in names for base in _bases(pack, name)}
    if names & pack.taxonomy.sums:
        names.add(CURRENCY)
    return names - OF_CUSTOMER - set(DECISION_FACTS)


def _bases(pack: Blueprint, name: str) -> Iterable[str]:
    fact = pack.taxonomy.facts.get(name)
    return fact.derived.facts_used() if fact is not None and fact.derived is not None else ()


def _unit(pack: Blueprint, fact: Fact, known: Mapping[str, object]) -> str:
    if fact.unit == "currency":
        return currency_among(known, usual=pack.currency)
    return str(words.MEASURE.get(fact.unit or "", fact.unit or ""))


def _shown(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _typed(asked: Asked, text: str) -> object:
    if asked.type == "boolean":
        return {"yes": True, "no": False}[text] if text in {"yes", "no"} else _bad(text)
    if asked.type == "number":
        number = float(text.replace(",", ""))
        if not asked.least <= number < LARGEST:  # not a number included
            raise ValueError(text)
        return int(number) if number.is_integer() else number
    if asked.options and text not in dict(asked.options):
        raise ValueError(text)
    return text


def _bad(text: str) -> object:
    raise ValueError(text)
