"""Figures of everybody: what is read, what does not apply, what was not run, and every edge."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from core.attacks.record import Attacked
from core.audit.pipeline import run
from core.audit.result import AuditPlan, AuditResult
from core.data.assign import default_roles
from core.fairness.metrics.assessment import Figure
from core.policy.evaluate import evaluate
from core.policy.policy import Criterion
from core.policy.presets import PRESETS
from core.privacy.accounting.budget import Charge
from core.training.spec import TrainingSpec
from tests.core.policy.tables import audit_of, decisions, labelled, one
from tests.core.worlds import frame, table


@lru_cache(maxsize=1)
def modelled() -> AuditResult:
    read = table(frame(400))
    roles, _ = default_roles(read, "paid", "yes", ("sex",))
    return run(read, AuditPlan(roles, TrainingSpec("naive_bayes"), 0))


def private(epsilon: float = 1.0, delta: float = 1e-6, noise: str = "fresh") -> AuditResult:
    """The audit as if its model had been trained privately at this price."""
    result = modelled()
    assert result.trained is not None
    spec = replace(
        result.trained.spec,
        learner="dp_binned_regression",
        epsilon=epsilon,
        delta=delta,
        noise=noise,
    )
    return replace(result, trained=replace(result.trained, spec=spec, cost=(epsilon, delta)))


def epsilon(at_most: float = 1.0, **more) -> Criterion:
    return Criterion("e", "privacy", "epsilon", at_most=at_most, **more)


def judged(criterion: Criterion, result: AuditResult):
    return evaluate(one(criterion), result).results[0]


@pytest.mark.parametrize(("charged", "outcome"), [(1.0, "met"), (1.0001, "not met")])
def test_epsilon_is_judged_to_its_limit(charged: float, outcome: str) -> None:
    found = judged(epsilon(), private(charged))
    assert found.outcome == outcome
    assert found.decisive.figure.estimate == charged


def test_what_is_charged_end_to_end_counts() -> None:
    charge = Charge("training", 0.7, 1e-6, "replace-one")
    alone = replace(private(0.7), charges=(charge,))
    assert judged(epsilon(), alone).outcome == "met"
    more = replace(alone, charges=(charge, Charge("a histogram", 0.4, 0.0, "replace-one")))
    found = judged(epsilon(), more)
    assert found.outcome == "not met"
    assert found.decisive.figure.estimate == pytest.approx(1.1)
    assert "2 charges are added up" in found.sentence
    delta = Criterion("d", "privacy", "delta", at_most=1e-6)
    assert judged(delta, more).outcome == "met"
    assert judged(replace(delta, at_most=9e-7), more).outcome == "not met"


@pytest.mark.parametrize(
    "result",
    [
        modelled,
        lambda: private(noise="seeded"),
        lambda: audit_of(decisions({"f": (9, 50), "m": (9, 50)})),
    ],
    ids=["ordinary model", "seeded noise", "no model"],
)
def test_without_a_guarantee_privacy_does_not_apply_or_is_not_met(result) -> None:
    assert judged(epsilon(), result()).outcome == "not applicable"
    demanded = judged(epsilon(demands_privacy=True), result())
    assert demanded.outcome == "not met"
    assert demanded.decisive.figure.estimate is None
    assert "0" not in demanded.sentence.replace("at most 1", "")


ATTACK = Criterion("a", "privacy", "membership_advantage", at_most=0.1)


def attacked(*figures: Figure) -> AuditResult:
    memberships = tuple(SimpleNamespace(method="loss threshold", advantage=f) for f in figures)
    return replace(modelled(), attack=Attacked(memberships, ()))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("figures", "outcome"),
    [
        ((Figure(0.02, -0.05, 0.1),), "met"),
        ((Figure(0.02, -0.05, 0.11),), "not enough evidence"),
        ((Figure(0.2, 0.11, 0.3),), "not met"),
        ((Figure(0.2, 0.1, 0.3),), "not enough evidence"),
        ((Figure(0.02, -0.05, 0.08), Figure(0.2, 0.11, 0.3)), "not met"),
        # The wider of two does not hide what the narrower one surely finds.
        ((Figure(0.15, 0.12, 0.18), Figure(0.2, 0.0, 0.4)), "not met"),
        ((Figure(None, reason="no members"),), "not enough evidence"),
    ],
)
def test_the_best_attack_counts(figures: tuple[Figure, ...], outcome: str) -> None:
    assert judged(ATTACK, attacked(*figures)).outcome == outcome


def test_what_was_not_run_never_passes() -> None:
    found = evaluate(one(ATTACK), modelled())
    assert found.results[0].outcome == "not run"
    assert found.verdict == "not enough evidence"
    trust = Criterion("t", "explanation", "explanation_trust", at_least=0.0)
    assert judged(trust, modelled()).outcome == "not run"
    existing = audit_of(decisions({"f": (9, 50), "m": (9, 50)}))
    assert judged(ATTACK, existing).outcome == judged(trust, existing).outcome == "not applicable"
    assert evaluate(PRESETS["privacy"].policy, existing).verdict == "not met"


def test_trust_is_the_worst_verdict_and_only_a_whole_one() -> None:
    from core.explanation.trust.fidelity import Fidelity  # noqa: F401 (what a trust holds)
    from core.explanation.trust.record import Trust

    gained = SimpleNamespace(explainer="SHAP", gain=Figure(0.2, 0.1, 0.3))
    lost = SimpleNamespace(explainer="LIME", gain=Figure(-0.2, -0.3, -0.1))
    trust = Trust("tree", "scores", ("a",), 9, 9, 9, fidelity=(gained,), complete=True)

    def asked(level: float, found: Trust) -> str:
        criterion = Criterion("t", "explanation", "explanation_trust", at_least=level)
        return judged(criterion, replace(modelled(), trust=found)).outcome

    assert asked(2.0, trust) == "met"
    assert asked(2.0, replace(trust, notes=("LIME could not be run",))) == "not met"
    assert asked(1.0, replace(trust, notes=("LIME could not be run",))) == "met"
    assert asked(1.0, replace(trust, fidelity=(gained, lost))) == "not met"
    assert asked(0.0, replace(trust, fidelity=(gained, lost))) == "met"
    assert asked(0.0, replace(trust, complete=False)) == "not enough evidence"
    assert asked(0.0, replace(trust, fidelity=())) == "not enough evidence"


def accuracy(data: pd.DataFrame) -> tuple[float, float]:
    right = float((data["outcome"] == data["decision"]).mean())
    share = float((data["outcome"] == "yes").mean())
    return right, max(share, 1 - share)


def test_accuracy_is_held_against_the_majority() -> None:
    data = labelled({"f": (300, 60, 50, 290), "m": (310, 50, 60, 280)})
    result = audit_of(data, target="outcome")
    right, base = accuracy(data)
    criterion = Criterion("m", "performance", "accuracy_over_majority", at_least=0.0)
    found = judged(criterion, result)
    assert found.outcome == "met"
    assert found.decisive.figure.estimate == pytest.approx(right - base)
    figure = found.decisive.figure
    for at, outcome in (
        (figure.low, "met"),
        (figure.low + 1e-6, "not enough evidence"),
        (figure.high, "not enough evidence"),
        (figure.high + 1e-6, "not met"),
    ):
        assert judged(replace(criterion, at_least=at), result).outcome == outcome
    plain = judged(Criterion("m", "performance", "accuracy", at_least=0.8), result)
    assert plain.decisive.figure.estimate == pytest.approx(right)


def test_a_ranking_without_both_outcomes_lacks_evidence() -> None:
    rng = np.random.default_rng(0)
    data = pd.DataFrame(
        {
            "sex": np.repeat(["f", "m"], 100),
            "outcome": ["yes"] * 200,
            "decision": rng.choice(["yes", "no"], 200),
            "score": rng.random(200),
        }
    )
    criterion = Criterion("r", "performance", "roc_auc", at_least=0.5)
    found = judged(criterion, audit_of(data, target="outcome", score="score"))
    assert found.outcome == "not enough evidence"
    without = judged(criterion, audit_of(data, target="outcome"))
    assert without.outcome == "not applicable"
    assert "no scores were given" in without.sentence


@pytest.mark.parametrize(("limit", "outcome"), [(0.1, "met"), (0.0999, "not met")])
def test_missing_values_are_those_of_the_fullest_hole(limit: float, outcome: str) -> None:
    result = modelled()
    column = next(c for c in result.table.columns if c.name == "age")
    share = column.missing / 400
    assert share > 0
    criterion = Criterion("d", "data", "missing_share", at_most=1.0)
    assert judged(criterion, result).decisive.figure.estimate == share
    shifted = replace(criterion, at_most=share * limit / 0.1)
    found = judged(shifted, result)
    assert found.outcome == outcome
    assert "olumn 'age' lacks" in found.sentence


def test_unknown_groups_are_counted_by_attribute() -> None:
    data = decisions({"f": (200, 400), "m": (200, 400), "?": (50, 200)})
    data.loc[data["sex"] == "?", "sex"] = None
    data["age"] = np.tile(["old", "young"], 500)
    result = audit_of(data, ("sex", "age"))
    found = judged(Criterion("u", "data", "unknown_share", at_most=0.1), result)
    shares = {part.attributes: part.figure.estimate for part in found.parts}
    assert shares == {("sex",): 0.2, ("age",): 0.0, ("sex", "age"): 0.2}
    assert found.outcome == "not met"
    assert judged(Criterion("u", "data", "unknown_share", at_most=0.2), result).outcome == "met"
