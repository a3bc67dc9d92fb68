"""Steps left out or in the wrong order, for each subject and each of its runs through the steps.

A step is skipped when the first signal of any later step comes and none of its own came at or before it; it is out of
order when its own first signal comes after that.
"""

from functools import reduce

import ibis
import ibis.expr.types as ir

from amends.monitor.core.kinds import Sequence
from amends.monitor.core.standard import Standards
from amends.monitor.tables.findings import evidence, within
from amends.monitor.tables.matching import matching, together
from amends.monitor.tables.moments import END, length

KIND = Sequence
SKIPPED, OUT_OF_ORDER = "skipped", "out_of_order"
WHATS = (SKIPPED, OUT_OF_ORDER)
LOG = {
    "standard": "string",
    "subject": "string",
    "step": "int64",  # its number, from 0
    "at": "int64",
    "last_at": "int64",  # until when its run was heard of without a break, as far as the row tells
    "source": "string",
    "id": "string",
    "customer": "string",
    "unit": "string",
}


def entries(signals: ir.Table, standards: Standards) -> ir.Table:
    parts = []
    for sequence in standards.of_kind(KIND):
        for number, step in enumerate(sequence.steps):
            came = matching(signals, step)
            parts.append(
                came.mutate(
                    standard=ibis.literal(sequence.id), step=ibis.literal(number, "int64"), last_at=came["at"]
                ).select(*LOG)
            )
    return together(parts, LOG, signals)


def findings(log: ir.Table, standards: Standards, *, since: ir.IntegerValue, before: ir.IntegerValue) -> ir.Table:
    return reduce(
        lambda a, b: a.union(b),
        (_of_sequence(log, sequence, since=since, before=before) for sequence in standards.of_kind(KIND)),
    )


def _in_runs(mine: ir.Table, memory: ir.IntegerValue | int) -> ir.Table:
    """The rows with the `run` they belong to: a subject that was not heard of for longer than `memory` begins anew."""
    whose = ["standard", "subject"]
    heard = mine.last_at.max().over(group_by=whose, order_by="at", range=(None, -1))
    mine = mine.mutate(begins=((mine["at"] - heard) > memory).fill_null(False).cast("int64"))
    return mine.mutate(run=mine.begins.sum().over(group_by=whose, order_by="at", range=(None, 0))).drop("begins")


def _of_sequence(log: ir.Table, sequence: Sequence, *, since: ir.IntegerValue, before: ir.IntegerValue) -> ir.Table:
    mine = log.filter((log.standard == sequence.id) & (log["at"] < before))
    mine = mine.semi_join(within(mine, since=since, before=before).select("subject"), "subject")
    mine = _in_runs(mine, length(sequence.forget_after))
    run = ["subject", "run"]
    firsts = mine.group_by(run).agg(
        **{
            f"came_{number}": ibis.coalesce(mine["at"].min(where=mine.step == number), END)
            for number in range(len(sequence.steps))
        }
    )
    found = reduce(
        lambda a, b: a.union(b),
        (part for number in range(len(sequence.steps) - 1) for part in _of_step(firsts, sequence, number)),
    )
    found = within(found, since=since, before=before)
    # steps that the same signal showed to be missing are one finding, and one failure with what comes of it
    found = found.group_by([*run, "what", "at", "opened_at"]).agg(
        steps=found.label.group_concat(", ", order_by=found.number)
    )
    shows = mine.mutate(
        place=ibis.row_number().over(group_by=[*run, "at"], order_by=[ibis.desc("step"), "source", "id"])
    )
    shows = shows.filter(shows.place == 0)
    shows = shows.select(*run, "standard", "source", "id", "customer", "unit", "step", opened_at="at")
    found = found.join(shows, [*run, "opened_at"])
    labels = ibis.cases(*((found.step == number, step.label) for number, step in enumerate(sequence.steps)))
    missing = found.what == SKIPPED
    return found.select(
        "standard",
        "subject",
        "what",
        "at",
        due=ibis.null("int64"),
        opened_at="opened_at",
        opening_id="id",
        opening_source="source",
        customer="customer",
        unit="unit",
        evidence=ibis.ifelse(
            missing, evidence(skipped=found.steps, seen=labels), evidence(out_of_order=found.steps, seen=labels)
        ),
    )


def _of_step(firsts: ir.Table, sequence: Sequence, number: int) -> list[ir.Table]:
    """When it was seen that the step had not come, and when it came after all."""
    came = firsts[f"came_{number}"]
    later = [firsts[f"came_{after}"] for after in range(number + 1, len(sequence.steps))]
    passed = ibis.least(*later) if len(later) > 1 else later[0]
    label = sequence.steps[number].label
    rows = firsts.mutate(number=ibis.literal(number), label=ibis.literal(label), came=came, passed=passed)
    rows = rows.filter((rows.passed < END) & (rows.came > rows.passed))
    columns = ("subject", "run", "number", "label")
    found = [
        rows.filter(rows.came < END).select(*columns, what=ibis.literal(OUT_OF_ORDER), at="came", opened_at="passed")
    ]
    if label not in sequence.optional:
        found.append(rows.select(*columns, what=ibis.literal(SKIPPED), at="passed", opened_at="passed"))
    return found


def unsettled(log: ir.Table, standards: Standards, *, before: ir.IntegerValue) -> ir.Table:
    """Of each subject's latest run that may go on, the first signal of each step; and whatever is not judged yet."""
    memory = ibis.cases(
        *((log.standard == one.id, length(one.forget_after)) for one in standards.of_kind(KIND)), else_=0
    )
    past = log.mutate(memory=memory).filter(log["at"] < before)
    whose = ["standard", "subject"]
    runs = _in_runs(past, past.memory)
    runs = runs.mutate(
        heard=runs.last_at.max().over(group_by=[*whose, "run"]),
        latest=runs.run.max().over(group_by=whose),
        place=ibis.row_number().over(group_by=[*whose, "run", "step"], order_by=["at", "source", "id"]),
    )
    kept = runs.filter((runs.run == runs.latest) & (runs.place == 0) & (runs.heard >= before - runs.memory))
    kept = kept.mutate(last_at=kept.heard).select(*LOG)
    return kept.union(log.filter(log["at"] >= before).select(*LOG))
