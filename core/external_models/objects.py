"""A model that lies in memory: an estimator as scikit-learn has them, or a function of rows.

It is asked with rows as it knows them: columns of the caller's frame with the caller's own types
and values, so that nothing of it is recoded.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.arrays import Floats
from core.data.labels import canonical
from core.data.table import MISSING
from core.errors import InputError
from core.external_models.candidates import Candidates
from core.external_models.matching import value_text
from core.external_models.model_facts import ModelFacts, ModelInput
from core.external_models.object_answers import (
    FITTED,
    answers,
    attribute,
    check_class_order,
    check_probabilities,
    check_shape,
    classes_of,
    numbers,
    own_columns,
    takes_names,
    texts,
)

METHODS = ("predict_proba", "predict")


class ObjectModel:
    """A model in memory, asked as a model's file is.

    Parameters
    ----------
    model : object
        With ``predict_proba`` or ``predict`` as in scikit-learn, or a function from a DataFrame to
        one score for each row.
    frame : DataFrame
        The rows as the model knows them.
    features : sequence of str, optional
        Columns that it takes, in order; the names it was fitted on by default.
    labels_only : bool
        Whether it is asked for its decisions, though it gives scores.
    candidates : Candidates, optional
        How these rows were read, so that each value goes back to the caller's own.

    Raises
    ------
    InputError
        If it is no such object, which columns it takes isn't known, or two values of the caller's
        were read as one.
    """

    def __init__(
        self,
        model: object,
        frame: pd.DataFrame,
        features: Sequence[str] | None = None,
        *,
        labels_only: bool = False,
        candidates: Candidates | None = None,
    ):
        self._model: Any = model
        self._method = next((m for m in METHODS[labels_only:] if callable(attribute(model, m))), "")
        if isinstance(model, type):
            raise InputError(
                "it is a class, and no fitted model", where=model.__name__, remedy=FITTED
            )
        if not self._method and not callable(model):
            raise InputError(
                "it has neither predict_proba nor predict, and is no function",
                where=type(model).__name__,
                remedy=FITTED,
            )
        self._classes = classes_of(model) if self._method else None
        self._check_classes()
        self._name = type(model).__name__ if self._method else _function_name(model)
        self._fitted = self._method != "" and takes_names(model, frame)
        taken = own_columns(model, frame) if features is None else features
        if taken is None and not self._method:
            # A function gets what a model may see: neither outcomes nor weights nor persons.
            may = frame.columns if candidates is None else candidates.names
            taken = [name for name in frame.columns if str(name) in may]
        if taken is None:
            raise InputError(
                "it names no columns, as one that was fitted on an array, so which it takes isn't "
                "known",
                where=self._name,
                remedy="Name them in their order: features=[…]",
            )
        missing = [str(name) for name in taken if name not in frame.columns]
        if missing:
            raise InputError(
                f"the rows lack {', '.join(map(repr, missing[:5]))}, which it takes",
                where=self._name,
                remedy="Give rows with the columns that it was fitted on",
            )
        self._columns = list(taken)
        self._types = {str(name): frame[name].dtype for name in taken}
        self._values = {
            str(name): _own_values(frame[name], candidates)
            for name in taken
            if not _is_number(frame[name]) and not _is_date(frame[name])
        }
        self.facts = self._told(frame)

    def _check_classes(self) -> None:
        """Refuse a model that decides and says not between what."""
        if self._method and self._classes is None:
            raise InputError(
                "it has no predict and classes_ as a fitted classifier of one target has",
                where=type(self._model).__name__,
                remedy="Fit it first, or give a function from a DataFrame to scores; of a "
                "regression audit amounts: task='regression'",
            )

    def score(self, columns: Mapping[str, npt.NDArray[Any]]) -> Floats:
        """Score rows; see :meth:`core.external_models.scorer.Scorer.score`.

        Raises
        ------
        InputError
            If the model fails on these rows, or answers anything but a score for each.
        """
        if self._method == "predict":
            decided, classes = self.labels(columns), self.facts.classes or ()
            return np.stack([decided == name for name in classes], axis=1).astype(np.float64)
        found = numbers(self._ask(self._method, columns), where=self._name)
        if not self._method and found.ndim == 2 and found.shape[1] == 1:
            found = found[:, 0]
        if not self._method and found.ndim != 1:
            raise InputError(
                f"it gave {found.shape[-1]} numbers for each row, without saying of which class",
                where=self._name,
                remedy="Answer with one score for each row, that of the positive label",
            )
        if self._classes is not None:
            check_shape(found, self._classes, where=self._name)
        check_probabilities(found, where=self._name)
        return found

    def labels(self, columns: Mapping[str, npt.NDArray[Any]]) -> npt.NDArray[Any]:
        """Return what its ``predict`` decides, in canonical text, shape (n,).

        Raises
        ------
        InputError
            If the model fails on these rows, or answers anything but one of its labels for each.
        """
        return texts(self._ask("predict", columns), self._classes, where=self._name)

    @property
    def decides(self) -> bool:
        """Whether it decides by itself, beside giving scores."""
        return self._method == "predict_proba" and callable(attribute(self._model, "predict"))

    def _ask(self, method: str, columns: Mapping[str, npt.NDArray[Any]]) -> npt.NDArray[Any]:
        rows = self._rows(columns)
        named = self._fitted or not method
        ask = getattr(self._model, method) if method else self._model

        told: list[object] = []

        def asked(given: Any) -> object:
            told.append(ask(given))
            return told[0]

        # The model gets rows of its own, which it may change; what they were is known before.
        index, given = rows.index, rows if named else rows.to_numpy()
        found = answers(asked, given, index, where=self._name, what=method or "call")
        if method == "predict_proba":
            check_class_order(told[0], self._classes or (), where=self._name)
        return found

    def close(self) -> None:
        """Do nothing: the object is the caller's."""

    def _told(self, frame: pd.DataFrame) -> ModelFacts:
        labels = self._classes
        module = type(self._model).__module__.split(".")[0]
        return ModelFacts(
            format="object",
            title=self._name,
            library="" if module in ("builtins", "__main__") else module,
            version="",
            sha256=secrets.token_hex(32),  # until its scores stand for it
            size=0,
            task="binary" if labels is None or len(labels) == 2 else "multiclass",
            inputs=tuple(
                ModelInput(
                    str(name),
                    "category" if str(name) in self._values else "number",
                    str(frame[name].dtype),
                    missing="allowed",
                    unseen="own_way",
                )
                for name in self._columns
            ),
            classes=labels,
            output="label" if self._method == "predict" else "probability",
        )

    def _rows(self, columns: Mapping[str, npt.NDArray[Any]]) -> pd.DataFrame:
        made: dict[Any, Any] = {}
        for name in self._columns:
            values, dtype = columns[str(name)], self._types[str(name)]
            known = self._values.get(str(name))
            if _is_date(dtype):
                made[name] = _moments(values, dtype)
                continue
            if known is None:
                whole = dtype.kind in "iu" and bool(np.isfinite(values).all())
                exact = whole and bool((values == np.trunc(values)).all())
                made[name] = pd.Series(values).astype(dtype) if exact else pd.Series(values)
                continue
            own = [known.get(v, v) for v in values]
            kept = isinstance(dtype, pd.CategoricalDtype) or dtype.kind == "O"
            made[name] = pd.Series(own, dtype=dtype if kept else None)
            if dtype.kind == "b" and None not in own:
                made[name] = pd.Series(own).astype(bool)
        return pd.DataFrame(made, columns=self._columns)


def digest_of_scores(scores: Floats) -> str:
    """SHA-256 of scores, which stands for a model that is no file: 64 hexadecimal digits."""
    return hashlib.sha256(np.ascontiguousarray(scores, dtype="<f8").tobytes()).hexdigest()


def _function_name(model: object) -> str:
    return str(getattr(model, "__name__", type(model).__name__))


def _is_number(column: pd.Series) -> bool:
    return column.dtype.kind in "iuf"


def _is_date(column: Any) -> bool:
    return bool(pd.api.types.is_datetime64_any_dtype(column))


def _moments(days: npt.NDArray[Any], dtype: Any) -> pd.Series:
    """Write days since 1970 as the caller's moments, to the microsecond."""
    ticks = np.round(days.astype(np.float64) * 86_400_000_000)
    moments = pd.Series(pd.to_datetime(ticks, unit="us", utc=True))
    zone = getattr(dtype, "tz", None)
    return (moments.dt.tz_convert(zone) if zone else moments.dt.tz_localize(None)).astype(dtype)


def _own_values(column: pd.Series, candidates: Candidates | None) -> dict[str | None, Any]:
    """Find the caller's value for each text that a column was read as, None for a missing one.

    Raises
    ------
    InputError
        If two values were read as one: which one the model is to be given isn't known then.
    """
    missing = column[column.isna()]
    known: dict[str | None, Any] = {None: missing.iloc[0] if len(missing) else None}
    name = str(column.name)
    for value in column.dropna().unique():
        # As constants are written, and whatever else is asked that no row holds.
        known.setdefault(canonical(value), value)
    if candidates is None:
        return known
    if name in candidates.features:
        said = candidates.features[name]
    else:
        only = candidates.constants.get(name)
        said = pd.Series(MISSING if only is None else only, range(len(candidates.rows)))
    read, texts = pd.factorize(said, use_na_sentinel=False)
    own, values = pd.factorize(column.iloc[candidates.rows], use_na_sentinel=True)
    found: dict[str | None, Any] = {}
    for at, place in np.unique(np.stack([read, own]), axis=1).T:
        said_text = value_text(texts[at])
        text = None if said_text == MISSING else said_text
        value = known[None] if place < 0 else values[place]
        if text in found:
            raise InputError(
                f"{found[text]!a} and {value!a} are read as one value, and the model may tell "
                "them apart",
                where=f"column {name!r}",
                remedy="Write them in one way where it is trained and where it is asked",
            )
        found[text] = value
    return known | found
