"""Which runs a grid makes, what of it is left out and why, and how each run is trained."""

from __future__ import annotations

import hashlib
import math
from itertools import product
from typing import TYPE_CHECKING

from core.errors import InputError
from core.learning.balancing import BALANCINGS
from core.learning.learners import LEARNERS
from core.mitigation import MITIGATIONS
from core.tradeoff.sweep.grid import Grid, LeftOut, RunSpec, Setting
from core.tradeoff.sweep.grid_checks import check_grid
from core.training.spec import TrainingSpec
from core.training.spec_checks import check_spec

if TYPE_CHECKING:
    from core.data.dataset import Dataset

MOST_COMBINATIONS = 10_000
"""Each is checked by itself, which takes a third of a millisecond."""
MOST_RUNS = 100_000
"""Beyond so many runs a grid is taken for a slip."""


def settings(dataset: Dataset, grid: Grid) -> tuple[tuple[Setting, ...], tuple[LeftOut, ...]]:
    """List the settings of a grid, and the combinations that are left out with their reasons.

    Without privacy first, then ε from large to small, so that the cheap and sure end comes first.

    Raises
    ------
    InputError
        As :func:`core.tradeoff.sweep.grid_checks.check_grid`, and if no combination can be trained.
    """
    check_grid(dataset, grid)
    sizes = grid.learners, grid.epsilons, grid.mitigations, grid.balancings, grid.ks
    combinations = math.prod(map(len, sizes))
    if combinations > MOST_COMBINATIONS:
        raise InputError(
            f"these are {combinations:,} combinations, more than {MOST_COMBINATIONS:,}",
            where="sweep",
            remedy="Choose fewer values",
        )
    kept: list[Setting] = []
    left: list[LeftOut] = []
    finite = sorted((e for e in grid.epsilons if e is not None), reverse=True)
    order: list[float | None] = ([None] if None in grid.epsilons else []) + list(finite)
    for epsilon, name, (mitigation, strength), balancing, k in product(
        order, grid.learners, grid.mitigations, grid.balancings, grid.ks
    ):
        if LEARNERS[name].private == (epsilon is None):
            continue  # an ordinary learner has no ε, a private one no "without": no combination
        setting = Setting(name, epsilon, mitigation, strength, balancing, k)
        reason = why_not(dataset, grid, setting)
        if reason is None:
            kept.append(setting)
        else:
            left.append(LeftOut(setting, reason))
    if not kept:
        raise InputError(
            "no combination can be tried" + (f": {left[0].reason.rstrip('.')}" if left else ""),
            where="sweep",
            remedy="An existing score takes no model and no number as ε"
            if dataset.roles.audits_existing_predictions
            else "A model made elsewhere takes mitigations after training, and no number as ε"
            if grid.external is not None
            else "An ordinary model needs ∞ among the values of ε, a private one a number",
        )
    return tuple(kept), tuple(left)


def why_not(dataset: Dataset, grid: Grid, setting: Setting) -> str | None:
    """Say why a setting can't be trained; None if it can."""
    if setting.k > 1 and LEARNERS[setting.learner].private:
        return (
            "anonymisation looks at all rows without noise, so the guarantee of a private model "
            "would no longer hold"
        )
    try:
        check_spec(dataset, training_spec(grid, RunSpec(setting)))
    except InputError as error:
        return str(error)
    return _why_no_weights(dataset, setting)


def _why_no_weights(dataset: Dataset, setting: Setting) -> str | None:
    """Say which row weights the setting's mitigation can't keep; None if there are none."""
    mitigation = MITIGATIONS[setting.mitigation]
    if mitigation.takes_weights:
        return None
    start = f"mitigation {mitigation.name!r}: it can't keep row weights"
    if BALANCINGS[setting.balancing].weighs:
        return f"{start}, and the balancing {setting.balancing!r} gives rows weights."
    if dataset.weights is not None:
        return f"{start}, and the column {dataset.roles.weight!r} holds weights."
    return None


def runs(
    dataset: Dataset, grid: Grid, *, fresh: bool = False
) -> tuple[tuple[RunSpec, ...], tuple[LeftOut, ...]]:
    """List the runs of a grid, split by split, and what is left out.

    Runs that share a trained model, since they differ in what comes after training, follow one
    another.

    Parameters
    ----------
    dataset : Dataset
    grid : Grid
    fresh : bool
        Whether noise is drawn afresh and not from the noise seeds, of which then only the number
        counts.
    """
    kept, left = settings(dataset, grid)
    found = []
    for split_seed, setting in product(grid.split_seeds, kept):
        if not LEARNERS[setting.learner].private:
            found.append(RunSpec(setting, split_seed))
        elif fresh:
            found += [RunSpec(setting, split_seed, None, n) for n in range(len(grid.noise_seeds))]
        else:
            found += [RunSpec(setting, split_seed, seed) for seed in grid.noise_seeds]
    if len(found) > MOST_RUNS:
        raise InputError(
            f"these are {len(found):,} runs, more than {MOST_RUNS:,}",
            where="sweep",
            remedy="Choose fewer values or seeds",
        )
    found.sort(key=lambda run: (run.setting.epsilon is not None, -(run.setting.epsilon or 0.0)))
    return tuple(found), left


def rows_used(dataset: Dataset, grid: Grid) -> int:
    """Count the rows that a sweep uses: all, or so many of each person at most."""
    if grid.person is None or dataset.identifiers is None:
        return len(dataset)
    of_each = dataset.identifiers[grid.person].value_counts()
    return int(of_each.clip(upper=grid.rows_per_person).sum())


def noise_seed_of(run: RunSpec) -> int | None:
    """Seed from which a run's privacy noise is drawn; None for fresh noise, or none.

    One noise seed stands for other noise at each split, learner and ε: equal draws would move all
    of them together, and a mean over splits would seem surer than it is. Mitigations and their
    strengths share the noise, since they begin from one model.
    """
    if run.noise_seed is None:
        return None
    text = f"{run.noise_seed} {run.split_seed} {run.setting.learner} {run.setting.epsilon!r}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big")


def training_spec(grid: Grid, run: RunSpec) -> TrainingSpec:
    """Say how a run is trained: as a single audit would be."""
    learner = LEARNERS[run.setting.learner]
    fresh = learner.private and run.noise_seed is None
    return TrainingSpec(
        learner.name,
        run.setting.mitigation,
        # Without a mitigation it changes nothing, and would name one run in two ways.
        None if run.setting.mitigation == "none" else grid.mitigate_for or grid.attributes[0][0],
        run.setting.epsilon,
        # Estimating categories takes a δ too, see core.training.private_fit.
        grid.delta if learner.private and (learner.needs_delta or grid.domains is None) else None,
        grid.domains if learner.private else None,
        run.split_seed,
        noise="fresh" if fresh else "seeded",
        # Ordinary learners are split like private ones, or their rows would differ. Beside an
        # existing score there are none, and a lot by each row's values would put all people of one
        # score into one part.
        stratified=None if learner.private or (learner.fixed and grid.person is None) else False,
        external=grid.external if learner.external else None,
        person=grid.person,
        rows_per_person=grid.rows_per_person,
        strength=run.setting.strength,
        balancing=run.setting.balancing,
        noise_seed=noise_seed_of(run),
    )
