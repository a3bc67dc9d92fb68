"""A model that was trained: trees, what makes their word a true chance, and what it fell back on when it may not speak.

Three cases get a base rate instead of a chance of their own, and the word says so: a standard that the training never
saw, a time that is unlike the training (drift), and no model at all.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np

from amends.monitor.core.prediction.columns import Floats, Matrix
from amends.monitor.core.prediction.trees import Forest, NoForest

Grounds = Literal["model", "unknown_kind", "drifted"]

FORM: Final = 1  # of what is kept; another form is not read
EDGE: Final = 1e-4  # no chance is 0 or 1


@dataclass(frozen=True, kw_only=True)
class Model:
    """What is needed to tell a chance."""

    columns: tuple[str, ...]
    standards: tuple[str, ...]  # seen in the training
    resources: tuple[str, ...]
    forest: Forest
    slope: float  # log-odds of the chance = slope x log-odds of the trees + offset (Platt 1999)
    offset: float
    rates: Mapping[str, float]  # share broken, by standard, as the training saw it
    rate: float  # of all

    def chances(self, rows: Matrix) -> Floats:
        """The calibrated chance of each row."""
        told = self.slope * self.forest.margins(rows) + self.offset
        return np.clip(1 / (1 + np.exp(-told)), EDGE, 1 - EDGE)

    def base_rate(self, standard: str) -> float:
        """The share that broke in the training: of the standard, or of all if it was not there."""
        return self.rates.get(standard, self.rate)

    def grounds(self, standard: str, *, drifted: bool) -> Grounds:
        """What the chance of a promise of this standard rests on."""
        if standard not in self.rates:
            return "unknown_kind"
        return "drifted" if drifted else "model"

    def to_json(self) -> dict[str, Any]:
        return {
            "form": FORM,
            **{name: list(getattr(self, name)) for name in ("columns", "standards", "resources")},
            "forest": self.forest.to_lists(),
            **{name: getattr(self, name) for name in ("slope", "offset", "rate")},
            "rates": dict(self.rates),
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Model":
        """What `to_json` gave.

        Raises:
            NoForest: it is of another form, or something in it is not what it should be.
        """
        try:
            if kept["form"] != FORM:
                raise NoForest(f"the model is kept in form {kept['form']}, and form {FORM} is read here")
            columns = tuple(str(one) for one in kept["columns"])
            return cls(
                columns=columns,
                standards=tuple(str(one) for one in kept["standards"]),
                resources=tuple(str(one) for one in kept["resources"]),
                forest=Forest.from_lists(kept["forest"], columns=len(columns)),
                rates={str(name): float(rate) for name, rate in kept["rates"].items()},
                **{name: float(kept[name]) for name in ("slope", "offset", "rate")},
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise NoForest(f"what was kept is no model: {error}") from None
