"""One case as its customer sees it: nothing of how we decide, everything of what was promised, done and given."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise

from amends.channels.core.message import RECEIVED
from amends.channels.models import Message
from amends.kernel.money import Money
from amends.kernel.text import Localised, language_of
from amends.people.models import Customer
from amends.policy.models import Explanation
from amends.policy.selectors import blueprint_of
from amends.recover.core.action import ACTION
from amends.recover.core.case import CASE, OWED, SETTLED
from amends.recover.core.clocks import CLOCK, due_time
from amends.recover.core.ladder import Rung
from amends.recover.core.voucher import VOUCHER
from amends.recover.core.words import given_as
from amends.recover.links import customer_link
from amends.recover.models import Action, Case, Clock, Outcome, Remedy
from amends.recover.selectors import holds_of, ladder_of, merged_into
from amends.recover.selectors.clocks import Ladder
from amends.recover.voucher_codes import code_for
from amends.web.console.leave import in_writing
from amends.web.console.times import language
from amends.web.portal.words import (
    ANSWER_BY,
    DONE,
    LOOKING_INTO_IT,
    NEEDS_WORDS,
    NEWS_BY,
    PAYOUT_SAID,
    PUT_RIGHT_BY,
    STANDING,
    TO_COME,
    VOUCHER_SAID,
    WAY,
    Standing,
)

THIS_PAGE = {"en": "this page", "zh": "本页"}  # in the language of the letter, whatever the page's


@dataclass(frozen=True, kw_only=True)
class Step:
    """One thing that we did or shall do, and when."""

    text: str | Promise
    tone: str  # shape and colour: done, active, waiting
    done_at: datetime | None = None
    by: datetime | None = None
    late: bool = False


@dataclass(frozen=True, kw_only=True)
class Promised:
    """The next thing that we promised, and by when; late if some promised time has passed."""

    text: str | Promise
    by: datetime
    late: bool


@dataclass(frozen=True, kw_only=True)
class Given:
    """One remedy in the ledger."""

    what: str  # as its letter says it
    at: datetime
    why: Explanation
    code: str = ""  # of a voucher that is still good, to be shown where it is used
    good_until: datetime | None = None
    standing: str | Promise = ""  # what became of it, where something did


@dataclass(frozen=True, kw_only=True)
class Letter:
    """Words between us, in the language in which they were written."""

    ours: bool
    subject: str
    body: str
    lang: str
    at: datetime
    way: str | Promise = ""  # by which ours went


@dataclass(frozen=True, kw_only=True)
class CasePage:
    """All that the template shows."""

    case: Case
    standing: Standing
    made_good: bool
    settled: bool
    cause: Explanation | None
    promised: Promised | None
    steps: Sequence[Step]
    more_to_come: bool
    given: Sequence[Given]
    letters: Sequence[Letter]
    may_accept: bool
    may_rate: bool
    objects: bool  # words from the customer would be an objection
    answer_by: datetime
    in_writing: Localised | None  # why the complaint is asked for in writing; None: it is not, or it is there
    wrote: bool  # it is there
    needed: str  # what we wait for; empty: nothing
    answers_now: Localised | None  # who answers an objection made now, or the one that was made
    ladder: Ladder | None


def case_page(case: Case, *, now: datetime) -> CasePage:
    """The page as it stands at `now`."""
    clocks = _owed(case)
    actions = list(case.actions.order_by("due_at", "id"))
    family = [case.pk, *merged_into(case)]  # what was given and said before a merge is the customer's all the same
    remedies = list(
        Remedy.objects.filter(case__in=family, amount__gt=0, reversals=None)  # what was taken back is not theirs
        .select_related("action__why", "voucher", "payout")
        .order_by("granted_at", "id")
    )
    outcome = Outcome.objects.filter(case=case).first()
    asked = in_writing(case, actions)
    lacking = asked.asked_for.reason if asked.asked_for is not None and not asked.complaints else None
    hold = next((one for one in holds_of(case) if one.ended_at is None), None)
    ladder = ladder_of(case)
    legal, settled = CASE.moves_from(case.state), case.state in SETTLED
    made_good = case.state == "made_good" or (settled and outcome is not None and outcome.accepted is True)
    to_come = [] if settled else list(_to_come(actions, clocks, now=now))
    return CasePage(
        case=case,
        standing=NEEDS_WORDS if lacking and case.state in OWED else STANDING["made_good" if made_good else case.state],
        made_good=made_good,
        settled=settled,
        cause=case.cause if case.responsible != "customer" else None,
        promised=None if settled else _promised(case, clocks, to_come, now=now),
        steps=[*_done(actions), *to_come],
        more_to_come=bool(to_come),
        given=[_given(remedy, now=now) for remedy in remedies],
        letters=_letters(case.customer, *(f"case:{pk}" for pk in family)),
        may_accept="accept" in legal,
        may_rate=case.state == "made_good" and (outcome is None or outcome.satisfaction_after is None),
        objects="object" in legal,
        in_writing=lacking,
        wrote=bool(asked.complaints),
        answer_by=_answer_by(case, clocks, ladder, now=now),
        needed=hold.needed if hold else "",
        answers_now=_answers_now(case, ladder),
        ladder=ladder,
    )


def letters_about_incident(customer: Customer, incident_id: int) -> list[Letter]:
    """What we wrote to one customer about an incident; its thread is shared by all whom it hit."""
    return _letters(customer, f"incident:{incident_id}", link=customer_link(f"incident:{incident_id}:{customer.pk}"))


def _owed(case: Case) -> dict[str, Clock]:
    """Of each kind the clock that speaks for it: of several promises of news the one due next, else the last one."""
    open_ = CLOCK.states_with("meet_late")
    rows = sorted(case.clocks.all(), key=lambda clock: (clock.state in open_, -clock.due_at.timestamp(), clock.number))
    return {clock.kind: clock for clock in rows}


def _promised(case: Case, clocks: dict[str, Clock], steps: Sequence[Step], *, now: datetime) -> Promised | None:
    """What the customer can count on next; after an objection, our answer. Whoever is content is owed
    nothing more."""
    open_ = {kind: clock.due_at for kind, clock in clocks.items() if clock.state in CLOCK.states_with("meet_late")}
    dates: list[tuple[datetime, str | Promise]] = []
    if case.state == "objected":
        kind = "ladder" if "ladder" in open_ else "resolve"
        dates = [(open_[kind], ANSWER_BY)] if kind in open_ else []
        dates += [(open_["inform"], NEWS_BY)] if "inform" in open_ else []
    elif case.state != "made_good":
        # of news, the time that our letters said; a step's own only where no promise of news runs
        told = "inform" in open_ and open_["inform"] >= now
        dates += [(step.by, NEWS_BY) for step in steps if step.by is not None and not told]
        dates += [(open_[kind], NEWS_BY) for kind in ("acknowledge", "inform") if kind in open_]
        dates += [(open_[kind], PUT_RIGHT_BY) for kind in ("resolve",) if kind in open_]
    if not dates:
        return None
    by, text = min(dates, key=lambda date: (date[0] < now, date[0]))
    return Promised(text=text, by=by, late=any(date < now for date, _ in dates))


def _done(actions: Sequence[Action]) -> Iterator[Step]:
    done = [action for action in actions if action.state == "done" and action.kind in DONE]
    for action in sorted(done, key=lambda action: (action.done_at or action.due_at, action.pk)):
        yield Step(text=DONE[action.kind], tone="done", done_at=action.done_at)


def _to_come(actions: Sequence[Action], clocks: dict[str, Clock], *, now: datetime) -> Iterator[Step]:
    """What is still to come; whatever needs leave first is one line without its amount, for it may yet be refused."""
    asked = False
    for action in actions:
        if action.state == "waiting_approval":
            asked = True
        elif action.state not in ACTION.final and action.kind in TO_COME:
            tone = "active" if action.state == "ready" else "waiting"
            by = _by(action, clocks)
            yield Step(text=TO_COME[action.kind], tone=tone, by=by, late=by < now)
    if asked:
        due = clocks["resolve"].due_at
        yield Step(text=LOOKING_INTO_IT, tone="active", by=due, late=due < now)


def _by(action: Action, clocks: dict[str, Clock]) -> datetime:
    """By when the customer may count on it; news that follow keep the promise of news that runs, and are no later."""
    promise = clocks.get("inform")
    if action.kind != "progress_notice" or action.phase != "follow_up" or promise is None:
        return action.due_at
    return max(action.due_at, promise.due_at) if promise.state in CLOCK.states_with("meet_late") else action.due_at


def _given(remedy: Remedy, *, now: datetime) -> Given:
    voucher, payout = getattr(remedy, "voucher", None), getattr(remedy, "payout", None)
    is_good = voucher is not None and voucher.state == VOUCHER.initial and voucher.expires_at > now
    standing: str | Promise = ""
    if voucher is not None and not is_good:
        standing = VOUCHER_SAID.get(voucher.state, VOUCHER_SAID["expired"])
    elif voucher is None and payout is not None:
        standing = PAYOUT_SAID[payout.state]
    return Given(
        what=given_as(remedy.kind, Money(remedy.amount, remedy.currency), language()),
        at=remedy.granted_at,
        why=remedy.action.why,
        code=code_for(voucher.pk) if voucher is not None and is_good else "",
        good_until=voucher.expires_at if voucher is not None and is_good else None,
        standing=standing,
    )


def _letters(customer: Customer, *threads: str, link: str = "") -> list[Letter]:
    """The conversation, the latest first; a letter that has not gone out is none."""
    rows = Message.objects.filter(thread__in=threads, customer=customer, state__in=("sent", RECEIVED))
    return [
        Letter(
            ours=row.direction == Message.Direction.OUT,
            subject=row.subject,
            body=row.body.replace(link or customer_link(row.thread), THIS_PAGE[language_of(row.locale)]),
            lang=row.locale,
            at=row.created_at,
            way=WAY.get(row.channel, "") if row.direction == Message.Direction.OUT else "",
        )
        for row in rows.order_by("-created_at", "-id")
    ]


def _answer_by(case: Case, clocks: dict[str, Clock], ladder: Ladder | None, *, now: datetime) -> datetime:
    """By when somebody answers: the running promise, or the one that an objection made now would bring."""
    pack = blueprint_of(case.blueprint_id)
    if case.state == "objected":
        return clocks["ladder" if "ladder" in clocks else "resolve"].due_at
    if ladder is not None:
        return due_time(_next_rung(ladder).step, now, pack.calendars)
    playbook = next(playbook for playbook in pack.playbooks if playbook.id == case.plan.playbook)
    return due_time(playbook.clocks.resolve, now, pack.calendars)


def _answers_now(case: Case, ladder: Ladder | None) -> Localised | None:
    if ladder is None:
        return None
    rung = ladder.rungs[ladder.number - 1] if case.state == "objected" else _next_rung(ladder)
    return rung.step.title


def _next_rung(ladder: Ladder) -> Rung:
    """The step that an objection leads to; from the last none leads on."""
    return ladder.rungs[min(ladder.number, len(ladder.rungs) - 1)]
