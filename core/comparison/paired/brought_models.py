"""Two models on the rows that judge both, made elsewhere or trained here, each with its columns.

A row judges a model where the model was not trained on it, as far as that is known: test rows of
one that was trained here, and of one that was made elsewhere all rows but those that are known to
have trained it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from core.arrays import Ints
from core.comparison.paired.paired_models import compare_at
from core.comparison.paired.paired_result import PairedComparison
from core.data.assign import assign
from core.data.dataset import Dataset
from core.data.roles.roles import Roles
from core.data.table import Table
from core.errors import InputError
from core.external_models.bring import markers_of
from core.training.external_split import trained_on_is_known
from core.training.model_name import model_name
from core.training.spec import TrainingSpec
from core.training.trained import Trained
from core.training.training import train

SAME_ROLES = (
    ("target", "target"),
    ("positive_label", "positive label"),
    ("positive_is_favourable", "favourable label"),
    ("weight", "weight"),
)


@dataclass(frozen=True)
class Judged:
    """A model and the dataset that it sees.

    Attributes
    ----------
    dataset : Dataset
    trained : Trained
    """

    dataset: Dataset
    trained: Trained

    @property
    def rows(self) -> Ints:
        """Rows of the table that judge it, shape (n,)."""
        found: Ints = self.dataset.rows[self.trained.split.test]
        return found

    def on(self, rows: Ints) -> Trained:
        """Take what it says of some of the rows that judge it, in their order in the table."""
        order = np.argsort(self.rows, kind="stable")
        kept = order[np.isin(self.rows[order], rows)]
        trained = self.trained
        return replace(
            trained,
            split=replace(trained.split, test=trained.split.test[kept]),
            scores=trained.scores[kept],
            decisions=trained.decisions[kept],
        )


def judged_brought(table: Table, roles: Roles, spec: TrainingSpec) -> Judged:
    """Ask a model made elsewhere about the rows that judge it.

    Parameters
    ----------
    table : Table
    roles : Roles
        Whose features have no say.
    spec : TrainingSpec
        Of a model made elsewhere that is at hand.

    Raises
    ------
    InputError
        As the model.
    """
    external = spec.external
    assert external is not None
    seen, markers = external.matching.columns, markers_of(external)
    dataset = assign(table, replace(roles, features=seen, markers=markers))
    return Judged(dataset, train(dataset, spec, with_baseline=False))


def compare_judged(
    a: Judged, b: Judged, combination: tuple[str, ...] | None = None, **options: Any
) -> PairedComparison:
    """Compare two models on the rows that judge both.

    A row that trained one of them, or that a mitigation of one was fitted on, judges neither.

    Parameters
    ----------
    a, b : Judged
        Of the same table, each with its own columns. Differences are the second minus the first.
    combination : tuple of str, optional
        Sensitive columns whose groups are compared, the first one if not given.
    **options
        As :func:`core.comparison.paired.paired_models.compare_trained`.

    Raises
    ------
    InputError
        If they are about other tables or roles, or no row judges both.
    """
    columns = combination or a.dataset.roles.sensitive[:1]
    _check_same(a.dataset, b.dataset, columns)
    shared = np.intersect1d(a.rows, b.rows)
    if not len(shared):
        raise InputError(
            "no row judges both: each was trained on the rows that are left for the other",
            where="the two models",
            remedy="Take a table with rows that trained neither",
        )
    at = [np.flatnonzero(np.isin(each.dataset.rows, shared)) for each in (a, b)]
    for column in columns:
        if not np.array_equal(
            a.dataset.sensitive[column].to_numpy()[at[0]],
            b.dataset.sensitive[column].to_numpy()[at[1]],
        ):
            raise _other_people(f"the groups of {column!r} are cut in other ways")
    # A column that only looks like an identifier may be an input of one of the two.
    first = len(a.dataset.roles.identifiers) >= len(b.dataset.roles.identifiers)
    dataset, rows = (a.dataset, at[0]) if first else (b.dataset, at[1])
    found = compare_at(dataset, rows, a.on(shared), b.on(shared), columns, **options)
    return replace(found, notes=_notes(a, b, len(shared)))


def _check_same(a: Dataset, b: Dataset, columns: tuple[str, ...]) -> None:
    """Refuse two datasets of other rows, outcomes or groups."""
    if a.provenance.sha256 != b.provenance.sha256:
        raise _other_people("they were audited on other tables, by their SHA-256")
    for name, label in SAME_ROLES:
        if getattr(a.roles, name) != getattr(b.roles, name):
            raise _other_people(f"the {label} of one is another than the other's")
    for column in columns:
        if column not in a.sensitive or column not in b.sensitive:
            raise _other_people(f"they are not both compared by {column!r}")


def _other_people(problem: str) -> InputError:
    return InputError(
        f"{problem}, so who is compared is not the same",
        where="the two models",
        remedy="Audit both on one table with the same roles",
    )


def _notes(a: Judged, b: Judged, rows: int) -> tuple[str, ...]:
    """Say whose rows judge both, and of which models nobody knows what trained them."""
    notes = []
    for own, other in ((a, b), (b, a)):
        if own.trained.spec.external is None and other.trained.spec.external is not None:
            notes.append(
                f"Both are judged by test rows of {model_name(own.trained.spec)}, which was "
                f"trained here: {rows:,} rows that it was not trained on."
            )
    for each in (a, b):
        if not trained_on_is_known(each.trained.spec):
            notes.append(
                f"Nobody knows whether some of these {rows:,} rows trained "
                f"{model_name(each.trained.spec)}. If they did, it looks better here than it will "
                "on new people."
            )
    return tuple(notes)
