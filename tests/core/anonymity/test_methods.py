"""Methods: promises kept on the published table alone, and the search against brute force."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.anonymity.hierarchies import Ranges, Tree
from core.anonymity.lattice import MOST_NODES, evaluate, items_of, search
from core.anonymity.measure import measure
from core.anonymity.methods import ANONYMISERS
from core.anonymity.microaggregation import blocks, mdav
from core.anonymity.release import anonymise, finished, hierarchies_for, task_of
from core.anonymity.spec import Anonymisation
from core.data.samples import load_sample
from core.errors import InputError
from tests.core.anonymity.worlds import sizes, world

QUASI = ("age", "town", "job")
METHODS = [item.name for item in ANONYMISERS if item.uses_k]


@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 12))
def test_k_is_kept_on_the_published_table(method, seed, k):
    frame = world(seed)
    spec = Anonymisation(method, QUASI, "ill", k=k, suppression=0.99)
    if method == "suppression" and max(sizes(frame, QUASI)) < k:
        with pytest.raises(InputError, match="in classes that must be left out"):
            finished(anonymise(frame, spec))
        return
    made = finished(anonymise(frame, spec))
    assert min(sizes(made.frame, QUASI)) >= k
    assert made.after.k == min(sizes(made.frame, QUASI))
    assert made.frame["ill"].tolist() == frame["ill"].iloc[made.rows].tolist()
    assert 0 <= made.loss.information <= 1
    assert len(made.frame) + sum(r.count for r in made.repairs if r.column is None) == len(frame)
    changed = {r.column: r.count for r in made.repairs if r.column}
    for name in QUASI:
        before = frame[name].iloc[made.rows].astype(object).where(frame[name].notna(), "(missing)")
        differs = [
            str(a) != str(b) and str(a) != f"{b}.0" and not (b == "(missing)" and a is None)
            for a, b in zip(made.frame[name], before, strict=True)
        ]
        assert changed.get(name, 0) == sum(differs)


@pytest.mark.parametrize("method", ["mondrian", "lattice"])
@pytest.mark.parametrize(("l", "t"), [(2, None), (3, None), (None, 0.3), (2, 0.2)])
def test_l_and_t_are_kept_on_the_published_table(method, l, t):  # noqa: E741
    for seed in range(4):
        spec = Anonymisation(method, QUASI, "ill", k=3, l=l, t=t, suppression=0.2)
        made = finished(anonymise(world(seed), spec))
        found = measure(made.frame, QUASI, "ill")
        assert found.k >= 3
        assert l is None or found.distinct_l >= l
        assert t is None or found.t <= t + 1e-9


def brute_force(frame, spec):
    """The least loss over all nodes, each released with pandas and judged by its text."""
    task = task_of(frame, spec)
    best = None
    for levels in itertools.product(*(range(ladder.height) for ladder in task.ladders)):
        made = frame.copy()
        cost = np.zeros(len(frame))
        for ladder, level in zip(task.ladders, levels, strict=True):
            groups = ladder.groups[level][ladder.coded.codes]
            made[ladder.coded.name] = [ladder.labels[level][g] for g in groups]
            cost += ladder.loss[level][ladder.coded.codes]
        keys = made[list(spec.quasi)].astype(str).agg("|".join, axis=1)
        size = keys.map(keys.value_counts())
        varied = keys.map(made.groupby(keys)[spec.sensitive].nunique())
        out = ((size < spec.k) | (varied < (spec.l or 1))).to_numpy()
        if out.mean() > spec.suppression or out.all():
            continue
        cost[out] = len(spec.quasi)
        loss = cost.mean() / len(spec.quasi)
        best = loss if best is None else min(best, loss)
    return best


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize(("k", "l", "limit"), [(2, None, 0.0), (4, None, 0.1), (3, 2, 0.3)])
def test_the_search_finds_what_brute_force_finds(seed, k, l, limit):  # noqa: E741
    frame = world(seed)
    spec = Anonymisation("lattice", QUASI, "ill", k=k, l=l, suppression=limit)
    made = finished(anonymise(frame, spec))
    best = brute_force(frame, made.spec)
    assert made.loss.information == pytest.approx(best, abs=1e-12)


def test_the_search_on_adult_rows_is_exact_also_with_t():
    frame = load_sample("adult").frame.head(1000)
    quasi = ("age", "sex", "race", "education")
    for l, t in ((2, None), (None, 0.25)):  # noqa: E741
        spec = Anonymisation("lattice", quasi, "income", k=10, l=l, t=t, suppression=0.05)
        spec = Anonymisation(**{**spec.__dict__, "hierarchies": hierarchies_for(frame, quasi)})
        task = task_of(frame, spec)
        items = items_of(task)
        every = [
            evaluate(task, items, levels)
            for levels in itertools.product(*(range(ladder.height) for ladder in task.ladders))
        ]
        _, best, counted = list(search(task))[-1]
        assert best is not None
        assert best.loss == min(node.loss for node in every if node is not None)
        assert counted < len(every) / 2


def test_loses_no_more_than_anjana():
    record = json.loads(
        (Path(__file__).parents[1] / "privacy" / "peers" / "anjana.json").read_text("utf-8")
    )
    frame = load_sample("german_credit").frame
    quasi = tuple(record["quasi"])
    hierarchies = (
        Ranges("age", tuple(map(float, record["widths"]))),
        *(Tree(name, ()) for name in quasi[1:]),
    )
    better = 0
    for case in record["cases"]:
        spec = Anonymisation(
            "lattice", quasi, k=case["k"], suppression=case["limit"] / 100, hierarchies=hierarchies
        )
        task = task_of(frame, spec)
        theirs = evaluate(task, items_of(task), tuple(case["levels"]))
        # The peer's node keeps k by our count too, and leaves out the rows that it says.
        assert theirs is not None
        assert len(frame) - theirs.suppressed == case["rows"]
        ours = [node for _, node, _ in search(task)][-1]
        assert ours is not None
        assert ours.loss <= theirs.loss
        better += ours.loss < theirs.loss
    assert better >= 6


def test_a_lattice_too_large_and_one_that_keeps_nothing_are_refused():
    frame = pd.DataFrame({name: range(1000) for name in "abcdef"})
    with pytest.raises(InputError, match=f"at most {MOST_NODES:,} are searched"):
        finished(anonymise(frame, Anonymisation("lattice", tuple("abcdef"))))
    flat = pd.DataFrame({"a": [1, 2, 3, 4], "s": ["x", "y", "x", "y"]})
    with pytest.raises(InputError, match="l must be from 1"):
        finished(anonymise(flat, Anonymisation("lattice", ("a",), "s", k=1, l=3)))
    with pytest.raises(InputError, match="k must be from 1"):
        finished(anonymise(flat, Anonymisation("mondrian", ("a",), "s", k=5)))


def test_mondrian_halves_as_far_as_it_can():
    # 16 different people, k = 2: each class has two or three.
    frame = pd.DataFrame({"a": range(16), "b": [i % 4 for i in range(16)]})
    made = finished(anonymise(frame, Anonymisation("mondrian", ("a", "b"), k=2)))
    assert sizes(made.frame, ("a", "b")) == [2] * 8
    same = pd.DataFrame({"a": [5] * 9 + [7]})
    assert finished(anonymise(same, Anonymisation("mondrian", ("a",), k=2))).after.classes == 1


def test_mdav_is_the_algorithm_of_the_paper():
    rng = np.random.default_rng(3)
    for n, k in ((7, 2), (30, 3), (41, 5), (4, 4)):
        points = rng.normal(size=(n, 2))
        groups = [sorted(rows.tolist()) for rows in mdav(points, k)]
        assert sorted(itertools.chain(*groups)) == list(range(n))
        assert all(k <= len(rows) < 2 * k for rows in groups)
        # The first group, worked out directly.
        if n >= 3 * k:
            far = int(((points - points.mean(0)) ** 2).sum(1).argmax())
            near = np.argsort(((points - points[far]) ** 2).sum(1))[:k]
            assert groups[0] == sorted(near.tolist())
    pieces = blocks(rng.normal(size=(1000, 3)), 100)
    assert sorted(np.concatenate(pieces).tolist()) == list(range(1000))
    assert max(map(len, pieces)) <= 100


def test_microaggregation_keeps_means():
    frame = pd.DataFrame({"x": np.random.default_rng(0).normal(size=200), "c": list("ab") * 100})
    made = finished(anonymise(frame, Anonymisation("microaggregation", ("x", "c"), k=4)))
    assert made.frame["x"].mean() == pytest.approx(frame["x"].mean())
    assert made.frame["x"].dtype.kind == "f"
    frame.loc[0, "x"] = np.nan
    with pytest.raises(InputError, match="has no mean"):
        finished(anonymise(frame, Anonymisation("microaggregation", ("x",), k=4)))


def test_nothing_is_the_identity():
    frame = world(1)
    made = finished(anonymise(frame, Anonymisation("none", QUASI, "ill")))
    pd.testing.assert_frame_equal(made.frame, frame)
    assert made.loss.information == 0
    assert not made.repairs
