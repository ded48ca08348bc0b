"""Proxies: which features tell the sensitive attribute, alone and all together.

A feature's proxy strength is the area under the ROC curve (AUC) with which a model of that feature
alone tells one group from everyone else, on rows that the model did not see: 0.5 is guessing, 1 is
certainty. The model is the share of the group within each category, or within each of up to 20
bins of equal size of a number. All features together are given to gradient boosting. With more
than two groups the figure is the mean over groups, each against the rest. Intervals are DeLong's
(1988), widened over groups as if their errors were wholly dependent.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier
from threadpoolctl import threadpool_limits

from core.arrays import Flags, Floats, Ints, Objects
from core.data.dataset import Dataset
from core.data.persons import persons_of
from core.data.row_hashing import uniforms_of_hashes
from core.fairness.counts.ranking import ScoreEstimate, roc_auc
from core.learning.encoding import Ordinal
from core.learning.stratified import deal_persons, deal_rows

ROWS = 4000
FOLDS = 3
BINS = 20
FEWEST = 20
TOP_DRIVERS = 5
SMALLEST_DRIVER = 0.05
"""Of what moves the scores; what carries less drives nothing by itself."""
"""Rows of a group below which it is not told apart."""
STRONG = 0.7
"""A feature is a strong proxy where its AUC is surely above this: "acceptable" discrimination in
Hosmer and Lemeshow, Applied Logistic Regression."""


@dataclass(frozen=True)
class ProxyStrength:
    """How well something tells a sensitive attribute.

    Attributes
    ----------
    feature : str or None
        None is all features together.
    auc : float
        Mean over groups, in [0, 1]; 0.5 is guessing.
    interval : tuple of (float, float)
        95 %.
    by_group : dict of str to float
        Each group against the rest.
    """

    feature: str | None
    auc: float
    interval: tuple[float, float]
    by_group: dict[str, float]

    @property
    def strong(self) -> bool:
        """Whether it surely tells more than :data:`STRONG`."""
        return self.interval[0] > STRONG


@dataclass(frozen=True)
class Proxies:
    """Proxies of one sensitive attribute.

    Attributes
    ----------
    attribute : str
    rows : int
        Sampled rows behind the figures.
    together : ProxyStrength or None
    features : tuple of ProxyStrength
        The strongest first.
    itself : bool
        Whether the attribute is a feature of the model too, and so was left out of these.
    reason : str or None
        Why nothing could be told.
    """

    attribute: str
    rows: int
    together: ProxyStrength | None
    features: tuple[ProxyStrength, ...]
    itself: bool
    reason: str | None = None


def find_proxies(
    dataset: Dataset, attribute: str, *, features: tuple[str, ...] | None = None, seed: int = 0
) -> Iterator[tuple[float, Proxies]]:
    """Measure how well each feature, and all together, tell an attribute.

    Parameters
    ----------
    dataset : Dataset
    attribute : str
        A sensitive column.
    features : tuple of str, optional
        Only these, and not all together.
    seed : int
        Of the sample of rows and the folds.

    Yields
    ------
    tuple of (float, Proxies)
        Share done in (0, 1], and what was found so far.
    """
    rows, groups = _rows(dataset, attribute, seed)
    X = dataset.features.iloc[rows].reset_index(drop=True)
    names = [str(c) for c in X if str(c) != attribute]
    itself = len(names) < X.shape[1]
    asked = names if features is None else [name for name in names if name in features]
    if len(set(groups)) < 2:
        why = f"not defined, because fewer than two groups have {FEWEST} rows"
        yield 1.0, Proxies(attribute, len(X), None, (), itself, why)
        return
    fold = _folds(dataset, rows, seed)
    found: list[ProxyStrength] = []
    steps = len(asked) + (3 if features is None else 0)
    for done, name in enumerate(asked, 1):
        found.append(_strength(name, _alone(X[name], groups, fold), groups))
        if done % 5 == 0 or done == len(asked):
            kept = tuple(sorted(found, key=lambda one: -one.auc))
            yield done / steps, Proxies(attribute, len(X), None, kept, itself)
    together = None
    if features is None and names:
        together = _strength(None, _all_together(X[names], groups, fold, seed), groups)
    kept = tuple(sorted(found, key=lambda one: -one.auc))
    yield 1.0, Proxies(attribute, len(X), together, kept, itself)


def _rows(dataset: Dataset, attribute: str, seed: int) -> tuple[Ints, Objects]:
    """Sample rows, in whichever order they stand, of groups that are large enough."""
    groups = dataset.sensitive[attribute].to_numpy(dtype=object)
    rows = np.sort(np.argsort(uniforms_of_hashes(dataset.content, seed), kind="stable")[:ROWS])
    names, counts = np.unique(groups[rows].astype(str), return_counts=True)
    rows = rows[np.isin(groups[rows].astype(str), names[counts >= FEWEST])]
    return rows, groups[rows].astype(str).astype(object)


def _folds(dataset: Dataset, rows: Ints, seed: int) -> Ints:
    """Each row's fold; all rows of a person in one, or persons would be told and not groups."""
    ids = dataset.identifiers
    persons = persons_of(None if ids is None else ids.iloc[rows])
    one_stratum, shares = np.zeros(len(rows), dtype=np.bool_), [1 / FOLDS] * FOLDS
    if persons is None:
        return deal_rows(one_stratum, dataset.content[rows], shares, (seed, 1))
    return deal_persons(one_stratum, dataset.content[rows], persons, shares, (seed, 1))


def _alone(column: pd.Series, groups: Objects, fold: Ints) -> dict[str, Floats]:
    """Share of each group where the feature is alike, from the other folds; by group."""
    names = sorted(set(groups))
    out = {name: np.zeros(len(groups)) for name in names}
    for k in range(FOLDS):
        learn, ask = fold != k, fold == k
        codes = _bins(column, learn)
        size = np.bincount(codes[learn], minlength=codes.max() + 1)
        for name in names:
            hits = np.bincount(codes[learn & (groups == name)], minlength=codes.max() + 1)
            prior = (groups[learn] == name).mean()
            # One row's worth of the overall share, so that a rare value says little.
            out[name][ask] = ((hits + prior) / (size + 1))[codes[ask]]
    return out


def _bins(column: pd.Series, learn: Flags) -> Ints:
    if column.dtype.kind != "f":
        return np.asarray(pd.factorize(column.astype(str))[0], dtype=np.int64)
    held = column.to_numpy(dtype=np.float64)
    known = held[learn & ~np.isnan(held)]
    if not len(known):
        return np.asarray(np.isnan(held), dtype=np.int64)
    cuts = np.unique(np.quantile(known, np.linspace(0, 1, BINS + 1)[1:-1], method="lower"))
    codes = np.where(np.isnan(held), len(cuts) + 1, np.searchsorted(cuts, held, side="left"))
    return np.asarray(codes, dtype=np.int64)


def _all_together(X: pd.DataFrame, groups: Objects, fold: Ints, seed: int) -> dict[str, Floats]:
    out = {name: np.zeros(len(groups)) for name in sorted(set(groups))}
    for k in range(FOLDS):
        learn, ask = fold != k, fold == k
        encoder = Ordinal()
        encoder.fit(X[learn])
        model = HistGradientBoostingClassifier(max_iter=40, random_state=seed)
        # On so few rows threads gain nothing, and wait for each other where others work too.
        with threadpool_limits(1, user_api="openmp"):
            model.fit(encoder.transform(X[learn]), groups[learn].astype(str))
            probabilities = model.predict_proba(encoder.transform(X[ask]))
        for j, name in enumerate(model.classes_):
            out[str(name)][ask] = probabilities[:, j]
    return out


def _strength(feature: str | None, record: dict[str, Floats], groups: Objects) -> ProxyStrength:
    one = np.zeros(len(groups), dtype=np.int64)
    names = list(record)[:1] if len(record) == 2 else list(record)
    areas: list[ScoreEstimate] = [
        roc_auc(one, 1, np.asarray(groups == name), record[name])[0] for name in names
    ]
    ends = [area.interval(0.95) or (0.0, 1.0) for area in areas]
    return ProxyStrength(
        feature,
        float(np.mean([area.estimate for area in areas])),
        (float(np.mean([low for low, _ in ends])), float(np.mean([high for _, high in ends]))),
        {name: float(area.estimate or 0.0) for name, area in zip(names, areas, strict=True)},
    )


def strong_drivers(features: tuple[str, ...], carried: Floats) -> tuple[tuple[str, ...], Floats]:
    """Find the strongest drivers: at most five, each carrying what is worth telling.

    Parameters
    ----------
    features : tuple of str
        Most important first.
    carried : ndarray, shape (len(features),)
        Mean |contribution| of each, descending.

    Returns
    -------
    tuple of the drivers and of the share that each carries of all that moves the scores; empty
    where nothing moves them.
    """
    total = float(carried.sum())
    if not total:
        return (), np.zeros(0)
    shares = carried[:TOP_DRIVERS] / total
    shares = shares[shares >= SMALLEST_DRIVER]
    return features[: len(shares)], shares


def leaning_sentences(
    drivers: tuple[str, ...], shares: Floats, proxies: tuple[Proxies, ...]
) -> tuple[str, ...]:
    """Say which strong drivers are strong proxies, one sentence each.

    Parameters
    ----------
    drivers : tuple of str
        The strongest drivers, most important first.
    shares : ndarray, shape (len(drivers),)
        What each carries of all that moves the scores, in [0, 1].
    proxies : tuple of Proxies
    """
    out = []
    for position, (driver, share) in enumerate(zip(drivers, shares, strict=True), 1):
        for found in proxies:
            for one in found.features:
                if one.feature == driver and one.strong:
                    low, high = one.interval
                    out.append(
                        f"“{driver}”, driver number {position} with {share:.0%} of what moves the "
                        f"scores, alone tells “{found.attribute}” with a ROC AUC of {one.auc:.2f} "
                        f"({low:.2f} to {high:.2f}; 0.5 is guessing)"
                    )
    return tuple(out)
