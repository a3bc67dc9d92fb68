"""Up the ladder: an objection moves a case one step up, to somebody of the next role, with a clock of its own."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Count

from amends.kernel.text import Localised
from amends.people.core.rights import ROLES
from amends.people.models import Staff
from amends.policy.selectors import blueprint_of
from amends.recover.core.calling import nearest
from amends.recover.core.case import CASE
from amends.recover.core.clocks import CLOCK, OPEN, due_time
from amends.recover.core.ladder import FIRST, after_objection
from amends.recover.models import Case, Clock
from amends.recover.selectors.calling import colleagues
from amends.recover.selectors.circle import answering
from amends.recover.services.holding import save_case
from amends.recover.services.noticing import News, tell
from amends.recover.services.ticking import first_waking

AT_ONCE = 500
WRITTEN = [  # what may change of a clock that ends or begins anew
    *("state", "owner", "escalate_to", "level", "held", "started_at", "due_at", "ended_at"),
    *("escalated_at", "at_risk_at", "paused_at", "remaining", "wake_at"),
]
ANSWERS = frozenset({"progress_notice", "explanation", "call", "follow_up"})  # kinds of action that a customer hears


def climb(objections: Mapping[int, datetime]) -> None:
    """The cases, which are held, move one step up as of the time of each objection; each gets an owner of that step.

    From the last step nothing leads on: its clock begins anew.
    """
    rows = Case.every.filter(pk__in=objections).select_related("plan", "unit", "customer").order_by("pk")
    ladders: dict[int, dict[int, Clock]] = {case: {} for case in objections}
    for clock in Clock.objects.filter(case_id__in=objections, kind="ladder"):
        ladders[clock.case_id][clock.number] = clock
    people = colleagues()
    loads = _loads([one.id for one in people]) if objections else {}
    clocks, owners, news = [], [], []
    for case in rows:
        pack, now, ladder = blueprint_of(case.blueprint_id), objections[case.pk], ladders[case.pk]
        if pack.ladder is None:
            continue
        number = after_objection(max(ladder, default=FIRST), pack.ladder)
        step = pack.ladder.steps[number - 1]
        above = pack.ladder.steps[min(number, len(pack.ladder.steps) - 1)]
        clocks += _ended_below(ladder, number, now)
        begun = ladder.get(number) or Clock(case=case, kind="ladder", number=number)
        if begun.pk is None or begun.state != CLOCK.initial:  # else an answer is promised, and its time does not move
            begun.owner, begun.escalate_to = step.role, above.role
            _begin(begun, case, due_time(step, now, pack.calendars), now=now)
            clocks.append(begun)
        path = case.unit.path if case.unit else ""
        fit = answering(case) if case.confidential else nearest(people, role=step.role, path=path)
        if case.owner_id not in fit:
            case.owner_id = min(fit, key=lambda id_: (loads.get(id_, 0), id_), default=None)
            owners.append(case)
        if case.owner_id is not None:
            loads[case.owner_id] = loads.get(case.owner_id, 0) + 1
            reason = Localised(
                en=f"{case.customer.name} objects; the answer is yours to give ({step.title.en}).",
                zh=f"{case.customer.name}提出异议，由您答复（{step.title.zh}）。",
            )
            key = f"objected:{case.pk}:{now.isoformat()}"
            news.append(News(staff_id=case.owner_id, case_id=case.pk, what="objected", key=key, reason=reason))
    Clock.objects.bulk_update([clock for clock in clocks if clock.pk], WRITTEN, batch_size=AT_ONCE)
    Clock.objects.bulk_create([clock for clock in clocks if not clock.pk], batch_size=AT_ONCE)
    _hand_to(owners)
    if objections:
        tell(news, now=max(objections.values()))


def _hand_to(cases: Sequence[Case]) -> None:
    """Write the new owners of all these cases at once."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            update recover_case as cases set owner_id = chosen.owner_id
            from unnest(%s::bigint[], %s::bigint[]) as chosen (id, owner_id) where cases.id = chosen.id
            """,
            [[case.pk for case in cases], [case.owner_id for case in cases]],
        )


def answer_objection(case: Case, person: Staff | None, *, now: datetime) -> None:
    """News from somebody of the responsible step or above answer the objection: the case goes on, so that the customer
    can say whether it is put right now, or turn to the next step."""
    if person is None:
        return
    for clock in Clock.objects.filter(case=case, kind="ladder", state__in=OPEN):
        if ROLES.index(person.role) >= ROLES.index(clock.owner):
            meet(clock, now)
            if case.state == "objected":
                case.state = CASE.after(case.state, "resume")
                save_case(case, "state")


def meet(clock: Clock, now: datetime) -> None:
    """What it promised was done."""
    in_time = clock.state == "paused" or (clock.state == CLOCK.initial and now <= clock.due_at)
    clock.state = CLOCK.after(clock.state, "meet" if in_time else "meet_late")
    clock.ended_at = now
    clock.save(update_fields=["state", "ended_at"])


def _ended_below(ladder: Mapping[int, Clock], number: int, now: datetime) -> list[Clock]:
    """The clocks of the steps below that ran; none of them runs on."""
    ended = [clock for lower, clock in ladder.items() if lower < number and clock.state in OPEN]
    for clock in ended:
        clock.state, clock.ended_at = CLOCK.after(clock.state, "stop"), now
    return ended


def _begin(clock: Clock, case: Case, due_at: datetime, *, now: datetime) -> None:
    """The clock of a step begins to run, for the first time or anew."""
    clock.state = CLOCK.initial if clock.pk is None else CLOCK.after(clock.state, "restart")
    clock.level, clock.held = 0, timedelta(0)
    clock.started_at, clock.due_at = now, due_at
    clock.ended_at = clock.escalated_at = clock.at_risk_at = clock.paused_at = clock.remaining = None
    clock.wake_at = first_waking(
        blueprint_of(case.blueprint_id),
        case.plan.playbook,
        "ladder",
        clock.number,
        started_at=now,
        due_at=due_at,
        opened_at=case.opened_at,
        now=now,
    )


def _loads(staff_ids: Sequence[int]) -> dict[int, int]:
    """How many open cases each of them has."""
    rows = Case.objects.filter(owner_id__in=staff_ids, is_open=True).values("owner_id")
    return dict(rows.annotate(n=Count("pk")).values_list("owner_id", "n"))
