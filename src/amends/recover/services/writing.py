"""The customer's complaint in writing, where the blueprint asks for one before something is given."""

from datetime import datetime

from amends.people.models import Customer, Staff
from amends.recover.models import WrittenComplaint
from amends.recover.services.holding import holding, save_case
from amends.recover.services.working import hear

LONGEST = 20_000  # characters


def keep_written_complaint(
    case_id: int,
    *,
    words: str,
    acting_user: Staff | Customer | None,
    now: datetime,
    source: str = "",
    version: int | None = None,
) -> WrittenComplaint:
    """Keep the customer's own words as their complaint in writing; the same words twice are one complaint.

    Raises:
        ValueError: there are no words, or too many.
    """
    said = words.replace("\r\n", "\n").replace("\0", "").strip()
    if not said or len(said) > LONGEST:
        raise ValueError(f"A complaint in writing has 1 to {LONGEST:,} characters.")
    with holding("keep_written_complaint", case_id, acting_user=acting_user, version=version) as (case, person):
        known = WrittenComplaint.objects.filter(case=case, words=said).first()
        if known is not None:
            return known
        from_customer = isinstance(acting_user, Customer)
        made = WrittenComplaint.objects.create(
            case=case,
            words=said,
            source=source or ("customer" if from_customer else "staff"),
            given_at=now,
            taken_by=person,
        )
        hear(case, "complaint", said, now)
        save_case(case)  # whoever is about to act on it sees that it is there
    return made
