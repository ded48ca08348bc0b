"""The operating point of an audit: the setting that a person chose from a sweep, and why.

It becomes the audit's plan: the training page offers to train it, and the report shows what was
chosen, by whom, when and for which reason. Every choice is kept, the last one counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from core.data.dataset import Dataset
from core.errors import InputError
from core.governance.canonical import key
from core.governance.progress import Progress
from core.governance.record import now
from core.governance.workspace import Workspace
from core.learning.training import TrainingSpec
from core.tradeoff.sweep.grid import Grid, RunSpec, Setting, training_spec

if TYPE_CHECKING:
    from core.governance.kept_sweeps import SweepPlan

MOST_LETTERS = 2_000


@dataclass(frozen=True)
class OperatingPoint:
    """A setting that was chosen.

    Attributes
    ----------
    setting : Setting
    mitigate_for : str
        Sensitive column that its mitigation looks at.
    delta : float
        Of a private learner that needs one.
    quasi : tuple of str
        Features that are generalised first, where its k is above 1.
    reason, name : str
        Why, and who chose it, in their own words.
    when : str
        UTC time, ISO 8601.
    basis : str
        Label of the rows that the sweep ran on.
    sentence : str
        What was known of it when it was chosen: its figures, and what was given up.
    """

    setting: Setting
    mitigate_for: str
    delta: float
    quasi: tuple[str, ...]
    reason: str
    name: str
    when: str
    basis: str
    sentence: str

    def to_json(self) -> dict[str, Any]:
        """As it stands in audit.json."""
        return asdict(self)


def choose(
    workspace: Workspace,
    progress: Progress,
    dataset: Dataset,
    plan: SweepPlan,
    setting: Setting,
    *,
    reason: str,
    name: str,
    sentence: str = "",
    label: str = "",
) -> OperatingPoint:
    """Make a setting the audit's plan.

    Parameters
    ----------
    workspace : Workspace
    progress : Progress
    dataset : Dataset
        Of the audit.
    plan : SweepPlan
        The sweep that it was chosen from.
    setting : Setting
    reason, name : str
        Needed, at most 2,000 and 200 letters.
    sentence : str
        What is known of it.
    label : str
        What was said on the pictures it was chosen from; that of the plan's rows by default.

    Raises
    ------
    InputError
        If there is no reason or no name.
    """
    for what, text, most in (("reason", reason, MOST_LETTERS), ("name", name, 200)):
        if not text.strip():
            raise InputError(
                f"a choice is kept with its {what}, and there is none",
                where=what,
                remedy="Write down why this setting is right, and who says so",
            )
        if len(text) > most:
            raise InputError(f"it is longer than {most:,} letters", where=what)
    column = plan.grid.mitigate_for or plan.grid.attributes[0][0]
    if column not in dataset.roles.sensitive:
        # The sweep ran on a stand-in, whose columns these rows don't have.
        column = dataset.roles.sensitive[0]
    chosen_point = OperatingPoint(
        setting,
        column,
        plan.grid.delta,
        plan.grid.quasi if setting.k > 1 else (),
        reason.strip(),
        name.strip(),
        now(),
        label or plan.basis.label,
        sentence,
    )
    before = workspace.get_result(progress.id, _place(dataset)) or []
    workspace.put_result(progress.id, _place(dataset), [*before, chosen_point.to_json()])
    return chosen_point


def choices(
    workspace: Workspace, progress: Progress, dataset: Dataset
) -> tuple[OperatingPoint, ...]:
    """All operating points that were chosen for this data, oldest first."""
    told = workspace.get_result(progress.id, _place(dataset)) or []
    return tuple(_from_json(item) for item in told)


def chosen(workspace: Workspace, progress: Progress, dataset: Dataset) -> OperatingPoint | None:
    """Return the operating point that was chosen last; None if there is none."""
    found = choices(workspace, progress, dataset)
    return found[-1] if found else None


def spec_of(point: OperatingPoint, progress: Progress, seed: int = 0) -> TrainingSpec:
    """Say how an operating point is trained in earnest: with fresh noise.

    Its anonymisation is not part of training: where its k is above 1 the audit's table has to be
    anonymised first.
    """
    grid = Grid(
        (point.setting.learner,),
        (point.setting.epsilon,),
        ((point.mitigate_for,),),
        mitigate_for=point.mitigate_for,
        delta=point.delta,
        domains=progress.domains,
    )
    return training_spec(grid, RunSpec(point.setting, seed))


def _from_json(told: Mapping[str, Any]) -> OperatingPoint:
    return OperatingPoint(
        **{**told, "setting": Setting(**told["setting"]), "quasi": tuple(told["quasi"])}
    )


def _place(dataset: Dataset) -> str:
    return key(dataset.fingerprint, "operating points")
