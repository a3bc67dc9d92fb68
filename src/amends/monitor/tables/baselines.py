"""What a window of a rate is compared with: a centre, and the variance of one of its signals around it.

Either as given, or from the windows of the same unit before it, of the same hour of the week where the rate has a
season. From history the variance is the larger of two: that within windows (p (1 - p) of a share, u of a count, the
sample variance of values), and that between them, Σ n (x̄ - c)² / (m - 1), which also holds what makes whole windows
differ, such as the weather. With the first alone, a chart of real shares would cry wolf all day (Laney 2002).
"""

import ibis
import ibis.expr.types as ir

ONE = ("standard", "subject", "place")  # what tells the windows of one unit from another's


def with_history(windows: ir.Table, *, memory: int) -> ir.Table:
    """The windows with what lies before each: m windows, and of their signals the number n, the total t, and so on.

    Args:
        windows: ONE, slot, order, number, total, squares; one row a window.
        memory: so far back in `order` counts.
    """
    before = {"group_by": [*ONE, "slot"], "order_by": "order", "range": (-memory, -1)}
    past = windows.mutate(spread_out=windows.total * windows.total / windows.number)
    return past.mutate(
        m=past.count().over(**before).cast("float64"),
        n=past.number.sum().over(**before),
        t=past.total.sum().over(**before),
        s=past.squares.sum().over(**before),
        q=past.spread_out.sum().over(**before),
    ).drop("spread_out")


def compared(past: ir.Table) -> ir.Table:
    """With `centre` and `variance`; both null where there is nothing to compare with.

    `past` also has of its rate: measure, history, samples, centre_given, variance_given.
    """
    mean = past.t / past.n
    between = (past.q - 2 * mean * past.t + mean * mean * past.n) / (past.m - 1).nullif(0.0)
    # a share or count that was nil so far counts as if half a one had been (Jeffreys), so that its variance is not 0
    share = (past.t + 0.5) / (past.n + 1)
    within = ibis.cases(
        (past.measure == "mean", (past.s - mean * past.t) / (past.n - 1).nullif(0.0)),
        (past.measure == "share", share * (1 - share)),
        else_=(past.t + 0.5) / past.n,
    )
    enough = (past.history & (past.m >= past.samples)).fill_null(False)
    return past.mutate(
        centre=ibis.ifelse(enough, mean, past.centre_given),
        variance=ibis.ifelse(enough, ibis.greatest(within, between), past.variance_given),
    ).drop("m", "n", "t", "s", "q")
