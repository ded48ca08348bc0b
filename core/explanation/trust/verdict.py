"""A plain verdict on explanations, with its reasons.

The thresholds are conventions of ours, stated beside each reason. A measure only counts as good
or bad where its whole interval is on that side of the threshold.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from core.data.roles.group_labels import beside_column
from core.explanation.trust.record import Trust
from core.fairness.metrics.assessment import Figure
from core.numerals import with_minus

Status = Literal["good", "caution", "bad", "unknown"]
Level = Literal["trust", "with caution", "do not rely on it"]
STEADY, UNSTEADY = 0.8, 0.5
"""Rank correlation surely above the first is steady, surely below the second is not."""
GOOD_FIT, POOR_FIT = 0.5, 0.3
"""Of LIME's weighted R²."""
MANY = 10
"""Features that few people can keep in mind at once."""
COMMON = 2 / 3
"""Share of top reasons that two explanations should have in common."""


@dataclass(frozen=True)
class Reason:
    """One reason: what it says about explanations, in a sentence with its numbers."""

    status: Status
    sentence: str


@dataclass(frozen=True)
class Verdict:
    """How far the explanations of one explainer can be trusted.

    Attributes
    ----------
    explainer : str
    level : {"trust", "with caution", "do not rely on it"}
    reasons : tuple of Reason
        Worst first.
    """

    explainer: str
    level: Level
    reasons: tuple[Reason, ...]


def verdict_on(trust: Trust, explainer: str) -> Verdict:
    """Judge SHAP or LIME by what was measured so far.

    Parameters
    ----------
    trust : Trust
    explainer : {"SHAP", "LIME"}
    """
    reasons = [
        *_honesty(trust),
        *_fidelity(trust, explainer),
        *(_fit(trust.fit) if explainer == "LIME" and len(trust.fits) else ()),
        *_stability(trust, explainer),
        *_agreement(trust),
        *_complexity(trust, explainer),
        *_groups(trust, explainer),
        *(Reason("unknown", note) for note in trust.notes),
    ]
    order: tuple[Status, ...] = ("bad", "caution", "unknown", "good")
    reasons.sort(key=lambda reason: order.index(reason.status))
    found = {reason.status for reason in reasons}
    own = any(f.explainer == explainer for f in trust.fidelity)
    level: Level = "trust" if own and found <= {"good"} else "with caution"
    if "bad" in found:
        level = "do not rely on it"
    return Verdict(explainer, level, tuple(reasons))


def format_figure(figure: Figure, digits: int = 2) -> str:
    """Write a figure with its interval, or why it has none."""
    if figure.estimate is None:
        return f"not defined ({figure.reason})"
    value = with_minus(f"{figure.estimate:.{digits}f}")
    if figure.low is None or figure.high is None:
        return f"{value} ({figure.reason or 'no interval'})"
    low, high = (with_minus(f"{end:.{digits}f}") for end in (figure.low, figure.high))
    return f"{value} (95% interval {low} to {high})"


def _against(figure: Figure, good: float, bad: float) -> Status:
    if figure.low is None or figure.high is None:
        return "unknown"
    if figure.low >= good:
        return "good"
    return "bad" if figure.high < bad else "caution"


def _honesty(trust: Trust) -> list[Reason]:
    if trust.off is None:
        return []
    worst = trust.off.worst
    if worst is None:
        return [Reason("unknown", f"Made-up rows could not be compared: {trust.off.reason}")]
    hidden = trust.off.hidden()
    assert hidden is not None
    if trust.off.verdict == "alarm":
        name, within, off = hidden
        return [
            Reason(
                "bad",
                "The model behaves differently on the explainer's synthetic rows than on people: "
                f"{name} makes {100 * within:.0f}% of what matters for people and "
                f"{100 * off:.0f}% there; share of importance moved {format_figure(worst.moved)}",
            )
        ]
    return [
        Reason(
            "good",
            "The model treats the explainer's synthetic rows much as it treats people: share of "
            f"importance moved {format_figure(worst.moved)}",
        )
    ]


def _fidelity(trust: Trust, explainer: str) -> list[Reason]:
    out = []
    for found in trust.fidelity:
        if found.explainer != explainer:
            continue
        gain = found.gain
        if gain.low is None or gain.high is None:
            status: Status = "unknown"
            text = "Whether the order of reasons is better than chance is not known"
        elif gain.low > 0:
            status, text = "good", "Scores hang on what it names, significantly more than by chance"
        elif gain.high <= 0:
            status, text = "bad", "The order of reasons is no better than chance"
        else:
            status, text = "caution", "The order of reasons is not significantly better than chance"
        out.append(Reason(status, f"{text}: gain {format_figure(gain, 3)} over a random order"))
    return out


def _fit(fit: Figure) -> list[Reason]:
    status = _against(fit, GOOD_FIT, POOR_FIT)
    sentence = {
        "good": "Its simple sum fits scores nearby well",
        "bad": "Its simple sum fits scores nearby poorly",
    }.get(status, "Its simple sum fits scores nearby only in part")
    return [Reason(status, f"{sentence}: weighted R² {format_figure(fit)}")]


def _stability(trust: Trust, explainer: str) -> list[Reason]:
    out = []
    for found in trust.stability:
        if found.explainer != explainer:
            continue
        rank = found.agreement.spearman
        status = _against(rank, STEADY, UNSTEADY)
        sentence = {"good": "Steady", "bad": "Unsteady", "caution": "Only partly steady"}.get(
            status, "Steadiness unknown"
        )
        out.append(
            Reason(status, f"{sentence} ({found.change}): rank correlation {format_figure(rank)}")
        )
    return out


def _agreement(trust: Trust) -> list[Reason]:
    for found in trust.agreement:
        if {found.first, found.second} == {"SHAP", "LIME"}:
            status = _against(found.overlap, COMMON, 0.0)
            text = (
                "SHAP and LIME mostly name the same reasons"
                if status == "good"
                else "SHAP and LIME often name different reasons"
            )
            common = format_figure(found.overlap)
            return [Reason(status, f"{text}: share of the top {found.top} in common {common}")]
    return []


def _complexity(trust: Trust, explainer: str) -> list[Reason]:
    out = []
    for found in trust.complexity:
        if found.explainer == explainer and found.needed.estimate is not None:
            many = found.needed.estimate > MANY
            text = f"{found.needed.estimate:.1f} of {found.features} features make 90% of it"
            out.append(
                Reason("caution", f"Hard to take in: {text}, so three reasons leave much out")
                if many
                else Reason("good", f"Few enough reasons: on average {text}")
            )
    return out


def _groups(trust: Trust, explainer: str) -> list[Reason]:
    return [
        Reason(
            "caution",
            f"Worse for {beside_column(gap.attribute, gap.group)}: {gap.measure}, "
            f"{format_figure(gap.mean)}; lower than for everyone else by "
            f"{-(gap.gap.estimate or 0.0):.2f}, significantly by "
            f"at least {-(gap.gap.high or 0.0):.2f}",
        )
        for gap in trust.gaps
        if gap.significantly_worse and explainer in gap.measure
    ]
