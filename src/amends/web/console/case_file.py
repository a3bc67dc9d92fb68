"""Everything that the page of one case shows, in a fixed number of queries, and what this person can do now."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.db.models import QuerySet

from amends.channels.models import Message
from amends.kernel.money import Money
from amends.monitor.models import Affected, Failure
from amends.people.core.rights import may
from amends.people.models import Staff
from amends.people.selectors import NotAllowed
from amends.policy.models import Deployment
from amends.recover.core.case import CASE
from amends.recover.core.circle import PERSON
from amends.recover.core.payout import PAYOUT
from amends.recover.core.support import KINDS
from amends.recover.core.voucher import VOUCHER
from amends.recover.models import Action, Case, CaseFailure, Outcome, Remedy
from amends.recover.selectors import cases_for, contents_of, ties_of
from amends.recover.selectors.circle import circle_of_case
from amends.recover.selectors.desk import Desk, desk_of
from amends.recover.selectors.gestures import Ready
from amends.recover.selectors.guidance import letters_of
from amends.recover.services.holding import check_performer
from amends.web.console import case_work, claims, desk, guidance, plan_file
from amends.web.console.clock_times import clocks_beside, clocks_whole
from amends.web.console.leave import InWriting, Leave, free_hand, gestures_now, in_writing, with_leave
from amends.web.console.times import language
from amends.web.console.trail import last_entries

EARLIER_SHOWN = 6


@dataclass(frozen=True, kw_only=True)
class Now:
    """What this person can do now: the next action, the approvals that wait for them, and the moves of the case."""

    next_action: Action | None
    leave: list[Leave]  # approvals still waiting
    moves: frozenset[str]
    can_take: bool
    works: bool
    free_hand: Money | None
    gestures: list[Ready]  # what may be given right now, whatever is spent
    in_writing: InWriting


def what_now(staff: Staff, case: Case, contents: Collection[str], actions: list[Action], *, now: datetime) -> Now:
    """Only what the tables and the person's rights allow; services check it all again."""
    works = may(staff.role, "work_cases")
    waiting = [
        action.approval for action in actions if action.state == "waiting_approval" and hasattr(action, "approval")
    ]
    for approval in waiting:
        approval.case = case  # at hand: its form asks for the version
    ready = (action for action in actions if action.state == "ready" and _is_for(staff, action))
    return Now(
        next_action=next(ready, None) if works else None,
        leave=with_leave(staff, waiting),
        moves=frozenset(CASE.moves_from(case.state)) if works else frozenset(),
        can_take=works and case.is_open and case.owner_id != staff.pk,
        works=works,
        free_hand=free_hand(staff, case) if works and not case.confidential else None,
        gestures=[] if case.confidential else gestures_now(staff, case, now=now),
        in_writing=in_writing(case, actions, contents),
    )


def _is_for(staff: Staff, action: Action) -> bool:
    """Whether a person does this, and this one may."""
    if action.performer == "automatic":
        return False
    try:
        check_performer(staff, action.performer)
    except NotAllowed:
        return False
    return True


def actions_of(case: Case, contents: Collection[str]) -> list[Action]:
    """The plan's actions in the order in which they are due, with their reasons and approvals."""
    rows = case.actions.select_related("why", "done_by", "approval")
    if "approvals" in contents:
        of_approval = ("why", "asked_by", "decided_by", "assigned_to", "assigned_why", "covered_by")
        rows = rows.select_related(*(f"approval__{name}" for name in of_approval))
        rows = rows.prefetch_related("approval__splits__why", "approval__splits__granter", "approval__steps__why")
    actions = list(rows.order_by("due_at", "id"))
    for action in actions:
        if hasattr(action, "approval"):
            action.approval.case = case
    return actions


def beside(staff: Staff, case: Case, *, place: Deployment, now: datetime) -> dict[str, Any]:
    """The short form that opens beside a list."""
    contents = contents_of(staff, case)
    short = _short(staff, case, contents, place=place, now=now)
    if "open_actions" in short:  # it can be split
        failures = Failure.every.filter(pk__in=_failures_of(case)).order_by("found_at", "id")
        short["failures"] = [(failure, None) for failure in failures]
    ties = ties_of(staff, case) if "links" in contents else []
    return short | {"ties": ties, "goes_on_in": desk.gone_on(case)}


def _short(
    staff: Staff,
    case: Case,
    contents: Collection[str],
    *,
    place: Deployment,
    now: datetime,
    letters: list[Message] | None = None,
) -> dict[str, Any]:
    """What is shown beside a list and on the page alike; `letters`: what was said, where it is at hand."""
    actions = actions_of(case, contents)
    works = may(staff.role, "work_cases")
    clocks = clocks_beside(case, contents, works=works, now=now)
    talk: dict[str, Any] = {}
    if works and case.is_open:
        said = letters_of(case, contents) if letters is None else letters
        talk = guidance.for_panel(case, actions, clocks["clocks"], said, place=place, now=now)
    return {
        "case": case,
        "actions": actions,
        "now_panel": what_now(staff, case, contents, actions, now=now),
        "now": now,
        "support_form": uuid4().hex,
        "support_kinds": [(code, words.in_(language())) for code, words in KINDS.items()],
        **case_work.for_panel(staff, case, contents),
        **desk.for_panel(staff, case, actions),
        **clocks,
        **talk,
    }


def _failures_of(case: Case) -> QuerySet[CaseFailure]:
    """What the case makes good; of a merged one, what it was about."""
    rows = case.case_failures.values("failure_id")
    return rows if case.state == "merged" else rows.filter(moved_to=None)


def whole(staff: Staff, case: Case, *, place: Deployment, now: datetime) -> dict[str, Any]:
    """The whole page."""
    failures = list(
        Failure.every.filter(pk__in=_failures_of(case))
        .select_related("severity_why", "attribution_why", "unit")
        .prefetch_related("findings")
        .order_by("found_at", "id")
    )
    hits = Affected.objects.filter(customer_id=case.customer_id, failure__in=failures).select_related("severity_why")
    hurt = {row.failure_id: row for row in hits.order_by("failure__stage_at", "failure_id")}
    gravest = max(hurt.values(), key=lambda row: row.severity, default=None)  # the first of them where equally grave
    if gravest is not None:
        gravest.failure = next(failure for failure in failures if failure.pk == gravest.failure_id)
    earlier = cases_for(staff, customer=case.customer, sort="opened", limit=EARLIER_SHOWN + 1).rows
    contents = contents_of(staff, case)
    at_desk = desk_of(case, contents)
    letters = list(Message.objects.filter(thread__in=at_desk.threads).order_by("created_at", "id"))
    short = _short(staff, case, contents, place=place, now=now, letters=letters)
    return (
        short
        | clocks_whole(case, contents, short["clocks"])
        | plan_file.of_plan(staff, case, contents, short["actions"], gravest)
        | case_work.for_page(staff, case, contents)
        | claims.on_page(staff, case, now=now)
        | {
            "desk": at_desk,
            "failures": [(failure, hurt.get(failure.pk)) for failure in failures],
            "contact_points": list(case.customer.contact_points.order_by("rank")),
            "remedies": _given(at_desk, staff) if contents & {"remedies", "links"} else [],
            "messages_sent": letters,
            "own_words": next((letter for letter in reversed(letters) if letter.state == "received"), None),
            "outcome": _outcome_of(case) if "outcome" in contents else None,
            "circle": _circle_names(case),
            "trail": last_entries(case),
            "earlier": [other for other in earlier if other.pk != case.pk][:EARLIER_SHOWN],
        }
    )


def _circle_names(case: Case) -> str:
    """Of a confidential case, who answers it."""
    names = [one.staff.name for one in circle_of_case(case) if one.role != PERSON] if case.confidential else []
    return ("、" if language() == "zh" else ", ").join(names)


@dataclass(frozen=True, kw_only=True)
class GivenLine:
    """A line of the ledger on the page of its case."""

    remedy: Remedy
    taken_back: bool
    may_reverse: bool  # by this person, now


def _given(at_desk: Desk, staff: Staff) -> list[GivenLine]:
    """What was given in this case and those that went into it, the first first; with what can still be taken back."""
    rows = Remedy.objects.filter(case__in=at_desk.family).order_by("granted_at", "id")
    lines = list(rows.select_related("granted_by", "approval__decided_by", "covered_by", "voucher", "payout"))
    back = {line.reverses_id for line in lines}
    works = may(staff.role, "work_money")
    return [
        GivenLine(
            remedy=line,
            taken_back=line.pk in back,
            may_reverse=works and line.amount > 0 and line.pk not in back and _is_on_our_side(line),
        )
        for line in lines
    ]


def _is_on_our_side(line: Remedy) -> bool:
    """Whether it is not with the customer yet."""
    voucher, payout = getattr(line, "voucher", None), getattr(line, "payout", None)
    if voucher is not None:
        return "withdraw" in VOUCHER.moves_from(voucher.state)
    return payout is not None and "cancel" in PAYOUT.moves_from(payout.state)


def _outcome_of(case: Case) -> Outcome | None:
    return Outcome.objects.select_related("recorded_by").filter(case=case).first()
