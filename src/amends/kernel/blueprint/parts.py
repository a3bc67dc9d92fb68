"""The parts of an industry's pack, one model a file: standards, playbooks, authority, tariffs, templates.

Frozen, and strict about unknown fields. What one part says about another is checked in checks.py.
"""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, Field, field_validator

from amends.kernel.blueprint.care import Care
from amends.kernel.blueprint.history import History
from amends.kernel.blueprint.incidents import Incidents
from amends.kernel.blueprint.prediction import Prediction
from amends.kernel.blueprint.settling import Remedy, Settling
from amends.kernel.business_time import Calendar, Duration
from amends.kernel.money import known_currency
from amends.kernel.repair_ids import RepairId
from amends.kernel.rules import Condition
from amends.kernel.severity import Severity
from amends.kernel.taxonomy import Confidence, Frozen, with_ids
from amends.kernel.text import Language, Localised, Template
from amends.kernel.text_message import Home

Currency = Annotated[str, AfterValidator(known_currency)]
Role = Literal["front_line", "supervisor", "manager", "quality_owner", "executive", "administrator"]
Performer = Literal["automatic", "front_line", "supervisor", "manager", "quality_owner", "executive", "administrator"]
ActionKind = Literal[
    "apology",
    "explanation",
    "reinstatement",
    "substitute",
    "compensation",
    "progress_notice",
    "call",
    "follow_up",
    "employee_support",
    "record",
]
ClockKind = Literal["acknowledge", "inform", "resolve", "follow_up"]
AnyClock = Literal["acknowledge", "inform", "resolve", "follow_up", "ladder"]
Recipient = Literal[
    "owner", "unit_head", "named", "front_line", "supervisor", "manager", "quality_owner", "executive"
]  # the case's owner; whoever leads its unit; the clock's own `escalate_to`; or a role
Justice = Literal["distributive", "procedural", "interactional"]

MESSAGE_VARIABLES: dict[str, str] = {
    "name": "the customer, as they like to be addressed",
    "company": "our name",
    "subject": "what the service was about: the flight, the parcel",
    "what_happened": "the failure, a full sentence (of its kind in the taxonomy)",
    "cause": "why, a full sentence (the reason of the attribution)",
    "amount": "the remedy's worth, in the customer's form",
    "given": "what is given, as what it is: a payment of $50.00, a voucher over $50.00",
    "by_when": "a promised time, in the customer's form",
    "case": "the case's number",
    "link": "the address of the customer's page",
}
"""All that a message of a pack may speak of; whoever renders messages fills every one of them."""

LONG_VALUES: dict[str, Localised] = {
    "name": Localised(en="Maria Guadalupe Fernandez-Villanueva", zh="欧阳玛丽亚·费尔南德斯"),
    "company": Localised(en="Northwind International", zh="北风国际有限公司"),
    "subject": Localised(en="NW1318/2026-12-22/NYC-SFO", zh="NW1318/2026-12-22/NYC-SFO"),
    "what_happened": Localised(
        en="Your order NW1318/2026-12-22/NYC-SFO came 4 hours and 35 minutes later than the time we promised you.",
        zh="您的订单NW1318/2026-12-22/NYC-SFO比我们承诺的时间晚了4小时35分钟。",
    ),
    "cause": Localised(
        en="A machine needed a repair that could not wait, and none was free to take its place on that day.",
        zh="设备需要立即检修，当天没有其他设备可以替换。",
    ),
    "amount": Localised(en="US$12,345.00", zh="12,345.00美元"),
    "given": Localised(en="an upgrade worth US$12,345.00", zh="价值12,345.00美元的礼品"),
    "by_when": Localised(en="22 September 2026, 14:30", zh="2026年12月22日14:30"),
    "case": Localised(en="12345678", zh="12345678"),
    "link": Localised(
        en="https://care.northwind-group.example/mine/incident:12345:1234567." + "c" * 43,
        zh="https://care.northwind-group.example/mine/incident:12345:1234567." + "c" * 43,
    ),
}
"""Values as long as they well may be, by which the length of a text is judged."""


class Cases(Frozen):
    own_case_from: (
        Severity  # from here on a customer gets a case of their own; below, the incident's response covers all
    )
    locale_defaults: tuple[
        str, ...
    ] = ()  # which of the playbooks' `locale_defaults` are in use; none unless named here


class Mobile(Frozen):
    """How mobile numbers are written in the country of the pack, where that tells them from other numbers."""

    code: str = Field(pattern=r"^\+[1-9][0-9]{0,2}$")  # of the country
    written: str  # the number's pattern; a group in it is what follows the code

    @field_validator("written")
    @classmethod
    def _sound(cls, written: str) -> str:
        try:
            groups = re.compile(written).groups
        except re.error as error:
            raise ValueError(f"{written!r} is no pattern: {error}") from None
        if groups > 1:
            raise ValueError(f"{written!r} has {groups} groups; at most one says what follows the code")
        return written

    @cached_property
    def home(self) -> Home:
        return Home(code=self.code, written=re.compile(self.written, re.ASCII))


class Manifest(Frozen):
    """blueprint.yaml"""

    id: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    name: Localised
    industry: Localised
    version: str
    currency: Currency
    languages: tuple[Language, ...] = Field(min_length=1)
    calendar: str  # the default one
    cases: Cases
    care: Care = Care()
    history: History = History()
    incidents: Incidents = Incidents()
    settling: Settling = Settling()
    prediction: Prediction | None = None  # None: nothing is predicted
    mobile: Mobile | None = None  # None: texts go to numbers with a country's code alone

    @property
    def home(self) -> Home | None:
        """Whose mobile numbers need no code."""
        return None if self.mobile is None else self.mobile.home


class ClockRule(Frozen):
    """How long, in the business time of a calendar, and who is called when it runs out."""

    within: Duration
    calendar: str = "always"
    owner: Role
    escalate_to: Role
    warn: Duration | None = None  # this much of the calendar's time before it runs out; None: a quarter of it all
    pauses: bool | None = None  # while we wait for the customer; None: all do but acknowledge and inform
    again: Duration | None = None  # of `inform`: by when automatic news promise the next; None: they promise none
    again_times: int = Field(
        default=0, ge=0, le=30
    )  # so often what they promised is kept automatically, then by people


class Clocks(Frozen):
    acknowledge: ClockRule
    inform: ClockRule
    resolve: ClockRule
    follow_up: ClockRule


MEETS: Final[Mapping[ActionKind, tuple[ClockKind, ...]]] = {
    "apology": ("acknowledge",),
    "explanation": ("acknowledge", "inform"),
    "progress_notice": ("acknowledge", "inform"),
    "call": ("acknowledge", "inform"),
    "follow_up": ("follow_up",),
}
"""Which clocks an action meets once the customer has it: only what they hear counts. A case is resolved, and the clock
for that met, by its last immediate action of whatever kind."""


class DueRule(Frozen):
    within: Duration
    calendar: str = "always"


class PlannedAction(Frozen):
    id: str  # unique in its playbook
    kind: ActionKind
    phase: Literal["immediate", "follow_up"]
    performer: Performer
    channel: Literal["outbox", "sms", "phone"] | None = None  # outbox: a letter; sms: the short text of the template
    template: str | None = None
    tariff: str | None = None  # what is given: the row of this tariff that matches
    when: Condition | None = None
    due: DueRule
    justice: tuple[Justice, ...] = Field(min_length=1)
    reason: Template


class ChecklistItem(Frozen):
    """A step that people tick off by hand; what a case lacks of them is said when it is closed."""

    id: str = Field(pattern=r"^[a-z][a-z0-9-]*$", max_length=64)  # unique in its playbook
    text: Localised
    before_closing: Literal["may", "should", "must"] = "may"  # should: a warning; must: not closed without it


class Playbook(Frozen):
    """The prepared plan for some kinds of failure; the first one whose `when` holds is taken."""

    id: str
    name: Localised
    kinds: tuple[str, ...] = Field(min_length=1)
    when: Condition | None = None
    strategy: Literal["case_by_case", "systematic", "early_intervention", "substitute"]
    clocks: Clocks
    actions: tuple[PlannedAction, ...] = Field(min_length=1)
    checklist: tuple[ChecklistItem, ...] = ()


class DemandPlan(Frozen):
    """What is added to a plan when a customer demands more than can be given: somebody senior, limits, a record."""

    name: Localised
    actions: tuple[PlannedAction, ...] = Field(min_length=1)


class RepairRule(Frozen):
    """How a repair that a person adds to a plan goes out by letter."""

    template: str


class LocaleDefault(Frozen):
    """What customers of some locales are known to want first. Direction only, so it is off unless a pack chooses it."""

    id: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    name: Localised
    locales: tuple[Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z]{2,8})*$")], ...] = Field(min_length=1)
    source: str
    confidence: Confidence
    adds: tuple[PlannedAction, ...] = ()  # to the plan, in front of all others
    first: tuple[ActionKind, ...] = ()  # these come first,
    then: tuple[ActionKind, ...] = ()  # and these after them: offered by a person, due no earlier than the first ones
    performer: Role = "front_line"  # who offers them
    reason: Localised  # of the order


class EscalationLevel(Frozen):
    """Whom it reaches how long after the clock ran out."""

    after: Duration = timedelta(0)  # round the clock
    to: tuple[Recipient, ...] = Field(min_length=1)


class Escalation(Frozen):
    """Who is called, level by level, when clocks of these kinds run out and nobody meets them."""

    clocks: tuple[AnyClock, ...] = Field(min_length=1)
    levels: tuple[EscalationLevel, ...] = Field(min_length=1, max_length=5)


class LadderStep(Frozen):
    """One step of the ladder: who answers an objection there, and how soon."""

    role: Role
    title: Localised  # as customers read it
    within: Duration
    calendar: str = "always"
    named: bool = False  # customers read the person's name too


class OutsideBody(Frozen):
    """Who decides where we and the customer do not agree."""

    name: Localised
    how: Localised  # to reach it, in a sentence


class Ladder(Frozen):
    """Whom a customer may turn to, one after another; published to them. An objection leads one step up."""

    steps: tuple[LadderStep, ...] = Field(min_length=1, max_length=5)
    outside: OutsideBody | None = None


class Playbooks(Frozen):
    """playbooks.yaml"""

    playbooks: tuple[Playbook, ...] = Field(min_length=1)
    demands: DemandPlan | None = None
    repairs: dict[RepairId, RepairRule] = Field(default_factory=dict)
    locale_defaults: tuple[LocaleDefault, ...] = ()
    escalations: tuple[Escalation, ...] = ()  # a kind of clock without one: at once to its `escalate_to`
    ladder: Ladder | None = None


class Ceiling(Frozen):
    amount: Decimal = Field(ge=0)
    period: Duration


class AuthorityLevel(Frozen):
    """What a role may do and spend without asking."""

    id: str
    role: Performer
    may: tuple[ActionKind, ...]
    per_case: Decimal = Field(ge=0)
    per_customer: Ceiling
    per_period: Ceiling
    currency: Currency
    approves: bool  # others' actions, up to the same amounts
    decides_within: DueRule | None = None  # an approval that waits longer for someone of this level goes further up
    beyond_budget: bool = False  # may give although a unit's budget is spent; it counts against the budget all the same


class TariffRow(Frozen):
    """Either a fixed amount, or a share of a fact (a price), between `at_least` and `at_most` if given.

    An amount of 0 says why nothing is due. A share of a fact that is missing never matches.
    """

    when: Condition | None = None
    amount: Decimal | None = Field(default=None, ge=0)
    percent_of: str | None = None
    percent: Decimal | None = Field(default=None, gt=0)
    at_least: Decimal | None = Field(default=None, ge=0)
    at_most: Decimal | None = Field(default=None, ge=0)
    reason: Template


class Tariff(Frozen):
    """What is owed or given, from one day to another; the first row that matches counts, none means nothing is due.

    Several entries share an id, one for each span of days.
    """

    id: str
    name: Localised
    effective_from: date
    effective_to: date | None = None  # the last day in force
    source: str
    source_kind: Literal["law", "contract", "policy"]
    confidence: Confidence
    currency: Currency
    remedy: Remedy
    rows: tuple[TariffRow, ...] = Field(min_length=1)

    def in_force(self, on: date) -> bool:
        return self.effective_from <= on and (self.effective_to is None or on <= self.effective_to)


class Tariffs(Frozen):
    """tariffs.yaml"""

    tariffs: tuple[Tariff, ...]


class MessageTemplate(Frozen):
    id: str = ""  # its key in the file, filled in when it is read
    subject: Template
    body: Template
    text: Template | None = None  # the same in short, for a phone; at most three segments
    variables: tuple[str, ...]  # of MESSAGE_VARIABLES


class Templates(Frozen):
    """templates.yaml"""

    templates: dict[str, MessageTemplate]

    @field_validator("templates", mode="before")
    @classmethod
    def _with_ids(cls, templates: Any) -> Any:
        return with_ids(templates)


class Calendars(Frozen):
    """calendars.yaml; the calendar `always` is there in any case"""

    calendars: dict[str, Calendar]
