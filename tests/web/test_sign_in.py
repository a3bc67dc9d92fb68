"""Signing in: by a one-time link, by password, with a second factor; nobody signs up."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from amends.kernel.blueprint import load_shipped
from amends.kernel.text import Localised
from amends.people.models import SignInLink, Staff
from amends.people.services import create_staff, end_staff, sign_in_link
from amends.policy.models import Deployment
from amends.policy.services import publish_blueprint, set_up_deployment

pytestmark = pytest.mark.django_db
PASSWORD = "kintsugi-mends-with-gold"
RESET = "/accounts/password/reset/"


@pytest.fixture
def staff() -> Staff:
    cache.clear()  # counts of failed sign-ins outlive a test
    now = timezone.now()
    set_up_deployment(
        kind=Deployment.Kind.COMPANY, blueprint_name="airline", company=Localised(en="Air", zh="航空"), timezone="UTC"
    )
    publish_blueprint(load_shipped("airline"), name="airline", now=now, acting_user="test")
    return create_staff(email="ann@example.test", name="Ann", role="manager", now=now, acting_user=None)


@pytest.fixture
def link(staff: Staff) -> Callable[[], str]:
    return lambda: f"/accounts/link/{sign_in_link(staff, now=timezone.now(), valid_for=timedelta(hours=1))}/"


def who(client: Client) -> str | None:
    return client.session.get("_auth_user_id")


def sign_in(client: Client, email: str, password: str) -> Any:
    return client.post("/accounts/login/", {"login": email, "password": password})


def test_looking_at_a_link_signs_nobody_in_and_uses_nothing_up(client: Client, link: Callable[[], str]) -> None:
    address = link()
    for _ in range(3):
        seen = client.get(address)
        assert seen.status_code == 200
        assert "no-store" in seen["Cache-Control"]
    assert client.head(address).status_code == 200
    assert who(client) is None
    assert SignInLink.objects.get().used_at is None


def test_pressing_the_button_signs_in_once(client: Client, link: Callable[[], str], staff: Staff) -> None:
    address = link()
    assert client.post(address).status_code == 302
    assert who(client) == str(staff.pk)
    second = Client().post(address)
    assert second.status_code == 410


@pytest.mark.parametrize(("locale", "browser", "words"), [("zh", "en", "您已以"), ("en", "zh-CN", "signed in as Ann")])
def test_the_greeting_is_in_the_language_of_the_page_below_it(
    link: Callable[[], str], locale: str, browser: str, words: str
) -> None:
    Staff.objects.update(locale=locale)
    page = Client(headers={"Accept-Language": browser}).post(link(), follow=True).content.decode()
    assert words in page
    assert ('<html lang="zh' in page) == (locale == "zh")


def test_the_button_needs_the_forms_own_token(link: Callable[[], str]) -> None:
    strict = Client(enforce_csrf_checks=True)
    address = link()
    assert strict.post(address).status_code == 403
    form = strict.get(address).content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', form)
    assert token
    assert strict.post(address, {"csrfmiddlewaretoken": token[1]}).status_code == 302


def test_a_made_up_link_and_one_that_ran_out_are_gone(client: Client, staff: Staff) -> None:
    old = sign_in_link(staff, now=timezone.now() - timedelta(hours=2), valid_for=timedelta(hours=1))
    for token in (old, "x" * 43, "令牌"):
        assert client.post(f"/accounts/link/{token}/").status_code == 410
    assert who(client) is None


def test_links_can_not_be_guessed_at_speed(client: Client, staff: Staff) -> None:
    seen = [client.post(f"/accounts/link/{number}/").status_code for number in range(45)]
    assert 429 in seen  # twenty a minute, and a minute may turn between two


def test_after_a_link_one_sets_a_password_and_signs_in_with_it(
    client: Client, link: Callable[[], str], staff: Staff
) -> None:
    client.post(link())
    assert client.get("/accounts/password/set/").status_code == 200
    done = client.post("/accounts/password/set/", {"password1": PASSWORD, "password2": PASSWORD})
    assert done.status_code == 302
    fresh = Client()
    assert sign_in(fresh, "ANN@example.test", PASSWORD).status_code == 302
    assert who(fresh) == str(staff.pk)


@pytest.mark.parametrize("password", ["short", "password1234", "ann@example.test", "123456789012"])
def test_a_weak_password_is_refused(client: Client, link: Callable[[], str], password: str) -> None:
    client.post(link())
    assert client.post("/accounts/password/set/", {"password1": password, "password2": password}).status_code == 200
    assert not Staff.objects.get().has_usable_password()


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(client: Client, staff: Staff) -> None:
    staff.set_password(PASSWORD)
    staff.save()

    def said(email: str) -> str:
        page = sign_in(Client(), email, "wrong").content.decode()
        return re.sub(r'value="[^"]*"|"[A-Za-z0-9]{64}"', "", page)  # what is made anew for each form

    assert said("ann@example.test") == said("nobody@example.test")


def test_after_too_many_wrong_passwords_the_right_one_waits_too(staff: Staff) -> None:
    staff.set_password(PASSWORD)
    staff.save()
    for _ in range(6):
        sign_in(Client(), "ann@example.test", "wrong")
    fresh = Client()
    sign_in(fresh, "ann@example.test", PASSWORD)
    assert who(fresh) is None


@pytest.mark.parametrize(("language", "words"), [("en", "One moment, please"), ("zh-hans", "请稍候")])
def test_whoever_tries_too_often_is_asked_to_wait_in_their_language(client: Client, language: str, words: str) -> None:
    client.cookies["django_language"] = language
    for _ in range(40):
        page = sign_in(client, "nobody@example.test", "wrong")
        if page.status_code == 429:
            break
    assert page.status_code == 429
    assert words in page.content.decode()


def test_a_closed_account_does_not_sign_in(staff: Staff, link: Callable[[], str]) -> None:
    staff.set_password(PASSWORD)
    staff.is_active = False
    staff.save()
    fresh = Client()
    sign_in(fresh, "ann@example.test", PASSWORD)
    assert who(fresh) is None
    assert fresh.post(link()).status_code == 410
    assert who(fresh) is None


def test_whoever_is_signed_in_when_their_account_ends_is_so_no_more(staff: Staff, link: Callable[[], str]) -> None:
    fresh, unused = Client(), link()
    fresh.post(link())
    page = "/accounts/password/set/"
    assert fresh.get(page).status_code == 200
    end_staff(staff.pk, acting_user=None, now=timezone.now())
    assert "/accounts/login/" in fresh.get(page)["Location"]
    assert fresh.post(unused).status_code == 410


def code(secret: str) -> str:
    """What an app shows now; a moment later it is still good."""
    _, now, _ = yield_hotp_counters_from_time()
    return format_hotp_value(hotp_value(secret, now))


@pytest.mark.parametrize("way", ["password", "link"])
def test_a_second_factor_is_asked_for_whichever_way_one_comes(staff: Staff, link: Callable[[], str], way: str) -> None:
    secret = "JBSWY3DPEHPK3PXP"
    TOTP.activate(staff, get_adapter().encrypt(secret) and secret)
    assert Authenticator.objects.filter(user=staff).exists()
    staff.set_password(PASSWORD)
    staff.save()
    fresh = Client()
    answer = sign_in(fresh, "ann@example.test", PASSWORD) if way == "password" else fresh.post(link())
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/2fa/authenticate/")
    assert who(fresh) is None
    fresh.post("/accounts/2fa/authenticate/", {"code": "000000"})
    assert who(fresh) is None
    fresh.post("/accounts/2fa/authenticate/", {"code": code(secret)})
    assert who(fresh) == str(staff.pk)


def test_the_page_of_the_second_factor_is_there(client: Client, link: Callable[[], str]) -> None:
    client.post(link())
    assert client.get("/accounts/2fa/", follow=True).status_code == 200
    assert client.get("/accounts/2fa/totp/activate/", follow=True).status_code == 200


def test_nobody_signs_up(client: Client, staff: Staff) -> None:
    sent = {"email": "new@example.test", "password1": PASSWORD, "password2": PASSWORD}
    client.post("/accounts/signup/", sent)
    assert Staff.objects.count() == 1
    assert who(client) is None


def test_nobody_changes_their_own_address(client: Client, link: Callable[[], str]) -> None:
    client.post(link())
    assert client.get("/accounts/email/").status_code == 404
    client.post("/accounts/email/", {"action_add": "", "email": "other@example.test"})
    assert Staff.objects.get().email == "ann@example.test"


@pytest.mark.parametrize("end", ["used", "ran out", "account closed", "made up"])
def test_a_link_that_no_longer_works_says_so_before_any_button_is_pressed(
    client: Client, staff: Staff, link: Callable[[], str], end: str
) -> None:
    address = link()
    match end:
        case "used":
            Client().post(address)
        case "ran out":
            SignInLink.objects.update(expires_at=timezone.now())
        case "account closed":
            Staff.objects.update(is_active=False)
        case "made up":
            address = f"/accounts/link/{'x' * 43}/"
    seen = client.get(address)
    assert seen.status_code == 410
    assert client.head(address).status_code == 410
    said = seen.content.decode()
    assert "This link no longer works" in said
    assert "Ask your administrator for a new sign-in link" in said
    assert "Welcome" not in said
    assert "Ann" not in said
    client.cookies["django_language"] = "zh-hans"
    assert "请向管理员索取新的登录链接" in client.get(address).content.decode()


def test_whoever_is_signed_in_already_is_led_on_from_a_used_link(client: Client, link: Callable[[], str]) -> None:
    address = link()
    client.post(address)
    said = client.get(address).content.decode()
    assert "you are signed in as Ann" in said
    assert "Ask your administrator" not in said
    assert 'href="/"' in said


def test_where_no_mail_is_sent_a_forgotten_password_says_whom_to_ask(
    client: Client, staff: Staff, mailoutbox: list[Any], settings: Any
) -> None:
    settings.MAIL_IS_SENT = False
    signing_in = client.get("/accounts/login/").content.decode()
    assert "Ask your administrator for a new sign-in link" in signing_in
    assert "/accounts/password/reset/" not in signing_in
    for answer in (client.get(RESET), client.post(RESET, {"email": staff.email})):
        assert answer.status_code == 200
        assert "Ask your administrator for a new sign-in link" in answer.content.decode()
        assert "<form" not in answer.content.decode().split("<main")[1].split("</main>")[0]
    client.cookies["django_language"] = "zh-hans"
    assert "请向管理员索取新的登录链接" in client.get("/accounts/login/").content.decode()
    assert mailoutbox == []


def test_where_mail_is_sent_a_letter_leads_to_a_new_password(
    client: Client, staff: Staff, mailoutbox: list[Any], settings: Any
) -> None:
    settings.MAIL_IS_SENT = True
    assert f'href="{RESET}"' in client.get("/accounts/login/").content.decode()
    assert client.post(RESET, {"email": "nobody@example.test"}).status_code == 302
    assert mailoutbox == []
    assert client.post(RESET, {"email": staff.email}).status_code == 302
    (letter,) = mailoutbox
    assert letter.to == ["ann@example.test"]
    found = re.search(r"http://testserver(\S+)", letter.body)
    assert found
    form = client.get(found[1], follow=True).redirect_chain[-1][0]
    assert client.post(form, {"password1": PASSWORD, "password2": PASSWORD}).status_code == 302
    assert sign_in(Client(), "ann@example.test", PASSWORD).status_code == 302
