"""The audit trail: whatever is done, replaying it gives the rows as they are; tampering shows (Law 9)."""

import json
from datetime import timedelta
from decimal import Decimal

import pytest
import stories
from django.db import IntegrityError, InternalError, connection, transaction
from django.db.utils import DatabaseError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from amends.kernel.lifecycle import IllegalMove
from amends.recover.core.refusals import Declined, Unfit
from amends.recover.core.trail import Entry, fold
from amends.recover.models import Action, Approval, Case, RechargeClaim, Remedy, TrailEntry
from amends.recover.selectors import unexplained, verify_trail
from amends.recover.services import (
    accept_replan,
    add_action,
    alter_action,
    carry_out,
    close_case,
    do_action,
    grant_approval,
    hear_customer,
    move_recharge,
    object_to_case,
    open_cases,
    promise_update,
    reassess,
    record_outcome,
    refuse_approval,
    reopen_case,
    resume_case,
    skip_action,
    sweep_clocks,
    take_case,
    wait_for_customer,
)

NOW = stories.NOW
ACTS = (
    "carry",
    "take",
    "do",
    "grant",
    "refuse",
    "skip",
    "object",
    "accept",
    "reject",
    "close",
    "reopen",
    "sweep",
    "more",
    "reassess",
    "replan",
    "add",
    "alter",
    "recharge",
    "promise",
    "wait",
    "resume",
    "say",
)


@settings(max_examples=15, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 99)), max_size=14))
def test_whatever_is_done_the_trail_adds_up(company, acts):
    with transaction.atomic():
        incidents = stories.broken_flights(company, seats=2, distance_km=5_000, minutes_late=400)
        open_cases(incidents, now=NOW)
        people = [stories.staff("supervisor"), stories.staff("manager")]
        for place, (act, pick) in enumerate(acts):
            try:
                with transaction.atomic():
                    _act(act, pick, people, incidents, NOW + timedelta(hours=place))
            except (IllegalMove, PermissionError, Declined, Unfit):
                continue  # not now: nothing may have changed then
        cases = list(Case.objects.values_list("pk", flat=True))
        assert verify_trail(cases) == []
        assert unexplained(cases) == []
        transaction.set_rollback(True)


def _act(act, pick, people, incidents, now):
    person = people[pick % 2]
    case = _one(Case.objects.all(), pick)
    action = _one(Action.objects.all(), pick)
    approval = _one(Approval.objects.all(), pick)
    claim = _one(RechargeClaim.objects.all(), pick)
    answer = {"satisfaction_before": 2, "satisfaction_after": 4, "stays": None, "told_others": None, "source": "staff"}
    if (approval is None and act in {"grant", "refuse"}) or (claim is None and act == "recharge"):
        return
    because = {"acting_user": person, "now": now, "reason": "because"}
    judged = {"severity": 1 + pick % 3, "responsible": ("supplier", "process")[pick % 2], "supplier": "caterer"}
    {
        "carry": lambda: carry_out(1, 2**60, now=now, as_of_ready=False),
        "take": lambda: take_case(case.pk, acting_user=person, now=now),
        "do": lambda: do_action(action.pk, acting_user=person, now=now, note="by hand"),
        "grant": lambda: grant_approval(approval.pk, acting_user=person, now=now),
        "refuse": lambda: refuse_approval(approval.pk, acting_user=person, now=now, note="no"),
        "skip": lambda: skip_action(action.pk, acting_user=person, now=now, note="no need"),
        "object": lambda: object_to_case(case.pk, words="no", acting_user=person, now=now),
        "accept": lambda: record_outcome(case.pk, accepted=True, acting_user=person, now=now, **answer),
        "reject": lambda: record_outcome(case.pk, accepted=False, acting_user=person, now=now, **answer),
        "close": lambda: close_case(case.pk, acting_user=person, now=now),
        "reopen": lambda: reopen_case(case.pk, acting_user=person, now=now),
        "sweep": lambda: sweep_clocks(now=now + timedelta(days=pick)),
        "more": lambda: open_cases(incidents, now=now),
        "reassess": lambda: reassess(case.pk, changes=judged, **because),
        "replan": lambda: accept_replan(case.pk, **because),
        "add": lambda: add_action(
            case.pk, repair=("listen", "gift")[pick % 2], amount=(None, Decimal(9))[pick % 2], **because
        ),
        "alter": lambda: alter_action(action.pk, due_at=now + timedelta(days=1 + pick), **because),
        "recharge": lambda: move_recharge(
            claim.pk,
            ("send", "recall", "withdraw", "refuse")[pick % 4],
            acting_user=people[1],
            now=now,
        ),
        "promise": lambda: promise_update(case.pk, by=now + timedelta(hours=1 + pick), acting_user=person, now=now),
        "wait": lambda: wait_for_customer(case.pk, needed="the receipt", acting_user=person, now=now),
        "resume": lambda: resume_case(case.pk, acting_user=person, now=now),
        "say": lambda: hear_customer(case.pk, words=f"words {pick}", acting_user=case.customer, now=now),
    }[act]()


def _one(rows, pick):
    found = list(rows.order_by("pk"))
    return found[pick % len(found)] if found else None


@pytest.fixture
def case(company) -> Case:
    open_cases(stories.broken_flights(company, seats=1, minutes_late=100, severity=2), now=NOW)
    carry_out(1, 2**60, now=NOW, as_of_ready=False)
    return Case.objects.get()


def test_the_trail_says_who_did_what(case):
    person = stories.staff("front_line")
    take_case(case.pk, acting_user=person, now=NOW)
    last = TrailEntry.objects.filter(case=case, rows="recover_case").latest("number")
    assert (last.actor, last.act, last.rows) == (f"staff:{person.pk}", "take_case", "recover_case")
    assert json.loads(last.changes) == [{"id": case.pk, "owner_id": person.pk}]
    assert set(TrailEntry.objects.exclude(act=last.act).values_list("actor", "act")) == {
        ("automatic", "open_cases"),
        ("automatic", "carry_out"),
    }


def test_a_change_past_the_services_is_on_record_too(case):
    with connection.cursor() as cursor:
        cursor.execute("update recover_clock set due_at = due_at + interval '9 days' where case_id = %s", [case.pk])
    last = TrailEntry.objects.filter(case=case).latest("number")
    assert last.actor.startswith("database:")
    assert verify_trail([case.pk]) == unexplained([case.pk]) == []


@pytest.mark.parametrize("model", [TrailEntry, Remedy])
@pytest.mark.parametrize("act", ["update", "delete"])
def test_trail_and_ledger_can_be_neither_changed_nor_deleted(case, model, act):
    rows = model.objects.filter(case=case)
    with pytest.raises((InternalError, IntegrityError, DatabaseError), match="append-only"), transaction.atomic():
        rows.update(case_id=case.pk) if act == "update" else rows._raw_delete("default")
    assert rows.exists()


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("update recover_trailentry set changes = '[]' where case_id = %s and number = 3", "digest"),
        ("update recover_trailentry set actor = 'staff:1' where case_id = %s and number = 2", "digest"),
        ("delete from recover_trailentry where case_id = %s and number = 3", "number"),
        ("update recover_trailentry set previous = digest where case_id = %s and number = 3", "link"),
    ],
)
def test_tampering_with_the_trail_is_found(case, statement, what):
    assert verify_trail([case.pk]) == []
    with connection.cursor() as cursor:  # as whoever owns the database could
        cursor.execute("alter table recover_trailentry disable trigger recover_trailentry_append_only")
        cursor.execute(statement, [case.pk])
        cursor.execute("alter table recover_trailentry enable trigger recover_trailentry_append_only")
    assert what in {broken.what for broken in verify_trail([case.pk])}


@pytest.mark.parametrize(
    "statement",
    [
        "update recover_action set amount = amount * 2 where case_id = %s and amount > 0",
        "delete from recover_clock where case_id = %s and kind = 'inform'",
    ],
)
def test_rows_changed_past_the_triggers_no_longer_add_up(case, statement):
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        for table in ("recover_action", "recover_clock"):
            cursor.execute(f"alter table {table} disable trigger user")
        cursor.execute(statement, [case.pk])
        for table in ("recover_action", "recover_clock"):
            cursor.execute(f"alter table {table} enable trigger user")
    assert verify_trail([case.pk]) == []
    assert len(unexplained([case.pk])) == 1


def test_a_trail_with_a_gap_is_not_folded():
    with pytest.raises(ValueError, match="missing"):
        fold([Entry(number=2, table="recover_case", changes=())])
