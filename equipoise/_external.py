"""A model made elsewhere that a caller hands over: an object, a function, or the path of a file."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from core.data.roles.roles import Roles
from core.data.table import Table
from core.errors import InputError
from core.external_models.bring import Wishes, bring, roles_seen
from core.external_models.candidates import Candidates, candidates_of
from core.external_models.external_spec import ExternalSpec
from core.external_models.matching import model_inputs
from core.external_models.objects import ObjectModel, digest_of_scores
from core.external_models.opened import forget, offer
from core.external_models.sandbox.model_process import open_model
from core.external_models.scorer import Scorer
from core.external_models.served.served_model import ServedModel, ServedSpec, open_served
from core.learning.external_model import positive_score
from equipoise._columns import label

LABELS = (
    "The model's predict follows no threshold on its probabilities, so it is audited by the labels "
    "that it decides, and figures of scores are not defined."
)


@dataclass(frozen=True)
class Brought:
    """A model, as a caller says it; see :func:`equipoise.audit`."""

    model: object
    features: Sequence[str] | None
    inputs: Mapping[str, str | None] | None
    accept_inputs: bool
    positive_class: object
    threshold: float | None
    trained_on: tuple[str, object] | None
    identifiers: tuple[str, ...] = ()

    def refuse_ignored(self) -> None:
        """Refuse what only a model that is asked would take notice of.

        Raises
        ------
        InputError
            If any of it was said.
        """
        said = (self.inputs, self.positive_class, self.threshold, self.trained_on)
        if self.accept_inputs or any(each is not None for each in said):
            raise InputError(
                "no estimator is asked, with true outcomes of two labels, so it would be ignored",
                where="inputs, accept_inputs, positive_class, estimator_threshold or trained_on",
                remedy="Leave it out, or name estimator= and target=",
            )


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
    model = brought.model
    is_object = not isinstance(model, str | os.PathLike)
    candidates = candidates_of(table, roles, brought.identifiers)
    scorer, name = _opened(brought, frame, candidates)
    # A server that answers with labels was told which is the positive one.
    labels_only = isinstance(scorer, ServedModel) and scorer.facts.classes is None
    wishes = Wishes(
        brought.inputs or {},
        # An object takes the caller's own columns by name: there is nothing to accept.
        brought.accept_inputs or is_object,
        None if brought.positive_class is None or labels_only else label(brought.positive_class),
        0.5 if brought.threshold is None else brought.threshold,
        trained_on=None
        if brought.trained_on is None
        else (str(brought.trained_on[0]), label(brought.trained_on[1])),
    )
    spec = bring(
        scorer,
        name,
        candidates.features,
        candidates.positive_label,
        wishes,
        constants=candidates.constants,
    )
    limits: tuple[str, ...] = ()
    if isinstance(scorer, ObjectModel) and brought.threshold is None and scorer.decides:
        spec, follows = _as_it_decides(spec, scorer, candidates.features)
        if not follows:
            scorer = ObjectModel(
                model, frame, brought.features, labels_only=True, candidates=candidates
            )
            spec, limits = replace(spec, output="label"), (LABELS,)
    if not scorer.facts.sha256 or is_object:
        # It has no bytes here: what it answers on these rows stands for it.
        given = model_inputs(spec.matching, scorer.facts, candidates.features)
        scores = positive_score(scorer.score(given), scorer.facts.classes, spec)
        if isinstance(scorer, ServedModel):
            scorer.check_labels()
        forget(spec)
        spec = replace(spec, sha256=digest_of_scores(scores))
        at_hand = scorer
        offer(spec, lambda: at_hand)
    return roles_seen(roles, spec, brought.identifiers), spec, limits


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


def _opened(brought: Brought, frame: pd.DataFrame, candidates: Candidates) -> tuple[Scorer, str]:
    model = brought.model
    if not isinstance(model, str | os.PathLike):
        found = ObjectModel(model, frame, brought.features, candidates=candidates)
        return found, found.facts.title
    address = str(model)
    if address.startswith(("http://", "https://")):
        columns = brought.inputs or {name: name for name in brought.features or ()}
        said = brought.positive_class
        positive = candidates.positive_label if said is None else label(said)
        return open_served(ServedSpec(address), candidates.features, positive, columns), address
    path = Path(model)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"it can't be read ({error.strerror})", where=f"file {path}") from None
    return open_model(data, path.name), path.name
