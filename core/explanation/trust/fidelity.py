"""Whether the score hangs on what the explanation says it hangs on.

Deletion and insertion (Petsiuk, Das and Saenko 2018, "RISE"), for tables: a feature is deleted by
replacing it with the values of background rows and averaging the scores. Features go from the one
that speaks most for the decision to the one that speaks most against it; followed is the score of
that decision (the probability of the positive label, or one minus it). If the explanation is
faithful, the score falls fast when features are deleted in that order, and rises fast when they
are inserted into the background rows. Each person's curves are compared with those of a random
order of the same features.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.arrays import Flags, Floats, Ints
from core.explanation.attribution.codes import Codes
from core.explanation.trust.averages import mean_over
from core.fairness.metrics.assessment import Figure

Score = Callable[[pd.DataFrame], Floats]
BATCH = 10
"""People whose curves are computed between two reports of progress."""


@dataclass(frozen=True)
class Fidelity:
    """Curves and the areas between them.

    Attributes
    ----------
    explainer : str
    people, background_rows : int
    deletion, insertion : ndarray, shape (p + 1,)
        Mean score of the decision after 0 … p features.
    random_deletion, random_insertion : ndarray, shape (p + 1,)
        The same in a random order.
    deletion_gain : Figure
        Mean area under random deletion minus that under deletion: above 0, the order is better
        than chance. In points of probability, in [−1, 1].
    insertion_gain : Figure
        Mean area under insertion minus that under random insertion.
    each : ndarray, shape (n,)
        Each person's mean of the two gains.
    """

    explainer: str
    people: int
    background_rows: int
    deletion: Floats
    insertion: Floats
    random_deletion: Floats
    random_insertion: Floats
    deletion_gain: Figure
    insertion_gain: Figure
    each: Floats

    @property
    def gain(self) -> Figure:
        """Mean of the two gains."""
        return mean_over(self.each, "nobody was explained")


def fidelity(
    explainer: str,
    score: Score,
    rows: pd.DataFrame,
    values: Floats,
    positive: Flags,
    background: pd.DataFrame,
    *,
    seed: int = 0,
) -> Iterator[tuple[float, Fidelity]]:
    """Draw deletion and insertion curves.

    Parameters
    ----------
    explainer : str
        Its name.
    score : callable
        From n raw rows to probabilities of the positive label, shape (n,).
    rows : DataFrame, shape (n, p)
        People, at least one.
    values : ndarray, shape (n, p)
        Their contributions; positive ones speak for the positive label.
    positive : ndarray of bool, shape (n,)
        Decisions.
    background : DataFrame, shape (m, p)
    seed : int
        Of the random orders.

    Yields
    ------
    tuple of (float, Fidelity)
        Share of the people done in (0, 1], and what was found over them.
    """
    rng = np.random.default_rng(seed)
    codes = Codes(rows, background)
    people, behind = codes.encode(rows), codes.encode(background)
    toward = np.where(positive[:, None], values, -values)
    # Equal contributions in random order, so that an explanation of zeros is no better than chance.
    uniforms = rng.random(values.shape)
    order = np.lexsort((uniforms, -toward), axis=1)
    chance = rng.permuted(np.tile(np.arange(people.shape[1]), (len(people), 1)), axis=1)
    parts = []
    for start in range(0, len(people), BATCH):
        some = slice(start, start + BATCH)
        four = [
            _curves(score, codes, people[some], behind, positive[some], which[some], kept)
            for which in (order, chance)
            for kept in (False, True)
        ]
        parts.append(np.stack(four))
        done = min(1.0, (start + BATCH) / len(people))
        yield done, _summed_up(explainer, np.concatenate(parts, axis=1), len(behind))


def _curves(
    score: Score,
    codes: Codes,
    people: Floats,
    behind: Floats,
    positive: Flags,
    order: Ints,
    insert: bool,
) -> Floats:
    """Score of the decision after 0 … p features in an order, shape (n, p + 1)."""
    n, p = people.shape
    position = np.argsort(order, axis=1)
    touched = position[:, None, :] < np.arange(p + 1)[None, :, None]
    own = touched if insert else ~touched
    mixed = np.where(own[:, :, None, :], people[:, None, None, :], behind[None, None, :, :])
    found = score(codes.decode(mixed.reshape(-1, p))).reshape(n, p + 1, len(behind)).mean(axis=2)
    return np.asarray(np.where(positive[:, None], found, 1 - found), dtype=np.float64)


def _summed_up(explainer: str, four: Floats, background: int) -> Fidelity:
    """Means over people from curves of shape (4, n, p + 1)."""
    deletion, insertion, random_deletion, random_insertion = four
    areas = np.trapezoid(four, dx=1 / (four.shape[2] - 1), axis=2)
    deleted, inserted = areas[2] - areas[0], areas[1] - areas[3]
    nobody = "nobody was explained"
    return Fidelity(
        explainer,
        four.shape[1],
        background,
        deletion.mean(axis=0),
        insertion.mean(axis=0),
        random_deletion.mean(axis=0),
        random_insertion.mean(axis=0),
        mean_over(deleted, nobody),
        mean_over(inserted, nobody),
        (deleted + inserted) / 2,
    )
