"""How well broken promises are foreseen on real flights: learnt from January to September 2013, judged on the rest.

September calibrates the chances and sets the threshold of warnings; October to December are touched once, at the end.
"""

import argparse
import datetime as dt
import resource
import time
from zoneinfo import ZoneInfo

from amends.kernel.blueprint import load_shipped
from amends.monitor.core.standard import Standards
from amends.monitor.engines.promise_record import record_of
from amends.monitor.engines.training import WAYS, Split, drifting, train
from amends.monitor.sources.flights import signals

ZONE = ZoneInfo("America/New_York")
HORIZON = dt.timedelta(hours=6)
RESOURCES = ("data.tail", "data.origin", "data.dest")
LABELS = {"boosting": "gradient boosting", "logistic": "logistic regression", "base_rate": "base rate of the standard"}


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks prediction", description=__doc__)
    parser.add_argument("--promises", type=int, default=200_000, help="learnt from, chosen by chance")
    parser.add_argument(
        "--quick", action="store_true", help="January to April alone, few promises: to see that it runs"
    )
    asked = parser.parse_args(argv)
    began = time.perf_counter()
    months = (1, 3, 4, 5) if asked.quick else (1, 9, 10, 13)
    days = (_day(months[-1]) - _day(1)).days
    standards = Standards.model_validate(load_shipped("airline").standards_file())
    record, _ = record_of([signals(_day(1), days)], standards, RESOURCES)
    read = time.perf_counter()
    split = Split(**dict(zip(("since", "calibrate", "judge", "until"), map(_millis, months), strict=True)))
    most, judged = (10_000, 3_000) if asked.quick else (asked.promises, 30_000)
    found = train(record, split, zone=ZONE, horizon=HORIZON, most=most, most_judged=judged)
    print(f"{len(record):,} promises of {days} days; {found.promises:,} learnt from, {found.judged:,} judged on")
    for way in WAYS:
        _print(LABELS[way], found.metrics[way])
    print("reliability of gradient boosting: told, broke (95 %), promises at a moment")
    for step in found.metrics["boosting"]["reliability"]:
        interval = f"{step['low']:.1%} to {step['high']:.1%}"
        print(f"  {step['told']:6.1%}  {step['broken']:6.1%} ({interval})  {step['number']:,}")
    for month in range(months[2], months[3]):
        drift = drifting(
            record,
            found.model,
            found.spread,
            since=_millis(month),
            until=_millis(month + 1),
            zone=ZONE,
            horizon=HORIZON,
        )
        print(
            f"month {month}: {drift.verdict}, told {drift.told:.1%}, broke {drift.broken:.1%}, "
            f"stability index {drift.shift:.3f}"
        )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{read - began:.0f} s to read the flights, {time.perf_counter() - read:.0f} s for the rest; {peak:,.0f} MB")


def _print(label: str, figures: dict[str, object]) -> None:
    print(
        f"{label:<26} AUC {figures['auc']:.3f}  Brier {figures['brier']:.4f}  "
        f"off by {figures['error']:.1%} on average, told {figures['told']:.1%}, broke {figures['broken']:.1%}"
    )
    _print_warned("threshold from the stretch before", figures["warned"])
    _print_warned("threshold with hindsight, for just 80 %", figures["hindsight"])


def _print_warned(what: str, warned: object) -> None:
    if not isinstance(warned, dict):
        print(f"    {what}: at none are four of five warnings right")
        return
    early = warned["early"] / max(1, warned["broken"])
    print(
        f"    {what}: {warned['threshold']:.0%}; {warned['precision']:.1%} of the warnings right, "
        f"{warned['recall']:.1%} of the broken warned of, {early:.1%} at least 30 minutes before due; "
        f"median {warned['lead'] or 0:.0f} minutes before, a quarter {warned['quarter'] or 0:.0f} or less"
    )


def _day(month: int) -> dt.date:
    return dt.date(2013 + (month - 1) // 12, (month - 1) % 12 + 1, 1)


def _millis(month: int) -> int:
    return round(dt.datetime.combine(_day(month), dt.time(), ZONE).timestamp() * 1000)
