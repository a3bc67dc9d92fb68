"""What comes in by messages, from its own description as AsyncAPI."""

from typing import Any

from docs.generate.api import description as of_the_api
from docs.generate.types import type_words


def operations(_argument: str = "") -> str:
    """Each operation: where, in words, and what its messages are."""
    of_the_api()  # Django is set up
    from amends.web.api.streams import description

    described = description()
    parts = []
    for said in described["operations"].values():
        channel = described["channels"][_name(said["channel"])]
        server = described["servers"][_name(channel["servers"][0])]
        parts += [
            f"## {said['title']}",
            f"`{server['protocol']}`, `{channel['address']}`. {_line(said['description'])}",
        ]
        reply = said.get("reply", {}).get("messages", [])
        rows = [
            _row(described["components"]["messages"][_name(one)], way)
            for way, messages in (("in", said["messages"]), ("out", reply))
            for one in messages
        ]
        parts.append("\n".join(["| message | | media type | holds |", "|---|---|---|---|", *rows]))
    return "\n\n".join(parts)


def _row(message: dict[str, Any], way: str) -> str:
    payload = message["payload"]
    holds = payload.get("description") or type_words(payload, lambda name: f"`{name}`")
    if "headers" in message:
        holds = f"headers {', '.join(f'`{name}`' for name in message['headers']['properties'])}; {holds}"
    return f"| {message['title']} | {way} | `{message['contentType']}` | {holds} |"


def _name(reference: dict[str, str]) -> str:
    return reference["$ref"].rsplit("/", 1)[1]


def _line(text: str) -> str:
    return " ".join(text.split())
