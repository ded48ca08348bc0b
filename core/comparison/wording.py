"""Differences of two models in plain words: which has more of a figure, by how much, how surely."""

from __future__ import annotations

from core.fairness.disparities.disparities import DISPARITIES, lower
from core.fairness.metrics.assessment import Figure
from core.fairness.metrics.metric_registry import METRICS
from core.fairness.metrics.metric_titles import metric_title

Names = tuple[str, str]
PLAIN = ("roc_auc", "brier", "expected_calibration_error", "f1")
"""Figures told as numbers; other metrics are shares, whose differences are told in points."""

NAMED_AFTER = ("brier", "f1")
"""Whose titles begin with a name."""


def title_of(figure: str, positive_is_favourable: bool | None = True) -> str:
    """Title of a metric or disparity for use inside a sentence.

    Parameters
    ----------
    figure : str
        Registered name.
    positive_is_favourable : bool or None
        A rate of adverse decisions selects nobody. None where that isn't known.

    Raises
    ------
    InputError
        If neither has that name.
    """
    if figure in METRICS:
        title = metric_title(figure, positive_is_favourable)
    else:
        title = DISPARITIES[figure].title
    return title if figure in NAMED_AFTER else lower(title)


def in_points(figure: str) -> bool:
    """Whether differences of a figure are told in percentage points."""
    if figure in METRICS:
        return figure not in PLAIN
    definition = DISPARITIES[figure]
    return definition.comparison == "difference" and all(m not in PLAIN for m in definition.metrics)


def amount(figure: str, value: float, *, unit: bool = True) -> str:
    """Tell a difference: 0.012 is "1.2 points" of accuracy, and "0.012" of an area.

    Parameters
    ----------
    figure : str
        Registered name of a metric or disparity.
    value : float
    unit : bool
        Whether to name points.
    """
    if not in_points(figure):
        return _signed(f"{value:.3f}")
    return _signed(f"{100 * value:.1f}") + (" points" if unit else "")


def format_difference(
    figure: str,
    difference: Figure,
    names: Names = ("A", "B"),
    positive_is_favourable: bool | None = True,
) -> str:
    """Say in one clause, without a full stop, how the second model differs from the first.

    Parameters
    ----------
    figure : str
        Registered name of a metric or disparity.
    difference : Figure
        Second minus first.
    names : tuple of (str, str)
        Of the first and the second model.
    positive_is_favourable : bool or None
        None where that isn't known.
    """
    first, second = names
    title, value = title_of(figure, positive_is_favourable), difference.estimate
    if value is None:
        return f"Nothing can be said of a difference in {title}: {difference.reason}"
    low, high = difference.low, difference.high
    if low is None or high is None:
        return (
            f"{second} less {first} is {amount(figure, value)} in {title}, but how sure that is "
            f"can't be said: {difference.reason}"
        )
    if low == value == high == 0:
        return f"{first} and {second} have the same {title}"
    if low <= 0 <= high:
        ends = f"{amount(figure, low, unit=False)} to {amount(figure, high, unit=False)}"
        return (
            f"It is not shown that {first} and {second} differ in {title}: {second} less {first} "
            f"is {amount(figure, value)} ({ends})"
        )
    if value < 0:
        value, low, high = -value, -high, -low
        more, often = "lower", "less"
    else:
        more, often = "higher", "more"
    ends = f"{amount(figure, low, unit=False)} to {amount(figure, high, unit=False)}"
    if figure == "accuracy":
        return f"{second} is right {amount(figure, value)} {often} often than {first} ({ends})"
    return f"{second}'s {title} is {amount(figure, value)} {more} than {first}'s ({ends})"


def _signed(text: str) -> str:
    """With a minus sign, and no sign before a zero."""
    if text.startswith("-"):
        return text[1:] if float(text) == 0 else "−" + text[1:]
    return text
