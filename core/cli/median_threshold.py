"""``--threshold median``: decide by who scores strictly above the median of the sample."""

from __future__ import annotations

import numpy as np

from core.data.roles.median_threshold import MedianThreshold, nothing_above
from core.data.table import Repair, Table
from core.errors import InputError

MEDIAN = "median"


def number_told(text: str) -> float:
    """Read a threshold that is a number; InputError if it is none."""
    try:
        return float(text)
    except ValueError:
        raise InputError(
            "it is no number", where=f"--threshold {text}", remedy="Give a number, or median"
        ) from None


def score_needed() -> InputError:
    """Say that a median needs a column of scores."""
    return InputError(
        "a median is that of scores, and no column of scores is named",
        where="--threshold median",
        remedy="Name one: --score COL",
    )


def parse_threshold(
    text: str | None, table: Table, score: str | None, target: str | None = None
) -> tuple[float | None, tuple[Repair, ...]]:
    """Read a threshold: a number, or the median, with what was made of it.

    Parameters
    ----------
    text : str or None
    table : Table
    score, target : str or None
        Columns: the median is of the rows that have a score, and an outcome where there is one.

    Raises
    ------
    InputError
        If it is neither, there is no column of scores, or no score lies above the median.
    """
    if text is None:
        return None, ()
    if text != MEDIAN:
        return number_told(text), ()
    if score is None or score not in table.frame.columns:
        raise score_needed()
    scores = table.frame[score]
    if scores.dtype.kind not in "iuf":
        raise InputError("it holds no numbers", where=f"column {score!r}", remedy="Choose another")
    there = np.isfinite(scores.to_numpy(dtype=np.float64, na_value=np.nan))
    of_outcome = target is not None and target in table.frame.columns
    if of_outcome:
        there &= table.frame[target].notna().to_numpy()
    values = scores.to_numpy(dtype=np.float64, na_value=np.nan)[there]
    median = float(np.median(values)) if len(values) else np.nan
    above = values[values > median]
    if not len(above):
        raise nothing_above(score)
    found = MedianThreshold(median, float(above.min()), len(values), len(above), of_outcome)
    return found.threshold, (found.repair(score),)
