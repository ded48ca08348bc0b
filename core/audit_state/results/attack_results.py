"""Attacks on the audited model: each is made once for a data set and a model, and kept."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from core.attacks.attribute import AttributeAttack, attribute_attack
from core.attacks.lira import SHADOWS, LiraSpec, lira
from core.attacks.membership import LIKELIHOOD_RATIO, Membership, loss_attack
from core.attacks.one_run import OneRun
from core.attacks.own_rows import audit_own_rows
from core.attacks.planted import audit_planted
from core.attacks.record import Attacked
from core.attacks.released import Both, risk_steps
from core.audit_state.results.result_store import ResultStore
from core.audit_state.state import AuditState
from core.data.dataset import Dataset
from core.storage import kinds
from core.storage.canonical import key
from core.storage.workspace import Workspace
from core.training.trained import Trained


def load_or_attack(
    workspace: Workspace, state: AuditState, dataset: Dataset, trained: Trained
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

    yield from ResultStore(workspace, state.id).load_or_follow(
        kinds.ATTACKS, _key(trained, "basic"), work()
    )


def load_or_run_lira(
    workspace: Workspace, state: AuditState, dataset: Dataset, trained: Trained, spec: LiraSpec
) -> Iterator[tuple[float, Membership | None]]:
    """Attack by shadow models; see :func:`core.attacks.lira.lira`."""
    cache_key = _key(trained, (LIKELIHOOD_RATIO.name, spec))
    yield from ResultStore(workspace, state.id).load_or_follow(
        kinds.MEMBERSHIP, cache_key, lira(dataset, trained, spec)
    )


def load_or_plant(
    workspace: Workspace, state: AuditState, dataset: Dataset, trained: Trained
) -> Iterator[tuple[float, OneRun | None]]:
    """Audit by planted canaries; see :func:`core.attacks.planted.audit_planted`."""
    yield from ResultStore(workspace, state.id).load_or_follow(
        kinds.CANARIES, _key(trained, "planted"), audit_planted(dataset, trained)
    )


def load_or_attack_attribute(
    workspace: Workspace, state: AuditState, dataset: Dataset, trained: Trained, column: str
) -> Iterator[tuple[float, AttributeAttack | None]]:
    """Guess a column; see :func:`core.attacks.attribute.attribute_attack`."""
    yield from ResultStore(workspace, state.id).load_or_follow(
        kinds.ATTRIBUTE,
        _key(trained, ("attribute", column)),
        attribute_attack(dataset, trained, column),
    )


def load_attribute_attack(
    workspace: Workspace, state: AuditState, trained: Trained, column: str
) -> AttributeAttack | None:
    """Return what guessing a column found, None if it was not tried."""
    cache_key = _key(trained, ("attribute", column))
    return ResultStore(workspace, state.id).load(kinds.ATTRIBUTE, cache_key)


def load_or_single_out(
    workspace: Workspace,
    state: AuditState,
    dataset: Dataset,
    frame: pd.DataFrame,
    columns: tuple[str, ...],
    k: int,
) -> Iterator[tuple[float, Both | None]]:
    """Single people out of the table; see :func:`core.attacks.released.risk_steps`."""
    cache_key = _risk_key(dataset, columns, k)
    yield from ResultStore(workspace, state.id).load_or_follow(
        kinds.SINGLING_OUT, cache_key, risk_steps(frame, columns, k)
    )


def load_singling_out(
    workspace: Workspace, state: AuditState, dataset: Dataset, columns: tuple[str, ...], k: int
) -> Both | None:
    """Return what singles people out, None if it was not tried with these columns and k."""
    cache_key = _risk_key(dataset, columns, k)
    return ResultStore(workspace, state.id).load(kinds.SINGLING_OUT, cache_key)


def load_attacks(workspace: Workspace, state: AuditState, trained: Trained) -> Attacked | None:
    """Return all attacks on a model that are on disk, None if there is none."""
    store = ResultStore(workspace, state.id)
    basic = store.load(kinds.ATTACKS, _key(trained, "basic"))
    if basic is None:
        return None
    # Of several, the one with the most shadow models.
    ratios = (
        store.load(kinds.MEMBERSHIP, _key(trained, (LIKELIHOOD_RATIO.name, LiraSpec(count))))
        for count in reversed(SHADOWS)
    )
    ratio = next((found for found in ratios if found is not None), None)
    planted = store.load(kinds.CANARIES, _key(trained, "planted"))
    return Attacked(
        basic.memberships if ratio is None else (*basic.memberships, ratio),
        basic.audits if planted is None else (*basic.audits, planted),
    )


def _risk_key(dataset: Dataset, columns: tuple[str, ...], k: int) -> str:
    return key(dataset.fingerprint, ("singling out", columns, k))


def _key(trained: Trained, what: object) -> str:
    return key(trained.fingerprint, (trained.spec, "attack", what))
