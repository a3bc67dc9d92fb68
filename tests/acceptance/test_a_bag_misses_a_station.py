"""A bag is loaded without having been screened: found when it is loaded, before anybody misses it. The screening is
told later; that is the same failure going on, not another one."""

from tests.acceptance.watching import HOUR, MINUTE, MONDAY, Airline, history


def test_a_skipped_step_is_found_at_the_next_one(airline_watched: Airline) -> None:
    airline_watched.tell("bag.accepted", "BAG1", MONDAY, customer="C1")
    loaded = MONDAY + HOUR
    airline_watched.tell("bag.loaded", "BAG1", loaded, customer="C1")
    for number, step in enumerate(("accepted", "screened", "loaded", "unloaded")):
        airline_watched.tell(f"bag.{step}", "BAG2", loaded + number * MINUTE, customer="C2")
    airline_watched.wait_until(loaded + 10 * MINUTE)

    (failure,) = airline_watched.failures()
    assert (failure.subject, failure.kind, failure.stage) == ("BAG1", "bag_off_course", "skipped")
    assert (failure.facts["skipped"], failure.facts["seen"]) == ("bag.screened", "bag.loaded")

    screened = loaded + HOUR
    airline_watched.tell("bag.screened", "BAG1", screened, customer="C1")
    airline_watched.wait_until(screened + MINUTE)
    (failure,) = airline_watched.failures()
    assert history(failure) == [("skipped", loaded), ("out_of_order", screened)]
    assert failure.facts["out_of_order"] == "bag.screened"
