"""The functions of ``import equipoise`` that audit and compare."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from core.audit.pipeline import run
from core.audit.result import AuditPlan
from core.data.frames import table_of
from core.data.roles.assign import assign
from core.errors import InputError
from core.fairness.assessment.assess import fairness_json
from core.privacy.accounting.budget import Budget
from core.privacy.accounting.pending import delivered
from core.reporting.audit_comparison import compare_audits
from core.reporting.audit_json import audit_json
from core.training.private_fit import plan_of
from equipoise._columns import Columns, label, roles_of
from equipoise._estimator import NOT_YET, SEEN, predicted
from equipoise._result import AuditResult, ComparisonResult, FairnessResult
from equipoise._training import Training, ledger_of, spec_of


def audit(
    data: pd.DataFrame,
    *,
    positive_label: object,
    sensitive: str | Sequence[str],
    target: str | None = None,
    positive_is_favourable: bool = True,
    prediction: str | None = None,
    score: str | None = None,
    threshold: float | None = None,
    estimator: object | None = None,
    features: Sequence[str] | None = None,
    identifier: str | Sequence[str] = (),
    weight: str | None = None,
    edges: Mapping[str, Sequence[float]] | None = None,
    merge_groups: Mapping[str, Mapping[str, Sequence[str]]] | None = None,
    learner: str | None = None,
    mitigation: str = "none",
    epsilon: float | None = None,
    delta: float = 1e-6,
    bounds: Mapping[str, Sequence[object]] | None = None,
    cap: Budget | None = None,
    reason: str = "",
    seed: int = 0,
    explain: int = 3,
    caveats: Sequence[str] = (),
    name: str = "DataFrame",
) -> AuditResult:
    """Audit decisions, a fitted classifier, or a model that is trained here.

    What is audited follows from what is named: decisions or scores in columns (``prediction``,
    ``score``), a classifier that was fitted elsewhere (``estimator``), or else a model that
    Equipoise trains to predict ``target``, and judges on rows that it never saw.

    Parameters
    ----------
    data : DataFrame
        One row for each decision. It is not changed.
    positive_label : object
        The label counted as positive; all others together are negative.
    sensitive : str or sequence of str
        Columns by which treatment is compared.
    target : str, optional
        Column of true outcomes. Without it what needs the truth is not defined and says so.
    positive_is_favourable : bool
        Whether the positive decision is what a person hopes for.
    prediction, score : str, optional
        Columns of existing decisions, and of scores that are larger for more likely positive.
    threshold : float, optional
        With ``score`` alone: the decision is ``score >= threshold``.
    estimator : object, optional
        A fitted classifier with ``predict`` and ``predict_proba`` as in scikit-learn. Its decisions
        and scores on these rows are audited. It is not explained, attacked or mitigated yet; the
        result's ``limits`` say so. Give rows that it was not fitted on.
    features : sequence of str, optional
        Columns that a model sees: all usable ones that are not sensitive, or those that the
        estimator was fitted on.
    identifier : str or sequence of str
        Columns that name a person: intervals then count persons, not rows.
    weight : str, optional
        Column of row weights.
    edges : mapping of str to sequence of float, optional
        Inner edges of a numeric sensitive column's groups.
    merge_groups : mapping, optional
        By sensitive column and new group, the values counted together:
        ``{"race": {"Other": ["Asian", "Native American"]}}``.
    learner : str, optional
        One of :func:`equipoise.learners`; logistic regression by default.
    mitigation : str
        One of :func:`equipoise.mitigations`, aimed at the first sensitive column.
    epsilon, delta : float
        Of a private learner. They are charged to the ledger of this data set in the workspace
        (EQUIPOISE_WORKSPACE), which the pages and the command line charge too.
    bounds : mapping of str to sequence, optional
        Public bounds, ``[low, high]`` or a list of categories, by column, for a private learner.
        Without them they are estimated, paid for with a tenth of ε.
    cap : Budget, optional
        What all audits of this data set may spend together; this run's ε and δ by default.
    reason : str
        Why the cap is raised, where something was spent before.
    seed : int
    explain : int
        How many people of a model trained here are explained.
    caveats : sequence of str
        What is known to be doubtful of the data; each becomes a finding.
    name : str
        By which the report calls the data.

    Raises
    ------
    InputError
        If anything given can't be used: the message says what, where, and what to do.

    Examples
    --------
    Decisions in a column, with true outcomes beside them:

    >>> import equipoise, pandas as pd
    >>> loans = pd.DataFrame({
    ...     "sex": ["f", "m"] * 100,
    ...     "repaid": [1, 1, 1, 0] * 50,
    ...     "granted": [1, 1, 0, 1] * 50,
    ... })
    >>> result = equipoise.audit(
    ...     loans, target="repaid", prediction="granted", positive_label=1, sensitive="sex"
    ... )
    >>> rates = result.to_frame().query("metric == 'selection_rate'").set_index("group")
    >>> rates["estimate"].to_dict()
    {'everyone': 0.75, 'f': 0.5, 'm': 1.0}
    >>> result.findings[0].code
    'FAIR-01'

    A classifier that was fitted elsewhere:

    >>> from sklearn.linear_model import LogisticRegression
    >>> people = pd.DataFrame({"sex": ["f", "m"] * 100, "income": range(200)})
    >>> people["repaid"] = (people["income"] > 80).astype(int)
    >>> model = LogisticRegression().fit(people[["income"]], people["repaid"])
    >>> result = equipoise.audit(
    ...     people, target="repaid", estimator=model, positive_label=1, sensitive="sex"
    ... )
    >>> len(result.limits)
    2
    """
    asked = Training(learner, mitigation, epsilon, delta, bounds, cap, reason, seed)
    frame, limits = data, tuple[str, ...]()
    if estimator is not None:
        if prediction is not None or score is not None:
            raise InputError(
                "its own decisions are audited, so columns of decisions would be ignored",
                where="estimator",
                remedy="Leave prediction= and score= out, or the estimator",
            )
        table_of(data, name)
        found = predicted(estimator, data, features, label(positive_label))
        frame, prediction, score = found.frame, found.prediction, found.score
        limits = (NOT_YET, SEEN)
    table = table_of(frame, name)
    roles, left_out = roles_of(
        table,
        Columns(
            target,
            positive_label,
            sensitive,
            positive_is_favourable,
            prediction,
            score,
            threshold,
            None if estimator is not None else features,
            identifier,
            weight,
            edges or {},
            merge_groups or {},
        ),
    )
    if roles.audits_existing_predictions and asked.is_asked_for:
        raise InputError(
            "existing decisions are audited as they are, so nothing is trained",
            where="learner, mitigation, epsilon, bounds or cap",
            remedy="Leave them out, or leave prediction=, score= and estimator= out",
        )
    table = replace(table, repairs=(*table.repairs, *left_out))
    training = ledger = None
    if not roles.audits_existing_predictions:
        training = spec_of(table, asked)
        ledger = ledger_of(table, roles, training, asked)
    told = (*caveats, *limits[1:])
    plan = AuditPlan(roles, training, explain)
    result = run(table, plan, ledger=ledger, caveats=told)
    if training is not None and ledger is not None:
        delivered(ledger, plan_of(result.dataset, training))
    return AuditResult(audit_json(result, caveats=told), limits)


def fairness(
    y_true: Any,
    y_pred: Any,
    *,
    sensitive: Any,
    positive_label: object = 1,
    positive_is_favourable: bool = True,
    y_score: Any = None,
    weight: Any = None,
    person: Any = None,
) -> FairnessResult:
    """Compare decisions between groups, from arrays.

    Parameters
    ----------
    y_true : array of shape (n,), or None
        True outcomes. Without them what needs the truth is not defined and says so.
    y_pred : array of shape (n,)
        Decisions.
    sensitive : Series, DataFrame or array of shape (n,)
        What treatment is compared by.
    positive_label : object
        The label counted as positive.
    positive_is_favourable : bool
        Whether the positive decision is what a person hopes for.
    y_score : array of shape (n,), optional
        Larger for more likely positive.
    weight : array of shape (n,), optional
        Of rows.
    person : array of shape (n,), optional
        Equal for rows of one person: intervals then count persons.

    Raises
    ------
    InputError
        If lengths differ, or values can't be used.

    Examples
    --------
    >>> import equipoise
    >>> found = equipoise.fairness(
    ...     [1, 0] * 100, [1, 1, 0, 0] * 50, sensitive=["a", "a", "b", "b"] * 50
    ... )
    >>> gaps = found.disparities().set_index("disparity")
    >>> float(gaps.loc["demographic_parity_difference", "estimate"])
    1.0
    """
    groups = _groups(sensitive)
    given = {"y_true": y_true, "y_pred": y_pred, "y_score": y_score}
    given |= {"weight": weight, "person": person}
    columns = {what: values for what, values in given.items() if values is not None}
    for what, values in columns.items():
        if np.ndim(values) != 1 or len(values) != len(groups):
            raise InputError(
                f"it has the shape {np.shape(values)}, and sensitive has {len(groups)} rows",
                where=what,
                remedy="Give one value for each row",
            )
        if what in groups:
            raise InputError(
                f"a sensitive column has the name {what!r}, which is needed for another",
                where="sensitive",
                remedy="Rename it",
            )
    frame = groups.assign(**{what: np.asarray(values) for what, values in columns.items()})
    table = table_of(frame, "arrays")
    roles, _ = roles_of(
        table,
        Columns(
            "y_true" if y_true is not None else None,
            positive_label,
            list(groups.columns),
            positive_is_favourable,
            "y_pred",
            "y_score" if y_score is not None else None,
            None,
            None,
            "person" if person is not None else (),
            "weight" if weight is not None else None,
            {},
            {},
        ),
    )
    dataset = assign(table, roles)
    assert dataset.predictions is not None
    return FairnessResult(
        fairness_json(
            dataset.outcome,
            dataset.predictions,
            dataset.sensitive,
            scores=dataset.scores,
            weights=dataset.weights,
            persons=dataset.persons,
            positive_is_favourable=positive_is_favourable,
        )
    )


def _groups(sensitive: Any) -> pd.DataFrame:
    if isinstance(sensitive, pd.DataFrame):
        return sensitive.reset_index(drop=True).rename(columns=str)
    if isinstance(sensitive, pd.Series):
        return sensitive.reset_index(drop=True).to_frame(str(sensitive.name or "group"))
    if np.ndim(sensitive) != 1:
        raise InputError(
            f"it has the shape {np.shape(sensitive)}",
            where="sensitive",
            remedy="Give a Series, a DataFrame, or one value for each row",
        )
    return pd.DataFrame({"group": np.asarray(sensitive)})


def compare(a: AuditResult, b: AuditResult) -> ComparisonResult:
    """Compare two audits: every figure with the interval of its difference, and a verdict.

    Parameters
    ----------
    a, b : AuditResult
        Of one target and one positive label.

    Raises
    ------
    InputError
        If they are about different targets or labels.

    Examples
    --------
    >>> import equipoise, pandas as pd
    >>> loans = pd.DataFrame({
    ...     "sex": ["f", "m"] * 100,
    ...     "repaid": [1, 1, 1, 0] * 50,
    ...     "old": [1, 1, 0, 1] * 50,
    ...     "new": [1, 1, 1, 1] * 50,
    ... })
    >>> old, new = (
    ...     equipoise.audit(
    ...         loans, target="repaid", prediction=each, positive_label=1, sensitive="sex"
    ...     )
    ...     for each in ("old", "new")
    ... )
    >>> apart = equipoise.compare(old, new).to_frame().set_index(["group", "figure"])
    >>> apart.loc[("f", "selection_rate"), "verdict"]
    'B better'
    """
    for where, given in (("a", a), ("b", b)):
        if not isinstance(given, AuditResult):
            raise InputError(
                f"this is a {type(given).__name__}",
                where=where,
                remedy="Give what audit() returned",
            )
    return ComparisonResult(compare_audits(a.to_dict(), b.to_dict()))
