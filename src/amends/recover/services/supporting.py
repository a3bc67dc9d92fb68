"""Support for an employee after a hard case: asked for or offered, answered, given, and said how it was.

An offer by rule is made where the customer was heard and where a case ends, once for each case and person; an action
`employee_support` of a plan is such an offer as soon as it is ready. Each move is on record without its words.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from django.db import connection, transaction

from amends.channels.models import Message
from amends.kernel.blueprint import Blueprint
from amends.kernel.reason import Reason
from amends.kernel.severity import SEVERITIES, SEVERITY_NAMES
from amends.kernel.text import Localised
from amends.people.models import Staff
from amends.people.selectors import NotAllowed, NotFound
from amends.policy.selectors import blueprint_of, deployment, version_in_force
from amends.policy.services import keep_explanations
from amends.recover.acting import acting
from amends.recover.core.action import ACTION
from amends.recover.core.clocks import due_time
from amends.recover.core.refusals import Unfit
from amends.recover.core.support import KINDS, OF_THE_PLAN, OPEN, SUPPORT, facts_of, hard_on_owner, next_after
from amends.recover.models import Action, Case, Clock, Support, SupportStep
from amends.recover.selectors.cases import access_case
from amends.recover.selectors.support import whom_to_ask, whom_to_offer
from amends.recover.services.finishing import move_on

AT_ONCE: Final = 200
PLAN_KIND: Final = "talk"  # of an offer that a plan makes
_NO_KIND: Final = Localised(en="Choose what would help.", zh="请选择您需要的支持。")
_NOBODY: Final = Localised(en="Choose somebody who may support you.", zh="请选择可以支持您的人。")
_SCALE: Final = Localised(en="Choose from 1 to 5.", zh="请选择 1 到 5。")
_WHOSE: Final[Mapping[tuple[str, str], str]] = {  # who makes a move from a state
    ("asked", "accept"): "supporter",
    ("asked", "decline"): "supporter",
    ("asked", "withdraw"): "employee",
    ("offered", "accept"): "employee",
    ("offered", "decline"): "employee",
    ("accepted", "withdraw"): "employee",
    ("accepted", "do"): "either",
}


def ask_support(
    *,
    form: str,
    kind: str,
    words: str,
    acting_user: Staff,
    now: datetime,
    case_id: int | None = None,
    to: int | None = None,
) -> Support:
    """Ask for support; the same form sent twice is one.

    Args:
        form: the form's own key.
        kind: of `KINDS`.
        words: a sentence about it, if any.
        acting_user: who asks.
        now: when.
        case_id: about which case, if any.
        to: whom; else whoever leads the person's unit.

    Raises:
        NotFound: no such case here.
        Unfit: no such kind, or nobody who may be asked.
    """
    if kind not in KINDS:
        raise Unfit("kind", _NO_KIND)
    case = None if case_id is None else access_case(acting_user, case_id)
    able, case = _able(acting_user, case)
    if to is not None and to not in able:
        raise Unfit("to", _NOBODY)
    given = {
        "supporter_id": to if to is not None else next(iter(able), None),
        "case": case,
        "words": words.strip()[:500],
    }
    return _begin(f"asked:{acting_user.pk}:{form}", "ask", kind, acting_user, by=acting_user, now=now, **given)


def offer_support(
    *, form: str, kind: str, words: str, to: int, acting_user: Staff, now: datetime, case_id: int | None = None
) -> Support:
    """Offer support to somebody of one's own units; the same form sent twice is one.

    Raises:
        NotAllowed: the role leads nobody.
        NotFound: there is no such colleague, or no such case, here.
        Unfit: no such kind.
    """
    if kind not in KINDS:
        raise Unfit("kind", _NO_KIND)
    employee = whom_to_offer(acting_user).filter(pk=to).first()
    if employee is None:
        raise NotFound("There is no such colleague here.")
    case = None if case_id is None else access_case(acting_user, case_id)
    given = {"supporter_id": acting_user.pk, "case": case, "words": words.strip()[:500], "offered_by": acting_user}
    return _begin(f"offered:{acting_user.pk}:{form}", "offer", kind, employee, by=acting_user, now=now, **given)


@transaction.atomic
def move_support(support_id: int, *, move: str, acting_user: Staff, now: datetime) -> Support:
    """Accept, decline, withdraw, or say that it is done.

    Raises:
        NotFound: it concerns somebody else.
        NotAllowed: it is the other one's to do.
        IllegalMove: it stands where that is not possible.
    """
    support = _locked(support_id, acting_user)
    state = SUPPORT.after(support.state, move)
    whose = _WHOSE.get((support.state, move), "")
    own = {"employee": support.employee_id, "supporter": support.supporter_id}
    if not whose or (whose != "either" and own[whose] != acting_user.pk):
        raise NotAllowed("This is for the other one to say.")
    rules = blueprint_of(version_in_force(deployment().blueprint_name).pk)
    support.state = state
    support.due_at = due_time(rules.internal.support.give, now, rules.calendars) if state == "accepted" else None
    support.ended_at = now if state in SUPPORT.final else None
    support.save(update_fields=["state", "due_at", "ended_at"])
    _step(support, move, by=acting_user, now=now)
    return support


@transaction.atomic
def say_how_it_was(support_id: int, *, helped: int, words: str, acting_user: Staff, now: datetime) -> Support:
    """The employee says whether it helped; may be said again.

    Raises:
        NotFound: it was not for this person, or is not done.
        Unfit: a figure out of the scale.
    """
    support = _locked(support_id, acting_user)
    if support.employee_id != acting_user.pk or support.state != "done":
        raise NotFound(f"There is no support {support_id} here.")
    if not 1 <= helped <= 5:
        raise Unfit("helped", _SCALE)
    support.helped, support.said = helped, words.strip()[:500]
    support.save(update_fields=["helped", "said"])
    _step(support, "say", by=acting_user, now=now)
    return support


def consider_support(case: Case, *, now: datetime) -> Support | None:
    """Offer the owner of a case support where the pack's rules say that it was hard on them; once a case and person."""
    if case.owner_id is None or Support.objects.filter(key=_hard_key(case)).exists():
        return None
    pack = blueprint_of(case.blueprint_id)
    rules = pack.internal.support
    if not rules.offers:
        return None
    found = hard_on_owner(rules, _facts(case, pack, now=now))
    if found is None:
        return None
    rule, why = found
    employee = Staff.objects.select_related("unit").get(pk=case.owner_id)
    return _offer_for_case(_hard_key(case), rule.kind, employee, case, why, now=now)


def offer_of_plan(action: Action, case: Case, *, by: Staff | None, now: datetime) -> Support | None:
    """What a plan's `employee_support` is: an offer to whoever has the case; None where nobody has it.

    Where they were offered something for this case already, it is that.
    """
    if case.owner_id is None:
        return None
    open_ones = Support.objects.filter(employee_id=case.owner_id, case=case, action=None, state__in=OPEN)
    there = open_ones.select_for_update().order_by("pk").first()
    if there is not None:
        there.action = action
        there.save(update_fields=["action"])
        return there
    employee = Staff.objects.select_related("unit").get(pk=case.owner_id)
    why = Reason(rule=f"playbooks.{case.plan.playbook}.{action.step}"[:200], text=OF_THE_PLAN)
    given = {"action": action, "offered_by": by}
    return _offer_for_case(f"action:{action.pk}", PLAN_KIND, employee, case, why, now=now, **given)


def sweep_support(*, now: datetime, limit: int = AT_ONCE) -> int:
    """What time brings about: plans' offers are made, unanswered ones lapse, and what nobody saw to goes further up.

    How many; 0: nothing left. Cases and rows that somebody is working on are left for the next sweep.
    """
    return _make_planned_offers(now=now, limit=limit) + _overdue(now=now, limit=limit)


def _make_planned_offers(*, now: datetime, limit: int) -> int:
    with acting("offer_support"):
        rows = Action.objects.filter(kind="employee_support", state="ready", case__owner__isnull=False)
        ids = dict(rows.order_by("ready_at", "id").values_list("pk", "case_id")[:limit])
        cases = Case.every.select_for_update(no_key=True, skip_locked=True).filter(pk__in=ids.values()).order_by("pk")
        held = {case.pk: case for case in cases}
        done = 0
        for action in Action.objects.filter(pk__in=ids, case_id__in=held, state="ready").order_by("pk"):
            case = held[action.case_id]
            if offer_of_plan(action, case, by=None, now=now) is None:
                continue
            action.state, action.done_at = ACTION.after(action.state, "do"), now
            action.save(update_fields=["state", "done_at"])
            move_on(case, action.kind, now)
            done += 1
    return done


@transaction.atomic
def _overdue(*, now: datetime, limit: int) -> int:
    rows = Support.objects.select_for_update(skip_locked=True, of=("self",)).select_related("employee__unit", "case")
    pack = blueprint_of(version_in_force(deployment().blueprint_name).pk)
    moved = 0
    for support in rows.filter(state__in=OPEN, due_at__lte=now).order_by("due_at", "id")[:limit]:
        if support.state == "offered":
            support.state, support.ended_at, support.due_at = SUPPORT.after(support.state, "lapse"), now, None
            _step(support, "lapse", by=None, now=now)
        else:
            order = [one.pk for one in whom_to_ask(support.employee, support.case)]
            further = next_after(order, support.supporter_id)
            support.supporter_id = support.supporter_id if further is None else further
            support.state, support.passed_on_at = SUPPORT.after(support.state, "pass_on"), now
            rule = pack.internal.support.answer if support.state == "asked" else pack.internal.support.give
            support.due_at = due_time(rule, now, pack.calendars)
            _step(support, "pass_on", by=None, now=now)
        support.save(update_fields=["state", "ended_at", "due_at", "supporter", "passed_on_at"])
        moved += 1
    return moved


def _offer_for_case(
    key: str, kind: str, employee: Staff, case: Case, why: Reason, *, now: datetime, **given: object
) -> Support:
    version = case.blueprint_id
    why_id = keep_explanations([why], version_id=version)[why.digest(version)]
    able, about = _able(employee, case)
    supporter = next(iter(able), None)
    return _begin(
        key, "offer", kind, employee, by=None, now=now, supporter_id=supporter, case=about, why_id=why_id, **given
    )


def _able(employee: Staff, case: Case | None) -> tuple[list[int], Case | None]:
    """Who could support somebody, and about which case: of a confidential one nobody outside its circle hears."""
    able = [one.pk for one in whom_to_ask(employee, case)]
    if able or case is None or not case.confidential:
        return able, case
    return [one.pk for one in whom_to_ask(employee)], None


def _begin(
    key: str, move: str, kind: str, employee: Staff, *, by: Staff | None, now: datetime, **given: object
) -> Support:
    """A new row with its first step, or the one that has this key already."""
    pack = blueprint_of(version_in_force(deployment().blueprint_name).pk)
    rules = pack.internal.support
    due_at = due_time(rules.answer, now, pack.calendars) if move == "ask" else now + rules.lapses
    state = SUPPORT.after(SUPPORT.initial, move)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(hashtext('support'), hashtext(%s))", [key])
        found = Support.objects.filter(key=key).first()
        if found is not None:
            return found
        support = Support.objects.create(
            key=key, employee=employee, kind=kind, state=state, begun_at=now, due_at=due_at, **given
        )
        _step(support, move, by=by, now=now)
    return support


def _step(support: Support, move: str, *, by: Staff | None, now: datetime) -> None:
    number = SupportStep.objects.filter(support=support).count() + 1
    SupportStep.objects.create(support=support, number=number, move=move, state=support.state, at=now, by=by)


def _locked(support_id: int, person: Staff) -> Support:
    """The row, if it concerns this person as the database knows them now."""
    fresh = Staff.objects.get(pk=person.pk)
    support = Support.objects.select_for_update(of=("self",)).filter(pk=support_id).first()
    if support is None or not fresh.is_active or fresh.pk not in {support.employee_id, support.supporter_id}:
        raise NotFound(f"There is no support {support_id} here.")
    return support


def _hard_key(case: Case) -> str:
    return f"hard:{case.pk}:{case.owner_id}"


def _facts(case: Case, pack: Blueprint, *, now: datetime) -> dict[str, object]:
    """What is known of a case that bears on its owner, in a few small queries."""
    rules = pack.internal.support
    said = Message.objects.filter(thread=f"case:{case.pk}", direction=Message.Direction.IN)
    severe = Case.every.filter(owner_id=case.owner_id, opened_at__gte=now - rules.lately, severity=SEVERITIES["severe"])
    late = False
    if rules.calendar is not None:
        hours = pack.calendar_named(rules.calendar)
        done = Action.objects.filter(case=case, done_by_id=case.owner_id, done_at__isnull=False)
        late = any(not hours.is_open(at) for at in done.values_list("done_at", flat=True))
    return facts_of(
        rules,
        severity=SEVERITY_NAMES[case.severity],
        words=said.order_by("id").values_list("body", flat=True),
        hard_lately=severe.count(),
        after_hours=late,
        objections=Clock.objects.filter(case=case, kind="ladder").count(),
    )
