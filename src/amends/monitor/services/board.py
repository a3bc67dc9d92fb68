"""The live board's rows, and the counts of promises kept: set-wise, and written only where something changed."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import F, Q

from amends.monitor.models import Board, BoardCount, BoardPromise, MonitorProgress

WANTED_FOR: Final = timedelta(seconds=60)  # a board that nobody asked for so long is not kept up any more

Key = tuple[str, int]


def want_board(*, now: datetime) -> None:
    """Somebody watches the board: the monitor keeps it up for a while. Writes once in half of that while."""
    stale = Q(wanted_until=None) | Q(wanted_until__lt=now + WANTED_FOR / 2) | Q(wanted_until__gt=now + 2 * WANTED_FOR)
    if not Board.objects.filter(pk=1).exists():
        Board.objects.bulk_create([Board(pk=1)], ignore_conflicts=True)
    Board.objects.filter(stale, pk=1).update(wanted_until=now + WANTED_FOR)


def board_is_wanted(*, now: datetime) -> bool:
    """Whether anybody watches."""
    return Board.objects.filter(pk=1, wanted_until__gte=now, wanted_until__lte=now + 2 * WANTED_FOR).exists()


@transaction.atomic
def publish_board(
    *,
    added: Sequence[Mapping[str, Any]],
    gone: Collection[Key],
    counts: Sequence[Mapping[str, Any]],
    uncounted: Collection[tuple[str, str]],
    anew: bool,
    now: datetime,
) -> None:
    """Bring the board's rows from one state of things to the next.

    Args:
        added: promises that are on it now, as the columns of `BoardPromise`.
        gone: standard and number of those that are not any more.
        counts: how many are open where, as the columns of `BoardCount`, of standards and units where that changed.
        uncounted: standards and units where none is open any more.
        anew: whether all that stands there goes first.
        now: when.
    """
    if anew:
        BoardPromise.objects.all().delete()
        BoardCount.objects.all().delete()
    with connection.cursor() as cursor:
        if gone:
            standards, numbers = zip(*gone, strict=True)
            cursor.execute(
                """
                delete from monitor_boardpromise using unnest(%s::text[], %s::bigint[]) as gone (standard, seq)
                where monitor_boardpromise.standard = gone.standard and monitor_boardpromise.seq = gone.seq
                """,
                [list(standards), list(numbers)],
            )
        if uncounted:
            standards, units = zip(*uncounted, strict=True)
            cursor.execute(
                """
                delete from monitor_boardcount using unnest(%s::text[], %s::text[]) as gone (standard, unit)
                where monitor_boardcount.standard = gone.standard and monitor_boardcount.unit = gone.unit
                """,
                [list(standards), list(units)],
            )
    BoardPromise.objects.bulk_create(
        [BoardPromise(**row) for row in added],
        batch_size=5_000,
        update_conflicts=True,
        unique_fields=["standard", "seq"],
        update_fields=["subject", "unit", "customer", "opened_at", "due", "warn_at"],
    )
    BoardCount.objects.bulk_create(
        [BoardCount(**row) for row in counts],
        batch_size=5_000,
        update_conflicts=True,
        unique_fields=["standard", "unit"],
        update_fields=["open", "at_risk", "overdue"],
    )
    Board.objects.filter(pk=1).update(version=F("version") + 1, published_at=now)


def add_kept(progress: MonitorProgress, counts: Sequence[Mapping[str, Any]]) -> None:
    """Add what a step of the monitor settled to the counts of its stream.

    Adding is not idempotent: it belongs into the transaction that moves the stream's position past that step.
    """
    if not counts:
        return
    columns = [[row[name] for row in counts] for name in ("standard", "hour", "unit", "kept", "broken")]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            insert into monitor_keptcount as known (stream_id, standard, hour, unit, kept, broken)
            select %s, standard, hour, unit, sum(kept), sum(broken)
            from unnest(%s::text[], %s::timestamptz[], %s::text[], %s::int[], %s::int[])
                as given (standard, hour, unit, kept, broken)
            group by standard, hour, unit
            on conflict (stream_id, standard, hour, unit)
                do update set kept = known.kept + excluded.kept, broken = known.broken + excluded.broken
            """,
            [progress.pk, *columns],
        )
