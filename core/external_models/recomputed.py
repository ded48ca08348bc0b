"""Recomputed scores beside earlier ones, and rows that hang on how a number is rounded.

A model made elsewhere was often asked before, and its scores lie in a column of the table. Where
the file, the matching and the numbers are right both agree, row by row; what differs is counted,
and decisions that flip are told. A model that compares in single precision takes another branch
where a number lies within one rounding step of a threshold of it: such rows are told apart from a
wrong file by asking for both neighbours of each number.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from core.arrays import Flags, Floats
from core.external_models.model_facts import ModelFacts
from core.external_models.scorer import Scorer

SAME = 1e-6
"""Scores no further apart are the same: single precision keeps about seven digits.

Of amounts it is a share, see :func:`same_amounts`.
"""
SHOWN = 20
"""Rows that are named, the most different first."""


@dataclass(frozen=True, eq=False)
class Recomputed:
    """Recomputed scores beside earlier ones.

    Attributes
    ----------
    rows : int
        Rows that have both.
    without : int
        Rows that have no earlier score.
    largest : float
        Largest difference.
    differing : int
        Rows whose scores differ by more than :data:`SAME`.
    flips : int or None
        Rows decided otherwise at the threshold; None of amounts, which decide nothing.
    at_split : int
        Differing rows that lie at a split point of the model.
    shown : tuple of (int, float, float)
        Position, earlier score and recomputed one, of the most different rows.
    what : {"scores", "amounts"}
    """

    rows: int
    without: int
    largest: float
    differing: int
    flips: int | None
    at_split: int
    shown: tuple[tuple[int, float, float], ...]
    what: Literal["scores", "amounts"] = "scores"

    @property
    def sentence(self) -> str:
        """What was found, in one sentence."""
        if self.rows == 0:
            return f"No row has an earlier {self.what[:-1]} to compare with."
        if self.differing == 0:
            return (
                f"All {self.rows:,} recomputed {self.what} agree with the earlier ones (largest "
                f"difference {self.largest:.2g})."
            )
        text = (
            f"{self.differing:,} of {self.rows:,} recomputed {self.what} differ from the earlier "
            f"ones, by up to {self.largest:.3g}"
        )
        if self.flips is not None:
            text += f"; {self.flips:,} {'decision flips' if self.flips == 1 else 'decisions flip'}"
        if self.at_split == self.differing:
            return f"{text}. All of these rows lie at a split point, where rounding decides."
        if self.at_split:
            text += f"; {self.at_split:,} of them lie at a split point, where rounding decides"
        return f"{text}. Check the file, the matching, and how the numbers were prepared."


def compare_scores(
    recomputed: Floats, earlier: Floats, threshold: float | None, at_split: Flags
) -> Recomputed:
    """Compare scores, or amounts, row by row.

    Parameters
    ----------
    recomputed, earlier : ndarray of float64, shape (n,)
        Earlier ones NaN where there is none.
    threshold : float or None
        None of amounts, which decide nothing.
    at_split : ndarray of bool, shape (n,)
        As :func:`rows_at_splits` finds them.
    """
    both = ~np.isnan(earlier)
    apart = np.where(both, np.abs(recomputed - np.where(both, earlier, 0)), 0.0)
    flips = None
    if threshold is None:
        differing = apart > same_amounts(earlier)
    else:
        differing = apart > SAME
        flips = int((both & ((recomputed >= threshold) != (earlier >= threshold))).sum())
    order = np.argsort(-apart, kind="stable")[: min(SHOWN, int(differing.sum()))]
    return Recomputed(
        int(both.sum()),
        int((~both).sum()),
        float(apart.max(initial=0.0)),
        int(differing.sum()),
        flips,
        int((differing & at_split).sum()),
        tuple((int(i), float(earlier[i]), float(recomputed[i])) for i in order),
        "scores" if threshold is not None else "amounts",
    )


def same_amounts(earlier: Floats) -> Floats:
    """How far apart amounts may be to be the same, shape (n,): a millionth.

    It is one of the earlier amount, or of the median one where that is larger: an amount near 0
    may be what is left of larger ones.
    """
    size = np.abs(np.where(np.isnan(earlier), 0.0, earlier))
    known = size[~np.isnan(earlier)]
    return SAME * np.maximum(size, np.median(known) if len(known) else 0.0)


def rows_at_splits(
    scorer: Scorer,
    given: Mapping[str, npt.NDArray[Any]],
    positive: int | None,
    same: Floats | None = None,
) -> Flags:
    """Find rows whose score hangs on how their numbers are rounded to single precision.

    Parameters
    ----------
    scorer : Scorer
    given : mapping of str to ndarray, shape (n,)
        What the model is given, see :func:`core.external_models.matching.model_inputs`.
    positive : int or None
        Column of the positive class among its answers; None where it gives one number.
    same : ndarray of float64, shape (n,), optional
        Scores no further apart are the same; :data:`SAME` by default.

    Returns
    -------
    ndarray of bool, shape (n,)
        True where a number that single precision can't hold exactly lies between two values that
        it can hold, and the model's scores for these two differ by more than that.
    """
    count = len(next(iter(given.values()))) if given else 0
    rounded = np.zeros(count, dtype=np.bool_)
    below, above = dict(given), dict(given)
    for name in _numbers(scorer.facts, given):
        exact = np.asarray(given[name], dtype=np.float64)
        with np.errstate(over="ignore", invalid="ignore"):
            near = exact.astype(np.float32)
            doubled = near.astype(np.float64)
            inexact = np.isfinite(exact) & np.isfinite(near) & (doubled != exact)
            higher = np.nextafter(near, np.float32(np.inf))
            lower = np.nextafter(near, np.float32(-np.inf))
            up = np.where(doubled > exact, near, higher)
            down = np.where(doubled < exact, near, lower)
        rounded |= inexact
        below[name] = np.where(inexact, down.astype(np.float64), exact)
        above[name] = np.where(inexact, up.astype(np.float64), exact)
    found = np.zeros(count, dtype=np.bool_)
    if not rounded.any():
        return found
    rows = np.flatnonzero(rounded)
    scores = [
        _of_class(scorer.score({k: v[rows] for k, v in side.items()}), positive)
        for side in (below, above)
    ]
    found[rows] = np.abs(scores[0] - scores[1]) > (SAME if same is None else same[rows])
    return found


def _of_class(found: Floats, positive: int | None) -> Floats:
    return found if found.ndim == 1 or positive is None else found[:, positive]


def _numbers(facts: ModelFacts, given: Mapping[str, npt.NDArray[Any]]) -> list[str]:
    return [item.name for item in facts.inputs if item.kind == "number" and item.name in given]
