"""The function of ``import equipoise`` that holds two audits against each other."""

from __future__ import annotations

from core.comparison.paired.brought_models import Judged, compare_judged
from core.errors import InputError
from core.reporting.audit_comparison import compare_audits
from equipoise._comparison_result import ComparisonResult
from equipoise._result import AuditResult


def compare(a: AuditResult, b: AuditResult) -> ComparisonResult:
    """Compare two audits: every figure with the interval of its difference, and a verdict.

    Parameters
    ----------
    a, b : AuditResult
        Of one target and one positive label. Where both are of models and of the same frame, their
        models are compared too on the rows that neither was trained on.

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
                remedy="Give what audit() returned of decisions of two labels",
            )
    found = compare_audits(a.to_dict(), b.to_dict())
    models = [_judged(given) for given in (a, b)]
    if models[0] is None or models[1] is None:
        return ComparisonResult(found, None, "Decisions are audited as they are, by no model.")
    try:
        return ComparisonResult(found, compare_judged(models[0], models[1]))
    except InputError as error:
        return ComparisonResult(found, None, f"They are not compared on the same people: {error}")


def _judged(given: AuditResult) -> Judged | None:
    audited = given._audited
    if audited is None or audited.trained is None:
        return None
    return Judged(audited.dataset, audited.trained)
