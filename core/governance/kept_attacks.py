"""Attacks on the audited model, kept on disk: each is made once for a data set and a model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar

import pandas as pd

from core.data.dataset import Dataset
from core.governance.canonical import key
from core.governance.progress import Progress
from core.governance.workspace import Workspace
from core.learning.training import Trained
from core.privacy.attack.attribute import AttributeAttack, attribute_attack
from core.privacy.attack.lira import SHADOWS, LiraSpec, lira
from core.privacy.attack.membership import Membership, loss_attack
from core.privacy.attack.one_run import OneRun
from core.privacy.attack.own_rows import audit_own_rows
from core.privacy.attack.planted import audit_planted
from core.privacy.attack.record import Attacked
from core.privacy.attack.released import Both, risk_steps

T = TypeVar("T")


def attack_and_keep(
    workspace: Workspace, progress: Progress, dataset: Dataset, trained: Trained
) -> Iterator[tuple[float, Attacked | None]]:
    """Attack by loss, and guess the model's own rows.

    Yields
    ------
    tuple of (float, Attacked or None)
        Share done in (0, 1], and what was found at the end.
    """

    def work() -> Iterator[tuple[float, Attacked | None]]:
        loss = loss_attack(dataset, trained)
        yield 0.7, None
        yield 1.0, Attacked((loss,), (audit_own_rows(dataset, trained),))

    yield from _keep(workspace, progress, _key(trained, "basic"), work())


def lira_and_keep(
    workspace: Workspace, progress: Progress, dataset: Dataset, trained: Trained, spec: LiraSpec
) -> Iterator[tuple[float, Membership | None]]:
    """Attack by shadow models; see :func:`core.privacy.attack.lira.lira`."""
    place = _key(trained, ("likelihood ratio", spec))
    yield from _keep(workspace, progress, place, lira(dataset, trained, spec))


def planted_and_keep(
    workspace: Workspace, progress: Progress, dataset: Dataset, trained: Trained
) -> Iterator[tuple[float, OneRun | None]]:
    """Audit by planted canaries; see :func:`core.privacy.attack.planted.audit_planted`."""
    yield from _keep(workspace, progress, _key(trained, "planted"), audit_planted(dataset, trained))


def attribute_and_keep(
    workspace: Workspace, progress: Progress, dataset: Dataset, trained: Trained, column: str
) -> Iterator[tuple[float, AttributeAttack | None]]:
    """Guess a column; see :func:`core.privacy.attack.attribute.attribute_attack`."""
    yield from _keep(
        workspace,
        progress,
        _key(trained, ("attribute", column)),
        attribute_attack(dataset, trained, column),
    )


def kept_attribute(
    workspace: Workspace, progress: Progress, trained: Trained, column: str
) -> AttributeAttack | None:
    """Return what guessing a column found, None if it was not tried."""
    found = workspace.get_model(progress.id, _key(trained, ("attribute", column)))
    return found if isinstance(found, AttributeAttack) else None


def singling_out_and_keep(
    workspace: Workspace,
    progress: Progress,
    dataset: Dataset,
    frame: pd.DataFrame,
    columns: tuple[str, ...],
    k: int,
) -> Iterator[tuple[float, Both | None]]:
    """Single people out of the table; see :func:`core.privacy.attack.released.risk_steps`."""
    place = _risk_key(dataset, columns, k)
    yield from _keep(workspace, progress, place, risk_steps(frame, columns, k))


def kept_singling_out(
    workspace: Workspace, progress: Progress, dataset: Dataset, columns: tuple[str, ...], k: int
) -> Both | None:
    """Return what singles people out, None if it was not tried with these columns and k."""
    found = workspace.get_model(progress.id, _risk_key(dataset, columns, k))
    return found if isinstance(found, Both) else None


def kept_attacks(workspace: Workspace, progress: Progress, trained: Trained) -> Attacked | None:
    """Return all attacks on a model that are on disk, None if there is none."""
    basic = workspace.get_model(progress.id, _key(trained, "basic"))
    if not isinstance(basic, Attacked):
        return None
    # Of several, the one with the most shadow models.
    ratios = [
        workspace.get_model(progress.id, _key(trained, ("likelihood ratio", LiraSpec(count))))
        for count in reversed(SHADOWS)
    ]
    ratio = next((found for found in ratios if isinstance(found, Membership)), None)
    planted = workspace.get_model(progress.id, _key(trained, "planted"))
    return Attacked(
        basic.memberships if ratio is None else (*basic.memberships, ratio),
        (*basic.audits, planted) if isinstance(planted, OneRun) else basic.audits,
    )


def _risk_key(dataset: Dataset, columns: tuple[str, ...], k: int) -> str:
    return key(dataset.fingerprint, ("singling out", columns, k))


def _keep(
    workspace: Workspace, progress: Progress, place: str, work: Iterator[tuple[float, T | None]]
) -> Iterator[tuple[float, T | None]]:
    found: Any = workspace.get_model(progress.id, place)
    if found is not None:
        yield 1.0, found
        return
    for share, result in work:
        if share >= 1 and result is not None:
            workspace.put_model(progress.id, place, result)
        yield share, result


def _key(trained: Trained, what: object) -> str:
    return key(trained.fingerprint, (trained.spec, "attack", what))
