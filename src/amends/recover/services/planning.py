"""A plan changed by a person: something added, or an undone action altered.

Money that a person brings into a plan, or alters, is never given by the system on its own account: a person does that
action,
within their authority, and what goes beyond it waits for leave (Law 5). Words may go out by themselves; what has to be
done is done by a person, or a customer would be told of what nobody did.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from amends.kernel.blueprint import Blueprint
from amends.kernel.lifecycle import IllegalMove
from amends.kernel.money import quantise
from amends.kernel.reason import Reason
from amends.kernel.repairs import ADDED, ONLY_WORDS, REPAIRS, WRITTEN, Repair, repair_of
from amends.kernel.text import Localised
from amends.people.core.authority import lowest_covering
from amends.people.models import Staff
from amends.people.selectors import NotFound
from amends.policy.selectors import blueprint_of
from amends.policy.services import keep_explanations
from amends.recover.core.action import ACTION, UNDONE
from amends.recover.core.case import CASE
from amends.recover.core.refusals import Declined, Unfit
from amends.recover.models import Action, Case, Edit
from amends.recover.moves import reached
from amends.recover.queue import defer_carry_out
from amends.recover.services.holding import CONFIDENTIAL, check_performer, holding, save_case

MOST: Final = Decimal(10) ** 9  # far above any remedy; keeps a slip of the keyboard out of the ledger
CHANNELS: Final = ("outbox", "sms", "phone", "")
READY: Final = reached(ACTION, "release")
SCHEDULED: Final = reached(ACTION, "schedule")


@dataclass(frozen=True, kw_only=True)
class By:
    """Who changes a plan, why and when."""

    person: Staff
    reason: str
    now: datetime


def add_action(
    case_id: int,
    *,
    repair: str,
    reason: str,
    acting_user: Staff,
    now: datetime,
    amount: Decimal | None = None,
    due_at: datetime | None = None,
    performer: str = "",
    channel: str | None = None,
    version: int | None = None,
) -> Action:
    """Add a repair to the plan.

    Args:
        case_id: which case.
        repair: one of `REPAIRS`.
        reason: why, in the person's words.
        acting_user: who adds it.
        now: when.
        amount: its worth, for a repair that gives some.
        due_at: by when; else what is usual for the repair.
        performer: a role, or `automatic` for a letter; else the person's own role.
        channel: `outbox` for a letter, `sms` for its short text, `phone`, or empty for in person; else what is usual.
        version: of the case as the person saw it.

    Raises:
        Unfit: an entry that does not fit the repair.
        IllegalMove: the case is closed.
    """
    check_reason(reason)
    if repair not in REPAIRS:
        raise Unfit("repair", told("There is no such repair.", "没有这种补救措施。"))
    what = REPAIRS[repair]
    with holding("add_action", case_id, acting_user=acting_user, version=version) as (case, person):
        assert person is not None  # noqa: S101 -- acting_user is one
        check_open(case)
        if case.confidential and what.remedy:
            raise Declined(CONFIDENTIAL)  # what colleagues are owed is paid as it should have been
        pack = blueprint_of(case.plan.blueprint_id)
        if channel is None:
            channel = what.channel if what.channel != "outbox" or repair in pack.repairs else ""
        due_at = due_at or now + what.within
        performer = performer or person.role
        amount = _checked_amount(what, amount, pack.currency)
        _check_due(due_at, now)
        action = Action(
            plan=case.plan,
            case=case,
            step=_next_step(case, repair),
            kind=what.kind,
            phase=what.phase,
            performer=_performer(performer, pack, by_itself=what.kind in ONLY_WORDS and channel in WRITTEN),
            channel=channel,
            template=_template(channel, what, pack),
            remedy=what.remedy,
            amount=amount,
            currency=pack.currency if amount is not None else "",
            justice=list(what.justice),
            why_id=explained(Reason(rule=f"repairs.{repair}", text=what.why), case.plan.blueprint_id),
            state=READY if what.phase == "immediate" else SCHEDULED,
            ready_at=now if what.phase == "immediate" else now + (due_at - now) / 2,
            due_at=due_at,
        )
        action.authority = authority(action, pack)
        action.save()
        after = {"repair": repair, "amount": plain(action.amount), "due_at": due_at.isoformat()}
        note(case, action, "added", before=None, after=after, by=By(person=person, reason=reason, now=now))
        revised(case, resume=what.phase == "immediate")
        release(action)
    return action


def alter_action(
    action_id: int,
    *,
    reason: str,
    acting_user: Staff,
    now: datetime,
    amount: Decimal | None = None,
    due_at: datetime | None = None,
    performer: str | None = None,
    channel: str | None = None,
    version: int | None = None,
) -> Action:
    """Alter an action that nobody has begun: its worth, its time, who does it or how. None leaves a thing as it is.

    Raises:
        Unfit: an entry that does not fit the action.
        IllegalMove: it is done, skipped, refused, or leave was asked for it.
        NotAllowed: it is for a role above the person's.
    """
    check_reason(reason)
    found = Action.objects.values_list("case_id", flat=True).filter(pk=action_id).first()
    if found is None:
        raise NotFound(f"There is no action {action_id} here.")
    with holding("alter_action", found, acting_user=acting_user, version=version) as (case, person):
        assert person is not None  # noqa: S101 -- acting_user is one
        action = Action.objects.get(pk=action_id)
        if action.state not in UNDONE:
            raise IllegalMove(ACTION, action.state, "release")
        check_performer(person, action.performer)
        pack = blueprint_of(case.plan.blueprint_id)
        before = {name: getattr(action, name) for name in ("amount", "due_at", "performer", "channel")}
        if amount is not None:
            _set_amount(action, amount, person)
        if due_at is not None:
            _set_due(action, due_at, now)
        if channel is not None and channel != action.channel:
            action.channel, action.template = channel, _template(channel, _repair(action), pack) or action.template
        if performer is not None and performer != before["performer"]:
            action.performer = performer
        changed = [name for name, value in before.items() if getattr(action, name) != value]
        if {"performer", "channel"} & set(changed):
            # what the playbook has the system do by itself stays with it while only its channel changes
            may = action.kind in ONLY_WORDS or ("performer" not in changed and not action.amount)
            _performer(action.performer, pack, by_itself=may and action.channel in WRITTEN)
        if not changed:
            return action
        action.authority = authority(action, pack)
        action.save(update_fields=[*changed, "ready_at", "template", "authority"])
        by = By(person=person, reason=reason, now=now)
        for name in changed:
            note(case, action, name, before=plain(before[name]), after=plain(getattr(action, name)), by=by)
        revised(case)
        release(action)
    return action


def _set_amount(action: Action, amount: Decimal, person: Staff) -> None:
    if not action.remedy:
        raise Unfit("amount", told("This action gives no sum.", "此项措施不涉及金额。"))
    amount = _checked_amount(REPAIRS[action.remedy], amount, action.currency)
    if amount != action.amount and action.performer == "automatic":
        action.performer = person.role  # a sum that a person chose is a person's to give
    action.amount = amount


def _set_due(action: Action, due_at: datetime, now: datetime) -> None:
    if due_at == action.due_at:
        return
    _check_due(due_at, now)
    if action.state != READY:  # what is ready stays ready
        action.ready_at = max(now, action.ready_at + (due_at - action.due_at))
    action.due_at = due_at


def revised(case: Case, *, resume: bool = False) -> None:
    """One more revision of the plan; a case that awaited nothing more from us is taken up again. One that waits for the
    customer waits on."""
    case.plan.revision += 1
    case.plan.save(update_fields=["revision"])
    if resume and case.state != "paused" and "resume" in CASE.moves_from(case.state):
        case.state = CASE.after(case.state, "resume")
    save_case(case, "state", "next_due")


def release(action: Action) -> None:
    """Have the system do what it may do by itself, after the commit."""
    if action.performer == "automatic" and action.state == READY:
        defer_carry_out([(action.pk, action.pk)])


def _next_step(case: Case, repair: str) -> str:
    prefix = f"{ADDED}{repair}."
    return f"{prefix}{Action.objects.filter(case=case, step__startswith=prefix).count() + 1}"


def _repair(action: Action) -> Repair | None:
    return repair_of(step=action.step, kind=action.kind, remedy=action.remedy, channel=action.channel)


def _performer(wanted: str, pack: Blueprint, *, by_itself: bool) -> str:
    if wanted == "automatic" and not by_itself:
        raise Unfit("performer", _NOT_BY_ITSELF)
    if wanted not in {level.role for level in pack.authority}:
        raise Unfit("performer", told("There is no such role.", "没有这个角色。"))
    return wanted


def _template(channel: str, what: Repair | None, pack: Blueprint) -> str:
    if channel not in CHANNELS:
        raise Unfit("channel", told("There is no such channel.", "没有这个渠道。"))
    if channel not in WRITTEN:
        return ""
    rule = pack.repairs.get(what.id) if what else None
    if rule is None:
        words = told(
            "There is no letter for this; choose the phone, or in person.", "此项措施没有对应的信函，请选择致电或当面。"
        )
        raise Unfit("channel", words)
    if channel == "sms" and not has_text(what.id if what else "", pack):
        words = told(
            "There is no text message for this; choose a letter, the phone, or in person.",
            "此项措施没有对应的短信，请选择信函、致电或当面。",
        )
        raise Unfit("channel", words)
    return rule.template


def has_text(repair: str, pack: Blueprint) -> bool:
    """Whether the pack has a short text for this repair."""
    rule = pack.repairs.get(repair)  # type: ignore[call-overload]  # a name that is no repair is not in it
    return rule is not None and pack.templates[rule.template].text is not None


def authority(action: Action, pack: Blueprint) -> str:
    """The lowest role whose authority covers the action's worth by itself; empty if it gives none."""
    if not action.amount:
        return ""
    level = lowest_covering(pack.authority, kind=action.kind, amount=action.amount, currency=action.currency, spent={})
    return level.role if level else ""


def check_reason(reason: str) -> None:
    """A change of a plan has a reason."""
    if not reason.strip():
        raise Unfit("reason", told("Please say why: the reason goes into the record.", "请说明原因，原因会记录在案。"))


def check_open(case: Case) -> None:
    """Only an open case is planned."""
    if not case.is_open:
        raise IllegalMove(CASE, case.state, "plan")


def _checked_amount(what: Repair, amount: Decimal | None, currency: str) -> Decimal | None:
    """What it gives, in whole units of the currency; a part of one may come to nothing."""
    if not what.remedy:
        if amount is not None:
            raise Unfit("amount", told("This repair gives no sum.", "此项措施不涉及金额。"))
        return None
    if amount is not None and amount.is_finite() and 0 < amount < MOST and (given := quantise(amount, currency)) > 0:
        return given
    raise Unfit("amount", told("Say what it is worth: more than nothing.", "请填写价值，须大于零。"))


def _check_due(due_at: datetime, now: datetime) -> None:
    if due_at <= now:
        raise Unfit("due_at", told("The time has to lie ahead.", "时间须晚于现在。"))


def explained(why: Reason, version_id: int) -> int:
    """The row that keeps this reason."""
    return keep_explanations([why], version_id=version_id)[why.digest(version_id)]


def note(case: Case, action: Action | None, aspect: str, *, before: object, after: object, by: By) -> None:
    """Put a change on record."""
    Edit.objects.create(
        case=case,
        action=action,
        aspect=aspect,
        before=before,
        after=after,
        reason=by.reason,
        at=by.now,
        by=by.person,
    )


def plain(value: object) -> Any:
    """A value as JSON holds it."""
    if value is None or isinstance(value, str | Mapping):
        return value
    return value.isoformat() if isinstance(value, datetime) else str(value)


def told(en: str, zh: str) -> Localised:
    """The same in both languages."""
    return Localised(en=en, zh=zh)


_NOT_BY_ITSELF = told(
    "Only a letter or a text goes out by itself; what has to be done, money, calls and visits are for a person.",
    "只有信函和短信可以自动发出；需要实际办理的事项、金额、致电和当面处理须由人完成。",
)
