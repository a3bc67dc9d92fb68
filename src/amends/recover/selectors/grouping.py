"""Cases and incidents as people have grouped them: which cases an incident's failures opened, where a case counts."""

from django.db.models import Q

from amends.monitor.models import Failure
from amends.monitor.selectors import family_of, root_of
from amends.recover.models import Case, CaseFailure


def cases_counting_in(incident_id: int) -> Q:
    """Narrows cases to those that make good a failure which counts in this incident.

    Nearly always nothing was grouped; then it is the plain look-up by the case's own incident.
    """
    family = family_of(incident_id)
    born = Q(incident_id__in=family) if len(family) > 1 else Q(incident_id=incident_id)
    here = CaseFailure.objects.filter(moved_to=None)
    if Failure.objects.filter(joined_id__in=family).exists():
        born |= Q(pk__in=here.filter(failure__joined_id__in=family).values("case_id"))
    left = Failure.objects.filter(incident_id__in=family, joined__isnull=False).exclude(joined_id__in=family)
    if left.exists():
        gone = here.filter(failure__in=left).values("case_id")
        staying = here.filter(
            Q(failure__joined=None, failure__incident_id__in=family) | Q(failure__joined_id__in=family)
        )
        born &= ~Q(pk__in=gone) | Q(pk__in=staying.filter(case__incident_id__in=family).values("case_id"))
    return born


def incident_counting(case: Case) -> int | None:
    """The incident in which a case's failures count now; None where it has none."""
    if case.incident_id is None:
        return None
    joined = (
        CaseFailure.objects.filter(case=case, moved_to=None)
        .order_by("-failure__severity", "failure_id")
        .values_list("failure__joined_id", "failure__incident_id")
        .first()
    )
    born = case.incident_id if joined is None else joined[0] or case.incident_id
    return root_of(born)
