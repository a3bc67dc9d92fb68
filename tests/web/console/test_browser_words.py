"""Writing in a real browser: a draft outlives the page, colleagues are named by keyboard, the palette does what buttons
do."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import APIResponse, Route

    from tests.web.console.browsing import Visitor
    from tests.web.console.world import World

pytestmark = pytest.mark.django_db(transaction=True)

# as an input method has it: Enter takes what was composed, and does nothing else
CHOOSES_A_CHARACTER = """
field => field.dispatchEvent(
    new KeyboardEvent("keydown", {key: "Enter", isComposing: true, bubbles: true, cancelable: true}))
"""


def test_what_is_typed_survives_a_reload_and_another_device_and_is_gone_when_sent(
    visit: Callable[..., Visitor], airline: World
) -> None:
    path = f"/cases/{airline.case_to_call.pk}/"
    desk = visit("front_line")
    page = desk.open(path)
    page.keyboard.press("m")
    page.keyboard.type("Your trip")
    send = page.get_by_role("button", name="Send", exact=True)
    before = send.bounding_box()
    with page.expect_response(lambda answer: "/draft/" in answer.url and "Dear" in (answer.request.post_data or "")):
        page.get_by_label("Words", exact=True).fill("Dear Ada, <b>we</b> are sorry")
    page.get_by_text("Draft kept").wait_for()
    assert send.bounding_box() == before  # else a click that began above it would end beside it, and nothing be sent
    page.reload()
    assert page.get_by_label("Words", exact=True).input_value() == "Dear Ada, <b>we</b> are sorry"
    page.get_by_role("button", name="Preview").click()
    page.get_by_role("region", name="As the customer will read it").get_by_text(
        "Dear Ada, <b>we</b> are sorry"
    ).wait_for()
    desk.look_over("a message previewed")
    desk.photograph("case-message")
    phone = visit("front_line", size="phone", theme="dark")
    other = phone.open(path)
    assert other.get_by_label("Words", exact=True).input_value() == "Dear Ada, <b>we</b> are sorry"
    phone.photograph("case-message")
    other.get_by_role("button", name="Send").click()
    other.get_by_text("The message is on its way.").wait_for()
    expect(other.get_by_label("Words", exact=True)).to_have_value("")
    page.reload()
    expect(page.get_by_label("Words", exact=True)).to_have_value("")


def test_a_colleague_is_named_in_a_note_by_keyboard_alone(visit: Callable[..., Visitor], airline: World) -> None:
    from amends.recover.models import Note

    desk = visit("front_line")
    page = desk.open(f"/cases/{airline.case_to_call.pk}/")
    page.keyboard.press("i")
    page.keyboard.type("Please look, @sa")
    page.get_by_role("option", name="Sam Carter").wait_for()
    desk.look_over("colleagues to choose from")
    desk.photograph("case-note")
    page.keyboard.press("Enter")
    page.keyboard.type("thanks")
    field = page.get_by_label("For colleagues only")
    assert field.input_value() == "Please look, @Sam Carter thanks"
    page.keyboard.press("Tab")
    page.get_by_text("Draft kept").wait_for()
    page.get_by_role("button", name="Add the note").press("Enter")
    page.get_by_text("The note is with the case.").wait_for()
    note = Note.objects.get()
    assert note.mentioned == [airline.staff["supervisor"].pk]


def test_enter_in_a_subject_goes_on_to_the_words_and_neither_sends_nor_inserts(
    visit: Callable[..., Visitor], airline: World
) -> None:
    from amends.channels.models import Message
    from amends.recover.services import save_reply
    from tests.web.console.world import NOW

    save_reply(
        None, name="News", whose="own", unit="", subject_en="News", subject_zh="进展", body_en="News of it",
        body_zh="有进展", acting_user=airline.staff["front_line"], now=NOW,
    )  # fmt: skip
    before = Message.objects.count()
    page = visit("front_line").open(f"/cases/{airline.case_to_call.pk}/")
    page.keyboard.press("m")
    subject, words = page.get_by_label("Subject"), page.get_by_label("Words", exact=True)
    page.get_by_label("Canned reply").select_option(label="News")
    subject.fill("Your trip")
    subject.evaluate(CHOOSES_A_CHARACTER)
    assert page.evaluate("document.activeElement.name") == "subject"
    subject.press("Enter")
    page.keyboard.type("Dear Ada")
    expect(words).to_have_value("Dear Ada")
    expect(subject).to_have_value("Your trip")
    page.get_by_text("Draft kept").wait_for()  # a request that Enter had made would have come before
    expect(words).to_have_value("Dear Ada")
    assert Message.objects.count() == before


def test_enter_that_chooses_a_chinese_character_takes_no_name_and_goes_nowhere(
    visit: Callable[..., Visitor], airline: World
) -> None:
    page = visit("front_line").open(f"/cases/{airline.case_to_call.pk}/")
    page.keyboard.press("i")
    page.keyboard.type("@sa")
    page.get_by_role("option", name="Sam Carter").wait_for()
    field = page.get_by_label("For colleagues only")
    field.evaluate(CHOOSES_A_CHARACTER)
    expect(field).to_have_value("@sa")
    page.keyboard.press("Enter")
    expect(field).to_have_value("@Sam Carter ")
    page.keyboard.press("Control+k")
    page.keyboard.type("board")
    page.locator("#found [role=option][aria-selected=true]").first.wait_for()
    before = page.url
    page.evaluate(f"({CHOOSES_A_CHARACTER})(document.activeElement)")
    expect(page.locator("#found [role=option]").first).to_be_visible()
    assert page.url == before
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_words_typed_while_a_draft_is_being_kept_are_not_taken_for_those_of_another_device(
    visit: Callable[..., Visitor], airline: World
) -> None:
    desk = visit("front_line")
    page = desk.open(f"/cases/{airline.case_to_call.pk}/")
    kept: list[tuple[Route, APIResponse]] = []  # by the server, which the page does not know yet
    page.route("**/draft/note/", lambda route: kept.append((route, route.fetch())), times=1)
    page.keyboard.press("i")
    page.keyboard.type("Please look")
    while not kept:
        page.wait_for_timeout(50)
    page.keyboard.type(" today")
    page.keyboard.press("Tab")
    [(route, answer)] = kept
    route.fulfill(response=answer)
    note = page.locator("form", has=page.get_by_label("For colleagues only"))
    expect(note.locator("input[name=seen]")).to_have_value("2")
    expect(note.get_by_role("status")).to_contain_text("Draft kept")


def test_palette_and_sheet_offer_what_the_page_can_do(visit: Callable[..., Visitor], airline: World) -> None:
    desk = visit("front_line", language="zh-hans", theme="dark")
    page = desk.open(f"/cases/{airline.case_to_call.pk}/")
    page.keyboard.press("Shift+?")
    here = page.get_by_role("region", name="本页")
    here.get_by_text("内部备注").wait_for()
    desk.look_over("the sheet of keys")
    desk.photograph("keys")
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    page.get_by_role("group", name="现在可以做什么").wait_for()
    page.keyboard.type("备注")
    page.get_by_role("option", name="内部备注").wait_for()
    expect(page.locator("#found [data-acts-here] [role=option]")).to_have_count(1)
    desk.look_over("the palette on a case")
    desk.photograph("palette")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.name") == "body"
    page.keyboard.type("打过电话了")
    page.get_by_text("草稿已保存").wait_for()


@pytest.mark.parametrize(
    ("language", "theme", "size"),
    [
        ("en", "light", "desktop"),
        ("zh-hans", "dark", "phone"),
    ],
)
def test_the_pages_of_prepared_words_are_sound_in_every_look(
    visit: Callable[..., Visitor], airline: World, language: str, theme: str, size: str
) -> None:
    from amends.recover.services import attach_file, record_time, save_macro, save_reply, tick, write_note
    from tests.web.console.world import NOW

    lead, case = airline.staff["supervisor"], airline.case_to_approve
    reply = save_reply(
        None, name="News", whose="own", unit="", subject_en="News of {subject}", subject_zh="{subject}的进展",
        body_en="Dear {customer},\n\nwe look into it.\n\n{company}",
        body_zh="{customer}，您好：\n\n我们正在处理。\n\n{company}",
        acting_user=lead, now=NOW,
    )  # fmt: skip
    steps = [{"act": "take"}, {"act": "message", "reply": reply.pk}, {"act": "close"}]
    macro = save_macro(None, name="Tell and close", whose="own", unit="", steps=steps, acting_user=lead, now=NOW)
    write_note(case.pk, body="Spoke to the station. @Mei Lin please call.", acting_user=lead, now=NOW)
    attach_file(
        case.pk, name="a-receipt-with-a-rather-long-name-2026-03-02.pdf", data=b"%PDF-1.7", acting_user=lead, now=NOW
    )
    tick(case.pk, item="way-home", ticked=True, acting_user=lead, now=NOW)
    record_time(case.pk, minutes=25, what="call", acting_user=lead, now=NOW)
    visitor = visit("supervisor", language=language, theme=theme, size=size, contrast=True)
    for path, name in (
        ("/replies/", "replies"),
        ("/replies/new/", "reply-new"),
        (f"/replies/{reply.pk}/", "reply"),
        (f"/replies/macros/{macro.pk}/", "macro"),
        (f"/cases/{case.pk}/macro/?macro={macro.pk}", "macro-on-case"),
        (f"/cases/{case.pk}/", "case-work"),
    ):
        visitor.open(path)
        visitor.photograph(name)
