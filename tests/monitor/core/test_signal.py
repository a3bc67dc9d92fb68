"""A CloudEvent becomes a signal, or is refused in words."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amends.monitor.core.signal import SignalIn, signal_from_cloudevent

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
GOOD: dict[str, Any] = {
    "specversion": "1.0",
    "id": "1",
    "source": "ops",
    "type": "flight.departed",
    "subject": "UA1",
    "time": "2026-03-02T09:00:00+08:00",
}


def test_an_event_becomes_a_signal_in_utc_with_its_extensions() -> None:
    event = {**GOOD, "customer": "C-1", "unit": "EWR", "data": {"gate": "B7"}, "datacontenttype": "application/json"}
    assert signal_from_cloudevent(event, now=NOW) == SignalIn(
        id="1",
        source="ops",
        type="flight.departed",
        subject="UA1",
        time=datetime(2026, 3, 2, 1, 0, tzinfo=UTC),
        customer="C-1",
        unit="EWR",
        data={"gate": "B7"},
    )


def nested(levels: int) -> dict[str, Any]:
    return {"in": nested(levels - 1)} if levels else {}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"specversion": "0.3"}, "specversion"),
        ({"specversion": None}, "specversion"),
        ({"id": None}, "it has no id"),
        ({"id": ""}, "id must have 1 to 200"),
        ({"id": 7}, "id must be text"),
        ({"id": None, "subject": None}, "no id and no subject"),
        ({"source": "x" * 201}, "source must have"),
        ({"subject": "a\0b"}, "can't be kept"),
        ({"subject": "a\ud800b"}, "can't be kept"),
        ({"time": None}, "no time"),
        ({"time": "yesterday"}, "no RFC 3339"),
        ({"time": "2026-03-02"}, "no RFC 3339"),
        ({"time": 1772442000}, "no RFC 3339"),
        ({"time": "2026-03-02T09:00:00"}, "needs an offset"),
        ({"time": "0001-01-01T00:00:00+10:00"}, "no RFC 3339"),
        ({"data": [1]}, "JSON object"),
        ({"data": "{}"}, "JSON object"),
        ({"data": {"a": ["b\0"]}}, "can't be kept"),
        ({"data": {"a\0": 1}}, "can't be kept"),
        ({"data": {"a": float("nan")}}, "number that is none"),
        ({"data": nested(101)}, "nested"),
        ({"time": "2026-03-02T09:05:01Z"}, "lies in the future, .*; it is 2026-03-02T09:00Z here"),
        ({"data_base64": "e30="}, "data_base64"),
        ({"datacontenttype": "text/xml"}, "datacontenttype"),
        ({"customer": ["C"]}, "customer must be text"),
        ({"unit": "u" * 65}, "unit must have 1 to 64"),
    ],
)
def test_an_event_that_says_too_little_is_refused_with_its_reason(change: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        signal_from_cloudevent({**GOOD, **change}, now=NOW)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(
    st.fixed_dictionaries({}, optional=dict.fromkeys([*GOOD, "customer", "unit", "data"], json_values)),
    st.booleans(),
)
def test_whatever_comes_it_is_a_signal_or_a_value_error(event: dict[str, Any], sound: bool) -> None:
    try:
        signal = signal_from_cloudevent({**GOOD, **event} if sound else event, now=NOW)
    except ValueError:
        return
    assert signal.time.tzinfo is UTC
    assert signal.id
    assert signal.subject


@given(json_values)
def test_what_is_no_object_is_no_event(value: Any) -> None:
    with pytest.raises(ValueError, match=r"no JSON object|specversion"):
        signal_from_cloudevent(value, now=NOW)
