"""Runs of one act on many cases."""

from django.db.models import QuerySet

from amends.recover.models import BulkRow, BulkRun
from amends.recover.selectors.circle import seen_alone


def rows_of(run: BulkRun) -> QuerySet[BulkRow]:
    """The rows whose cases whoever prepared the run may see as of now: they may have moved, and so may a case."""
    return BulkRow.objects.filter(seen_alone(run.by, case="case__", unit="case__unit_id"), run=run)
