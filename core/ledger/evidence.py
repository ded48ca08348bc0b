"""What the kept models and releases of a data set say they cost: evidence against a ledger.

A private model or release is charged before it is drawn. So each that is kept must have a charge of
its ε and δ in the ledger of its data set, and one that has none tells that a charge is gone. What a
model cost is read from it once and noted in its audit's folder under a signature, so that models
are not opened again at every charge. Audits that were deleted tell nothing.
"""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import InputError
from core.learning.learners import LEARNERS
from core.ledger.entries import resolved
from core.ledger.files import DamagedLedgerError, data_sets
from core.privacy.accounting.budget import Charge
from core.privacy.accounting.contribution import describe_unit
from core.privacy.release.release import Release
from core.storage.canonical import key
from core.storage.kinds import MODEL
from core.storage.record_store import RecordKind, RecordStore
from core.storage.workspace import Workspace
from core.training.trained import Trained

RELEASES = key("", "private releases")
"""Where an audit lists its private releases."""

LISTED = RecordKind("private releases", tuple[str, ...], what="the list of private releases")
RELEASE = RecordKind("private release", Release, what="a private release")

_NOTE = "paid.json"


@dataclass(frozen=True)
class Paid:
    """What a kept result cost.

    Attributes
    ----------
    what : str
    epsilon, delta : float
    neighbouring : {"replace-one", "add-or-remove"}
    audit : str
        Id of the audit that keeps it.
    unit : str
        Whose presence it hides.
    parts : tuple of tuple of float
        ε and δ of each charge, where there were several.
    """

    what: str
    epsilon: float
    delta: float
    neighbouring: str
    audit: str
    unit: str = "row"
    parts: tuple[tuple[float, float], ...] = ()


def evidence_of(root: Path, data: str) -> tuple[Paid, ...]:
    """Collect what the results of all audits of a data set cost.

    Parameters
    ----------
    root : Path
        Of the workspace.
    data : str
        The data set's identity; those whose charges go to its ledger count too.
    """
    if not (root / "audits").is_dir():
        return ()
    workspace = Workspace(root)
    members = {data, *(other for other in data_sets(root) if _charges_here(root, other, data))}
    audits = (record for record in workspace.list() if record.state.get("data") in members)
    return tuple(
        paid
        for record in audits
        for paid in (*_models(workspace, record.id), *_releases(workspace, record.id))
    )


def check_evidence(evidence: tuple[Paid, ...], charges: tuple[Charge, ...]) -> None:
    """Check that every kept result has a charge.

    Raises
    ------
    DamagedLedgerError
        If one has none.
    """
    for paid in unpaid(evidence, charges):
        raise DamagedLedgerError(
            f"{paid.what} of audit {paid.audit} cost ε = {paid.epsilon:g}, δ = {paid.delta:g} and "
            "is kept, and the ledger holds no charge for it",
            "ledger.jsonl",
        )


def unpaid(evidence: tuple[Paid, ...], charges: tuple[Charge, ...]) -> tuple[Paid, ...]:
    """Return the kept results that have no charge, or charges, of the same ε and δ to themselves.

    A repair counts anew in one what was charged in parts, so one charge of the whole will do.
    """
    left = Counter((charge.epsilon, charge.delta) for charge in charges)
    missing = []
    for paid in evidence:
        for due in (Counter(paid.parts), Counter([(paid.epsilon, paid.delta)])):
            if due and due <= left:
                left -= due
                break
        else:
            missing.append(paid)
    return tuple(missing)


def _charges_here(root: Path, other: str, data: str) -> bool:
    try:
        return resolved(root, other) == data
    except DamagedLedgerError:
        return False


def _models(workspace: Workspace, audit: str) -> list[Paid]:
    """Say what the models of an audit cost, also those that were deleted since."""
    noted: dict[str, Any] = workspace.signed_note(audit, _NOTE) or {}
    before = dict(noted)
    for path in sorted(workspace.path_in(audit, "models").glob("*.sealed")):
        if path.stem not in noted:
            model = workspace.get_model(audit, path.stem, MODEL)
            if isinstance(model, Trained):
                noted[path.stem] = _cost(model)
    if noted != before:
        workspace.sign_note(audit, _NOTE, noted)
    return [_paid(record, audit) for record in noted.values() if record is not None]


def _paid(record: dict[str, Any], audit: str) -> Paid:
    parts = tuple((epsilon, delta) for epsilon, delta in record.get("parts", ()))
    return Paid(**record | {"parts": parts}, audit=audit)


def _cost(model: Trained) -> dict[str, Any] | None:
    if model.cost is None or model.noise != "fresh":
        return None
    learner = LEARNERS[model.spec.learner]
    epsilon, delta = model.cost
    return {
        "what": f"the model {learner.title}",
        "epsilon": epsilon,
        "delta": delta,
        "neighbouring": learner.neighbouring,
        "unit": describe_unit(model.spec.person, model.spec.rows_per_person),
    } | ({"parts": [list(part) for part in model.charged]} if len(model.charged) > 1 else {})


def listed_releases(workspace: Workspace, audit: str) -> tuple[str, ...]:
    """Return the keys of an audit's private releases, oldest first; none if they can't be read."""
    try:
        return RecordStore(workspace, audit).load(LISTED, RELEASES) or ()
    except InputError:
        return ()


def _releases(workspace: Workspace, audit: str) -> list[Paid]:
    found = []
    for cache_key in listed_releases(workspace, audit):
        with suppress(InputError):
            released: Release | None = RecordStore(workspace, audit).load(RELEASE, cache_key)
            if released is not None and released.noise == "fresh":
                plan = released.plan
                what = f"the release “{plan.what}”"
                found.append(
                    Paid(
                        what, plan.epsilon, released.delta, plan.neighbouring, audit, released.unit
                    )
                )
    return found
