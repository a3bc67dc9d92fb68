"""The pages of django-allauth speak as ours do: in sentence case, plainly, and in Chinese throughout."""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import allauth
import django
import polib
import pytest
from django.core.cache import cache
from django.test import Client
from django.utils.translation import gettext, override

from amends.people.models import Staff
from amends.site.messages import ACCOUNTS, compiled, texts
from tests.web.console.world import airline
from tests.web.test_sign_in import code

PASSWORD = "kintsugi-mends-with-gold"
OUT = ("login/", "inactive/", "password/reset/", "password/reset/done/", "password/reset/key/done/")
OUT += ("password/reset/key/1-x/", "confirm-email/")
IN = ("logout/", "password/change/", "2fa/", "2fa/totp/activate/", "reauthenticate/")
WITH_A_SECOND = ("2fa/", "2fa/totp/deactivate/", "2fa/recovery-codes/", "2fa/recovery-codes/generate/")
TITLE_CASE = re.compile(r"\b[A-Z][a-z]+(?:[ -][a-z]{1,3})*[ -][A-Z][a-z]+\b")
NOT_OUR_CHINESE = re.compile(r"登出|你|帐号|帐户|账户|双因素|token|Email|[A-Za-z]{3,} [A-Za-z]{2,}")
WHOLE_PAGE = re.compile(r"<(script|style|svg|nav|dialog)\b.*?</\1>|<[^>]+>", re.DOTALL)


@pytest.fixture
def staff(db: None) -> Staff:
    cache.clear()  # counts of failed sign-ins outlive a test
    person = airline().staff["supervisor"]
    person.set_password(PASSWORD)
    person.save()
    return person


def sentences(html: str) -> list[str]:
    """What a page says: its title, and all words of its main part; no name of a person or a place."""
    title = re.search(r"<title>(.*?)· Amends</title>", html, re.DOTALL)
    main = re.search(r"<main.*?</main>", html, re.DOTALL)
    assert title
    assert main
    parts = [title[1], *WHOLE_PAGE.sub("\n", re.sub("Sam Carter|New York", "", main[0])).split("\n")]
    return [said for part in parts if (said := unescape(part).strip()) and said != "Amends"]


def pages(client: Client, staff: Staff, mailoutbox: list[Any]) -> Iterator[list[str]]:
    """Every page of allauth that can be reached, and the letter."""

    def got(address: str) -> list[str]:
        answer = client.get(f"/accounts/{address}", follow=True)
        assert answer.status_code == 200, address
        return sentences(answer.content.decode())

    def sent(address: str, **given: str) -> list[str]:
        return sentences(client.post(f"/accounts/{address}", given, follow=True).content.decode())

    yield from map(got, OUT)
    yield sent("login/", login="nobody@example.test", password=PASSWORD)
    yield sent("password/reset/", email=staff.email)
    letter = mailoutbox[-1]
    yield [letter.subject.partition("] ")[2], *re.sub(r"http\S+", "", letter.body).replace("Amends", "").split("\n")]
    link = re.search(r"/accounts/(password/reset/key/\S+)", letter.body)
    assert link
    yield got(link[1])
    client.post("/accounts/login/", {"login": staff.email, "password": PASSWORD})
    yield from map(got, IN)
    yield sent("password/change/", oldpassword="no", password1="123", password2="1234")
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    yield got("2fa/totp/activate/")
    yield sent("2fa/recovery-codes/generate/")
    yield sent("2fa/totp/activate/", code="1")
    key = client.session["mfa.totp.secret"]
    yield sent("2fa/totp/activate/", code=code(key))
    yield from map(got, WITH_A_SECOND)
    yield sent("2fa/recovery-codes/generate/")
    yield got("2fa/reauthenticate/")
    yield sent("logout/")
    yield sent("login/", login=staff.email, password=PASSWORD)
    yield sent("2fa/authenticate/", code="1")


def test_every_page_is_in_sentence_case(client: Client, staff: Staff, mailoutbox: list[Any], settings: Any) -> None:
    settings.MAIL_IS_SENT = True
    said = [line for page in pages(client, staff, mailoutbox) for line in page]
    assert {"Second factor", "Forgot your password?", "Recovery codes", "Sign out"} <= set(said)
    assert [line for line in said if TITLE_CASE.search(line) or "email" in line.lower()] == []


def test_every_page_is_in_our_chinese(client: Client, staff: Staff, mailoutbox: list[Any], settings: Any) -> None:
    settings.MAIL_IS_SENT = True
    client.cookies["django_language"] = "zh-hans"
    said = [line for page in pages(client, staff, mailoutbox) for line in page]
    assert {"双重验证", "忘记密码？", "恢复码", "退出登录"} <= set(said)
    assert [line for line in said if NOT_OUR_CHINESE.search(line)] == []


@pytest.mark.parametrize("path", ACCOUNTS, ids=lambda path: path.parts[-3])
def test_the_catalogue_speaks_of_what_django_or_allauth_say_and_of_nothing_of_ours(path: Path) -> None:
    assert path.with_suffix(".mo").read_bytes() == compiled(path)
    catalogue = polib.pofile(str(path))
    sources = "".join(
        file.read_text(encoding="utf-8")
        for package in (allauth, django)
        for kind in ("*.py", "*.html", "*.txt")
        for folder in ("account", "mfa", "templates", "core", "contrib/auth")
        for file in (Path(package.__file__).parent / folder).rglob(kind)
    )
    plain = re.sub(r"\s+", " ", re.sub(r"{{ ?(\w+) ?}}", r"%(\1)s", sources))
    ours = {text.singular for text in texts()}
    for entry in catalogue:
        assert re.sub(r"\s+", " ", entry.msgid).strip() in plain, entry.msgid
        assert entry.msgid not in ours, entry.msgid
        said = [entry.msgstr or "", *entry.msgstr_plural.values()]
        for text in said:
            assert set(re.findall(r"%\(\w+\)s|%d", text)) <= set(re.findall(r"%\(\w+\)s|%d", entry.msgid)), entry.msgid
    with override("en" if path.parts[-3] == "en" else "zh-hans"):
        assert gettext("Sign Out") == ("Sign out" if path.parts[-3] == "en" else "退出登录")
