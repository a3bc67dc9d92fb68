"""Reporting a failure on the console: the form, the thanks, and who may read what of it."""

from collections.abc import Callable
from re import search

from django.test import Client

from amends.monitor.models import Failure, SelfReport
from tests.web.console.world import LATE, World

As = Callable[..., Client]


def sent(client: Client, kind: str, **more: str) -> tuple[int, str]:
    page = client.get("/report/").content.decode()
    form = search(r'name="form" value="([0-9a-f]{32})"', page)
    assert form is not None
    answer = client.post("/report/", {"form": form[1], "kind": kind, **more})
    return answer.status_code, answer.headers.get("Location", "")


def test_two_taps_are_enough_and_whoever_told_is_thanked(as_: As, world: World) -> None:
    client = as_("front_line")
    assert 'href="/report/"' in client.get("/cases/").content.decode(), "the first tap, from any page"
    status, thanks = sent(client, "slow")
    assert status == 302
    page = client.get(thanks).content.decode()
    assert "Thank you for telling" in page
    assert "yourself and quality owner" in page
    failure = Failure.objects.get(stage="reported")
    assert (failure.kind, failure.unit) == ("slow", world.staff["front_line"].unit)


def test_what_is_added_goes_along_and_hits_who_is_served(as_: As, world: World) -> None:
    status, _ = sent(as_("front_line"), "slow", about=LATE, words="The bus was late.", unit="XX-EWR")
    assert status == 302
    failure = Failure.objects.get(stage="reported")
    assert (failure.subject, failure.customers) == (LATE, 3)
    page = as_("supervisor").get(f"/failures/{failure.pk}/").content.decode()
    assert "The bus was late." in page
    assert "Reported by a colleague" in page
    assert "Mei Lin" not in page
    assert "Reported by Mei Lin" in as_("quality_owner").get(f"/failures/{failure.pk}/").content.decode()
    assert "You reported it" in as_("front_line").get(f"/failures/{failure.pk}/").content.decode()


def test_nonsense_and_units_out_of_reach_are_refused_in_words(as_: As, world: World) -> None:
    assert sent(as_("front_line"), "nonsense")[0] == 422
    assert sent(as_("front_line"), "")[0] == 422
    assert sent(as_(world.elsewhere), "slow", unit="XX-EWR")[0] == 422
    assert sent(as_("front_line"), "slow", words="x" * 501)[0] == 422
    assert not SelfReport.objects.exists()


def test_the_thanks_are_for_whoever_told(as_: As, world: World) -> None:
    _, thanks = sent(as_("front_line"), "slow")
    assert as_("quality_owner").get(thanks).status_code == 404
    assert Client().get(thanks).status_code == 302
    status, own = sent(as_("administrator"), "slow", unit="XX-JFK")
    assert status == 302
    assert "See what becomes of it" not in as_("administrator").get(own).content.decode()
