"""What a pack says about its own people: what colleagues owe each other, who may see it, and when somebody is offered
support. Confidential: a failure between colleagues is seen by its circle and by nobody else.
"""

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal

from pydantic import Field, field_validator

from amends.kernel.blueprint.parts import DueRule, MessageTemplate, Playbook, Role
from amends.kernel.blueprint.standard_parts import Standard
from amends.kernel.business_time import Duration
from amends.kernel.rules import Condition
from amends.kernel.taxonomy import Confidence, Fact, FailureKind, Frozen, Phrases, with_ids
from amends.kernel.text import Localised, Template

CircleWord = Literal["person", "unit_head", "confidant"]
SupportKind = Literal["break", "talk", "thanks", "help"]
SUPPORT_KINDS: Final = ("break", "talk", "thanks", "help")
Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$", max_length=64)]


def _fact(en: str, zh: str, kind: Literal["number", "boolean", "text"], **values: tuple[str, str]) -> Fact:
    words = {value: Localised(en=said[0], zh=said[1]) for value, said in values.items()}
    return Fact(name=Localised(en=en, zh=zh), type=kind, values=words or None)


SUPPORT_FACTS: Final[Mapping[str, Fact]] = MappingProxyType(
    {
        "severity": _fact(
            "severity",
            "严重程度",
            "text",
            light=("light", "轻微"),
            moderate=("moderate", "中等"),
            severe=("severe", "严重"),
        ),
        "threatened": _fact("the customer's words threaten", "顾客言语中带有威胁", "boolean"),
        "dignity_hurt": _fact("the customer's words insult", "顾客言语带有侮辱", "boolean"),
        "hard_lately": _fact("severe cases of the same person lately", "该员工近期处理的严重案件数", "number"),
        "after_hours": _fact("worked on outside working hours", "在工作时间以外处理", "boolean"),
        "objections": _fact("times the customer objected", "顾客提出异议的次数", "number"),
    }
)
"""What is known of a case when it is asked whether it was hard on whoever had it. Nothing else is looked at."""


class InternalStandard(Frozen):
    """What colleagues may expect of each other, as whoever reports reads it."""

    kinds: tuple[str, ...] = Field(min_length=1)
    promise: Localised
    source: str
    confidence: Confidence


class CircleRule(Frozen):
    """Who may see failures of these kinds, and nobody else may. Whom it is about never may."""

    name: Localised  # what they are about, as whoever reports reads it
    kinds: tuple[str, ...] = Field(min_length=1)
    members: tuple[CircleWord, ...] = Field(min_length=1)
    reason: Localised

    @field_validator("members")
    @classmethod
    def _somebody_answers(cls, members: tuple[str, ...]) -> tuple[str, ...]:
        if not {"unit_head", "confidant"} & set(members):
            raise ValueError("somebody has to answer: add unit_head or confidant")
        return members


class HeardWords(Frozen):
    """Words that are hard to bear for whoever reads or hears them."""

    fact: Literal["threatened", "dignity_hurt"]
    phrases: Phrases


class OfferRule(Frozen):
    """When a case was hard on its owner, and what they are offered then; the first rule that holds is taken."""

    id: Id
    when: Condition
    kind: SupportKind
    reason: Template  # as the employee reads it
    source: str
    confidence: Confidence


class Support(Frozen):
    """Help for an employee after a hard case: by when it is answered and given, and when it is offered unasked."""

    answer: DueRule = DueRule(within=timedelta(hours=4))  # whoever is asked says yes or no
    give: DueRule = DueRule(within=timedelta(days=2))  # what was said yes to is given
    lapses: Duration = timedelta(days=7)  # an offer that nobody answered
    lately: Duration = timedelta(days=7)  # how far back severe cases of the same person count
    calendar: str | None = None  # the working hours; None: nothing counts as after hours
    words: tuple[HeardWords, ...] = ()
    offers: tuple[OfferRule, ...] = ()


class InternalFile(Frozen):
    """internal.yaml; a pack may do without it. With it, it has all that ships, changed by what stands here."""

    working_hours: str | None = None  # calendar of our own people, `working_hours` below; none: the pack's default one
    leaves_out: tuple[str, ...] = ()  # kinds that ship and that the pack has not
    steps: dict[str, Localised] = Field(default_factory=dict)  # added to those of the taxonomy
    kinds: dict[str, FailureKind] = Field(default_factory=dict)  # failures of colleagues, added to the taxonomy's
    standards: tuple[InternalStandard, ...] = ()
    watched: tuple[Standard, ...] = ()  # promises that the monitor judges; what it finds is confidential from the start
    playbooks: tuple[Playbook, ...] = ()  # added to the others, with clocks of their own
    templates: dict[str, MessageTemplate] = Field(default_factory=dict)
    circle: tuple[CircleRule, ...] = ()
    confidant: Role = "quality_owner"  # whoever of this role is nearest to the one who reports
    support: Support = Support()

    @field_validator("kinds", "templates", mode="before")
    @classmethod
    def _with_ids(cls, entries: Any) -> Any:
        return with_ids(entries)


class Internal(Frozen):
    """What a blueprint keeps of it: its kinds, playbooks and templates stand among the others, marked by `kinds`."""

    kinds: tuple[str, ...] = ()
    standards: tuple[InternalStandard, ...] = ()
    watched: tuple[Standard, ...] = ()
    circle: tuple[CircleRule, ...] = ()
    confidant: Role = "quality_owner"
    support: Support = Support()

    def circle_of(self, kind: str) -> CircleRule:
        """Who may see failures of this kind; every kind has a circle (checked when the pack is read)."""
        return next(rule for rule in self.circle if kind in rule.kinds)

    @property
    def types(self) -> frozenset[str]:
        """The types of signals by which colleagues tell of each other."""
        return frozenset().union(*(standard.types for standard in self.watched))

    def promise_of(self, kind: str) -> Localised | None:
        """What whoever reports it may expect."""
        return next((one.promise for one in self.standards if kind in one.kinds), None)
