"""One act on many cases: looked over first, done row by row in the background, each row once whatever happens."""

import pytest
import stories
from django.db import connection
from django.test.utils import CaptureQueriesContext

from amends.channels.models import Message
from amends.kernel.lifecycle import IllegalMove
from amends.people.models import Customer
from amends.people.selectors import NotAllowed, NotFound
from amends.recover.core.refusals import Declined
from amends.recover.jobs import retry_stalled
from amends.recover.models import BulkRow, BulkRun, Case, Clock, Handover
from amends.recover.selectors import unexplained, verify_trail
from amends.recover.services import (
    cancel_bulk,
    carry_out,
    carry_out_bulk,
    letters_of,
    open_cases,
    prepare,
    retire_reply,
    save_reply,
    start_bulk,
    take_case,
)
from tests.workers import worker_process

NOW = stories.NOW


def some_cases(company, seats=6):
    open_cases(stories.broken_flights(company, seats=seats, minutes_late=100, severity=2), now=NOW)
    return list(Case.objects.order_by("pk").values_list("pk", flat=True))


def run_whole(run, person):
    start_bulk(run.pk, acting_user=person, now=NOW)
    while carry_out_bulk(run.pk, now=NOW, limit=2):
        pass
    run.refresh_from_db()
    return dict(run.rows.values_list("case_id", "state"))


def test_a_preview_says_which_rows_are_refused_and_changes_nothing(company):
    ids, person = some_cases(company), stories.staff("front_line")
    take_case(ids[0], acting_user=person, now=NOW)
    run = prepare("take", ids, given={}, acting_user=person, now=NOW)
    rows = {row.case_id: (row.state, row.said_en, row.said_zh) for row in run.rows.all()}
    assert rows[ids[0]] == ("refused", "It is yours already.", "此案件已归您负责。")
    assert {rows[pk] for pk in ids[1:]} == {("waiting", "", "")}
    assert Case.objects.filter(owner=person).count() == 1


def test_a_run_does_what_the_preview_said_and_keeps_each_rows_result(company):
    ids, person = some_cases(company), stories.staff("front_line")
    carry_out(1, 2**60, now=NOW, as_of_ready=False)
    left = Case.objects.filter(state="awaiting_customer").values_list("pk", flat=True)
    Case.objects.filter(pk=ids[0]).update(state="in_progress")
    run = prepare("close", ids, given={}, acting_user=person, now=NOW)
    expected = dict(run.rows.values_list("case_id", "state"))
    found = run_whole(run, person)
    assert run.state == "finished"
    assert found == {pk: "done" if state == "waiting" else "refused" for pk, state in expected.items()}
    assert set(Case.objects.filter(state="closed").values_list("pk", flat=True)) == set(ids) - {ids[0]}
    assert not left.exists()


def test_what_changed_after_the_preview_is_refused_with_its_reason(company):
    ids, person = some_cases(company), stories.staff("front_line")
    run = prepare("take", ids, given={}, acting_user=person, now=NOW)
    take_case(ids[2], acting_user=person, now=NOW)
    assert run_whole(run, person)[ids[2]] == "refused"
    assert run.rows.get(case_id=ids[2]).said_en == "It is yours already."


def test_messages_are_filled_for_each_and_sent_once_though_the_job_comes_twice(company):
    ids, person = some_cases(company), stories.staff("front_line")
    before = Message.objects.count()
    given = {"subject": "About {subject}", "body": "Dear {customer}, case {case}."}
    run = prepare("message", ids, given=given, acting_user=person, now=NOW)
    run_whole(run, person)
    carry_out_bulk(run.pk, now=NOW)
    sent = Message.objects.order_by("pk")[before:]
    assert len(sent) == len(ids)
    case = Case.objects.select_related("customer").get(pk=ids[0])
    letter = Message.objects.get(thread=f"case:{case.pk}", subject=f"About {case.subject}")
    assert letter.body == f"Dear {case.customer.name}, case {case.pk}."


def a_reply(person, **texts):
    words = {
        "subject_en": "About {subject}",
        "subject_zh": "关于{subject}",
        "body_en": "Dear {customer}, by {by_when}.",
        "body_zh": "{customer}，您好：{by_when}前。",
    }
    return save_reply(None, name="News", whose="own", unit="", acting_user=person, now=NOW, **words | texts)


def test_a_canned_reply_reaches_each_customer_in_their_language_as_it_was_looked_over(company):
    ids, person = some_cases(company), stories.staff("front_line")
    Customer.objects.update(locale="en")
    Customer.objects.filter(cases=ids[0]).update(name="王小明", locale="zh-CN")
    Clock.objects.filter(case_id=ids[1]).update(state="met")
    reply = a_reply(person)
    run = prepare("message", ids, given={"reply": reply.pk}, acting_user=person, now=NOW)
    lacking = run.rows.get(case_id=ids[1])
    assert (lacking.state, lacking.said_en) == (
        "refused", "This case has nothing for {by_when} (the time by which we promised news).",
    )  # fmt: skip
    cases = list(Case.objects.select_related("customer", "what_happened", "cause").filter(pk__in=ids))
    with CaptureQueriesContext(connection) as few:
        foreseen = letters_of(run.given, person, cases)
    assert len(few) <= 3
    assert set(foreseen) == set(ids) - {ids[1]}
    assert foreseen[ids[0]].body.startswith("王小明，您好：2026年")
    before = Message.objects.count()
    retire_reply(reply.pk, acting_user=person, now=NOW)
    assert run_whole(run, person)[ids[0]] == "done"
    sent = {message.thread: message for message in Message.objects.order_by("pk")[before:]}
    for pk, letter in foreseen.items():
        assert (sent[f"case:{pk}"].subject, sent[f"case:{pk}"].body) == (letter.subject, letter.body)
    assert len(sent) == len(ids) - 1


def test_a_canned_reply_of_another_and_words_that_nothing_fills_are_declined(company):
    ids, person = some_cases(company), stories.staff("front_line")
    theirs = a_reply(stories.staff("front_line"))
    for given, said in (
        ({"reply": theirs.pk}, "not offered to you"),
        ({"subject": "x", "body": "{password}"}, "no such variable: {password}"),
        ({"subject": "x", "body": "{"}, "brace is not closed"),
    ):
        with pytest.raises(Declined, match=said):
            prepare("message", ids, given=given, acting_user=person, now=NOW)
    assert not BulkRun.objects.exists()


def test_watch_hand_over_and_assign_reach_all_rows(company):
    ids, person, other = some_cases(company), stories.staff("supervisor"), stories.staff("front_line")
    run_whole(prepare("watch", ids, given={"days": 7, "reason": "late"}, acting_user=person, now=NOW), person)
    assert Customer.objects.filter(watch_reason="late").count() == len(ids)
    given = {"note": "storm", "to_staff": other.pk}
    run_whole(prepare("hand_over", ids, given=given, acting_user=person, now=NOW), person)
    assert Case.objects.filter(owner=other).count() == len(ids)
    run_whole(prepare("assign", ids, given={"to_staff": person.pk}, acting_user=person, now=NOW), person)
    assert Case.objects.filter(owner=person).count() == len(ids)
    assert verify_trail(ids) == []
    assert unexplained(ids) == []


def test_a_cancelled_run_stops_and_resumes_where_it_was(company):
    ids, person = some_cases(company), stories.staff("front_line")
    run = prepare("take", ids, given={}, acting_user=person, now=NOW)
    start_bulk(run.pk, acting_user=person, now=NOW)
    assert carry_out_bulk(run.pk, now=NOW, limit=2)
    cancel_bulk(run.pk, acting_user=person, now=NOW)
    assert not carry_out_bulk(run.pk, now=NOW)
    assert run.rows.filter(state="done").count() == 2
    assert set(run_whole(run, person).values()) == {"done"}
    assert Handover.objects.filter(how="taken").count() == len(ids)
    with pytest.raises(IllegalMove):
        start_bulk(run.pk, acting_user=person, now=NOW)


def test_a_run_is_its_owners_and_needs_its_right(company):
    ids, person = some_cases(company), stories.staff("front_line")
    with pytest.raises(NotAllowed):
        prepare("assign", ids, given={"to_staff": person.pk}, acting_user=person, now=NOW)
    run = prepare("take", ids, given={}, acting_user=person, now=NOW)
    with pytest.raises(NotFound):
        start_bulk(run.pk, acting_user=stories.staff("manager"), now=NOW)


@pytest.mark.parametrize(
    ("act", "given"),
    [("dance", {}), ("hand_over", {"note": ""}), ("message", {"subject": "x"}), ("watch", {"days": 0})],
)
def test_what_an_act_lacks_is_told_before_anything_is_prepared(company, act, given):
    ids = some_cases(company)
    with pytest.raises(Declined):
        prepare(act, ids, given=given, acting_user=stories.staff("front_line"), now=NOW)
    assert not BulkRun.objects.exists()


def test_cases_out_of_reach_are_left_out(company):
    ids = some_cases(company)
    elsewhere = type(company.branch).objects.create(code="X", name_en="X", name_zh="X", path="/X/")
    with pytest.raises(Declined):
        prepare("take", ids, given={}, acting_user=stories.staff("front_line", unit=elsewhere), now=NOW)


@pytest.mark.django_db(transaction=True)
def test_a_run_killed_in_the_middle_is_resumed_and_does_no_row_twice(tmp_path, transactional_db):
    company = stories.company()
    ids, person = some_cases(company, seats=60), stories.staff("front_line")
    with connection.cursor() as cursor:
        cursor.execute("delete from procrastinate_jobs")  # the cases' own letters are another matter
    run = prepare("message", ids, given={"subject": "Storm", "body": "Sorry."}, acting_user=person, now=NOW)
    start_bulk(run.pk, acting_user=person, now=NOW)
    worker = worker_process(tmp_path)
    for _ in range(6_000):
        if BulkRow.objects.filter(run=run, state="done").count() > 20:
            break
        worker.join(timeout=0.01)
        if worker.exitcode is not None:
            break
    worker.kill()
    worker.join()
    done = BulkRow.objects.filter(run=run, state="done").count()
    assert 20 < done < len(ids)
    assert Message.objects.filter(subject="Storm").count() == done
    with connection.cursor() as cursor:  # time passes: a dead worker is known by its silence
        cursor.execute("update procrastinate_workers set last_heartbeat = now() - interval '1 hour'")
    retry_stalled()
    last = worker_process(tmp_path, "--until-idle")
    last.join(timeout=120)
    assert last.exitcode == 0
    run.refresh_from_db()
    assert run.state == "finished"
    assert Message.objects.filter(subject="Storm").count() == len(ids)
    assert set(BulkRow.objects.filter(run=run).values_list("state", flat=True)) == {"done"}
