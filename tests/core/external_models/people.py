"""Made-up people with all that trees are asked about, and what became of them."""

from __future__ import annotations

import numpy as np
import pandas as pd


def people(n: int = 400) -> pd.DataFrame:
    """Numbers with holes, zeros and halves, a category with holes, one of nine values, a flag."""
    rng = np.random.default_rng(2)
    income = rng.normal(30, 10, n).round(1)
    income[rng.random(n) < 0.2] = np.nan
    debt = np.where(rng.random(n) < 0.4, 0.0, rng.normal(0, 2, n).round(1))
    town = rng.choice(["Brno", "Delft", "Kobe", "Lima"], n).astype(object)
    town[rng.random(n) < 0.15] = "(missing)"
    return pd.DataFrame(
        {
            "income": income,
            "age": rng.integers(18, 80, n).astype(float),
            "debt": debt,
            "town": pd.Series(town, dtype=object),
            "job": pd.Series(rng.choice(list("abcdefghi"), n), dtype=object),
            "owner": pd.Series(rng.choice(["no", "yes"], n), dtype=object),
        }
    )


def outcome(frame: pd.DataFrame) -> np.ndarray:
    rng = np.random.default_rng(3)
    worth = frame["income"].fillna(45) / 20 - frame["debt"] / 2 + frame["job"].isin(list("acf"))
    worth += (frame["town"] == "Kobe") * (frame["age"] / 40) + (frame["owner"] == "yes") * 0.5
    return (worth + rng.normal(0, 0.5, len(frame)) > worth.median()).to_numpy().astype(int)
