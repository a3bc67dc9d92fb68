"""What a message tells, and which settings are taken."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amends.monitor.core.intake import LONGEST_LINE
from amends.monitor.sources.kafka import KafkaSettings, KafkaSettingsError, told_by

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
GOOD = {"specversion": "1.0", "id": "1", "source": "s", "type": "t", "subject": "S", "time": "2026-03-02T09:00:00Z"}


@dataclass
class Sent:
    """As librdkafka hands a message over; it lets nobody else make one."""

    sent: bytes | None
    named: list[tuple[str, bytes | None]] = field(default_factory=list)

    def value(self) -> bytes | None:
        return self.sent

    def headers(self) -> list[tuple[str, bytes | None]] | None:
        return self.named or None

    def key(self) -> None:
        return None

    def offset(self) -> int:
        return 7


def tell(value: bytes | None, *headers: tuple[str, bytes | None]) -> Any:
    return told_by(Sent(value, list(headers)), now=NOW)  # type: ignore[arg-type]  # see there


def test_both_forms_of_the_binding_tell_the_same() -> None:
    structured = tell(json.dumps({**GOOD, "data": {"a": 1}}).encode())
    binary = tell(b'{"a": 1}', *((f"ce_{name}", said.encode()) for name, said in GOOD.items()))
    assert structured.signal == binary.signal
    assert structured.signal.data == {"a": 1}
    without = tell(b"", *((f"CE_{name}", said.encode()) for name, said in GOOD.items()))
    assert without.signal.data is None


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "empty"),
        (b"", "no JSON"),
        (b"{", "no JSON"),
        (b"[]", "no JSON object"),
        (b"x" * (LONGEST_LINE + 1), "longer"),
    ],
)
def test_a_message_that_is_no_signal_says_why(value: bytes | None, words: str) -> None:
    told = tell(value)
    assert told.signal is None
    assert words in str(told.fault)
    assert told.fault.said.zh


@given(st.none() | st.binary(max_size=60), st.lists(st.tuples(st.text(max_size=9), st.none() | st.binary(max_size=9))))
def test_no_message_whatever_is_in_it_stops_a_partition(value: bytes | None, headers: list[Any]) -> None:
    named = [("ce_specversion", b"1.0"), *((f"ce_{name}", said) for name, said in headers)]
    assert (tell(value, *named).signal is None) != (tell(value, *named).fault is None)


def test_settings_come_from_the_environment(tmp_path: Path) -> None:
    file = tmp_path / "kafka.properties"
    file.write_text("# who we are\nsasl.username = amends\n\nsasl.password=a=b\n")
    given_ = {"AMENDS_KAFKA": "a:9092", "AMENDS_KAFKA_TOPICS": "one, two", "AMENDS_KAFKA_CONFIG": str(file)}
    settings = KafkaSettings.of(given_)
    assert settings is not None
    assert (settings.topics, settings.group) == (("one", "two"), "amends")
    assert settings.more == {"sasl.username": "amends", "sasl.password": "a=b"}
    assert KafkaSettings.of({}) is None


def test_settings_that_cannot_be_used_are_refused_in_words(tmp_path: Path) -> None:
    file = tmp_path / "kafka.properties"
    file.write_text("nonsense\n")
    base = {"AMENDS_KAFKA": "a:9092", "AMENDS_KAFKA_TOPICS": "one"}
    for wrong, words in (
        ({"AMENDS_KAFKA_TOPICS": " , "}, "AMENDS_KAFKA_TOPICS"),
        ({"AMENDS_KAFKA_CONFIG": str(file)}, "line 1"),
        ({"AMENDS_KAFKA_CONFIG": str(tmp_path / "nowhere")}, "nowhere"),
    ):
        with pytest.raises(KafkaSettingsError, match=words):
            KafkaSettings.of({**base, **wrong})
    with pytest.raises(KafkaSettingsError, match="No such configuration"):
        KafkaSettings(servers="a:9092", topics=("one",), more={"no.such.setting": "1"}).consumer()
