"""A model behind a server, asked as a model's file is.

Two protocols: ``/invocations`` of MLflow's scoring server, and the Open Inference Protocol v2
(KServe, Triton, MLServer). MLflow's server does not tell its inputs, and the other one often does
not: they are then the features of the table by name. What an answer holds is found from the
first rows: probabilities for each class, one score, or labels.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Literal

import numpy.typing as npt
import pandas as pd

from core.arrays import Floats
from core.data.labels import canonical
from core.data.table import MISSING
from core.errors import InputError
from core.external_models.matching import Matching, model_inputs
from core.external_models.model_facts import ModelFacts, ModelInput
from core.external_models.proposals import propose
from core.external_models.served.answers import Wanted, read_answers
from core.external_models.served.connection import Connection, ServedSpec, ask_rows, connect
from core.external_models.served.permission import count_here
from core.external_models.served.row_cache import CallAccount, RowCache

TRIAL = 8
"""Rows by which it is found what the answers are, but no more than a call may have."""


class ServedModel:
    """A model behind a server; made by :func:`open_served`.

    Attributes
    ----------
    facts : ModelFacts
    cache : RowCache
        Counts what was asked.
    """

    def __init__(self, facts: ModelFacts, cache: RowCache, wanted: Wanted, labels: set[str]):
        self.facts = facts
        self.cache = cache
        self._wanted = wanted
        self._labels = labels

    def name_by(self, sha256: str) -> None:
        """Let the digest of its scores name it, since a server shows no file."""
        self.facts = replace(self.facts, sha256=sha256)

    def check_labels(self) -> None:
        """Refuse labels of which none is the positive one, once all rows were asked.

        Raises
        ------
        InputError
            If two labels or more were answered, and the positive one is none of them.
        """
        if not isinstance(self._wanted, str):
            return
        if len(self._labels) > 1 and self._wanted not in self._labels:
            raise InputError(
                f"it answers with the labels {', '.join(map(repr, sorted(self._labels)[:8]))}, and "
                f"never with {self._wanted!r}",
                where=self.facts.title,
                remedy="Say which of them is the positive label",
            )

    def score(self, columns: Mapping[str, npt.NDArray[Any]]) -> Floats:
        """Score rows; see :meth:`core.external_models.scorer.Scorer.score`."""
        count = count_here(self.cache)
        return (self.cache if count is None else count).score(columns)

    def close(self) -> None:
        """Do nothing: no connection is kept."""


def facts_of(
    connection: Connection, inputs: tuple[ModelInput, ...], answers: Any, wanted: Wanted
) -> ModelFacts:
    """Say what a model is by its answers for a few rows.

    Raises
    ------
    InputError
        If the answers are no scores or labels.
    """
    found, output = read_answers(answers, wanted, connection.where)
    classes = tuple(str(k) for k in range(found.shape[1])) if found.ndim == 2 else None
    if found.ndim == 1 and output == "probability" and ((found < 0) | (found > 1)).any():
        output = "number"  # Nothing asks for it so: it is led to the audit of amounts.
    named = isinstance(wanted, tuple) and output == "label"
    if isinstance(wanted, tuple) and output == "label":
        classes = wanted
    return ModelFacts(
        format=connection.spec.protocol,
        title=connection.title,
        library="",
        version="",
        sha256="",
        size=0,
        task="regression"
        if output == "number"
        else "binary"
        if classes is None or len(classes) == 2
        else "multiclass",
        inputs=inputs,
        classes=classes,
        output=output,
        named_inputs=True,
        named_classes=named,
        notes=(f"A server is asked, in {connection.spec.calls}; no row is asked twice.",),
    )


def asked_as(
    connection: Callable[[], Connection], facts: ModelFacts, wanted: Wanted, labels: set[str]
) -> Callable[[Mapping[str, npt.NDArray[Any]]], Floats]:
    """Return what asks for rows and reads the answers, which must be as in the facts.

    Parameters
    ----------
    connection : callable
        Returns the connection, when it is needed.
    facts : ModelFacts
    wanted : str, tuple of str or None
        See :data:`core.external_models.served.answers.Wanted`.
    labels : set of str
        Takes the labels that were answered.
    """
    width = None if facts.classes is None else len(facts.classes)

    def answers(given: Mapping[str, npt.NDArray[Any]]) -> Floats:
        reached = connection()
        told = ask_rows(reached, facts.inputs, given)
        scores, kind = read_answers(told, wanted, reached.where)
        if kind == "label":
            labels.update(canonical(item) for item in told)
        if kind != facts.output:
            raise InputError(
                f"it answered with {facts.output} values first, and with {kind} values now",
                where=reached.where,
            )
        if (scores.shape[1] if scores.ndim == 2 else None) != width:
            raise InputError(
                "it answered with as many numbers for a row as it has classes first, and with "
                "another count now",
                where=reached.where,
            )
        return scores

    return answers


def open_served(
    spec: ServedSpec, features: pd.DataFrame, wanted: Wanted, columns: Mapping[str, str | None]
) -> ServedModel:
    """Find out what a server takes and answers, by asking it for a few rows.

    Parameters
    ----------
    spec : ServedSpec
    features : DataFrame, shape (n, p)
        Of a dataset; where the server doesn't tell its inputs, all of them are given by name.
    wanted : str, tuple of str or None
        The positive label, or the name by which the server calls it, in canonical text; all true
        labels where classes are asked for; None of amounts.
    columns : mapping of str to str or None
        By input, the column it takes its values from, where a person said so. Of a server that
        does not tell its inputs these are its inputs, if any are named.

    Raises
    ------
    InputError
        If the server can't be asked, or its answers are no scores or labels.
    """
    reached = connect(spec)
    named = reached.inputs is not None
    inputs = reached.inputs or inputs_of(features, columns)
    rows = min(TRIAL, spec.batch)
    trial = _trial(inputs, features, columns, reached.where, rows, named_inputs=named)
    answers = ask_rows(reached, inputs, trial)
    facts = facts_of(reached, inputs, answers, wanted)
    scores, output = read_answers(answers, wanted, reached.where)
    labels = {canonical(item) for item in answers} if output == "label" else set()
    cache = RowCache(
        asked_as(lambda: reached, facts, wanted, labels),
        spec.batch,
        CallAccount(spec.most_calls),
        reached.where,
    )
    cache.keep(trial, scores)
    return ServedModel(facts, cache, wanted, labels)


def inputs_of(features: pd.DataFrame, columns: Mapping[str, str | None]) -> tuple[ModelInput, ...]:
    """Take the features as inputs of a server that tells none, or those that a person named."""
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
    rows: int,
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
    first = renamed[list(matching.columns)].head(100 * TRIAL).drop_duplicates().head(rows)
    return model_inputs(matching, told, first)
