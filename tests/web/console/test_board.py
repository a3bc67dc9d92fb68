"""The live board and the pages of standards: who sees what, what is sent when nothing changed, and what stands there
when something is missing."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from re import findall, search
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from amends.monitor.kept_rates import kept_over_time
from amends.monitor.live_board import Asked
from amends.monitor.models import Board, Incident, MonitorProgress
from amends.monitor.services import want_board
from tests.web.console.watched import MINUTE, count_kept, monitored, promise, put_on_board
from tests.web.console.world import LATE, NOW, World

As = Callable[..., Client]


def body(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def look_again(client: Client, page: str) -> tuple[int, str]:
    found = search(r'hx-get="([^"]+)"', page[page.index('id="live"') :])
    assert found is not None
    answer = client.get(found[1].replace("&amp;", "&"))
    return answer.status_code, answer.content.decode()


def test_what_fails_soonest_comes_first_with_who_is_hit(as_: As, world: World) -> None:
    monitored()
    put_on_board()
    page = body(as_("supervisor"), "/monitor/board/")
    places = [page.index(subject) for subject in ("XX1/2026", "XX2/2026", "XX3/2026", "XX4/2026", "XX5/2026")]
    assert places == sorted(places)
    assert "3 customers" in page, "the roster of the late flight"
    assert "Ben Otieno" in page, "whom the signal named"
    assert ">12<" in page.replace("\n", "")
    assert f"/failures/{world.failure.pk}/" in page or "/failures/" in page


def test_each_sees_their_own_units_alone(as_: As, world: World) -> None:
    monitored()
    put_on_board(extra=[promise("LGA1", NOW + 9 * MINUTE, seq=9, unit="XX-LGA"), promise("??", NOW, seq=10, unit="")])
    elsewhere = body(as_(world.elsewhere), "/monitor/board/")
    assert "LGA1" in elsewhere
    for hidden in ("XX1/2026", "XX2/2026", "Newark", "JFK", "??"):
        assert hidden not in elsewhere
    assert "LGA1" in body(as_("manager"), "/monitor/board/")
    assert as_(world.elsewhere).get("/monitor/board/?unit=XX-JFK").status_code == 404
    assert as_(world.elsewhere).get("/monitor/standards/depart-on-time/?unit=XX-JFK").status_code == 404


def unchanged(client: Client) -> str:
    """The board, of which nothing is sent again; where a minute has just passed, it is looked at anew."""
    for _ in range(3):
        page = body(client, "/monitor/board/")
        if look_again(client, page) == (204, ""):
            return page
    raise AssertionError("it is sent again and again")


def test_nothing_is_sent_again_while_nothing_changed(as_: As, world: World) -> None:
    monitored(heard=NOW + timedelta(hours=1))
    put_on_board()
    client = as_("supervisor")
    page = unchanged(client)
    Incident.objects.filter(pk=world.incident.pk).update(failures=99)
    status, part = look_again(client, page)
    assert status == 200
    assert "99 failures" in part
    page = unchanged(client)
    put_on_board()
    assert look_again(client, page)[0] == 200


def test_whoever_looks_has_it_kept_up_for_a_while_and_is_no_write_each_second(db: None) -> None:
    def wanted(at: timedelta) -> datetime | None:
        want_board(now=NOW + at)
        return Board.objects.get().wanted_until

    first = wanted(timedelta(0))
    assert first == NOW + MINUTE
    assert wanted(timedelta(seconds=20)) == first
    assert wanted(timedelta(seconds=40)) == NOW + timedelta(seconds=100)


@pytest.mark.parametrize(
    ("path", "most"), [("/monitor/board/live/", 28), ("/monitor/standards/", 20), ("/report/", 20)]
)
def test_no_page_asks_once_a_row(as_: As, world: World, path: str, most: int) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    monitored()
    put_on_board(extra=[promise(f"M{at}", NOW + at * MINUTE, seq=100 + at, customer=f"C-{at}") for at in range(40)])
    count_kept(days=3)
    client = as_("supervisor")
    with CaptureQueriesContext(
        connection,
    ) as asked:
        body(client, path)
    assert len(asked) <= most, [one["sql"][:120] for one in asked]


def test_a_silent_monitor_a_missing_one_and_an_empty_board_say_so(as_: As, world: World) -> None:
    client = as_("supervisor")
    assert "No monitor has looked at these signals yet" in body(client, "/monitor/board/")
    monitored(heard=NOW - 3 * MINUTE)
    assert search(r"The monitor has said nothing for \d+ min", body(client, "/monitor/board/"))
    monitored(heard=NOW + timedelta(hours=1))
    page = body(client, "/monitor/board/")
    assert "has said nothing" not in page
    assert "The board is being made" in page
    put_on_board(NOW - timedelta(days=1))
    assert "Nothing is about to fail" in body(client, "/monitor/board/?unit=XX-LGA")


def test_whoever_sees_no_failures_is_told_so(as_: As, world: World) -> None:
    for path in ("/monitor/board/", "/monitor/board/live/", "/monitor/standards/"):
        assert as_("administrator").get(path).status_code == 403


def test_numbers_of_signals_are_told_to_those_of_the_whole_company_alone(as_: As, world: World) -> None:
    monitored()
    assert "Set aside" not in body(as_("manager"), "/monitor/board/")
    manager = world.staff["manager"]
    manager.unit = None
    manager.save()
    assert "12.3 a second" in body(as_("manager"), "/monitor/board/")


@pytest.mark.parametrize(
    ("standard", "listed", "shown", "in_chinese"),
    [
        (
            "depart-on-time",
            "<b>72.4%</b>",
            [
                "at most 15 min after the time that it names as <code>depart_due</code>",
                "2 periods lie outside the limits",
                LATE,
            ],
            "未能做到即为“起飞延误”类服务失误",
        ),
        (
            "call-answered-soon",
            '<b>92%</b> <span class="quiet small">of values</span>',
            ["92% in all: 3,864 kept, 336 broken.", "Measured</th>"],
            "限值内的比例及控制限",
        ),
    ],
)
def test_a_standard_says_what_it_is_and_how_well_it_was_kept(
    as_: As, standard: str, listed: str, shown: list[str], in_chinese: str
) -> None:
    count_kept()
    assert listed in body(as_("manager"), "/monitor/standards/")
    page = body(as_("manager"), f"/monitor/standards/{standard}/")
    for words in [*shown, "airline v1"]:
        assert words in page
    assert in_chinese in body(as_("manager", "zh-hans"), f"/monitor/standards/{standard}/")


def test_what_lies_outside_is_marked_on_the_chart_for_a_desk_and_on_the_one_for_a_phone(as_: As, world: World) -> None:
    count_kept()
    assert body(as_("manager"), "/monitor/standards/depart-on-time/").count('class="cc-beyond"') == 4


def test_the_limits_on_the_chart_are_said_of_the_last_whole_day(as_: As, world: World) -> None:
    until = datetime(2026, 3, 2, 7, tzinfo=UTC)  # two hours into a day
    count_kept(until=until)
    MonitorProgress.objects.update(watermark=until)
    page = body(as_("manager"), "/monitor/standards/depart-on-time/")
    today, before = findall(r'<td class="number soft">([0-9.]+%) – ([0-9.]+%)</td>', page)[:2]
    assert today != before
    assert findall(r">(upper|lower) limit ([^<]+)<", page) == [("upper", before[1]), ("lower", before[0])] * 2


def test_a_day_at_either_end_is_whole_only_if_all_of_it_was_counted(world: World) -> None:
    midnight, zone = datetime(2026, 3, 2, 5, tzinfo=UTC), ZoneInfo("America/New_York")
    count_kept(days=40, until=midnight + timedelta(days=1))
    asked = Asked(units=None, standard="depart-on-time")

    def whole(until: datetime, by: str = "day") -> list[bool]:
        return [period.whole for period in kept_over_time(asked, by=by, until=until, zone=zone)]

    assert whole(midnight) == [True] * 28
    assert whole(midnight + timedelta(hours=2)) == [False] + [True] * 27 + [False]
    assert whole(midnight + timedelta(hours=2), "hour") == [True] * 48


def test_a_failure_that_was_put_off_shows_each_new_time_and_why(world: World, as_: Callable[..., Client]) -> None:
    failure = world.failure
    moved = {"at": "2026-03-02T12:00:00Z", "due": "2026-03-02T15:30:00Z", "reason": "crew late"}
    failure.facts |= {"revisions": [moved, {**moved, "at": "2026-03-02T12:30:00Z", "reason": None}]}
    failure.save(update_fields=["facts"])
    page = body(as_("manager"), f"/failures/{failure.pk}/")
    assert page.count("put off to 2 Mar ") == 2
    assert page.count(": crew late</span>") == 1


def test_of_what_must_not_come_it_is_said_how_often_it_came(as_: As, world: World) -> None:
    count_kept()
    page = body(as_("manager"), "/monitor/standards/not-cancelled/?by=hour")
    assert "It came" in page
    assert "Share kept" not in page
    nothing = body(as_(world.elsewhere), "/monitor/standards/not-cancelled/")
    assert "Nothing has been counted yet" in nothing
    assert as_("manager").get("/monitor/standards/no-such/").status_code == 404
