"""The query of an address: a parameter that is not documented, or is there twice, is refused.

Otherwise a filter with a slip in its name would be left out unseen, and the answer would have more rows than asked for.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from ninja.errors import ValidationError
from ninja.operation import Operation

_TAKEN: Final = "query_taken"

Run = Callable[..., HttpResponseBase]


def parameters_of(operation: Operation) -> list[str]:
    """The names that an operation's query may have, in the order of the documentation."""
    models = [model for model in operation.models if model.__ninja_param_source__ == "query"]
    return [name for model in models for name in getattr(model, "__ninja_flatten_map__", {})]


def knows_its_query(run: Run) -> Run:
    """An operation that tells the check below what it takes; put around all of them, in one place."""
    taken = parameters_of(run.__self__)  # type: ignore[attr-defined]  # a bound method, which Callable does not tell

    @wraps(run)
    def told(request: HttpRequest, **path: Any) -> HttpResponseBase:
        setattr(request, _TAKEN, taken)
        return run(request, **path)

    return told


def check_query(request: HttpRequest) -> None:
    """Go on only if each parameter is one that the address takes, and there once.

    Raises:
        ValidationError: otherwise; it is answered as 422 and names the parameters.
    """
    taken: list[str] = getattr(request, _TAKEN)
    takes = f"this address takes {', '.join(taken)}" if taken else "this address takes none"
    wrong = [
        {
            "loc": ("query", name),
            "msg": f"There is no such parameter; {takes}." if name not in taken else "It is there twice.",
        }
        for name, values in request.GET.lists()
        if name not in taken or len(values) > 1
    ]
    if wrong:
        raise ValidationError(wrong)
