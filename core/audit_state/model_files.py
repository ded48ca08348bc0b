"""The files of models made elsewhere that an audit keeps, and putting them at hand.

A file lies in the audit's folder under its SHA-256, and is checked against it whenever it is
opened: a spec and every result name a model by that, so no other file can take its place.
"""

from __future__ import annotations

import hashlib

from core.audit_state.served_models import is_served, put_served_at_hand
from core.audit_state.state import AuditState
from core.errors import InputError
from core.external_models.external_spec import ExternalSpec
from core.external_models.opened import is_offered, offer
from core.external_models.sandbox.model_process import open_model
from core.external_models.scorer import Scorer
from core.storage.disk import disk_errors
from core.storage.workspace import Workspace


def keep_model_file(workspace: Workspace, state: AuditState, data: bytes) -> str:
    """Keep the bytes of a model's file with the audit, in place of any that were damaged since.

    Returns
    -------
    str
        Their SHA-256: 64 hexadecimal digits.
    """
    digest = hashlib.sha256(data).hexdigest()
    if _kept(workspace, state, digest) != data:
        workspace.write_in(state.id, _name(digest), data)
    return digest


def put_at_hand(workspace: Workspace, state: AuditState, spec: ExternalSpec | None) -> None:
    """Say how a spec's model is opened, if this audit keeps its file; it is opened when asked."""
    if spec is None:
        return
    if is_served(spec):
        put_served_at_hand(workspace, state, spec)
        return
    # The same file in another audit may be deleted with it: each audit opens its own.
    owner = f"{workspace.root} {state.id}"
    if not is_offered(spec, owner) and workspace.path_in(state.id, _name(spec.sha256)).exists():
        offer(spec, lambda: open_kept(workspace, state, spec), owner, anew=False)


def open_kept(workspace: Workspace, state: AuditState, spec: ExternalSpec) -> Scorer:
    """Open the file of a spec's model.

    Raises
    ------
    InputError
        If the file was changed, is gone, or can't be opened.
    """
    data = read_model_file(workspace, state, spec.sha256, spec.name)
    return open_model(data, spec.name, format=spec.format, accepted_types=spec.accepted_types)


def read_model_file(workspace: Workspace, state: AuditState, digest: str, name: str) -> bytes:
    """Read a kept file, and check that it is the one that was kept.

    Raises
    ------
    InputError
        If it is gone, or is another.
    """
    data = _kept(workspace, state, digest)
    if data is None or hashlib.sha256(data).hexdigest() != digest:
        raise InputError(
            "its file is gone from this audit's folder"
            if data is None
            else "its file in this audit's folder was changed since it was brought",
            where=f"model {name!r}",
            remedy="Bring the same file again",
        )
    return data


def _kept(workspace: Workspace, state: AuditState, digest: str) -> bytes | None:
    path = workspace.path_in(state.id, _name(digest))
    with disk_errors():
        return path.read_bytes() if path.exists() else None


def _name(digest: str) -> str:
    return f"brought/{digest}"
