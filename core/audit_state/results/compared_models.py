"""The models of an audit that can be compared on the same people: brought ones and trained ones.

A model that was trained before another one was brought sees other columns than the audit's
features are by then. It is offered where the columns it was trained on, with all other roles as
they are now, give the very data that it was trained on.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.audit_state.audit_models import brought_models, columns_of_models, load_model
from core.audit_state.results.stored_models import opened_model, stored_specs
from core.audit_state.state import AuditState
from core.comparison.paired.brought_models import Judged, compare_judged, judged_brought
from core.comparison.paired.paired_result import PairedComparison
from core.data.assign import assign
from core.data.dataset import Dataset
from core.data.roles.roles import Roles
from core.data.table import Table
from core.errors import InputError
from core.storage.canonical import key
from core.storage.workspace import Workspace
from core.training.spec import TrainingSpec
from core.training.trained import Trained


@dataclass(frozen=True)
class Candidate:
    """A model to compare.

    Attributes
    ----------
    spec : TrainingSpec
    features, markers : tuple of str
        Of the data that a model trained here was trained on; a model made elsewhere sees its own.
    """

    spec: TrainingSpec
    features: tuple[str, ...] = ()
    markers: tuple[str, ...] = ()

    @property
    def is_brought(self) -> bool:
        """Whether it was made elsewhere."""
        return self.spec.external is not None


def candidates(
    workspace: Workspace, state: AuditState, table: Table, dataset: Dataset
) -> tuple[Candidate, ...]:
    """List the models that can be compared, the audited one first, then those brought last.

    Parameters
    ----------
    workspace, state, table, dataset
        The dataset is the table with the audit's roles.
    """
    own = dataset.roles
    kept = stored_specs(workspace, state, dataset)
    brought = brought_models(workspace, state)
    found = [
        *(Candidate(spec) for spec in (*brought, *kept) if spec.external is not None),
        *(Candidate(spec, own.features, own.markers) for spec in kept if spec.external is None),
        *_with_other_columns(workspace, state, table, own),
    ]
    unique = tuple(dict.fromkeys(found))
    return tuple(sorted(unique, key=lambda item: item.spec != state.training))


def _with_other_columns(
    workspace: Workspace, state: AuditState, table: Table, roles: Roles
) -> list[Candidate]:
    found, datasets = [], dict[tuple[tuple[str, ...], ...], Dataset]()
    for stem, columns in columns_of_models(workspace, state).items():
        seen = columns.features, columns.markers
        if seen == (roles.features, roles.markers):
            continue
        model = opened_model(workspace, state, stem)
        if not isinstance(model, Trained) or model.spec.external is not None:
            continue
        try:
            if seen not in datasets:
                datasets[seen] = _assigned(table, roles, *seen)
        except InputError:
            continue  # a column has another role by now
        if key(datasets[seen].fingerprint, model.spec) == stem:
            found.append(Candidate(model.spec, *seen))
    return found


def _assigned(
    table: Table, roles: Roles, features: tuple[str, ...], markers: tuple[str, ...]
) -> Dataset:
    return assign(table, replace(roles, features=features, markers=markers))


def compare_candidates(
    workspace: Workspace,
    state: AuditState,
    table: Table,
    roles: Roles,
    pair: tuple[Candidate, Candidate],
    combination: tuple[str, ...],
) -> PairedComparison:
    """Compare two models on the rows that judge both; nothing is trained.

    Parameters
    ----------
    workspace, state
    table, roles
        Whose features have no say.
    pair : tuple of (Candidate, Candidate)
        Differences are the second minus the first.
    combination : tuple of str
        Sensitive columns whose groups are compared.

    Raises
    ------
    InputError
        If a model is not on disk or not at hand, or as
        :func:`core.comparison.paired.brought_models.compare_judged`.
    """
    first, second = (
        _judged(workspace, state, table, roles, candidate, sign)
        for candidate, sign in zip(pair, "AB", strict=True)
    )
    return compare_judged(first, second, combination)


def _judged(
    workspace: Workspace,
    state: AuditState,
    table: Table,
    roles: Roles,
    candidate: Candidate,
    sign: str,
) -> Judged:
    if candidate.is_brought:
        brought_models(workspace, state)  # puts them at hand
        return judged_brought(table, roles, candidate.spec)
    dataset = _assigned(table, roles, candidate.features, candidate.markers)
    trained = load_model(workspace, state, dataset, candidate.spec)
    if trained is None:
        raise InputError(
            "it is not on disk any more", where=f"model {sign}", remedy="Train it again"
        )
    return Judged(dataset, trained)
