"""The console's words for codes that rows hold: severities, states with their tone, roles, kinds of action.

What belongs to an industry (kinds of failure, steps, playbooks) is named by its pack, in the version that decided.
"""

from collections.abc import Mapping
from contextlib import suppress
from decimal import Decimal
from typing import Final

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _

from amends.kernel.lifecycle import Lifecycle
from amends.kernel.money import Money
from amends.kernel.taxonomy import currency_among
from amends.kernel.text import language_of, shown
from amends.learn.core.lesson import LESSON
from amends.monitor.core.candidate import CANDIDATE
from amends.monitor.core.incident import LIFECYCLE as INCIDENT
from amends.policy.selectors import blueprint_of, deployment, version_in_force
from amends.recover.core.action import ACTION
from amends.recover.core.approval import APPROVAL
from amends.recover.core.bulk import ROW
from amends.recover.core.case import CASE
from amends.recover.core.clocks import CLOCK as CLOCK_LIFE
from amends.recover.core.payout import PAYOUT
from amends.recover.core.recharge import RECHARGE
from amends.recover.core.splits import SPLIT
from amends.recover.core.support import SUPPORT
from amends.recover.core.voucher import VOUCHER
from amends.web.console.times import language

Words = Mapping[str, str | Promise]

SEVERITY: Final[Mapping[int, str | Promise]] = {1: _("light"), 2: _("moderate"), 3: _("severe")}
ROLE: Final[Words] = {
    "automatic": _("automatic"),
    "front_line": _("front line"),
    "supervisor": _("supervisor"),
    "manager": _("manager"),
    "quality_owner": _("quality owner"),
    "executive": _("executive"),
    "administrator": _("administrator"),
}
STAGE: Final[Words] = {
    "at_risk": _("at risk"),
    "breached": _("promise broken"),
    "late": _("kept late"),
    "never": _("never kept"),
    "violated": _("went wrong"),
    "beyond": _("beyond the limit"),
    "skipped": _("step skipped"),
    "out_of_order": _("wrong order"),
    "silent": _("no news"),
    "repeated": _("again and again"),
    "complained": _("customer complains"),
    "averted": _("averted"),
    "reported": _("told to us"),
}
ACTION_KIND: Final[Words] = {
    "apology": _("apology"),
    "explanation": _("explanation"),
    "reinstatement": _("reinstatement"),
    "substitute": _("substitute"),
    "compensation": _("compensation"),
    "progress_notice": _("progress notice"),
    "call": _("call"),
    "follow_up": _("follow-up"),
    "employee_support": _("support for the employee"),
    "record": _("written record"),
}
FIGURE: Final[Words] = {
    "ledger": _("what was granted"),
    "wage_per_hour": _("wage"),
    **{f"handling_minutes.{kind}": format_lazy(_("time for: {action}"), action=of) for kind, of in ACTION_KIND.items()},
    "message_cost": _("cost of a message"),
    "loyalty": _("loyalty after a problem"),
    "margin_share": _("margin"),
    "horizon_years": _("years that a lost customer is missed"),
    "yearly_value": _("yearly revenue of a customer whose own is not known"),
    "word_of_mouth.told_when_dissatisfied": _("people whom a dissatisfied customer tells"),
    "word_of_mouth.loss_per_person_told": _("customers lost by what they hear"),
    "outcomes": _("answers of simulated customers"),
}
"""What a line of the cost of failure rests on: parameters of the economics, the ledger, answers."""
JUSTICE: Final[Words] = {
    "distributive": _("fair result"),
    "procedural": _("fair procedure"),
    "interactional": _("fair treatment"),
}
CLOCK: Final[Words] = {
    "acknowledge": _("acknowledge"),
    "inform": _("inform"),
    "resolve": _("resolve"),
    "follow_up": _("follow up"),
    "ladder": _("answer the objection"),
}
CLOCK_MARK: Final[Words] = {"at_risk": _("time short"), "missed": _("out of time")}
RESPONSIBLE: Final[Words] = {
    "person": _("a person"),
    "process": _("a process"),
    "product": _("a product"),
    "technology": _("technology"),
    "communication": _("communication"),
    "supplier": _("a supplier"),
    "customer": _("the customer"),
    "external": _("outside causes"),
}
CHANNEL: Final[Words] = {
    "outbox": _("letter"),
    "email": _("e-mail"),
    "phone": _("phone"),
    "web_form": _("web form"),
    "sms": _("text message"),
    "counter": _("at the counter"),
    "letter": _("letter"),
}
IN_PERSON: Final = _("in person")  # no channel of ours
STRATEGY: Final[Words] = {
    "case_by_case": _("case by case"),
    "systematic": _("one response for all"),
    "early_intervention": _("before it hurts"),
    "substitute": _("a substitute"),
}
MATCH: Final[Words] = {
    "phone": _("phone"),
    "email": _("e-mail"),
    "reference": _("reference"),
    "name": _("name"),
    "subject": _("order"),
    "order": _("order number"),
    "case": _("case"),
}
CHANGE: Final[Words] = {
    "new": _("made known"),
    "locale": _("language"),
    "prefers": _("preferred way"),
    "consent": _("consent to contact"),
    "watch_set": _("watch set"),
    "watch_lifted": _("watch lifted"),
}
YES: Final = _("yes")
NO: Final = _("no")
UNKNOWN: Final = _("not known")
PHASE: Final[Words] = {"immediate": _("At once"), "follow_up": _("Afterwards")}
ASPECT: Final[Words] = {
    "fact": _("Fact"),
    "kind": _("Kind"),
    "severity": _("Severity"),
    "responsible": _("Whose fault"),
    "supplier": _("Supplier"),
    "controllable": _("In our hands"),
    "stable": _("Likely to come again"),
    "gap": _("Quality gap"),
    "promised": _("Promised"),
    "expected": _("Expected"),
    "perceived": _("Got"),
    "pressing": _("Priority"),
    "added": _("Added"),
    "amount": _("Worth"),
    "due_at": _("Due"),
    "performer": _("Who"),
    "channel": _("How"),
    "playbook": _("Playbook"),
    "withheld": _("Left out"),
    "emotion": _("Feeling"),
    "stage": _("Stage of the talk"),
    "circle": _("Seen by"),
}
"""What of an assessment or a plan was changed."""
LEVEL: Final[Words] = {"high": _("high"), "medium": _("medium"), "low": _("low")}

MESSAGE: Final[Words] = {
    "queued": _("queued"),
    "sent": _("sent"),
    "failed": _("not delivered"),
    "received": _("received"),
}
WAY: Final[Words] = {
    "bank_file": _("file for the bank"),
    "webhook": _("payment service"),
    "email_voucher": _("voucher by e-mail"),
}
"""How what was granted leaves us."""
LIFECYCLES: Final[Mapping[str, Lifecycle]] = {
    "case": CASE,
    "action": ACTION,
    "approval": APPROVAL,
    "split": SPLIT,
    "support": SUPPORT,
    "clock": CLOCK_LIFE,
    "recharge": RECHARGE,
    "incident": INCIDENT,
    "candidate": CANDIDATE,
    "lesson": LESSON,
    "bulk row": ROW,
    "payout": PAYOUT,
    "voucher": VOUCHER,
}
"""The tables that states come from; their labels are the words on the screen."""
INCIDENT_ACT: Final[Words] = {
    "merge_incidents": _("merged"),
    "part_incidents": _("parted again"),
    "split_incident": _("split"),
    "end_incident": _("ended"),
    "resume_incident": _("taken up again"),
    "confirm_candidate": _("confirmed"),
    "dismiss_candidate": _("dismissed"),
    "reconsider_candidate": _("looked at again"),
}
"""What people did with incidents and candidates."""
BASIS: Final[Words] = {"upstream": _("one thing that all depend on"), "words": _("like words")}
"""What speaks for a candidate."""

MEASURE: Final[Words] = {
    "minutes": _("minutes"),
    "hours": _("hours"),
    "days": _("days"),
    "km": _("km"),
    "miles": _("miles"),
    "mph": _("mph"),
    "inches per hour": _("inches per hour"),
    "failures": "",
}
"""Units of measure that packs name; one that is not here is shown as the pack writes it."""

TONES: Final[Mapping[str, Words]] = {
    "stage": {"at_risk": "risk", "averted": "quiet"},
    "case": {
        "planned": "waiting",
        "in_progress": "active",
        "paused": "waiting",
        "awaiting_customer": "waiting",
        "made_good": "good",
        "closed": "done",
        "withdrawn": "quiet",
        "merged": "quiet",
    },
    "action": {
        "planned": "quiet",
        "scheduled": "waiting",
        "ready": "active",
        "waiting_approval": "waiting",
        "done": "done",
        "skipped": "quiet",
    },
    "approval": {"waiting": "waiting", "granted": "done", "withdrawn": "quiet"},
    "split": {"open": "risk", "cleared": "done"},
    "support": {
        "asked": "waiting",
        "offered": "waiting",
        "accepted": "active",
        "done": "done",
        "declined": "quiet",
        "lapsed": "quiet",
        "withdrawn": "quiet",
    },
    "clock": {"running": "active", "paused": "waiting", "met": "done", "met_late": "done", "stopped": "quiet"},
    "recharge": {"open": "active", "sent": "waiting", "settled": "good", "withdrawn": "quiet"},
    "incident": {"responding": "active", "ended": "done", "merged": "quiet"},
    "candidate": {"proposed": "waiting", "confirmed": "done", "dismissed": "quiet", "lapsed": "quiet"},
    "bulk row": {"waiting": "waiting", "done": "done"},
    "payout": {"due": "waiting", "ordered": "waiting", "sent": "active", "paid": "done", "cancelled": "quiet"},
    "voucher": {"open": "active", "redeemed": "done", "expired": "quiet", "withdrawn": "quiet"},
    "message": {"queued": "waiting", "sent": "done", "received": "active"},
    "lesson": {"drafted": "waiting", "confirmed": "done", "rejected": "quiet"},
}
"""Which shape and colour a state has; one that is not named here is a failure."""


def state_word(of: str, code: str) -> str:
    """What a state is called."""
    if of in LIFECYCLES:
        label = LIFECYCLES[of].state_labels.get(code)
        return label.in_(language()) if label else code
    return str({"stage": STAGE, "message": MESSAGE}[of].get(code, code))


def resource_name(version_id: int | None, resource: str) -> str:
    """A resource as people call it: what kind it is, in the pack's words, and its name."""
    kind, _slash, name = resource.partition("/")
    version = version_in_force(deployment().blueprint_name).pk if version_id is None else version_id
    found = blueprint_of(version).incidents.resources.get(kind)
    return f"{found.name.in_(language())} {name}" if found else resource


def kind_name(version_id: int, kind: str) -> str:
    """The pack's name of a kind of failure."""
    found = blueprint_of(version_id).taxonomy.kinds.get(kind)
    return found.name.in_(language()) if found else kind


def step_name(version_id: int, step: str) -> str:
    """The pack's name of a process step."""
    found = blueprint_of(version_id).taxonomy.steps.get(step)
    return found.in_(language()) if found else step


def playbook_name(version_id: int, playbook: str) -> str:
    """The pack's name of a playbook."""
    found = next((one for one in blueprint_of(version_id).playbooks if one.id == playbook), None)
    return found.name.in_(language()) if found else playbook


def standard_name(version_id: int, standard: str) -> str:
    """The pack's name of a standard."""
    found = next((one for one in blueprint_of(version_id).standards if one.id == standard), None)
    return found.name.in_(language()) if found and found.name else standard


def calendar_name(version_id: int, calendar: str) -> str:
    """The pack's name of a calendar; one that it does not know, or does not name, is called by its id."""
    if calendar == "always":
        return str(_("at any time"))
    found = blueprint_of(version_id).calendars.get(calendar)
    return found.name.in_(language()) if found and found.name else calendar


def calendars_of(version_id: int) -> list[tuple[str, str]]:
    """The calendars that may be chosen, by id and name, `always` first."""
    return [(one, calendar_name(version_id, one)) for one in ("always", *sorted(blueprint_of(version_id).calendars))]


def tariff_name(version_id: int, tariff: str) -> str:
    """The pack's name of a tariff."""
    found = next((one for one in blueprint_of(version_id).tariffs if one.id == tariff), None)
    return found.name.in_(language()) if found else tariff


def supplier_name(version_id: int, supplier: str) -> str:
    """The pack's name of a supplier; one that it does not know is called as somebody wrote it."""
    found = blueprint_of(version_id).taxonomy.suppliers.get(supplier)
    return found.in_(language()) if found else supplier


def fact_rows(version_id: int, facts: Mapping[str, object]) -> list[tuple[str, str, str | Promise]]:
    """Facts as rows of name, value and unit of measure; what the pack does not declare is left out."""
    pack = blueprint_of(version_id)
    rows: list[tuple[str, str, str | Promise]] = []
    for name, fact in pack.taxonomy.facts.items():
        value = facts.get(name)
        if value is None or value is False:
            continue  # what does not hold says little and would crowd out what does
        if fact.unit == "currency":
            money = Money(Decimal(str(value)), currency_among(facts, usual=pack.currency))
            rows.append((fact.name.in_(language()), money.in_(language()), ""))
        else:
            said = shown(pack.taxonomy.shown(name, value), language())
            rows.append((fact.name.in_(language()), said, MEASURE.get(fact.unit or "", fact.unit or "")))
    return rows


def tongue(locale: str) -> str:
    """What the language of a locale is called; one that nobody has a name for is shown as it is."""
    code = locale.lower().replace("_", "-")
    for known in (code, "zh-hans" if language_of(code) == "zh" else code.split("-")[0]):
        with suppress(KeyError):
            return str(get_language_info(known)["name_translated"])
    return locale


def kinds_in_force() -> list[tuple[str, str]]:
    """The kinds of failure of the pack in force, by code and name, for a filter."""
    version = version_in_force(deployment().blueprint_name)
    return [(code, kind.name.in_(language())) for code, kind in blueprint_of(version.pk).kinds_of_customers.items()]


def checklist_in_force() -> list[tuple[str, str]]:
    """The steps of all checklists of the pack in force, by id and text, each once."""
    version = version_in_force(deployment().blueprint_name)
    items = (item for playbook in blueprint_of(version.pk).playbooks for item in playbook.checklist)
    return list({item.id: item.text.in_(language()) for item in items}.items())
