"""What a pack says about knowing the customer: how long one is handled with care, and when a claim is looked at closer.

All of it is advice for people. No plan, offer or authority ever rests on anything here.
"""

from datetime import timedelta
from decimal import Decimal

from pydantic import Field

from amends.kernel.business_time import Duration
from amends.kernel.severity import Severity
from amends.kernel.taxonomy import Frozen


class Watch(Frozen):
    """How long a customer is handled with care after a failure of that severity; zero means not at all."""

    light: Duration = timedelta(0)
    moderate: Duration = timedelta(days=30)
    severe: Duration = timedelta(days=90)

    def span(self, severity: Severity) -> timedelta:
        """For a case of that severity."""
        return {"light": self.light, "moderate": self.moderate, "severe": self.severe}[severity]


class CloserLook(Frozen):
    """When a claim is worth a closer look: what each sign weighs, and from which sum on it is said."""

    within: Duration = timedelta(days=365)  # how far back we look
    claims: tuple[str, ...] = ()  # facts that are sums which customers name themselves, such as a loss
    like_customers: int = Field(default=20, ge=5)  # with fewer peers nothing is compared
    far_above: Decimal = Field(default=Decimal("3.5"), gt=0)  # robust z (Iglewicz & Hoaglin 1993)
    strangers: int = Field(default=2, ge=1)  # who claim for one subject without being on its roster
    refusals: int = Field(default=3, ge=1)  # refused or objected to, within the time
    weight_claim: int = Field(default=2, ge=0)
    weight_receipt: int = Field(default=3, ge=0)
    weight_strangers: int = Field(default=2, ge=0)
    weight_refusals: int = Field(default=1, ge=0)
    from_weight: int = Field(default=2, ge=1)  # from this sum of weights on, a closer look is advised


class Care(Frozen):
    """How we treat those whom we failed, and what we look at twice."""

    watch: Watch = Watch()
    closer_look: CloserLook = CloserLook()
