"""Training with scikit-learn: gradient boosting, its calibration, and the logistic baseline it is held against.

What comes out are our own plain values (`core.prediction`); nothing of scikit-learn is kept or loaded again.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

from amends.monitor.core.prediction.columns import Floats, Matrix
from amends.monitor.core.prediction.judging import Flags
from amends.monitor.core.prediction.trees import LEAF, Forest

TREES: Final = 150
LEAVES: Final = 31
RATE: Final = 0.08
LEAST: Final = 50  # promises in a leaf


def boosted(rows: Matrix, broken: Flags, *, trees: int = TREES, seed: int = 0) -> Forest:
    """Trees by gradient boosting on the logistic loss; the same rows and seed give the same trees."""
    unknown = np.isnan(rows).all(axis=0)
    if unknown.any():  # scikit-learn asks for one value at least; a column of one value splits nothing
        rows = np.where(unknown, np.float32(0), rows)
    found = HistGradientBoostingClassifier(
        max_iter=trees,
        learning_rate=RATE,
        max_leaf_nodes=LEAVES,
        min_samples_leaf=LEAST,
        l2_regularization=1.0,
        early_stopping=False,
        random_state=seed,
    ).fit(rows, broken)
    return _forest(found)


def platt(margins: Floats, broken: Flags) -> tuple[float, float]:
    """Slope and offset that make log-odds true chances on promises that the trees were not made from."""
    if broken.all() or not broken.any():
        return 1.0, 0.0
    found = LogisticRegression(C=1e6).fit(margins[:, None], broken)
    return float(found.coef_[0, 0]), float(found.intercept_[0])


@dataclass(frozen=True, kw_only=True)
class Logistic:
    """The baseline: one weight a column, gaps filled with the mean and marked by a column of their own."""

    means: Floats
    spreads: Floats
    weights: Floats
    offset: float

    def margins(self, rows: Matrix) -> Floats:
        return _filled(rows, self.means, self.spreads) @ self.weights + self.offset


def logistic(rows: Matrix, broken: Flags) -> Logistic:
    """Logistic regression on the same columns."""
    with np.errstate(invalid="ignore"):
        gaps = np.isnan(rows)
        number = np.maximum((~gaps).sum(axis=0), 1)
        means = np.where(gaps, 0, rows).sum(axis=0) / number
        spreads = np.sqrt(np.where(gaps, 0, (rows - means) ** 2).sum(axis=0) / number)
    spreads = np.where(spreads > 0, spreads, 1.0)
    found = LogisticRegression(max_iter=300).fit(_filled(rows, means, spreads), broken)
    return Logistic(
        means=means, spreads=spreads, weights=found.coef_[0].astype(np.float64), offset=float(found.intercept_[0])
    )


def _filled(rows: Matrix, means: Floats, spreads: Floats) -> Floats:
    gaps = np.isnan(rows)
    scaled = np.where(gaps, 0.0, (rows - means) / spreads)
    return np.concatenate((np.clip(scaled, -8, 8), gaps), axis=1)


def _forest(found: HistGradientBoostingClassifier) -> Forest:
    parts: dict[str, list[np.ndarray]] = {
        name: [] for name in ("column", "threshold", "gaps_left", "left", "right", "value")
    }
    roots, size = [], 0
    # the one place that knows scikit-learn's inside; a test holds both against each other
    for (tree,) in found._predictors:
        nodes = tree.nodes
        leaf = nodes["is_leaf"].astype(bool)
        if nodes["is_categorical"].any():
            raise ValueError("a tree asks for a category; columns here are numbers")
        roots.append(size)
        parts["column"].append(np.where(leaf, LEAF, nodes["feature_idx"]))
        parts["threshold"].append(np.where(leaf, 0.0, np.clip(nodes["num_threshold"], -1e300, 1e300)))
        parts["gaps_left"].append(nodes["missing_go_to_left"].astype(bool))
        parts["left"].append(np.where(leaf, 0, nodes["left"].astype(np.int64) + size))
        parts["right"].append(np.where(leaf, 0, nodes["right"].astype(np.int64) + size))
        parts["value"].append(_means(nodes, leaf))
        size += len(nodes)
    joined = {name: np.concatenate(arrays) for name, arrays in parts.items()}
    forest = Forest(start=float(found._baseline_prediction.ravel()[0]), roots=np.array(roots), **joined)
    forest.check(int(found.n_features_in_))
    return forest


def _means(nodes: np.ndarray, leaf: np.ndarray) -> Floats:
    """Of a leaf what it adds; of a node the mean over the training rows below it. Children stand behind parents."""
    value, count = nodes["value"].astype(np.float64).copy(), nodes["count"].astype(np.float64)
    for at in range(len(nodes) - 1, -1, -1):
        if not leaf[at]:
            left, right = nodes["left"][at], nodes["right"][at]
            value[at] = (value[left] * count[left] + value[right] * count[right]) / (count[left] + count[right])
    return value
