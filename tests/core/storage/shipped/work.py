"""What was asked of the shipped workspace: asked again, all of it must be found on disk.

Specs are written out here as they were asked, since a result is found by the key of its spec.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from core.attacks.lira import LiraSpec
from core.audit_state import audit_ledger, audit_models
from core.audit_state import state as audits
from core.audit_state.results import attack_results as attacks
from core.audit_state.results import model_results as curves
from core.audit_state.results.comparison_results import ComparisonPlan, load_or_compare
from core.audit_state.results.model_results import (
    load_or_explain_globally,
    load_or_explain_person,
    load_or_find_counterfactuals,
    load_or_find_recourse,
    load_or_measure_trust,
    load_or_refit,
)
from core.audit_state.results.release_results import release_and_store
from core.audit_state.results.simulation_results import load_or_price
from core.audit_state.results.simulation_results import load_or_simulate as compare_local
from core.audit_state.state import AuditState
from core.audit_state.sweep_plan import SweepPlan
from core.comparison.cross_validation.folds import FoldSpec
from core.data.assign import assign, default_roles
from core.data.dataset import Dataset
from core.data.domains import CategoryDomain, Domains, NumberDomain
from core.explanation.counterfactual.actionability import default_spec
from core.explanation.counterfactual.recourse import RecourseSpec
from core.governance.stored_sweeps import run_stored_sweep
from core.learning.learners import LEARNERS
from core.privacy.accounting.budget import Budget
from core.privacy.local_dp.records import even_plan
from core.privacy.release.axis import CategoryAxis
from core.privacy.release.release_plan import CountsPlan, FairnessPlan, MeanPlan, QuantilePlan
from core.storage.workspace import Workspace
from core.tradeoff.price.noise_at_source import LocalSpec
from core.tradeoff.price.price import PriceSpec
from core.tradeoff.sweep.basis import Basis
from core.tradeoff.sweep.grid import Grid
from core.training.spec import TrainingSpec
from core.training.trained import Trained
from tests.core.worlds import frame

FEATURES = Domains(
    (
        NumberDomain("income", 0.0, 10.0),
        NumberDomain("age", 0.0, 100.0),
        CategoryDomain("city", ("north", "south", "east")),
    )
)
DOMAINS = Domains((*FEATURES.items, CategoryDomain("sex", ("f", "m"))))
PRIVATE = tuple(name for name in LEARNERS.names() if LEARNERS[name].private)
ORDINARY = tuple(name for name in LEARNERS.names() if not LEARNERS[name].private)


def paid(learner: str, **changes: Any) -> TrainingSpec:
    """A model that privacy was spent on."""
    record: dict[str, Any] = {"epsilon": 2.0, "delta": 1e-6, "domains": FEATURES}
    return TrainingSpec(learner, **(record | changes))


PAID = (
    *(paid(name) for name in PRIVATE),
    paid("dp_logistic_regression", domains=None, epsilon=60.0),
    paid("dp_naive_bayes", mitigation="private_threshold"),
    paid("dp_random_forest", mitigation="private_group_thresholds", domains=DOMAINS),
    paid("dp_binned_regression", mitigation="private_reweighing", domains=DOMAINS),
)
FREE = (
    *(TrainingSpec(name) for name in ORDINARY),
    TrainingSpec("logistic_regression", mitigation="threshold_optimizer"),
    TrainingSpec("decision_tree", mitigation="reweighing"),
)
AUDITED = paid("dp_binned_regression")
INTERRUPTED = paid("dp_naive_bayes", seed=3)
"""Drawn, and not delivered: the process that trained it died between the two."""
RELEASES = (
    FairnessPlan((CategoryAxis("sex", ("f", "m")),), 1.0),
    CountsPlan((CategoryAxis("city", ("north", "south", "east")),), 0.5),
    MeanPlan("income", 0.0, 10.0, 0.5),
    QuantilePlan("age", 0.0, 100.0, 0.5, 0.5),
)
SWEEP = SweepPlan(
    Grid(
        ("logistic_regression", "dp_binned_regression"),
        (None, 1.0),
        (("sex",),),
        split_seeds=(0,),
        noise_seeds=(0, 1),
    ),
    Basis("spend"),
)
PRICE = PriceSpec("dp_logistic_regression", (1.0,), 5, 1e-6, ("sex",), FEATURES)
LOCAL = LocalSpec(
    even_plan(FEATURES, ("income", "city"), 4.0),
    "logistic_regression",
    "dp_logistic_regression",
    1e-6,
    FEATURES,
    (0, 1),
)
COMPARISON = ComparisonPlan(
    ("A", "B"),
    (TrainingSpec("logistic_regression"), TrainingSpec("naive_bayes")),
    FoldSpec(2, 1),
    ("sex",),
)


def begin(workspace: Workspace) -> tuple[AuditState, Dataset]:
    """Begin the audit that the workspace holds."""
    text = io.StringIO()
    frame(300).to_csv(text, index=False)
    state = audits.begin_bytes(workspace, text.getvalue().encode(), "world.csv")
    roles, _ = default_roles(audits.read_table(workspace, state), "paid", "yes", ("sex",))
    state = audits.save(workspace, replace(state, roles=roles, domains=DOMAINS))
    state = audit_ledger.set_budget(workspace, state, Budget(200.0, 1e-3), DOMAINS)
    return state, rows_of(workspace, state)


def rows_of(workspace: Workspace, state: AuditState) -> Dataset:
    """Read the rows with their roles."""
    assert state.roles is not None
    return assign(audits.read_table(workspace, state), state.roles)


def name_of(spec: TrainingSpec) -> str:
    """A name of a spec that a person can read."""
    return ", ".join(
        (spec.learner, spec.mitigation, "declared" if spec.domains else "estimated", str(spec.seed))
    )


def model(workspace: Workspace, state: AuditState, dataset: Dataset, spec: TrainingSpec) -> Trained:
    """Return a model, trained if it is not on disk."""
    return audit_models.load_or_train(workspace, state, dataset, spec)


def results(workspace: Workspace, state: AuditState, dataset: Dataset) -> Iterator[tuple[str, Any]]:
    """Ask for every result that the workspace holds, by a name."""
    here = workspace, state, dataset
    table = audits.read_table(workspace, state)
    trained = model(*here, AUDITED)
    boosted = model(*here, paid("dp_explainable_boosting"))
    for plan in RELEASES:
        yield plan.what, release_and_store(workspace, state, plan, table, dataset, trained)
    yield "sweep", last(run_stored_sweep(*here, SWEEP)).points
    yield "comparison", last(load_or_compare(*here, COMPARISON))
    yield "prices", [point for _, point in load_or_price(*here, PRICE)]
    yield "local", last(compare_local(*here, LOCAL))
    yield "explanation", last(load_or_explain_globally(*here, trained))
    yield "person", load_or_explain_person(*here, trained, 2)
    yield "trust", last(load_or_measure_trust(*here, trained))
    yield "attack", last(attacks.load_or_attack(*here, trained))
    yield "shadow models", last(attacks.load_or_run_lira(*here, trained, LiraSpec(16)))
    yield "planted", last(attacks.load_or_plant(*here, trained))
    yield "attribute", last(attacks.load_or_attack_attribute(*here, trained, "sex"))
    columns = ("city", "sex", "age")
    yield (
        "singling out",
        last(attacks.load_or_single_out(*here, table.frame, columns, 3)),
    )
    yield "effect curve", last(curves.load_or_compute_curve(*here, trained, "income"))
    yield "effect curve of categories", last(curves.load_or_compute_curve(*here, trained, "city"))
    yield "importance", last(curves.load_or_compute_importance(*here, trained, "sex"))
    yield "tree", curves.load_or_fit_tree(*here, trained, 3)
    yield "proxies", last(curves.load_or_find_proxies(*here))
    yield "noise of shapes", last(curves.load_or_compute_noise(*here, trained))
    yield "noise of boosted shapes", last(curves.load_or_compute_noise(*here, boosted))
    yield "refits", last(load_or_refit(*here, trained, 3))
    rules = default_spec(dataset)
    yield "counterfactuals", load_or_find_counterfactuals(*here, trained, 2, rules)
    recourse = load_or_find_recourse(*here, trained, RecourseSpec("sex", rules, 4))
    yield "recourse", last(recourse)


def last(steps: Iterator[Any]) -> Any:
    """Return what the last of some steps found."""
    *_, found = steps
    return found[-1] if isinstance(found, tuple) else found
