"""What comes in by messages, as AsyncAPI 3: one description for HTTP and Kafka, of what the readers themselves use.

As a document for programs at `asyncapi.json` and as a page to read at `streams`, beside the OpenAPI ones.
"""

from typing import Any, Final

import orjson
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control

from amends.monitor.core.intake import LONGEST_LINE, LONGEST_WAIT
from amends.monitor.core.signal import AHEAD
from amends.web.api.signals import BATCH, EVENT, LINES, MOST, ONE

MINUTES: Final = int(AHEAD.total_seconds() // 60)
DESCRIPTION: Final = f"""\
Signals are CloudEvents 1.0. They come over HTTP, in one request or in batches, or as messages of Kafka topics. They
are judged alike, whichever way they come. A signal is the same if `source` and `id` are: sent again it does nothing.
One that lies more than {MINUTES} minutes in the future is no signal.
"""
_HTTP: Final = f"""\
Up to {MOST:,} events in one request. 202 says how many were accepted, were there already, or were rejected and why;
accepted means durable. 429 with `Retry-After` (at most {LONGEST_WAIT} seconds) while too many signals wait to be
judged, or when a token makes more requests a minute than agreed.
"""
_KAFKA: Final = f"""\
One event a message of at most {LONGEST_LINE // 2**20} MiB, in the structured form of the CloudEvents binding for Kafka
or in the binary one (headers `ce_…`, the data as the value). The position of each partition is kept in the transaction
that accepts its signals, so no message is lost and none counts twice. A message that is no signal is parked with its
reason, and the partition goes on. The members of the group read every partition from its beginning, then from where
they were.
"""


def description() -> dict[str, Any]:
    """The document."""
    return {
        "asyncapi": "3.0.0",
        "id": "urn:amends:signals",
        "info": {
            "title": "Amends: signals",
            "version": "1.0.0",
            "description": DESCRIPTION,
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "defaultContentType": ONE,
        "servers": {
            "api": {
                "host": "{host}",
                "protocol": "https",
                "variables": {"host": {"description": "Where this Amends answers.", "default": "localhost:8000"}},
                "security": [{"$ref": "#/components/securitySchemes/token"}],
            },
            "cluster": {
                "host": "{servers}",
                "protocol": "kafka",
                "description": "The cluster that AMENDS_KAFKA names.",
                "variables": {"servers": {"description": "AMENDS_KAFKA", "default": "localhost:9092"}},
            },
        },
        "channels": {
            "http": {
                "address": "/api/v1/signals",
                "title": "Signals over HTTP",
                "servers": [{"$ref": "#/servers/api"}],
                "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in ("one", "batch", "lines")},
            },
            "kafka": {
                "address": "{topic}",
                "title": "Signals from a Kafka topic",
                "servers": [{"$ref": "#/servers/cluster"}],
                "parameters": {"topic": {"description": "One of AMENDS_KAFKA_TOPICS."}},
                "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in ("one", "binary")},
            },
        },
        "operations": {
            "sendSignals": {
                "action": "receive",
                "title": "Take signals in over HTTP",
                "description": _HTTP,
                "channel": {"$ref": "#/channels/http"},
                "messages": [{"$ref": f"#/channels/http/messages/{name}"} for name in ("one", "batch", "lines")],
                "bindings": {"http": {"method": "POST", "bindingVersion": "0.3.0"}},
                "reply": {
                    "messages": [{"$ref": "#/components/messages/counts"}],
                    "channel": {"$ref": "#/channels/http"},
                },
            },
            "readTopic": {
                "action": "receive",
                "title": "Read signals from a topic",
                "description": _KAFKA,
                "channel": {"$ref": "#/channels/kafka"},
                "messages": [{"$ref": f"#/channels/kafka/messages/{name}"} for name in ("one", "binary")],
                "bindings": {"kafka": {"groupId": {"type": "string", "default": "amends"}, "bindingVersion": "0.5.0"}},
            },
        },
        "components": {
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": "A token with the scope `write:signals`."}
            },
            "messages": _messages(),
            "schemas": {"Event": EVENT, "Data": EVENT["properties"]["data"]},
        },
    }


def _messages() -> dict[str, Any]:
    event = {"$ref": "#/components/schemas/Event"}
    head = {name: said for name, said in EVENT["properties"].items() if name != "data"}
    return {
        "one": {"title": "One event", "contentType": ONE, "payload": event},
        "batch": {
            "title": "A list of events",
            "contentType": BATCH,
            "payload": {"type": "array", "items": event, "maxItems": MOST},
        },
        "lines": {
            "title": "An event a line",
            "contentType": LINES,
            "payload": {"type": "string", "description": "Each line is an event, as JSON."},
        },
        "binary": {
            "title": "An event with its attributes in the headers",
            "contentType": "application/json",
            "headers": {
                "type": "object",
                "required": [f"ce_{name}" for name in EVENT["required"]],
                "properties": {f"ce_{name}": said for name, said in head.items()},
            },
            "payload": {"$ref": "#/components/schemas/Data"},
        },
        "counts": {
            "title": "What became of them",
            "contentType": "application/json",
            "payload": {
                "type": "object",
                "required": ["accepted", "duplicate", "rejected", "rejections"],
                "properties": {
                    **{name: {"type": "integer"} for name in ("accepted", "duplicate", "rejected")},
                    "rejections": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "properties": {"index": {"type": "integer"}, "reason": {"type": "string"}},
                        },
                    },
                },
            },
        },
    }


@cache_control(max_age=3600)
def document(_request: HttpRequest) -> HttpResponse:
    """The description for programs."""
    return JsonResponse(description())


@cache_control(max_age=3600)
def streams(request: HttpRequest) -> HttpResponse:
    """The description as a page to read: plain HTML, no script, nothing from elsewhere."""
    described = description()
    messages = described["components"]["messages"]
    operations = [
        {
            "id": name,
            **said,
            "address": (channel := described["channels"][_name(said["channel"])])["address"],
            "server": described["servers"][_name(channel["servers"][0])],
            "sent": [{"id": _name(one), **messages[_name(one)]} for one in said["messages"]],
        }
        for name, said in described["operations"].items()
    ]
    for operation in operations:
        for one in operation["sent"]:
            one["schema"] = _indented({key: one[key] for key in ("headers", "payload") if key in one})
    schemas = [(name, _indented(schema)) for name, schema in described["components"]["schemas"].items()]
    return render(request, "api/streams.html", {"api": described, "operations": operations, "schemas": schemas})


def _name(reference: dict[str, str]) -> str:
    return reference["$ref"].rsplit("/", 1)[1]


def _indented(schema: dict[str, Any]) -> str:
    return orjson.dumps(schema, option=orjson.OPT_INDENT_2).decode()
