"""What a pack says of a rate: what is counted, and what it is compared with. The monitor knows what it means."""

from typing import Annotated, Literal

from pydantic import Field

from amends.kernel.business_time import Duration
from amends.kernel.taxonomy import Frozen

DATA = r"^data\.\w+(\.\w+)*$"
Attribute = Annotated[str, Field(pattern=DATA)]


class Counted(Frozen):
    """Which signals are counted."""

    type: str = Field(min_length=1)
    where: str | None = None


class Measured(Frozen):
    """What is counted or measured in each window."""

    of: Counted | None = None
    failures: tuple[str, ...] | Literal["any"] | None = None  # ids of other standards, instead of signals
    bad: str | None = None  # SQL boolean: the share of these
    value: Attribute | None = None  # the mean of this
    per: Counted | None = None  # the number for each of these
    capacity: float | Attribute | None = None  # the number against this


class History(Frozen):
    """The target is what the unit did before."""

    history: Duration | None = None
    samples: int | None = Field(default=None, ge=2)
    until_then: float | None = None


Chart = Literal["p", "u", "xbar", "ewma", "cusum"]
Season = Literal["hour_of_week", "hour_of_day"]
Target = float | History | Literal["history"]
