"""The same signals again and again: what that costs a second, and whether memory and table stay as they are."""

import argparse
import resource
import time
from datetime import UTC, datetime

from benchmarks._stage import staged

BATCH = 10_000


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks duplicates", description=__doc__)
    parser.add_argument("--signals", type=int, default=10_000_000, help="how many duplicates")
    parser.add_argument("--quick", action="store_true")
    asked = parser.parse_args(argv)
    total = 200_000 if asked.quick else asked.signals
    with staged():
        _run(max(10, total // BATCH))


def _run(batches: int) -> None:
    from django.db import connection

    from amends.monitor.core.signal import SignalIn
    from amends.monitor.selectors import backlog
    from amends.monitor.services import accept_signals

    now = datetime.now(UTC)
    data = {"gate": "B7", "delay": 17.5}
    signals = [
        SignalIn(id=f"{n}", source="ops", type="flight.departed", subject=f"F{n}", time=now, data=data)
        for n in range(BATCH)
    ]
    begun = time.perf_counter()
    assert accept_signals(signals, now=now).accepted == BATCH
    print(f"new: {BATCH / (time.perf_counter() - begun):,.0f} a second, in a batch of {BATCH:,}")

    def room() -> int:
        with connection.cursor() as cursor:
            cursor.execute("select pg_total_relation_size('monitor_signal')")
            return int(cursor.fetchone()[0])

    before, part = room(), batches // 10
    for tenth in range(10):
        begun = time.perf_counter()
        for _ in range(part):
            assert accept_signals(signals, now=now).duplicate == BATCH
        rate = part * BATCH / (time.perf_counter() - begun)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        sent = (tenth + 1) * part * BATCH
        print(f"{sent:>12,} duplicates: {rate:,.0f} a second, {peak:.0f} MB at most, table {room() / before:.2f} times")
    print(f"signals that wait to be judged: {backlog():,}")
