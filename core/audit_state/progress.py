"""An audit in progress: what a person has settled so far, kept on disk after every step.

The state names the data (a sample, or bytes kept in the audit's folder), how it was read, the
roles, the budget, and how the model was trained. Everything else can be made again from it, or is
kept as a result under the key of the data's fingerprint and the spec.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from core.audit_state import specs
from core.audit_state.generalised import Generalised, generalised_from_json
from core.audit_state.meanwhile import check_unchanged
from core.audit_state.role_record import roles_from_json, roles_to_json
from core.data.dataset import Dataset
from core.data.domains import Domains, domains_from_json, domains_to_json
from core.data.identity import identity
from core.data.reading.reading import ReadOptions, read_bytes
from core.data.roles.roles import Roles
from core.data.samples import SAMPLES, Sample, load_sample, sample_for
from core.data.table import Kind, Table
from core.errors import InputError
from core.learning.learners import LEARNERS
from core.ledger import ledgers
from core.ledger import near as near_ledgers
from core.ledger.files import DamagedLedgerError
from core.ledger.near import Near
from core.privacy.accounting.budget import Budget, Charge
from core.privacy.accounting.ledger import Ledger
from core.privacy.accounting.pending import delivered, is_paid
from core.storage.canonical import key
from core.storage.disk import disk_errors, locked
from core.storage.kinds import MODEL
from core.storage.record import AuditRecord
from core.storage.signed_data import ResultKind
from core.storage.workspace import Workspace
from core.training.private_fit import plan_of
from core.training.spec import TrainingSpec
from core.training.trained import Trained
from core.training.training import check_spec, train

Origin = Literal["sample", "upload", "openml"]


@dataclass(frozen=True)
class Progress:
    """What has been settled.

    Attributes
    ----------
    id, name : str
        Of the audit.
    origin : {"sample", "upload", "openml"}
    file : str
        Name of the sample or of the file.
    options : ReadOptions or None
        How the file is read; None for the defaults.
    kinds : dict of str to Kind
        Kinds corrected by a person.
    roles : Roles or None
    budget : Budget or None
        Cap of the privacy budget; None is "no privacy promise wanted".
    domains : Domains or None
        Declared bounds and categories.
    training : TrainingSpec or None
        Of the model that is being audited.
    data : str
        Identity of the data set, by which its privacy ledger goes.
    generalised : Generalised or None
        How features are generalised before anything is learned from them.
    """

    id: str
    name: str
    origin: Origin
    file: str
    options: ReadOptions | None = None
    kinds: dict[str, Kind] = field(default_factory=dict)
    roles: Roles | None = None
    budget: Budget | None = None
    domains: Domains | None = None
    training: TrainingSpec | None = None
    data: str = ""
    generalised: Generalised | None = None

    @property
    def promise(self) -> bool:
        """Whether training keeps a privacy promise."""
        return self.budget is not None

    @property
    def sample(self) -> Sample | None:
        """The sample scenario it was begun from."""
        return SAMPLES[self.file] if self.origin == "sample" else None


def begin_sample(workspace: Workspace, name: str) -> Progress:
    """Begin an audit of a sample scenario, its roles, budget and domains preset."""
    sample = SAMPLES[name]
    data = identity(load_sample(name))
    record = workspace.create(sample.title)
    return save(
        workspace,
        Progress(
            record.id,
            record.name,
            "sample",
            name,
            kinds=dict(sample.kinds),
            roles=sample.roles,
            domains=sample.domains,
            data=data,
        ),
    )


def begin_bytes(
    workspace: Workspace,
    data: bytes,
    file: str,
    *,
    origin: Origin = "upload",
    options: ReadOptions | None = None,
    read: Table | None = None,
) -> Progress:
    """Begin an audit of a file's bytes; nothing is kept if they can't be read.

    Parameters
    ----------
    workspace : Workspace
    data : bytes
    file : str
    origin : {"upload", "openml"}
    options : ReadOptions, optional
    read : Table, optional
        The table as it was just read from these bytes with these options, instead of reading it
        again.

    Raises
    ------
    InputError
        If the bytes can't be read as a table.
    """
    table = read_bytes(data, file, source=origin, options=options) if read is None else read
    if table.provenance.sha256 != hashlib.sha256(data).hexdigest():
        raise ValueError("the table was read from other bytes")
    record = workspace.create(file, data)
    sample = sample_for(table.provenance.sha256)
    return save(
        workspace,
        Progress(
            record.id,
            record.name,
            origin,
            file,
            options,
            kinds=dict(sample.kinds) if sample else {},
            roles=sample.roles if sample else None,
            domains=sample.domains if sample else None,
            data=identity(table),
        ),
    )


def save(workspace: Workspace, progress: Progress) -> Progress:
    """Write the whole state of an audit that was just begun; return it.

    What is changed later goes through :func:`settle`, which leaves the rest as it is on disk.
    """
    workspace.save_state(progress.id, _state(progress))
    return progress


def _state(progress: Progress) -> dict[str, Any]:
    def maybe(value: Any, write: Any) -> Any:
        return None if value is None else write(value)

    return {
        "origin": progress.origin,
        "file": progress.file,
        "options": maybe(progress.options, specs.options_to_json),
        "kinds": {name: str(kind) for name, kind in progress.kinds.items()},
        "roles": maybe(progress.roles, roles_to_json),
        "budget": maybe(progress.budget, asdict),
        "domains": maybe(progress.domains, domains_to_json),
        "training": maybe(progress.training, specs.training_to_json),
        "data": progress.data,
        "generalised": maybe(progress.generalised, asdict),
    }


def settle(
    workspace: Workspace,
    seen: Progress,
    *,
    rests_on: Iterable[str] = (),
    otherwise: str = "nothing was saved",
    **changes: Any,
) -> Progress:
    """Settle some parts of an audit; the others stay as they are on disk by now.

    Parameters
    ----------
    workspace : Workspace
    seen : Progress
        The audit as whoever decides saw it.
    rests_on : iterable of str
        Parts that the decision rests on, beside those it changes.
    otherwise : str
        What a refusal comes to.
    **changes
        Fields of :class:`Progress` with their new values.

    Returns
    -------
    Progress
        As it is on disk now, with what others settled meanwhile.

    Raises
    ------
    ChangedMeanwhileError
        If one of these parts is no longer as it was seen; nothing is written then.
    """
    after = seen

    def change(record: AuditRecord) -> dict[str, Any]:
        nonlocal after
        now = _with_cap(workspace, resume(record))
        check_unchanged(seen, now, (*changes, *rests_on), otherwise)
        after = replace(now, **changes)
        state = _state(after)
        return {name: state[name] for name in changes}

    workspace.revise_state(seen.id, change)
    return after


def check_current(
    workspace: Workspace, seen: Progress, parts: Iterable[str], otherwise: str = "nothing was done"
) -> None:
    """Refuse to begin what rests on parts of an audit that were changed since they were seen.

    Raises
    ------
    ChangedMeanwhileError
        As :func:`core.audit_state.meanwhile.check_unchanged`.
    """
    check_unchanged(seen, opened(workspace, seen.id), parts, otherwise)


def resume(record: AuditRecord) -> Progress:
    """Read what has been settled in an audit.

    Raises
    ------
    InputError
        If the state isn't one of this version.
    """
    told: Mapping[str, Any] = record.state

    def maybe(name: str, make: Any) -> Any:
        return None if told.get(name) is None else make(told[name])

    try:
        return Progress(
            record.id,
            record.name,
            told["origin"],
            told["file"],
            maybe("options", specs.options_from_json),
            {name: Kind(kind) for name, kind in told["kinds"].items()},
            maybe("roles", roles_from_json),
            maybe("budget", lambda cap: Budget(**cap)),
            maybe("domains", domains_from_json),
            maybe("training", specs.training_from_json),
            told.get("data", ""),
            maybe("generalised", generalised_from_json),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(
            f"what was settled in this audit can't be read ({error!r})",
            where=record.name,
            remedy="Delete it from the first page and begin again",
        ) from error


def read_table(workspace: Workspace, progress: Progress) -> Table:
    """Read the table again from the sample or the kept bytes."""
    if progress.origin == "sample":
        return load_sample(progress.file)
    return read_bytes(
        workspace.read_source(progress.id),
        progress.file,
        source=progress.origin,
        options=progress.options,
        kinds=progress.kinds,
    )


def settle_budget(
    workspace: Workspace,
    progress: Progress,
    budget: Budget | None,
    domains: Domains | None = None,
    *,
    reason: str = "",
) -> Progress:
    """Set the cap of the audit's data set, or say that this audit makes no promise (None).

    Raises
    ------
    InputError
        As :func:`core.ledger.ledgers.settle_cap`, and if the cap or the bounds are no longer
        those of ``progress``; nothing is saved then.
    """
    if budget is None:
        return settle(workspace, progress, budget=None)

    check_current(workspace, progress, ("budget", "domains"), "nothing was saved")
    # Not under the audit's lock: what kept models cost is noted under it when a cap is set.
    ledgers.settle_cap(workspace.root, progress.data, budget, reason=reason, audit=progress.id)
    seen = progress if progress.budget is None else replace(progress, budget=budget)
    return settle(
        workspace, seen, otherwise="the cap is set, and the audit stays as it is",
        budget=budget, domains=domains,
    )  # fmt: skip


def opened(workspace: Workspace, audit_id: str) -> Progress:
    """Read an audit from disk, with the cap that is in force for its data set by now.

    Where the ledger is damaged it has the cap that it was last saved with: whatever spends or
    shows what was spent is refused, and all else can be looked at.
    """
    return _with_cap(workspace, _identified(workspace, resume(workspace.open(audit_id))))


def _with_cap(workspace: Workspace, progress: Progress) -> Progress:
    try:
        cap = ledgers.cap_of(workspace.root, progress.data)
    except DamagedLedgerError:
        return progress
    if progress.budget is None or cap is None:
        return progress
    return replace(progress, budget=cap)


def _identified(workspace: Workspace, progress: Progress) -> Progress:
    """Take an audit over that was begun when ledgers belonged to audits, with what it spent."""
    if progress.data:
        return progress
    # As it was read at first: corrected kinds change values, and it is the same data set.
    progress = replace(progress, data=identity(read_table(workspace, replace(progress, kinds={}))))
    before = workspace.root / "audits" / progress.id / "ledger.jsonl"
    ledgers.take_over(workspace.root, progress.data, before)
    workspace.update_state(progress.id, data=progress.data)
    return progress


def know_rows(workspace: Workspace, progress: Progress) -> None:
    """Sketch the rows of the audit's data set, so that near copies of it are recognised."""
    plain = replace(progress, kinds={})  # As it was read at first, as its identity is.
    near_ledgers.know(workspace.root, progress.data, lambda: read_table(workspace, plain))


def undecided(workspace: Workspace, progress: Progress) -> tuple[Near, ...]:
    """Return the ledgers about which a person has to choose before anything is charged."""
    know_rows(workspace, progress)
    return near_ledgers.undecided(workspace.root, progress.data)


def near(workspace: Workspace, progress: Progress) -> tuple[Near, ...]:
    """Return the ledgers that were charged for some of the same rows, the nearest first."""
    know_rows(workspace, progress)
    return near_ledgers.near_ledgers(workspace.root, progress.data)


def reasons_apart(workspace: Workspace, progress: Progress) -> tuple[str, ...]:
    """Return why the audit's data set has a budget of its own beside near ones."""
    return near_ledgers.reasons_apart(workspace.root, progress.data)


def charged_elsewhere(workspace: Workspace, progress: Progress) -> str | None:
    """Return the name of the table whose ledger is charged instead, None if its own is."""
    found = near_ledgers.charged_elsewhere(workspace.root, progress.data)
    return None if found is None else found[1]


def charge_to(workspace: Workspace, progress: Progress, other: str) -> None:
    """Let all charges of the audit's data set go to the ledger of another one."""
    near_ledgers.charge_to(workspace.root, progress.data, other, audit=progress.id)


def keep_apart(workspace: Workspace, progress: Progress, reason: str) -> None:
    """Keep, for ever, why the audit's data set has a budget of its own."""
    know_rows(workspace, progress)
    near_ledgers.keep_apart(workspace.root, progress.data, reason, audit=progress.id)


def ledger(workspace: Workspace, progress: Progress) -> Ledger | None:
    """Open the ledger of the audit's data set; None where no promise is wanted."""
    if progress.budget is None:
        return None
    know_rows(workspace, progress)
    if ledgers.cap_of(workspace.root, progress.data) is None:
        why = "as the audit had it when ledgers belonged to audits"
        spent = ledgers.charges_of(workspace.root, progress.data)
        ledgers.settle_cap(
            workspace.root,
            progress.data,
            progress.budget,
            reason=why if spent else "",
            audit=progress.id,
        )
    return ledgers.open_ledger(workspace.root, progress.data, progress.id)


def known_cap(workspace: Workspace, progress: Progress) -> Budget | None:
    """Return the cap of the audit's data set, set in whichever audit; None if there is none."""
    return ledgers.cap_of(workspace.root, progress.data)


def needs_reason(workspace: Workspace, progress: Progress, budget: Budget) -> bool:
    """Whether the cap of the audit's data set can be set to this with a reason only."""
    return ledgers.needs_reason(workspace.root, progress.data, budget)


def charges(workspace: Workspace, progress: Progress) -> tuple[Charge, ...]:
    """All that was ever charged to this data set, in whichever audit."""
    return ledgers.charges_of(workspace.root, progress.data)


def train_and_keep(
    workspace: Workspace, progress: Progress, dataset: Dataset, spec: TrainingSpec
) -> Trained:
    """Train, keep the model on disk, and make it the one that is audited.

    A model of the same data and spec that is on disk already is taken from there: a private one
    would cost its budget again.

    Raises
    ------
    ChangedMeanwhileError
        If what the training rests on, or the audited model, is no longer as in ``progress``: before
        it, and nothing is trained; or after it, and the model is kept without being audited.
    InputError
        As :func:`model_of`.
    """
    rests_on = ["options", "kinds", "roles", "generalised", "promise"]
    if LEARNERS[spec.learner].private:
        rests_on.append("domains")
    check_current(workspace, progress, [*rests_on, "training"], "nothing was trained")
    trained = model_of(workspace, progress, dataset, spec)
    settle(
        workspace,
        progress,
        rests_on=rests_on,
        otherwise="the model that was just trained is kept, but is not the audited one",
        training=spec,
    )
    return trained


def model_of(
    workspace: Workspace, progress: Progress, dataset: Dataset, spec: TrainingSpec
) -> Trained:
    """Return the model of this data and spec from disk, else train and keep it.

    One with fresh noise under a lock, so that two tabs at once don't pay for it twice.

    Raises
    ------
    InputError
        As :func:`core.training.training.train`, and for a private learner on features that were
        generalised by looking at all rows: its promise would not hold.
    """
    if progress.generalised is not None and LEARNERS[spec.learner].private:
        raise InputError(
            "features of this audit were generalised by looking at all rows without noise, so the "
            "promise of a private learner would not hold",
            where=LEARNERS[spec.learner].title,
            remedy="Choose a learner without privacy, or train it in the audit that this one was "
            "begun from",
        )
    # Before it is named: a spec with an infinite ε has no name.
    check_spec(dataset, spec)
    if not _is_paid(spec):
        return _kept_or_trained(workspace, progress, dataset, spec)
    lock = workspace.root / "audits" / progress.id / ".models.lock"
    with disk_errors(), locked(lock):
        return _kept_or_trained(workspace, progress, dataset, spec)


def _kept_or_trained(
    workspace: Workspace, progress: Progress, dataset: Dataset, spec: TrainingSpec
) -> Trained:
    paid = _is_paid(spec)
    account = ledger(workspace, progress) if paid else None
    trained = kept_model(workspace, progress, dataset, spec)
    if trained is None:
        if account is not None:
            # Whoever comes back after a crash is offered what was paid for.
            workspace.put_result(progress.id, _asked_key(dataset), specs.training_to_json(spec))
        trained = train(dataset, spec, account)
        place = key(dataset.fingerprint, spec)
        workspace.put_model(progress.id, place, trained, _kind(spec))
    if account is not None:
        delivered(account, plan_of(dataset, spec))
    return trained


def kept_model(
    workspace: Workspace, progress: Progress, dataset: Dataset, spec: TrainingSpec
) -> Trained | None:
    """Return the trained model of this data and spec, None if it isn't on disk.

    Raises
    ------
    InputError
        If privacy was spent on it, and it is on disk and can't be opened: it would be paid for
        again. Any other is trained again at no cost.
    """
    place = key(dataset.fingerprint, spec)
    if not _is_paid(spec):
        found = workspace.get_model(progress.id, place)
        return found if isinstance(found, Trained) else None
    try:
        found = workspace.open_model(progress.id, place, "the private model of this audit", MODEL)
        if found is not None and not isinstance(found, Trained):
            raise InputError("what is in its file is no model", where=f"models/{place}.sealed")
    except InputError as error:
        raise InputError(
            error.problem,
            where=error.where,
            remedy=f"{error.remedy or 'Restore it from a copy'}. It is not trained again by "
            "itself, since that would be charged again: to give it up and pay for another, delete "
            "its file, or choose another seed",
        ) from error
    return found


def unfinished(workspace: Workspace, progress: Progress, dataset: Dataset) -> TrainingSpec | None:
    """Return the private training that was charged last and did not come to its end, if any."""
    told = workspace.get_result(progress.id, _asked_key(dataset))
    account = None if told is None else ledger(workspace, progress)
    if told is None or account is None:
        return None
    try:
        spec = specs.training_from_json(told)
        plan = plan_of(dataset, spec)
    except (KeyError, TypeError, ValueError):
        return None  # of another version, which knows other options
    return spec if is_paid(account, plan) else None


def _asked_key(dataset: Dataset) -> str:
    return key(dataset.fingerprint, "private training that was asked for")


def is_kept(workspace: Workspace, progress: Progress, dataset: Dataset, spec: TrainingSpec) -> bool:
    """Whether a file of this data's and spec's model is on disk, without opening it."""
    name = f"models/{key(dataset.fingerprint, spec)}.sealed"
    return workspace.path_in(progress.id, name).exists()


def why_not_opened(
    workspace: Workspace, progress: Progress, dataset: Dataset, spec: TrainingSpec
) -> str | None:
    """Say why a model that is on disk can't be opened; None if it can, or there is none."""
    try:
        workspace.open_model(
            progress.id,
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
