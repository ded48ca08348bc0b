"""Figures against pyCANON's recorded ones, tables worked out by hand, and brute force."""

from __future__ import annotations

import json
import math
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import wasserstein_distance

from core.anonymity.diversity import distances
from core.anonymity.equivalence_classes import classes_of, code
from core.anonymity.loss import measure_loss
from core.anonymity.measure import measure
from core.anonymity.suggest import suggest
from core.data.samples import load_sample
from core.errors import InputError

PEER = json.loads(
    (Path(__file__).parents[1] / "privacy" / "peers" / "pycanon.json").read_text("utf-8")
)


@pytest.mark.parametrize("case", PEER["cases"], ids=lambda case: case["name"])
def test_agrees_with_pycanon(case):
    frame = pd.DataFrame(case["columns"])
    found = measure(frame, case["quasi"], case["sensitive"])
    theirs = case["figures"]
    assert found.k == theirs["k"]
    assert found.classes == theirs["classes"]
    assert found.distinct_l == theirs["distinct_l"]
    # pyCANON rounds entropy l down to a whole number; ours is what it rounds.
    assert (
        theirs["entropy_l_floor"] <= found.entropy_l + 1e-9 < theirs["entropy_l_floor"] + 1 + 2e-9
    )
    if theirs["t"] is not None:
        assert found.t == pytest.approx(theirs["t"], abs=1e-9)
    assert found.prosecutor_highest == pytest.approx(theirs["max_rir"], abs=1e-9)
    classes = classes_of([code(frame, name).codes for name in case["quasi"]], len(frame))
    size = np.bincount(classes)
    # pyCANON averages the risk over classes, ours over people, as El Emam and Dankar do.
    assert np.mean(1 / size) == pytest.approx(theirs["average_rir"], abs=1e-9)
    assert found.prosecutor_mean == pytest.approx(np.mean((1 / size)[classes]), abs=1e-12)
    loss = measure_loss(("q",), np.zeros((len(frame), 1)), classes, found.k)
    assert loss.discernibility == theirs["discernibility"]
    assert loss.average_class == pytest.approx(theirs["average_class"], abs=1e-9)


def test_li_and_others_worked_example():
    # Table 3 of Li, Li and Venkatasubramanian 2007: salaries 3k to 11k; the first class holds
    # 3k, 4k, 5k and is 0.375 away, a class of 6k, 8k, 11k 0.167.
    frame = pd.DataFrame(
        {
            "zip": ["476**"] * 3 + ["4790*"] * 3 + ["rest"] * 3,
            "salary": [3000, 4000, 5000, 6000, 8000, 11000, 7000, 9000, 10000],
        }
    )
    classes = code(frame, "zip").codes
    found = distances(classes, code(frame, "salary").codes, ordered=True)
    assert found[0] == pytest.approx(0.375)
    assert found[1] == pytest.approx(1 / 6)
    assert measure(frame, ["zip"], "salary").t == pytest.approx(found.max())


COLUMNS = st.integers(1, 40).flatmap(
    lambda n: st.tuples(
        st.lists(st.sampled_from(["a", "b", None]), min_size=n, max_size=n),
        st.lists(st.sampled_from([1.0, 2.0, -0.0, math.nan]), min_size=n, max_size=n),
        st.lists(st.integers(0, 4), min_size=n, max_size=n),
        st.booleans(),
    )
)


@settings(max_examples=60, deadline=None)
@given(COLUMNS)
def test_is_what_counting_by_hand_gives(drawn):
    text, number, sensitive, as_text = drawn
    frame = pd.DataFrame(
        {
            "text": pd.Series(text, dtype=object),
            "number": number,
            "s": [f"v{x}" for x in sensitive] if as_text else sensitive,
        }
    )
    groups: dict[object, list[int]] = {}
    for t, x, s in zip(text, number, sensitive, strict=True):
        groups.setdefault((t, "missing" if math.isnan(x) else x + 0.0), []).append(s)
    found = measure(frame, ["text", "number"], "s")
    sizes = [len(rows) for rows in groups.values()]
    assert (found.k, found.classes) == (min(sizes), len(sizes))
    assert found.unique == sizes.count(1)
    assert found.distinct_l == min(len(set(rows)) for rows in groups.values())
    entropy = [
        math.exp(-sum(c / len(r) * math.log(c / len(r)) for c in Counter(r).values()))
        for r in groups.values()
    ]
    assert found.entropy_l == pytest.approx(min(entropy))
    values = sorted(set(sensitive))
    whole = Counter(sensitive)
    far = []
    for rows in groups.values():
        here = Counter(rows)
        p = [whole[v] / len(sensitive) for v in values]
        q = [here[v] / len(rows) for v in values]
        if as_text:
            far.append(sum(abs(a - b) for a, b in zip(p, q, strict=True)) / 2)
        elif len(values) == 1:
            far.append(0.0)
        else:
            ranks = range(len(values))
            far.append(wasserstein_distance(ranks, ranks, q, p) / (len(values) - 1))
    assert found.t == pytest.approx(max(far), abs=1e-9)


def test_journalist_risk_from_a_population_and_from_an_estimate():
    sample = pd.DataFrame({"q": ["a", "a", "b"]})
    people = pd.DataFrame({"q": ["a"] * 4 + ["b"] * 10 + ["c"] * 9})
    found = measure(sample, ["q"], population=people).journalist
    assert found is not None
    assert found.highest == pytest.approx(1 / 4)
    assert found.mean == pytest.approx((2 / 4 + 1 / 10) / 3)
    estimated = measure(sample, ["q"], sampling_fraction=0.1).journalist
    assert estimated is not None
    assert estimated.highest == pytest.approx(0.1)
    assert "estimate" in estimated.basis
    with pytest.raises(InputError, match="fewer people than the table in 1 classes"):
        measure(sample, ["q"], population=people[people["q"] != "b"])


@pytest.mark.parametrize(
    ("quasi", "sensitive", "says"),
    [
        ([], None, "no quasi-identifier is chosen"),
        (["a", "a"], None, "named twice"),
        (["a"], "a", "at once"),
        (["nope"], None, "there is no such column"),
        (["inf"], None, "number beyond"),
    ],
)
def test_says_what_is_wrong(quasi, sensitive, says):
    frame = pd.DataFrame({"a": [1, 2], "inf": [1.0, math.inf]})
    with pytest.raises(InputError, match=says):
        measure(frame, quasi, sensitive)


def test_an_empty_table_and_numbers_without_order():
    with pytest.raises(InputError, match="no rows"):
        measure(pd.DataFrame({"a": []}), ["a"])
    gaps = measure(pd.DataFrame({"a": [1, 1], "s": [1.0, math.nan]}), ["a"], "s")
    assert gaps.t is None
    assert "missing" in gaps.t_distance


def test_suggests_what_tells_people_apart():
    frame = pd.DataFrame({"sex": list("mf") * 50, "id": range(100), "flat": ["x"] * 100})
    chosen, steps = suggest(frame, ["id", "flat"], ["sex"])
    assert [item.column for item in chosen] == ["sex", "id"]
    assert steps[0].separation == pytest.approx(50 * 50 / (100 * 99 / 2))
    assert steps[1].unique == 1.0
    assert steps[1].separation == 1.0


def test_adult_is_measured_within_a_second():
    import time

    frame = load_sample("adult").frame
    began = time.process_time()
    found = measure(frame, ["age", "sex", "race", "education", "occupation"], "income")
    assert time.process_time() - began < 1.0
    # Counted once with pandas, as text.
    names = ["age", "sex", "race", "education", "occupation"]
    sizes = frame[names].astype(str).value_counts(dropna=False)
    assert (found.classes, found.unique) == (len(sizes), int((sizes == 1).sum()))
