"""Tables that models of tests learn from: two samples, and one with holes and odd categories."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from core.data.labels import canonical

DATA = Path(__file__).parents[3] / "data"


@dataclass(frozen=True)
class ModelTable:
    """Features and labels, with the names of the columns that are categories."""

    features: pd.DataFrame
    labels: pd.Series
    numbers: tuple[str, ...]
    categories: tuple[str, ...]

    def columns(self, *names: str) -> dict[str, np.ndarray]:
        """What `score` takes: numbers as floats, categories as canonical text or None."""
        return {
            name: _floats(self.features[name])
            if name in self.numbers
            else np.array(
                [None if pd.isna(v) else canonical(v) for v in self.features[name]], dtype=object
            )
            for name in names or self.features.columns
        }


def _floats(column: pd.Series) -> np.ndarray:
    return column.to_numpy(dtype=np.float64, na_value=np.nan)


def _made(frame: pd.DataFrame, target: str) -> ModelTable:
    features = frame.drop(columns=target)
    numbers = tuple(str(c) for c in features if features[c].dtype.kind in "if")
    categories = tuple(str(c) for c in features if c not in numbers)
    return ModelTable(features, frame[target], numbers, categories)


@cache
def german_credit() -> ModelTable:
    frame = pd.read_csv(DATA / "german_credit.csv").head(400)
    flags = frame.select_dtypes(bool).columns
    frame[flags] = frame[flags].astype(str)
    return _made(frame, "credit_risk")


@cache
def adult() -> ModelTable:
    frame = pd.read_csv(DATA / "adult.csv.gz", nrows=1500).dropna()
    columns = ["age", "workclass", "education", "hours-per-week", "sex", "race", "capital-gain"]
    target = "income"
    return _made(frame[[*columns, target]].reset_index(drop=True), target)


@cache
def with_holes() -> ModelTable:
    """Numbers and categories that may be missing, one with a space at its end and one with NFD."""
    rng = np.random.default_rng(0)
    n = 500
    income = rng.normal(30, 10, n).round(1)
    income[rng.random(n) < 0.2] = np.nan
    town = rng.choice(["Brno ", "Cafe\u0301ville", "Delft", "7"], n).astype(object)
    town[rng.random(n) < 0.15] = None
    frame = pd.DataFrame(
        {"income": income, "town": pd.Series(town, dtype=object), "age": rng.integers(18, 80, n)}
    )
    chance = np.nan_to_num(income, nan=20) / 60 + (frame["town"] == "Delft") * 0.2
    frame["outcome"] = np.where(rng.random(n) < chance, "paid", "late")
    return _made(frame, "outcome")


TABLES = {"german_credit": german_credit, "adult": adult, "with_holes": with_holes}
