"""Models that a server answers for, as an audit keeps them: their answers by row, and the calls.

The answers lie in the audit's folder under a signature, so that no row is asked twice, not after a
restart either. While a model is being brought they lie under its address and inputs; once all rows
were asked their scores name the model, and the answers lie under those. Whatever is not known yet
is asked for inside :func:`core.external_models.served.permission.permitted` alone, up to the calls
that the audit may make in all; the first call of a permit asks a few known rows again, and ends
the work if the server answers otherwise.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from core.arrays import Floats
from core.audit_state.kept_rows import SAME, KeptRows
from core.audit_state.results.result_store import ResultStore
from core.audit_state.served_calls import AuditAccount
from core.audit_state.state import AuditState
from core.errors import InputError
from core.external_models.external_spec import ExternalSpec
from core.external_models.model_facts import ModelFacts, ModelInput
from core.external_models.opened import is_offered, offer
from core.external_models.served.connection import (
    Connection,
    ServedSpec,
    connect,
)
from core.external_models.served.http_client import Patience
from core.external_models.served.kept_answers import SERVED_FORMATS, ServedAnswers
from core.external_models.served.row_cache import row_keys
from core.external_models.served.served_model import ServedModel, asked_as
from core.storage import kinds
from core.storage.canonical import key
from core.storage.workspace import Workspace

PATIENCE = Patience(seconds=30.0, tries=2, wait=0.5)
"""Of a page, on which somebody waits."""


class KeptServedModel(ServedModel):
    """A served model with the answers that an audit keeps of it.

    Parameters
    ----------
    workspace : Workspace
    state : AuditState
    known : ServedAnswers
    name : str
        Under which its answers lie: that of :func:`draft_name`, or the SHA-256 of its scores.
    connection : Connection, optional
        If there is one; else the server is reached when it is asked.
    """

    def __init__(
        self,
        workspace: Workspace,
        state: AuditState,
        known: ServedAnswers,
        name: str,
        connection: Connection | None = None,
    ):
        self._known_as, self._connection = known, connection
        self._store, self._name = ResultStore(workspace, state.id), name
        labels = set(known.labels)
        ask = asked_as(self._reached, known.facts, known.positive, labels)
        account = AuditAccount(workspace, state, known.address)
        self.rows = KeptRows(ask, account, known, self._write)
        super().__init__(known.facts, self.rows, known.positive, labels)

    def name_by(self, sha256: str) -> None:
        """Keep its answers under the SHA-256 of its scores from now on."""
        self.rows.write()  # for whoever brings it once more
        self._name = sha256
        super().name_by(sha256)
        self._known_as = replace(self._known_as, facts=self.facts)
        self.rows.write()

    def _reached(self) -> Connection:
        if self._connection is None:
            known = self._known_as
            spec = ServedSpec(known.address, known.batch, patience=PATIENCE)
            self._connection = connect(spec, known.outputs)
        return self._connection

    def _write(self, keys: npt.NDArray[np.uint64], answers: Floats) -> None:
        outputs = self._known_as.outputs if self._connection is None else self._connection.outputs
        known = replace(
            self._known_as, keys=keys, answers=answers, outputs=tuple(outputs),
            labels=tuple(sorted(self._labels)),
        )  # fmt: skip
        self._store.keep(kinds.SERVED, _answers_key(self._name), known)


def draft_name(address: str, inputs: tuple[ModelInput, ...], positive: str = "") -> str:
    """Name a model that is being brought, 64 hexadecimal digits.

    Parameters
    ----------
    address : str
    inputs : tuple of ModelInput
    positive : str
        Of a server that answers with labels.
    """
    return key("", ("served model", address, [item.name for item in inputs], positive))


def begin_served(
    workspace: Workspace,
    state: AuditState,
    connection: Connection,
    facts: ModelFacts,
    positive: str,
    trial: dict[str, npt.NDArray[Any]],
    trial_answers: Floats,
    *,
    anew: bool = False,
) -> tuple[KeptServedModel, bool]:
    """Return a model that is being brought, with the answers that it gave before.

    Parameters
    ----------
    workspace : Workspace
    state : AuditState
    connection : Connection
    facts : ModelFacts
        By its answers for the trial.
    positive : str
        The positive label as the server calls it.
    trial : dict of str to ndarray, shape (m,)
        The rows that it was just asked.
    trial_answers : ndarray of float64
    anew : bool
        Whether all rows are asked for, whatever was answered before.

    Returns
    -------
    model : KeptServedModel
    changed : bool
        Whether the server answers otherwise than before, so that it begins anew.
    """
    said = positive if facts.output == "label" else ""
    name = draft_name(connection.spec.address, facts.inputs, said)
    before = None if anew else _kept(workspace, state, name)
    same = None if before is None else _same(before, facts, trial, trial_answers)
    if before is None or same is False:
        none = np.empty((0, *trial_answers.shape[1:]))
        before = ServedAnswers(
            connection.spec.address, 1, facts, said, tuple(connection.outputs), (), trial,
            trial_answers, np.empty(0, dtype=np.uint64), none,
        )  # fmt: skip
    known = replace(before, batch=connection.spec.batch, facts=facts)
    model = KeptServedModel(workspace, state, known, name, connection)
    if same is not None or not len(known.keys):
        model.rows.was_checked()
    return model, same is False


def put_served_at_hand(workspace: Workspace, state: AuditState, spec: ExternalSpec) -> None:
    """Say how a served model is opened: from the answers that this audit keeps of it."""
    owner = owner_of(workspace, state)
    if is_offered(spec, owner):
        return

    def opened() -> KeptServedModel:
        found = _kept(workspace, state, spec.sha256)
        if found is None:
            raise InputError(
                "its answers in this audit's folder are gone, or were changed since they came",
                where=f"model at {spec.name}",
                remedy="Bring it again on the train page: the server is asked for all rows then",
            )
        return KeptServedModel(workspace, state, found, spec.sha256)

    offer(spec, opened, owner)


def is_served(spec: ExternalSpec | None) -> bool:
    """Whether a server answers for a model."""
    return spec is not None and spec.format in SERVED_FORMATS


def owner_of(workspace: Workspace, state: AuditState) -> str:
    """Name the audit whose calls are counted and whose answers are used."""
    return f"{workspace.root} {state.id}"


def _same(
    before: ServedAnswers,
    facts: ModelFacts,
    trial: dict[str, npt.NDArray[Any]],
    answers: Floats,
) -> bool | None:
    """Whether rows were answered now as they were before; None if they were not asked before."""
    if (before.facts.classes, before.facts.output) != (facts.classes, facts.output):
        return False
    known = dict(zip(row_keys(before.trial).tolist(), before.trial_answers, strict=True))
    known |= dict(zip(before.keys.tolist(), before.answers, strict=True))
    keys = row_keys(trial).tolist()
    both = [(known[k], now) for k, now in zip(keys, answers, strict=True) if k in known]
    return all((np.abs(old - now) <= SAME).all() for old, now in both) if both else None


def _kept(workspace: Workspace, state: AuditState, name: str) -> ServedAnswers | None:
    found: ServedAnswers | None = ResultStore(workspace, state.id).load(
        kinds.SERVED, _answers_key(name)
    )
    return found


def _answers_key(name: str) -> str:
    return key("", ("answers of a served model", name))
