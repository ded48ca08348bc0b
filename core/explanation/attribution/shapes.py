"""Exact shape functions: what each value of a feature adds to the log-odds, read from the model.

Linear models, naive Bayes, explainable boosting machines and private regression on bins add up one
function of each feature, so that these functions are the model and no estimate of it. Each is
shifted so that the plain mean over its steps is 0, which needs no data. Of a private learner all is
read from the released model and its declared domains, so the privacy guarantee covers it.

How much of a private curve is noise is simulated: the learner is trained again on the same rows at
the same ε and δ with noise from seeds. The spread of those curves says how far noise moves one; it
looks at raw rows, so the guarantee doesn't cover it.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from core.arrays import Array, Floats
from core.data.dataset import Dataset
from core.data.domains import NumberDomain
from core.data.table import MISSING
from core.errors import InputError
from core.explanation.attribution.explained_model import explained_model
from core.learning.encoding import DeclaredBins, DeclaredEncoder, Ordinal
from core.learning.learners import LEARNERS
from core.learning.models import EncodedModel
from core.training.fit import fit
from core.training.model_name import model_name
from core.training.private_fit import cost_of
from core.training.trained import Trained

GRID = 60
REFITS = 10
OTHER = "(other)"


@dataclass(frozen=True)
class Shape:
    """The function of one feature.

    Attributes
    ----------
    feature : str
    edges : ndarray, shape (k + 1,), or None
        Ends of the steps of a number; a curve is drawn through the middles where it has no steps.
    steps : bool
        Whether the function is constant between edges.
    levels : tuple of str
        Categories, k of them; empty for a number.
    values : ndarray, shape (k,)
        Added to the log-odds; their plain mean is 0.
    missing : float or None
        What a missing number adds, on the same footing; None where there is none.
    """

    feature: str
    edges: Floats | None
    steps: bool
    levels: tuple[str, ...]
    values: Floats
    missing: float | None

    @property
    def reach(self) -> float:
        """Largest value minus smallest: the most that the feature can move the log-odds."""
        return float(np.ptp(self.values)) if len(self.values) else 0.0


@dataclass(frozen=True)
class ModelShapes:
    """All functions of a model, those that reach furthest first.

    Attributes
    ----------
    shapes : tuple of Shape
    together : tuple of (str, str)
        Pairs of features with a term in common, which is not drawn.
    """

    shapes: tuple[Shape, ...]
    together: tuple[tuple[str, str], ...]


def model_shapes(dataset: Dataset, trained: Trained) -> ModelShapes:
    """Read the shape functions of a trained model.

    Parameters
    ----------
    dataset : Dataset
        Of which a private learner's shapes use the columns' names alone.
    trained : Trained

    Raises
    ------
    InputError
        If the model adds no functions up.
    """
    model = explained_model(trained.decider)
    if model is None or model.form not in ("linear", "additive"):
        raise InputError(
            "this model has no shape functions: it does not add up one function of each feature",
            where=model_name(trained.spec),
            remedy="See its curves of accumulated local effects"
            if trained.spec.external is not None
            else "See its curves of accumulated local effects, or train an explainable boosting "
            "machine",
        )
    names = tuple(str(c) for c in dataset.features)
    if isinstance(model.encoder, DeclaredEncoder):
        if trained.domains is None:
            raise ValueError("a private model has domains")
        known: dict[str, Any] = {item.name: item for item in trained.domains.items}
        grids = [_declared_grid(model, j, known[name]) for j, name in enumerate(names)]
    else:
        rows = dataset.features.iloc[trained.split.train]
        grids = [_learned_grid(model, j, rows[name]) for j, name in enumerate(names)]
    middle = {name: grid[2][:1] for name, grid in zip(names, grids, strict=True)}
    shapes = []
    for j, (name, (edges, levels, points, steps, gaps)) in enumerate(
        zip(names, grids, strict=True)
    ):
        added = _own_terms(model, _asked(names, middle, name, points), j)
        shift = float(added.mean())
        missing = None
        if gaps:
            asked = _asked(names, middle, name, np.array([np.nan]))
            missing = float(_own_terms(model, asked, j)[0]) - shift
        shapes.append(Shape(name, edges, steps, levels, added - shift, missing))
    terms = getattr(model.estimator, "term_features_", [])
    pairs = tuple((names[of[0]], names[of[1]]) for of in terms if len(of) == 2)
    return ModelShapes(tuple(sorted(shapes, key=lambda shape: -shape.reach)), pairs)


Grid = tuple[Floats | None, tuple[str, ...], Array, bool, bool]
"""Edges, levels, a value within each step, whether there are steps, whether any can be missing."""


def _declared_grid(model: EncodedModel, feature: int, item: Any) -> Grid:
    if not isinstance(item, NumberDomain):
        levels = item.categories if MISSING in item.categories else (*item.categories, MISSING)
        levels = (*levels, OTHER)
        return None, levels, np.array(levels, dtype=object), True, False
    cuts = None
    if isinstance(model.encoder, DeclaredBins):
        cuts = model.encoder._edges()
    elif hasattr(model.estimator, "bins_"):
        cuts = np.asarray(model.estimator.bins_[feature][0], dtype=np.float64)
    if cuts is None:
        edges = np.linspace(item.low, item.high, GRID + 1)
    else:
        within = cuts[(cuts > -1) & (cuts < 1)]
        inner = item.low + (within + 1) / 2 * (item.high - item.low)
        edges = np.r_[item.low, inner, item.high]
    return edges, (), (edges[1:] + edges[:-1]) / 2, cuts is not None, True


def _learned_grid(model: EncodedModel, feature: int, column: pd.Series) -> Grid:
    if column.dtype.kind != "f":
        levels = tuple(sorted(map(str, column.unique())))
        return None, levels, np.array(levels, dtype=object), True, False
    held = column.dropna().to_numpy(dtype=np.float64)
    low, high = (float(held.min()), float(held.max())) if len(held) else (0.0, 0.0)
    steps = isinstance(model.encoder, Ordinal) and hasattr(model.estimator, "bins_")
    if steps:
        cuts = np.asarray(model.estimator.bins_[feature][0], dtype=np.float64)
        edges = np.r_[low, cuts[(cuts > low) & (cuts < high)], high]
    else:
        edges = np.linspace(low, high, GRID + 1)
    filled = isinstance(model.encoder, Ordinal) and model.encoder.fill_missing
    gaps = bool(column.isna().any()) and not filled
    return edges, (), (edges[1:] + edges[:-1]) / 2, steps, gaps


def _asked(
    names: tuple[str, ...], middle: dict[str, Any], feature: str, points: Array
) -> pd.DataFrame:
    """Rows that differ in one feature only."""
    columns = {n: points if n == feature else np.repeat(middle[n], len(points)) for n in names}
    return pd.DataFrame(columns)


def _own_terms(model: EncodedModel, rows: pd.DataFrame, feature: int) -> Floats:
    """Add up the terms of one feature alone, on the log-odds, shape (n,)."""
    encoded = model.encoder.transform(rows)
    if model.form == "linear":
        own = np.flatnonzero(model.encoder.owner == feature)
        return np.asarray(encoded[:, own] @ np.asarray(model.estimator.coef_)[0][own])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", category=UserWarning)
        terms = np.asarray(model.estimator.eval_terms(encoded), dtype=np.float64)
    own = np.array([tuple(of) == (feature,) for of in model.estimator.term_features_])
    return np.asarray(terms[:, own].sum(axis=1))


@dataclass(frozen=True)
class ShapeNoise:
    """How far privacy noise moves each curve: a simulation.

    Attributes
    ----------
    spread : dict of str to ndarray, shape (k,)
        Standard deviation of each step's value over the refits, by feature.
    refits : int
    epsilon, delta : float
        Of each refit's model, as the audited one had.
    """

    spread: dict[str, Floats]
    refits: int
    epsilon: float
    delta: float


def shape_noise(
    dataset: Dataset, trained: Trained, refits: int = REFITS
) -> Iterator[tuple[float, ShapeNoise]]:
    """Train again with noise from seeds, at the same ε; nothing is charged or may be released.

    Yields
    ------
    tuple of (float, ShapeNoise)
        Share done in (0, 1], and the spread so far, from the second refit on.

    Raises
    ------
    InputError
        If the learner is not private, or a mitigation changed its rows.
    """
    learner = LEARNERS[trained.spec.learner]
    if not learner.private or trained.spec.mitigation != "none":
        raise InputError(
            "noise is simulated for a private model without mitigation only",
            where=learner.title,
        )
    cost = cost_of(dataset, learner, trained.spec)
    shapes = model_shapes(dataset, trained).shapes
    names = tuple(str(c) for c in dataset.features)
    points = {shape.feature: _points(shape) for shape in shapes}
    middle = {name: points[name][:1] for name in names}
    drawn: dict[str, list[Floats]] = {name: [] for name in names}
    for seed in range(refits):
        spec = replace(trained.spec, noise="seeded", noise_seed=seed + 1)
        split = trained.split
        fitted = fit(dataset, spec, split.train, split.validation, domains=trained.domains)
        model = explained_model(fitted.decider)
        assert model is not None
        for j, name in enumerate(names):
            added = _own_terms(model, _asked(names, middle, name, points[name]), j)
            drawn[name].append(added - added.mean())
        if seed:
            spread = {name: np.std(each, axis=0, ddof=1) for name, each in drawn.items()}
            yield (
                (seed + 1) / refits,
                ShapeNoise(spread, seed + 1, cost.epsilon, cost.delta),
            )


def _points(shape: Shape) -> Array:
    if shape.edges is None:
        return np.array(shape.levels, dtype=object)
    return np.asarray((shape.edges[1:] + shape.edges[:-1]) / 2)
