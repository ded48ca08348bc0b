"""The likelihood-ratio attack with shadow models.

Carlini, Chien, Nasr, Song, Terzis and Tramèr 2022, "Membership inference attacks from first
principles" (IEEE S&P), section V: the attacker trains the same learner on random halves of rows
from the population, and learns for each person how sure a model is of them with and without their
row. The person is judged by the likelihood ratio of two normal distributions on the logit of the
confidence. With few shadow models the two variances are one for all people (section VI-C there).

Shadow models of a private learner draw noise from a seed: they are simulations that are thrown
away. Trained with fresh noise and kept, each would have to be charged.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from scipy.stats import norm

from core.arrays import Flags, Floats
from core.attacks.membership import LIKELIHOOD_RATIO, Membership, found
from core.attacks.people import confidence, people_of, scores_at
from core.data.dataset import Dataset
from core.errors import InputError
from core.learning.learners import LEARNERS
from core.training.fit import fit
from core.training.trained import Trained

SHADOWS = (16, 32, 64)
"""Numbers of shadow models that are offered."""
OWN_VARIANCE = 64
"""From so many shadow models on each person has variances of their own."""
FEWEST = 4
SMALLEST_DEVIATION = 1e-3
TRIED = (500, 3000)
"""Numbers of rows that a fit is timed on."""


@dataclass(frozen=True)
class LiraSpec:
    """How many shadow models are trained, an even number, and the seed of their halves."""

    shadows: int = 16
    seed: int = 0


def estimated_seconds(dataset: Dataset, trained: Trained, spec: LiraSpec) -> float:
    """Estimate how long the attack takes, from fits on few rows; in seconds, and rough."""
    people = people_of(dataset, trained)
    rows = np.random.default_rng(spec.seed).permutation(people.rows)
    most = len(rows) // 2
    sizes = sorted({min(most, size) for size in TRIED})
    took = []
    for size in sizes:
        part = np.sort(rows[:size])
        if len(set(dataset.target[part])) < 2:
            part = np.sort(rows)
        began = time.perf_counter()
        _shadow(dataset, trained, part, people.rows, spec.seed)
        took.append(time.perf_counter() - began)
    slope = max(0.0, (took[-1] - took[0]) / max(1, sizes[-1] - sizes[0]))
    return spec.shadows * (took[-1] + slope * (most - sizes[-1]))


def lira(
    dataset: Dataset, trained: Trained, spec: LiraSpec | None = None
) -> Iterator[tuple[float, Membership | None]]:
    """Attack a model with shadow models.

    Shadow models come in pairs on complementary halves of the training and test rows, so that
    each person is in half of them, with all rows where the split kept them together.

    Yields
    ------
    tuple of (float, Membership or None)
        Share done in (0, 1]; a result from four shadow models on.

    Raises
    ------
    InputError
        If the number of shadow models is odd or below 4.
    """
    spec = spec or LiraSpec()
    if spec.shadows < FEWEST or spec.shadows % 2:
        raise InputError(
            f"shadow models come in pairs, and at least {FEWEST} are needed",
            where=f"shadows = {spec.shadows}",
        )
    people = people_of(dataset, trained)
    rng = np.random.default_rng([spec.seed, 0x11A])
    inside: list[Flags] = []
    seen: list[Floats] = []
    for done in range(0, spec.shadows, 2):
        half = people.half(rng)
        for position, part in enumerate((half, ~half)):
            # A seed of its own for each: one that the audited model has would share its trees.
            seed = int(rng.integers(1, 2**31))
            scores = _shadow(dataset, trained, people.rows[part], people.rows, seed)
            inside.append(part)
            seen.append(confidence(scores, people.positive))
            result = None
            if position and len(seen) >= FEWEST:
                each = likelihood_ratio(people.confidence, np.array(seen), np.array(inside))
                ratio = people.mean(each)
                result = found(
                    LIKELIHOOD_RATIO,
                    dataset,
                    people,
                    ratio,
                    ratio >= 0,
                    shadows=len(seen),
                    simulated=LEARNERS[trained.spec.learner].private,
                )
            yield (done + position + 1) / spec.shadows, result


def likelihood_ratio(observed: Floats, seen: Floats, inside: Flags) -> Floats:
    """Log-likelihood ratio of having been a member, from the confidence of shadow models.

    Parameters
    ----------
    observed : ndarray of float64, shape (n,)
        Log-odds that the attacked model gives to each person's true label.
    seen : ndarray of float64, shape (k, n)
        The same for each shadow model.
    inside : ndarray of bool, shape (k, n)
        Whether the person was in its half; each is in at least one and out of at least one.

    Returns
    -------
    ndarray of float64, shape (n,)
    """
    parts = []
    for which in (inside, ~inside):
        count = which.sum(axis=0)
        mean = np.where(which, seen, 0.0).sum(axis=0) / count
        squares = np.where(which, (seen - mean) ** 2, 0.0).sum(axis=0)
        if len(seen) >= OWN_VARIANCE:
            deviation = np.sqrt(squares / np.maximum(count - 1, 1))
        else:
            deviation = np.full(len(mean), np.sqrt(squares.sum() / max((count - 1).sum(), 1)))
        parts.append(norm.logpdf(observed, mean, np.maximum(deviation, SMALLEST_DEVIATION)))
    return np.asarray(parts[0] - parts[1])


def _shadow(
    dataset: Dataset, trained: Trained, rows: np.ndarray, asked: np.ndarray, seed: int
) -> Floats:
    """Train as the audited model was, on other rows; score those asked about."""
    spec = replace(trained.spec, seed=seed, noise="seeded", noise_seed=seed)
    # An attacker knows the domains of the model: they are in it, and are not estimated again.
    fitted = fit(dataset, spec, rows, trained.split.validation, domains=trained.domains)
    return scores_at(dataset, spec, fitted.decider, asked)
