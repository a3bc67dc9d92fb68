"""What a pack says of predictions: how far ahead promises are looked at, what they hang on, when somebody steps in."""

from datetime import timedelta
from decimal import Decimal

from pydantic import Field

from amends.kernel.blueprint.rates import Attribute
from amends.kernel.business_time import Duration
from amends.kernel.taxonomy import Frozen


class Prediction(Frozen):
    """Without this section nothing is predicted."""

    horizon: Duration = timedelta(hours=6)  # so long before due an open promise gets a chance, at the earliest
    resources: tuple[Attribute, ...] = Field(default=(), max_length=4)  # of opening signals: what promises hang on
    learn_from: Duration = timedelta(days=365)  # of history, up to the night of the training
    intervene_from: Decimal | None = Field(default=None, gt=0)  # expected cost in the pack's currency; None: never
