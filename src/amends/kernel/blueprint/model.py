"""A blueprint: an industry's whole pack as one frozen value, with a digest that names its content."""

import hashlib
import json
from datetime import date
from functools import cached_property
from typing import Any

from pydantic import Field

from amends.kernel.blueprint.economics import Economics
from amends.kernel.blueprint.guidance import Guidance
from amends.kernel.blueprint.internal import Internal
from amends.kernel.blueprint.leave import Leave
from amends.kernel.blueprint.parts import (
    AuthorityLevel,
    DemandPlan,
    Escalation,
    Ladder,
    LocaleDefault,
    Manifest,
    MessageTemplate,
    Performer,
    Playbook,
    RepairRule,
    Tariff,
)
from amends.kernel.blueprint.standard_parts import Standard
from amends.kernel.business_time import ALWAYS, Calendar, Duration
from amends.kernel.repair_ids import RepairId
from amends.kernel.rules import Facts, Match, first_match
from amends.kernel.taxonomy import FailureKind, Taxonomy


class NoTariffInForce(LookupError):
    """The tariff does not exist, or not on that day."""


class Blueprint(Manifest):
    """Everything that an industry's pack says; made by loading.load or from_content, which check it."""

    taxonomy: Taxonomy
    lateness: Duration  # how far out of order signals may come
    standards: tuple[Standard, ...]
    playbooks: tuple[Playbook, ...]
    demands: DemandPlan | None = None  # what is added for a demand beyond what can be given
    repairs: dict[RepairId, RepairRule] = Field(default_factory=dict)
    locale_defaults: tuple[LocaleDefault, ...] = ()
    escalations: tuple[Escalation, ...] = ()
    ladder: Ladder | None = None
    authority: tuple[AuthorityLevel, ...]  # from the lowest to the highest
    leave: Leave = Field(default_factory=Leave)  # what authority.yaml says besides its levels
    tariffs: tuple[Tariff, ...]
    templates: dict[str, MessageTemplate]
    calendars: dict[str, Calendar]
    economics: Economics
    internal: Internal = Internal()  # what is between colleagues, and support for them
    guidance: Guidance | None = None  # what it changes of the guidance that ships

    @classmethod
    def from_content(cls, content: dict[str, Any]) -> "Blueprint":
        """The blueprint whose content() this is; BlueprintErrors if it is none."""
        from amends.kernel.blueprint.loading import from_content

        return from_content(content)

    def content(self) -> dict[str, Any]:
        """All of it as plain JSON values, always in the same form."""
        content = self.model_dump(mode="json", exclude_none=True)
        if self.internal == Internal():  # a pack without that part is what it was before there was one
            del content["internal"]
        return content

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the content: equal for equal packs, however their files are laid out."""
        canonical = json.dumps(self.content(), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()

    @cached_property
    def kinds_of_customers(self) -> dict[str, FailureKind]:
        """The kinds of failure that customers can be hit by: those between colleagues are never offered with them."""
        inside = set(self.internal.kinds)
        return {name: kind for name, kind in self.taxonomy.kinds.items() if name not in inside}

    def kinds_like(self, kind: str) -> dict[str, FailureKind]:
        """What a failure of this kind might be instead: between colleagues it stays between colleagues."""
        if kind not in self.internal.kinds:
            return self.kinds_of_customers
        return {name: self.taxonomy.kinds[name] for name in self.internal.kinds}

    def standards_file(self) -> dict[str, Any]:
        """The standards in the public form of standards.yaml, with the calendars that they name."""
        content = self.content()
        return {"version": 1, **{key: content[key] for key in ("lateness", "standards", "calendars")}}

    @cached_property
    def judged(self) -> tuple[Standard, ...]:
        """All standards that the monitor judges: those of customers, and those that colleagues owe each other."""
        return (*self.standards, *self.internal.watched)

    @cached_property
    def watched_inside(self) -> frozenset[str]:
        """The ids of the standards between colleagues: what they find is confidential, and stands in no list."""
        return frozenset(standard.id for standard in self.internal.watched)

    def judged_file(self) -> dict[str, Any]:
        """The same with the standards between colleagues, for the monitor alone. Their failures count in nothing that
        counts the failures of customers."""
        file, content = self.standards_file(), self.content()
        if not self.internal.watched:
            return file
        first_hand = [one.id for one in self.standards if one.repeats is None and one.rate is None]
        standards = [
            {
                name: {**value, "failures": first_hand} if _counts_any(value) else value
                for name, value in standard.items()
            }
            for standard in file["standards"]
        ]
        return {**file, "standards": [*standards, *content["internal"]["watched"]]}

    def completed(self, facts: Facts) -> dict[str, object]:
        """The facts with the derived ones added, each said in the pack's words and sums in its currency."""
        return self.taxonomy.completed(facts, currency=self.currency)

    def calendar_named(self, name: str | None = None) -> Calendar:
        """The calendar of that name, or the default one."""
        name = self.calendar if name is None else name
        return ALWAYS if name == "always" else self.calendars[name]

    def tariff_in_force(self, id: str, on: date) -> Tariff:  # noqa: A002  the pack's own word
        for tariff in self.tariffs:
            if tariff.id == id and tariff.in_force(on):
                return tariff
        raise NoTariffInForce(f"no tariff {id!r} is in force on {on.isoformat()}")

    def playbook_for(self, kind: str, facts: Facts) -> Match[Playbook]:
        """The playbook that applies, with the reason why; every kind has one for every severity."""
        match = first_match((playbook for playbook in self.playbooks if kind in playbook.kinds), facts)
        if match is None:
            raise LookupError(f"no playbook for {kind!r} applies to {dict(facts)}")
        return match

    def locale_default_for(self, locale: str) -> LocaleDefault | None:
        """The one in use that names this locale, if any."""
        spelt = locale.replace("_", "-").lower()
        for one in self.locale_defaults:
            if one.id in self.cases.locale_defaults and spelt in {name.lower() for name in one.locales}:
                return one
        return None

    def authority_of(self, role: Performer) -> AuthorityLevel | None:
        return next((level for level in self.authority if level.role == role), None)


def _counts_any(part: object) -> bool:
    return isinstance(part, dict) and part.get("failures") == "any"
