"""What each group loses to privacy, from the models of :mod:`core.tradeoff.price.price`.

Definition
----------
A group's price at ε, of a measure m where more is better, is the mean over draws of noise of
m(baseline) − m(private); of the calibration error, m(private) − m(baseline). Both are positive
where privacy costs something. The interval is Student's (1908) for that mean over draws of noise:
another split or other test rows would move it further, and whoever shows it says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import fmean, stdev

from scipy.stats import t as student

from core.tradeoff.frontier.chosen import signed
from core.tradeoff.price.price import NO_NOISE, PricedGroup, PricePoint

MEASURES = {
    "accuracy": "accuracy",
    "true_positive_rate": "true positive rate",
    "calibration": "calibration",
}


@dataclass(frozen=True)
class GroupPrice:
    """What one group loses at one ε.

    Attributes
    ----------
    group : PricedGroup
    measure : str
        In :data:`MEASURES`.
    epsilon : float
    loss : float or None
        Mean over draws, a share in [−1, 1]; positive where privacy costs something.
    low, high : float or None
        95 % interval of the mean over draws of noise; None with fewer than two draws.
    draws : int
    reason : str or None
        Why the loss is undefined.
    """

    group: PricedGroup
    measure: str
    epsilon: float
    loss: float | None
    low: float | None
    high: float | None
    draws: int
    reason: str | None = None


def prices(
    points: list[PricePoint], found: tuple[PricedGroup, ...], measure: str
) -> tuple[GroupPrice, ...]:
    """Pair each private model with the baseline, group by group; ε from large to small.

    Parameters
    ----------
    points : list of PricePoint
        Nothing comes of them while the baseline is missing.
    found : tuple of PricedGroup
    measure : str
        In :data:`MEASURES`.
    """
    baseline = next((p for p in points if p.epsilon is None and p.reason is None), None)
    if baseline is None:
        return ()
    sign = 1.0 if measure == "calibration" else -1.0
    out = []
    for epsilon in sorted({p.epsilon for p in points if p.epsilon is not None}, reverse=True):
        drawn = [p for p in points if p.epsilon == epsilon and p.reason is None]
        for position, group in enumerate(found):
            before = getattr(baseline, measure)[position]
            after = [getattr(point, measure)[position] for point in drawn]
            if before is None or not after or any(value is None for value in after):
                reason = "no model could be trained" if not after else UNDEFINED[measure]
                out.append(
                    GroupPrice(group, measure, epsilon, None, None, None, len(drawn), reason)
                )
                continue
            lost = [sign * (value - before) for value in after]
            low, high = _interval(lost)
            out.append(GroupPrice(group, measure, epsilon, fmean(lost), low, high, len(lost)))
    return tuple(out)


UNDEFINED = {
    "accuracy": "the group has no test rows",
    "true_positive_rate": "the group has no test rows with the positive label",
    "calibration": "the scores can't be read as probabilities in this group",
}


def sentence(found: tuple[GroupPrice, ...], measure: str, epsilon: float, most: int = 2) -> str:
    """Say in plain words who loses most and least at an ε, in points of a hundred.

    Parameters
    ----------
    found : tuple of GroupPrice
        Of one measure.
    measure : str
    epsilon : float
    most : int
        How many groups are named, at least 2.
    """
    when = "With next to no noise" if epsilon >= NO_NOISE else f"At ε = {epsilon:g}"
    judged = [
        price
        for price in found
        if price.epsilon == epsilon and price.loss is not None and price.group.too_small is None
    ]
    if not judged:
        return f"{when} no group is large enough to judge what it loses"
    ranked = sorted(judged, key=lambda price: -(price.loss or 0.0))
    named = ranked if len(ranked) <= most else [*ranked[: most - 1], ranked[-1]]
    parts = [_price_sentence(price, measure, first=k == 0) for k, price in enumerate(named)]
    return f"{when}, {', and '.join(parts)}"


def _price_sentence(price: GroupPrice, measure: str, *, first: bool) -> str:
    loss = price.loss or 0.0
    verb = "loses" if loss >= 0 else "gains"
    size, ends = f"{100 * abs(loss):.1f}", [price.low, price.high]
    text = f"{price.group.label} {verb} {size}"
    text += f" points of {MEASURES[measure]}" if first else ""
    if ends[0] is None or ends[1] is None:
        return text
    shown = sorted(100 * (end if loss >= 0 else -end) for end in ends if end is not None)
    return f"{text} ({signed(shown[0])} to {signed(shown[1])})"


def _interval(lost: list[float]) -> tuple[float | None, float | None]:
    if len(lost) < 2:
        return None, None
    reach = float(student.ppf(0.975, len(lost) - 1)) * stdev(lost) / len(lost) ** 0.5
    middle = fmean(lost)
    return middle - reach, middle + reach
