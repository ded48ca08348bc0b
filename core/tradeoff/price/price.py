"""What privacy costs each group: accuracy, true positive rate and calibration lost as ε falls.

Definition
----------
The rows are split once. The learner's ordinary like is trained once and is the baseline; the
private learner is trained on the same rows at each ε with several draws of noise, next to no noise
included, and all are measured on the same test rows. What a group loses is in
:mod:`core.tradeoff.price.price_by_group`.

The calibration error is that of
:func:`core.fairness.metrics.score_quality.expected_calibration_error`. That privacy may cost small
groups more: Bagdasaryan, Poursaeed and Shmatikov 2019.

Noise is drawn from seeds, so this is a simulation: it charges nothing and guarantees nothing
(docs/decisions/0009).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from core.data.dataset import Dataset
from core.data.domains import Domains
from core.errors import InputError
from core.fairness.counts.cube import count_outcomes
from core.fairness.counts.grouping import Grouping, group_rows
from core.fairness.metrics.group_size import too_small
from core.fairness.metrics.score_quality import expected_calibration_error
from core.learning.dataset_split import split_dataset
from core.learning.learners import LEARNERS
from core.learning.split import Split, SplitSpec
from core.privacy.accounting.budget import check_epsilon
from core.training.fit import fit, predict
from core.training.spec import TrainingSpec
from core.training.training import check_spec

LABEL = (
    "A simulation: noise was drawn from seeds. It is not covered by any privacy guarantee; keep it "
    "within the team that may see the data."
)
NO_NOISE = 500.0
"""An ε with next to no noise: what is lost there is due to the kind of model, not to privacy."""
FEWEST_DRAWS = 5
SMALLEST_GROUP = 30
"""Test rows; a smaller group is too small to judge."""


@dataclass(frozen=True)
class PriceSpec:
    """What to simulate.

    Attributes
    ----------
    learner : str
        A private one.
    epsilons : tuple of float
    draws : int
        Of noise at each ε, at least :data:`FEWEST_DRAWS`.
    delta : float
    attributes : tuple of str
        Sensitive columns whose combinations are the groups.
    domains : Domains
        Declared; a simulation pays for no estimate.
    seed : int
        Of the split.
    """

    learner: str
    epsilons: tuple[float, ...]
    draws: int
    delta: float
    attributes: tuple[str, ...]
    domains: Domains
    seed: int = 0


@dataclass(frozen=True)
class PricePoint:
    """One trained model, measured group by group.

    Attributes
    ----------
    epsilon : float or None
        None for the baseline.
    draw : int
        Which noise; 0 for the baseline.
    accuracy, true_positive_rate, calibration : tuple of float or None, one for each group
        None where undefined; calibration is the expected calibration error.
    reason : str or None
        Why it could not be trained; it has no figures then.
    """

    epsilon: float | None
    draw: int
    accuracy: tuple[float | None, ...] = ()
    true_positive_rate: tuple[float | None, ...] = ()
    calibration: tuple[float | None, ...] = ()
    reason: str | None = None


@dataclass(frozen=True)
class PricedGroup:
    """A group of the test rows: its name, its rows, why it is too small to judge, and its label."""

    name: str
    count: int
    too_small: str | None
    label: str


def check_price(dataset: Dataset, spec: PriceSpec) -> None:
    """Check a spec before anything runs.

    Raises
    ------
    InputError
        Naming the option that does not fit.
    """
    learner = LEARNERS[spec.learner]
    if not learner.private or learner.baseline is None:
        raise InputError("only a private model has a price of privacy", where=repr(spec.learner))
    if not spec.epsilons:
        raise InputError("at least one epsilon is needed", where="epsilon")
    for epsilon in spec.epsilons:
        if check_epsilon(epsilon) >= NO_NOISE:
            raise InputError(
                "this is next to no noise, which is simulated in any case",
                where=f"epsilon = {epsilon:g}",
                remedy=f"Leave it out, or choose one below {NO_NOISE:g}",
            )
        training = TrainingSpec(
            spec.learner, epsilon=epsilon, delta=spec.delta, domains=spec.domains, noise="seeded"
        )
        check_spec(dataset, training)
    if spec.draws < FEWEST_DRAWS:
        raise InputError(
            f"an interval over noise needs at least {FEWEST_DRAWS} draws",
            where=f"draws = {spec.draws}",
        )
    if not spec.attributes:
        raise InputError("no sensitive column was given", where="groups")
    for name in spec.attributes:
        if name not in dataset.sensitive:
            raise InputError("this is no sensitive column", where=f"column {name!r}")


def models(spec: PriceSpec) -> list[tuple[float | None, int]]:
    """List ε and draw of every model: the baseline first, then ε from next to no noise down."""
    out: list[tuple[float | None, int]] = [(None, 0)]
    for epsilon in sorted({NO_NOISE, *spec.epsilons}, reverse=True):
        out += [(epsilon, draw) for draw in range(spec.draws)]
    return out


def price_points(
    dataset: Dataset,
    spec: PriceSpec,
    *,
    known: Callable[[float | None, int], PricePoint | None] = lambda epsilon, draw: None,
) -> Iterator[tuple[float, PricePoint]]:
    """Train every model, one after the other; stop by no longer iterating.

    Parameters
    ----------
    dataset : Dataset
    spec : PriceSpec
    known : callable
        Returns the finished point of an ε and a draw, or None if it has to be trained.

    Yields
    ------
    share : float
        Part done, in (0, 1].
    point : PricePoint
    """
    check_price(dataset, spec)
    split, grouping = _test_groups(dataset, spec)
    asked = models(spec)
    for done, (epsilon, draw) in enumerate(asked, 1):
        point = known(epsilon, draw) or _trained(dataset, spec, split, grouping, epsilon, draw)
        yield done / len(asked), point


def groups(dataset: Dataset, spec: PriceSpec) -> tuple[PricedGroup, ...]:
    """List the groups among the test rows, in the order of a point's figures."""
    split, grouping = _test_groups(dataset, spec)
    target = dataset.target[split.test]
    cube = count_outcomes(grouping, target, target, None, dataset.persons_at(split.test))
    return tuple(
        PricedGroup(
            name,
            int(cube.count[position].sum()),
            too_small(cube, position, SMALLEST_GROUP),
            cube.labels[position],
        )
        for position, name in enumerate(cube.names)
    )


def _test_groups(dataset: Dataset, spec: PriceSpec) -> tuple[Split, Grouping]:
    split, _ = split_dataset(dataset, SplitSpec(seed=spec.seed, stratified=False))
    return split, group_rows(dataset.sensitive.iloc[split.test][list(spec.attributes)])


def _trained(
    dataset: Dataset,
    spec: PriceSpec,
    split: Split,
    grouping: Grouping,
    epsilon: float | None,
    draw: int,
) -> PricePoint:
    learner = LEARNERS[spec.learner]
    if epsilon is None:
        assert learner.baseline is not None
        training = TrainingSpec(learner.baseline, seed=spec.seed, stratified=False)
    else:
        # Noise of its own for every model: draws at different ε must not share it.
        noise = np.random.SeedSequence([spec.seed, draw, round(epsilon * 1e6)])
        training = TrainingSpec(
            spec.learner,
            epsilon=epsilon,
            delta=spec.delta,
            domains=spec.domains,
            seed=spec.seed,
            noise="seeded",
            noise_seed=int(noise.generate_state(1)[0] % 2**31),
        )
    try:
        fitted = fit(dataset, training, split.train, split.validation)
    except InputError as error:
        return PricePoint(epsilon, draw, reason=str(error))
    scores, decisions = predict(dataset, training, fitted.decider, split.test)
    target = dataset.target[split.test]
    cube = count_outcomes(grouping, target, decisions)
    errors = expected_calibration_error(grouping.codes, len(grouping.groups), target, scores)
    right = cube.count[:, 0, 0] + cube.count[:, 1, 1]
    return PricePoint(
        epsilon,
        draw,
        tuple(_share(a, b) for a, b in zip(right, cube.count.sum(axis=(1, 2)), strict=True)),
        tuple(
            _share(a, b)
            for a, b in zip(cube.count[:, 1, 1], cube.count[:, 1].sum(axis=1), strict=True)
        ),
        tuple(error.estimate for error in errors),
    )


def _share(part: int, whole: int) -> float | None:
    return float(part / whole) if whole else None
