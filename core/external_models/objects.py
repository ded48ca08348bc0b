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
        self._method = next(
            (m for m in ("predict_proba", "predict")[labels_only:] if hasattr(model, m)), ""
        )
        if not self._method and not callable(model):
            raise InputError(
                "it has neither predict_proba nor predict, and is no function",
                where=type(model).__name__,
                remedy="Give a fitted model, or a function from a DataFrame to scores",
            )
        if self._method and np.ndim(getattr(model, "classes_", 0)) != 1:
            raise InputError(
                "it has no predict and classes_ as a fitted classifier of one target has",
                where=type(model).__name__,
                remedy="Fit it first, or give a function from a DataFrame to scores",
            )
        self._name = type(model).__name__ if self._method else _function_name(model)
        self._fitted = getattr(model, "feature_names_in_", None)
        taken = self._fitted if features is None else features
        if taken is None and not self._method:
            # A function gets what a model may see: neither outcomes nor weights nor persons.
            may = frame.columns if candidates is None else candidates.names
            taken = [name for name in frame.columns if str(name) in may]
        if taken is None:
            raise InputError(
                "it was fitted on an array, so which columns it takes isn't known",
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

    def score(self, columns: Mapping[str, npt.NDArray[Any]]) -> Floats:
        """Score rows; see :meth:`core.external_models.scorer.Scorer.score`.

        Raises
        ------
        InputError
            If the model fails on these rows, or answers anything but a score for each.
        """
        if self._method == "predict":
            texts, classes = self.labels(columns), self.facts.classes or ()
            return np.stack([texts == name for name in classes], axis=1).astype(np.float64)
        found = self._ask(self._method, columns)
        try:
            scores = np.asarray(found, dtype=np.float64)
        except (TypeError, ValueError):
            raise InputError(
                f"its answers are no numbers, such as {str(found.ravel()[0])[:40]!r}",
                where=self._name,
                remedy="Give a function that answers with the score of the positive label",
            ) from None
        if not self._method and scores.ndim == 2 and scores.shape[1] == 1:
            return scores[:, 0]
        if not self._method and scores.ndim != 1:
            raise InputError(
                f"it gave {scores.shape[-1]} numbers for each row, without saying of which class",
                where=self._name,
                remedy="Answer with one score for each row, that of the positive label",
            )
        return scores

    def labels(self, columns: Mapping[str, npt.NDArray[Any]]) -> npt.NDArray[Any]:
        """Return what its ``predict`` decides, in canonical text, shape (n,)."""
        found = self._ask("predict", columns)
        return np.array([canonical(value) for value in found], dtype=object)

    @property
    def decides(self) -> bool:
        """Whether it decides by itself, beside giving scores."""
        return self._method == "predict_proba" and hasattr(self._model, "predict")

    def _ask(self, method: str, columns: Mapping[str, npt.NDArray[Any]]) -> Any:
        rows = self._rows(columns)
        named = self._fitted is not None or not method
        given: Any = rows if named else rows.to_numpy()
        try:
            ask = getattr(self._model, method) if method else self._model
            found = np.asarray(ask(given))
        except Exception as error:  # whatever somebody else's model may raise
            raise InputError(
                f"its {method or 'call'} failed ({type(error).__name__}: {str(error)[:200]})",
                where=self._name,
                remedy="Give rows as it was fitted on",
            ) from error
        if found.ndim == 0 or len(found) != len(rows):
            raise InputError(
                f"it gave {np.size(found)} answers for {len(rows)} rows", where=self._name
            )
        return found

    def close(self) -> None:
        """Do nothing: the object is the caller's."""

    def _told(self, frame: pd.DataFrame) -> ModelFacts:
        classes = getattr(self._model, "classes_", None)
        labels = None if classes is None else tuple(canonical(value) for value in classes)
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
