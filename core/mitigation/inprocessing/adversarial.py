"""Adversarial debiasing in numpy: a predictor whose scores an adversary cannot read groups from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import expit, softmax

from core.arrays import Flags, Floats, Objects
from core.learning.encoding import OneHot
from core.mitigation.registry import MITIGATIONS, Decider, Mitigation, MitigationContext


@dataclass(frozen=True)
class AdversarySpec:
    """How the two are trained.

    Attributes
    ----------
    strength : float
        α, the weight of the adversary's loss in the predictor's step.
    share : float
        s, in [0, 1], the part of what the adversary changes in that step; 0 trains a plain model.
    steps, warm_up : int
        Steps in all, and how many of them the predictor first learns alone.
    batch : int
        Rows in a step.
    rate, adversary_rate : float
        Step sizes of Adam.
    """

    strength: float = 1.0
    share: float = 1.0
    steps: int = 3000
    warm_up: int = 600
    batch: int = 512
    rate: float = 0.05
    adversary_rate: float = 0.05


class _Adam:
    """Kingma and Ba 2015, with their constants."""

    def __init__(self, size: int, rate: float):
        self.rate, self.steps = rate, 0
        self.mean, self.square = np.zeros(size), np.zeros(size)

    def step(self, gradient: Floats) -> Floats:
        """Change of the parameters, shape (size,)."""
        self.steps += 1
        self.mean = 0.9 * self.mean + 0.1 * gradient
        self.square = 0.999 * self.square + 0.001 * gradient**2
        mean = self.mean / (1 - 0.9**self.steps)
        square = self.square / (1 - 0.999**self.steps)
        out: Floats = -self.rate * mean / (np.sqrt(square) + 1e-8)
        return out


def adversary_inputs(logits: Floats, positive: Flags) -> Floats:
    """Make what the adversary sees: the score apart by outcome, and the outcome, shape (n, 4).

    Zhang, Lemoine and Mitchell 2018, section 4, give it s, s·y and s·(1 - y), of which the first
    is the sum of the others; here s is the logit, which does not saturate.
    """
    label = positive.astype(np.float64)
    return np.column_stack([logits * label, logits * (1 - label), label, np.ones(len(logits))])


def train_adversarially(
    encoded: Floats,
    positive: Flags,
    groups: Objects,
    weights: Floats | None = None,
    *,
    seed: int,
    spec: AdversarySpec | None = None,
) -> tuple[Floats, Floats]:
    """Train a logistic predictor against a logistic adversary.

    The predictor's step is ∇L_P − proj(∇L_P onto ∇L_A) − α ∇L_A: it never helps the adversary, and
    works against it (Zhang, Lemoine and Mitchell 2018, "Mitigating unwanted biases with
    adversarial learning", equation 1). With a share s below 1 it is ∇L_P − s (proj + α ∇L_A),
    which comes to rest where ∇L_P = s α / (1 - s) ∇L_A, that is where L_P is traded for L_A at
    that price: nothing for s towards 0, and without limit in full. The adversary counts groups
    alike within each outcome, so that for a score without a trace of the group it does no better
    than chance.

    Parameters
    ----------
    encoded : ndarray of float, shape (n, m)
        Without missing values.
    positive : ndarray of bool, shape (n,)
    groups : ndarray of str, shape (n,)
    weights : ndarray of float, shape (n,), optional
    seed : int
    spec : AdversarySpec, optional

    Returns
    -------
    coefficients : ndarray of float, shape (m + 1,)
        The intercept last.
    adversary : ndarray of float, shape (4, g)
        Of the adversary at the end, over its inputs and the sorted groups.
    """
    spec = spec or AdversarySpec()
    rng = np.random.default_rng(seed)
    weight = np.ones(len(encoded)) if weights is None else weights / weights.mean()
    names, code = np.unique(groups.astype(str), return_inverse=True)
    one_hot = np.eye(len(names))[code]
    balance = weight.copy()
    for k in range(len(names)):
        for label in (False, True):
            cell = (code == k) & (positive == label)
            if balance[cell].any():
                balance[cell] /= balance[cell].sum()
    balance *= len(encoded) / balance.sum()
    design = np.column_stack([encoded, np.ones(len(encoded))])
    coefficients = np.zeros(design.shape[1])
    adversary = np.zeros((4, len(names)))
    own = _Adam(coefficients.size, spec.rate)
    other = _Adam(adversary.size, spec.adversary_rate)
    order = rng.permutation(len(design))
    for step in range(spec.steps):
        # Smaller steps towards the end let the two settle.
        own.rate = spec.rate / np.sqrt(1 + step / 100)
        if len(order) < min(spec.batch, len(design)):
            order = rng.permutation(len(design))
        rows, order = order[: spec.batch], order[spec.batch :]
        x, y = design[rows], positive[rows]
        logits = x @ coefficients
        gradient = x.T @ (weight[rows] * (expit(logits) - y)) / len(rows)
        seen = adversary_inputs(logits, y)
        missed = balance[rows, None] * (softmax(seen @ adversary, axis=1) - one_hot[rows])
        missed /= len(rows)
        if step >= spec.warm_up:
            slope = np.where(y, missed @ adversary[0], missed @ adversary[1])
            against = x.T @ slope
            length = np.linalg.norm(against)
            if length > 1e-12:
                unit = against / length
                taken = (gradient @ unit) * unit
                gradient = gradient - spec.share * taken - spec.share * spec.strength * against
        coefficients = coefficients + own.step(gradient)
        adversary = adversary + other.step((seen.T @ missed).ravel()).reshape(adversary.shape)
    return coefficients, adversary


class AdversarialDecider:
    """A logistic model of encoded columns; positive at a score of at least 0.5."""

    def __init__(self, encoder: OneHot, coefficients: Floats):
        self.encoder = encoder
        self.coefficients = coefficients

    def predict_score(self, X: pd.DataFrame) -> Floats:
        """Score of the model, shape (n,)."""
        logits = self.encoder.transform(X) @ self.coefficients[:-1] + self.coefficients[-1]
        out: Floats = expit(logits)
        return out

    def predict(self, X: pd.DataFrame, groups: Objects) -> Flags:
        """Positive where the score reaches 0.5, shape (n,)."""
        return self.predict_score(X) >= 0.5


def _adversarial(task: MitigationContext) -> Decider:
    part = task.train
    encoder = OneHot()
    encoder.fit(part.X)
    coefficients, _ = train_adversarially(
        encoder.transform(part.X),
        part.positive,
        part.groups,
        part.weights,
        seed=task.seed,
        spec=AdversarySpec(share=task.strength),
    )
    return AdversarialDecider(encoder, coefficients)


MITIGATIONS.add(
    Mitigation(
        "adversarial_debiasing",
        "Adversarial debiasing (logistic regression)",
        "Trains a logistic regression of its own against an adversary that tries to tell the group "
        "from score and outcome; no other model can be chosen with it.",
        "during",
        _adversarial,
        source="Zhang, Lemoine and Mitchell 2018",
        assumes="Recorded outcomes are right in every group, and what a linear adversary cannot "
        "see in the scores does no harm.",
        aim="equalized_odds_difference",
        degrees="At half strength the adversary changes each step of the training half as much.",
        replaces_learner="logistic_regression",
    )
)
