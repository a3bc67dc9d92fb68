"""What a customer reads on their page, in both languages, and what they never do."""

import re
from datetime import timedelta

import pytest
from django.core.signing import Signer
from django.test import Client

from amends.channels.models import Message
from amends.policy.present import present
from amends.recover.links import customer_link, token_of
from amends.recover.models import Action, Case, Clock, Outcome
from amends.recover.services import close_case, object_to_case, promise_update, sweep_clocks, wait_for_customer
from tests.web.console.world import NOW, World
from tests.web.portal.mail import case_of, lightly_hit, page_about_incident, page_of

TAGS = re.compile(r"<style.*?</style>|<[^>]+>", re.DOTALL)
INTERNAL = re.compile(
    r"approv|authorit|severe|severity|front.line|manager|escalat|unavailable|playbook|clock|front_line"
    r"|审批|授权|严重|一线|经理|上报|预案|时限|群体事件",
    re.IGNORECASE,
)


def read(client: Client, path: str, language: str = "") -> str:
    """What the page says, without its tags."""
    if language:
        client.cookies["django_language"] = language
    answer = client.get(path)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", TAGS.sub(" ", answer.content.decode()))


def read_above_letters(client: Client, path: str) -> str:
    """What the page itself says; the letters below it speak of earlier days."""
    return read(client, path).split("What we wrote to each other")[0]


def test_a_customer_reads_what_happened_what_we_do_by_when_and_what_they_get(world: World, client: Client) -> None:
    said = read(client, page_of(case_of("Ada Moreno")))
    for words in (
        "For Ada Moreno",
        "We are putting it right",
        "You will hear from us by 5 March 2026, 11:00",
        "XX1/2026-03-02/JFK-SFO was cancelled.",
        "We are sorry for the trouble this has caused you.",
        "A refund of $420.00",
        "so the whole fare is yours again",
        "We apologised to you. 2 March 2026, 11:00",
        "We will ask you whether everything is settled. By 5 March 2026, 11:00",
        "we are paying your fare of $420.00 back the way you paid it",
        "All times are those of New York.",
    ):
        assert words in said
    assert re.search(
        r"Your words go to: Supervisor of customer care\. You get an answer by 3 March 2026, 15:0\d\.", said
    )


def test_the_same_page_speaks_chinese_to_whom_chinese_is_spoken(world: World, client: Client) -> None:
    said = read(client, page_of(case_of("王小明")))
    for words in (
        "王小明，您好",
        "我们正在为您处理",
        "2026年3月5日 11:00",
        "XX1/2026-03-02/JFK-SFO已取消。",
        "380.00美元",
        "已向您致歉。",
    ):
        assert words in said
    assert re.search(r"您的意见将由客户服务主管处理，最迟在 2026年3月3日 15:0\d 之前答复您。", said)
    assert "We are putting it right" in read(client, page_of(case_of("王小明")), "en")
    assert "我们正在为您处理" in read(client, page_of(case_of("Ada Moreno")), "zh-hans")


def test_what_waits_for_leave_is_only_that_we_look_into_it(world: World, client: Client) -> None:
    case = case_of("Ada Moreno")
    assert case.approvals.get().amount == 400
    said = read(client, page_of(case))
    assert "We are looking into what more we can do for you and will tell you. By 5 March 2026, 11:00" in said
    assert "400" not in said


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_no_internal_term_no_role_and_no_contact_point_is_shown(world: World, client: Client, language: str) -> None:
    for case in Case.objects.select_related("customer"):
        said = read(client, page_of(case), language)
        assert INTERNAL.findall(said) == []
        assert "@" not in said
        assert not re.search(rf"(?<![\w-]){re.escape(case.customer.reference)}(?![\w-])", said)  # codes may hold it


def test_a_promise_that_we_broke_is_owned_and_the_next_one_named(world: World, client: Client) -> None:
    case = case_of("Rosa Klein")
    assert "Promised by" not in read(client, page_of(case))
    Clock.objects.filter(case=case, kind="inform").update(
        state="running", due_at=NOW - timedelta(hours=1), wake_at=NOW - timedelta(hours=1)
    )
    sweep_clocks(now=NOW)
    assert Clock.objects.get(case=case, kind="inform").state == "missed"
    said = read(client, page_of(case))
    assert "We have not kept a time that we promised, and we are sorry." in said
    assert "You will hear from us by 2 March 2026, 16:30" in said
    Action.objects.filter(case=case, step="call-now").update(due_at=NOW - timedelta(hours=1))
    assert "We will call you. Promised by 2 March 2026, 14:00. We are late" in read(client, page_of(case))


def test_the_page_says_the_time_that_the_letters_promised(world: World, client: Client) -> None:
    case = case_of("Rosa Klein")
    Clock.objects.filter(case=case, kind="inform").update(state="running", due_at=NOW + timedelta(hours=12))
    Action.objects.filter(case=case, kind="progress_notice", phase="follow_up").update(
        state="scheduled", ready_at=NOW + timedelta(hours=1), due_at=NOW + timedelta(hours=2), done_at=None
    )
    said = read_above_letters(client, page_of(case))
    assert "You will hear from us by 3 March 2026, 03:00" in said
    assert "We will tell you how things stand. By 3 March 2026, 03:00" in said
    assert "We will call you. By 2 March 2026, 16:30" in said


def test_a_cause_that_lies_with_the_customer_is_not_held_up_to_them(world: World, client: Client) -> None:
    case = case_of("Ada Moreno")
    assert case.cause.en in read_above_letters(client, page_of(case))
    Case.objects.filter(pk=case.pk).update(responsible="customer")
    assert case.cause.en not in read_above_letters(client, page_of(case))


def test_a_letter_is_shown_once_it_has_gone_out_and_calls_the_page_this_page(world: World, client: Client) -> None:
    case = case_of("Ida Holm")
    path = page_of(case)
    said = read(client, path)
    assert "From us you receive a voucher over $75.00." in said
    assert "if you see it differently: this page" in said
    assert path not in said
    Message.objects.filter(thread=f"case:{case.pk}").update(state="failed")
    assert "From us you receive a voucher over $75.00." not in read(client, path)


def test_a_closed_case_shows_its_end_and_how_to_come_back(world: World, client: Client) -> None:
    case = case_of("Ida Holm")
    path = page_of(case)
    close_case(case.pk, acting_user=None, now=NOW)
    said = read_above_letters(client, path)
    for words in (
        "Your case is closed",
        "Closed on 2 March 2026",
        "A voucher over $75.00",
        "Not right yet, or would you prefer something else?",
    ):
        assert words in said
    assert "Is it put right?" not in said
    assert "You will hear from us" not in said
    assert "mended" not in client.get(path).content.decode()


def test_gold_is_only_on_what_was_made_good(world: World, client: Client) -> None:
    case = case_of("Ida Holm")
    assert "mended" not in client.get(page_of(case)).content.decode()
    Case.objects.filter(pk=case.pk).update(state="made_good")
    answer = client.get(page_of(case)).content.decode()
    assert "mended" in answer
    assert "Made good" in answer
    assert 'class="promise"' not in answer  # nothing is owed any more
    Outcome.objects.create(case=case, accepted=True, source="customer", recorded_at=NOW)
    close_case(case.pk, acting_user=None, now=NOW)
    assert "mended" in client.get(page_of(case)).content.decode()


def test_support_for_our_own_people_is_not_on_the_page(world: World, client: Client) -> None:
    case = case_of("Ida Holm")
    shown = read(client, page_of(case))
    assert "We apologised to you." in shown
    case.actions.filter(kind="apology").update(kind="employee_support")
    assert "We apologised to you." not in read(client, page_of(case))


@pytest.mark.parametrize("method", ["get", "post"])
def test_an_altered_a_foreign_and_an_empty_address_all_lead_to_the_same_kind_no(
    world: World, client: Client, method: str
) -> None:
    case, other = case_of("Ada Moreno"), case_of("Ida Holm")
    token, other_token = token_of(f"case:{case.pk}"), token_of(f"case:{other.pk}")
    seal = token.rsplit(".", 1)[1]
    for wrong in (
        f"case:{other.pk}.{seal}",
        f"{token[:-1]}{'A' if token[-1] != 'A' else 'B'}",
        f"case:{case.pk}",
        f"{token}.{other_token}",
        Signer(key="a key of another day", salt="amends.customer_page", sep=".").sign(f"case:{case.pk}"),
        Signer(salt="another purpose", sep=".").sign(f"case:{case.pk}"),
        token_of("case:999999999"),
        token_of(f"incident:{case.incident_id}:{other.customer_id}"),
        token_of("customer:1"),
        "nonsense",
    ):
        end = "" if method == "get" else "/words"
        answer = getattr(client, method)(f"/mine/{wrong}{end}", {"words": "Hello?"} if end else {})
        assert answer.status_code == 404, wrong
        assert "We can&#x27;t find this page" in answer.content.decode()
        assert re.search(r"It is now 2 March 2026, 15:\d\d \(New York\)", answer.content.decode())
        assert "no-store" in answer["Cache-Control"]
    assert not Message.objects.filter(direction="in").exists()


def test_the_address_in_the_letter_is_the_pages_own(world: World) -> None:
    case = case_of("Ada Moreno")
    assert customer_link(f"case:{case.pk}").endswith(page_of(case))


def test_the_page_is_kept_by_nobody_found_by_no_search_and_its_address_told_to_no_other_site(
    world: World, client: Client
) -> None:
    answer = client.get(page_of(case_of("Ada Moreno")))
    assert "no-store" in answer["Cache-Control"]
    assert "private" in answer["Cache-Control"]
    assert "noindex" in answer["X-Robots-Tag"]
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["X-Frame-Options"] == "DENY"
    assert "script-src 'self'" in answer["Content-Security-Policy"]
    assert b"<script" not in answer.content
    assert "noindex" in answer.content.decode()


def test_whom_an_incident_hit_lightly_has_a_page_with_reason_and_apology(world: World, client: Client) -> None:
    lea, chen = lightly_hit()
    said = read(client, page_about_incident(lea))
    for words in (
        "For Lea Brandt",
        "We are sorry",
        "XX3/2026-03-02/EWR-BOS left 30 minutes late.",
        "Sorry for the wait",
    ):
        assert words in said
    assert "陈静" not in said
    in_chinese = read(client, page_about_incident(chen))
    assert "陈静，您好" in in_chinese
    assert "让您久等了，非常抱歉" in in_chinese
    assert "Lea Brandt" not in in_chinese


def test_the_ladder_is_published_and_says_who_answers_now_and_who_is_next(world: World, client: Client) -> None:
    case = case_of("Ada Moreno")
    said = read(client, page_of(case))
    assert re.search(
        r"1 Customer care Responsible now 2 Supervisor of customer care Next, if you are not content", said
    )
    assert "5 Executive for our customers: Min Zhao" in said  # the executive's account
    assert "Office of Aviation Consumer Protection" in said
    object_to_case(case.pk, words="No.", acting_user=None, now=present())
    said = read(client, page_of(case))
    assert re.search(
        r"2 Supervisor of customer care Responsible now\. You get an answer by 3 March 2026, 15:0\d\."
        r" 3 Head of customer care Next",
        said,
    )


def test_a_customer_reads_what_we_wait_for_and_answers_there(world: World, client: Client) -> None:
    case = case_of("Ada Moreno")
    wait_for_customer(
        case.pk, needed="Please send us <b>the receipt</b>.", acting_user=world.staff["front_line"], now=present()
    )
    answer = client.get(page_of(case)).content.decode()
    assert "We need something from you" in answer
    assert "Please send us &lt;b&gt;the receipt&lt;/b&gt;." in answer
    client.post(page_of(case) + "/words", {"words": "Here it is."})
    assert Case.objects.get(pk=case.pk).state == "in_progress"
    assert "Please send us" not in read_above_letters(client, page_of(case))


def test_the_next_update_that_somebody_promised_stands_on_the_page(world: World, client: Client) -> None:
    case = case_of("Ada Moreno")
    promise_update(case.pk, by=NOW + timedelta(hours=2), acting_user=world.staff["front_line"], now=present())
    assert "You will hear from us by 2 March 2026, 17:00" in read(client, page_of(case))
