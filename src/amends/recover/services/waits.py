"""What ends when a case goes on or our part of it is finished: waiting for the customer, and promises of more news."""

from datetime import datetime
from typing import Any

from amends.policy.selectors import blueprint_of
from amends.recover.core.clocks import CLOCK, due_again
from amends.recover.models import Case, Clock, Hold
from amends.recover.moves import next_state
from amends.recover.services.promising import news_go_on
from amends.recover.services.ticking import calendar_for, first_waking


def end_waits(cursor: Any) -> None:
    """For the finished cases of the table `moving`, which are held: nothing more is waited for or promised.

    The letters of what was done are the news; a promise that was broken before stays on record as that.
    """
    cursor.execute(
        f"""
        update recover_clock as clock set ended_at = moving.at,
            state = {next_state(CLOCK, "stop", column="clock.state")}
        from moving where moving.finished and clock.case_id = moving.id and clock.kind = 'inform' and clock.number > 1
            and clock.state = '{CLOCK.initial}'
        """
    )
    cursor.execute(
        "select hold.case_id, moving.at from recover_hold as hold join moving on moving.id = hold.case_id"
        " where moving.finished and hold.ended_at is null"
    )
    waited = dict(cursor.fetchall())
    for case in Case.every.filter(pk__in=waited).select_related("plan") if waited else ():
        go_on(case, Hold.Ended.DONE, now=waited[case.pk])


def go_on(case: Case, ended: Hold.Ended, *, now: datetime) -> None:
    """End the wait of a case that is held, if there is one: clocks and news go on. The state is the caller's."""
    hold = Hold.objects.filter(case=case, ended_at__isnull=True).first()
    if hold is not None:
        hold.ended_at, hold.ended_by = now, ended
        hold.save(update_fields=["ended_at", "ended_by"])
    pack, playbook = blueprint_of(case.blueprint_id), case.plan.playbook
    for clock in Clock.objects.filter(case=case, state="paused"):
        calendar = calendar_for(pack, playbook, clock.kind, clock.number)
        assert clock.paused_at is not None  # noqa: S101 -- a paused clock has both
        assert clock.remaining is not None  # noqa: S101 -- as above
        clock.state = CLOCK.after(clock.state, "resume")
        clock.due_at = due_again(clock.remaining, now, calendar)
        clock.held += now - clock.paused_at
        clock.paused_at = clock.remaining = clock.at_risk_at = None
        clock.wake_at = first_waking(
            pack,
            playbook,
            clock.kind,
            clock.number,
            started_at=clock.started_at + clock.held,
            due_at=clock.due_at,
            opened_at=case.opened_at,
            now=now,
        )
        clock.save(update_fields=["state", "due_at", "held", "paused_at", "remaining", "at_risk_at", "wake_at"])
    if hold is not None and ended != Hold.Ended.DONE:
        news_go_on(case, now=now)
