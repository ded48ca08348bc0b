"""Whether the model behaves on an explainer's synthetic rows as it does on people.

SHAP and LIME ask the model about rows that nobody could be: parts of one person, parts of another.
A model that recognises such rows can answer them innocently and discriminate against people all
the same ("scaffolding": Slack, Hilgard, Jia, Singh and Lakkaraju 2020, "Fooling LIME and SHAP").

The test: the same change of one feature, made twice. First within the data: a person's value is
exchanged for one that a similar person really has, all else kept. Then on synthetic rows that mix
in other people's values. The mean absolute change of the score tells how much each feature
matters; as shares of their sum, the two can be compared. Half of the sum of absolute differences
(total variation, from 0 to 1) is the share of importance that moved from some features to others.
An honest model keeps most of it where it was; a scaffolded one moves it from what it decides
people by to what it shows the explainer. Our own measure; its threshold is measured in the tests
and in docs/measured.md.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import roc_auc_score

from core.arrays import Floats, Ints
from core.explanation.attribution.codes import Codes
from core.explanation.trust.averages import FEWEST
from core.fairness.metrics.assessment import Figure
from core.storage.names import with_present_names

Score = Callable[[pd.DataFrame], Floats]
ALARM = 0.3
"""Importance surely moved by more than this is an alarm: ordinary models moved 0.05 to 0.19."""
KINDS = {
    "SHAP": "half of a person's values kept, the others from one other person",
    "LIME": "every value drawn from the data by itself",
}
SIMILAR = 30
"""Exchanged values come from the nearest of so many similar people who have another value."""
DONORS = 1000
RESAMPLES = 300
MIXES = 3


@dataclass(frozen=True)
class Moved:
    """Importance on people beside importance on one kind of synthetic rows.

    Attributes
    ----------
    kind : str
        In :data:`KINDS`.
    within, off : ndarray, shape (p,)
        Shares of importance, which sum to 1.
    moved : Figure
        Total variation between them, in [0, 1].
    decided : float
        Share of the synthetic rows with a score of at least one half.
    auc : float
        ROC AUC with which a forest tells such rows from real ones: 0.5 is guessing.
    """

    kind: str
    within: Floats
    off: Floats
    moved: Figure
    decided: float
    auc: float = field(metadata={"first_name": "told"})

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take what a pickle of an earlier version calls by an earlier name."""
        vars(self).update(with_present_names(type(self), state))


@dataclass(frozen=True)
class OffDistribution:
    """What the comparison found.

    Attributes
    ----------
    features : tuple of str
    rows : int
        People whose values were exchanged.
    decided : float
        Share of them with a score of at least one half.
    kinds : tuple of Moved
        By kind of synthetic rows.
    reason : str or None
        Why nothing could be compared.
    """

    features: tuple[str, ...]
    rows: int
    decided: float
    kinds: tuple[Moved, ...]
    reason: str | None = None

    @property
    def verdict(self) -> Literal["alarm", "silent", "not defined"]:
        """Whether the importance surely moved by more than :data:`ALARM`."""
        if not self.kinds:
            return "not defined"
        surely = any(k.moved.low is not None and k.moved.low > ALARM for k in self.kinds)
        return "alarm" if surely else "silent"

    @property
    def worst(self) -> Moved | None:
        """The kind of rows on which most importance moved."""
        return max(self.kinds, key=lambda k: k.moved.estimate or 0.0, default=None)

    def hidden(self) -> tuple[str, float, float] | None:
        """Name the feature that lost most importance, with its share on people and off them."""
        worst = self.worst
        if worst is None:
            return None
        j = int(np.argmax(worst.within - worst.off))
        return self.features[j], float(worst.within[j]), float(worst.off[j])


def compare_off_distribution(
    score: Score, rows: pd.DataFrame, training: pd.DataFrame, *, seed: int = 0
) -> OffDistribution:
    """Compare what features do to people's scores with what they do on synthetic rows.

    Parameters
    ----------
    score : callable
        From n raw rows to probabilities of shape (n,).
    rows : DataFrame, shape (n, p)
        People; a few hundred.
    training : DataFrame, shape (m, p)
        Rows that values are taken from; at most :data:`DONORS` of them, drawn by the seed.
    seed : int
    """
    rng = np.random.default_rng(seed)
    if len(training) > DONORS:
        training = training.iloc[np.sort(rng.choice(len(training), DONORS, replace=False))]
    codes = Codes(rows, training)
    people, donors = codes.encode(rows), codes.encode(training)
    names = tuple(codes.columns)

    def ask(matrix: Floats) -> Floats:
        return score(codes.decode(matrix))

    own = ask(people)
    decided = float((own >= 0.5).mean())
    values = _similar_values(people, donors, codes.categorical, rng)
    exchanged = _changed(people, values)
    change = np.abs(ask(exchanged) - np.repeat(own, people.shape[1])).reshape(people.shape)
    if len(names) < 2 or change.sum() <= 1e-12:
        reason = "exchanging one value for another does not change the score of anyone here"
        return OffDistribution(names, len(rows), decided, (), reason)
    kinds = []
    for kind in KINDS:
        realness, auc = _detector(kind, donors, rng)
        # The half of the exchanges of each feature that look most real, and of the synthetic rows
        # the half that look least so: that is where a model could behave in two ways.
        looks = realness(exchanged).reshape(people.shape)
        inside = np.where(looks >= np.median(looks, axis=0), change, 0.0)
        outside, decisions = np.zeros(people.shape), []
        for _ in range(MIXES):
            mixed = _mixed(kind, people, donors, rng)
            looks = realness(mixed)
            odd = (looks <= np.median(looks))[:, None]
            other = np.abs(ask(_changed(mixed, values)) - ask(_changed(mixed, people)))
            outside += np.where(odd, other.reshape(people.shape), 0.0)
            decisions.append(float((ask(mixed) >= 0.5).mean()))
        if inside.sum() <= 1e-12:
            continue
        kinds.append(_moved(kind, inside, outside, float(np.mean(decisions)), auc, rng))
    return OffDistribution(names, len(rows), decided, tuple(kinds))


def _changed(base: Floats, values: Floats) -> Floats:
    """Rows n·p: each row of ``base`` once for each feature, with that feature's value put in."""
    n, p = base.shape
    out = np.repeat(base, p, axis=0)
    at = np.arange(n * p)
    out[at, at % p] = values.reshape(-1)
    return out


def _mixed(kind: str, people: Floats, donors: Floats, rng: np.random.Generator) -> Floats:
    n, p = people.shape
    if kind == "LIME":
        return donors[rng.integers(len(donors), size=(n, p)), np.arange(p)]
    other = donors[rng.integers(len(donors), size=n)]
    return np.where(rng.random((n, p)) < 0.5, people, other)


def _detector(
    kind: str, donors: Floats, rng: np.random.Generator
) -> tuple[Callable[[Floats], Floats], float]:
    """Learn to tell real rows from synthetic ones; also how well that works on other rows.

    Returns
    -------
    callable
        From rows to how real they look, in [0, 1].
    float
        ROC AUC on a third of the rows, which the detector did not see.
    """
    mixed = rng.permutation(donors)
    cut = max(2 * len(mixed) // 3, 1)

    def half(real: Floats) -> tuple[Floats, Ints]:
        made = _mixed(kind, real, real, rng)
        return _filled(np.vstack([real, made])), np.repeat([1, 0], [len(real), len(made)])

    forest = RandomForestClassifier(
        100, min_samples_leaf=5, random_state=int(rng.integers(2**31)), n_jobs=1
    ).fit(*half(mixed[:cut]))
    rows, real = half(mixed[cut:] if cut < len(mixed) else mixed)
    auc = float(roc_auc_score(real, forest.predict_proba(rows)[:, 1]))
    return lambda rows: forest.predict_proba(_filled(rows))[:, 1], auc


def _filled(rows: Floats) -> Floats:
    """Missing numbers as one of their own, far below all others."""
    return np.where(np.isnan(rows), -1e30, rows)


def _similar_values(
    people: Floats, donors: Floats, categorical: list[int], rng: np.random.Generator
) -> Floats:
    """Value of each person and feature that one of the similar people has; else their own.

    Similar in all other features, by Gower's distance (1971): ranges for numbers, equality for
    categories.
    """
    n, p = people.shape
    apart = np.empty((p, n, len(donors)))
    for j in range(p):
        a, b = people[:, j, None], donors[None, :, j]
        if j in categorical:
            apart[j] = a != b
            continue
        known = donors[~np.isnan(donors[:, j]), j]
        width = float(np.ptp(known)) if len(known) else 0.0
        gap = np.abs(a - b) / (width or 1.0)
        apart[j] = np.where(np.isnan(a) | np.isnan(b), np.isnan(a) != np.isnan(b), gap)
    total = apart.sum(axis=0)
    values = people.copy()
    nearest = min(SIMILAR, len(donors))
    for j in range(p):
        found = np.argpartition(total - apart[j], nearest - 1, axis=1)[:, :nearest]
        differs = np.take_along_axis(apart[j], found, axis=1) > 0
        # One of those who have another value, at random; nobody means no exchange.
        ranks = np.where(differs, rng.random(differs.shape), -1.0)
        pick = np.take_along_axis(found, ranks.argmax(axis=1)[:, None], axis=1)[:, 0]
        values[:, j] = np.where(differs.any(axis=1), donors[pick, j], people[:, j])
    return values


def _moved(
    kind: str,
    inside: Floats,
    outside: Floats,
    decided: float,
    auc: float,
    rng: np.random.Generator,
) -> Moved:
    within = _shares(inside.sum(axis=0))
    if outside.sum() <= 1e-12:
        # Nothing matters any more: all importance is gone.
        nowhere = np.zeros(len(within))
        return Moved(kind, within, nowhere, Figure(1.0, 1.0, 1.0), decided, auc)
    off = _shares(outside.sum(axis=0))
    estimate = float(_variation(within, off))
    if len(inside) < FEWEST:
        few = Figure(estimate, reason=f"no interval: only {len(inside)} rows")
        return Moved(kind, within, off, few, decided, auc)
    count = rng.multinomial(len(inside), np.full(len(inside), 1 / len(inside)), RESAMPLES)
    first, second = count @ inside, count @ outside
    usable = (first.sum(axis=1) > 0) & (second.sum(axis=1) > 0)
    drawn = _variation(_shares(first[usable]), _shares(second[usable]))
    # Noise can only add to a total variation, so the resamples are too high by about as much as
    # the estimate is: the basic bootstrap takes that off again.
    low = 2 * estimate - float(np.quantile(drawn, 0.975))
    high = 2 * estimate - float(np.quantile(drawn, 0.025))
    ends = Figure(estimate, min(max(low, 0.0), estimate), max(min(high, 1.0), estimate))
    return Moved(kind, within, off, ends, decided, auc)


def _shares(total: Floats) -> Floats:
    out: Floats = total / total.sum(axis=-1, keepdims=True)
    return out


def _variation(first: Floats, second: Floats) -> Floats:
    return np.asarray(np.abs(first - second).sum(axis=-1) / 2, dtype=np.float64)
