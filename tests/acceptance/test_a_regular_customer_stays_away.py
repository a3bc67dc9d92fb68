"""Somebody who booked every month does not come back and says nothing: found after three times the usual gap."""

from tests.acceptance.watching import DAY, MONDAY, Airline, hit


def test_a_lapsed_customer_is_noticed_once_and_a_newcomer_is_not(airline_watched: Airline) -> None:
    for number in range(4):
        airline_watched.tell("booking.made", f"B{number}", MONDAY + number * 30 * DAY, customer="C1")
    airline_watched.tell("booking.made", "B9", MONDAY + 90 * DAY, customer="C2")
    last = MONDAY + 90 * DAY

    airline_watched.wait_until(last + 89 * DAY)
    assert airline_watched.failures() == []
    airline_watched.wait_until(last + 90 * DAY)
    airline_watched.wait_until(last + 300 * DAY)

    (failure,) = airline_watched.failures()
    assert (failure.kind, failure.stage, failure.subject) == ("lapsed", "silent", "customer/C1")
    assert failure.found_at == last + 90 * DAY
    assert (failure.facts["purchases"], failure.facts["usual_gap_days"]) == (4, 30)
    assert hit(failure) == {"C1"}
