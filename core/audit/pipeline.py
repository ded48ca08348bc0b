"""The one path of an audit: table → dataset → trained → assessed → explained → findings.

The browser, the command line and the sweep all call these functions; nothing is computed in a
page. :func:`audit_steps` walks the whole path and yields after each step, so that a caller can
show progress and stop by no longer iterating.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import replace

import numpy as np
from threadpoolctl import threadpool_limits

from core.audit.bias_audit import check_bias_audit
from core.audit.checks import check_all, findings_of
from core.audit.decided_rows import decided_rows
from core.audit.result import Assessments, AuditPlan, AuditResult, Step
from core.audit.what_if import answer_what_if, check_what_if
from core.data.assign import assign
from core.data.dataset import Dataset
from core.data.table import Table
from core.errors import InputError
from core.explanation.attribution.explain import (
    GlobalExplanation,
    PersonExplanation,
    explain_globally,
    explain_person,
    spread_by_score,
)
from core.explanation.counterfactual.actionability import default_spec
from core.explanation.counterfactual.counterfactual import CounterfactualFinder, Counterfactuals
from core.explanation.likely_decision import group_column
from core.explanation.person.scenario import Scenario
from core.fairness.assessment.assess import assess_attributes
from core.fairness.disparities.impact_standing import check_references
from core.fairness.metrics.impact_spec import DEFAULT, ImpactSpec
from core.learning.performance import Performance, measure
from core.privacy.accounting.ledger import Ledger
from core.training.external_fit import external_fit
from core.training.trained import Trained
from core.training.training import train


def check_plan(plan: AuditPlan) -> None:
    """Check that a plan either trains a model or audits existing predictions, and whom it explains.

    Raises
    ------
    InputError
        If it does both or neither, or the people to explain are no whole number of 0 or more.
    """
    whole = isinstance(plan.explain, int | np.integer) and not isinstance(plan.explain, bool)
    if not whole or plan.explain < 0:
        raise InputError("it must be a whole number, 0 or more", where=f"explain {plan.explain!r}")
    existing = plan.roles.audits_existing_predictions
    if existing and plan.training is not None:
        raise InputError(
            "existing predictions are audited as they are, so no model can be trained on them",
            where=f"model {plan.training.learner!r}",
            remedy="Leave the model out, or leave the prediction and score columns out",
        )
    if existing and plan.what_if is not None:
        raise InputError(
            "existing predictions are audited as they are, so there is no model to ask",
            where=f"what-if for row {plan.what_if.row}",
            remedy="Leave it out, or leave the prediction and score columns out",
        )
    if not existing and plan.training is None:
        raise InputError(
            "there is neither a model to train nor a column of existing predictions",
            where="plan",
            remedy="Choose a model, or name a prediction or score column",
        )


def assess_fairness(
    dataset: Dataset,
    trained: Trained | None,
    combinations: list[tuple[str, ...]] | None = None,
    impact: ImpactSpec = DEFAULT,
) -> Assessments:
    """Assess decisions: on the test rows of a trained model, or on all existing predictions.

    Parameters
    ----------
    dataset : Dataset
    trained : Trained or None
    combinations : list of tuple of str, optional
        Combinations of sensitive columns; each alone and all together by default.
    impact : ImpactSpec
        How impact ratios and the four-fifths rule compare groups.

    Raises
    ------
    InputError
        If a group is named as reference that no combination has.
    """
    rows = decided_rows(dataset, trained)
    found = assess_attributes(
        rows.target,
        rows.decisions,
        rows.sensitive,
        scores=rows.scores,
        weights=rows.weights,
        persons=rows.persons,
        combinations=combinations,
        positive_is_favourable=dataset.roles.positive_is_favourable,
        impact=impact,
    )
    if combinations is None:
        check_references(found.values(), compared=False)
    called = dataset.decision_labels.positive
    return {attributes: replace(each, decision=called) for attributes, each in found.items()}


def measure_performance(dataset: Dataset, trained: Trained | None) -> Performance:
    """Measure performance on test rows of a trained model, or on all existing predictions."""
    if trained is not None:
        return trained.performance
    assert dataset.predictions is not None
    return measure(
        dataset.outcome,
        dataset.predictions,
        dataset.scores,
        dataset.weights,
        "all rows",
        dataset.persons,
    )


def audit_steps(
    table: Table,
    plan: AuditPlan,
    *,
    ledger: Ledger | None = None,
    caveats: tuple[str, ...] = (),
) -> Generator[Step, None, AuditResult]:
    """Walk the whole path.

    Parameters
    ----------
    table : Table
    plan : AuditPlan
    ledger : Ledger, optional
        Charged by a private learner.
    caveats : tuple of str
        What is known to be doubtful of the data, to be repeated in the findings.

    Raises
    ------
    InputError
        If the plan does not fit the table.
    """
    check_plan(plan)
    yield Step(0.0, "Assigning roles")
    dataset = assign(table, plan.roles)
    if plan.bias_audit is not None:
        check_bias_audit(dataset, plan.bias_audit)
    trained = None
    if plan.what_if is not None and plan.training is not None:
        check_what_if(dataset, plan.training, plan.what_if)
    if plan.training is not None:
        external = plan.training.external
        yield Step(
            0.05,
            f"Asking {external.name}" if external else f"Training {plan.training.learner}",
        )
        trained = train(dataset, plan.training, ledger)
    yield Step(0.5, "Measuring fairness")
    assessments = assess_fairness(dataset, trained, impact=plan.impact)
    check_references(assessments.values())
    performance = measure_performance(dataset, trained)
    explained: GlobalExplanation | None = None
    people: list[PersonExplanation] = []
    changes: list[Counterfactuals] = []
    if trained is not None and plan.explain > 0:
        yield Step(0.6, "Explaining the model")
        for share, so_far in explain_globally(dataset, trained):
            explained = so_far
            yield Step(0.6 + 0.25 * share, "Explaining the model")
        chosen = spread_by_score(trained, plan.explain)
        finder = CounterfactualFinder(trained, dataset, default_spec(dataset), trained.spec.seed)
        groups = dataset.sensitive[group_column(trained, plan.roles.sensitive)]
        for done, position in enumerate(chosen, 1):
            row = int(trained.split.test[position])
            # On a busy machine threads that wait for each other take many times as long.
            with threadpool_limits(limits=1):
                people.append(explain_person(dataset, trained, position))
            changes.append(finder.find(dataset.features.iloc[[row]], str(groups.iloc[row])))
            yield Step(0.85 + 0.13 * done / len(chosen), f"Explained {done} of {len(chosen)}")
    scenarios: tuple[Scenario, ...] = ()
    if trained is not None and plan.what_if is not None:
        scenarios = (answer_what_if(dataset, trained, plan.what_if),)
    yield Step(0.98, "Collecting findings")
    result = AuditResult(
        plan,
        table,
        dataset,
        trained,
        performance,
        assessments,
        explained,
        tuple(people),
        ledger.charges if ledger else (),
        ledger.budget if ledger else None,
        (),
        changes=tuple(changes),
        caveats=caveats,
        external=external_fit(table, dataset, trained, plan.decided_by),
        scenarios=scenarios,
    )
    return with_findings(result)


def with_findings(result: AuditResult) -> AuditResult:
    """Carry out every check on a result and attach what came of it, most severe first."""
    checks = check_all(result)
    return replace(result, checks=checks, findings=findings_of(checks))


def run(
    table: Table,
    plan: AuditPlan,
    *,
    ledger: Ledger | None = None,
    caveats: tuple[str, ...] = (),
    progress: Callable[[Step], None] = lambda step: None,
) -> AuditResult:
    """Walk the whole path at once; parameters and errors are those of :func:`audit_steps`."""
    steps = audit_steps(table, plan, ledger=ledger, caveats=caveats)
    while True:
        try:
            progress(next(steps))
        except StopIteration as end:
            result: AuditResult = end.value
            return result
