"""A model made elsewhere that a caller hands over: opened, matched, named, and put at hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.arrays import Flags, Floats
from core.data.roles.roles import Roles
from core.data.table import Table
from core.errors import InputError
from core.external_models.bring import Wishes, bring, roles_seen
from core.external_models.candidates import Candidates, candidates_of
from core.external_models.external_spec import ExternalSpec
from core.external_models.fit_to_table import earlier_scores
from core.external_models.kept_matching import as_before, check_answers_as_before, read_matching
from core.external_models.marked_rows import marked_rows
from core.external_models.matching import model_inputs
from core.external_models.objects import ObjectModel, digest_of_scores
from core.external_models.opened import forget, offer
from core.external_models.recomputed import SAME
from core.external_models.sandbox.model_process import open_model
from core.external_models.scorer import Scorer
from core.external_models.served.connection import BATCH, MOST_CALLS, ServedSpec
from core.external_models.served.served_model import ServedModel, open_served
from core.learning.external_model import positive_score
from equipoise._brought import Brought
from equipoise._columns import label

LABELS = (
    "The model's predict follows no threshold on its probabilities, so it is audited by the labels "
    "that it decides, and figures of scores are not defined."
)


AGAIN = 100
"""Rows about which an object is asked once more."""


def external_of(
    frame: pd.DataFrame, table: Table, roles: Roles, brought: Brought
) -> tuple[Roles, ExternalSpec, tuple[str, ...]]:
    """Match a model with the columns of a frame.

    Returns
    -------
    tuple of the roles, with the columns that the model sees as features, the model, and what
    must be known of it.

    Raises
    ------
    InputError
        If it is no model, or an input or class is not settled.
    """
    brought.check()
    if brought.earlier_scores is not None:
        # Before anything is asked: a column that can't be read is a mistake in the call.
        earlier_scores(table, str(brought.earlier_scores))
    where = f"matching {str(brought.matching)!r}"
    kept = None if brought.matching is None else read_matching(str(brought.matching), where)
    candidates = candidates_of(table, roles, brought.identifiers)
    scorer, name = _opened(brought, kept, frame, candidates)
    if kept is None:
        spec = matched(scorer, name, candidates, _wishes(brought, table, scorer))
    else:
        spec = matched_before(brought, kept, scorer, name, where)
    limits: tuple[str, ...] = ()
    if isinstance(scorer, ObjectModel) and brought.estimator_threshold is None and scorer.decides:
        spec, follows = _as_it_decides(spec, scorer, candidates.features)
        if not follows:
            scorer = ObjectModel(
                brought.estimator, frame, brought.features, labels_only=True, candidates=candidates
            )
            spec, limits = replace(spec, output="label"), (LABELS,)
    if not scorer.facts.sha256 or brought.is_object:
        spec, more = _named_by_answers(spec, scorer, candidates, kept)
        limits += more
    return roles_seen(roles, spec, brought.identifiers), spec, limits


def matched(scorer: Scorer, name: str, candidates: Candidates, wishes: Wishes) -> ExternalSpec:
    """Match the inputs of a model with columns."""
    return bring(
        scorer,
        name,
        candidates.features,
        candidates.positive_label,
        wishes,
        constants=candidates.constants,
    )


def matched_before(
    brought: Brought, kept: ExternalSpec, scorer: Scorer, name: str, where: str
) -> ExternalSpec:
    """Take how a model was matched before; what is here by its bytes is put at hand."""
    if brought.is_served:
        # Its answers are not known to be those of before yet.
        earlier = brought.earlier_scores or kept.earlier_scores
        return replace(kept, name=name, earlier_scores=earlier)
    spec = as_before(kept, scorer.facts, name, brought.earlier_scores, where)
    offer(spec, lambda: scorer)
    return spec


def _wishes(brought: Brought, table: Table, scorer: Scorer) -> Wishes:
    # A server that answers with labels was told which is the positive one.
    labels_only = isinstance(scorer, ServedModel) and scorer.facts.classes is None
    said = brought.positive_class
    return replace(
        wishes_for_any_task(brought, table),
        positive_class=None if said is None or labels_only else label(said, "positive_class"),
        threshold=0.5 if brought.estimator_threshold is None else brought.estimator_threshold,
    )


def wishes_for_any_task(brought: Brought, table: Table) -> Wishes:
    """Collect what is said of a model whether it decides, chooses a class or tells an amount."""
    return Wishes(
        brought.inputs or {},
        # An object takes the caller's own columns by name: there is nothing to accept.
        brought.accept_inputs or brought.is_object,
        accepted_types=tuple(brought.accept_types),
        accepted_by=brought.accepted_by,
        trained_on=marked_rows(table, column_and_value(brought.trained_on), "trained_on"),
        earlier_scores=None if brought.earlier_scores is None else str(brought.earlier_scores),
    )


def column_and_value(given: object) -> tuple[str, str] | None:
    if given is None:
        return None
    if not isinstance(given, tuple | list) or len(given) != 2:
        raise InputError(
            f"it is {given!r}, and not a column with a value",
            where="trained_on",
            remedy="Give both, such as trained_on=('part', 'train')",
        )
    return str(given[0]), label(given[1], "trained_on")


def _named_by_answers(
    spec: ExternalSpec, scorer: Scorer, candidates: Candidates, kept: ExternalSpec | None
) -> tuple[ExternalSpec, tuple[str, ...]]:
    """Name a model that has no bytes here by what it answers on these rows, and say if it varies.

    Raises
    ------
    InputError
        If it answers otherwise than when a matching was written.
    """
    given = model_inputs(spec.matching, scorer.facts, candidates.features)
    scores = positive_score(scorer.score(given), scorer.facts.classes, spec)
    limits: tuple[str, ...] = ()
    if isinstance(scorer, ServedModel):
        scorer.check_labels()
    else:
        limits = _varying(spec, scorer, given, scores)
    return named_by(spec, scorer, digest_of_scores(scores), kept), limits


def named_by(
    spec: ExternalSpec, scorer: Scorer, digest: str, kept: ExternalSpec | None
) -> ExternalSpec:
    """Put a model at hand by the digest of its answers.

    Raises
    ------
    InputError
        If it answers otherwise than when a matching was written.
    """
    if kept is not None:
        check_answers_as_before(kept, digest, f"estimator {spec.name}")
    if isinstance(scorer, ServedModel):
        scorer.name_by(digest)
    forget(spec)
    spec = replace(spec, sha256=digest)
    offer(spec, lambda: scorer)
    return spec


def _varying(
    spec: ExternalSpec, scorer: Scorer, given: Mapping[str, npt.NDArray[Any]], scores: Floats
) -> tuple[str, ...]:
    """Ask an object again about some rows alone: one that draws, or looks at its batch, varies."""
    few = slice(None, AGAIN)
    again = scorer.score({name: values[few] for name, values in given.items()})
    apart = np.abs(positive_score(again, scorer.facts.classes, spec) - scores[few]) > SAME
    return varies(apart)


def varies(apart: Flags) -> tuple[str, ...]:
    """Say for how many rows a model answered otherwise when it was asked again; else nothing."""
    if not apart.any():
        return ()
    return (
        f"Asked again about {len(apart):,} rows alone, the model answered otherwise for "
        f"{int(apart.sum()):,} of them: it draws at random, or a person's score hangs on who is "
        "asked about beside them. Figures of another run differ, and explanations and what-ifs "
        "are not to be relied on.",
    )


def _as_it_decides(
    spec: ExternalSpec, scorer: ObjectModel, features: pd.DataFrame
) -> tuple[ExternalSpec, bool]:
    """Find the threshold on its score that a classifier's own ``predict`` decides by.

    Returns
    -------
    tuple of the model with that threshold, and whether there is one.
    """
    given = model_inputs(spec.matching, scorer.facts, features)
    decided = scorer.labels(given) == spec.positive_class
    scores = positive_score(scorer.score(given), scorer.facts.classes, spec)
    if np.array_equal(decided, scores >= spec.threshold):
        return spec, True
    if decided.any() and not decided.all():
        lowest = float(scores[decided].min())
        if 0 < lowest < 1 and scores[~decided].max() < lowest:
            return replace(spec, threshold=lowest), True
    return spec, False


def _opened(
    brought: Brought, kept: ExternalSpec | None, frame: pd.DataFrame, candidates: Candidates
) -> tuple[Scorer, str]:
    model = brought.estimator
    if brought.is_object:
        found = ObjectModel(model, frame, brought.features, candidates=candidates)
        return found, found.facts.title
    address = str(model)
    if brought.is_served:
        columns = brought.inputs or {name: name for name in brought.features or ()}
        said = brought.positive_class
        positive = candidates.positive_label if said is None else label(said, "positive_class")
        if kept is not None:
            columns = {item.input: item.column for item in kept.matching.inputs}
            positive = kept.positive_class or positive
        served = served_spec(brought)
        return open_served(served, candidates.features, positive, columns), address
    return file_model(brought, kept)


def served_spec(brought: Brought) -> ServedSpec:
    """Say how a served model is asked."""
    return ServedSpec(
        str(brought.estimator),
        BATCH if brought.estimator_batch is None else brought.estimator_batch,
        MOST_CALLS if brought.estimator_calls is None else brought.estimator_calls,
    )


def file_model(brought: Brought, kept: ExternalSpec | None) -> tuple[Scorer, str]:
    """Open the file of a model; return it and its name.

    Raises
    ------
    InputError
        If it can't be read or opened.
    """
    path = Path(str(brought.estimator))
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"it can't be read ({error.strerror})", where=f"file {path}") from None
    accepted = kept.accepted_types if kept else tuple(brought.accept_types)
    return open_model(data, path.name, accepted_types=accepted), path.name
