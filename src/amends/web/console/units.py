"""The units that a filter offers: the person's own and two levels below; deeper ones are too many to choose from."""

from amends.people.models import Staff, Unit
from amends.people.selectors import units_for

LEVELS = 3


def units_to_choose(staff: Staff) -> list[Unit]:
    """From the top down."""
    units = units_for(staff)
    top = min((unit.path.count("/") for unit in units), default=0)
    return [unit for unit in units if unit.path.count("/") < top + LEVELS]
