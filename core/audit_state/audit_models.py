"""The models of an audit: trained once, stored on disk, and loaded from there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from core.audit_state.audit_ledger import ledger
from core.audit_state.model_files import keep_model_file, put_at_hand
from core.audit_state.served_models import is_served
from core.audit_state.state import AuditState, check_current, update_state
from core.data.assign import assign
from core.data.dataset import Dataset
from core.data.roles.roles import Roles
from core.data.table import Table
from core.errors import InputError
from core.external_models.bring import roles_seen
from core.external_models.external_spec import ExternalSpec
from core.learning.learners import LEARNERS
from core.privacy.accounting.payment import delivered, is_paid
from core.storage.canonical import key
from core.storage.disk import disk_errors, locked
from core.storage.kinds import MODEL
from core.storage.record_store import RecordKind, RecordStore
from core.storage.signed_data import ResultKind
from core.storage.workspace import Workspace
from core.training.private_fit import plan_of
from core.training.spec import TrainingSpec
from core.training.trained import Trained
from core.training.training import check_spec, train

BROUGHT = RecordKind(
    "models brought", tuple[TrainingSpec, ...], what="the models that were brought to this audit"
)
_BROUGHT = key("", "models brought")


@dataclass(frozen=True)
class Columns:
    """What a kept model sees, and which columns mark training rows."""

    features: tuple[str, ...]
    markers: tuple[str, ...]


SEEN = RecordKind("columns of models", dict[str, Columns], what="which columns the kept models see")
_SEEN = key("", "columns of models")
ASKED = RecordKind("private training", TrainingSpec, what="the private training that was asked for")


def train_audited_model(
    workspace: Workspace,
    state: AuditState,
    dataset: Dataset,
    spec: TrainingSpec,
    roles: Roles | None = None,
) -> Trained:
    """Train, keep the model on disk, and make it the one that is audited.

    A model of the same data and spec that is on disk already is taken from there: a private one
    would cost its budget again.

    Parameters
    ----------
    workspace : Workspace
    state : AuditState
    dataset : Dataset
    spec : TrainingSpec
    roles : Roles, optional
        That the dataset was assigned by and that are settled together with the model, in place of
        those of the state.

    Raises
    ------
    ChangedMeanwhileError
        If what the training rests on, or the audited model, is no longer as in ``state``: before
        it, and nothing is trained; or after it, and the model is kept without being audited.
    InputError
        As :func:`load_or_train`.
    """
    rests_on = ["options", "kinds", "roles", "generalised", "guarantee"]
    if LEARNERS[spec.learner].private:
        rests_on.append("domains")
    check_current(workspace, state, [*rests_on, "training"], "nothing was trained")
    trained = load_or_train(workspace, state, dataset, spec)
    update_state(
        workspace,
        state,
        rests_on=rests_on,
        otherwise="the model that was just trained is kept, but is not the audited one",
        training=spec,
        **({} if roles is None else {"roles": roles}),
    )
    return trained


def audit_brought_model(
    workspace: Workspace, state: AuditState, table: Table, data: bytes | None, spec: TrainingSpec
) -> tuple[Trained, Roles]:
    """Keep the file of a model made elsewhere with the audit, and make it the audited model.

    Parameters
    ----------
    workspace : Workspace
    state : AuditState
        With roles.
    table : Table
    data : bytes or None
        Of the model's file; None where a server answers for it.
    spec : TrainingSpec
        With the model, matched.

    Returns
    -------
    tuple of Trained and Roles
        The roles have as features what the model sees.

    Raises
    ------
    InputError
        If the audit has a privacy budget or generalised features, or as
        :func:`train_audited_model`.
    """
    external = spec.external
    assert external is not None
    assert state.roles is not None
    why = why_no_brought_model(state)
    if why is not None:
        raise InputError(why, where=f"model {external.name!r}")
    roles = roles_seen(state.roles, external, state.roles.identifiers)
    dataset = assign(table, roles)
    if data is not None:
        keep_model_file(workspace, state, data)
    trained = train_audited_model(workspace, state, dataset, spec, roles)

    def add(before: tuple[TrainingSpec, ...] | None) -> tuple[TrainingSpec, ...]:
        return (*(item for item in before or () if item != spec), spec)

    RecordStore(workspace, state.id).revise(BROUGHT, _BROUGHT, add)
    return trained, roles


def brought_models(workspace: Workspace, state: AuditState) -> tuple[TrainingSpec, ...]:
    """List the models that were brought to an audit and put them at hand, the last one first."""
    found: tuple[TrainingSpec, ...] = RecordStore(workspace, state.id).load(BROUGHT, _BROUGHT) or ()
    for spec in found:
        put_at_hand(workspace, state, spec.external)
    return found[::-1]


def file_brought_last(workspace: Workspace, state: AuditState) -> ExternalSpec | None:
    """Find the model that was brought last as a file, audited now or not; None without one."""
    brought = (spec.external for spec in brought_models(workspace, state))
    return next((one for one in brought if one is not None and not is_served(one)), None)


def columns_of_models(workspace: Workspace, state: AuditState) -> dict[str, Columns]:
    """List which columns kept models see, by the key of each."""
    return RecordStore(workspace, state.id).load(SEEN, _SEEN) or {}


def why_no_brought_model(state: AuditState) -> str | None:
    """Say why no model made elsewhere can be audited here; None where one can.

    A budget promises that the audited model keeps to it. Where the audited model was made
    elsewhere when the cap was set, the cap bounds releases alone, and the model can be brought
    again.
    """
    already = state.training is not None and state.training.external is not None
    if state.budget is not None and not already:
        return (
            "a privacy budget is set for this audit, and how a model made elsewhere was trained "
            "is not known, so it keeps to none; say on the page “Privacy budget” that training "
            "gives no guarantee, which keeps the ledger, or bring the model in another audit"
        )
    if state.generalised is not None:
        return (
            "features of this audit were generalised, and a model made elsewhere was not made for "
            "such values; bring it in the audit that this one was begun from"
        )
    return None


def load_or_train(
    workspace: Workspace, state: AuditState, dataset: Dataset, spec: TrainingSpec
) -> Trained:
    """Return the model of this data and spec from disk, else train and keep it.

    One with fresh noise under a lock, so that two tabs at once don't pay for it twice.

    Raises
    ------
    InputError
        As :func:`core.training.training.train`, and for a private learner on features that were
        generalised by looking at all rows: its guarantee would not hold.
    """
    if state.generalised is not None and LEARNERS[spec.learner].private:
        raise InputError(
            "features of this audit were generalised by looking at all rows without noise, so the "
            "guarantee of a private model would not hold",
            where=LEARNERS[spec.learner].title,
            remedy="Choose a model without privacy, or train it in the audit that this one was "
            "begun from",
        )
    # Before it is named: a spec with an infinite ε has no name.
    check_spec(dataset, spec)
    put_at_hand(workspace, state, spec.external)
    if not _is_paid(spec):
        return _load_or_train(workspace, state, dataset, spec)
    lock = workspace.root / "audits" / state.id / ".models.lock"
    with disk_errors(), locked(lock):
        return _load_or_train(workspace, state, dataset, spec)


def _load_or_train(
    workspace: Workspace, state: AuditState, dataset: Dataset, spec: TrainingSpec
) -> Trained:
    paid = _is_paid(spec)
    account = ledger(workspace, state) if paid else None
    trained = load_model(workspace, state, dataset, spec)
    if trained is None:
        if account is not None:
            # Whoever comes back after a crash is offered what was paid for.
            RecordStore(workspace, state.id).keep(ASKED, _asked_key(dataset), spec)
        trained = train(dataset, spec, account)
        cache_key = key(dataset.fingerprint, spec)
        workspace.put_model(state.id, cache_key, trained, _kind(spec))
        columns = Columns(dataset.roles.features, dataset.roles.markers)
        # Found by it where the audit's features are others by then, such as a brought model's.
        RecordStore(workspace, state.id).revise(
            SEEN, _SEEN, lambda before: {**(before or {}), cache_key: columns}
        )
    if account is not None:
        delivered(account, plan_of(dataset, spec))
    return trained


def load_model(
    workspace: Workspace, state: AuditState, dataset: Dataset, spec: TrainingSpec
) -> Trained | None:
    """Return the trained model of this data and spec, None if it isn't on disk.

    Raises
    ------
    InputError
        If privacy was spent on it, and it is on disk and can't be opened: it would be paid for
        again. Any other is trained again at no cost.
    """
    put_at_hand(workspace, state, spec.external)
    cache_key = key(dataset.fingerprint, spec)
    if not _is_paid(spec):
        found = workspace.get_model(state.id, cache_key)
        return found if isinstance(found, Trained) else None
    try:
        found = workspace.open_model(state.id, cache_key, "the private model of this audit", MODEL)
        if found is not None and not isinstance(found, Trained):
            raise InputError("what is in its file is no model", where=f"models/{cache_key}.sealed")
    except InputError as error:
        raise InputError(
            error.problem,
            where=error.where,
            remedy=f"{error.remedy or 'Restore it from a copy'}. It is not trained again by "
            "itself, since that would be charged again: to give it up and pay for another, delete "
            "its file, or choose another seed",
        ) from error
    return found


def unfinished_training(
    workspace: Workspace, state: AuditState, dataset: Dataset
) -> TrainingSpec | None:
    """Return the private training that was charged last and did not come to its end, if any."""
    try:
        spec = RecordStore(workspace, state.id).load(ASKED, _asked_key(dataset))
        account = None if spec is None else ledger(workspace, state)
        if spec is None or account is None:
            return None
        plan = plan_of(dataset, spec)
    except (KeyError, ValueError):
        return None  # of another version, which knows other options
    return cast(TrainingSpec, spec) if is_paid(account, plan) else None


def _asked_key(dataset: Dataset) -> str:
    return key(dataset.fingerprint, "private training that was asked for")


def is_model_stored(
    workspace: Workspace, state: AuditState, dataset: Dataset, spec: TrainingSpec
) -> bool:
    """Whether a file of this data's and spec's model is on disk, without opening it."""
    name = f"models/{key(dataset.fingerprint, spec)}.sealed"
    return workspace.path_in(state.id, name).exists()


def model_load_error(
    workspace: Workspace, state: AuditState, dataset: Dataset, spec: TrainingSpec
) -> str | None:
    """Say why a model that is on disk can't be opened; None if it can, or there is none."""
    try:
        workspace.open_model(
            state.id,
            key(dataset.fingerprint, spec),
            "the model of this audit",
            _kind(spec) if _is_paid(spec) else None,
        )
    except InputError as error:
        return str(error)
    return None


def _kind(spec: TrainingSpec) -> ResultKind | None:
    """Return as what kind of data a model is kept; None for one that is pickled.

    An ordinary one consists of the libraries' objects, and is trained again for nothing.
    """
    return MODEL if LEARNERS[spec.learner].private else None


def _is_paid(spec: TrainingSpec) -> bool:
    """Whether privacy is spent on training it."""
    return LEARNERS[spec.learner].private and spec.noise == "fresh"
