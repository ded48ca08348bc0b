"""How one person's score changes with one feature (individual conditional expectation, ICE).

Goldstein, Kapelner, Bleich and Pitkin 2015, Peeking inside the black box, Journal of Computational
and Graphical Statistics 24: the person's row with one feature set to each value in turn, all else
as it is. Partial dependence is the mean of such curves.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from core.arrays import Flags, Floats
from core.explanation.counterfactual.counterfactual_result import Value
from core.explanation.person.feature_domains import FeatureDomain
from core.explanation.person.person import format_value
from core.explanation.person.what_if import PersonEditor
from core.explanation.person.what_if_result import Edits

MOST_POINTS = 61
"""Values of a number that are tried at most, beside the person's own."""
MOST_CATEGORIES = 40


@dataclass(frozen=True, eq=False)
class IndividualCurve:
    """The score of one person at each value of a feature.

    Attributes
    ----------
    feature : str
    numeric : bool
    points : tuple of (float, str or None)
        Numbers ascending, or categories in their order; last None where the value may be missing.
    scores : ndarray, shape (k,)
    positive : ndarray of bool, shape (k,)
        Decisions; the likelier one where they are drawn at random.
    now, own : float, str or None
        The value that is set, and that of the person as they are.
    every : bool
        Whether all values of the domain were tried; of other numbers some between are left out.
    threshold : float or None
        Where one score decides at all of these values.
    is_date : bool
        Whether numbers are days since 1970-01-01.
    """

    feature: str
    numeric: bool
    points: tuple[Value, ...]
    scores: Floats
    positive: Flags
    now: Value
    own: Value
    every: bool
    threshold: float | None
    is_date: bool = False

    @property
    def turning(self) -> tuple[Value, ...]:
        """Values with the other decision: of a number the nearest on each side, and missing."""
        here = self.points.index(self.now)
        turned = self.positive != self.positive[here]
        if not self.numeric:
            return tuple(p for p, other in zip(self.points, turned, strict=True) if other)
        known = [k for k, point in enumerate(self.points) if point is not None]
        below = [k for k in known if k < here and turned[k]]
        above = [k for k in known if k > here and turned[k]]
        if self.now is None:
            # Nothing lies beside a missing value: the ends of the values that turn it.
            found = [k for k in known if turned[k]]
            below, above = found[:1], found[1:][-1:]
        gap = [k for k, point in enumerate(self.points) if point is None and turned[k]]
        return tuple(self.points[k] for k in (*below[-1:], *above[:1], *gap))


def individual_curve(
    editor: PersonEditor, position: int, edits: Edits, feature: str
) -> IndividualCurve:
    """Score a person with edits at the values of one feature.

    Parameters
    ----------
    editor : PersonEditor
    position : int
        Of the person among the test rows.
    edits : tuple of Edit
        What else is edited; one of the feature itself says where the person is now.
    feature : str
        One of ``editor.domains(position)``.
    """
    domain = next(item for item in editor.domains(position) if item.feature == feature)
    own = editor.values(position)[feature]
    now = next((edit.value for edit in edits if edit.feature == feature), own)
    points, every = _points(domain, (own, now))
    found = editor.scored(position, edits, feature, points)
    return IndividualCurve(
        feature,
        domain.kind == "number",
        points,
        found.scores,
        found.decisions,
        now,
        own,
        every,
        found.threshold,
        domain.is_date,
    )


def _points(domain: FeatureDomain, wanted: Iterable[Value]) -> tuple[tuple[Value, ...], bool]:
    """Values to try, those that are wanted among them, and whether they are all there are."""
    gap: tuple[Value, ...] = (None,) if domain.missing or None in wanted else ()
    if domain.kind != "number":
        values = domain.values
        if len(values) > MOST_CATEGORIES:
            must = {str(value) for value in wanted if value is not None}
            others = [value for value in values if value not in must]
            chosen = {*must, *others[: MOST_CATEGORIES - len(must)]}
            values = tuple(value for value in values if value in chosen)
        return (*values, *gap), len(values) == len(domain.values)
    must_be = [float(value) for value in wanted if isinstance(value, int | float)]
    low, high = domain.low, domain.high
    if low is None or high is None:
        return (*sorted(set(must_be)), *gap), True
    every = domain.whole and high - low < MOST_POINTS
    grid = np.arange(low, high + 1) if every else np.linspace(low, high, MOST_POINTS)
    if domain.whole:
        grid = np.round(grid)
    return (*sorted({*map(float, grid), *must_be}), *gap), every


def finding(curve: IndividualCurve) -> str:
    """Say in one sentence without a full stop what the curve shows."""
    name, turning = curve.feature, curve.turning
    low, high = float(curve.scores.min()), float(curve.scores.max())
    reach = f"the score stays at {low:.3f}" if low == high else f"scores {low:.3f} to {high:.3f}"
    if not turning:
        if len(curve.points) < 2:
            return f"“{name}” has one value only: there is nothing to compare"
        return f"No value of “{name}” tried turns the decision by itself: {reach}"
    shown = [_short(format_value(value, is_date=curve.is_date)) for value in turning[:3]]
    listed = " or ".join(shown) + (f" and {len(turning) - 3} more" if len(turning) > 3 else "")
    near = "about " if curve.numeric and not curve.every else ""
    return (
        f"“{name}” alone would turn the decision at {near}{listed} "
        f"(it is {_short(format_value(curve.now, is_date=curve.is_date).strip('()'))}): {reach}"
    )


def _short(text: str, length: int = 30) -> str:
    return text if len(text) <= length else f"{text[: length - 2]}…”"
