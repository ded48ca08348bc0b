"""How sure a decision is, in sentences."""

from __future__ import annotations

import numpy as np

from core.explanation.person.decision_stability import DecisionStability

WAY = {
    "bootstrap": "trained on rows drawn anew from the same training rows, with replacement",
    "noise": "trained on the same rows with other privacy noise of the same ε (a simulation, "
    "which is not charged and not covered by the guarantee)",
}


def format_score(score: float, threshold: float | None, digits: int = 3) -> str:
    """Write a score with some digits, or as many as it takes to lie on its side of a threshold.

    Examples
    --------
    >>> format_score(0.4997, 0.5), format_score(0.5, 0.5), format_score(0.4997, None)
    ('0.4997', '0.500', '0.500')
    """
    if threshold is not None:
        # What lies beside the threshold must not read as if it lay on it or beyond.
        while digits < 20 and (round(score, digits) >= threshold) != (score >= threshold):
            digits += 1
    return f"{score:.{digits}f}"


def describe_distance(sureness: DecisionStability) -> str:
    """Say how far the score is from the threshold."""
    return distance_sentence(sureness.threshold, sureness.distance)


def distance_sentence(
    threshold: float | None, distance: float | None, group: str | None = None
) -> str:
    """Say how far a score is from the threshold, of a group where each has its own.

    Parameters
    ----------
    threshold, distance : float or None
        None where no single score turns the decision.
    group : str, optional
    """
    if threshold is None or distance is None:
        return "No single threshold is known that turns this decision."
    side = "above" if distance >= 0 else "below"
    far = abs(distance)
    # A score beside the threshold must not read as one on it.
    near = np.format_float_positional(far, precision=1, fractional=False, trim="-")
    text = f"{far:.3f}" if far >= 0.001 or far == 0 else near
    of = "" if group is None else f" of the group “{group}”"
    return f"The score is {text} {side} {threshold:.3f}, where the decision{of} turns."


def describe_stability(sureness: DecisionStability) -> str:
    """Say what the models that were trained again decided."""
    same = sureness.same
    if not sureness.refits or same.estimate is None or same.low is None or same.high is None:
        return f"How sure it is was not measured: {same.reason or 'no model was trained again'}."
    count = round(same.estimate * sureness.refits)
    text = (
        f"Of {sureness.refits} models {WAY[sureness.way]}, {count} decided the same "
        f"({same.estimate:.0%}; as so few say little, the true share may be {same.low:.0%} to "
        f"{same.high:.0%}). Their scores range from {sureness.low:.3f} to {sureness.high:.3f}"
    )
    if sureness.deviation is not None:
        text += f", with a standard deviation of {sureness.deviation:.3f}"
    return text + "."
