"""Counterfactuals and recourse, kept on disk person by person: a stopped run goes on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from core.data.dataset import Dataset
from core.explanation.actionability import CounterfactualSpec
from core.explanation.counterfactual import Counterfactuals, find_counterfactuals
from core.explanation.likely_decision import group_column
from core.explanation.recourse import Recourse, RecourseSpec, recourse_steps
from core.explanation.recourse_of_group import PersonRecourse
from core.governance.canonical import key
from core.governance.progress import Progress
from core.governance.workspace import Workspace
from core.learning.training import Trained


def counterfactuals_and_keep(
    workspace: Workspace,
    progress: Progress,
    dataset: Dataset,
    trained: Trained,
    position: int,
    spec: CounterfactualSpec,
) -> Counterfactuals:
    """Find the counterfactuals of one test row, or take them from disk.

    Parameters
    ----------
    position : int
        Among the test rows.
    """
    place = key(trained.fingerprint, (trained.spec, "counterfactuals", position, spec))
    found = workspace.get_model(progress.id, place)
    if isinstance(found, Counterfactuals):
        return found
    row = int(trained.split.test[position])
    column = group_column(trained, dataset.roles.sensitive)
    searched = find_counterfactuals(
        trained,
        dataset,
        dataset.features.iloc[[row]],
        spec,
        trained.spec.seed,
        group=str(dataset.sensitive[column].iloc[row]),
    )
    workspace.put_model(progress.id, place, searched)
    return searched


def recourse_and_keep(
    workspace: Workspace, progress: Progress, dataset: Dataset, trained: Trained, spec: RecourseSpec
) -> Iterator[tuple[float, Recourse]]:
    """Look for the recourse of a sample of each group, keeping each person's at once.

    Yields
    ------
    share : float
        In (0, 1].
    recourse : Recourse
        Of the people done by then.
    """

    def place(position: int) -> str:
        # The attribute and the number of people don't change what one person finds.
        parts = (trained.spec, "recourse", spec.rules, spec.seed, position)
        return key(trained.fingerprint, parts)

    def known(position: int) -> PersonRecourse | None:
        found: dict[str, Any] | None = workspace.get_result(progress.id, place(position))
        if found is None:
            return None
        return PersonRecourse(**{**found, "features": tuple(found["features"])})

    for share, recourse, person in recourse_steps(trained, dataset, spec, known=known):
        if person is not None and known(person.position) is None:
            workspace.put_result(progress.id, place(person.position), asdict(person))
        yield share, recourse
