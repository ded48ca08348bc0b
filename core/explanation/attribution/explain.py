"""Explain a trained decider: which features drive its scores, and why one person got theirs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.arrays import Floats, Ints
from core.data.dataset import Dataset
from core.explanation.attribution.contributions import Contributions
from core.explanation.attribution.lime_surrogate import LocalSurrogate, local_surrogate
from core.explanation.attribution.shapley import shapley_values, trees_add_up
from core.training.trained import Trained

BACKGROUND_ROWS = 100
GLOBAL_ROWS = {"linear": 1000, "additive": 1000, "trees": 1000, "coalitions": 100, "any": 60}
"""Test rows behind a global explanation: fewer where each costs more."""
BATCH = {"linear": 1000, "additive": 250, "trees": 500, "coalitions": 5, "any": 5}
SURROGATE_ROWS = 5000


@dataclass(frozen=True)
class GlobalExplanation:
    """Mean absolute Shapley value of each feature over a sample of test rows.

    Attributes
    ----------
    method, explains : str
        See :class:`core.explanation.attribution.contributions.Contributions`.
    features : tuple of str
        Most important first.
    mean_absolute : ndarray, shape (p,)
    standard_error : ndarray, shape (p,)
        Of the mean, from sampling rows.
    mean : ndarray, shape (p,)
    rows, background_rows : int
    additivity_error : float
    positions : ndarray of int64, shape (rows,)
        Of the rows explained among the test rows.
    values : ndarray, shape (rows, p)
        Of each row, features in the order of ``features``.
    sampling_error : float or None
        Largest standard error of ``mean_absolute`` that sampling orders of features adds; None
        where values are exact.
    why_sampled : str
        Why a model whose trees might have told exact values is sampled; "" elsewhere.
    """

    method: str
    explains: str
    features: tuple[str, ...]
    mean_absolute: Floats
    standard_error: Floats
    mean: Floats
    rows: int
    background_rows: int
    additivity_error: float
    positions: Ints
    values: Floats
    sampling_error: float | None = None
    why_sampled: str = ""


@dataclass(frozen=True)
class PersonExplanation:
    """Why one person got their score.

    Attributes
    ----------
    row : int
        Row number in the table as it was read, counted from 0.
    score : float
        On which the decision rests.
    explained_score : float
        Which ``shap`` and ``lime`` explain: with the group unknown. It differs from ``score``
        where a mitigation looks at the person's group.
    positive : bool
        The decision.
    values : dict of str to (float or str or None)
        The person's raw features, None where missing.
    shap : Contributions
        Of one row.
    lime : LocalSurrogate
    """

    row: int
    score: float
    explained_score: float
    positive: bool
    values: dict[str, float | str | None]
    shap: Contributions
    lime: LocalSurrogate


def background(dataset: Dataset, trained: Trained) -> pd.DataFrame:
    """Training rows that explanations compare with, a sample fixed by the seed."""
    return _sample(dataset.features, trained.split.train, BACKGROUND_ROWS, trained.spec.seed)


def _sample(features: pd.DataFrame, rows: Ints, size: int, seed: int) -> pd.DataFrame:
    if len(rows) > size:
        rows = np.sort(np.random.default_rng(seed).choice(rows, size, replace=False))
    return features.iloc[rows].reset_index(drop=True)


def explain_globally(
    dataset: Dataset, trained: Trained, *, batch: int | None = None
) -> Iterator[tuple[float, GlobalExplanation]]:
    """Explain a sample of test rows, batch by batch.

    Yields
    ------
    share : float
        Part of the rows done, in (0, 1].
    explanation : GlobalExplanation
        Over the rows done so far.
    """
    behind = background(dataset, trained)
    test = trained.split.test
    first = dataset.features.iloc[test[:1]].reset_index(drop=True)
    method = shapley_values(trained.decider, first, behind).method
    if method == "trees":
        some = test[sampled_positions(trained, GLOBAL_ROWS[method])]
        if not trees_add_up(trained.decider, dataset.features.iloc[some], behind):
            method = "any"
    positions = sampled_positions(trained, GLOBAL_ROWS[method])
    batch = batch or BATCH[method]
    parts: list[Contributions] = []
    for start in range(0, len(positions), batch):
        some = test[positions[start : start + batch]]
        rows = dataset.features.iloc[some].reset_index(drop=True)
        parts.append(shapley_values(trained.decider, rows, behind))
        done = positions[: start + len(some)]
        yield len(done) / len(positions), _summarise(parts, done)


def sampled_positions(trained: Trained, size: int) -> Ints:
    """Positions of at most ``size`` test rows, drawn by the seed; any first few are a sample."""
    count = len(trained.split.test)
    if count <= size:
        return np.arange(count)
    drawn = np.random.default_rng(trained.spec.seed).choice(count, size, replace=False)
    return np.asarray(drawn, dtype=np.int64)


def _summarise(parts: list[Contributions], positions: Ints) -> GlobalExplanation:
    values = np.vstack([part.values for part in parts])
    absolute = np.abs(values)
    importance = absolute.mean(axis=0)
    order = np.argsort(-importance, kind="stable")
    deviation = absolute.std(axis=0, ddof=1) if len(values) > 1 else np.zeros(len(importance))
    errors = [part.sampling_error for part in parts if part.sampling_error is not None]
    sampling = None
    if errors:
        sampling = float((np.sqrt(np.square(np.vstack(errors)).sum(axis=0)) / len(values)).max())
    return GlobalExplanation(
        next((part.method for part in parts if part.sampling_error is not None), parts[0].method),
        parts[0].explains,
        tuple(parts[0].features[j] for j in order),
        importance[order],
        deviation[order] / np.sqrt(len(values)),
        values.mean(axis=0)[order],
        len(values),
        parts[0].background_rows,
        max(part.additivity_error for part in parts),
        positions,
        values[:, order],
        sampling,
        next((part.why_sampled for part in parts if part.why_sampled), ""),
    )


def explain_person(dataset: Dataset, trained: Trained, position: int) -> PersonExplanation:
    """Explain one test row by SHAP and by LIME.

    Parameters
    ----------
    dataset : Dataset
    trained : Trained
    position : int
        Position among the test rows.
    """
    row = int(trained.split.test[position])
    person = dataset.features.iloc[[row]].reset_index(drop=True)
    known = _sample(dataset.features, trained.split.train, SURROGATE_ROWS, trained.spec.seed)
    return PersonExplanation(
        int(dataset.rows[row]),
        float(trained.scores[position]),
        float(trained.decider.predict_score(person)[0]),
        bool(trained.decisions[position]),
        {str(name): _plain(person[name].iloc[0]) for name in person},
        shapley_values(trained.decider, person, background(dataset, trained)),
        local_surrogate(trained.decider.predict_score, person, known, seed=trained.spec.seed),
    )


def _plain(value: object) -> float | str | None:
    if isinstance(value, str):
        return value
    number = float(value)  # type: ignore[arg-type]
    return None if np.isnan(number) else number


def spread_by_score(trained: Trained, count: int, *, ends: bool = False) -> list[int]:
    """Choose test rows evenly spaced by score, from the lowest to the highest.

    Of two people or more both decisions are among them, wherever both were made: where one is so
    rare that even spacing finds nobody, the person of middle score who got it takes the place of
    the nearest by score.

    Parameters
    ----------
    trained : Trained
    count : int
        How many, at least 0; at least 2 with ``ends``.
    ends : bool
        Whether the lowest and the highest are among them; otherwise each is the middle one of
        its share of the rows.

    Returns
    -------
    list of int
        Positions among the test rows; without repeats unless ``ends``.
    """
    order = np.argsort(trained.scores, kind="stable")
    if ends:
        positions = np.linspace(0, len(order) - 1, count).round().astype(int)
        return [int(order[position]) for position in positions]
    positions = ((np.arange(count) + 0.5) / max(count, 1) * len(order)).astype(int)
    chosen = [int(order[position]) for position in dict.fromkeys(positions.tolist())]
    decided = {bool(trained.decisions[person]) for person in chosen}
    if len(chosen) < 2 or len(decided) == 2:
        return chosen
    other = middle_of_decision(trained, not decided.pop())
    if other is None:
        return chosen
    place = int(np.argmin(np.abs(trained.scores[chosen] - trained.scores[other])))
    chosen[place] = other
    return sorted(chosen, key=lambda person: float(trained.scores[person]))


def middle_of_decision(trained: Trained, positive: bool) -> int | None:
    """Position among the test rows of the person of middle score who got a decision, if any did."""
    got = np.flatnonzero(trained.decisions == positive)
    if not len(got):
        return None
    return int(got[np.argsort(trained.scores[got], kind="stable")[(len(got) - 1) // 2]])


def nearest_to_threshold(trained: Trained) -> int:
    """Position among the test rows of the person whose score is nearest to one half."""
    return int(np.argmin(np.abs(trained.scores - 0.5)))
