"""What a request asks for, read from its address: nothing unknown gets through to a selector."""

from collections.abc import Container

from django.http import HttpRequest


def one_of(request: HttpRequest, name: str, known: Container[str], *, otherwise: str = "") -> str:
    """A parameter if it is one of the known words."""
    value = request.GET.get(name, "")
    return value if value in known else otherwise


def number(request: HttpRequest, name: str, known: Container[int]) -> int | None:
    """A parameter as a number if it is one of the known ones."""
    value = request.GET.get(name, "")
    return int(value) if value.isascii() and value.isdigit() and int(value) in known else None


def row_id(request: HttpRequest, name: str) -> int | None:
    """A parameter as the number of a row."""
    value = request.GET.get(name, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 19 else None


def cursor(request: HttpRequest) -> str | None:
    """From where in the list to go on."""
    return request.GET.get("after") or None


def text(request: HttpRequest, name: str = "q", *, most: int = 200) -> str:
    """Free words, cut at a length that no person types; a null byte would upset the database."""
    return request.GET.get(name, "").replace("\0", "").strip()[:most]
