"""What is trained, and how: the specification of a model."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from core.data.domains import Domains
from core.external_models.external_spec import ExternalSpec
from core.learning.learners import LEARNERS

ABSENT_AT_DEFAULT = {"absent_at_default": True}


Noise = Literal["none", "fresh", "seeded"]


@dataclass(frozen=True)
class TrainingSpec:
    """How to train.

    Attributes
    ----------
    learner, mitigation : str
        Registered names.
    mitigate_for : str or None
        The sensitive column a mitigation looks at, the first one if None.
    epsilon, delta : float or None
        Of a private learner; None for an ordinary one.
    domains : Domains or None
        Declared domains. None with a private learner: estimated, paid from ε.
    seed : int
        Of the split and of every random choice but privacy noise.
    noise : {"fresh", "seeded"}
        "seeded" repeats privacy noise: a simulation, whose guarantee is void.
    stratified : bool or None
        How rows are split, see :class:`core.learning.split.SplitSpec`; None is stratified for an
        ordinary learner only. A sweep splits its baselines as it splits private learners.
    person : str or None
        Identifier column whose persons a private learner's guarantee is for; None is for rows. An
        ordinary learner takes it with ``stratified=False`` only, as a baseline on the same rows.
    rows_per_person : int
        How many rows of each person are kept at most.
    strength : float
        Of the mitigation, in (0, 1]; 1 is in full. Only where the mitigation has degrees.
    balancing : str
        Registered name, of :data:`core.learning.balancing.BALANCINGS`.
    noise_seed : int or None
        Of seeded privacy noise; None is ``seed``.
    external : ExternalSpec or None
        The model made elsewhere that is asked instead of one trained here.
    """

    learner: str
    mitigation: str = "none"
    mitigate_for: str | None = None
    epsilon: float | None = None
    delta: float | None = None
    domains: Domains | None = None
    seed: int = 0
    noise: Literal["fresh", "seeded"] = "fresh"
    stratified: bool | None = None
    person: str | None = None
    rows_per_person: int = 1
    # A field that came later leaves the keys of older results as they are, see canonical.
    strength: float = field(default=1.0, metadata=ABSENT_AT_DEFAULT)
    balancing: str = field(default="none", metadata=ABSENT_AT_DEFAULT)
    noise_seed: int | None = field(default=None, metadata=ABSENT_AT_DEFAULT)
    external: ExternalSpec | None = field(default=None, metadata=ABSENT_AT_DEFAULT)

    @property
    def is_stratified(self) -> bool:
        """Whether each part of the split gets the same share of positives."""
        return not LEARNERS[self.learner].private if self.stratified is None else self.stratified

    @property
    def seed_of_noise(self) -> int | None:
        """What repeats privacy noise; None where it is drawn afresh."""
        if self.noise == "fresh":
            return None
        return self.seed if self.noise_seed is None else self.noise_seed


def baseline_of(spec: TrainingSpec, learner: str) -> TrainingSpec:
    """Return the spec of an ordinary learner on the rows that a private one of a spec uses."""
    return TrainingSpec(
        learner,
        seed=spec.seed,
        stratified=spec.is_stratified,
        person=spec.person,
        rows_per_person=spec.rows_per_person,
    )
