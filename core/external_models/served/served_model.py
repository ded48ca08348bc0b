"""A model behind a server, asked as a model's file is.

Two protocols: ``/invocations`` of MLflow's scoring server, and the Open Inference Protocol v2
(KServe, Triton, MLServer). MLflow's server does not tell its inputs, and the other one often does
not: they are then the features of the table by name. What an answer holds is found from the
first rows: probabilities for each class, one score, or labels.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlsplit

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.arrays import Floats
from core.data.labels import canonical
from core.data.table import MISSING
from core.errors import InputError
from core.external_models.matching import Matching, model_inputs
from core.external_models.model_facts import ModelFacts, ModelInput, Output
from core.external_models.proposals import propose
from core.external_models.served import mlflow_scoring, open_inference
from core.external_models.served.http_client import Patience, check_address
from core.external_models.served.row_cache import RowCache

Protocol = Literal["mlflow", "open-inference"]
BATCH, MOST_CALLS = 1000, 1000
TRIAL = 8
"""Rows by which it is found what the answers are."""


@dataclass(frozen=True)
class ServedSpec:
    """How a served model is asked.

    Attributes
    ----------
    address : str
        Of MLflow's server, with or without ``/invocations``; or of a model of the Open Inference
        Protocol, ``http://host:port/v2/models/NAME``.
    batch : int
        Rows of one call, 1 or more.
    most_calls : int
        Calls that may be made in all, 1 or more.
    patience : Patience
    """

    address: str
    batch: int = BATCH
    most_calls: int = MOST_CALLS
    patience: Patience = field(default_factory=Patience)

    @property
    def protocol(self) -> Protocol:
        """Which protocol the address is of."""
        return "open-inference" if "/v2/models/" in urlsplit(self.address).path else "mlflow"

    @property
    def calls(self) -> str:
        """How many calls may be made, in words."""
        return f"at most {self.most_calls:,} calls of {self.batch:,} rows each"


class ServedModel:
    """A model behind a server; made by :func:`open_served`.

    Attributes
    ----------
    facts : ModelFacts
    cache : RowCache
        Counts what was asked.
    """

    def __init__(self, facts: ModelFacts, cache: RowCache, positive: str, labels: set[str]):
        self.facts = facts
        self.cache = cache
        self._positive = positive
        self._labels = labels

    def check_labels(self) -> None:
        """Refuse labels of which none is the positive one, once all rows were asked.

        Raises
        ------
        InputError
            If two labels or more were answered, and the positive one is none of them.
        """
        if len(self._labels) > 1 and self._positive not in self._labels:
            raise InputError(
                f"it answers with the labels {', '.join(map(repr, sorted(self._labels)[:8]))}, and "
                f"never with {self._positive!r}",
                where=self.facts.title,
                remedy="Say which of them is the positive label",
            )

    def score(self, columns: Mapping[str, npt.NDArray[Any]]) -> Floats:
        """Score rows; see :meth:`core.external_models.scorer.Scorer.score`."""
        return self.cache.score(columns)

    def close(self) -> None:
        """Do nothing: no connection is kept."""


def open_served(
    spec: ServedSpec, features: pd.DataFrame, positive: str, columns: Mapping[str, str | None]
) -> ServedModel:
    """Find out what a server takes and answers, by asking it for a few rows.

    Parameters
    ----------
    spec : ServedSpec
    features : DataFrame, shape (n, p)
        Of a dataset; where the server doesn't tell its inputs, all of them are given by name.
    positive : str
        The positive label, or the name by which the server calls it, in canonical text.
    columns : mapping of str to str or None
        By input, the column it takes its values from, where a person said so. Of a server that
        does not tell its inputs these are its inputs, if any are named.

    Raises
    ------
    InputError
        If the server can't be asked, or its answers are no scores or labels.
    """
    address, where = check_address(spec.address), f"model at {spec.address}"
    if spec.batch < 1 or spec.most_calls < 1:
        raise InputError(
            "at least one call of one row must be allowed", where=where, remedy="Allow more"
        )
    if spec.protocol == "open-inference":
        inputs, title, ask = open_inference.connect(address, spec.patience)
    else:
        inputs, title, ask = mlflow_scoring.connect(address, spec.patience)
    named = inputs is not None
    inputs = inputs or _inputs_of(features, columns)
    output: Output | None = None
    labels: set[str] = set()

    def answers(given: Mapping[str, npt.NDArray[Any]]) -> Floats:
        told = ask(_as_asked(inputs, given))
        scores, kind = read_answers(told, positive, where)
        if kind == "label":
            labels.update(canonical(item) for item in told)
        if output is not None and kind != output:
            raise InputError(
                f"it answered with {output} values first, and with {kind} values now", where=where
            )
        if output is not None and scores.shape[1:] != found.shape[1:]:
            raise InputError(
                "it answered with as many numbers for a row as it has classes first, and with "
                "another count now",
                where=where,
            )
        return scores

    cache = RowCache(answers, spec.batch, spec.most_calls, where)
    trial = _trial(inputs, features, columns, where, named_inputs=named)
    found, output = read_answers(ask(_as_asked(inputs, trial)), positive, where)
    cache.calls, cache.rows = 1, len(found)
    classes = tuple(str(k) for k in range(found.shape[1])) if found.ndim == 2 else None
    facts = ModelFacts(
        format=spec.protocol,
        title=title,
        library="",
        version="",
        sha256="",
        size=0,
        task="binary" if classes is None or len(classes) == 2 else "multiclass",
        inputs=inputs,
        classes=classes,
        output=output,
        named_inputs=True,
        named_classes=False,
        notes=(f"A server is asked, in {spec.calls}; no row is asked twice.",),
    )
    return ServedModel(facts, cache, positive, labels)


def read_answers(answers: Any, positive: str, where: str) -> tuple[Floats, Output]:
    """Read what a server answered for some rows.

    Parameters
    ----------
    answers : list
        One for each row: a list of probabilities, a number, or a label.
    positive : str
        In canonical text, of labels.
    where : str

    Returns
    -------
    scores : ndarray of float64, shape (n, classes) or (n,)
        Of labels 1 where it is the positive one.
    output : {"probability", "label"}

    Raises
    ------
    InputError
        If they are none of these.
    """
    if not isinstance(answers, list) or not answers:
        raise _no_scores(where)
    if all(isinstance(item, list) for item in answers):
        try:
            found = np.array(answers, dtype=np.float64)
        except (TypeError, ValueError):
            raise _no_scores(where) from None
        if found.ndim != 2 or found.shape[1] == 0:
            raise _no_scores(where)
        if found.shape[1] > 1 and (np.abs(found.sum(axis=1) - 1) > 1e-3).any():
            # Such as a label beside a score: which of them is what isn't known.
            raise InputError(
                f"it answers with {found.shape[1]} numbers for a row that do not add up to 1, so "
                "they are no probabilities of its classes",
                where=where,
                remedy="Serve the probabilities alone, one for each class",
            )
        return (found[:, 0] if found.shape[1] == 1 else found), "probability"
    if all(isinstance(item, float | int) and not isinstance(item, bool) for item in answers):
        if any(isinstance(item, float) for item in answers):
            return np.array(answers, dtype=np.float64), "probability"
        return np.array([canonical(item) == positive for item in answers], dtype=float), "label"
    if all(isinstance(item, str | bool | int) for item in answers):
        return np.array([canonical(item) == positive for item in answers], dtype=float), "label"
    raise _no_scores(where)


def _inputs_of(features: pd.DataFrame, columns: Mapping[str, str | None]) -> tuple[ModelInput, ...]:
    """Take the features as inputs, or those that a person named."""
    named = dict(columns) or {str(name): str(name) for name in features}
    found = []
    for name, column in named.items():
        values = features[column] if column is not None and column in features else None
        if values is None or values.dtype.kind == "f":
            found.append(ModelInput(name, "number", "float64", missing="unknown"))
            continue
        flags = set(values.unique()) <= {"true", "false", MISSING}
        kind: Literal["flag", "category"] = "flag" if flags else "category"
        found.append(ModelInput(name, kind, "bool" if flags else "string", missing="unknown"))
    return tuple(found)


def _trial(
    inputs: tuple[ModelInput, ...],
    features: pd.DataFrame,
    columns: Mapping[str, str | None],
    where: str,
    *,
    named_inputs: bool,
) -> dict[str, npt.NDArray[Any]]:
    """Take the first rows as the server takes them.

    Raises
    ------
    InputError
        If no column is found for an input.
    """
    told = ModelFacts(
        "", "", "", "", "", 0, "binary", inputs, None, "probability", named_inputs=named_inputs
    )
    renamed = features.rename(columns={c: i for i, c in columns.items() if c is not None})
    proposed = propose(told, renamed)
    if proposed.unmatched:
        raise InputError(
            f"no column was found for its inputs {', '.join(map(repr, proposed.unmatched[:8]))}",
            where=where,
            remedy="Say which column each takes its values from",
        )
    matching: Matching = proposed.matching
    return model_inputs(matching, told, renamed.head(TRIAL))


def _as_asked(
    inputs: tuple[ModelInput, ...], given: Mapping[str, npt.NDArray[Any]]
) -> dict[str, npt.NDArray[Any]]:
    """Write flags as truth values, which JSON tells from numbers."""
    out = dict(given)
    for item in inputs:
        if item.kind == "flag":
            values = np.asarray(given[item.name], dtype=np.float64)
            out[item.name] = np.array(
                [None if np.isnan(v) else bool(v) for v in values], dtype=object
            )
    return out


def _no_scores(where: str) -> InputError:
    return InputError(
        "its answers are neither probabilities, nor scores, nor labels",
        where=where,
        remedy="Serve a classifier with one answer for each row",
    )
