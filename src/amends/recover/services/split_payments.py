"""What looks split is pointed out to whoever supervises, who looks at it and says what it was."""

from datetime import datetime

from amends.kernel.reason import Reason
from amends.people.core.authority import SelfApproval
from amends.people.duty import acting_for
from amends.people.models import Staff
from amends.people.selectors import NotFound, require, units_below
from amends.policy.services import keep_explanations
from amends.recover.acting import acting
from amends.recover.core.splits import SPLIT
from amends.recover.holdings import Held
from amends.recover.models import Approval, Case, Remedy, Split


def point_out(
    held: Held, case: Case, granter: Staff, *, approval: Approval | None, version_id: int, now: datetime
) -> None:
    """Keep what was found with a sum; while one of the same pattern is still to be looked at, it grows instead."""
    for found in held.splits:
        why = Reason(
            rule=f"authority.splits.{found.pattern}", text=found.text, inputs={"lines": [x.id for x in found.lines]}
        )
        lines = [line.id for line in found.lines if line.id is not None]
        if approval is None:  # the sum at hand is in the ledger by now
            lines += (
                Remedy.objects.filter(case=case, granted_by=granter).order_by("-id").values_list("id", flat=True)[:1]
            )
        whom = f":{case.customer_id}" if found.pattern != "just_under" else ""
        Split.objects.update_or_create(
            key=f"{found.pattern}:{granter.pk}{whom}",
            state=SPLIT.initial,
            defaults={
                "pattern": found.pattern,
                "case": case,
                "unit_id": case.unit_id,
                "customer_id": case.customer_id,
                "granter": granter,
                "approval": approval,
                "lines": lines,
                "total": found.total,
                "currency": held.sum.currency,
                "found_at": now,
                "why_id": keep_explanations([why], version_id=version_id)[why.digest(version_id)],
            },
        )


def look_at_split(split_id: int, *, move: str, note: str, acting_user: Staff, now: datetime) -> Split:
    """Say what it was: `clear` or `confirm`, with the reason. Never by whoever granted the sums.

    Raises:
        NotFound: there is none that this person may see.
        IllegalMove: somebody looked at it before.
        SelfApproval: it is about the person's own grants.
    """
    with acting("look_at_split", acting_user):
        person = Staff.objects.get(pk=acting_user.pk)
        require(person, "approve")
        rows = Split.objects.select_for_update(no_key=True)
        reached = units_below(person)
        if reached is not None:
            rows = rows.filter(unit_id__in=reached)
        split = rows.filter(pk=split_id).first()
        if split is None:
            raise NotFound(f"There is no split {split_id} here.")
        if person.pk == split.granter_id or person.pk in acting_for([split.granter_id], at=now):
            raise SelfApproval("These are sums that you granted; somebody else looks at them.")
        split.state = SPLIT.after(split.state, move)
        split.looked_at, split.looked_by, split.note = now, person, note
        split.save(update_fields=["state", "looked_at", "looked_by", "note"])
    return split
