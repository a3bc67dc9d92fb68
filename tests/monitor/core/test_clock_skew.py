"""What the times of a source say of its clock."""

from datetime import timedelta

import pytest

from amends.monitor.core.clock_skew import ENOUGH, Heard, Skew, skew_of, together

LATENESS = timedelta(minutes=10)


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


@pytest.mark.parametrize(
    ("heard", "skew"),
    [
        (Heard(), Skew(verdict="unknown")),
        (Heard(signals=1, least=seconds(1), most=seconds(1)), Skew(verdict="good")),
        (Heard(signals=9, least=seconds(-4), most=seconds(3)), Skew(verdict="good")),
        (Heard(signals=1, least=seconds(-90), most=seconds(3)), Skew(verdict="ahead", by=seconds(90))),
        (Heard(refused=2, furthest=seconds(600)), Skew(verdict="ahead", by=seconds(600))),
        (
            Heard(signals=9, least=seconds(-90), refused=1, furthest=seconds(600)),
            Skew(verdict="ahead", by=seconds(600)),
        ),
        (Heard(signals=ENOUGH, least=seconds(601), most=seconds(900)), Skew(verdict="behind", by=seconds(601))),
        (Heard(signals=ENOUGH - 1, least=seconds(601), most=seconds(900)), Skew(verdict="good")),
        (Heard(signals=ENOUGH, least=seconds(2), most=seconds(90_000)), Skew(verdict="good")),
    ],
)
def test_a_clock_is_judged_by_its_quickest_signal(heard: Heard, skew: Skew) -> None:
    assert skew_of(heard, lateness=LATENESS) == skew


def test_two_hours_are_judged_as_one() -> None:
    one = Heard(signals=3, least=seconds(1), most=seconds(5))
    other = Heard(signals=2, least=seconds(-7), most=seconds(2), refused=1, furthest=seconds(400))
    both = Heard(signals=5, least=seconds(-7), most=seconds(5), refused=1, furthest=seconds(400))
    assert together(one, other) == together(other, one) == both
    assert together(one, Heard()) == one
