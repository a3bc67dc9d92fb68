"""The units that a filter offers: the person's own and two levels below; deeper ones are too many to choose from."""

from typing import NamedTuple

from amends.people.models import Staff
from amends.people.selectors import units_for

LEVELS = 3


class Choice(NamedTuple):
    """A unit as far as a field to choose it needs to know; there may be hundreds on one page."""

    pk: int
    code: str
    name_en: str
    name_zh: str
    path: str


def units_to_choose(staff: Staff) -> list[Choice]:
    """From the top down."""
    units = [Choice(*row) for row in units_for(staff).values_list(*Choice._fields)]
    top = min((unit.path.count("/") for unit in units), default=0)
    return [unit for unit in units if unit.path.count("/") < top + LEVELS]
