"""What a private plan is refused with tells nothing that was counted in the rows."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable
from dataclasses import replace
from types import ModuleType

import numpy as np
import pytest

from core.data import domains as domain
from core.data.assign import assign, default_roles
from core.data.dataset import Dataset
from core.data.domains import CategoryDomain, Domains, NumberDomain
from core.errors import InputError
from core.learning import builders, encoding, split
from core.learning.learners import LEARNERS
from core.mitigation import MITIGATIONS
from core.mitigation.postprocessing import private_thresholds
from core.mitigation.preprocessing import private_weights
from core.privacy.accounting import contribution
from core.privacy.accounting.budget import Budget
from core.privacy.accounting.ledger import Ledger
from core.privacy.release import axis, release, release_plan
from core.privacy.release.axis import BinAxis, CategoryAxis
from core.privacy.release.release_plan import CountsPlan, FairnessPlan, MeanPlan, QuantilePlan
from core.training import (
    compatibility,
    fit,
    option_checks,
    private_fit,
    rehearsal,
    spec_checks,
    training,
)
from core.training.spec import TrainingSpec
from core.training.training import train
from tests.core.worlds import DOMAINS, frame, table

PRIVATE = [item.name for item in LEARNERS if item.private]
BINNED = TrainingSpec("dp_binned_regression", epsilon=1.0, delta=1e-6, domains=DOMAINS)
PERSON = replace(BINNED, person="who", rows_per_person=2)


def world(rows: int, *, weighted: bool = False, rare: bool = False) -> Dataset:
    """A table of so many rows, no two of which agree in any figure but its shape."""
    data = frame(rows, seed=rows)
    data["who"] = [f"p{k % (rows // 2)}" for k in range(rows)]
    data["weight"] = np.arange(rows) % 7 + 1.0
    if rare:
        data["paid"] = "no"
        data.loc[0, "paid"] = "yes"
    read = table(data)
    roles, _ = default_roles(read, "paid", "yes", ("sex",), identifiers=("who",))
    features = tuple(name for name in roles.features if name != "weight")
    return assign(read, replace(roles, features=features, weight="weight" if weighted else None))


def without(name: str) -> Domains:
    return Domains(tuple(item for item in DOMAINS.items if item.name != name))


NOT_PRIVATE = [item.name for item in MITIGATIONS if not item.keeps_privacy]
REFUSED: dict[str, tuple[TrainingSpec, dict[str, bool]]] = {
    **{f"{n}: no epsilon": (replace(BINNED, learner=n, epsilon=None), {}) for n in PRIVATE},
    **{
        f"{n}: an outcome is absent from a part": (replace(BINNED, learner=n), {"rare": True})
        for n in PRIVATE
    },
    **{f"{n}: weights": (replace(BINNED, learner=n), {"weighted": True}) for n in PRIVATE},
    **{
        f"{m}: looks at rows": (replace(BINNED, mitigation=m), {}) for m in NOT_PRIVATE
    },
    "no delta": (replace(BINNED, delta=None), {}),
    "no delta for categories": (
        TrainingSpec("dp_naive_bayes", epsilon=1.0), {}
    ),
    "stratified": (replace(BINNED, stratified=True), {}),
    "balancing": (replace(BINNED, balancing="oversample"), {}),
    "no such strength": (replace(BINNED, strength=0.0), {}),
    "no degrees": (replace(BINNED, strength=0.5), {}),
    "another column": (
        replace(BINNED, mitigation="private_threshold", mitigate_for="income"), {}
    ),
    "groups not declared": (replace(BINNED, mitigation="private_reweighing"), {}),
    "thresholds under replace-one": (
        replace(BINNED, learner="dp_logistic_regression", mitigation="private_threshold"), {}
    ),
    "no identifier": (replace(BINNED, person="city"), {}),
    "no such rows per person": (replace(PERSON, rows_per_person=0), {}),
    "persons under replace-one": (replace(PERSON, learner="dp_logistic_regression"), {}),
    "persons: an outcome is absent": (PERSON, {"rare": True}),
    "too small an epsilon": (
        replace(BINNED, learner="dp_explainable_boosting", epsilon=1e-4), {}
    ),
    "too large an epsilon": (
        replace(BINNED, learner="dp_explainable_boosting", epsilon=1e4), {}
    ),
    "nothing but noise": (replace(BINNED, learner="dp_logistic_regression", epsilon=1e-4), {}),
    "over the cap": (replace(BINNED, epsilon=1e6), {}),
    "a column without bounds": (replace(BINNED, domains=without("age")), {}),
    "numbers declared as categories": (
        replace(
            BINNED, domains=Domains((*without("age").items, CategoryDomain("age", ("a", "b"))))
        ),
        {},
    ),
    "categories declared as numbers": (
        replace(BINNED, domains=Domains((*without("city").items, NumberDomain("city", 0.0, 1.0)))),
        {},
    ),
}  # fmt: skip


@pytest.mark.parametrize("why", REFUSED)
def test_a_refusal_is_the_same_whatever_the_rows_are(why: str) -> None:
    spec, kind = REFUSED[why]
    result = set()
    for rows in (60, 61, 78):
        data = world(rows, **kind)
        if kind.get("rare"):
            # The one row of the rare outcome trains in each of these tables.
            spec = replace(spec, seed=first_in_training(data, spec))
        with pytest.raises(InputError) as refused:
            train(data, spec, Ledger(Budget(1e5, 0.5)), with_baseline=False)
        result.add(str(refused.value))
    assert len(result) == 1


def first_in_training(data: Dataset, spec: TrainingSpec) -> int:
    content = data.content
    if spec.person is not None:
        assert data.identifiers is not None
        content = contribution.person_hashes(data.identifiers[spec.person].to_numpy(dtype=object))
    return next(seed for seed in range(99) if split.uniforms_of_hashes(content, seed)[0] < 0.6)


NUMBERS = (0.0, 1.0)
RELEASES: dict[str, Callable[[], object]] = {
    "a mean of texts": lambda: MeanPlan("city", 0, 1, 1.0),
    "a quantile of texts": lambda: QuantilePlan("city", 0, 1, 0.5, 1.0),
    "a histogram of texts as numbers": lambda: CountsPlan((BinAxis("city", NUMBERS),), 1.0),
    "bounds in the wrong order": lambda: MeanPlan("income", 2, 1, 1.0),
    "no such quantile": lambda: QuantilePlan("income", 0, 1, 1.5, 1.0),
    "no categories": lambda: CategoryAxis("city", ()),
    "a single edge": lambda: BinAxis("income", (1.0,)),
    "too many cells": lambda: CountsPlan(
        (CategoryAxis("city", tuple(map(str, range(200)))),
         CategoryAxis("sex", tuple(map(str, range(200))))), 1.0
    ),
    "no columns": lambda: CountsPlan((), 1.0),
    "too many groups": lambda: FairnessPlan(
        (CategoryAxis("city", tuple(map(str, range(4000)))),), 1.0
    ),
    "no epsilon": lambda: MeanPlan("income", 0, 1, 0.0),
}  # fmt: skip


@pytest.mark.parametrize("why", RELEASES)
def test_a_refused_release_is_the_same_whatever_the_rows_are(why: str) -> None:
    result = set()
    for rows in (60, 61):
        with pytest.raises(InputError) as refused:
            release.release(RELEASES[why](), frame(rows, seed=rows), Ledger(Budget(1e5)))  # type: ignore[arg-type]
        result.add(str(refused.value))
    assert len(result) == 1


def test_an_ordinary_plan_is_told_the_counts() -> None:
    data = world(60, rare=True)
    with pytest.raises(InputError, match=r"of \d+ rows 0 are positive"):
        train(data, TrainingSpec("logistic_regression"))


REACHED_BY_PRIVATE_PLANS: tuple[ModuleType, ...] = (
    builders, compatibility, encoding, fit, option_checks, private_fit, rehearsal, spec_checks,
    split, training, private_thresholds, private_weights, axis, contribution, domain, release,
    release_plan,
)  # fmt: skip
ORDINARY_PLANS_ONLY = {
    # Values of such a size, and weights, are refused to ordinary learners alone.
    ("core.training.spec_checks", "largest"),
    ("core.training.training", "len(rows)"),
}
TYPED = {
    # What a person typed, or a limit of ours.
    "low", "high", "size", "MOST_CELLS", "bins", "rows", "self.share", "spec.strength",
    "SMALLEST_EPSILON", "LARGEST_EPSILON", "LARGEST", "epsilon", "build.delta", "spec.seed",
    "item.low", "item.high", "learner.most_rows", "external.threshold",
}  # fmt: skip


def counted(module: ModuleType) -> set[tuple[str, str]]:
    """What the refusals of a module write into their texts that looks like a figure."""
    found = set()
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if not (isinstance(node, ast.Call) and ast.unparse(node.func) == "InputError"):
            continue
        for part in ast.walk(node):
            if isinstance(part, ast.FormattedValue):
                written = ast.unparse(part.value)
                spec = "" if part.format_spec is None else ast.unparse(part.format_spec)
                numeric = any(mark in spec for mark in (",", "g", "%", "d", ".")) or any(
                    word in written for word in ("len(", "sum(", ".count", "positives")
                )
                if numeric and written not in TYPED:
                    found.add((module.__name__, written))
    return found


def test_no_refusal_on_the_way_of_a_private_plan_writes_a_count() -> None:
    found = set().union(*(counted(module) for module in REACHED_BY_PRIVATE_PLANS))
    assert found <= ORDINARY_PLANS_ONLY


def test_weights_and_large_values_are_no_matter_of_private_plans() -> None:
    data = world(60)
    large = data.features.copy()
    large.loc[3, "income"] = 1e35
    result = replace(data, features=large)
    with pytest.raises(InputError, match="size 1e"):
        train(result, TrainingSpec("logistic_regression"))
    assert train(result, BINNED, Ledger(Budget(1.0, 1e-6))).baseline is None
