"""Made-up populations of two attributes, sampled again and again, and judged by a policy.

Sex and age are drawn independently, half and half; labels are positive with a share of 0.4 whatever
the group. A gap is planted between the sexes alone, in the rate of positive decisions among
positive and negative labels alike, so that the gap in selection rate, in true and in false positive
rate is the same. Samples are drawn as counts, which is all that such criteria are judged by.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import lru_cache
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pandas as pd

from core.attacks.figures import advantage
from core.audit.pipeline import run
from core.audit.result import AuditPlan, AuditResult
from core.data.frames import table_of
from core.data.roles.roles import Roles
from core.fairness.counts.cube import OutcomeCube, build_cube
from core.policy.evaluate import evaluate
from core.policy.policy import Policy
from core.training.spec import TrainingSpec
from tests.core.policy.tables import audit_of

POSITIVE = 0.4


@lru_cache(maxsize=1)
def _template() -> AuditResult:
    rng = np.random.default_rng(0)
    data = pd.DataFrame(
        {
            "sex": np.repeat(["f", "m"], 100),
            "age": np.tile(["old", "young"], 100),
            "outcome": rng.choice(["yes", "no"], 200),
            "decision": rng.choice(["yes", "no"], 200),
        }
    )
    return audit_of(data, ("sex", "age"), target="outcome")


def sampled(
    rng: np.random.Generator, rates: tuple[float, float], size: int, *, second: bool = True
) -> AuditResult:
    """Sample people of each sex, with a rate of positive decisions for women and for men.

    Parameters
    ----------
    rates : tuple of float
    size : int
        People of each sex.
    second : bool
        Whether age is a sensitive attribute too.
    """
    count = np.zeros((4, 2, 2), dtype=np.int64)
    for sex, rate in enumerate(rates):
        label = np.array([1 - POSITIVE, POSITIVE])
        chance = np.outer(label, [1 - rate, rate]).ravel() / 2
        count[2 * sex : 2 * sex + 2] = rng.multinomial(size, np.tile(chance, 2)).reshape(2, 2, 2)
    groups = (("f", "old"), ("f", "young"), ("m", "old"), ("m", "young"))
    weight = count.astype(np.float64)
    cube = OutcomeCube(("sex", "age"), groups, count, weight, weight.copy())
    result = _template()
    combinations = [("sex",), ("age",), ("sex", "age")] if second else [("sex",)]
    assessments = {
        attributes: replace(result.assessments[attributes], cube=cube.marginal(attributes))
        for attributes in combinations
    }
    return replace(result, assessments=assessments)


def equal_groups(rng: np.random.Generator, rows: int, threshold: float) -> AuditResult:
    """Sample rows with labels, scores and decisions, in which nothing depends on sex or age."""
    label = rng.random(rows) < POSITIVE
    scores = np.clip(rng.normal(0.4 + 0.2 * label, 0.2), 0, 1)
    sensitive = pd.DataFrame(
        {"sex": rng.choice(["f", "m"], rows), "age": rng.choice(["old", "young"], rows)}
    )
    result = _template()
    dataset = replace(
        result.dataset,
        outcome=label,
        predictions=scores > threshold,
        scores=scores,
        sensitive=sensitive,
    )
    cube = build_cube(label, scores > threshold, sensitive)
    assessments = {
        attributes: replace(found, cube=cube.marginal(attributes))
        for attributes, found in result.assessments.items()
    }
    return replace(result, dataset=dataset, assessments=assessments)


@lru_cache(maxsize=1)
def _with_model() -> AuditResult:
    data = pd.DataFrame({"sex": ["f", "m"] * 50, "x": range(100), "outcome": ["yes", "no"] * 50})
    roles = Roles("outcome", "yes", ("sex",), features=("x",))
    return run(table_of(data), AuditPlan(roles, TrainingSpec("logistic_regression")))


def attacked(rng: np.random.Generator, gap: float, size: int) -> AuditResult:
    """Attack a model whose members are found more often than others by a true advantage.

    Parameters
    ----------
    gap : float
        The advantage: true less false positive rate.
    size : int
        Members, and as many others.
    """
    member = np.repeat([True, False], size)
    guessed = rng.random(2 * size) < np.where(member, (1 + gap) / 2, (1 - gap) / 2)
    found = SimpleNamespace(method="loss threshold", advantage=advantage(member, guessed))
    return replace(_with_model(), attack=cast(Any, SimpleNamespace(memberships=(found,))))


def fairness_only(policy: Policy) -> Policy:
    """The criteria of a policy that compare groups."""
    kept = tuple(c for c in policy.criteria if c.definition.compares is not None)
    return replace(policy, criteria=kept)


def verdicts(
    policy: Policy,
    rates: tuple[float, float],
    size: int,
    samples: int,
    *,
    seed: int = 0,
    second: bool = True,
) -> Counter[str]:
    """Count the verdicts of a policy over samples of one population."""
    rng = np.random.default_rng(seed)
    judged = fairness_only(policy)
    return Counter(
        evaluate(judged, sampled(rng, rates, size, second=second)).verdict for _ in range(samples)
    )
