"""The trained models that an audit has kept of its data, listed by their specs.

The models folder holds signed files under keys; which spec a key stands for is found by opening it
once, and noted in a result, so that a list does not open every model again.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from core.audit_state.audit_models import load_model
from core.audit_state.state import AuditState
from core.comparison.paired.paired_models import compare_trained
from core.comparison.paired.paired_result import PairedComparison
from core.data.dataset import Dataset
from core.errors import InputError
from core.learning.learners import LEARNERS
from core.storage.canonical import key
from core.storage.disk import disk_errors
from core.storage.kinds import MODEL
from core.storage.record_store import RecordKind, RecordStore
from core.storage.workspace import Workspace
from core.training.spec import TrainingSpec
from core.training.trained import Trained

NOTED = RecordKind(
    "specs of models",
    dict[str, TrainingSpec | None],
    what="the specs of kept models",
    # An empty object stood for what is no model of this data.
    earlier=lambda record: {stem: spec or None for stem, spec in record.items()},
)
_STEM = re.compile(r"[0-9a-f]{64}")


def stored_specs(
    workspace: Workspace, state: AuditState, dataset: Dataset
) -> tuple[TrainingSpec, ...]:
    """List the specs of the models on disk that were trained on this data.

    Returns
    -------
    tuple of TrainingSpec
        The audited one first, then in order of training; each is found by
        :func:`core.audit_state.audit_models.load_model`.
    """
    store, cache_key = RecordStore(workspace, state.id), _noted_key(dataset)
    noted = _noted(store, cache_key)
    before = dict(noted)
    found = []
    for stem in _stems(workspace, state):
        if stem not in noted:
            model = opened_model(workspace, state, stem)
            if model is None:
                continue  # another version may open it: nothing is noted of it
            noted[stem] = None
            if isinstance(model, Trained) and key(dataset.fingerprint, model.spec) == stem:
                noted[stem] = model.spec
        if (spec := noted[stem]) is not None:
            found.append(spec)
    if noted != before:
        store.keep(NOTED, cache_key, noted)
    return tuple(sorted(found, key=lambda spec: spec != state.training))


def unopened(workspace: Workspace, state: AuditState, dataset: Dataset) -> tuple[str, ...]:
    """Say of each file of a model that this version can't open why, oldest first."""
    noted = _noted(RecordStore(workspace, state.id), _noted_key(dataset))
    found = []
    for stem in _stems(workspace, state):
        if stem in noted:
            continue
        if opened_model(workspace, state, stem) is not None:
            continue
        try:
            workspace.open_model(state.id, stem, "a kept model")
        except InputError as error:
            found.append(str(error))
    return tuple(found)


def _noted_key(dataset: Dataset) -> str:
    return key(dataset.fingerprint, "specs of kept models")


def _noted(store: RecordStore, cache_key: str) -> dict[str, TrainingSpec | None]:
    try:
        return store.load(NOTED, cache_key) or {}
    except InputError:
        return {}  # every model is opened again


def opened_model(workspace: Workspace, state: AuditState, stem: str) -> Any | None:
    """Open a file of the models folder; what cost no privacy, if these versions wrote it only."""
    model = workspace.get_model(state.id, stem)
    if model is None:
        model = workspace.get_model(state.id, stem, MODEL)
        if not isinstance(model, Trained) or model.cost is None:
            return None
    return model


def _stems(workspace: Workspace, state: AuditState) -> list[str]:
    """Keys of the files in the models folder, oldest first."""
    with disk_errors():
        files = [
            (path.stat().st_mtime_ns, path.stem)
            for path in workspace.path_in(state.id, "models").glob("*.sealed")
            if _STEM.fullmatch(path.stem)
        ]
    return [stem for _, stem in sorted(files)]


def compare_stored(
    workspace: Workspace,
    state: AuditState,
    dataset: Dataset,
    pair: tuple[TrainingSpec, TrainingSpec],
    combination: tuple[str, ...],
) -> PairedComparison:
    """Compare two kept models on the test people they share; nothing is trained.

    Parameters
    ----------
    workspace, state, dataset
    pair : tuple of (TrainingSpec, TrainingSpec)
        Differences are the second minus the first.
    combination : tuple of str
        Sensitive columns whose groups are compared.

    Raises
    ------
    InputError
        If a model is not on disk, or as
        :func:`core.comparison.paired.paired_models.compare_trained`.
    """
    first, second = (load_model(workspace, state, dataset, spec) for spec in pair)
    if first is None or second is None:
        raise InputError(
            "it is not on disk any more",
            where=f"model {'A' if first is None else 'B'}",
            remedy="Train it again",
        )
    return compare_trained(dataset, first, second, combination)


def split_of(spec: TrainingSpec) -> tuple[int, bool, str | None, int]:
    """Return what decides on the test rows: seed, strata, person column and bound on its rows."""
    return spec.seed, spec.is_stratified, spec.person, spec.rows_per_person if spec.person else 1


def on_one_split(a: TrainingSpec, b: TrainingSpec) -> tuple[TrainingSpec, TrainingSpec]:
    """Change two specs as little as need be, so that both are tested on the same rows.

    The split is that of the first, unless only the second is private with fresh noise: training
    that again would be charged. A private learner takes no stratified split, so beside one an
    ordinary learner does without too.

    Raises
    ------
    InputError
        If both would have to be trained and charged again, or a guarantee to persons bounds the
        rows and one of the two is not private.
    """
    if split_of(a) == split_of(b):
        return a, b
    if _paid(a) and _paid(b):
        raise InputError(
            "both were trained under the privacy budget and on different rows, so one would have "
            "to be paid for again",
            where="the two models",
            remedy="Choose another pair, or train one again with the other's seed on the training "
            "page",
        )
    seed, stratified, person, rows = split_of(b if _paid(b) else a)
    if person is not None and not (_private(a) and _private(b)):
        raise InputError(
            "the guarantee to each person bounds which rows the private model uses, and a model "
            "without privacy has no such bound",
            where=f"column {person!r}",
            remedy="Choose two private models with the same person column",
        )
    wanted = (seed, stratified and not (_private(a) or _private(b)), person, rows)
    first, second = (
        spec
        if split_of(spec) == wanted
        else replace(
            spec,
            seed=seed,
            stratified=None if _private(spec) or wanted[1] else False,
            person=person,
            rows_per_person=rows,
        )
        for spec in (a, b)
    )
    return first, second


def _private(spec: TrainingSpec) -> bool:
    return LEARNERS[spec.learner].private


def _paid(spec: TrainingSpec) -> bool:
    """Whether training it anew would be charged."""
    return _private(spec) and spec.noise == "fresh"
