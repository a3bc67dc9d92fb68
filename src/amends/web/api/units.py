"""Units that a request names by code: one that is not there, or not within reach, is named back (422)."""

from amends.people.models import Staff, Unit
from amends.people.selectors import NotFound, unit_for
from amends.web.api.problems import Refused


def unit_named(staff: Staff, code: str, *, where: str) -> Unit:
    """The unit of a code that stands at this place of the request."""
    try:
        return unit_for(staff, code)
    except NotFound as missing:
        raise Refused(422, str(missing), where=where) from None
