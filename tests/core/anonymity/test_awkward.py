"""Awkward columns through every method: kept promises or one sentence, and never a warning."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.anonymity.attack import composition, disclosure, second_release
from core.anonymity.methods import ANONYMISERS
from core.anonymity.recipe import csv_of
from core.anonymity.release import anonymise, finished
from core.anonymity.spec import Anonymisation
from core.errors import InputError
from tests.core.anonymity.worlds import sizes


def awkward() -> pd.DataFrame:
    rng = np.random.default_rng(5)
    n = 90
    days = pd.Series(pd.to_datetime("2020-01-01") + pd.to_timedelta(rng.integers(0, 900, n), "D"))
    return pd.DataFrame(
        {
            "nothing": np.full(n, np.nan),
            "one": ["same"] * n,
            "gaps": np.where(rng.random(n) < 0.3, np.nan, rng.normal(size=n).round(1)),
            "huge": rng.choice([1e300, -1e300, 0.0], n),
            "tiny": rng.choice([1e-300, 2e-300, 5e-300], n),
            "flag": rng.random(n) < 0.5,
            "day": days.where(rng.random(n) > 0.2),
            "star": pd.Series(rng.choice(["*", "(other)", "(missing)", "a | b", "a", "b"], n)),
            "category": pd.Series(rng.choice(["x", "y"], n)).astype("category"),
            "zip": rng.integers(1, 99999, n),
            "=f": pd.Series(rng.choice(["=1", "-2", "[1, 2)"], n), dtype=object),
            "s": pd.Series(rng.choice(["u", "v", None], n), dtype=object),
        }
    )


COLUMNS = [str(name) for name in awkward().columns if name != "s"]


@pytest.mark.parametrize("method", ANONYMISERS.names())
@pytest.mark.parametrize("column", COLUMNS)
def test_every_kind_of_column(method, column):
    frame = awkward()
    quasi = (column, "flag") if column != "flag" else ("flag", "one")
    spec = Anonymisation(method, quasi, "s", k=4, suppression=0.9)
    try:
        made = finished(anonymise(frame, spec))
    except InputError as error:
        text = str(error)
        assert repr(column) in text or "must be left out" in text
        assert text.endswith(".")
        return
    if ANONYMISERS[method].uses_k:
        assert min(sizes(made.frame, quasi)) >= 4
    assert 0 <= made.loss.information <= 1
    csv_of(made.frame)
    disclosure(frame, made, "s")
    second = finished(second_release(frame, made))
    assert composition(frame, made, second, "s").people == len(made.rows)


def test_all_of_them_at_once():
    frame = awkward()
    made = finished(anonymise(frame, Anonymisation("mondrian", tuple(COLUMNS), "s", k=3, l=2)))
    assert min(sizes(made.frame, tuple(COLUMNS))) >= 3


@pytest.mark.parametrize("rows", [1, 2])
def test_hardly_any_rows(rows):
    frame = awkward().head(rows)
    for method in ANONYMISERS.names():
        spec = Anonymisation(method, ("gaps", "star"), "s", k=1, suppression=0.9)
        if method == "microaggregation" and frame["gaps"].isna().any():
            with pytest.raises(InputError, match="'gaps'"):
                finished(anonymise(frame, spec))
            continue
        made = finished(anonymise(frame, spec))
        assert len(made.frame) == rows


def test_categorical_columns_are_kept_from_running_in_a_spreadsheet():
    frame = pd.DataFrame({"c": pd.Categorical(["=1", "b", None])})
    data, repairs = csv_of(frame)
    assert data == b'c\r\n\'=1\r\nb\r\n""\r\n'
    assert [item.count for item in repairs] == [1]
