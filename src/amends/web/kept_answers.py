"""Answers kept for writes that may come again: how long, and what throws them away.

What was answered may be confidential, so none lies here longer than it may be asked for.
"""

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from amends.web.models import KeptAnswer

KEPT_FOR: Final = timedelta(days=1)
AT_ONCE: Final = 1_000


@transaction.atomic
def sweep_answers(*, now: datetime, limit: int = AT_ONCE) -> int:
    """Throw away answers that are no longer given again, the oldest first; how many, 0: none is left.

    One whose key somebody is just using anew is left to them.
    """
    old = KeptAnswer.objects.filter(created_at__lte=now - KEPT_FOR).order_by("created_at")
    ids = old.select_for_update(skip_locked=True).values_list("id", flat=True)[:limit]
    return KeptAnswer.objects.filter(id__in=list(ids)).delete()[0]
