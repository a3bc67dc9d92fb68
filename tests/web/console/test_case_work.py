"""Working on a case in the console: what is typed stays, what is sent goes, and nothing that people wrote is markup."""

from collections.abc import Callable
from html import escape
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from amends.channels.models import Message
from amends.people.core.rights import RIGHTS
from amends.recover.links import token_of
from amends.recover.models import Action, Attachment, CannedReply, Case, Macro, Note, Timer, TimeSpent, UndoStep
from amends.recover.selectors import drafts_for
from amends.recover.services import carry_out
from tests.web.console.world import NOW, World

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)> =cmd|' /C calc'!A0 {{ 7*7 }} {% now %}"


def at(name: str, case: Case, *more: object) -> str:
    return reverse(f"console:{name}", args=[case.pk, *more])


def page(client: Client, case: Case, **query: str) -> str:
    return client.get(at("case", case), query).content.decode()


def told(answer: object) -> list[str]:
    return [str(message) for message in get_messages(answer.wsgi_request)]  # type: ignore[attr-defined]  # the test client adds it


def upload(name: str, data: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


def test_a_note_is_on_the_case_page_and_never_on_the_customers(world: World, as_: Callable[..., Client]) -> None:
    case = world.case_to_call
    client = as_("front_line")
    answer = client.post(at("case_act", case, "note"), {"body": f"Careful: {HOSTILE} @Sam Carter"})
    assert told(answer) == ["The note is with the case."]
    assert Note.objects.get().mentioned == [world.staff["supervisor"].pk]
    for shown in (page(client, case), client.get(reverse("console:cases"), {"q": "careful"}).content.decode()):
        assert "<script>alert" not in shown
    assert escape(HOSTILE) in page(client, case)
    mine = Client().get(f"/mine/{token_of(f'case:{case.pk}')}").content.decode()
    assert "Careful" not in mine
    assert "Sam Carter" not in mine
    assert not Message.objects.filter(body__contains="Careful").exists()


def test_a_note_just_written_can_be_taken_back_from_the_message_that_says_so(
    world: World, as_: Callable[..., Client]
) -> None:
    client, case = as_("front_line"), world.case_to_call
    answer = client.post(at("case_act", case, "note"), {"body": "Meant for another case."})
    step = UndoStep.objects.get()
    url = reverse("console:undo", args=[step.pk])
    after = client.get(answer["Location"]).content.decode()
    assert url in after
    assert "Meant for another case." in after
    assert as_("supervisor").post(url).status_code == 302
    assert "Meant for another case." in page(client, case)
    assert told(client.post(url)) == ["Undone."]
    assert "Meant for another case." not in page(client, case)


def test_what_is_typed_is_there_again_on_another_device_and_gone_when_sent(
    world: World, as_: Callable[..., Client]
) -> None:
    case, typed = world.case_to_call, {"subject": "Your trip", "body": f"Dear Ada, {HOSTILE}"}
    answer = as_("front_line").post(at("draft", case, "message"), typed)
    assert "Draft kept" in answer.content.decode()
    assert 'name="seen" value="1"' in answer.content.decode()
    elsewhere = as_("front_line")
    shown = page(elsewhere, case)
    assert escape(typed["body"]) in shown
    assert "<script>alert" not in shown
    assert "Dear Ada" not in page(as_("supervisor"), case)
    again = elsewhere.post(at("draft", case, "message"), {**typed, "body": "Shorter", "seen": "0"})
    assert "also changed on another device" in again.content.decode()
    elsewhere.post(at("case_act", case, "message"), {**typed, "body": "Shorter"})
    assert drafts_for(world.staff["front_line"], case) == {}
    assert "Shorter" not in page(elsewhere, case).split("Write a message")[1].split("</form>")[0]


def test_what_could_not_be_sent_is_kept(world: World, as_: Callable[..., Client]) -> None:
    case, client = world.case_to_call, as_("front_line")
    as_("supervisor").post(at("case_act", case, "take"))
    given = {"subject": "Late", "body": "Typed for long", "version": case.version}
    assert told(client.post(at("case_act", case, "message"), given))[0].startswith("Somebody else has changed")
    assert "Typed for long" in page(client, case)
    client.post(at("draft_discard", case, "message"))
    assert "Typed for long" not in page(client, case)


def test_unknown_forms_keep_nothing(world: World, as_: Callable[..., Client]) -> None:
    client = as_("front_line")
    assert client.post(at("draft", world.case_to_call, "other"), {"body": "x"}).status_code == 404
    assert client.post(at("draft_discard", world.case_to_call, "other")).status_code == 404


def test_a_file_comes_back_as_it_was_and_is_never_shown_by_the_browser(
    world: World, as_: Callable[..., Client]
) -> None:
    case, client = world.case_to_call, as_("front_line")
    hostile = upload('<img src=x>".txt', b"=HYPERLINK(1)")
    answer = client.post(at("case_files", case), {"files": [upload("a.pdf", b"%PDF-1.7 x"), hostile]})
    assert told(answer) == ["2 files are with the case."]
    assert "<img src=x>" not in page(client, case)
    one = Attachment.objects.get(name="a.pdf")
    got = client.get(reverse("console:attachment", args=[one.pk]))
    assert b"".join(got) == b"%PDF-1.7 x"
    assert got["Content-Disposition"] == 'attachment; filename="a.pdf"'
    assert got["X-Content-Type-Options"] == "nosniff"
    assert got["Content-Security-Policy"].startswith("sandbox;")
    assert as_(world.elsewhere).get(reverse("console:attachment", args=[one.pk])).status_code == 404
    assert as_("administrator").get(reverse("console:attachment", args=[one.pk])).status_code == 403
    assert as_("administrator").post(reverse("console:attachment_remove", args=[one.pk])).status_code == 403
    assert Client().get(reverse("console:attachment", args=[one.pk])).status_code == 302
    client.post(reverse("console:attachment_remove", args=[one.pk]))
    assert client.get(reverse("console:attachment", args=[one.pk])).status_code == 404


def test_files_that_are_not_taken_are_said_in_words(world: World, as_: Callable[..., Client]) -> None:
    case, client = world.case_to_call, as_("front_line")
    answer = client.post(at("case_files", case), {"files": [upload("x.svg", b"<svg/>"), upload("ok.txt", b"fine")]})
    said = told(answer)
    assert "“x.svg” is of a kind that we don't take" in said[0]
    assert said[1] == "1 file is with the case."
    assert told(client.post(at("case_files", case)))[-1] == "Please choose a file first."
    many = client.post(at("case_files", case), {"files": [upload(f"{n}.txt", b"n%d" % n) for n in range(7)]})
    assert "At most 5 files at once, please." in told(many)
    too_much = {"files": [upload("x.txt", b"x" * (41 * 1024 * 1024))]}
    assert client.post(at("case_files", case), too_much).status_code == 400


def test_ticks_and_time_are_pressed_and_said(world: World, as_: Callable[..., Client]) -> None:
    case, client = world.case_to_approve, as_("front_line")
    act = at("case_act", case, "tick")
    client.post(act, {"item": "way-home", "ticked": "on"})
    assert 'aria-checked="true"' in page(client, case)
    assert "1 / 2" in page(client, case)
    client.post(act, {"item": "way-home"})
    assert 'aria-checked="true"' not in page(client, case)
    assert client.post(act, {"item": "no-such", "ticked": "on"}).status_code == 404
    client.post(at("case_act", case, "start-timer"))
    assert Timer.objects.get().staff == world.staff["front_line"]
    assert "Running since" in page(client, case)
    client.post(at("case_act", case, "stop-timer"), {"what": "call"})
    assert told(client.post(at("case_act", case, "time"), {"minutes": "none"}))[-1] == (
        "Please say how many minutes, in figures."
    )
    client.post(at("case_act", case, "time"), {"minutes": 12, "what": HOSTILE})
    assert TimeSpent.objects.count() == 2
    shown = page(client, case)
    assert "13 min" in shown
    assert "<script>alert" not in shown


def test_closing_says_what_the_checklist_lacks(world: World, as_: Callable[..., Client]) -> None:
    case = world.case_to_approve
    Case.objects.filter(pk=case.pk).update(state="made_good")
    said = told(as_("supervisor").post(at("case_act", case, "close")))
    assert said == ["The case is closed.", "It was closed without: We know how the customer travels on or gets home"]


REPLY = {
    "name": "News",
    "whose": "own",
    "subject_en": "News of {subject}",
    "subject_zh": "{subject}的进展",
    "body_en": "Dear {customer}, {staff} looks after it.",
    "body_zh": "{customer}，您好：{staff}正在处理。",
}


def test_a_canned_reply_is_written_inserted_and_previewed_in_the_customers_language(
    world: World, as_: Callable[..., Client]
) -> None:
    client, case = as_("front_line"), world.case_to_call
    case.customer.name, case.customer.locale = "<b>王小明</b>", "zh-CN"
    case.customer.save()
    refused = client.post(reverse("console:reply_new"), REPLY | {"body_zh": "{customer}的{secret}"})
    assert refused.status_code == 400
    assert "There is no such variable: {secret}." in refused.content.decode()
    assert client.post(reverse("console:reply_new"), REPLY).status_code == 302
    reply = CannedReply.objects.get()
    filled = client.get(at("letter", case), {"reply": reply.pk}).content.decode()
    assert "&lt;b&gt;王小明&lt;/b&gt;，您好：Mei Lin正在处理。" in filled
    assert filled == client.get(at("letter", case), {"reply": reply.pk, "body": ""}).content.decode()
    assert "&lt;b&gt;王小明" in page(client, case, reply=str(reply.pk))
    seen = client.post(at("letter_preview", case), {"subject": HOSTILE, "body": HOSTILE}).content.decode()
    assert 'lang="zh"' in seen
    assert escape(HOSTILE) in seen
    assert "<script>alert" not in seen
    assert not Message.objects.filter(subject=HOSTILE[:300]).exists()
    assert client.get(at("letter", case), {"reply": "9999"}).status_code == 200
    assert as_("supervisor").get(reverse("console:reply", args=[reply.pk])).status_code == 404


def test_the_key_of_the_customers_page_is_for_the_customer_alone(world: World, as_: Callable[..., Client]) -> None:
    case, client = world.case_to_call, as_("front_line")
    actions = Action.objects.filter(case=case)
    carry_out(actions.earliest("pk").pk, actions.latest("pk").pk, now=NOW, as_of_ready=True)
    key = token_of(f"case:{case.pk}")
    assert Message.objects.filter(thread=f"case:{case.pk}", body__contains=key).exists()
    client.post(reverse("console:reply_new"), REPLY | {f"body_{one}": "{link}" for one in ("en", "zh")})
    reply = CannedReply.objects.get()
    typed = {"subject": "News", "body": "Look: {link}"}
    customers_page = client.get(reverse("console:customer", args=[case.customer_id])).content.decode()
    pages = {
        "case": page(client, case),
        "customer": customers_page,
        "reply inserted": client.get(at("letter", case), {"reply": reply.pk}).content.decode(),
        "preview": client.post(at("letter_preview", case), typed).content.decode(),
    }
    assert [name for name, shown in pages.items() if key in shown] == []
    assert "/mine/…" in pages["case"]
    assert "/mine/…" in pages["preview"]
    assert told(client.post(at("case_act", case, "message"), typed))[0].startswith("The message is on its way.")
    assert key in Message.objects.latest("pk").body


def test_a_macro_is_put_together_shown_and_run(world: World, as_: Callable[..., Client]) -> None:
    client, case = as_("front_line"), world.case_to_call
    client.post(reverse("console:reply_new"), REPLY)
    reply = CannedReply.objects.get()
    steps = {"act-0": "take", "act-1": "message", "reply-1": reply.pk, "act-2": "promise", "hours-2": "5"}
    steps |= {"act-3": "close"}
    lacking = client.post(reverse("console:macro_new"), {"name": "x", "whose": "own", "act-0": "note"})
    assert "does not say which or what" in lacking.content.decode()
    note = {"act-4": "note", "text-4": "Told {nobody}."}
    unknown = client.post(reverse("console:macro_new"), {"name": "x", "whose": "own", **steps, **note})
    assert unknown.status_code == 400
    assert "There is no such variable: {nobody}." in unknown.content.decode()
    assert client.post(reverse("console:macro_new"), {"name": "Take it", "whose": "own", **steps}).status_code == 302
    macro = Macro.objects.get()
    assert [step["act"] for step in macro.steps] == ["take", "message", "promise", "close"]
    assert macro.steps[2] == {"act": "promise", "hours": 5}
    assert "<code>{customer}</code>" in client.get(reverse("console:macro", args=[macro.pk])).content.decode()
    url = f"{at('case_macro', case)}?macro={macro.pk}"
    shown = client.get(url).content.decode()
    assert "Nothing is done yet" in shown
    assert "looks after it" in shown
    assert "within 5 hours" in shown
    assert Case.objects.get(pk=case.pk).owner is None
    ran = client.post(url).content.decode()
    assert "Not all steps could be done" in ran
    assert Case.objects.get(pk=case.pk).owner == world.staff["front_line"]
    assert as_("supervisor").post(url).status_code == 404
    client.post(reverse("console:prepared_retire", args=["macros", macro.pk]))
    assert client.post(url).status_code == 404


@pytest.mark.parametrize("role", ["executive", "quality_owner"])
def test_who_may_only_look_sees_the_work_and_no_forms_for_it(
    role: str, world: World, as_: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    case = world.case_to_approve
    monkeypatch.setattr("amends.people.core.rights.RIGHTS", {**RIGHTS, role: RIGHTS[role] - {"work_cases"}})
    as_("front_line").post(at("case_act", case, "note"), {"body": "seen by colleagues"})
    shown = page(as_(role), case)
    assert "seen by colleagues" in shown
    for form in ("/note/", "/files/", "/tick/", "start-timer", "/draft/"):
        assert form not in shown


def test_a_search_that_is_cut_says_so(
    world: World, as_: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("amends.recover.selectors.cases.MOST_FOUND", 1)
    shown = as_().get(reverse("console:cases"), {"q": "xx"}).content.decode()
    assert "More than 1 cases have these words" in shown
    assert "have these words" not in as_().get(reverse("console:cases"), {"q": "rosa"}).content.decode()


def test_an_office_file_is_taken_by_what_it_holds_and_only_ever_downloaded(
    world: World, as_: Callable[..., Client]
) -> None:
    client, case = as_("front_line"), world.case_to_call
    parts = {
        "mimetype": "application/vnd.oasis.opendocument.text",
        "content.xml": "<office:document-content/>",
        "META-INF/manifest.xml": "<manifest:manifest/>",
    }
    for more in ({}, {"Basic/Standard/Module1.xml": "Shell"}):
        held = BytesIO()
        with ZipFile(held, "w") as container:
            for name, content in (parts | more).items():
                container.writestr(name, content)
        client.post(at("case_files", case), {"files": [SimpleUploadedFile("letter.odt", held.getvalue(), "text/html")]})
    one = Attachment.objects.get(case=case)
    assert one.kind == "odt"
    got = client.get(reverse("console:attachment", args=[one.pk]))
    assert got["Content-Disposition"] == 'attachment; filename="letter.odt"'
    assert got["Content-Type"] == "application/vnd.oasis.opendocument.text"
    assert got["Content-Security-Policy"].startswith("sandbox")
