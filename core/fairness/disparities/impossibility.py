"""Which definitions of fairness can't hold together in this data, with its own numbers."""

from __future__ import annotations

from dataclasses import dataclass

from core.errors import InputError
from core.fairness.disparities.rate_tests import against_rest
from core.fairness.metrics.assessment import Assessment, GroupResult

SOURCE = (
    "Chouldechova 2017, Fair prediction with disparate impact, Big Data 5; Kleinberg, Mullainathan "
    "and Raghavan 2017, Inherent trade-offs in the fair determination of risk scores, ITCS"
)


@dataclass(frozen=True)
class Impossibility:
    """What unequal base rates rule out.

    Attributes
    ----------
    base_rates : tuple of (str, float)
        Group and share of positive outcomes, lowest first, of groups large enough to judge.
    differ : bool
        Whether a test of each group against the rest says that base rates differ, at 5 % after
        Benjamini and Hochberg. If not, nothing is said to be ruled out.
    statements : tuple of str
        What can't hold together and what it would take, in plain sentences.
    """

    base_rates: tuple[tuple[str, float], ...]
    differ: bool
    statements: tuple[str, ...]


def false_positive_rate_needed(
    base_rate: float, precision: float, true_positive_rate: float
) -> float:
    """Work out the false positive rate that base rate, precision and true positive rate imply.

    FPR = p / (1 − p) · (1 − PPV) / PPV · TPR: Chouldechova 2017, equation 2.6.

    Parameters
    ----------
    base_rate : float
        In (0, 1).
    precision : float
        In (0, 1].
    true_positive_rate : float
        In [0, 1].

    Returns
    -------
    float
        0 or more; above 1, no such decisions exist.

    Raises
    ------
    InputError
        If a rate is out of range.
    """
    if not (0 < base_rate < 1 and 0 < precision <= 1 and 0 <= true_positive_rate <= 1):
        raise InputError(
            "base rate must lie between 0 and 1, precision above 0, and none above 1",
            where=f"{base_rate}, {precision}, {true_positive_rate}",
        )
    return base_rate / (1 - base_rate) * (1 - precision) / precision * true_positive_rate


def impossibility(found: Assessment) -> Impossibility:
    """Say which definitions can't hold together, given the base rates of an assessment.

    With unequal base rates, decisions that are neither perfect nor constant can't have equal true
    and false positive rates and equal precision; nor equal true and false positive rates and equal
    selection rates, unless both error rates are those of chance (TPR = FPR).

    Raises
    ------
    InputError
        If the assessment holds no counts.
    """
    if found.cube is None:
        raise InputError("it holds no counts to work with", where="assessment")
    judged = [g for g in found.groups if g.too_small is None and _of(g, "prevalence") is not None]
    judged.sort(key=lambda group: _of(group, "prevalence") or 0.0)
    rates = tuple((group.name, _of(group, "prevalence") or 0.0) for group in judged)
    if len(judged) < 2:
        return Impossibility(
            rates, False, ("Fewer than two groups are large enough to say how base rates differ.",)
        )
    names = {group.name for group in judged}
    differ = any(
        test.adjusted is not None and test.adjusted < 0.05
        for test in against_rest(found.cube, "prevalence")
        if test.group in names
    )
    low, high = judged[0], judged[-1]
    span = f"from {rates[0][1]:.1%} ({low.label}) to {rates[-1][1]:.1%} ({high.label})"
    if not differ:
        text = f"Base rates run {span}, which may be chance: nothing is ruled out."
        return Impossibility(rates, False, (text,))
    statements = [
        f"Base rates differ: the share of positive outcomes runs {span}.",
        "Equalized odds and predictive parity can't both hold, nor can equalized odds and "
        "demographic parity, unless decisions are perfect or no better than chance. Scores "
        "calibrated in every group can't have equal error rates either.",
    ]
    statements += _needed(low, high)
    return Impossibility(rates, True, tuple(statements))


def _needed(low: GroupResult, high: GroupResult) -> list[str]:
    """Say what the one group would need to match the other, by this data's numbers."""
    out = []
    p, fpr = _of(low, "prevalence"), _of(low, "false_positive_rate")
    other = {
        m: _of(high, m)
        for m in ("precision", "true_positive_rate", "false_positive_rate", "selection_rate")
    }
    ppv, other_tpr, other_fpr = (
        other[m] for m in ("precision", "true_positive_rate", "false_positive_rate")
    )
    if p and p < 1 and ppv and other_tpr is not None and other_fpr is not None:
        needed = false_positive_rate_needed(p, ppv, other_tpr)
        now = f" (now {fpr:.1%})" if fpr is not None else ""
        out.append(
            f"To have the precision ({ppv:.1%}) and the true positive rate ({other_tpr:.1%}) of "
            f"{high.label}, {low.label} would need a false positive rate of {needed:.1%}{now}; "
            f"{high.label} has {other_fpr:.1%}."
        )
        selected = p * other_tpr + (1 - p) * other_fpr
        if other["selection_rate"] is not None:
            out.append(
                f"With both error rates of {high.label}, {low.label} would get the positive "
                f"decision in {selected:.1%} of cases; {high.label} gets it in "
                f"{other['selection_rate']:.1%}."
            )
        if selected > 0:
            out.append(
                f"A positive decision would then be right in {p * other_tpr / selected:.1%} of "
                f"cases for {low.label}, against {ppv:.1%} for {high.label}."
            )
    return out


def _of(group: GroupResult, metric: str) -> float | None:
    return group.figures[metric].estimate
