"""A bag is searched for and then nothing is heard: after two days time alone finds it. One that came is not missed."""

from tests.acceptance.watching import DAY, HOUR, MONDAY, Airline, hit


def test_silence_is_found_without_any_signal(airline_watched: Airline) -> None:
    airline_watched.tell("bag.reported_missing", "BAG1", MONDAY, customer="C1")
    airline_watched.tell("bag.reported_missing", "BAG2", MONDAY, customer="C2")
    last_heard = MONDAY + HOUR
    airline_watched.tell("bag.search_news", "BAG1", last_heard, customer="C1")
    airline_watched.tell("bag.delivered", "BAG2", MONDAY + 2 * HOUR, customer="C2")

    def forgotten() -> list[str]:
        return [one.subject for one in airline_watched.failures() if one.kind == "forgotten"]

    airline_watched.wait_until(last_heard + 2 * DAY - HOUR)
    assert forgotten() == []
    airline_watched.wait_until(last_heard + 2 * DAY)
    assert forgotten() == ["BAG1"]

    (failure,) = [one for one in airline_watched.failures() if one.kind == "forgotten"]
    assert (failure.stage, failure.found_at) == ("silent", last_heard + 2 * DAY)
    assert failure.facts["last_heard"] == "2026-03-02T10:00:00.000000Z"
    assert failure.facts["hours_silent"] == 48
    assert hit(failure) == {"C1"}
