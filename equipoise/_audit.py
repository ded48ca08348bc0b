"""The function of ``import equipoise`` that audits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from os import PathLike
from typing import Literal, Unpack, get_args, overload

import pandas as pd

from core.errors import InputError
from core.fairness.metrics.impact_spec import impact_spec
from core.privacy.accounting.budget import Budget
from equipoise._bias_audit import BiasAudit
from equipoise._brought import Brought
from equipoise._columns import Columns, names
from equipoise._options import AuditOptions, OutcomeOptions
from equipoise._outcomes import audit_outcomes
from equipoise._outcomes_result import MulticlassResult, RegressionResult
from equipoise._result import AuditResult
from equipoise._spending import Spending
from equipoise._training import Training
from equipoise._walk import Task, audit_decisions, refuse_training, rows_asked


@overload
def audit(
    data: pd.DataFrame,
    *,
    positive_label: object,
    task: Literal["binary"] = "binary",
    **options: Unpack[AuditOptions],
) -> AuditResult: ...


@overload
def audit(
    data: pd.DataFrame,
    *,
    task: Literal["multiclass"],
    positive_label: object = None,
    **options: Unpack[OutcomeOptions],
) -> MulticlassResult: ...


@overload
def audit(
    data: pd.DataFrame,
    *,
    task: Literal["regression"],
    loss_bound: float | None = None,
    **options: Unpack[OutcomeOptions],
) -> RegressionResult: ...


def audit(
    data: pd.DataFrame,
    *,
    sensitive: str | Sequence[str],
    positive_label: object = None,
    task: Task = "binary",
    target: str | None = None,
    target_records: Literal["decisions", "outcomes"] | None = None,
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
    one_hot: Mapping[str, Sequence[str]] | None = None,
    loss_bound: float | None = None,
    learner: str | None = None,
    mitigation: str = "none",
    epsilon: float | None = None,
    delta: float = 1e-6,
    bounds: Mapping[str, Sequence[object]] | None = None,
    cap: Budget | None = None,
    reason: str = "",
    charge_to: str | None = None,
    apart_because: str | None = None,
    seed: int = 0,
    explain: int = 3,
    caveats: Sequence[str] = (),
    name: str = "DataFrame",
    impact_reference: str | Sequence[str] = (),
    smallest_share: float = 0.0,
    share_reason: str = "",
    share_base: Literal["all", "known"] = "all",
    compare_unknown: bool = False,
    bias_audit: BiasAudit | None = None,
    inputs: Mapping[str, str | None] | None = None,
    accept_inputs: bool = False,
    positive_class: object = None,
    estimator_threshold: float | None = None,
    estimator_calls: int | None = None,
    estimator_batch: int | None = None,
    trained_on: tuple[str, object] | None = None,
    earlier_scores: str | None = None,
    matching: str | PathLike[str] | None = None,
    accept_types: Sequence[str] = (),
    accepted_by: str = "",
    class_labels: Mapping[str, object] | None = None,
) -> AuditResult | MulticlassResult | RegressionResult:
    """Audit predictions, a fitted model, or a model that is trained here.

    What is audited follows from what is named: decisions or scores in columns (``prediction``,
    ``score``), a model that was fitted elsewhere (``estimator``), or else one that Equipoise trains
    to predict ``target``, and judges on rows that it never saw.

    Parameters
    ----------
    data : DataFrame
        One row for each decision. It is not changed.
    sensitive : str or sequence of str
        Columns by which treatment is compared.
    positive_label : object
        The label counted as positive; all others together are negative. For "multiclass" the
        class, or a list of classes, that a person hopes for: all of them where none is named.
    task : {"binary", "multiclass", "regression"}
        Whether decisions of two labels are audited, classes, or amounts. The last two take
        predictions that are there (``prediction`` or ``estimator``) and true values, and return
        figures without findings or a report.
    target : str, optional
        Column of true outcomes. Without it what needs the truth is not defined and says so.
    target_records : {"decisions", "outcomes"}, optional
        Whether the target records decisions that were made, which a model trained here imitates and
        against which errors are counted, or what came true. Where it isn't said, its name is asked.
    positive_is_favourable : bool
        Whether the positive decision is what a person hopes for.
    prediction, score : str, optional
        Columns of existing decisions, and of scores that are larger for more likely positive.
    threshold : float, optional
        With ``score`` alone: the decision is ``score >= threshold``.
    estimator : object, optional
        A model made elsewhere: fitted, with ``predict`` or ``predict_proba`` as in scikit-learn; a
        function from a DataFrame to one score for each row; or the path of a file (ONNX, skops,
        XGBoost, LightGBM, CatBoost, PMML), opened in a process of its own; or the address of a
        server (MLflow, Open Inference). With ``target`` it is judged,
        explained and mitigated as one that is trained here; without true outcomes its decisions
        alone are audited, and for other tasks the amounts or classes that it predicts. Give rows
        that it was not fitted on.
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
    one_hot : mapping, optional
        By the name of an attribute, the columns of 0 and 1 that hold its groups; they become one
        column: ``{"race": ["race_white", "race_black"]}``. Rows with 1 in none of them or in
        several are of unknown group.
    loss_bound : float, optional
        For "regression": the largest mean absolute error that any group may have.
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
    charge_to : str, optional
        Where most rows were spent on in another table: that table's ledger, as the refusal names
        it.
    apart_because : str, optional
        Or why these rows have a budget of their own; it is kept.
    seed : int
    explain : int
        How many people of a model trained here are explained.
    caveats : sequence of str
        What is known to be doubtful of the data; each becomes a finding.
    name : str
        By which the report calls the data.
    impact_reference : str or sequence of str
        Impact ratios are to the highest rate by default; to everyone else ("rest"), or to groups
        by their names ("Male").
    smallest_share : float
        Groups with less than this share of the rows are left out of impact ratios, for a reason.
    share_reason : str
        Why they are left out; it is kept.
    share_base : {"all", "known"}
        Whether it is a share of all rows, or of those of known group.
    compare_unknown : bool
        Whether rows of unknown group are compared as if they were a group.
    bias_audit : BiasAudit, optional
        Makes the table of New York City's Local Law 144, for the report and as ``bias_audit`` of
        ``to_dict()``; small groups are left out of it too.
    inputs : mapping of str to str or None, optional
        By input of an estimator's file, the column it takes its values from; None leaves it
        missing for everybody.
    accept_inputs : bool
        Whether proposals for inputs that are no column of the same name are accepted.
    positive_class : object, optional
        The estimator's class that is the positive label, where its name is another.
    estimator_threshold : float, optional
        Its scores from here on are decided positively; as its own ``predict`` decides, or 0.5.
    estimator_calls, estimator_batch : int, optional
        Calls that may be made where the estimator is the address of a server, and rows of one such
        call; 1,000 of each.
    trained_on : tuple of (str, object), optional
        Column and value of rows that trained the estimator: they judge nothing, and what was
        learned of them can be attacked.
    earlier_scores : str, optional
        Column of scores that the estimator gave before, to be compared with those it gives now.
    matching : str or path, optional
        The ``matching.json`` that an audit of the same file wrote beside its report: its inputs,
        class, threshold and training rows are taken from there.
    accept_types : sequence of str
        Types in a skops file that somebody has looked at and accepts.
    accepted_by : str
        Who accepted them; it is kept.
    class_labels : mapping of str to object, optional
        For "multiclass": by an estimator's class, the label of the target that it stands for, where
        a file only numbers its classes: ``{"0": "fail", "1": "pass"}``.

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
    1

    Amounts:

    >>> people["said"] = people["income"] + 10 * (people["sex"] == "f")
    >>> result = equipoise.audit(
    ...     people, task="regression", target="income", prediction="said", sensitive="sex"
    ... )
    >>> errors = result.to_frame().query("metric == 'mean_absolute_error'").set_index("group")
    >>> errors["estimate"].round(6).to_dict()
    {'everyone': 5.0, 'f': 10.0, 'm': 0.0}
    """
    if task not in get_args(Task):
        raise InputError(
            "there is no audit of that kind",
            where=f"task {task!r}",
            remedy=f"Choose one of {', '.join(get_args(Task))}",
        )
    spending = Spending(cap, reason, charge_to, apart_because)
    asked = Training(learner, mitigation, epsilon, delta, bounds, spending, seed)
    brought = Brought(
        estimator=estimator,
        features=features,
        identifiers=names(identifier, "identifier"),
        inputs=inputs,
        accept_inputs=accept_inputs,
        positive_class=positive_class,
        estimator_threshold=estimator_threshold,
        estimator_calls=estimator_calls,
        estimator_batch=estimator_batch,
        trained_on=trained_on,
        earlier_scores=earlier_scores,
        matching=matching,
        accept_types=accept_types,
        accepted_by=accepted_by,
        class_labels=class_labels,
    )
    rows = rows_asked(
        data,
        name,
        brought,
        task=task,
        target=target,
        positive_label=positive_label,
        prediction=prediction,
        score=score,
        one_hot=one_hot,
    )
    columns = Columns(
        target,
        positive_label,
        sensitive,
        positive_is_favourable,
        rows.prediction,
        rows.score,
        threshold,
        None if estimator is not None else features,
        identifier,
        weight,
        edges or {},
        merge_groups or {},
    )
    caveats = (caveats,) if isinstance(caveats, str) else tuple(caveats)
    if task != "binary":
        refuse_training(asked, f"an audit of {task} trains nothing")
        ratios = (impact_reference, smallest_share, share_reason, compare_unknown, bias_audit)
        _refuse_ratios(task, any(map(bool, ratios)))
        notes = (*caveats, *rows.limits[-1:])
        return audit_outcomes(rows.table, columns, task, loss_bound, notes, rows.model, rows.frame)
    if loss_bound is not None:
        raise InputError(
            "decisions have no amounts to be off by, so it would be ignored",
            where="loss_bound",
            remedy="Leave it out, or audit amounts: task='regression'",
        )
    return audit_decisions(
        rows,
        columns,
        asked,
        records=target_records,
        explain=explain,
        impact=impact_spec(
            impact_reference if isinstance(impact_reference, str) else tuple(impact_reference),
            smallest_share=smallest_share,
            reason=share_reason,
            base=share_base,
            compare_unknown=compare_unknown,
        ),
        bias_audit=bias_audit,
        caveats=caveats,
    )


def _refuse_ratios(task: Task, said: bool) -> None:
    if said:
        raise InputError(
            f"an audit of {task} has no impact ratios, so it would be ignored",
            where="impact_reference, smallest_share, share_reason, compare_unknown or bias_audit",
            remedy="Leave them out",
        )
