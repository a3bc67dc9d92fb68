"""A bag that was left behind is due within a day; it is put off, with a reason, and then comes later even than that.
Another one's claim is withdrawn."""

from tests.acceptance.watching import DAY, HOUR, MONDAY, Airline, history


def test_the_promise_follows_the_new_time_and_the_reason_is_kept(airline_watched: Airline) -> None:
    new_due = MONDAY + 2 * DAY
    airline_watched.tell("bag.reported_missing", "BAG1", MONDAY, customer="C1")
    airline_watched.tell("bag.reported_missing", "BAG2", MONDAY, customer="C2")
    airline_watched.tell(
        "bag.delivery_arranged", "BAG1", MONDAY + 21 * HOUR, delivery_due=new_due.isoformat(), reason="snow in Boston"
    )
    airline_watched.tell("bag.claim_withdrawn", "BAG2", MONDAY + 23 * HOUR, customer="C2")
    airline_watched.wait_until(MONDAY + 25 * HOUR)
    at_risk = airline_watched.failures()
    assert [one.stage for one in at_risk] == ["averted", "averted"], "neither is broken when the day is over"

    airline_watched.tell("bag.search_news", "BAG1", new_due - 3 * HOUR)
    airline_watched.tell("bag.delivered", "BAG1", new_due + 5 * HOUR)
    airline_watched.wait_until(new_due + 6 * HOUR)

    (late,) = [one for one in airline_watched.failures() if one.subject == "BAG1"]
    assert (late.kind, late.stage, late.due) == ("baggage_delayed", "late", new_due)
    assert history(late) == [
        ("at_risk", MONDAY + 20 * HOUR),
        ("at_risk", new_due - 4 * HOUR),
        ("breached", new_due),
        ("late", new_due + 5 * HOUR),
    ]
    assert late.facts["revised_because"] == "snow in Boston"
    assert late.facts["minutes_late"] == 300
    assert late.severity_why.en
    assert late.severity_why.zh
