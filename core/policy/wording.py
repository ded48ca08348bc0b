"""Sentences on the outcome of a criterion."""

from __future__ import annotations

from core.data.roles.group_labels import label_of_name, listed_labels
from core.fairness.disparities.disparities import lower
from core.fairness.intervals.p_values import equation_of_p
from core.fairness.metrics.assessment import Figure
from core.numerals import with_minus
from core.policy.evaluation import Outcome, PartResult
from core.policy.policy import Criterion

NAMED = 3


def number(value: float, *limits: float | None) -> str:
    """Write a number with three decimals, more where rounding would hide its side of a limit.

    Examples
    --------
    >>> number(0.1234), number(0.10004, 0.1), number(0.8, 0.8), number(1e-6), number(2.0)
    ('0.123', '0.10004', '0.800', '1e-06', '2.000')
    """
    text = f"{value:.3f}"
    if 0 < abs(value) < 0.0005:
        text = f"{value:.3g}"
    for limit in limits:
        if limit is None or abs(value - limit) <= 1e-9:
            continue
        decimals = 3
        while (float(text) > limit) != (value > limit) or float(text) == limit:
            decimals += 1
            text = f"{value:.{decimals}f}"
            if decimals > 12:
                break
    return with_minus(text) if value < 0 else text


def interval(figure: Figure, limit: float | None) -> str:
    """Write an estimate with its interval, or why it has none."""
    if figure.estimate is None:
        return f"not defined: {figure.reason}"
    told = number(figure.estimate, limit)
    if figure.low is None or figure.high is None:
        return f"{told} ({figure.reason})" if figure.reason else told
    if figure.low == figure.high == figure.estimate:
        return told  # Nothing was drawn, so nothing is uncertain.
    return f"{told} (95% interval {number(figure.low, limit)} to {number(figure.high, limit)})"


def bound(criterion: Criterion) -> str:
    """Write the limit: "at most 0.1"."""
    if criterion.at_most is not None:
        return f"at most {criterion.at_most:g}"
    if criterion.at_least is not None:
        return f"at least {criterion.at_least:g}"
    return "recorded, without a pass mark"


def sentence(criterion: Criterion, part: PartResult) -> str:
    """Say a part's outcome with its figures, who is worse off and how sure that is."""
    title = _title(criterion, part)
    of = f" by {' × '.join(part.attributes)}" if part.attributes else ""
    head = f"{_head(part.outcome)}: "
    if part.outcome in ("not applicable", "not run"):
        return f"{head}{title}{of}: {part.because}."
    text = f"{head}{title}{of} is {interval(part.figure, criterion.limit)}"
    if part.figure.estimate is None:
        text = f"{head}{title}{of} is not defined, because {part.figure.reason}"
    text += f"; asked for is {bound(criterion)}." if criterion.limit is not None else "."
    if part.because and part.because != part.figure.reason:
        text += f" {part.because[0].upper()}{part.because[1:]}."
    return text + _pair(part) + _power(criterion, part) + _aside(part)


def _title(criterion: Criterion, part: PartResult) -> str:
    """Name the figure; where the positive label is adverse, by the decision it is a rate of."""
    figure = criterion.definition
    if figure.of in ("favourable", "decisions") and part.rate.startswith("rate of the "):
        if figure.compares is not None and figure.compares.comparison == "ratio":
            return f"ratio of the {part.rate.replace('rate', 'rates', 1)}"
        return f"difference in the {part.rate}"
    return lower(figure.title)


def _head(outcome: Outcome) -> str:
    return f"{outcome[0].upper()}{outcome[1:]}"


def _pair(part: PartResult) -> str:
    if not part.worse:
        return ""
    worse, better = (
        label_of_name(part.attributes, name, part.known) for name in (part.worse, part.better)
    )
    text = f" {worse} is worse off than {better}"
    if part.worse_rate is not None and part.better_rate is not None:
        text = (
            f" {part.rate[:1].upper()}{part.rate[1:]} of {worse}, which is worse off, is "
            f"{number(part.worse_rate)} against {number(part.better_rate)} of {better}"
        )
    if part.pair is not None:
        text += f", which is {number(part.pair)}"
    if part.p_value is not None and part.adjusted is not None:
        p = equation_of_p(part.adjusted)
        if part.adjusted != part.p_value:
            p += f", before Holm's correction {equation_of_p(part.p_value)}"
        text += f" ({p})"
    return f"{text}."


def _power(criterion: Criterion, part: PartResult) -> str:
    if part.outcome != "not enough evidence":
        return ""
    text = ""
    if part.detectable is not None:
        what = (
            f"a ratio of {number(part.detectable)} or lower"
            if criterion.at_least is not None
            else f"a gap of {number(part.detectable)} or more"
        )
        text = f" These data would show {what} in 80 of 100 samples."
    if part.rows_needed is not None:
        # At a true gap of exactly the limit no number of rows would give a verdict.
        size, none = ("a ratio", "1") if criterion.at_least is not None else ("a gap", "none")
        text += (
            f" To tell {size} of {number(criterion.limit or 0.0)} from {none}, a group needs about "
            f"{part.rows_needed:,} rows."
        )
    return text


def _aside(part: PartResult) -> str:
    text = ""
    if part.left_out:
        shown = listed_labels(
            [label_of_name(part.attributes, n, part.known) for n in part.left_out[:NAMED]]
        )
        rest = len(part.left_out) - NAMED
        more = f" and {rest} more" if rest > 0 else ""
        are = "is" if len(part.left_out) == 1 else "are"
        text = f" Nothing is said of {shown}{more}, which {are} too small to judge."
    if part.unknown:
        rows = "1 row" if part.unknown == 1 else f"{part.unknown:,} rows"
        text += f" Left out as of unknown group: {rows}."
    return text
