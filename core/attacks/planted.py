"""The one-run audit with planted canaries: odd rows with surprising labels, in a fresh fit.

A fit made for the audit, with noise drawn from a seed: it is a simulation of the whole plan at the
claimed ε, costs no budget, and what it shows is no release. Canaries lie anywhere within the
declared domains, mostly where no one is, and have the label that a model without them finds
unlikely, so that a model which learned from one gives itself away. A coin includes a canary or
leaves it out; where the guarantee is for replacing a row, a coin chooses its label instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Protocol

import numpy as np
import pandas as pd

from core.arrays import Flags, Floats, Objects
from core.attacks.one_run import OneRun, judge
from core.attacks.people import confidence
from core.data.dataset import Dataset
from core.data.domains import Domains, NumberDomain
from core.data.table import MISSING
from core.errors import InputError
from core.learning.learners import LEARNERS, LearnerConfiguration
from core.mitigation import Decider, TrainingData
from core.privacy.accounting.budget import Neighbouring
from core.training.fit import fit, part_of
from core.training.private_fit import cost_of
from core.training.spec import TrainingSpec
from core.training.trained import Trained

CANARIES = 200
BASE_ROWS = 1000
"""Training rows beside the canaries: with more, a canary is lost among them."""


class Fits(Protocol):
    """What is fitted to rows and scores others."""

    def fit(self, X: pd.DataFrame, positive: Flags) -> None:
        """Fit to raw features, shape (n, p)."""
        ...

    def predict_score(self, X: pd.DataFrame) -> Floats:
        """Score in [0, 1], shape (n,)."""
        ...


Make = Callable[[], Fits]


def audit_planted(
    dataset: Dataset,
    trained: Trained,
    *,
    canaries: int = CANARIES,
    base_rows: int = BASE_ROWS,
    seed: int = 0,
) -> Iterator[tuple[float, OneRun | None]]:
    """Audit the learner of a private model by planted canaries.

    Parameters
    ----------
    dataset : Dataset
    trained : Trained
        Of a private learner; the plan is fitted whole, at its own ε and δ for a row.
    canaries, base_rows : int
        At least 1 and 2.
    seed : int
        Of canaries, coins and noise.

    Yields
    ------
    tuple of (float, OneRun or None)
        Share done in (0, 1], and the result at the end.

    Raises
    ------
    InputError
        If the model is not private: there is no guarantee to audit.
    """
    learner = LEARNERS[trained.spec.learner]
    if learner.neighbouring is None or trained.cost is None or trained.domains is None:
        raise InputError("it gives no privacy guarantee to audit", where=learner.title)
    rng = np.random.default_rng([seed, 0xCA9A])
    rows = rng.permutation(trained.split.train)[:base_rows]
    base = dataset.features.iloc[rows].reset_index(drop=True)
    spec = replace(trained.spec, seed=seed, noise="seeded", noise_seed=seed)
    groups = part_of(dataset, spec, rows).groups
    validation = part_of(dataset, spec, trained.split.validation)
    plain = learner.baseline or "logistic_regression"
    yield from plant(
        base,
        dataset.target[rows],
        odd_rows(trained.domains, list(base.columns), canaries, rng),
        make=lambda: _Plan(dataset, spec, groups, validation),
        reference=lambda: LEARNERS[plain].build(LearnerConfiguration(seed)),
        neighbouring=learner.neighbouring,
        claimed=cost_of(dataset, learner, spec).of_a_row,
        seed=seed,
    )


class _Plan:
    """The whole plan as a model: its estimate of domains, noisy counts and learner."""

    def __init__(
        self, dataset: Dataset, spec: TrainingSpec, groups: Objects, validation: TrainingData
    ):
        self.dataset, self.spec, self.validation = dataset, spec, validation
        self.groups = groups
        self.decider: Decider | None = None

    def fit(self, X: pd.DataFrame, positive: Flags) -> None:
        """Fit the plan; the first rows are of the groups, and canaries, which follow, of none."""
        groups = np.full(len(X), "", dtype=object)
        groups[: len(self.groups)] = self.groups
        train = TrainingData(X, positive, groups)
        self.decider = fit(self.dataset, self.spec, train, self.validation).decider

    def predict_score(self, X: pd.DataFrame) -> Floats:
        """Score of the decider, shape (n,)."""
        assert self.decider is not None
        return self.decider.predict_score(X)


def plant(
    base: pd.DataFrame,
    positive: Flags,
    odd: pd.DataFrame,
    *,
    make: Make,
    reference: Make,
    neighbouring: Neighbouring,
    claimed: tuple[float, float],
    seed: int = 0,
) -> Iterator[tuple[float, OneRun | None]]:
    """Toss coins, fit with the canaries that they include, and guess the coins.

    Parameters
    ----------
    base : DataFrame, shape (n, p)
        Rows that are in every fit.
    positive : ndarray of bool, shape (n,)
    odd : DataFrame, shape (m, p)
        Canaries.
    make, reference : callable
        An untrained model to audit, and one without noise that learns what is likely without
        canaries.
    neighbouring : {"replace-one", "add-or-remove"}
    claimed : tuple of (float, float)
        ε and δ.
    seed : int
        Of the coins.

    Yields
    ------
    tuple of (float, OneRun or None)
    """
    plain = reference()
    plain.fit(base, positive)
    before = plain.predict_score(odd)
    surprising = before < 0.5
    yield 0.2, None
    coins = np.random.default_rng([seed, 0xC015]).random(len(odd)) < 0.5
    if neighbouring == "add-or-remove":
        chosen, labels = odd[coins], surprising[coins]
        what = "planted rows with surprising labels; a coin adds or removes one"
    else:
        chosen, labels = odd, np.where(coins, surprising, ~surprising)
        what = "planted rows; a coin replaces one by its twin with the other label"
    model = make()
    model.fit(pd.concat([base, chosen], ignore_index=True), np.concatenate([positive, labels]))
    yield 0.9, None
    # What the reference knows already is taken off, so that likely rows are not taken for seen.
    gained: Floats = confidence(model.predict_score(odd), surprising) - confidence(
        before, surprising
    )
    yield (
        1.0,
        judge(gained, coins, claimed=claimed, delta=claimed[1], what=what, simulated=True,
              seed=seed),
    )  # fmt: skip


def odd_rows(
    domains: Domains, columns: list[str], count: int, rng: np.random.Generator
) -> pd.DataFrame:
    """Draw rows evenly over declared domains: numbers at both ends as often as between.

    Parameters
    ----------
    domains : Domains
        Of all columns.
    columns : list of str
        In the order of the features.
    count : int
    rng : Generator

    Returns
    -------
    DataFrame, shape (count, p)
    """
    out: dict[str, pd.Series] = {}
    for item in domains.items:
        if isinstance(item, NumberDomain):
            position = rng.choice(3, count)
            inside = rng.uniform(item.low, item.high, count)
            values = np.where(position == 0, item.low, np.where(position == 1, item.high, inside))
            out[item.name] = pd.Series(values)
        else:
            known = np.array(item.categories or (MISSING,), dtype=object)
            out[item.name] = pd.Series(rng.choice(known, count), dtype=object)
    return pd.DataFrame({name: out[name] for name in columns})
