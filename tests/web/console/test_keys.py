"""The keys of the pages: one key means one thing on a page, is written on what it presses, and stands on the sheet."""

import re
from collections.abc import Callable

from django.test import Client
from django.urls import reverse

from amends.recover.models import Case
from tests.web.console.test_acts import press
from tests.web.console.world import World

PRESSED = re.compile(
    r'<(?P<tag>a|button|summary)\b[^>]*\bdata-key="(?P<key>\w)"[^>]*>(?P<words>.*?)</(?P=tag)>', re.DOTALL
)
ON_THE_SHEET = re.compile(r"<dt>(.*?)</dt>", re.DOTALL)
BY_SCRIPT = {"l", "x", "/", "?"}  # looked up, ticked, sought, shown: wherever one is


def keys_of(page: str) -> dict[str, set[str]]:
    """What each key of a page says that it does."""
    found: dict[str, set[str]] = {}
    for match in PRESSED.finditer(page):
        words = " ".join(re.sub(r"<kbd.*?</kbd>|<[^>]+>", " ", match["words"]).split())
        found.setdefault(match["key"], set()).add(words)
    return found


def pages(client: Client, *cases: Case) -> dict[str, str]:
    """The pages with keys; the inbox with a case beside it."""
    inbox = client.get(reverse("console:cases")).content.decode()
    found = {
        name: client.get(reverse(f"console:{name}")).content.decode() for name in ("overview", "customers", "search")
    }
    for case in cases:
        at = reverse("console:case", args=[case.pk])
        found[f"case in {case.state}"] = client.get(at).content.decode()
        beside = client.get(at, headers={"HX-Request": "true", "HX-Target": "beside"}).content.decode()
        assert "<html" not in beside
        found[f"case in {case.state}, beside the list"] = inbox + beside
        found[f"customer of a case in {case.state}"] = client.get(
            reverse("console:customer", args=[case.customer_id])
        ).content.decode()
    return found


def test_a_key_has_one_meaning_on_a_page_and_stands_on_the_sheet(world: World, as_: Callable[..., Client]) -> None:
    waits, call = world.case_to_approve, world.case_to_call
    accepted = Case.objects.exclude(pk__in=[waits.pk, call.pk]).order_by("id")[0]
    Case.objects.filter(pk=accepted.pk).update(state="made_good")
    press(as_("front_line"), "case", waits.pk, "wait", needed="The receipt")
    cases = [Case.objects.get(pk=case.pk) for case in (waits, call, accepted)]
    seen: dict[str, set[str]] = {}
    for role in ("front_line", "supervisor"):
        for name, page in pages(as_(role), *cases).items():
            sheet = {kbd.lower() for term in ON_THE_SHEET.findall(page) for kbd in re.findall(r"<kbd>(\w)</kbd>", term)}
            keys = keys_of(page)
            twice = {key: words for key, words in keys.items() if len(words) > 1}
            assert not twice, (role, name, twice)
            assert keys.keys() <= sheet - BY_SCRIPT, (role, name, keys.keys() - sheet)
            seen |= keys
    assert {"t", "d", "g", "v", "w", "e", "b", "m", "u", "c", "h", "i"} <= seen.keys()


def test_a_key_is_written_on_what_it_presses(world: World, as_: Callable[..., Client]) -> None:
    for page in pages(as_("supervisor"), world.case_to_approve, world.case_to_call).values():
        for match in PRESSED.finditer(page):
            if match["tag"] != "a" and "<kbd" in match["words"]:
                assert f'<kbd aria-hidden="true">{match["key"].upper()}</kbd>' in match["words"]
