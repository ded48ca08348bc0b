"""What a notebook shows: each result as tables, and in a console as a few lines."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import equipoise
from equipoise import results

RECORD: dict[str, Any] = {"target": "paid", "positive_label": "yes", "sensitive": "sex"}


def people() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {"sex": rng.choice(["f", "<b>m</b>"], 300), "income": rng.integers(0, 101, 300)}
    )
    frame["paid"] = np.where(frame["income"] + rng.normal(0, 15, 300) > 50, "yes", "no")
    frame["past"] = frame["income"] / 100
    frame.loc[3, "past"] = 0.99
    return frame


def score(rows: pd.DataFrame) -> pd.Series:
    return rows["income"] / 100


@pytest.fixture(scope="module")
def brought() -> Any:
    return equipoise.audit(
        people(), estimator=score, features=["income"], earlier_scores="past", explain=0, **RECORD
    )


def test_a_brought_model_is_named_with_how_it_fits(brought: Any) -> None:
    for shown in (repr(brought), brought._repr_html_()):
        assert "Model made elsewhere: score, object, SHA-256" in shown
        assert "decides positively from 0.5" in shown
        assert "Earlier scores: 1 of 300 recomputed scores differ" in shown
        assert "trained the model" in shown
    assert "<b>m</b>" not in brought._repr_html_()
    assert "300 rows" in repr(brought).splitlines()[0]


def test_rows_that_may_have_trained_it_are_called_audited_rows() -> None:
    found = equipoise.audit(
        people(), estimator=score, features=["income"], mitigation="group_thresholds", explain=0,
        **RECORD,
    )  # fmt: skip
    assert "audited rows" in repr(found).splitlines()[0]


def test_a_what_if_and_a_comparison_are_shown(brought: Any) -> None:
    answer = brought.what_if(0, {"income": 3})
    before = float(people()["income"][0]) / 100
    assert f"{before:.4f}" in answer._repr_html_()
    assert "0.0300" in answer._repr_html_()
    here = equipoise.audit(people(), features=["income"], explain=0, **RECORD)
    both = equipoise.compare(brought, here)
    assert "On the same people" in both._repr_html_()
    assert "ON THE SAME PEOPLE" in repr(both)


def test_a_card_is_text_of_which_the_page_is_shown(brought: Any) -> None:
    card = brought.model_card(intended_use="Trying")
    assert isinstance(card, str)
    assert repr(card) == str(card)
    assert card.startswith("---\ntags:")
    assert "tabular-classification" in card.front_matter
    page = card._repr_markdown_()
    assert page.startswith("#")
    assert "tabular-classification" not in page
    assert card.partition(card.front_matter)[0] == "---\n"


def test_a_sample_is_told_in_lines_and_not_by_its_rows() -> None:
    sample = equipoise.load_sample("compas")
    lines = repr(sample).splitlines()
    assert lines[0].startswith("COMPAS recidivism scores: ")
    assert len(lines) == 3
    assert "<h3>COMPAS" in sample._repr_html_()
    assert sample.caveats[0][:20] in sample._repr_html_()


def test_every_result_tells_itself() -> None:
    for name in results.__all__:
        kind = getattr(results, name)
        told = kind.__repr__ is not object.__repr__
        assert told, name
        if name != "Finding":
            assert hasattr(kind, "_repr_html_"), name
