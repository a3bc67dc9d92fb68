"""What belongs to no unit, customers and rosters, is written only by accounts that have the whole company."""

from amends.people.models import Staff
from amends.people.selectors import NotAllowed


def require_whole_company(staff: Staff) -> None:
    """Go on only without the limits of a unit.

    Raises:
        NotAllowed: otherwise.
    """
    if staff.unit_id is not None:
        raise NotAllowed("This account is limited to a unit, and what is written here belongs to the whole company.")
