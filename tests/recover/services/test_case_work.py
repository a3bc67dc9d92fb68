"""Notes, drafts, files, checklist and time: kept with the case, on its trail, and by nobody out of reach."""

from datetime import timedelta

import pytest
from django.db import transaction
from stories import NOW, Company, broken_flights, staff

from amends.people.models import Customer
from amends.people.selectors import NotAllowed, NotFound
from amends.recover import files
from amends.recover.core.attachment import MOST_FILES, NotTaken
from amends.recover.core.checklist import NotTicked
from amends.recover.core.refusals import Declined
from amends.recover.core.undoing import UNDO_FOR
from amends.recover.models import Attachment, Case, Draft, Note, Notice, Tick, Timer, TimeSpent, UndoStep
from amends.recover.selectors import (
    access_attachment,
    attachments_of,
    attachments_shared_with,
    cases_for,
    checklist_of,
    contents_of,
    drafts_for,
    notes_of,
    people_to_name,
    unexplained,
    verify_trail,
)
from amends.recover.services import (
    attach_file,
    close_case,
    discard_draft,
    open_case,
    open_cases,
    record_time,
    remove_file,
    save_draft,
    send_message,
    start_timer,
    stop_timer,
    tick,
    undo,
    write_note,
)

LATER = NOW + timedelta(minutes=10)
PDF = b"%PDF-1.7 a receipt"


@pytest.fixture
def case(company: Company) -> Case:
    open_cases(broken_flights(company, seats=1, kind="unavailable"), now=NOW)
    return Case.objects.select_related("plan", "unit").get()


@pytest.fixture
def agent(company: Company):
    return staff("front_line", name="Ann Lee", unit=company.unit)


@pytest.fixture
def stranger(company: Company):
    from amends.people.models import Unit

    away = Unit.objects.create(code="SFO", name_en="Away", name_zh="别处", parent=company.unit, path="/HQ/SFO/")
    return staff("front_line", name="Bo Far", unit=away)


def sound(case: Case) -> bool:
    return verify_trail([case.pk]) == unexplained([case.pk]) == []


def test_a_note_tells_the_colleagues_it_names_who_may_see_the_case_and_nobody_else(case, company, agent, stranger):
    lead = staff("supervisor", name="王芳", unit=company.unit)
    staff("administrator", name="Al Min", unit=company.unit)
    note = write_note(case.pk, body="@王芳 please look. @Bo Far @Al Min @Ann Lee", acting_user=agent, now=LATER)
    assert note.mentioned == [lead.pk]
    told = Notice.objects.get()
    assert (told.staff, told.what, told.case_id) == (lead, "mention", case.pk)
    assert "Ann Lee" in told.en
    assert sound(case)
    assert [one.name for one in people_to_name(agent, case.pk, begins="王")] == ["王芳"]
    assert people_to_name(agent, case.pk, begins="bo") == []


def test_a_note_is_taken_back_by_its_author_for_a_while_and_its_words_stay_on_the_trail(case, company, agent):
    lead = staff("supervisor", name="王芳", unit=company.unit)
    kept = write_note(case.pk, body="This one stays.", acting_user=lead, now=LATER)
    note = write_note(case.pk, body="@王芳 this is of another case.", acting_user=agent, now=LATER)
    step = UndoStep.objects.get(by=agent)
    for person, at in ((lead, LATER), (agent, LATER + UNDO_FOR + timedelta(seconds=1))):
        with pytest.raises(Declined):
            undo(step.pk, acting_user=person, now=at)
    assert [one.pk for one in notes_of(case)] == [kept.pk, note.pk]
    was = Case.objects.filter(pk=case.pk).values().get(), list(case.clocks.order_by("pk").values())
    undo(step.pk, acting_user=agent, now=LATER + UNDO_FOR)
    assert (Case.objects.filter(pk=case.pk).values().get(), list(case.clocks.order_by("pk").values())) == was
    assert [one.pk for one in notes_of(case)] == [kept.pk]
    assert not Notice.objects.filter(staff=lead).exists()
    written, taken_back = case.trail.filter(rows="recover_note", actor=f"staff:{agent.pk}").order_by("number")
    assert "this is of another case" in written.changes
    assert (taken_back.act, '"body":""' in taken_back.changes) == ("undo", True)
    assert sound(case)
    with pytest.raises(Declined):
        undo(step.pk, acting_user=agent, now=LATER + UNDO_FOR)


def test_a_case_whose_only_note_was_taken_back_has_none(case, agent):
    write_note(case.pk, body="Wrong case.", acting_user=agent, now=LATER)
    assert "notes" in contents_of(agent, case)
    undo(UndoStep.objects.get().pk, acting_user=agent, now=LATER)
    assert "notes" not in contents_of(agent, case)


def test_who_does_not_reach_a_case_can_do_none_of_it(case, stranger):
    acts = [
        lambda: write_note(case.pk, body="x", acting_user=stranger, now=LATER),
        lambda: save_draft(case.pk, form="note", content={"body": "x"}, seen=0, acting_user=stranger, now=LATER),
        lambda: attach_file(case.pk, name="a.pdf", data=PDF, acting_user=stranger, now=LATER),
        lambda: tick(case.pk, item="way-home", ticked=True, acting_user=stranger, now=LATER),
        lambda: record_time(case.pk, minutes=5, acting_user=stranger, now=LATER),
        lambda: start_timer(case.pk, acting_user=stranger, now=LATER),
        lambda: stop_timer(case.pk, acting_user=stranger, now=LATER),
    ]
    for act in acts:
        with pytest.raises(NotFound):
            act()
    for act in acts:
        stranger.role = "administrator"
        stranger.save()
        with pytest.raises(NotAllowed):
            act()
    for model in (Note, Draft, Attachment, Tick, TimeSpent, Timer):
        assert not model.objects.exists()


def test_of_two_devices_the_newest_words_stand_and_the_person_is_told(case, agent):
    typed = {"subject": "Your bag", "body": "It is"}
    first = save_draft(case.pk, form="message", content=typed, seen=0, acting_user=agent, now=NOW)
    assert first.draft
    assert not first.over_another
    more = save_draft(
        case.pk, form="message", content=typed | {"body": "It is here"}, seen=1, acting_user=agent, now=LATER
    )
    assert not more.over_another
    other = save_draft(
        case.pk, form="message", content=typed | {"body": "It is lost"}, seen=1, acting_user=agent, now=LATER
    )
    assert other.over_another
    assert drafts_for(agent, case)["message"].content["body"] == "It is lost"
    emptied = save_draft(case.pk, form="message", content={}, seen=1, acting_user=agent, now=LATER)
    assert emptied.draft  # who empties an old view does not throw away what was typed elsewhere
    assert drafts_for(staff("front_line", unit=case.unit), case) == {}
    discard_draft(case.pk, form="message", acting_user=agent)
    assert drafts_for(agent, case) == {}


def test_a_file_is_kept_by_its_content_once_and_gone_for_everyone_when_taken_away(case, agent, stranger):
    one = attach_file(case.pk, name="../receipt.pdf", data=PDF, acting_user=agent, now=LATER)
    again = attach_file(case.pk, name="copy.pdf", data=PDF, acting_user=agent, now=LATER)
    assert one == again
    assert (one.name, one.kind, one.size) == ("receipt.pdf", "pdf", len(PDF))
    assert files.place_of(one.digest).read_bytes() == PDF
    assert access_attachment(agent, one.pk) == one
    with pytest.raises(NotFound):
        access_attachment(stranger, one.pk)
    remove_file(one.pk, acting_user=agent, now=LATER)
    assert list(attachments_of(case)) == []
    with pytest.raises(NotFound):
        access_attachment(agent, one.pk)
    with pytest.raises(NotFound):
        remove_file(one.pk, acting_user=agent, now=LATER)
    assert sound(case)


def test_a_customer_adds_files_to_their_own_case_only_and_sees_only_theirs(case, agent):
    customer = case.customer
    theirs = attach_file(case.pk, name="photo.png", data=b"\x89PNG\r\n\x1a\n..", acting_user=customer, now=LATER)
    attach_file(case.pk, name="inside.txt", data=b"careful with this one", acting_user=agent, now=LATER)
    assert list(attachments_shared_with(customer, case)) == [theirs]
    other = Customer.objects.create(reference="Z", name="Zoe", created_at=NOW)
    with pytest.raises(NotFound):
        attach_file(case.pk, name="photo.png", data=b"\x89PNG\r\n\x1a\n..", acting_user=other, now=LATER)


def test_what_is_not_taken_leaves_no_row_and_no_bytes(case, agent):
    before = set(files.folder().rglob("*"))
    with pytest.raises(NotTaken):
        attach_file(case.pk, name="x.svg", data=b"<svg/>", acting_user=agent, now=LATER)
    assert set(files.folder().rglob("*")) == before
    assert not Attachment.objects.exists()


def test_a_file_for_which_a_case_has_no_room_leaves_no_bytes_and_one_that_is_there_may_come_again(
    case, agent, settings, tmp_path
):
    settings.ATTACHMENTS_PATH = tmp_path
    first, *_ = [
        attach_file(case.pk, name="a.txt", data=b"page %d" % page, acting_user=agent, now=LATER)
        for page in range(MOST_FILES)
    ]
    full = set(tmp_path.rglob("*"))
    with pytest.raises(NotTaken):
        attach_file(case.pk, name="b.txt", data=b"one page more", acting_user=agent, now=LATER)
    assert set(tmp_path.rglob("*")) == full
    files.place_of(first.digest).unlink()
    assert attach_file(case.pk, name="a.txt", data=b"page 0", acting_user=agent, now=LATER) == first
    assert set(tmp_path.rglob("*")) == full


def test_files_without_a_row_are_swept_and_those_with_one_stay(case, agent, settings, tmp_path):
    settings.ATTACHMENTS_PATH = tmp_path  # in the one that all tests share, files of other databases would be orphans
    kept = attach_file(case.pk, name="a.txt", data=b"stays", acting_user=agent, now=LATER)
    gone = attach_file(case.pk, name="b.txt", data=b"taken away", acting_user=agent, now=LATER)
    remove_file(gone.pk, acting_user=agent, now=LATER)
    with transaction.atomic():
        orphan = files.keep(b"its transaction failed")
    torn = files.place_of(orphan).parent / "new-torn"
    torn.write_bytes(b"half")
    files.sweep_orphans(older_than=0)
    assert torn.exists()  # somebody may be writing it just now
    files.sweep_orphans(older_than=torn.stat().st_mtime + 1)
    assert not torn.exists()
    assert files.place_of(kept.digest).read_bytes() == b"stays"
    assert not files.place_of(gone.digest).exists()
    assert not files.place_of(orphan).exists()
    for wrong in ("../../etc/passwd", "", "A" * 64, f"{kept.digest}/x"):
        with pytest.raises(ValueError, match="no digest"):
            files.place_of(wrong)


def test_ticks_say_who_and_when_and_can_be_taken_back(case, agent):
    items = [item.id for item, _ in checklist_of(case)]
    assert items
    tick(case.pk, item=items[0], ticked=True, acting_user=agent, now=LATER)
    assert checklist_of(case)[0][1].by == agent
    tick(case.pk, item=items[0], ticked=False, acting_user=agent, now=LATER)
    assert checklist_of(case)[0][1] is None
    with pytest.raises(NotFound):
        tick(case.pk, item="no-such", ticked=True, acting_user=agent, now=LATER)
    assert sound(case)


def test_a_case_is_not_closed_by_a_person_without_what_its_checklist_demands(company, agent):
    customer = Customer.objects.create(reference="Q", name="Quin", created_at=NOW)
    case = open_case(customer, "wrong_booking", "UA9", company.unit, {}, "", acting_user=agent, now=NOW)
    Case.objects.filter(pk=case.pk).update(state="made_good")
    with pytest.raises(NotTicked, match="right now"):
        close_case(case.pk, acting_user=agent, now=LATER)
    assert Case.objects.get(pk=case.pk).is_open
    tick(case.pk, item="checked-by-second", ticked=True, acting_user=agent, now=LATER)
    close_case(case.pk, acting_user=agent, now=LATER)
    assert not Case.objects.get(pk=case.pk).is_open


def test_a_timer_runs_until_it_is_stopped_and_becomes_minutes(case, agent):
    assert stop_timer(case.pk, acting_user=agent, now=NOW) is None
    start_timer(case.pk, acting_user=agent, now=NOW)
    start_timer(case.pk, acting_user=agent, now=LATER)  # pressed again, it runs on
    spent = stop_timer(case.pk, what="call", acting_user=agent, now=LATER + timedelta(seconds=1))
    assert (spent.minutes, spent.what) == (11, "call")
    start_timer(case.pk, acting_user=agent, now=NOW)
    assert stop_timer(case.pk, acting_user=agent, now=NOW + timedelta(days=9)).minutes == 24 * 60
    record_time(case.pk, minutes=5, acting_user=agent, now=LATER)
    for minutes in (0, -1, 24 * 60 + 1):
        with pytest.raises(ValueError, match="minutes"):
            record_time(case.pk, minutes=minutes, acting_user=agent, now=LATER)
    assert sound(case)


def found(agent, words: str) -> int:
    return len(cases_for(agent, search=words).rows)


def test_a_case_is_found_by_what_was_said_about_it_in_both_languages(case, agent):
    write_note(case.pk, body="行李箱在转盘丢失。旅客很着急，已联系UA123的机组", acting_user=agent, now=LATER)
    send_message(case.pk, subject="About your suitcase", body="The zipper's torn", acting_user=agent, now=LATER)
    attach_file(case.pk, name="invoice-77.txt", data=b"words", acting_user=agent, now=LATER)
    for words in ("行李箱", "转盘丢失", "旅客着急"[:2], "失", "suitcase", "suit", "zipper torn", "ua123", "invoice"):
        assert found(agent, words) == 1, words
    for words in ("丢失旅客", "箱行李", "uitcase", "suitcases"):
        assert found(agent, words) == 0, words


def test_what_was_taken_back_finds_a_case_no_more_unless_something_else_there_says_it(case, agent):
    write_note(case.pk, body="The suitcase is green. 皮箱", acting_user=agent, now=LATER)
    write_note(case.pk, body=f"A suitcase and a grandfather clock {case.pk} 绿色皮箱", acting_user=agent, now=LATER)
    gone = attach_file(case.pk, name="grandfather-photo.txt", data=b"words", acting_user=agent, now=LATER)
    undo(UndoStep.objects.order_by("-pk").first().pk, acting_user=agent, now=LATER)
    for said in ("suitcase", "皮箱", "grandfather", str(case.pk), case.customer.name, case.subject):
        assert found(agent, said) == 1, said
    for gone_now in ("clock", "绿色"):
        assert found(agent, gone_now) == 0, gone_now
    remove_file(gone.pk, acting_user=agent, now=LATER)
    assert (found(agent, "grandfather"), found(agent, "suitcase")) == (0, 1)


def test_words_that_no_index_could_hold_do_no_harm(case, agent):
    hostile = "x" * 5_000 + " ' \\ :* & | ! <-> 'a':1A " + " ".join(f"w{n}" for n in range(9_000))
    write_note(case.pk, body=hostile, acting_user=agent, now=LATER)
    write_note(case.pk, body=hostile.replace("w", "v"), acting_user=agent, now=LATER)
    assert Note.objects.count() == 2
    found(agent, "' \\ :* & | ! <->")
