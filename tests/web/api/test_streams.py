"""The AsyncAPI description is valid, agrees with what the readers take, and can be read.

`asyncapi-3.0.0.json.gz` is the specification's own schema, as published in @asyncapi/specs 6.11.1 under Apache-2.0.
"""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from django.test import Client

from amends.monitor.core.signal import LENGTHS, REQUIRED, signal_from_cloudevent
from amends.policy.present import present
from amends.web.api.signals import BATCH, LINES, ONE
from amends.web.api.streams import description
from docs.generate import streams as page
from tests.docs.blocks import REPOSITORY

SPECIFICATION = json.loads(gzip.decompress((Path(__file__).parent / "asyncapi-3.0.0.json.gz").read_bytes()))
Ask = Callable[..., Any]


@pytest.fixture
def valid() -> jsonschema_rs.Validator:
    return jsonschema_rs.validator_for(SPECIFICATION)


def test_the_description_is_valid_asyncapi(valid: jsonschema_rs.Validator) -> None:
    assert [str(error) for error in valid.iter_errors(description())] == []


def test_the_check_can_fail(valid: jsonschema_rs.Validator) -> None:
    broken = description()
    broken["operations"]["sendSignals"]["action"] = "publish"
    assert not valid.is_valid(broken)


def test_every_reference_leads_somewhere() -> None:
    described = description()

    def look(value: Any) -> None:
        if isinstance(value, dict):
            if "$ref" in value:
                found: Any = described
                for name in value["$ref"].removeprefix("#/").split("/"):
                    found = found[name]
            for inner in value.values():
                look(inner)
        elif isinstance(value, list):
            for inner in value:
                look(inner)

    look(described)


def test_it_describes_what_the_readers_take() -> None:
    described = description()
    sent = described["operations"]["sendSignals"]["messages"]
    kinds = {described["components"]["messages"][one["$ref"].rsplit("/", 1)[1]]["contentType"] for one in sent}
    assert kinds == {ONE, BATCH, LINES}
    event = described["components"]["schemas"]["Event"]
    assert set(event["required"]) == {"specversion", "time", *REQUIRED}
    assert {name: event["properties"][name]["maxLength"] for name in LENGTHS} == dict(LENGTHS)


@pytest.mark.django_db
def test_what_fits_the_schema_is_a_signal_and_what_does_not_is_none(company: object) -> None:
    event = jsonschema_rs.validator_for(description()["components"]["schemas"]["Event"])
    good = {"specversion": "1.0", "id": "1", "source": "s", "type": "t", "subject": "x", "time": "2026-03-02T09:00:00Z"}
    assert event.is_valid(good)
    assert signal_from_cloudevent(good, now=present())
    for change in ({"id": ""}, {"subject": "x" * 301}, {"specversion": "0.3"}, {"data": [1]}, {"customer": 7}):
        assert not event.is_valid({**good, **change})
        with pytest.raises(ValueError, match=r"\w"):
            signal_from_cloudevent({**good, **change}, now=present())


@pytest.mark.django_db
def test_program_and_page_get_the_same_without_a_token(client: Client, company: object) -> None:
    assert client.get("/api/v1/asyncapi.json").json() == description()
    shown = client.get("/api/v1/streams").content.decode()
    for operation in description()["operations"].values():
        assert operation["title"] in shown
    assert "<script" not in shown
    assert 'href="streams"' in client.get("/api/v1/docs").content.decode()


def test_the_reference_page_has_every_operation_and_message() -> None:
    text = (REPOSITORY / "docs" / "reference" / "streams.md").read_text(encoding="utf-8")
    described = description()
    assert page.operations() in text
    for operation in described["operations"].values():
        assert f"### {operation['title']}" in text
    for message in described["components"]["messages"].values():
        assert message["title"] in text
