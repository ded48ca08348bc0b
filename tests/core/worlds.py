"""Small made-up data sets with known properties."""

from __future__ import annotations

import io
from copy import deepcopy
from functools import lru_cache

import numpy as np
import pandas as pd

from core.data.assign import assign, default_roles
from core.data.dataset import Dataset
from core.data.domains import CategoryDomain, Domains, NumberDomain
from core.data.reading.reading import read_bytes
from core.data.table import Table

DOMAINS = Domains(
    (
        NumberDomain("income", 0.0, 10.0),
        NumberDomain("age", 0.0, 100.0),
        CategoryDomain("city", ("north", "south", "east")),
    )
)


def frame(n: int = 600, seed: int = 0) -> pd.DataFrame:
    """Income and city drive the outcome, age is noise with holes, sex shifts income."""
    rng = np.random.default_rng(seed)
    sex = rng.choice(["f", "m"], n)
    income = rng.normal(4 + (sex == "m"), 1.5, n).clip(0, 10)
    city = rng.choice(["north", "south", "east"], n, p=[0.5, 0.3, 0.2])
    age = np.where(rng.random(n) < 0.1, np.nan, rng.integers(18, 90, n))
    margin = 1.2 * (income - 4.5) + np.where(city == "north", 0.8, -0.6)
    paid = np.where(rng.random(n) < 1 / (1 + np.exp(-margin)), "yes", "no")
    return pd.DataFrame({"income": income, "age": age, "city": city, "sex": sex, "paid": paid})


def table(data: pd.DataFrame) -> Table:
    """The table that an upload of the frame would give."""
    text = io.StringIO()
    data.to_csv(text, index=False)
    return deepcopy(_read(text.getvalue().encode()))


@lru_cache(maxsize=64)
def _read(data: bytes) -> Table:
    return read_bytes(data, "world.csv")


def dataset(n: int = 600, seed: int = 0) -> Dataset:
    """The frame with roles assigned: sex is sensitive and no feature."""
    return deepcopy(_dataset(n, seed))


@lru_cache(maxsize=64)
def _dataset(n: int, seed: int) -> Dataset:
    read = table(frame(n, seed))
    return assign(read, default_roles(read, "paid", "yes", ("sex",))[0])
