"""Up the ladder: an objection moves a case one step up, to somebody of the next role, with a clock of its own."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db.models import Count, Max

from amends.kernel.text import Localised
from amends.people.core.rights import ROLES
from amends.people.models import Staff
from amends.policy.selectors import blueprint_of
from amends.recover.core.calling import nearest
from amends.recover.core.clocks import CLOCK, OPEN, due_time
from amends.recover.core.ladder import FIRST, after_objection
from amends.recover.models import Case, Clock
from amends.recover.services.noticing import News, tell
from amends.recover.services.sweeping import colleagues
from amends.recover.services.ticking import first_waking

ANSWERS = frozenset({"progress_notice", "explanation", "call"})  # kinds of action that a customer hears


def climb(objections: Mapping[int, datetime]) -> None:
    """The cases, which are held, move one step up as of the time of each objection; each gets an owner of that step.

    From the last step nothing leads on: its clock begins anew.
    """
    rows = Case.objects.filter(pk__in=objections).select_related("plan", "unit", "customer").order_by("pk")
    steps = steps_of(list(objections))
    people, loads = colleagues(), None
    news = []
    for case in rows:
        pack = blueprint_of(case.blueprint_id)
        if pack.ladder is None:
            continue
        now = objections[case.pk]
        number = after_objection(steps.get(case.pk, FIRST), pack.ladder)
        step = pack.ladder.steps[number - 1]
        above = pack.ladder.steps[min(number, len(pack.ladder.steps) - 1)]
        _begin(case, number, due_time(step, now, pack.calendars), step.role, above.role, now=now)
        fit = nearest(people, role=step.role, path=case.unit.path if case.unit else "")
        if loads is None:
            loads = _loads([one.id for one in people])
        if case.owner_id not in fit:
            case.owner_id = min(fit, key=lambda id_: (loads.get(id_, 0), id_), default=None)
            case.save(update_fields=["owner"])
        if case.owner_id is not None:
            loads[case.owner_id] = loads.get(case.owner_id, 0) + 1
            reason = Localised(
                en=f"{case.customer.name} objects; the answer is yours to give ({step.title.en}).",
                zh=f"{case.customer.name}提出异议，由您答复（{step.title.zh}）。",
            )
            key = f"objected:{case.pk}:{now.isoformat()}"
            news.append(News(staff_id=case.owner_id, case_id=case.pk, what="objected", key=key, reason=reason))
    if objections:
        tell(news, now=max(objections.values()))


def steps_of(case_ids: Sequence[int]) -> dict[int, int]:
    """On which step of the ladder these cases stand; those that nobody objected to stand on the first and are left
    out."""
    rows = Clock.objects.filter(case_id__in=case_ids, kind="ladder").values("case_id")
    return dict(rows.annotate(step=Max("number")).values_list("case_id", "step"))


def answer_objection(case: Case, person: Staff | None, *, now: datetime) -> None:
    """News from somebody of the responsible step or above answer the objection."""
    if person is None:
        return
    for clock in Clock.objects.filter(case=case, kind="ladder", state__in=OPEN):
        if ROLES.index(person.role) >= ROLES.index(clock.owner):
            meet(clock, now)


def meet(clock: Clock, now: datetime) -> None:
    """What it promised was done."""
    in_time = clock.state == "paused" or (clock.state == CLOCK.initial and now <= clock.due_at)
    clock.state = CLOCK.after(clock.state, "meet" if in_time else "meet_late")
    clock.ended_at = now
    clock.save(update_fields=["state", "ended_at"])


def _begin(case: Case, number: int, due_at: datetime, owner: str, above: str, *, now: datetime) -> None:
    """The clock of a step begins to run; those of the steps below end."""
    for lower in Clock.objects.filter(case=case, kind="ladder", number__lt=number, state__in=OPEN):
        lower.state, lower.ended_at = CLOCK.after(lower.state, "stop"), now
        lower.save(update_fields=["state", "ended_at"])
    clock = Clock.objects.filter(case=case, kind="ladder", number=number).first()
    if clock is None:
        clock = Clock(case=case, kind="ladder", number=number, state=CLOCK.initial)
    elif clock.state == CLOCK.initial:
        return  # an answer is promised already, and its time does not move
    else:
        clock.state = CLOCK.after(clock.state, "restart")
    clock.owner, clock.escalate_to, clock.level, clock.held = owner, above, 0, timedelta(0)
    clock.started_at, clock.due_at = now, due_at
    clock.ended_at = clock.escalated_at = clock.at_risk_at = clock.paused_at = clock.remaining = None
    clock.wake_at = first_waking(
        blueprint_of(case.blueprint_id),
        case.plan.playbook,
        "ladder",
        number,
        started_at=now,
        due_at=due_at,
        opened_at=case.opened_at,
        now=now,
    )
    clock.save()


def _loads(staff_ids: Sequence[int]) -> dict[int, int]:
    """How many open cases each of them has."""
    rows = Case.objects.filter(owner_id__in=staff_ids, is_open=True).values("owner_id")
    return dict(rows.annotate(n=Count("pk")).values_list("owner_id", "n"))
