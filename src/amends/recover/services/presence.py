"""Who has which case open on a screen right now; it runs out by itself when the page stops saying so."""

from datetime import datetime, timedelta
from typing import Final

from django.db import connection

from amends.people.models import Staff
from amends.recover.models import Presence

THERE_FOR: Final = timedelta(seconds=35)  # the page speaks up every twelve seconds, so two may be lost
KEPT_FOR: Final = timedelta(hours=1)


def be_present(case_id: int, *, writing: bool, acting_user: Staff, now: datetime) -> None:
    """This person has the case open; whether they are writing. Outside the case's record: looking changes nothing."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            insert into recover_presence (case_id, staff_id, seen_at, writing) values (%s, %s, %s, %s)
            on conflict (case_id, staff_id) do update set seen_at = excluded.seen_at, writing = excluded.writing
            """,
            [case_id, acting_user.pk, now, writing],
        )


def sweep_presence(*, now: datetime) -> int:
    """Throw away what has run out long ago; how many rows."""
    return Presence.objects.filter(seen_at__lt=now - KEPT_FOR).delete()[0]
