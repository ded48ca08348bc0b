"""What a sweep goes over: settings of an audit, and the seeds that each is repeated with.

A *setting* is what a person could choose: a learner, its ε, a mitigation and its strength, how
training rows are balanced, and how far features are anonymised first. A *run* is a setting with
the seed of the split and, for a private learner, the seed of its noise. Every run walks the path
of a single audit, see :mod:`core.tradeoff.sweep.evaluate`.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

from core.errors import InputError
from core.fairness.mitigation import MITIGATIONS
from core.learning.balancing import BALANCINGS
from core.learning.learners import LEARNERS
from core.learning.spec_checks import check_spec
from core.learning.training import TrainingSpec
from core.privacy.budget import check_delta, check_epsilon
from core.privacy.domain import Domains

if TYPE_CHECKING:
    from core.data.dataset import Dataset

MOST_COMBINATIONS = 10_000
"""Each is checked by itself, which takes a third of a millisecond."""
MOST_RUNS = 100_000
"""Beyond so many runs a grid is taken for a slip."""


@dataclass(frozen=True)
class Setting:
    """What a person could choose for an audit.

    Attributes
    ----------
    learner : str
        Registered name.
    epsilon : float or None
        Of a private learner; None without privacy, which is ε = ∞.
    mitigation : str
        Registered name.
    strength : float
        Of the mitigation, in (0, 1]; 1 is in full.
    balancing : str
        Registered name, of :data:`core.learning.balancing.BALANCINGS`.
    k : int
        Of the k-anonymity that features are generalised to before the split; 1 leaves them.
    """

    learner: str
    epsilon: float | None = None
    mitigation: str = "none"
    strength: float = 1.0
    balancing: str = "none"
    k: int = 1


@dataclass(frozen=True)
class RunSpec:
    """A setting and its seeds.

    Attributes
    ----------
    setting : Setting
    split_seed : int
        Of the split and of every random choice but privacy noise.
    noise_seed : int or None
        Of privacy noise, see :func:`noise_seed_of`; None without a private learner, and for a run
        that draws it afresh.
    repeat : int
        Tells runs with fresh noise on one split apart.
    """

    setting: Setting
    split_seed: int = 0
    noise_seed: int | None = None
    repeat: int = 0


@dataclass(frozen=True)
class Grid:
    """A sweep: every combination of these that can be trained.

    Attributes
    ----------
    learners : tuple of str
        Private and ordinary ones. A private learner goes over ``epsilons``, an ordinary one is
        there once if None is among them.
    epsilons : tuple of (float or None)
        None is ε = ∞: no privacy.
    attributes : tuple of tuple of str
        Combinations of sensitive columns whose groups are compared; the first one is the main one.
    mitigations : tuple of (str, float)
        Registered names and strengths in (0, 1].
    mitigate_for : str or None
        Sensitive column that mitigations look at; None is the first column of the first
        combination.
    balancings : tuple of str
    ks : tuple of int
        Of k-anonymity, 1 or more; 1 leaves features as they are.
    quasi : tuple of str
        Features that are generalised where k is above 1.
    split_seeds, noise_seeds : tuple of int
    delta : float
        Of private learners that need one.
    domains : Domains or None
        Declared domains; None is estimated and paid for from ε.
    """

    learners: tuple[str, ...]
    epsilons: tuple[float | None, ...]
    attributes: tuple[tuple[str, ...], ...]
    mitigations: tuple[tuple[str, float], ...] = (("none", 1.0),)
    mitigate_for: str | None = None
    balancings: tuple[str, ...] = ("none",)
    ks: tuple[int, ...] = (1,)
    quasi: tuple[str, ...] = ()
    split_seeds: tuple[int, ...] = (0, 1)
    noise_seeds: tuple[int, ...] = (0, 1, 2)
    delta: float = 1e-6
    domains: Domains | None = None


@dataclass(frozen=True)
class LeftOut:
    """A combination that can't be trained, and why; counted, so that none vanishes unseen."""

    setting: Setting
    reason: str


def check_grid(dataset: Dataset, grid: Grid) -> None:
    """Check a grid before anything runs.

    Raises
    ------
    InputError
        Naming the part that does not fit.
    """
    for what, values in (
        ("learner", grid.learners),
        ("epsilon, or no privacy (∞)", grid.epsilons),
        ("combination of sensitive columns", grid.attributes),
        ("mitigation", grid.mitigations),
        ("balancing", grid.balancings),
        ("k", grid.ks),
        ("split seed", grid.split_seeds),
        ("noise seed", grid.noise_seeds),
    ):
        if not values:
            raise InputError(f"a sweep needs at least one {what}", where="sweep")
        if len(set(values)) < len(values):
            raise InputError(f"a {what} is named twice", where="sweep")
    for name in grid.learners:
        LEARNERS[name]
    for name in grid.balancings:
        BALANCINGS[name]
    for name, strength in grid.mitigations:
        MITIGATIONS[name]
        if not 0 < strength <= 1:
            raise InputError(
                "a strength lies above 0 and is at most 1", where=f"{name}, strength {strength:g}"
            )
    for epsilon in grid.epsilons:
        if epsilon is not None:
            check_epsilon(epsilon)
    check_delta(grid.delta)
    _check_columns(dataset, grid)
    for seed in (*grid.split_seeds, *grid.noise_seeds):
        if not 0 <= seed < 2**32:
            raise InputError("a seed must be from 0 to 4294967295", where=f"seed {seed}")


def _check_columns(dataset: Dataset, grid: Grid) -> None:
    known = dataset.roles.sensitive
    named = [name for combination in grid.attributes for name in combination]
    if grid.mitigate_for is not None:
        named.append(grid.mitigate_for)
    for name in named:
        if name not in known:
            raise InputError(
                "it isn't a sensitive column",
                where=f"column {name!r}",
                remedy=f"Choose among: {', '.join(known)}",
            )
    for k in grid.ks:
        if not 1 <= k <= len(dataset):
            raise InputError(
                f"k must be from 1 to the number of rows, {len(dataset):,}", where=f"k = {k}"
            )
    if max(grid.ks) > 1 and not grid.quasi:
        raise InputError(
            "no column is named that is to be generalised",
            where=f"k = {max(grid.ks)}",
            remedy="Name quasi-identifiers, or leave anonymisation out",
        )
    for name in grid.quasi:
        if name not in dataset.features.columns:
            raise InputError(
                "it isn't a feature of the model, so generalising it changes nothing",
                where=f"column {name!r}",
                remedy=f"Choose among: {', '.join(map(str, dataset.features.columns))}",
            )


def settings(dataset: Dataset, grid: Grid) -> tuple[tuple[Setting, ...], tuple[LeftOut, ...]]:
    """List the settings of a grid, and the combinations that are left out with their reasons.

    Without privacy first, then ε from large to small, so that the cheap and sure end comes first.

    Raises
    ------
    InputError
        As :func:`check_grid`, and if no combination can be trained.
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
            "no combination can be trained" + (f": {left[0].reason}" if left else ""),
            where="sweep",
            remedy="An ordinary learner needs ∞ among the values of ε, a private one a number",
        )
    return tuple(kept), tuple(left)


def why_not(dataset: Dataset, grid: Grid, setting: Setting) -> str | None:
    """Say why a setting can't be trained; None if it can."""
    if setting.k > 1 and LEARNERS[setting.learner].private:
        return (
            "anonymisation looks at all rows without noise, so the promise of a private learner "
            "would no longer hold"
        )
    try:
        check_spec(dataset, training_spec(grid, RunSpec(setting)))
    except InputError as error:
        return str(error)
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


def noise_seed_of(run: RunSpec) -> int | None:
    """Seed from which a run's privacy noise is drawn; None for fresh noise, or none.

    One noise seed stands for other noise at each split, learner and ε: equal draws would move all
    of them together, and a mean over splits would seem surer than it is. Mitigations and their
    strengths share the noise, since they begin from one model.
    """
    if run.noise_seed is None:
        return None
    told = f"{run.noise_seed} {run.split_seed} {run.setting.learner} {run.setting.epsilon!r}"
    return int.from_bytes(hashlib.sha256(told.encode()).digest()[:4], "big")


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
        # Estimating categories takes a δ too, see core.learning.private_fit.
        grid.delta if learner.private and (learner.needs_delta or grid.domains is None) else None,
        grid.domains if learner.private else None,
        run.split_seed,
        noise="fresh" if fresh else "seeded",
        # Ordinary learners are split like private ones, or their rows would differ.
        stratified=None if learner.private else False,
        strength=run.setting.strength,
        balancing=run.setting.balancing,
        noise_seed=noise_seed_of(run),
    )
