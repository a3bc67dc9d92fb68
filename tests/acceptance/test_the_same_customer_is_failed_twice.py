"""A customer waits too long on the phone, and weeks later is billed wrongly: that is double deviation. Somebody who
asks the same thing three times is noticed as well."""

from tests.acceptance.watching import DAY, HOUR, MINUTE, MONDAY, Airline, hit


def test_the_second_failure_of_one_customer_is_a_failure_of_its_own(airline_watched: Airline) -> None:
    airline_watched.tell("call.answered", "CALL1", MONDAY, customer="C1", waiting_minutes=25)
    airline_watched.tell("call.answered", "CALL2", MONDAY, customer="C2", waiting_minutes=25)
    second = MONDAY + 20 * DAY
    airline_watched.tell("bill.issued", "BILL1", second, customer="C1", billed=90, quoted=50)
    airline_watched.tell("bill.issued", "BILL2", second + 20 * DAY, customer="C2", billed=90, quoted=50)
    airline_watched.wait_until(second + 20 * DAY + MINUTE)

    (again,) = [one for one in airline_watched.failures() if one.kind == "failed_again"]
    assert (again.stage, again.found_at, again.subject) == ("repeated", second, "BILL1")
    assert hit(again) == {"C1"}
    assert again.facts["times"] == 2
    assert again.facts["first_at"] == "2026-03-02T09:00:00.000000Z"
    assert again.severity == 2


def test_whoever_asks_three_times_about_one_thing_is_noticed_at_the_third(airline_watched: Airline) -> None:
    for number, subject in enumerate(("REFUND1", "REFUND1", "SEAT1", "REFUND1")):
        airline_watched.tell("customer.asked", subject, MONDAY + number * HOUR, customer="C1")
    airline_watched.wait_until(MONDAY + 4 * HOUR)
    (failure,) = airline_watched.failures()
    assert (failure.kind, failure.subject, failure.found_at) == ("no_answer", "REFUND1", MONDAY + 3 * HOUR)
