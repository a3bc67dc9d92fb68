"""Every page in Chinese: no space stands between two Chinese characters, wherever a text was put together."""

import re
from html.parser import HTMLParser

import pytest
from django.core.cache import cache
from django.test import Client

from amends.people.models import Unit
from amends.people.services import create_staff
from amends.recover.models import Case
from tests.web.addresses import CONSOLE, things
from tests.web.console.world import NOON, airline
from tests.web.portal.mail import deliver_all, page_of
from tests.web.test_every_address import ABOVE, fill, paths

pytestmark = pytest.mark.django_db
HAN = "\u4e00-\u9fff，。：；、（）“”"
STRAY = re.compile(f"[^\\s]*[{HAN}]\\s+[{HAN}][^\\s]*")


class Texts(HTMLParser):
    """The texts of a page, each run of characters between two tags on its own."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.silent += tag in {"script", "style", "textarea"}
        self.found += [
            value for name, value in attrs if value and name in {"title", "aria-label", "placeholder", "alt"}
        ]

    def handle_endtag(self, tag: str) -> None:
        self.silent -= tag in {"script", "style", "textarea"}

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.found.append(data)


def strays(page: str) -> list[str]:
    """What has a space between two Chinese characters."""
    read = Texts()
    read.feed(page)
    return [found for text in read.found for found in STRAY.findall(text)]


def test_no_space_stands_between_two_chinese_characters() -> None:
    cache.clear()
    airline()
    fill()
    deliver_all()
    seen, wrong = 0, {}
    above = Unit.objects.get(code=ABOVE)
    pages = [
        path
        for route, row in CONSOLE.items()
        if row.method == "GET"
        for thing in (things(row.of) if row.of else [None])
        for path in paths(route, row, thing.pk if thing else 0)
    ]
    for role in ("quality_owner", "administrator"):  # who between them see every page
        email = f"{role}@every.test"
        client = Client()
        client.force_login(create_staff(email=email, name="何平", role=role, unit=above, now=NOON, acting_user=None))
        client.cookies["django_language"] = "zh-hans"
        for path in [*pages, *(page_of(case) for case in Case.objects.all())]:
            answer = client.get(path)
            if answer.status_code == 200 and "html" in answer["Content-Type"]:
                seen += 1
                if found := strays(answer.content.decode()):
                    wrong[path] = found
    assert seen > 60
    assert wrong == {}
