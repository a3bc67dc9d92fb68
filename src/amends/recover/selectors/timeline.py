"""What happened in a case, in order and in words: for the case page, in both languages."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from itertools import groupby
from typing import Final, Literal

from amends.channels.models import Message
from amends.kernel.money import Money
from amends.kernel.text import Localised
from amends.people.core.authority import ROLE_WORDS
from amends.policy.selectors import blueprint_of
from amends.recover.core.circle import CIRCLE
from amends.recover.core.clocks import CLOCK_WORDS
from amends.recover.core.words import REMEDY_WORDS
from amends.recover.models import Case, Edit, Handover, Outcome, Remedy
from amends.recover.selectors.circle import circle_names
from amends.recover.selectors.desk import LINK_WORDS, Desk, desk_of
from amends.recover.selectors.judging import edits_of

Tone = Literal["quiet", "failed", "waiting", "good"]

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


HAND_WORDS: Final = {
    "handed_over": Localised(en="{by} handed this over to {to}", zh="{by}移交给{to}"),
    "assigned": Localised(en="{by} gave this to {to}", zh="{by}指派给{to}"),
    "automatic": Localised(en="Given to {to} by the queues", zh="按队列分配给{to}"),
    "next": Localised(en="{to} took this as the next one", zh="{to}领取了此案件"),
    "taken": Localised(en="{to} took this", zh="{to}接手了此案件"),
}


RECIPIENT_WORDS: Final = {
    **ROLE_WORDS,
    "owner": Localised(en="the owner of the case", zh="案件负责人"),
    "unit_head": Localised(en="the head of the unit", zh="单位负责人"),
}


EDIT_WORDS: Final = {
    "fact": Localised(en="a fact", zh="事实"),
    "kind": Localised(en="the kind", zh="类型"),
    "severity": Localised(en="the severity", zh="严重程度"),
    "responsible": Localised(en="whose fault it was", zh="责任方"),
    "supplier": Localised(en="the supplier", zh="供应商"),
    "controllable": Localised(en="whether it was in our hands", zh="我方是否可控"),
    "stable": Localised(en="whether it is likely to come again", zh="是否可能再次发生"),
    "gap": Localised(en="the quality gap", zh="质量差距"),
    "promised": Localised(en="what was promised", zh="承诺的内容"),
    "expected": Localised(en="what was expected", zh="预期的内容"),
    "perceived": Localised(en="what the customer got", zh="实际得到的内容"),
    "pressing": Localised(en="how pressing it is", zh="紧急程度"),
    "added": Localised(en="one step more", zh="新增一项措施"),
    "amount": Localised(en="the worth of a step", zh="措施金额"),
    "due_at": Localised(en="when a step is due", zh="措施时限"),
    "performer": Localised(en="who does a step", zh="措施执行人"),
    "channel": Localised(en="how a step is done", zh="措施方式"),
    "playbook": Localised(en="the playbook", zh="补救预案"),
    "withheld": Localised(en="a step left out", zh="略过一项措施"),
    "emotion": Localised(en="what the customer feels", zh="顾客的情绪"),
    "stage": Localised(en="how far the talk has come", zh="沟通进行到的阶段"),
    "circle": Localised(en="who sees the case", zh="知情人"),
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
    HANDED = 12


@dataclass(frozen=True, kw_only=True)
class TimelineEntry:
    """One thing that happened."""

    at: datetime
    rank: Rank
    text: Localised
    tone: Tone = "quiet"


def case_timeline(case: Case, desk: Desk | None = None) -> list[TimelineEntry]:
    """All that happened in the case, earliest first; of one moment, the cause before the effect. `desk`, if it is at
    hand."""
    desk = desk or desk_of(case)
    entries = [*_course(case), *_actions(case), *_approvals(case), *_clocks(case), *_edits(case)]
    entries += [*_remedies(desk), *_words(desk), *_hands(desk), *_links(case, desk)]
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
    if case.closed_at is not None and case.state != "merged":  # the link to the other case says so
        yield TimelineEntry(at=case.closed_at, rank=Rank.CLOSED, text=Localised(en="Closed", zh="结案"))


def _outcome(outcome: Outcome) -> TimelineEntry:
    said = {
        True: Localised(en="The customer accepts the recovery", zh="顾客接受了补救"),
        False: Localised(en="The customer does not accept the recovery", zh="顾客不接受补救"),
        None: Localised(en="The outcome was recorded", zh="记录了补救结果"),
    }[outcome.accepted]
    en, zh = {
        Outcome.Source.SIMULATED: (" (simulated)", "（模拟）"),
        Outcome.Source.STAFF: (" (as a colleague recorded it)", "（员工记录）"),
        Outcome.Source.CUSTOMER: ("", ""),
    }[Outcome.Source(outcome.source)]
    text = Localised(en=said.en + en, zh=said.zh + zh)
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
        )


def _approvals(case: Case) -> Iterator[TimelineEntry]:
    for approval in case.approvals.select_related("why", "decided_by"):
        yield TimelineEntry(
            at=approval.asked_at,
            rank=Rank.ASKED,
            text=Localised(en=f"Approval asked for: {approval.why.en}", zh=f"申请审批：{approval.why.zh}"),
            tone="waiting",
        )
        if approval.decided_at is not None:
            how = {
                "granted": Localised(en="Approval granted", zh="审批通过"),
                "refused": Localised(en="Approval refused", zh="审批驳回"),
                "withdrawn": Localised(en="Leave no longer needed", zh="审批已撤回"),
            }[approval.state]
            by = approval.decided_by.name if approval.decided_by else ""
            note = f": {approval.note}" if approval.note else ""
            note_zh = f"：{approval.note}" if approval.note else ""
            yield TimelineEntry(
                at=approval.decided_at,
                rank=Rank.DECIDED,
                text=Localised(en=f"{how.en} ({by}){note}", zh=f"{how.zh}（{by}）{note_zh}"),
            )


def _clocks(case: Case) -> Iterator[TimelineEntry]:
    for row in case.escalations.select_related("clock").order_by("at", "clock_id", "level"):
        what = CLOCK_WORDS[row.clock.kind]
        whom = [RECIPIENT_WORDS[one] for one in row.recipients]
        yield TimelineEntry(
            at=row.at,
            rank=Rank.OVERDUE,
            text=Localised(
                en=f"Out of time to {what.en}; this goes to {', '.join(one.en for one in whom)} (level {row.level})",
                zh=f"未能按时{what.zh}，已上报{'、'.join(one.zh for one in whom)}（第{row.level}级）",
            ),
            tone="failed",
        )
    clocks = list(case.clocks.select_related("promised_by").filter(number__gt=1))
    for clock in (one for one in clocks if one.kind == "inform"):
        by = f" ({clock.promised_by.name})" if clock.promised_by else ""
        by_zh = f"（{clock.promised_by.name}）" if clock.promised_by else ""
        yield TimelineEntry(
            at=clock.started_at,
            rank=Rank.ACTED,
            text=Localised(en=f"The next update was promised{by}", zh=f"承诺了下一次进展通知{by_zh}"),
        )
    for clock in (one for one in clocks if one.kind == "ladder"):
        yield TimelineEntry(
            at=clock.started_at,
            rank=Rank.ASKED,
            text=Localised(
                en=f"Step {clock.number} of the ladder: {ROLE_WORDS[clock.owner].en} answers",
                zh=f"升级到第{clock.number}级：由{ROLE_WORDS[clock.owner].zh}答复",
            ),
            tone="waiting",
        )
    for hold in case.holds.select_related("asked_by"):
        yield TimelineEntry(
            at=hold.asked_at,
            rank=Rank.ASKED,
            text=Localised(
                en=f"Waiting for the customer ({hold.asked_by.name}): {hold.needed}",
                zh=f"等待顾客补充（{hold.asked_by.name}）：{hold.needed}",
            ),
            tone="waiting",
        )
        if hold.ended_at is not None:
            yield TimelineEntry(
                at=hold.ended_at, rank=Rank.ACTED, text=Localised(en="The clocks run again", zh="重新开始计时")
            )


def _edits(case: Case) -> Iterator[TimelineEntry]:
    """What was judged or planned otherwise, what was changed together in one sentence; from what to what is with the
    assessment."""
    edits = edits_of(case)
    yield from _circle(case, [edit for edit in reversed(edits) if edit.aspect == CIRCLE])
    earliest_first = [edit for edit in reversed(edits) if edit.aspect != CIRCLE]
    for (at, by, (why, why_zh)), changed in groupby(earliest_first, lambda edit: (edit.at, edit.by, _said_why(edit))):
        what = [EDIT_WORDS[aspect] for aspect in dict.fromkeys(edit.aspect for edit in changed)]
        yield TimelineEntry(
            at=at,
            rank=Rank.PLANNED,
            text=Localised(
                en=f"Changed{f' ({by.name})' if by else ''}: {', '.join(one.en for one in what)}"
                f"{f' – {why}' if why else ''}",
                zh=f"修改{f'（{by.name}）' if by else ''}：{'、'.join(one.zh for one in what)}"
                f"{f'——{why_zh}' if why_zh else ''}",
            ),
        )


def _circle(case: Case, edits: list[Edit]) -> Iterator[TimelineEntry]:
    """Who came into the circle of a confidential case and who went out of it; its circle alone reads this."""
    names = circle_names(case) if edits else {}
    for edit in edits:
        now_in = [names[one] for one in edit.after if one not in edit.before]
        gone = [names[one] for one in edit.before if one not in edit.after]
        if edit.after:
            en, zh = f"In confidence with {', '.join(now_in)} now", f"现由{'、'.join(now_in)}保密处理"
        else:
            en, zh = "Nobody is left who could answer", "暂时无人可以处理"
        if not now_in and edit.after:
            en, zh = "One fewer sees this case", "参与处理的人减少"
        en += f"; no longer with {', '.join(gone)}" if gone else ""
        zh += f"，{'、'.join(gone)}不再参与" if gone else ""
        why = edit.why
        text = Localised(en=f"{en} – {why.en}", zh=f"{zh}——{why.zh}") if why else Localised(en=en, zh=zh)
        yield TimelineEntry(at=edit.at, rank=Rank.HANDED, text=text)


def _said_why(edit: Edit) -> tuple[str, str]:
    return (edit.why.en, edit.why.zh) if edit.why else (edit.reason, edit.reason)


def _remedies(desk: Desk) -> Iterator[TimelineEntry]:
    for remedy in Remedy.objects.filter(case__in=desk.family):
        money = Money(remedy.amount, remedy.currency)
        what = REMEDY_WORDS[remedy.kind]
        yield TimelineEntry(
            at=remedy.granted_at,
            rank=Rank.GIVEN,
            text=Localised(en=f"Given: {money.in_('en')}, {what.en}", zh=f"已给予：{money.in_('zh')}（{what.zh}）"),
            tone="good",
        )


def _words(desk: Desk) -> Iterator[TimelineEntry]:
    for message in Message.objects.filter(thread__in=desk.threads):
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
                text=Localised(en=f"Written to the customer: {message.subject}", zh=f"发给顾客：{message.subject}"),
            )


def _hands(desk: Desk) -> Iterator[TimelineEntry]:
    """Who handed the case to whom, with the note or the reason."""
    for one in desk.hands:
        said = HAND_WORDS[one.how]
        to = _receiver(one)
        by = one.by.name if one.by else ""
        note = Localised(en=one.note, zh=one.note) if one.note else None
        note = Localised(en=one.why.en, zh=one.why.zh) if one.why else note
        facts = {"by": by, "to": to or ""}
        text = said.filled(facts) if to else Localised(en="Changed hands", zh="案件易手")
        if note:
            text = Localised(en=f"{text.en}: {note.en}", zh=f"{text.zh}：{note.zh}")
        yield TimelineEntry(at=one.at, rank=Rank.HANDED, text=text)
        if one.undone_at is not None:
            yield TimelineEntry(at=one.undone_at, rank=Rank.HANDED, text=Localised(en="Undone", zh="已撤销该操作"))


def _receiver(handover: Handover) -> Localised | None:
    if handover.to_staff is not None:
        return Localised(en=handover.to_staff.name, zh=handover.to_staff.name)
    row = handover.to_team or handover.to_unit
    return Localised(en=row.name_en, zh=row.name_zh) if row is not None else None


def _links(case: Case, desk: Desk) -> Iterator[TimelineEntry]:
    """What people, merges and splits said of this case and another."""
    for link in desk.links:
        forth = link.case_id == case.pk
        words, other = LINK_WORDS[link.kind, forth], link.other_id if forth else link.case_id
        by = f" ({link.by.name})" if link.by else ""
        by_zh = f"（{link.by.name}）" if link.by else ""
        note = f" {link.note}" if link.note else ""
        text = Localised(en=f"{words.en.capitalize()} case {other}{by}{note}", zh=f"{words.zh}案件{other}{by_zh}{note}")
        yield TimelineEntry(at=link.at, rank=Rank.HANDED, text=text)
        if link.ended_at is not None:
            ended = Localised(en=f"No longer: {words.en} case {other}", zh=f"已解除关联：{words.zh}案件{other}")
            yield TimelineEntry(at=link.ended_at, rank=Rank.HANDED, text=ended)
