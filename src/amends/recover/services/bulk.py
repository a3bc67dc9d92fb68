"""One act on many cases: prepared with a preview, carried out row by row in the background, each row once.

A row is done in the transaction that says so. A worker killed in between did it and said so, or neither.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction

from amends.kernel.lifecycle import IllegalMove
from amends.kernel.text import Localised
from amends.people.models import Staff, Unit
from amends.people.selectors import NotAllowed, NotFound, require, units_below
from amends.people.services import set_watch
from amends.recover.core.bulk import BULK, MOST, ROW
from amends.recover.core.case import CASE
from amends.recover.core.refusals import BeyondAuthority, Declined, SelfApproval, StaleVersion
from amends.recover.models import BulkRow, BulkRun, Case
from amends.recover.queue import defer_bulk
from amends.recover.selectors.replies import SPOKEN_OF
from amends.recover.selectors.staffing import may_take, teams_reaching
from amends.recover.services import handing_over
from amends.recover.services.assigning import assign_by_rules
from amends.recover.services.bulk_letters import send, settled, why_no_letter
from amends.recover.services.handing_over import assign_case, hand_over
from amends.recover.services.holding import holding, save_case
from amends.recover.services.working import close_case, take_case

Given = Mapping[str, Any]
WhyNot = Callable[[Case], Localised | None]  # why an act would be refused; None: it would be done

CHUNK: Final = 50  # rows a job
REFUSED: Final = (IllegalMove, Declined, NotAllowed, NotFound, BeyondAuthority, SelfApproval, StaleVersion)

NONE: Final = Localised(en="No case was chosen.", zh="没有选择案件。")
TOO_MANY: Final = Localised(en=f"At most {MOST} cases at once.", zh=f"一次最多处理{MOST}个案件。")
NO_ACT: Final = Localised(en="There is no such act.", zh="没有此操作。")
YOURS: Final = Localised(en="It is yours already.", zh="此案件已归您负责。")
CHANGED: Final = Localised(en="Somebody else changed it in the meantime.", zh="期间已被他人修改。")
NOT_YOURS: Final = Localised(en="Your role may not do this.", zh="您的角色无权执行此操作。")
GONE: Final = Localised(en="It is out of your reach now.", zh="此案件已不在您的范围内。")
DAYS: Final = Localised(en="Choose between 1 and 365 days.", zh="请选择 1 至 365 天。")
NOT_OPEN: Final = Localised(en="The case is not open.", zh="案件未处于处理中。")


@dataclass(frozen=True, kw_only=True)
class Act:
    """One act that can be done to many cases."""

    right: str
    foresee: Callable[[Staff, Given, Sequence[Case]], WhyNot]  # made once a run, asked for each case
    perform: Callable[[Case, Staff, Given, datetime], object]


def prepare(act: str, case_ids: Sequence[int], *, given: Given, acting_user: Staff, now: datetime) -> BulkRun:
    """A run to be looked over: what would happen to each case, and which would be refused and why.

    Cases out of the person's reach are left out.

    Raises:
        Declined: no such act, nothing chosen, too much, or what the act needs is missing.
    """
    if act not in ACTS:
        raise Declined(NO_ACT)
    require(acting_user, ACTS[act].right)
    if len(case_ids) > MOST:
        raise Declined(TOO_MANY)
    given = _settled(act, given, acting_user)
    reached = units_below(acting_user)
    rows = Case.objects.filter(pk__in=case_ids).select_related("unit", *SPOKEN_OF)
    found = {case.pk: case for case in (rows if reached is None else rows.filter(unit_id__in=reached))}
    chosen = [found[pk] for pk in dict.fromkeys(case_ids) if pk in found]
    if not chosen:
        raise Declined(NONE)
    why_not = ACTS[act].foresee(acting_user, given, chosen)
    with transaction.atomic():
        run = BulkRun.objects.create(act=act, given=dict(given), state=BULK.initial, by=acting_user, prepared_at=now)
        BulkRow.objects.bulk_create(
            [_row(run, place, case, why_not(case)) for place, case in enumerate(chosen, start=1)],
            batch_size=1_000,
        )
    return run


def start_bulk(run_id: int, *, acting_user: Staff, now: datetime) -> BulkRun:
    """Have a prepared run carried out, or a cancelled one go on where it stopped."""
    with transaction.atomic():
        run = _own(run_id, acting_user)
        run.state = BULK.after(run.state, "resume" if run.state == "cancelled" else "run")
        run.started_at, run.ended_at = run.started_at or now, None
        run.save(update_fields=["state", "started_at", "ended_at"])
        defer_bulk(run.pk)
    return run


def cancel_bulk(run_id: int, *, acting_user: Staff, now: datetime) -> BulkRun:
    """Do no more of it; what is done stays done."""
    with transaction.atomic():
        run = _own(run_id, acting_user)
        run.state = BULK.after(run.state, "cancel")
        run.ended_at = now
        run.save(update_fields=["state", "ended_at"])
    return run


def carry_out_bulk(run_id: int, *, now: datetime, limit: int = CHUNK) -> bool:
    """Do some rows of a run; whether some are left."""
    waiting = BulkRow.objects.filter(run_id=run_id, state=ROW.initial).order_by("place")
    for row_id in list(waiting.values_list("pk", flat=True)[:limit]):
        if not _do_row(run_id, row_id, now=now):
            return False
    with transaction.atomic():
        run = BulkRun.objects.select_for_update().get(pk=run_id)
        if run.state != "running":
            return False
        if waiting.exists():
            return True
        run.state, run.ended_at = BULK.after(run.state, "finish"), now
        run.save(update_fields=["state", "ended_at"])
    return False


def _do_row(run_id: int, row_id: int, *, now: datetime) -> bool:
    """Do one row, once; False if the run was cancelled."""
    with transaction.atomic():
        run = BulkRun.objects.select_for_update(no_key=True, of=("self",)).select_related("by").get(pk=run_id)
        if run.state != "running":
            return False
        row = BulkRow.objects.select_for_update().filter(pk=row_id, state=ROW.initial).first()
        if row is None:
            return True  # another worker did it
        case = Case.objects.select_related(*SPOKEN_OF).get(pk=row.case_id)
        try:
            with transaction.atomic():
                ACTS[run.act].perform(case, run.by, run.given, now)
        except REFUSED as refusal:
            said = _said(refusal)
            row.state, row.said_en, row.said_zh = ROW.after(row.state, "refuse"), said.en, said.zh
        else:
            row.state = ROW.after(row.state, "do")
        row.at = now
        row.save(update_fields=["state", "said_en", "said_zh", "at"])
    return True


def _own(run_id: int, person: Staff) -> BulkRun:
    run = BulkRun.objects.select_for_update().filter(pk=run_id, by=person).first()
    if run is None:
        raise NotFound(f"There is no run {run_id} here.")
    require(person, ACTS[run.act].right)
    return run


def _row(run: BulkRun, place: int, case: Case, why_not: Localised | None) -> BulkRow:
    state = ROW.initial if why_not is None else ROW.after(ROW.initial, "refuse")
    return BulkRow(
        run=run,
        place=place,
        case=case,
        state=state,
        said_en=why_not.en if why_not else "",
        said_zh=why_not.zh if why_not else "",
    )


def _said(refusal: Exception) -> Localised:
    if isinstance(refusal, Declined):
        return refusal.said
    if isinstance(refusal, IllegalMove):
        return _stands(refusal.state_label)
    if isinstance(refusal, StaleVersion):
        return CHANGED
    return GONE if isinstance(refusal, NotFound) else NOT_YOURS


def _settled(act: str, given: Given, person: Staff) -> Given:
    """What the act needs, checked, as the run keeps it."""
    if act == "message":
        return settled(given, person)
    if act == "hand_over":
        if not str(given.get("note", "")).strip():
            raise Declined(handing_over.NOTE)
        if sum(given.get(name) is not None for name in ("to_staff", "to_team", "to_unit")) != 1:
            raise Declined(handing_over.ONE)
    elif act == "watch" and not 1 <= int(given.get("days") or 0) <= 365:
        raise Declined(DAYS)
    return given


# -- the acts ---------------------------------------------------------------------------------------------------------


def _foresee_take(person: Staff, _given: Given, _cases: Sequence[Case]) -> WhyNot:
    def why_not(case: Case) -> Localised | None:
        if not case.is_open:
            return NOT_OPEN
        return YOURS if case.owner_id == person.pk else None

    return why_not


def _foresee_hands(_person: Staff, given: Given, _cases: Sequence[Case]) -> WhyNot:
    """Whether the receiver could work on it, looked up once a unit."""
    staff_id, team_id, unit_id = (given.get(name) for name in ("to_staff", "to_team", "to_unit"))
    receiver = Staff.objects.filter(pk=staff_id).first() if staff_id is not None else None
    there = unit_id is None or Unit.objects.filter(pk=unit_id).exists()
    known: dict[int | None, Localised | None] = {}

    def of_unit(unit: int | None) -> Localised | None:
        if staff_id is not None:
            return None if receiver and may_take(receiver, unit) else handing_over.NOT_THEIRS
        if team_id is not None:
            return None if teams_reaching(unit).filter(pk=team_id).exists() else handing_over.NO_TEAM
        return None if there else handing_over.NO_UNIT

    def why_not(case: Case) -> Localised | None:
        if not case.is_open:
            return handing_over.CLOSED
        if staff_id is not None and case.owner_id == staff_id:
            return handing_over.HAS_IT
        if case.unit_id not in known:
            known[case.unit_id] = of_unit(case.unit_id)
        return known[case.unit_id]

    return why_not


def _foresee_message(person: Staff, given: Given, cases: Sequence[Case]) -> WhyNot:
    lacks = why_no_letter(given, person, cases)
    return lambda case: lacks(case) if case.is_open else NOT_OPEN


def _foresee_close(_person: Staff, _given: Given, _cases: Sequence[Case]) -> WhyNot:
    return lambda case: None if "close" in CASE.moves_from(case.state) else _stands(CASE.state_labels[case.state])


def _foresee_nothing(_person: Staff, _given: Given, _cases: Sequence[Case]) -> WhyNot:
    return lambda _case: None


def _stands(label: Localised) -> Localised:
    return Localised(en=f"It stands at “{label.en}” now.", zh=f"案件目前为“{label.zh}”。")


def _take(case: Case, person: Staff, given: Given, now: datetime) -> object:
    if why_not := _foresee_take(person, given, [case])(case):
        raise Declined(why_not)
    return take_case(case.pk, acting_user=person, now=now)


def _assign(case: Case, person: Staff, given: Given, now: datetime) -> object:
    if given.get("to_staff") is None:
        return assign_by_rules(case.pk, acting_user=person, now=now)
    return assign_case(case.pk, to_staff=given["to_staff"], acting_user=person, now=now)


def _hand_over(case: Case, person: Staff, given: Given, now: datetime) -> object:
    to = {name: given.get(name) for name in ("to_staff", "to_team", "to_unit")}
    return hand_over(case.pk, note=given["note"], acting_user=person, now=now, **to)


def _message(case: Case, person: Staff, given: Given, now: datetime) -> object:
    if not case.is_open:
        raise Declined(NOT_OPEN)
    return send(given, person, case, now=now)


def _close(case: Case, person: Staff, _given: Given, now: datetime) -> object:
    return close_case(case.pk, acting_user=person, now=now)


def _watch(case: Case, person: Staff, given: Given, now: datetime) -> object:
    until = now + timedelta(days=int(given["days"]))
    with holding("set_watch", case.pk, acting_user=person) as (held, _):
        set_watch([held.customer_id], until=until, reason=given.get("reason", ""), now=now, acting_user=person)
        save_case(held)
    return until


ACTS: Final[Mapping[str, Act]] = {
    "take": Act(right="work_cases", foresee=_foresee_take, perform=_take),
    "hand_over": Act(right="work_cases", foresee=_foresee_hands, perform=_hand_over),
    "assign": Act(right="work_teams", foresee=_foresee_hands, perform=_assign),
    "message": Act(right="work_cases", foresee=_foresee_message, perform=_message),
    "close": Act(right="work_cases", foresee=_foresee_close, perform=_close),
    "watch": Act(right="work_cases", foresee=_foresee_nothing, perform=_watch),
}
