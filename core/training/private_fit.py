"""What a private fit spends, and the bills that are charged for it before it is trained."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from core.data.domains import Domains
from core.data.roles.merged_groups import MergedGroups
from core.learning.builders import LearnerConfiguration
from core.learning.learners import LEARNERS, Learner
from core.mitigation import MITIGATIONS, NoisyCounting, TrainingData
from core.privacy.accounting.charge import Neighbouring
from core.privacy.accounting.contribution import describe_unit, row_budget
from core.privacy.accounting.exact import exact, rounded_down
from core.privacy.accounting.noise_key import NoiseKey, NoiseSeed
from core.privacy.mechanisms.domain_estimate import SHARE_OF_EPSILON, estimate_domains
from core.privacy.mechanisms.noise import source_of
from core.storage.canonical import key
from core.training.compatibility import declared_groups

if TYPE_CHECKING:
    from core.data.dataset import Dataset
    from core.training.spec import TrainingSpec

SHARE_OF_COUNTS = 0.05
"""Part of ε that pays for counts of the rows that train the model, where a mitigation needs them.

Counts of validation rows come beside it: those are other rows, see
:mod:`core.mitigation.postprocessing.private_thresholds`.
"""


@dataclass(frozen=True)
class PrivacyCost:
    """What a private fit spends on its training rows, for one row.

    Attributes
    ----------
    epsilon_bounds, delta_bounds : float
        On bounds and categories.
    epsilon_counts : float
        On counts of training rows that a mitigation needs.
    epsilon, delta : float
        On the model.
    asked : tuple of float
        ε and δ that were to be spent in all, for the person or row that is hidden.
    rows : int
        Rows of a person that is hidden; 1 where the unit is a row.
    """

    epsilon_bounds: float
    delta_bounds: float
    epsilon_counts: float
    epsilon: float
    delta: float
    asked: tuple[float, float]
    rows: int = 1

    @property
    def of_a_row(self) -> tuple[float, float]:
        """ε and δ of the whole for one row."""
        epsilon = self.epsilon_bounds + self.epsilon_counts + self.epsilon
        return epsilon, self.delta_bounds + self.delta

    @property
    def total(self) -> tuple[float, float]:
        """ε and δ of the whole, which is what is charged and guaranteed.

        All of ε is spent, and all of δ or none, so that they are what was asked to the last digit
        and no sum of parts.
        """
        return self.asked[0], self.asked[1] if self.of_a_row[1] else 0.0


def cost_of(dataset: Dataset, learner: Learner, spec: TrainingSpec) -> PrivacyCost:
    """Divide what a spec may spend between bounds, counts and the model."""
    assert spec.epsilon is not None
    rows = 1 if spec.person is None else spec.rows_per_person
    asked = spec.epsilon, spec.delta or 0.0
    epsilon, delta = row_budget(*asked, rows)
    counts = SHARE_OF_COUNTS * epsilon if MITIGATIONS[spec.mitigation].counts == "training" else 0.0
    if spec.domains is not None:
        fit = delta if learner.needs_delta else 0.0
        return PrivacyCost(0.0, 0.0, counts, epsilon - counts, fit, asked, rows)
    bounds = SHARE_OF_EPSILON * epsilon
    for_categories = delta if dataset.categories else 0.0
    if learner.needs_delta and dataset.categories:
        for_categories = delta / 2
    fit = delta - for_categories if learner.needs_delta else 0.0
    return PrivacyCost(bounds, for_categories, counts, epsilon - bounds - counts, fit, asked, rows)


def plan_of(dataset: Dataset, spec: TrainingSpec, number: int = 0) -> str:
    """Name a private fit by all its result follows from.

    Parameters
    ----------
    dataset : Dataset
    spec : TrainingSpec
    number : int
        Tells apart fits of one spec that are each charged.
    """
    return key(dataset.fingerprint, ("private fit", spec, number))


@dataclass(frozen=True)
class Bill:
    """What is charged for a private fit, as a ledger takes it."""

    what: str
    epsilon: float
    delta: float
    neighbouring: Neighbouring
    unit: str


def bill_of(dataset: Dataset, spec: TrainingSpec) -> Bill:
    """Make out the bill of a private fit, all of it: bounds, counts and the model."""
    learner = LEARNERS[spec.learner]
    assert learner.neighbouring is not None
    cost = cost_of(dataset, learner, spec)
    epsilon, delta = cost.total
    unit = "row" if spec.person is None else describe_unit(spec.person, cost.rows)
    return Bill(_what(learner, spec), epsilon, delta, learner.neighbouring, unit)


def bills_of(dataset: Dataset, spec: TrainingSpec, number: int = 0) -> tuple[tuple[str, Bill], ...]:
    """Make out what is charged one after the other, each with the name of what it pays for.

    Bounds that are estimated have a bill of their own, before that of counts and model: where they
    tell nothing, the second is never charged. Together they are :func:`bill_of` to the last digit,
    or less by a rounding.
    """
    plan, whole = plan_of(dataset, spec, number), bill_of(dataset, spec)
    if spec.domains is not None:
        return ((plan, whole),)
    cost = cost_of(dataset, LEARNERS[spec.learner], spec)
    bounds = replace(
        whole,
        what=f"bounds and categories for {whole.what}",
        epsilon=SHARE_OF_EPSILON * whole.epsilon,
        # Of δ bounds have none, half or all, and so they do for a person of several rows: what
        # they come to for such a one grows with their own ε alone, which is less than the whole.
        delta=whole.delta * (cost.delta_bounds / cost.of_a_row[1]) if cost.delta_bounds else 0.0,
    )
    rest = replace(
        whole,
        epsilon=rounded_down(exact(whole.epsilon) - exact(bounds.epsilon)),
        delta=rounded_down(exact(whole.delta) - exact(bounds.delta)),
    )
    return ((key(dataset.fingerprint, ("private bounds", spec, number)), bounds), (plan, rest))


def build_and_counting(
    dataset: Dataset,
    learner: Learner,
    spec: TrainingSpec,
    part: TrainingData,
    domains: Domains | None = None,
    noise_key: NoiseKey | None = None,
) -> tuple[LearnerConfiguration, NoisyCounting | None]:
    """Make what a private learner is built from, and what its mitigation counts with.

    Parameters
    ----------
    dataset : Dataset
    learner : Learner
    spec : TrainingSpec
    part : TrainingData
        Training rows, from which domains are estimated where none are known.
    domains : Domains, optional
        Known from an earlier fit of the spec.
    noise_key : NoiseKey, optional
        Of noise that is drawn afresh and paid for.

    Returns
    -------
    build : LearnerConfiguration
    counting : NoisyCounting or None
        None where the mitigation counts nothing.
    """
    assert learner.neighbouring is not None
    cost = cost_of(dataset, learner, spec)
    seed: NoiseSeed = noise_key if spec.noise == "fresh" else spec.seed_of_noise
    domains = domains or spec.domains or estimated(dataset, spec, part, seed)
    build = LearnerConfiguration(spec.seed, cost.epsilon, cost.delta, domains, seed)
    column = spec.mitigate_for or dataset.roles.sensitive[0]
    return build, _counting(spec, cost, column, dataset.roles.merged_groups, seed)


def estimated(dataset: Dataset, spec: TrainingSpec, part: TrainingData, seed: NoiseSeed) -> Domains:
    """Estimate the domains of a spec's features from training rows, for its share of ε and δ."""
    learner = LEARNERS[spec.learner]
    assert learner.neighbouring is not None
    cost = cost_of(dataset, learner, spec)
    return estimate_domains(
        part.X,
        epsilon=cost.epsilon_bounds,
        # Without categories there is nothing that a delta would be spent on.
        delta=cost.delta_bounds or 1e-300,
        neighbouring=learner.neighbouring,
        source=source_of(seed, "domains"),
    )


def _counting(
    spec: TrainingSpec, cost: PrivacyCost, column: str, merged_groups: MergedGroups, seed: NoiseSeed
) -> NoisyCounting | None:
    """Return what the mitigation of a spec may count with; None if it counts nothing.

    Counts of validation rows have the whole ε that training rows have, since no row is in both.
    """
    mitigation = MITIGATIONS[spec.mitigation]
    if not mitigation.counts:
        return None
    return NoisyCounting(
        cost.epsilon_counts if mitigation.counts == "training" else cost.of_a_row[0],
        source_of(seed, "counts"),
        declared_groups(spec.domains, column, merged_groups) if mitigation.declared_groups else (),
    )


def _what(learner: Learner, spec: TrainingSpec) -> str:
    mitigation = MITIGATIONS[spec.mitigation]
    before = after = ""
    if mitigation.counts == "training":
        before = f"{mitigation.name} from noisy counts of training rows, then "
    elif mitigation.counts == "validation":
        after = f", and {mitigation.name} from noisy counts of validation rows (disjoint, no more)"
    return f"{before}training {learner.name}{after}"
