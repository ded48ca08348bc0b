"""The median that decides is the same in an engine and in memory."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.__main__ import main
from core.data.sources.engine_source import Source
from core.errors import InputError
from core.fairness.engine.engine_median import median_in_engine

SCORES = st.one_of(
    st.integers(-3, 3).map(float),
    st.floats(-1e6, 1e6),
    st.sampled_from([float("nan"), float("inf"), float("-inf"), -0.0, 5e-324]),
    st.none(),
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    rows=st.lists(st.tuples(SCORES, st.sampled_from(["yes", "no", None])), min_size=1, max_size=40),
    judged=st.booleans(),
)
def test_it_is_that_of_the_same_rows_in_memory(
    tmp_path: Path, rows: list[tuple[float | None, str | None]], judged: bool
) -> None:
    frame = pd.DataFrame(
        {
            "points": pd.Series([score for score, _ in rows], dtype="float64"),
            "outcome": pd.Series([label for _, label in rows], dtype="string"),
        }
    )
    file = tmp_path / "people.parquet"
    frame.to_parquet(file)
    target = "outcome" if judged else None
    values = frame["points"].to_numpy()
    kept = values[np.isfinite(values) & (frame["outcome"].notna().to_numpy() | (not judged))]
    above = kept[kept > np.median(kept)] if len(kept) else kept
    if not len(above):
        with pytest.raises(InputError, match="no score lies strictly above the median"):
            median_in_engine(Source(str(file)), "points", target)
        return
    found = median_in_engine(Source(str(file)), "points", target)
    assert (found.median, found.threshold) == (np.median(kept), above.min())
    assert (found.rows, found.above) == (len(kept), len(above))
    assert ((kept >= found.threshold) == (kept > np.median(kept))).all()


@pytest.mark.parametrize(
    ("score", "target", "problem"),
    [
        ("name", None, "it holds no numbers"),
        ("nothing", None, "there is no column of that name"),
        ("points", "nothing", "there is no column of that name"),
    ],
)
def test_columns_that_have_no_median_are_named(
    tmp_path: Path, score: str, target: str | None, problem: str
) -> None:
    file = tmp_path / "people.parquet"
    pd.DataFrame({"points": [1.0, 2.0], "name": ["a", "b"]}).to_parquet(file)
    with pytest.raises(InputError, match=problem):
        median_in_engine(Source(str(file)), score, target)


def test_the_command_decides_by_it_as_on_a_table_in_memory(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(
        {
            "sex": rng.choice(["f", "m"], 501),
            "points": rng.normal(50, 10, 501).round(1),
            "outcome": rng.choice(["yes", "no"], 501),
        }
    )
    frame.loc[:20, "points"] = np.nan
    frame.to_parquet(tmp_path / "people.parquet")
    frame.to_csv(tmp_path / "people.csv", index=False)
    found = {}
    for name in ("people.parquet", "people.csv"):
        out = tmp_path / f"{name}.json"
        main(["fairness", "--predictions", str(tmp_path / name), "--sensitive", "sex",
              "--label", "outcome", "--favourable", "yes", "--score", "points", "--threshold",
              "median", "--out", str(out)])  # fmt: skip
        found[name] = json.loads(out.read_text())
    notes = [
        [item["what"] for item in each["repairs"] if "median" in item["what"]]
        for each in found.values()
    ]
    assert len(notes[0]) == 1
    assert notes[0] == notes[1]
    rates = [[group["selection_rate"] for group in each["by_group"]] for each in found.values()]
    assert rates[0] == pytest.approx(rates[1])


def test_the_command_asks_for_scores(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "people.parquet"
    pd.DataFrame({"sex": ["f", "m"], "hired": ["yes", "no"]}).to_parquet(file)
    words = ["--predictions", str(file), "--sensitive", "sex", "--favourable", "yes"]
    words += ["--prediction", "hired", "--threshold", "median", "--out", str(tmp_path / "o.json")]
    assert main(["fairness", *words]) == 2
    assert "no column of scores is named" in capsys.readouterr().err
