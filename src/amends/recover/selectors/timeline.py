"""What happened in a case, in order and in words: for the case page, in both languages."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Final, Literal

from amends.channels.models import Message
from amends.kernel.money import Money
from amends.kernel.text import Localised
from amends.people.core.authority import ROLE_WORDS
from amends.policy.selectors import blueprint_of
from amends.recover.core.words import REMEDY_WORDS
from amends.recover.models import Case, Outcome

Tone = Literal["quiet", "failed", "waiting", "good"]

CLOCK_WORDS: Final = {
    "acknowledge": Localised(en="acknowledge the failure", zh="确认失误"),
    "inform": Localised(en="tell the customer how things stand", zh="告知进展"),
    "resolve": Localised(en="put it right", zh="完成补救"),
    "follow_up": Localised(en="follow up", zh="回访"),
}
ACTION_WORDS: Final = {
    "apology": Localised(en="apology", zh="致歉"),
    "explanation": Localised(en="explanation", zh="说明原因"),
    "reinstatement": Localised(en="reinstatement", zh="恢复服务"),
    "substitute": Localised(en="substitute", zh="替代安排"),
    "compensation": Localised(en="compensation", zh="补偿"),
    "progress_notice": Localised(en="progress notice", zh="进展通知"),
    "call": Localised(en="call", zh="致电"),
    "follow_up": Localised(en="follow-up", zh="回访"),
    "employee_support": Localised(en="support for the employee", zh="员工支持"),
    "record": Localised(en="written record", zh="书面记录"),
}


class Rank(IntEnum):
    """What comes first where the time is the same: causes stand before what follows from them."""

    FOUND = 1
    HEARD = 2
    PLANNED = 3
    ASKED = 4
    DECIDED = 5
    OVERDUE = 6
    ACTED = 7
    GIVEN = 8
    WRITTEN = 9
    OUTCOME = 10
    CLOSED = 11


@dataclass(frozen=True, kw_only=True)
class TimelineEntry:
    """One thing that happened."""

    at: datetime
    rank: Rank
    text: Localised
    tone: Tone = "quiet"


def case_timeline(case: Case) -> list[TimelineEntry]:
    """All that happened in the case, earliest first; of one moment, the cause before the effect."""
    entries = [*_course(case), *_actions(case), *_approvals(case), *_clocks(case), *_remedies(case), *_words(case)]
    return sorted(entries, key=lambda entry: (entry.at, entry.rank))


def _course(case: Case) -> Iterator[TimelineEntry]:
    happened = case.what_happened
    yield TimelineEntry(
        at=case.opened_at,
        rank=Rank.FOUND,
        text=Localised(en=f"Found: {happened.en}", zh=f"发现失误：{happened.zh}"),
        tone="failed",
    )
    plan = case.plan
    names = {playbook.id: playbook.name for playbook in blueprint_of(plan.blueprint_id).playbooks}
    name = names[plan.playbook]
    yield TimelineEntry(
        at=plan.created_at,
        rank=Rank.PLANNED,
        text=Localised(en=f"Planned: {name.en}", zh=f"制定方案：{name.zh}"),
    )
    outcome = Outcome.objects.filter(case=case).first()
    if outcome is not None:
        yield _outcome(outcome)
    if case.closed_at is not None:
        yield TimelineEntry(at=case.closed_at, rank=Rank.CLOSED, text=Localised(en="Closed", zh="结案"))


def _outcome(outcome: Outcome) -> TimelineEntry:
    said = {
        True: Localised(en="The customer accepts the recovery", zh="顾客接受了补救"),
        False: Localised(en="The customer does not accept the recovery", zh="顾客不接受补救"),
        None: Localised(en="The outcome was recorded", zh="记录了补救结果"),
    }[outcome.accepted]
    simulated = outcome.source == Outcome.Source.SIMULATED
    text = Localised(en=f"{said.en} (simulated)", zh=f"{said.zh}（模拟）") if simulated else said
    tone: Tone = "good" if outcome.accepted else "failed" if outcome.accepted is False else "quiet"
    return TimelineEntry(at=outcome.recorded_at, rank=Rank.OUTCOME, text=text, tone=tone)


def _actions(case: Case) -> Iterator[TimelineEntry]:
    for action in case.actions.select_related("done_by").filter(done_at__isnull=False):
        assert action.done_at is not None  # noqa: S101 -- the filter says so
        what = ACTION_WORDS.get(action.kind, Localised(en=action.kind, zh=action.kind))
        how = {
            "done": Localised(en="Done", zh="已完成"),
            "skipped": Localised(en="Skipped", zh="已略过"),
            "refused": Localised(en="Refused", zh="未获批准"),
        }[action.state]
        by = f" ({action.done_by.name})" if action.done_by else ""
        by_zh = f"（{action.done_by.name}）" if action.done_by else ""
        note = f" {action.note}" if action.note else ""
        yield TimelineEntry(
            at=action.done_at,
            rank=Rank.ACTED,
            text=Localised(en=f"{how.en}: {what.en}{by}{note}", zh=f"{how.zh}：{what.zh}{by_zh}{note}"),
            tone="good" if action.state == "done" else "quiet",
        )


def _approvals(case: Case) -> Iterator[TimelineEntry]:
    for approval in case.approvals.select_related("why", "decided_by"):
        yield TimelineEntry(
            at=approval.asked_at,
            rank=Rank.ASKED,
            text=Localised(en=f"Leave asked for: {approval.why.en}", zh=f"申请审批：{approval.why.zh}"),
            tone="waiting",
        )
        if approval.decided_at is not None:
            how = {
                "granted": Localised(en="Leave granted", zh="审批通过"),
                "refused": Localised(en="Leave refused", zh="审批驳回"),
                "withdrawn": Localised(en="Leave no longer needed", zh="审批已撤回"),
            }[approval.state]
            by = approval.decided_by.name if approval.decided_by else ""
            note = f": {approval.note}" if approval.note else ""
            note_zh = f"：{approval.note}" if approval.note else ""
            yield TimelineEntry(
                at=approval.decided_at,
                rank=Rank.DECIDED,
                text=Localised(en=f"{how.en} ({by}){note}", zh=f"{how.zh}（{by}）{note_zh}"),
                tone="good" if approval.state == "granted" else "quiet",
            )


def _clocks(case: Case) -> Iterator[TimelineEntry]:
    for clock in case.clocks.filter(escalated_at__isnull=False):
        what, whom = CLOCK_WORDS[clock.kind], ROLE_WORDS[clock.escalate_to]
        yield TimelineEntry(
            at=clock.due_at,
            rank=Rank.OVERDUE,
            text=Localised(
                en=f"Out of time to {what.en}; this goes to {whom.en}", zh=f"未能按时{what.zh}，已上报{whom.zh}"
            ),
            tone="failed",
        )


def _remedies(case: Case) -> Iterator[TimelineEntry]:
    for remedy in case.remedies.all():
        money = Money(remedy.amount, remedy.currency)
        what = REMEDY_WORDS[remedy.kind]
        yield TimelineEntry(
            at=remedy.granted_at,
            rank=Rank.GIVEN,
            text=Localised(en=f"Given: {money.in_('en')}, {what.en}", zh=f"已给予：{money.in_('zh')}（{what.zh}）"),
            tone="good",
        )


def _words(case: Case) -> Iterator[TimelineEntry]:
    for message in Message.objects.filter(thread=f"case:{case.pk}"):
        if message.direction == Message.Direction.IN:
            yield TimelineEntry(
                at=message.created_at,
                rank=Rank.HEARD,
                text=Localised(en=f"The customer says: {message.body}", zh=f"顾客说：{message.body}"),
                tone="waiting",
            )
        else:
            yield TimelineEntry(
                at=message.created_at,
                rank=Rank.WRITTEN,
                text=Localised(en=f"Written to the customer: {message.subject}", zh=f"致函顾客：{message.subject}"),
            )
