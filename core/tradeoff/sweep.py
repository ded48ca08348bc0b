"""A sweep over ε, learners and seeds: what privacy costs in performance and in fairness.

Each point walks the same path as a single audit: :func:`core.learning.training.train`, then
:func:`core.audit.assess_fairness`. Noise is drawn from seeds, so that a point can be repeated;
the whole is a simulation on the data at hand, charges no ledger and makes no promise, and says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from statistics import fmean
from typing import Any

from core.audit import assess_fairness
from core.data.dataset import Dataset
from core.errors import InputError
from core.learning.learners import LEARNERS
from core.learning.training import TrainingSpec, train
from core.privacy.budget import check_epsilon
from core.privacy.domain import Domains

LABEL = (
    "A simulation: models were trained with noise drawn from seeds. It is not covered by any "
    "privacy promise; keep it within the team that may see the data."
)


@dataclass(frozen=True)
class SweepSpec:
    """What to sweep over.

    Attributes
    ----------
    learners : tuple of str
        Private learners; each is accompanied by its baseline without privacy.
    epsilons : tuple of float
    seeds : tuple of int
        Each seeds a split and the noise.
    delta : float
    attribute : str
        Sensitive column whose equalized-odds gap is measured.
    domains : Domains or None
        Declared domains; estimated and paid for from ε if None.
    """

    learners: tuple[str, ...]
    epsilons: tuple[float, ...]
    seeds: tuple[int, ...]
    delta: float
    attribute: str
    domains: Domains | None = None


@dataclass(frozen=True)
class Point:
    """One trained model of a sweep.

    Attributes
    ----------
    learner : str
    mitigation : str
    epsilon : float or None
        None without privacy.
    seed : int
    roc_auc, accuracy, equalized_odds_difference, demographic_parity_difference : float or None
        On test rows; None where undefined.
    reason : str or None
        Why a figure is undefined or the point could not be trained.
    """

    learner: str
    mitigation: str
    epsilon: float | None
    seed: int
    roc_auc: float | None = None
    accuracy: float | None = None
    equalized_odds_difference: float | None = None
    demographic_parity_difference: float | None = None
    reason: str | None = None


def check_sweep(spec: SweepSpec) -> None:
    """Check a spec before anything runs.

    Raises
    ------
    InputError
        Naming the option that does not fit.
    """
    for what, values in (
        ("learner", spec.learners),
        ("epsilon", spec.epsilons),
        ("seed", spec.seeds),
    ):
        if not values:
            raise InputError(f"a sweep needs at least one {what}", where="sweep")
    for name in spec.learners:
        if not LEARNERS[name].private:
            raise InputError("only private learners are swept over epsilon", where=repr(name))
    for epsilon in spec.epsilons:
        check_epsilon(epsilon)


def training_specs(spec: SweepSpec) -> list[TrainingSpec]:
    """List the models of a sweep: baselines first, then ε from large to small."""
    out = []
    for seed in spec.seeds:
        for plain in dict.fromkeys(LEARNERS[name].baseline for name in spec.learners):
            if plain is not None:
                out.append(TrainingSpec(plain, seed=seed, noise="seeded", stratified=False))
    for epsilon in sorted(spec.epsilons, reverse=True):
        for seed in spec.seeds:
            for name in spec.learners:
                out.append(
                    TrainingSpec(
                        name,
                        epsilon=epsilon,
                        delta=spec.delta,
                        domains=spec.domains,
                        seed=seed,
                        noise="seeded",
                    )
                )
    return out


def sweep(
    dataset: Dataset,
    spec: SweepSpec,
    *,
    known: Callable[[TrainingSpec], Point | None] = lambda training: None,
) -> Iterator[tuple[float, TrainingSpec, Point]]:
    """Train every model of a sweep, one after the other.

    Parameters
    ----------
    dataset : Dataset
    spec : SweepSpec
    known : callable
        Returns a finished point, or None if it has to be trained.

    Yields
    ------
    share : float
        Part of the sweep done, in (0, 1].
    training : TrainingSpec
    point : Point
        A model that cannot be trained is a point with its reason; the sweep goes on.
    """
    check_sweep(spec)
    models = training_specs(spec)
    for done, training in enumerate(models, 1):
        point = known(training) or train_point(dataset, training, spec.attribute)
        yield done / len(models), training, point


def train_point(dataset: Dataset, training: TrainingSpec, attribute: str) -> Point:
    """Train and measure one model of a sweep."""
    point = Point(training.learner, training.mitigation, training.epsilon, training.seed)
    try:
        trained = train(dataset, training, with_baseline=False)
    except InputError as error:
        return replace(point, reason=str(error))
    assessment = assess_fairness(dataset, trained, [(attribute,)])[(attribute,)]
    gaps = {
        name: assessment.disparity(name).figure
        for name in ("equalized_odds_difference", "demographic_parity_difference")
    }
    area, accuracy = (trained.performance.figures[name] for name in ("roc_auc", "accuracy"))
    undefined = [f for f in (area, accuracy, *gaps.values()) if f.estimate is None and f.reason]
    return replace(
        point,
        roc_auc=area.estimate,
        accuracy=accuracy.estimate,
        equalized_odds_difference=gaps["equalized_odds_difference"].estimate,
        demographic_parity_difference=gaps["demographic_parity_difference"].estimate,
        reason="; ".join(dict.fromkeys(str(f.reason) for f in undefined)) or None,
    )


@dataclass(frozen=True)
class Summary:
    """A measure over the seeds of one learner and ε: mean, lowest and highest."""

    learner: str
    epsilon: float | None
    measure: str
    mean: float
    low: float
    high: float
    count: int


def summarise(points: list[Point], measure: str) -> list[Summary]:
    """Summarise a measure over seeds; learners in order, ε ascending, no privacy last.

    Parameters
    ----------
    points : list of Point
    measure : str
        Name of a figure of :class:`Point`.
    """
    cells: dict[tuple[str, float | None], list[float]] = {}
    for point in points:
        value = getattr(point, measure)
        if value is not None:
            cells.setdefault((point.learner, point.epsilon), []).append(value)
    return [
        Summary(learner, epsilon, measure, fmean(values), min(values), max(values), len(values))
        for (learner, epsilon), values in sorted(
            cells.items(), key=lambda cell: (cell[0][0], cell[0][1] or float("inf"))
        )
    ]


def sweep_json(points: list[Point]) -> dict[str, Any]:
    """As it stands in audit.json under ``tradeoffs``."""
    return {"label": LABEL, "points": [asdict(point) for point in points]}
