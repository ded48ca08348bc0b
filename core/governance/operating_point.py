"""The operating point of an audit: the setting that a person chose from a sweep, and why.

It becomes the audit's plan: the training page offers to train it, and the report shows what was
chosen, by whom, when and for which reason. Every choice is kept, the last one counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.audit_state.state import AuditState
from core.data.dataset import Dataset
from core.data.roles.roles import Roles
from core.errors import InputError
from core.storage.canonical import key
from core.storage.record import now
from core.storage.record_store import RecordKind, RecordStore
from core.storage.sign_off import check_sign_off
from core.storage.workspace import Workspace
from core.tradeoff.sweep.grid import Grid, RunSpec, Setting
from core.tradeoff.sweep.runs import training_spec
from core.training.spec import TrainingSpec

if TYPE_CHECKING:
    from core.audit_state.sweep_plan import SweepPlan

_LISTED = key("", "roles that have operating points")


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
    generalised : bool
        Whether the features of the audit it is kept in are generalised to its k already.
    person : str or None
        Identifier column whose persons its sweep protected; None is for single rows.
    rows_per_person : int
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
    generalised: bool = False
    person: str | None = None
    rows_per_person: int = 1

    @property
    def needs_generalising(self) -> bool:
        """Whether it was measured on features that are generalised first, and these are not."""
        return self.setting.k > 1 and not self.generalised


CHOICES = RecordKind(
    "operating points", tuple[OperatingPoint, ...], what="the operating points of this audit"
)
LISTED = RecordKind(
    "roles that have operating points",
    dict[str, Roles],
    what="the roles that operating points were chosen for",
)


def choose(
    workspace: Workspace,
    state: AuditState,
    dataset: Dataset,
    plan: SweepPlan,
    setting: Setting,
    *,
    reason: str,
    name: str,
    sentence: str = "",
    label: str = "",
    seen: int | None = None,
) -> OperatingPoint:
    """Make a setting the audit's plan.

    Parameters
    ----------
    workspace : Workspace
    state : AuditState
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
    seen : int, optional
        How many earlier choices whoever chooses had seen.

    Raises
    ------
    InputError
        If there is no reason or no name, or another was chosen since; nothing is kept then.
    """
    check_sign_off(
        "a choice", reason, name, "Write down why this setting is right, and who says so"
    )
    column = plan.grid.mitigate_for or plan.grid.attributes[0][0]
    if column not in dataset.roles.sensitive:
        # The sweep ran on a stand-in, whose columns these rows don't have.
        column = dataset.roles.sensitive[0]
    # On a stand-in nobody of these rows was protected.
    person = plan.grid.person if plan.grid.person in dataset.roles.identifiers else None
    chosen_point = OperatingPoint(
        setting,
        column,
        plan.grid.delta,
        plan.grid.quasi if setting.k > 1 else (),
        reason.strip(),
        name.strip(),
        now(),
        label or plan.label,
        sentence,
        person=person,
        rows_per_person=1 if person is None else plan.grid.rows_per_person,
    )
    file_choice(workspace, state, dataset, chosen_point, seen=seen)
    return chosen_point


def file_choice(
    workspace: Workspace,
    state: AuditState,
    dataset: Dataset,
    point: OperatingPoint,
    *,
    seen: int | None = None,
) -> None:
    """Keep a choice with the data and roles it is for, as the one that counts.

    Parameters
    ----------
    seen : int, optional
        How many choices whoever chooses had seen.

    Raises
    ------
    InputError
        If another was made since; it stands then.
    """

    def add(before: tuple[OperatingPoint, ...] | None) -> tuple[OperatingPoint, ...]:
        before = before or ()
        if seen is not None and len(before) > seen:
            last = before[-1]
            raise InputError(
                f"{last.name} chose another operating point in the meantime, because "
                f"{last.reason}; nothing was saved",
                where="the operating point",
                remedy="Look at it, and choose again if yours is to stand instead",
            )
        return (*before, point)

    RecordStore(workspace, state.id).revise(CHOICES, choices_key(dataset), add)
    list_roles(workspace, state, dataset)


def choices(
    workspace: Workspace, state: AuditState, dataset: Dataset
) -> tuple[OperatingPoint, ...]:
    """All operating points that were chosen for this data, oldest first."""
    return _kept(workspace, state, choices_key(dataset))


def chosen(workspace: Workspace, state: AuditState, dataset: Dataset) -> OperatingPoint | None:
    """Return the operating point that was chosen last; None if there is none."""
    found = choices(workspace, state, dataset)
    return found[-1] if found else None


def spec_of(point: OperatingPoint, state: AuditState, seed: int = 0) -> TrainingSpec:
    """Say how an operating point is trained in earnest: with fresh noise.

    Its anonymisation is not part of training: where its k is above 1 it is trained in an audit
    whose features are generalised, see :mod:`core.governance.generalised_audit`.
    """
    grid = Grid(
        (point.setting.learner,),
        (point.setting.epsilon,),
        ((point.mitigate_for,),),
        mitigate_for=point.mitigate_for,
        delta=point.delta,
        domains=state.domains,
        person=point.person,
        rows_per_person=point.rows_per_person,
        external=None if state.training is None else state.training.external,
    )
    return training_spec(grid, RunSpec(point.setting, seed))


def is_audited(point: OperatingPoint, state: AuditState) -> bool:
    """Whether the audited model is trained as an operating point says."""
    return not point.needs_generalising and state.training == spec_of(point, state)


def choices_key(dataset: Dataset) -> str:
    """Key of the choices for a dataset."""
    return key(dataset.fingerprint, "operating points")


def list_roles(workspace: Workspace, state: AuditState, dataset: Dataset) -> None:
    """Note for which roles there are choices, so that other roles can tell of them."""
    RecordStore(workspace, state.id).revise(
        LISTED, _LISTED, lambda listed: {choices_key(dataset): dataset.roles, **(listed or {})}
    )


def choices_by_roles(
    workspace: Workspace, state: AuditState
) -> dict[str, tuple[Roles, tuple[OperatingPoint, ...]]]:
    """All choices of an audit, by the keys of the data and roles they were made for."""
    listed: dict[str, Roles] = RecordStore(workspace, state.id).load(LISTED, _LISTED) or {}
    found = {
        cache_key: (roles, _kept(workspace, state, cache_key))
        for cache_key, roles in listed.items()
    }
    return {cache_key: item for cache_key, item in found.items() if item[1]}


def _kept(workspace: Workspace, state: AuditState, cache_key: str) -> tuple[OperatingPoint, ...]:
    return RecordStore(workspace, state.id).load(CHOICES, cache_key) or ()
