"""What is measured of LIME, and of its agreement with SHAP and permutation."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from core.arrays import Floats
from core.explanation.attribution.lime_surrogate import local_surrogate
from core.explanation.trust.agreement import agreement
from core.explanation.trust.averages import mean_over
from core.explanation.trust.by_group import topped_up
from core.explanation.trust.complexity import complexity
from core.explanation.trust.off_distribution import Score
from core.explanation.trust.permuted import permuted
from core.explanation.trust.record import Trust
from core.explanation.trust.stability import Stability, lipschitz_ratios
from core.explanation.trust.work import FEW_BACKGROUND, MOVED, REDRAWN, Work

FIT = "Local fit of LIME"
AGREEMENT = "Agreement of SHAP and LIME"


def lime_part(work: Work, begin: float, end: float) -> Iterator[tuple[float, Trust]]:
    """Explain some people by LIME, then once more with another seed, and moved slightly."""
    most = 2 * work.spec.lime_people
    chosen = topped_up(work.groups, work.spec.lime_people, work.spec.lime_group_people, most)
    first = min(work.spec.lime_people, work.first)
    rows = work.rows.iloc[:first].reset_index(drop=True)
    half, later = begin + (end - begin) * 0.5, begin + (end - begin) * 0.55
    weights = again = np.zeros((0, work.rows.shape[1]))
    fits = np.zeros(0)
    everyone = work.rows.iloc[chosen].reset_index(drop=True)
    for share, *explained in lime_rows(work.score, everyone, work.training, 0):
        weights, fits = explained
        yield begin + (half - begin) * share, work.extended(fits=fits[:first])
    fit = np.full(len(work.rows), np.nan)
    fit[chosen] = fits
    work.by_group(FIT, fit)
    fit = np.full(len(work.rows), np.nan)
    fit[chosen] = agreement("SHAP", work.values[chosen], "LIME", weights).each
    work.by_group(AGREEMENT, fit)
    lime, shap = weights[:first], work.values[:first]
    few = work.background.iloc[:FEW_BACKGROUND].reset_index(drop=True)
    alone = permuted(work.score, rows, few)
    work.extended(
        agreement=(
            agreement("SHAP", shap, "LIME", lime),
            agreement("SHAP", shap, "permutation", alone),
            agreement("LIME", lime, "permutation", alone),
        ),
        complexity=(*work.extended().complexity, complexity("LIME", lime)),
    )
    yield from work.curves("LIME", rows, lime, half, later)
    for share, *explained in lime_rows(work.score, rows, work.training, 1):
        again = explained[0]
        yield later + (end - later) * share / 2, work.extended()
    work.add_stability(Stability("LIME", REDRAWN, agreement("LIME", lime, "LIME", again)))
    moved, distance = work.perturbed(rows, work.near)
    for share, *explained in lime_rows(work.score, moved, work.training, 2):
        again = explained[0]
        yield later + (end - later) * (1 + share) / 2, work.extended()
    again[distance == 0] = np.nan
    ratios = lipschitz_ratios(lime, again, distance)
    lipschitz = mean_over(ratios, "nobody could be moved without another decision")
    caveat = "LIME draws other rows too, so this holds both changes."
    yield (
        end,
        work.add_stability(
            Stability("LIME", MOVED, agreement("LIME", lime, "LIME", again), lipschitz, caveat)
        ),
    )


def lime_rows(
    score: Score, rows: pd.DataFrame, training: pd.DataFrame, seed: int
) -> Iterator[tuple[float, Floats, Floats]]:
    """Explain each row as the page on one person does.

    Yields
    ------
    share : float
        Part of the rows done, in (0, 1].
    weights : ndarray, shape (rows done, p)
    fits : ndarray, shape (rows done,)
        Weighted R².
    """
    weights, fits = [], []
    for i in range(len(rows)):
        person = rows.iloc[[i]].reset_index(drop=True)
        found = local_surrogate(score, person, training, seed=seed)
        weights.append(found.weights)
        fits.append(found.fit)
        yield (i + 1) / len(rows), np.array(weights), np.array(fits)
