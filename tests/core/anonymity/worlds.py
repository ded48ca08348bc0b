"""Small random tables, and what can be found out about a release by looking only at it."""

from __future__ import annotations

import numpy as np
import pandas as pd


def world(seed: int, rows: int = 60) -> pd.DataFrame:
    """Numbers, categories, dates, with some missing."""
    rng = np.random.default_rng(seed)
    jobs = np.array(["x", "y", None], dtype=object)
    return pd.DataFrame(
        {
            "age": rng.integers(18, 60, rows),
            "town": pd.Series(
                rng.choice(["north-a", "north-b", "south", "east"], rows), dtype=object
            ),
            "job": pd.Series(rng.choice(jobs, rows, p=[0.5, 0.4, 0.1]), dtype=object),
            "note": pd.Series([f"={i}" for i in range(rows)], dtype=object),
            "ill": pd.Series(rng.choice(["yes", "no", "unsure"], rows), dtype=object),
        }
    )


def sizes(frame: pd.DataFrame, quasi: tuple[str, ...]) -> list[int]:
    """Class sizes of a published table, by its text alone."""
    return list(frame[list(quasi)].astype(str).value_counts(dropna=False))
