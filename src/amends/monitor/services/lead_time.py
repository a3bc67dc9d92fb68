"""Detection lead time: whether we found a failure before any voice about it, and by how long; kept set-wise."""

from typing import Any, Final

from amends.kernel.blueprint import Blueprint

# a complaint, or what was found by listening; what an employee reported is ours to have seen
VOICE: Final = """(failure.standard = any(%(hearing)s) or failure.stage = 'reported'
    and not exists (select from monitor_selfreport as report where report.failure_id = failure.id))"""


def hearing(pack: Blueprint) -> list[str]:
    """The standards that hear customers: those of voices, and those that the pack names besides."""
    return [one.id for one in pack.standards if one.voices is not None or one.id in pack.incidents.voices.standards]


def note_voices(cursor: Any, failures: list[int], pack: Blueprint) -> None:
    """Keep the first voice about each of these failures, and about those of which one of these is a voice.

    A voice is a complaint, or what a standard found that hears customers. It is about the failures of its subject;
    where nothing else is known of its subject, about what failed the same customer shortly before.
    """
    cursor.execute(
        f"""
        select failure.subject, min(failure.found_at),
            coalesce(array_agg(failure.id) filter (where failure.id = any(%(ids)s)), '{{}}')
        from monitor_failure as failure
        where failure.subject in (select subject from monitor_failure where id = any(%(ids)s)) and {VOICE}
        group by 1
        """,
        {"ids": failures, "hearing": hearing(pack)},
    )
    voices = cursor.fetchall()
    if not voices:  # nearly always
        return
    cursor.execute(
        """
        update monitor_failure as failure set voiced_at = voice.at
        from unnest(%s::text[], %s::timestamptz[]) as voice (subject, at)
        where failure.subject = voice.subject and (failure.voiced_at is null or failure.voiced_at > voice.at)
            and failure.stage not in ('at_risk', 'averted')
        """,
        [[subject for subject, _, _ in voices], [at for _, at, _ in voices]],
    )
    mine = [failure for _, _, ids in voices for failure in ids]
    if mine:
        _about_the_customer(cursor, mine, pack)


def _about_the_customer(cursor: Any, voices: list[int], pack: Blueprint) -> None:
    """Voices about a subject of which nothing else is known are about what failed the same customer lately."""
    cursor.execute(
        """
        with voice as materialized (
            select failure.id, failure.subject, failure.found_at from monitor_failure as failure
            where failure.id = any(%(ids)s) and not exists (
                select from monitor_failure as other
                where other.subject = failure.subject and other.stage <> 'reported'
                    and other.standard <> all(%(hearing)s))
        ),
        hit as (
            select past.failure_id as id, min(voice.found_at) as at
            from voice join monitor_affected as mine on mine.failure_id = voice.id
            join monitor_affected as past on past.customer_id = mine.customer_id and past.failure_id <> voice.id
            join monitor_failure as before on before.id = past.failure_id
            where before.found_at <= voice.found_at and before.found_at >= voice.found_at - %(within)s
            group by 1
        )
        update monitor_failure as failure set voiced_at = hit.at from hit
        where failure.id = hit.id and (failure.voiced_at is null or failure.voiced_at > hit.at)
        """,
        {"ids": voices, "hearing": hearing(pack), "within": pack.incidents.voices.within},
    )
