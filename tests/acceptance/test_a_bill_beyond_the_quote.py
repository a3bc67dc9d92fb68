"""A customer is billed more than was quoted; the failure says how much and against what, and nobody else is hit."""

from tests.acceptance.watching import MINUTE, MONDAY, Airline, history, hit


def test_the_bill_is_found_with_both_sums(airline_watched: Airline) -> None:
    airline_watched.tell("bill.issued", "BILL1", MONDAY, customer="C1", billed=120.0, quoted=120.0)
    airline_watched.tell("bill.issued", "BILL2", MONDAY, customer="C2", billed=180.0, quoted=120.0)
    airline_watched.tell("bill.issued", "BILL3", MONDAY, customer="C3", quoted=120.0)
    airline_watched.wait_until(MONDAY + MINUTE)

    (failure,) = airline_watched.failures()
    assert (failure.subject, failure.kind, failure.stage) == ("BILL2", "billing_error", "beyond")
    assert history(failure) == [("beyond", MONDAY)]
    assert (failure.facts["measured"], failure.facts["limit"]) == (180.0, 120.0)
    assert hit(failure) == {"C2"}
    assert (failure.responsible, failure.controllable) == ("process", True)
    assert failure.severity_why.en
    assert failure.attribution_why.zh
