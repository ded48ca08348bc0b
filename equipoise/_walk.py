"""The steps of a call of ``audit``: which rows, decided by what, and the path walked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import pandas as pd

from core.audit.pipeline import run
from core.audit.result import AuditPlan
from core.data.frames import table_of
from core.data.table import Table
from core.errors import InputError
from core.fairness.metrics.impact_spec import ImpactSpec
from core.privacy.accounting.payment import delivered
from core.reporting.audit_json import audit_json
from core.training.model_decisions import with_decisions, with_room_for_decisions
from core.training.private_fit import plan_of
from equipoise._bias_audit import BiasAudit
from equipoise._brought import Brought
from equipoise._columns import Columns, label, names, roles_of, with_record
from equipoise._estimator import NO_OUTCOMES, SEEN
from equipoise._external import external_of
from equipoise._result import AuditResult
from equipoise._spending import named_in_python
from equipoise._training import Training, ledger_of, spec_of

Task = Literal["binary", "multiclass", "regression"]


@dataclass(frozen=True)
class Rows:
    """What is audited.

    Attributes
    ----------
    frame : DataFrame
        The caller's.
    plain, table : Table
        As it was given, and with columns put together.
    prediction, score : str or None
        Columns of decisions and scores.
    model : Brought or None
        A model of two labels that is asked; without a target its decisions are audited alone.
    limits : tuple of str
    """

    frame: pd.DataFrame
    plain: Table
    table: Table
    prediction: str | None
    score: str | None
    model: Brought | None
    limits: tuple[str, ...]


def rows_asked(
    data: pd.DataFrame,
    name: str,
    brought: Brought,
    *,
    task: Task,
    target: str | None,
    positive_label: object,
    prediction: str | None,
    score: str | None,
    one_hot: Mapping[str, Sequence[str]] | None,
) -> Rows:
    """Read a frame, with room for the decisions of a model that is not judged by true outcomes.

    Raises
    ------
    InputError
        If the frame can't be read, or something that was said would be ignored.
    """
    limits, model = tuple[str, ...](), None
    estimator = brought.estimator
    if estimator is not None and (prediction is not None or score is not None):
        raise InputError(
            "its own decisions are audited, so columns of decisions would be ignored",
            where="estimator",
            remedy="Leave prediction= and score= out, or the estimator",
        )
    if estimator is not None:
        model = brought
        limits = () if brought.trained_on is not None else (SEEN,)
        if task == "binary" and brought.class_labels:
            raise InputError(
                "one class is audited against the rest, so it would be ignored",
                where="class_labels",
                remedy="Leave it out, name positive_class=, or audit all classes: "
                "task='multiclass'",
            )
    else:
        brought.refuse_ignored()
    together = tuple((each, names(of, "one_hot")) for each, of in (one_hot or {}).items())
    plain = table_of(data, name)
    table = table_of(data, name, one_hot=together) if together else plain
    if model is not None and target is None and task == "binary":
        table, prediction = with_room_for_decisions(table, label(positive_label))
        limits = (NO_OUTCOMES,)
    return Rows(data, plain, table, prediction, score, model, limits)


def audit_decisions(
    rows: Rows,
    columns: Columns,
    asked: Training,
    *,
    records: str | None,
    explain: int,
    impact: ImpactSpec,
    bias_audit: BiasAudit | None,
    caveats: Iterable[str],
) -> AuditResult:
    """Audit decisions of two labels, or the model that takes them.

    Raises
    ------
    InputError
        If a role, the model or the training doesn't fit.
    """
    roles, left_out = roles_of(rows.table, columns)
    roles = with_record(roles, records)
    if roles.audits_existing_predictions:
        refuse_training(asked, "existing decisions are audited as they are, so nothing is trained")
    external, limits = None, rows.limits
    if rows.model is not None:
        with named_in_python():
            roles, external, more = external_of(rows.frame, rows.table, roles, rows.model)
        left_out, limits = (), (*more, *limits)
    notes = (*caveats, *(line for line in limits if line != NO_OUTCOMES))
    table = replace(rows.table, repairs=(*rows.table.repairs, *left_out))
    decided_by = external if roles.audits_existing_predictions else None
    if decided_by is not None:
        table, roles = with_decisions(table, roles, decided_by)
    training = ledger = None
    with named_in_python():
        if not roles.audits_existing_predictions:
            training = spec_of(table, asked, external)
            ledger = ledger_of(table, roles, training, asked, rows.plain)
        told = None if bias_audit is None else bias_audit.spec()
        plan = AuditPlan(roles, training, explain, impact, told, decided_by=decided_by)
        result = run(table, plan, ledger=ledger, caveats=notes)
        if training is not None and ledger is not None:
            delivered(ledger, plan_of(result.dataset, training))
    return AuditResult(audit_json(result, caveats=notes), limits, result)


def refuse_training(asked: Training, why: str) -> None:
    """Refuse what is said of training where nothing is trained.

    Raises
    ------
    InputError
        If anything is.
    """
    if asked.is_asked_for:
        raise InputError(
            why,
            where="learner, mitigation, epsilon, bounds or cap",
            remedy="Leave them out, or leave prediction=, score= and estimator= out",
        )
