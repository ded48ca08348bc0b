"""What a scikit-learn model says of its inputs: names, encoders on their way, imputers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    StackingClassifier,
    StackingRegressor,
    VotingClassifier,
    VotingRegressor,
)
from sklearn.impute import SimpleImputer
from sklearn.model_selection import FixedThresholdClassifier, TunedThresholdClassifierCV
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, TargetEncoder
from sklearn.tree._tree import Tree

from core.errors import InputError
from core.external_models.model_facts import ModelInput, OwnValue
from core.external_models.sandbox.skops.checks import parts_of

_ENCODERS = (OneHotEncoder, OrdinalEncoder, TargetEncoder)
_HISTOGRAMS = (HistGradientBoostingClassifier, HistGradientBoostingRegressor)
_JOINED = (StackingClassifier, StackingRegressor, VotingClassifier, VotingRegressor)
_FLAGS = ({True, False}, {"True", "False"}, {"true", "false"})


@dataclass(frozen=True)
class SklearnInput:
    """An input, and how the model's own library has to be given it.

    Attributes
    ----------
    told : ModelInput
    missing : object
        What stands for a missing category: NaN or None.
    """

    told: ModelInput
    missing: object = np.nan


def sklearn_inputs(model: Any) -> tuple[tuple[SklearnInput, ...], bool]:
    """Return the inputs in their order, and whether they have names.

    Raises
    ------
    InputError
        If the model doesn't say how many there are.
    """
    names = getattr(model, "feature_names_in_", None)
    width = getattr(model, "n_features_in_", None)
    if width is None:
        raise InputError(
            "the model doesn't say how many columns it takes",
            remedy="Give a fitted classifier or regression, or a pipeline that ends in one",
        )
    titles = [f"input {i + 1}" for i in range(width)] if names is None else [str(n) for n in names]
    trees = any(isinstance(part, Tree) for part in parts_of(_last(model)))
    dtype = "float32" if trees else "float64"
    inputs = [SklearnInput(ModelInput(title, "number", dtype)) for title in titles]
    for encoder, places, imputed in _encoders(model, list(range(width)), titles):
        for place, values in zip(places, encoder.categories_, strict=True):
            inputs[place] = _category(inputs[place].told, encoder, values, imputed)
    for place in _imputed(model, list(range(width)), titles):
        told = inputs[place].told
        if told.kind == "number":
            inputs[place] = replace(inputs[place], told=replace(told, missing="allowed"))
    if names is None:
        return tuple(inputs), False
    # What a column transformer drops is not asked for: a frame need not have it.
    used = {place for _, at, _ in _steps(model, list(range(width)), titles) for place in at}
    return tuple(one for place, one in enumerate(inputs) if place in used), True


def _inner(model: Any) -> Any:
    """Return what a search or a calibration wraps; the model itself where it wraps nothing."""
    while True:
        if hasattr(model, "best_estimator_"):
            model = model.best_estimator_
        elif hasattr(model, "calibrated_classifiers_"):
            model = model.calibrated_classifiers_[0].estimator
        elif isinstance(model, (TunedThresholdClassifierCV, FixedThresholdClassifier)):
            model = model.estimator_
        else:
            return model


def _last(model: Any) -> Any:
    model = _inner(model)
    while isinstance(model, Pipeline):
        model = _inner(model.steps[-1][1])
    return model


def _steps(
    model: Any, places: list[int], titles: Sequence[str]
) -> Iterator[tuple[Any, list[int], bool]]:
    """Walk what columns meet while they are still columns: step, their places, imputed before."""
    imputed = False
    model = _inner(model)
    steps = [step for _, step in model.steps] if isinstance(model, Pipeline) else [model]
    for step in map(_inner, steps):
        if isinstance(step, ColumnTransformer):
            for _, part, chosen in step.transformers_:
                if part != "drop":
                    yield from _steps(part, _places(chosen, places, titles), titles)
            return
        if isinstance(step, _JOINED):
            for part in step.estimators_:
                yield from _steps(part, places, titles)
            return
        if isinstance(step, _HISTOGRAMS) and getattr(step, "_preprocessor", None) is not None:
            yield from _steps(step._preprocessor, places, titles)
            return
        yield step, places, imputed
        if isinstance(step, SimpleImputer):
            imputed = True
        elif not hasattr(step, "with_mean") and step != "passthrough":
            return  # Behind any other step its columns are no longer the inputs'.


def _places(chosen: Any, places: list[int], titles: Sequence[str]) -> list[int]:
    if isinstance(chosen, slice):
        return places[chosen]
    if isinstance(chosen, (str, int, np.integer)):
        chosen = [chosen]
    chosen = list(chosen)
    if chosen and isinstance(chosen[0], (bool, np.bool_)):
        return [place for place, taken in zip(places, chosen, strict=True) if taken]
    return [titles.index(one) if isinstance(one, str) else places[int(one)] for one in chosen]


def _encoders(
    model: Any, places: list[int], titles: Sequence[str]
) -> Iterator[tuple[Any, list[int], bool]]:
    for step, at, imputed in _steps(model, places, titles):
        if isinstance(step, _ENCODERS):
            yield step, at, imputed


def _imputed(model: Any, places: list[int], titles: Sequence[str]) -> Iterator[int]:
    for step, at, _ in _steps(model, places, titles):
        if isinstance(step, SimpleImputer):
            yield from at


def _is_missing(value: Any) -> bool:
    return value is None or value != value


def _category(told: ModelInput, encoder: Any, values: Any, imputed: bool) -> SklearnInput:
    own: list[OwnValue] = [_plain(v) for v in values.tolist() if not _is_missing(v)]
    gone = [v for v in values.tolist() if _is_missing(v)]
    strict = getattr(encoder, "handle_unknown", "error") == "error"
    as_missing = getattr(encoder, "unknown_value", 0) != getattr(encoder, "unknown_value", 0)
    is_flag = any(own and set(own) <= flags for flags in _FLAGS)
    made = replace(
        told,
        kind="flag" if is_flag else "category",
        dtype="string" if all(isinstance(v, str) for v in own) else "float64",
        category_values=tuple(own),
        missing="allowed" if gone or imputed else "refused" if strict else "unknown",
        unseen="refused" if strict else "as_missing" if as_missing else "own_way",
    )
    return SklearnInput(made, gone[0] if gone else np.nan)


def _plain(value: Any) -> OwnValue:
    plain: OwnValue = value.item() if isinstance(value, np.generic) else value
    return plain
