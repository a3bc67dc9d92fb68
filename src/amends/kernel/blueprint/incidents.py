"""What a pack says about incidents: what failures hang on, what is taken for one cause, when failures are expected,
and from when on a standard finds more than can be true.
"""

from datetime import timedelta

from pydantic import Field

from amends.kernel.alike import SAME_WORDS
from amends.kernel.business_time import Duration
from amends.kernel.rules import Condition
from amends.kernel.taxonomy import Frozen
from amends.kernel.text import Localised

RESOURCE = r"^[a-z][a-z0-9_]*/\S.*$"  # a resource by kind and name: aircraft/N123JB


class Likely(Frozen):
    """From when on failures that hang on one resource are likely to have one cause; a person then decides."""

    subjects: int = Field(default=3, ge=2)  # so many of them
    within: Duration = timedelta(hours=6)  # each failing within this time of the one before


class ResourceKind(Frozen):
    """Something that what we serve with hangs on: an aircraft, a runway, a depot, a power feed."""

    name: Localised
    fact: str | None = None  # the fact of a failure that says which one it hung on
    likely: Likely | None = None  # None: failures alone never make it a candidate


class Dependence(Frozen):
    """Units and resources that hang on a resource; whoever hangs on one of them hangs on it too."""

    on: str = Field(pattern=RESOURCE)
    units: tuple[str, ...] = ()  # codes; the units below them count
    resources: tuple[str, ...] = ()  # such as depot/north


class Upstream(Frozen):
    """A signal about a resource that says: what hangs on it will fail now, and this is why."""

    id: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    name: Localised  # as in "Runway closed"
    type: str = Field(min_length=1)  # of the signal; its subject is the resource, such as runway/22L
    until: str | None = None  # the type of the signal that ends it
    lasts: Duration = timedelta(hours=6)  # at most


class Alike(Frozen):
    """When complaints in like words are likely to have one cause."""

    customers: int = Field(default=3, ge=2)
    within: Duration = timedelta(days=3)
    least: float = Field(default=SAME_WORDS, gt=0, le=1)  # share of the pairs of characters that two texts share
    facts: tuple[str, ...] = ()  # facts that hold a customer's words, of failures found by standards that hear them


class LookAfter(Frozen):
    """A failure that was expected, but whose customers are looked after all the same."""

    when: Condition | None = None
    reason: Localised


class Closures(Frozen):
    """Maintenance and known closures: failures in them are on record and open nothing, except these."""

    look_after: tuple[LookAfter, ...] = ()


class Guard(Frozen):
    """How many findings a minute a standard may make before it is held: a mistaken one matches everything."""

    per_minute: int = Field(default=1_000, ge=1)
    standards: dict[str, int] = Field(default_factory=dict)  # of single standards

    def limit(self, standard: str) -> int:
        """Of that standard."""
        return self.standards.get(standard, self.per_minute)


class Voices(Frozen):
    """What counts as a customer's voice, besides complaints, when we ask whether we found a failure first."""

    standards: tuple[str, ...] = ()  # besides those with `voices`, these hear customers
    within: Duration = timedelta(days=7)  # a voice about nothing in particular is about what failed them so long before


class Incidents(Frozen):
    resources: dict[str, ResourceKind] = Field(default_factory=dict)
    depends: tuple[Dependence, ...] = ()
    upstream: tuple[Upstream, ...] = ()
    failed_for: Duration = timedelta(hours=6)  # so long a failure of a resource itself explains those that hang on it
    alike: Alike = Alike()
    closures: Closures = Closures()
    guard: Guard = Guard()
    voices: Voices = Voices()
