"""An audit that follows an operating point on generalised features, beside the one it is from.

The features of an audit never change under what was found with them: the choice is followed in a
new audit of the same rows, whose features are generalised exactly as the sweep did.
"""

from __future__ import annotations

from dataclasses import replace

from core.audit_state import audit_models
from core.audit_state import state as audits
from core.audit_state.generalised import Generalised, generalise
from core.audit_state.state import AuditState
from core.data.dataset import Dataset
from core.errors import InputError
from core.governance.operating_point import OperatingPoint, chosen, file_choice, spec_of
from core.storage.canonical import key
from core.storage.disk import disk_errors, locked
from core.storage.record_store import RecordKind, RecordStore
from core.storage.workspace import Workspace
from core.training.spec_checks import check_spec

FOLLOWED = RecordKind("generalised audit", str, what="the audit that follows a choice")
LONGEST = 160
"""Letters of an audit's name that are kept in that of the new one."""


def follow(
    workspace: Workspace, state: AuditState, dataset: Dataset, point: OperatingPoint
) -> AuditState:
    """Train an operating point in an audit whose features are generalised as its sweep did.

    Parameters
    ----------
    workspace : Workspace
    state : AuditState
        The audit it was chosen in, which is left as it is.
    dataset : Dataset
        Of that audit.
    point : OperatingPoint
        With a k above 1.

    Returns
    -------
    AuditState
        Of the other audit: begun now, or when this was asked for the first time.

    Raises
    ------
    InputError
        If it can't be followed; then no audit was begun.
    """
    rows = _rows(state, dataset, point)
    check_spec(rows, spec_of(point, state))
    # Two sessions that follow one choice at once are led to one audit.
    with disk_errors(), locked(workspace.path_in(state.id, ".following.lock")):
        made = followed_in(workspace, state, dataset, point)
        if made is None:
            audits.check_current(
                workspace, state, ("options", "kinds", "roles", "guarantee"), "no audit was begun"
            )
            made = _begun(workspace, state, dataset, point)
    kept = replace(point, generalised=True)
    if chosen(workspace, made, rows) != kept:
        file_choice(workspace, made, rows, kept)
    spec = spec_of(point, made)
    audit_models.train_audited_model(workspace, made, rows, spec)
    return audits.load_audit(workspace, made.id)


def followed_in(
    workspace: Workspace, state: AuditState, dataset: Dataset, point: OperatingPoint
) -> AuditState | None:
    """Return the audit with features generalised for an operating point, None if there is none.

    One whose roles were changed since is another audit.
    """
    try:
        audit_id = RecordStore(workspace, state.id).load(FOLLOWED, _record_key(dataset, point))
        if audit_id is None:
            return None
        made = audits.load_audit(workspace, audit_id)
    except InputError:
        return None  # It was deleted, or is damaged.
    how = made.generalised
    same = (made.roles, made.kinds, made.options, made.budget) == (
        state.roles, state.kinds, state.options, None,
    )  # fmt: skip
    return made if same and how is not None and (how.quasi, how.k) == _how(point) else None


def why_not(state: AuditState, dataset: Dataset, point: OperatingPoint) -> str | None:
    """Say why an operating point can't be followed on generalised features; None if it can."""
    if state.generalised is not None:
        return (
            "The features of this audit are generalised already, and this was found by doing it "
            "once more. Choose a setting that leaves features as they are."
        )
    if state.budget is not None:
        return (
            "It gives no privacy guarantee, since anonymisation looks at all rows without noise, "
            "and this audit has a privacy budget, under which only private models are trained."
        )
    lacking = [name for name in point.quasi if name not in dataset.features.columns]
    if lacking:
        return (
            f"It was found on rows whose features {', '.join(point.quasi)} were generalised, and "
            f"these rows have no such feature: {', '.join(lacking)}."
        )
    return None


def _rows(state: AuditState, dataset: Dataset, point: OperatingPoint) -> Dataset:
    reason = why_not(state, dataset, point)
    if reason is not None:
        raise InputError(reason.rstrip("."), where="the operating point")
    return generalise(dataset, Generalised(*_how(point), state.name))


def _begun(
    workspace: Workspace, state: AuditState, dataset: Dataset, point: OperatingPoint
) -> AuditState:
    quasi, k = _how(point)
    name = state.name[:LONGEST].strip()
    data = None if state.origin == "sample" else workspace.read_source(state.id)
    record = workspace.create(f"{name}, generalised to k = {k}", data)
    made = audits.save(
        workspace,
        replace(
            state,
            id=record.id,
            name=record.name,
            training=None,
            generalised=Generalised(quasi, k, state.name),
        ),
    )
    RecordStore(workspace, state.id).keep(FOLLOWED, _record_key(dataset, point), made.id)
    return made


def _how(point: OperatingPoint) -> tuple[tuple[str, ...], int]:
    return point.quasi, point.setting.k


def _record_key(dataset: Dataset, point: OperatingPoint) -> str:
    return key(dataset.fingerprint, ("audit with generalised features", *_how(point)))
