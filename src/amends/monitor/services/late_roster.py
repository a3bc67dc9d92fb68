"""A roster that comes after its failure: whom it names only now was hit like those whom it named in time."""

from collections.abc import Collection
from datetime import datetime

from django.db import connection
from django.db.models import Exists, OuterRef, Q

from amends.monitor.models import Affected, Failure, RosterEntry
from amends.monitor.services.affected import record_affected
from amends.monitor.services.findings import BROKEN
from amends.monitor.services.incidents import refresh_of
from amends.policy.models import BlueprintVersion
from amends.policy.selectors import blueprint_of


def record_late(
    subjects: Collection[str], *, reported: Collection[int], version: BlueprintVersion, now: datetime
) -> frozenset[int]:
    """Put on record whom the rosters of these subjects name only now, of each failure that hit the whole roster and
    still stands. One that is older than a voice could be about hits nobody any more. The roster is held alone.

    Args:
        subjects: whose rosters came or grew.
        reported: failures of theirs that employees reported and that hit the whole roster.
        version: of the blueprint in force; it judges how badly they were hit.
        now: since when they are known to be hit.

    Returns:
        the incidents into which these failures are born: their cases are to be opened or extended.
    """
    pack = blueprint_of(version.pk)
    whole = [standard.id for standard in pack.standards if not standard.is_personal]
    known = Affected.objects.filter(failure=OuterRef(OuterRef("pk")), customer=OuterRef("customer"))
    new = RosterEntry.objects.filter(~Exists(known), subject=OuterRef("subject"))
    standing = Failure.objects.filter(
        Exists(new),
        Q(standard__in=whole) | Q(pk__in=reported),
        subject__in=subjects,
        stage__in=BROKEN,
        stage_at__gte=now - pack.incidents.voices.within,
    )
    failures = list(standing.order_by("pk").select_for_update(no_key=True).values_list("pk", flat=True))
    if not failures:
        return frozenset()
    record_affected(dict.fromkeys(failures), pack=pack, version=version, now=now, late=True)
    with connection.cursor() as cursor:
        return refresh_of(cursor, failures)
