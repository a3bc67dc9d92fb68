"""Records of promises, made up: any that Hypothesis thinks of, and one where lateness has causes."""

import numpy as np
from hypothesis import strategies as st

from amends.monitor.core.prediction.record import DAY, HOUR, MINUTE, NEVER, Record

START = 16_000 * DAY


def record(rows, *, resources=1):
    """From tuples (standard, unit, subject, resource, opened, due, closed, ended, doomed), times from START on."""
    columns = list(zip(*rows, strict=True)) if rows else [[] for _ in range(9)]
    whole = [np.array(column, dtype=np.int64) for column in columns]
    times = [np.where(column == NEVER, NEVER, column + START) for column in whole[4:]]
    return Record(
        standards=("arrive", "depart"),
        units=("a", "b"),
        resources=("data.tail",) * resources,
        standard=whole[0],
        unit=whole[1],
        subject=whole[2],
        resource=(whole[3],) * resources,
        opened=times[0],
        begins=times[0],
        due=times[1],
        closed=times[2],
        ended=times[3],
        doomed=times[4],
    )


_moment = st.integers(0, 40).map(lambda quarter: quarter * 15 * MINUTE)
_maybe = st.one_of(st.just(NEVER), _moment)


@st.composite
def records(draw):
    """Few promises close together, so that much happens at one moment."""
    rows = []
    for _ in range(draw(st.integers(1, 14))):
        opened = draw(_moment)
        after = [draw(_maybe) for _ in range(3)]
        closed, ended, doomed = (NEVER if one == NEVER else opened + one for one in after)
        which = (draw(st.integers(0, 1)), draw(st.integers(-1, 1)), draw(st.integers(0, 3)), draw(st.integers(-1, 2)))
        rows.append((*which, opened, opened + draw(_moment), closed, ended, doomed))
    return record(rows)


def a_year_of(days, *, seed=0, evening=0.5, morning=0.1, per_day=40):
    """Promises of eight hours; more break in the evening, and what failed fails again."""
    random = np.random.default_rng(seed)
    rows, bad = [], {}
    for number in range(days * per_day):
        day, place = divmod(number, per_day)
        due = day * DAY + (8 + 14 * place // per_day) * HOUR
        tail = int(random.integers(0, 30))
        chance = evening if due % DAY >= 16 * HOUR else morning
        if bad.get(tail, -DAY) > due - 4 * HOUR:
            chance = min(0.95, chance + 0.3)
        broken = random.random() < chance
        if broken:
            bad[tail] = due
        closed = due + int(random.integers(10, 90)) * MINUTE if broken else due - int(random.integers(1, 30)) * MINUTE
        rows.append((number % 2, int(random.integers(0, 2)), number, tail, due - 8 * HOUR, due, closed, NEVER, NEVER))
    return record(rows)
