import socket
from collections.abc import Iterator

import pytest

from amends.site import service
from amends.site.service import Address, ServiceError, free_address


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which somebody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_port_that_is_taken_is_refused_with_a_way_out(taken: int):
    with pytest.raises(ServiceError, match=f"Port {taken} .*--port"):
        free_address("127.0.0.1", taken)


def test_port_zero_is_any_free_port():
    address = free_address("127.0.0.1", 0)
    assert address.port > 0
    assert not address.answers()


def test_an_address_answers_when_somebody_listens(taken: int):
    assert Address(host="127.0.0.1", port=taken).answers()
    assert Address(host="0.0.0.0", port=taken).answers()  # noqa: S104 - nothing is bound


def test_a_host_that_is_not_ours_is_refused():
    with pytest.raises(ServiceError, match=r"192\.0\.2\.1"):
        free_address("192.0.2.1", 0)


@pytest.mark.parametrize(
    ("host", "url"),
    [("127.0.0.1", "http://127.0.0.1:8000/"), ("::1", "http://[::1]:8000/"), ("localhost", "http://localhost:8000/")],
)
def test_the_address_can_be_typed_into_a_browser(host: str, url: str):
    assert Address(host=host, port=8000).url == url


def test_kafka_is_read_where_the_environment_names_a_cluster(monkeypatch: pytest.MonkeyPatch):
    def names() -> list[str]:
        return [one.name for one in service._commands(Address(host="h", port=1), workers=1, environment={})]

    assert names() == ["web", "worker", "monitor"]
    monkeypatch.setenv("AMENDS_KAFKA", "broker:9092")
    with pytest.raises(ServiceError, match="AMENDS_KAFKA_TOPICS"):
        names()
    monkeypatch.setenv("AMENDS_KAFKA_TOPICS", "operations")
    assert names() == ["web", "worker", "monitor", "kafka"]
