"""Reads of recovery. Whoever fetches something for a person comes through here, where the right to it is checked."""

from amends.recover.selectors.cases import (
    access_action,
    access_approval,
    access_case,
    approvals_for,
    cases_for,
    count_cases,
    ledger_for,
)
from amends.recover.selectors.clocks import (
    clock_marks,
    clocks_of,
    escalations_of,
    holds_of,
    ladder_of,
    time_held,
)
from amends.recover.selectors.closer_look import Looked, advice_on, closer_look_for, looks_at
from amends.recover.selectors.contents import contents_of
from amends.recover.selectors.covering import Covering, covering
from amends.recover.selectors.deciders import told_by
from amends.recover.selectors.desk import duplicates_of, merged_into, survivor_of, threads_of, ties_of
from amends.recover.selectors.explaining import BadSum, Explained, explain_authority
from amends.recover.selectors.gestures import gestures_for
from amends.recover.selectors.guidance import Guided, guidance_for, guidance_of, scripts_of
from amends.recover.selectors.history import History, history_for
from amends.recover.selectors.judging import edits_of, judged, words_for
from amends.recover.selectors.limits import (
    access_budget,
    access_split,
    asked_by,
    assigned_to,
    budgets_for,
    just_given_to,
    passed_up_from,
    splits_for,
)
from amends.recover.selectors.look_up import Caller, look_up
from amends.recover.selectors.made_good import MadeGood, made_good
from amends.recover.selectors.notices import access_notice, notices_for
from amends.recover.selectors.recharges import access_recharge, recharges_for
from amends.recover.selectors.replies import (
    access_macro,
    access_reply,
    macros_for,
    may_change,
    may_share,
    replies_for,
    reply_facts,
    written,
)
from amends.recover.selectors.timeline import TimelineEntry, case_timeline
from amends.recover.selectors.trail import Broken, unexplained, verify_trail
from amends.recover.selectors.watching import may_lift_watch
from amends.recover.selectors.work import (
    access_attachment,
    attachments_of,
    attachments_shared_with,
    checklist_items,
    checklist_of,
    drafts_for,
    minutes_of,
    notes_of,
    people_to_name,
    time_of,
    timer_of,
)

__all__ = [
    "BadSum",
    "Broken",
    "Caller",
    "Covering",
    "Explained",
    "Guided",
    "History",
    "Looked",
    "MadeGood",
    "TimelineEntry",
    "access_action",
    "access_approval",
    "access_attachment",
    "access_budget",
    "access_case",
    "access_macro",
    "access_notice",
    "access_recharge",
    "access_reply",
    "access_split",
    "advice_on",
    "approvals_for",
    "asked_by",
    "assigned_to",
    "attachments_of",
    "attachments_shared_with",
    "budgets_for",
    "case_timeline",
    "cases_for",
    "checklist_items",
    "checklist_of",
    "clock_marks",
    "clocks_of",
    "closer_look_for",
    "contents_of",
    "count_cases",
    "covering",
    "drafts_for",
    "duplicates_of",
    "edits_of",
    "escalations_of",
    "explain_authority",
    "gestures_for",
    "guidance_for",
    "guidance_of",
    "history_for",
    "holds_of",
    "judged",
    "just_given_to",
    "ladder_of",
    "ledger_for",
    "look_up",
    "looks_at",
    "macros_for",
    "made_good",
    "may_change",
    "may_lift_watch",
    "may_share",
    "merged_into",
    "minutes_of",
    "notes_of",
    "notices_for",
    "passed_up_from",
    "people_to_name",
    "recharges_for",
    "replies_for",
    "reply_facts",
    "scripts_of",
    "splits_for",
    "survivor_of",
    "threads_of",
    "ties_of",
    "time_held",
    "time_of",
    "timer_of",
    "told_by",
    "unexplained",
    "verify_trail",
    "words_for",
    "written",
]
