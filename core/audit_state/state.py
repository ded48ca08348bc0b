"""An audit in progress: what a person has settled so far, kept on disk after every step.

The state names the data (a sample, or bytes kept in the audit's folder), how it was read, the
roles, the budget, and how the model was trained. Everything else can be made again from it, or is
kept as a result under the key of the data's fingerprint and the spec.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Literal, cast

from core.audit_state.generalised import Generalised
from core.audit_state.meanwhile import check_unchanged
from core.data.domains import Domains
from core.data.identity import identity
from core.data.reading.reading import ReadOptions, read_bytes
from core.data.roles.roles import Roles
from core.data.samples import SAMPLES, Sample, load_sample, sample_for
from core.data.table import Kind, Table
from core.errors import InputError
from core.fairness.bias_audit.spec import BiasAuditSpec
from core.fairness.metrics.impact_spec import DEFAULT, ImpactSpec
from core.ledger import ledgers
from core.ledger.files import DamagedLedgerError
from core.privacy.accounting.budget import Budget
from core.storage.json_format import from_json, to_json
from core.storage.record import AuditRecord
from core.storage.workspace import Workspace
from core.training.spec import TrainingSpec

Origin = Literal["sample", "upload", "openml"]


@dataclass(frozen=True)
class AuditState:
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
        Cap of the privacy budget; None is "no privacy guarantee wanted".
    domains : Domains or None
        Declared bounds and categories.
    training : TrainingSpec or None
        Of the model that is being audited.
    data : str
        Identity of the data set, by which its privacy ledger goes.
    generalised : Generalised or None
        How features are generalised before anything is learned from them.
    impact : ImpactSpec
        How impact ratios compare groups.
    bias_audit : BiasAuditSpec or None
        Of a table under Local Law 144.
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
    impact: ImpactSpec = DEFAULT
    bias_audit: BiasAuditSpec | None = None

    @property
    def guarantee(self) -> bool:
        """Whether training keeps a privacy guarantee."""
        return self.budget is not None

    @property
    def sample(self) -> Sample | None:
        """The sample scenario it was begun from."""
        return SAMPLES[self.file] if self.origin == "sample" else None


def begin_sample(workspace: Workspace, name: str) -> AuditState:
    """Begin an audit of a sample scenario, its roles, budget and domains preset."""
    sample = SAMPLES[name]
    data = identity(load_sample(name))
    record = workspace.create(sample.title)
    return save(
        workspace,
        AuditState(
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
) -> AuditState:
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
        AuditState(
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


def save(workspace: Workspace, state: AuditState) -> AuditState:
    """Write the whole state of an audit that was just begun; return it.

    What is changed later goes through :func:`update_state`, which leaves the rest as it is on disk.
    """
    workspace.save_state(state.id, _state(state))
    return state


def _state(state: AuditState) -> dict[str, Any]:
    """Write what has been settled; id and name are the record's own."""
    record: dict[str, Any] = to_json(state)
    return {name: item for name, item in record.items() if name not in ("id", "name")}


def update_state(
    workspace: Workspace,
    seen: AuditState,
    *,
    rests_on: Iterable[str] = (),
    otherwise: str = "nothing was saved",
    **changes: Any,
) -> AuditState:
    """Settle some parts of an audit; the others stay as they are on disk by now.

    Parameters
    ----------
    workspace : Workspace
    seen : AuditState
        The audit as whoever decides saw it.
    rests_on : iterable of str
        Parts that the decision rests on, beside those it changes.
    otherwise : str
        What a refusal comes to.
    **changes
        Fields of :class:`AuditState` with their new values.

    Returns
    -------
    AuditState
        As it is on disk now, with what others settled meanwhile.

    Raises
    ------
    ChangedMeanwhileError
        If one of these parts is no longer as it was seen; nothing is written then.
    """
    after = seen

    def change(record: AuditRecord) -> dict[str, Any]:
        nonlocal after
        now = _with_cap(workspace, state_of_record(record))
        check_unchanged(seen, now, (*changes, *rests_on), otherwise)
        after = replace(now, **changes)
        state = _state(after)
        return {name: state[name] for name in changes}

    workspace.revise_state(seen.id, change)
    return after


def check_current(
    workspace: Workspace,
    seen: AuditState,
    parts: Iterable[str],
    otherwise: str = "nothing was done",
) -> None:
    """Refuse to begin what rests on parts of an audit that were changed since they were seen.

    Raises
    ------
    ChangedMeanwhileError
        As :func:`core.audit_state.meanwhile.check_unchanged`.
    """
    check_unchanged(seen, load_audit(workspace, seen.id), parts, otherwise)


def state_of_record(record: AuditRecord) -> AuditState:
    """Read what has been settled in an audit.

    Raises
    ------
    InputError
        If the state isn't one of this version.
    """
    fields = {**record.state, "id": record.id, "name": record.name}
    try:
        return cast(AuditState, from_json(AuditState, fields, record.name))
    except InputError as error:
        raise InputError(
            f"what was settled in this audit can't be read ({error.problem})",
            where=record.name,
            remedy="Delete it from the first page and begin again",
        ) from error


def read_table(workspace: Workspace, state: AuditState) -> Table:
    """Read the table again from the sample or the kept bytes."""
    if state.origin == "sample":
        return load_sample(state.file)
    return read_bytes(
        workspace.read_source(state.id),
        state.file,
        source=state.origin,
        options=state.options,
        kinds=state.kinds,
    )


def load_audit(workspace: Workspace, audit_id: str) -> AuditState:
    """Read an audit from disk, with the cap that is in force for its data set by now.

    Where the ledger is damaged it has the cap that it was last saved with: whatever spends or
    shows what was spent is refused, and all else can be looked at.
    """
    return _with_cap(workspace, _identified(workspace, state_of_record(workspace.open(audit_id))))


def _with_cap(workspace: Workspace, state: AuditState) -> AuditState:
    try:
        cap = ledgers.cap_of(workspace.root, state.data)
    except DamagedLedgerError:
        return state
    if state.budget is None or cap is None:
        return state
    return replace(state, budget=cap)


def _identified(workspace: Workspace, state: AuditState) -> AuditState:
    """Take an audit over that was begun when ledgers belonged to audits, with what it spent."""
    if state.data:
        return state
    # As it was read at first: corrected kinds change values, and it is the same data set.
    state = replace(state, data=identity(read_table(workspace, replace(state, kinds={}))))
    before = workspace.root / "audits" / state.id / "ledger.jsonl"
    ledgers.take_over(workspace.root, state.data, before)
    workspace.update_state(state.id, data=state.data)
    return state
