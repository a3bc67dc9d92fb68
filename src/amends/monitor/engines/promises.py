"""Promises in the monitor: what a batch begins and ends, followed in memory, and logged in the file if there is one."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from amends.monitor.core.due_days import spans_of
from amends.monitor.core.standard import Standards
from amends.monitor.engines.arriving import Arrived, Told, taken_from
from amends.monitor.engines.aside import set_aside_without_due
from amends.monitor.engines.asking import Questions, Shown
from amends.monitor.engines.beside import Beside
from amends.monitor.engines.connecting import another
from amends.monitor.engines.following import TOLD, Following, Segment, Subjects, Whole
from amends.monitor.engines.found import Found
from amends.monitor.engines.log_parts import LogParts
from amends.monitor.engines.state import arrow_schema
from amends.monitor.engines.statements import TAKEN as OF_TAKEN
from amends.monitor.engines.statements import PromiseStatements
from amends.monitor.tables import promises
from amends.monitor.tables.arrivals import TAKEN
from amends.monitor.tables.moments import END
from amends.monitor.tables.moves import movable

_SECOND: Final = "hash('-' || subject)"  # a letter before it, so that no eight bytes are hashed that were hashed before
_KEYS: Final = f"hash(subject) AS key, {_SECOND} AS mark"
_OPENED: Final = ("seq", "standard", "key", "opened", "due", "warn_at", "gives_up_at")
_CLOSED: Final = ("seq", "standard", "key", "closed")


class PromiseLog:
    """The promises of one monitor; it works in the transaction of the step that runs."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        questions: Questions,
        standards: Standards,
        statements: PromiseStatements,
        *,
        beside: Beside,
        on_disk: bool,
        compact_from: int,
    ) -> None:
        """`on_disk`: what is logged outlasts the process. Fewer rows than `compact_from` are not worth clearing out."""
        self._con = connection
        self._questions = questions
        self._beside = beside
        self._second = another(connection)  # asked beside the first, which does one thing at a time
        self._closing = Shown(self._second, "arrived", arrow_schema(OF_TAKEN))
        self._second.execute(taken_from("arrived", where="fault IS NULL"))
        self._questions_beside = Questions(self._second)
        self._due_days = Shown(connection, "due_days", _DUE_DAYS)
        self._followed = Shown(connection, "followed", _FOLLOWED)
        self._moved = Shown(connection, "moved", arrow_schema(promises.MOVED))
        self._still_moved = Shown(connection, "still_moved", _WHICH)
        self._standards = standards
        self._sql = statements
        self._by_calendar = promises.by_calendar(standards)
        self._types_that_move = {
            pattern.type
            for promise in movable(standards)
            for pattern in (promise.revises, promise.cancels)
            if pattern is not None
        }
        self._names = pa.array([promise.id for promise in standards.promises], pa.string())
        self._can_move = np.array([promise.movable for promise in standards.promises], dtype=bool)
        self._following = Following()
        self._parts = LogParts(connection) if on_disk else None
        self._compact_from = compact_from
        self._moves = self._moves_kept = 0

    # the state

    def read(self) -> None:
        """Follow what the file has, which was opened just now."""
        if self._standards.promises:
            self._sql.have_for_steps()
        if self._parts is not None:
            self._parts.read()
            for part in self._parts.numbers:
                opened, closed = (self._with_keys(rows) for rows in self._parts.rows(part))
                self._follow_closings(closed)
                self._open(opened, opened.select(list(TOLD)), np.arange(opened.num_rows), part=part)
        self._hold()
        self._moves_kept = self._moves

    def close(self) -> None:
        """Nothing is asked any more."""
        self._second.close()

    def begin(self) -> None:
        """From here on what changes in memory can be taken back."""
        self._following.begin()

    def take_back(self) -> None:
        """As it was at `begin`, after the engine has taken back what was in its tables."""
        self._following.take_back()
        self._moves = self._number("SELECT count(*) FROM moves")
        if self._parts is not None:
            self._parts.read()

    # a step

    @contextmanager
    def looking_up(self, arrived: Arrived) -> Iterator[Callable[[], pa.Table]]:
        """Beside what is done inside, look up what these signals end, were all that can be read taken; gives what
        waits for it.
        """
        with self._beside.doing(lambda: self._closings(arrived)) as closings:
            yield closings

    @contextmanager
    def taking(
        self,
        arrived: pa.Table,
        batch: Told,
        closings: Callable[[], pa.Table],
        *,
        first: int,
        step: int,
        given: int,
    ) -> Iterator[int]:
        """Log what was taken of the batch `arrived`, from seq `first` on, which was told apart as `batch`, and whose
        `closings` are looked up; it is followed beside what is done inside.

        Yields:
            the number of openings' signals whose due time cannot be told.
        """
        if not self._standards.promises or not batch.counts[TAKEN]:
            yield 0
            return
        if self._by_calendar:
            self._fill_due_days()
        with self._beside.doing(lambda: self._close(closings(), batch)) as closed:
            opened = _marked(self._questions, self._sql.openings, _OPENED)
            without_due = opened.filter(pc.is_null(opened["due"])).select(["seq", "standard"])
            if without_due.num_rows:
                opened = opened.filter(pc.is_valid(opened["due"]))
            rows, place = _rows_of(opened["seq"].to_numpy() - first, arrived.num_rows)
            told = arrived.select(list(TOLD)).take(rows)
            part = self._parts.youngest(given=given) if self._parts is not None and opened.num_rows else 0
            with self._beside.doing(lambda: self._open(opened, told, place, part=part)):
                if self._parts is not None and part:
                    self._parts.add_openings(_beside(opened, told, place))
                moves = not self._types_that_move.isdisjoint(batch.types)
                if moves:
                    self._con.execute(f"INSERT INTO moves {self._sql.moves}")
                yield set_aside_without_due(self._con, without_due, step, first=first, standards=self._standards)
                if self._parts is not None and (ended := closed()).num_rows:
                    self._parts.youngest(given=given)
                    self._parts.add_closings(ended)
        if moves:
            self._hold()

    def find(self, found: Found, *, since: int, before: int, counting: bool) -> None:
        """Add the findings with since <= at < before; `counting`: `count` or `observe` is asked next."""
        if self._standards.promises:
            self._tell(lambda one: self._following.within(one, since, before, counting=counting))
            found.add(self._questions.ask(self._sql.findings, since=since, before=before).to_arrow_table())

    def count(self, *, step: int, since: int, before: int) -> None:
        """Put on record what was kept and broken in the span whose findings the table `found` has, by whatever
        standard.
        """
        self._con.execute(f"INSERT INTO kept SELECT {step}, * FROM ({self._sql.failed})")
        if self._standards.promises:
            span = {"since": since, "before": before}
            self._con.execute(f"INSERT INTO kept SELECT {step}, * FROM ({self._sql.settled})", span)

    def observe(self, *, step: int, since: int, before: int) -> None:
        """Put on record one by one what was settled in the span whose findings were found last."""
        if self._standards.promises:
            span = {"since": since, "before": before}
            self._con.execute(f"INSERT INTO outcomes SELECT {step}, * FROM ({self._sql.outcomes})", span)

    def settle(self, *, before: int) -> None:
        """Follow some of what is settled no longer; changes no finding, nor anything in the file."""
        self._following.settle(before)

    def clear(self, *, before: int) -> None:
        """Take some of what is settled out of the file; changes no finding."""
        if self._moves > max(self._compact_from, 2 * self._moves_kept):
            self._settle_moved(before)
        if self._parts is None:
            return
        part = self._parts.oldest_to_clear(unsettled=len(self._following), least=self._compact_from)
        if part is not None:
            left = self._following.moved_on(part, self._parts.youngest(given=before), before=before)
            if left is not None:
                self._parts.add_openings(self._logged(left))
            self._parts.cleared(part)

    def still_due(self, *, now: int, since: int) -> tuple[pa.Table, pa.Table]:
        """The open promises that are due soonest, and how many are open; see `tables.still_due`."""
        self.follow_all()
        soonest = self._con.execute(self._sql.soonest, {"since": since, "before": now}).to_arrow_table()
        return soonest, self._con.execute(self._sql.still_due, {"before": now}).to_arrow_table()

    def follow_all(self) -> None:
        """Tell of every promise, so that `still_open` counts all."""
        self._tell(lambda one: one)

    @property
    def told(self) -> str:
        """Of the promises followed last: a row for each due time, and from when to when it was in force."""
        columns = "seq, standard, subject, unit, customer, source, id, opened, due, closed"
        told = f"SELECT {columns}, opened AS begins, NULL::BIGINT AS ended FROM followed"
        if not self._sql.can_move:
            return told
        return f"""
            {told} UNION ALL
            SELECT {columns}, coalesce(lag(cancelled) OVER (PARTITION BY seq, standard
                ORDER BY cancelled NULLS LAST, due), opened) AS begins, cancelled AS ended FROM moved
        """

    def still_open(self, *, before: int) -> int:
        """Of the promises followed last: neither kept, as far as known, nor given up before `before`."""
        if not self._standards.promises:
            return 0
        return self._number(f"SELECT count(*) FROM ({self._sql.still_open})", {"before": before})

    # part by part

    def _closings(self, arrived: Arrived) -> pa.Table:
        if not self._standards.promises:
            return _NONE_CLOSED
        self._closing.show(arrived.table)
        columns = _CLOSED if self._parts is None else (*_CLOSED, "subject")
        return _marked(self._questions_beside, self._sql.closings, columns)

    def _close(self, closings: pa.Table, batch: Told) -> pa.Table:
        """Follow those of the closings whose signals were taken; gives them."""
        closed = closings.filter(pa.array(batch.took(closings["seq"].to_numpy())))
        self._follow_closings(closed)
        return closed

    def _follow_closings(self, closed: pa.Table) -> None:
        closed, standard = self._known(closed)
        self._following.close(_subjects(closed, standard), _whole(closed["closed"]))

    def _open(self, opened: pa.Table, told: pa.Table, place: Whole, *, part: int) -> None:
        """Follow promises that begin, with the row of `told` for each; of standards that are known."""
        opened, standard = self._known(opened.append_column("place", pa.array(place)))
        begun = Segment(
            subjects=_subjects(opened, standard),
            standard=standard,
            part=np.broadcast_to(np.int64(part), opened.num_rows),
            closed=np.broadcast_to(np.int64(END), opened.num_rows),
            told=told.combine_chunks(),
            **{name: _whole(opened[name]) for name in ("place", "seq", "opened", "due", "warn_at", "gives_up_at")},
        )
        self._following.open(begun)

    def _with_keys(self, rows: pa.Table) -> pa.Table:
        return self._con.from_arrow(rows).project(f"*, {_KEYS}").to_arrow_table()

    def _known(self, rows: pa.Table) -> tuple[pa.Table, Whole]:
        """The rows, with the numbers of their standards; without those of standards that are no more, as a file has
        that was written with others.
        """
        number = pc.index_in(rows["standard"], self._names)
        if number.null_count:
            known = pc.is_valid(number)
            rows, number = rows.filter(known), number.filter(known)
        return rows, np.asarray(number.to_numpy(), dtype=np.int64)

    def _hold(self) -> None:
        """Have those promises followed to their end that were moved."""
        if self._sql.can_move:
            moved = self._con.execute(f"SELECT standard, {_KEYS} FROM moves").to_arrow_table()
            moved, standard = self._known(moved)
            self._following.hold(_subjects(moved, standard))
            self._moves = moved.num_rows

    def _tell(self, which: Callable[[Segment], Segment]) -> None:
        """Make the tables `followed`, of promises that cannot move, and `moved`, of those that can: of each segment
        the promises that `which` gives.
        """

        def told_of(segment: Segment) -> tuple[pa.Table, pa.Table]:
            found = which(segment)
            if not self._sql.can_move:
                return self._logged(found), _FOLLOWED.empty_table()
            can_move = self._can_move[found.standard]
            return self._logged(found.take(~can_move)), self._logged(found.take(can_move))

        told = self._beside.each(told_of, self._following.segments())
        can_move = _all(movable_ for _, movable_ in told)
        if self._sql.can_move:
            self._followed.show(can_move)
            self._moved.show(self._con.execute(self._sql.moved).to_arrow_table() if can_move.num_rows else _NONE_MOVED)
        self._followed.show(_all(others for others, _ in told))

    def _logged(self, segment: Segment) -> pa.Table:
        told = segment.told.take(segment.place)
        columns = {name: told[name] for name in TOLD} | {
            "seq": pa.array(segment.seq),
            "standard": pa.DictionaryArray.from_arrays(pa.array(segment.standard), self._names),
            "key": pa.array(segment.subjects.key),
            **{name: pa.array(time, mask=time == END) for name, time in segment.times().items()},
        }
        return pa.table([columns[name] for name in _FOLLOWED.names], schema=_FOLLOWED)

    def _settle_moved(self, before: int) -> None:
        """Let go of the moves of promises that are settled, and of those promises."""
        self._tell(lambda one: one.take(np.flatnonzero(self._following.held(one))))
        left = self._con.execute(self._sql.unsettled_moved, {"before": before}).to_arrow_table()
        self._still_moved.show(left)
        self._con.execute(
            """
            DELETE FROM moves WHERE "at" < $before
                AND NOT EXISTS (FROM still_moved s WHERE s.standard = moves.standard AND s.subject = moves.subject)
            """,
            {"before": before},
        )
        left, standard = self._known(left)
        which = self._which(_whole(left["seq"]), standard)
        gone = self._following.without(
            lambda one: (
                self._following.held(one)
                & self._can_move[one.standard]
                & ~np.isin(self._which(one.seq, one.standard), which)
            )
        )
        if self._parts is not None:
            parts = {int(part) for one in gone for part in np.unique(one.part)}
            self._parts.forget(_all(map(self._logged, gone)), parts)
        self._hold()
        self._moves_kept = self._moves

    def _which(self, seq: Whole, standard: Whole) -> Whole:
        return seq * len(self._names) + standard

    def _fill_due_days(self) -> None:
        wanted = self._questions.ask(self._sql.days_wanted).fetchall()
        if not wanted:
            return
        rows = []
        for standard, day in wanted:
            _, due = self._by_calendar[standard]
            rows += [
                (standard, day, span.start, span.end, span.due)
                for span in spans_of(day, due, self._standards.calendar(due.calendar))
            ]
        columns = zip(*rows, strict=True) if rows else ([] for _ in promises.DUE_DAYS)
        self._due_days.add(pa.table([list(column) for column in columns], schema=_DUE_DAYS))

    def _number(self, sql: str, parameters: dict[str, Any] | None = None) -> int:
        row = self._con.execute(sql, parameters).fetchone()
        assert row is not None  # noqa: S101  an aggregate and an insertion have a row
        return int(row[0])


_FOLLOWED: Final = arrow_schema(promises.FOLLOWED)
_DUE_DAYS: Final = arrow_schema(promises.DUE_DAYS)
_NONE_CLOSED: Final = arrow_schema(promises.ENDINGS).empty_table()
_NONE_MOVED: Final = arrow_schema(promises.MOVED).empty_table()
_WHICH: Final = arrow_schema({"seq": "int64", "standard": "string", "subject": "string"})


def _all(tables: Iterable[pa.Table]) -> pa.Table:
    return pa.concat_tables([_FOLLOWED.empty_table(), *tables])


def _marked(questions: Questions, query: str, columns: Sequence[str]) -> pa.Table:
    """Columns of the query, with `mark`, the second hash of its subject."""
    return questions.ask(f"SELECT {', '.join(columns)}, {_SECOND} AS mark FROM ({query})").to_arrow_table()


def _whole(column: pa.ChunkedArray) -> Whole:
    return np.asarray((column.fill_null(END) if column.null_count else column).to_numpy(), dtype=np.int64)


def _subjects(rows: pa.Table, standard: Whole) -> Subjects:
    return Subjects.of(standard, rows["key"].to_numpy(), rows["mark"].to_numpy())


def _rows_of(places: Whole, many: int) -> tuple[Whole, Whole]:
    """Each place out of so many once, and which of these each is."""
    used = np.zeros(many, dtype=bool)
    used[places] = True
    return np.flatnonzero(used), (np.cumsum(used) - 1)[places]


def _beside(rows: pa.Table, told: pa.Table, place: Whole) -> pa.Table:
    """The rows with what is told of each, which has that place; what is told of several is there once."""
    places = pa.array(place, pa.int32())
    for name in told.column_names:
        rows = rows.append_column(name, pa.DictionaryArray.from_arrays(places, told[name].combine_chunks()))
    return rows
