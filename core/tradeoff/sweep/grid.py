"""What a sweep goes over: settings of an audit, and the seeds that each is repeated with.

A *setting* is what a person could choose: a learner, its ε, a mitigation and its strength, how
training rows are balanced, and how far features are anonymised first. A *run* is a setting with
the seed of the split and, for a private learner, the seed of its noise. Every run walks the path
of a single audit, see :mod:`core.tradeoff.sweep.evaluate`; which there are says
:mod:`core.tradeoff.sweep.runs`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from core.data.domains import Domains
from core.external_models.external_spec import ExternalSpec
from core.learning.learners import LEARNERS


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
        Of privacy noise, see :func:`core.tradeoff.sweep.runs.noise_seed_of`; None without a
        private learner, and for a run that draws it afresh.
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
    person : str or None
        Identifier column whose persons private learners hide, with all their rows; None is for
        single rows. Ordinary learners use the same rows, split the same way, or figures beside
        one another would be of other people.
    rows_per_person : int
        How many rows of each person are used at most; 1 without a person column.
    external : ExternalSpec or None
        The model made elsewhere that is asked, where that is the learner.
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
    person: str | None = None
    rows_per_person: int = 1
    # A field that came later leaves the keys of older sweeps as they are, see canonical.
    external: ExternalSpec | None = field(default=None, metadata={"absent_at_default": True})

    @property
    def given(self) -> bool:
        """Whether it goes over an existing score or a brought model, so that nothing is trained."""
        return all(LEARNERS[name].fixed for name in self.learners)

    @property
    def protected(self) -> str:
        """Whom private learners hide, in words."""
        if self.person is None:
            return "single rows"
        rows = "1 row" if self.rows_per_person == 1 else f"{self.rows_per_person} rows"
        return f"all rows of a person, by column {self.person}, at most {rows} each"


@dataclass(frozen=True)
class LeftOut:
    """A combination that can't be trained, and why; counted, so that none vanishes unseen."""

    setting: Setting
    reason: str
