"""Private trees: the labels' noise against its closed form, lots, limits, and the library."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from core.explanation.attribution.function_shapley import by_coalitions
from core.explanation.attribution.shapley import shapley_values
from core.learning.learners import LEARNERS, LearnerConfiguration
from core.learning.noisy_trees import NoisyForest, noisy_label
from core.mitigation import MITIGATIONS, MitigationContext, TrainingData
from tests.core.worlds import DOMAINS, dataset

PRIVATE_TREES = ("dp_decision_tree", "dp_random_forest")


def built(name: str, epsilon: float = 1.0, noise_seed: int | None = None):
    return LEARNERS[name].build(
        LearnerConfiguration(epsilon=epsilon, domains=DOMAINS, noise_seed=noise_seed)
    )


def chance_of_one(zeros: int, ones: int, epsilon: float) -> float:
    """Permute-and-flip on two counts: the larger wins unless the smaller comes first and passes."""
    behind = 0.5 * math.exp(-epsilon * abs(zeros - ones))
    return behind if ones < zeros else 1 - behind


@pytest.mark.parametrize("counts", [(0, 0), (0, 1), (3, 1), (2, 4)])
def test_labels_have_the_chances_of_permute_and_flip(counts: tuple[int, int]) -> None:
    runs, epsilon = 4000, 1.0
    ones = sum(noisy_label(np.array(counts), epsilon, None) for _ in range(runs))
    expected = chance_of_one(*counts, epsilon)
    assert stats.binomtest(ones, runs, expected).pvalue > 1e-6
    if abs(counts[0] - counts[1]) == 2:
        # Half the noise would be seen.
        assert stats.binomtest(ones, runs, chance_of_one(*counts, 2 * epsilon)).pvalue < 1e-6


def test_one_row_changes_a_label_by_no_more_than_epsilon() -> None:
    def loss(epsilon: float) -> float:
        worst = 0.0
        for zeros in range(6):
            for ones in range(6):
                for more in ((zeros + 1, ones), (zeros, ones + 1)):
                    p = chance_of_one(zeros, ones, epsilon)
                    q = chance_of_one(*more, epsilon)
                    worst = max(worst, *(abs(math.log(a / b)) for a, b in ((p, q), (1 - p, 1 - q))))
        return worst

    assert loss(1.0) <= 1.0 + 1e-12
    assert loss(2.0) > 1.0


def test_one_row_more_changes_one_leaf_of_one_tree(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[np.ndarray] = []
    monkeypatch.setattr(
        "core.learning.noisy_trees.noisy_label",
        lambda counts, epsilon, noise: seen.append(counts.copy()) or 0,
    )
    data = dataset(200)
    for rows in (199, 200):
        # The last row is the one that comes and goes, and the other rows' lots stay the same.
        built("dp_random_forest", noise_seed=3).fit(data.features[:rows], data.target[:rows])
    first, second = np.split(np.array(seen), 2)
    assert len(first) == 20 * 2**6
    change = second - first
    assert change.sum() == 1
    assert np.abs(change).sum() == 1


@pytest.mark.parametrize("name", PRIVATE_TREES)
def test_nothing_is_read_from_the_rows_but_noisy_labels(name: str) -> None:
    data = dataset(300)
    one, other = built(name, noise_seed=1), built(name, noise_seed=1)
    one.fit(data.features, data.target)
    # Fewer rows, other values, one label only: the same questions, bounds and classes.
    few = data.features[:5].assign(income=1e6, city="elsewhere")
    other.fit(few, np.ones(5, dtype=bool))
    assert np.array_equal(one.estimator.feature_, other.estimator.feature_)
    assert np.array_equal(one.estimator.threshold_, other.estimator.threshold_)
    assert other.predict_score(few).shape == (5,)
    assert list(other.estimator.classes_) == [0, 1]


def test_fresh_labels_of_empty_leaves_do_not_follow_the_common_random_numbers() -> None:
    forests = []
    for _ in range(2):
        np.random.seed(0)
        model = built("dp_random_forest")
        model.fit(dataset(20).features, dataset(20).target)
        forests.append(model.estimator.label_)
    assert not np.array_equal(*forests)


def test_at_a_huge_epsilon_each_leaf_has_its_majority() -> None:
    data = dataset(600)
    model = built("dp_decision_tree", epsilon=1e9, noise_seed=0)
    model.fit(data.features, data.target)
    leaf = model.estimator._leaf(model.encoder.transform(data.features), 0)
    result = model.predict_score(data.features)
    table = pd.DataFrame({"leaf": leaf, "y": data.target, "told": result}).groupby("leaf")
    for _, rows in table:
        if rows["y"].mean() != 0.5:
            assert set(rows["told"]) == {float(rows["y"].mean() > 0.5)}


def test_trees_agree_with_the_library_on_the_same_questions() -> None:
    from diffprivlib.models.forest import _FittingTree, _Node

    data = dataset(400)
    model = built("dp_decision_tree", epsilon=1e9, noise_seed=2)
    model.fit(data.features, data.target)
    tree, X = model.estimator, model.encoder.transform(data.features)
    theirs = _FittingTree(
        8, X.shape[1], [0, 1], float("inf"), tree.bounds, np.random.RandomState(0)
    )
    inner = 2**8 - 1
    for k in range(2 * inner + 1):
        leaf = k >= inner
        node = _Node(k, -2 if leaf else tree.feature_[0, k], -2 if leaf else tree.threshold_[0, k])
        node.left_child, node.right_child = (-1, -1) if leaf else (2 * k + 1, 2 * k + 2)
        theirs.nodes.append(node)
    theirs.node_count = len(theirs.nodes)
    theirs.fit(X, data.target.astype(int))
    own = tree._leaf(X, 0)
    assert np.array_equal(theirs.apply(X) - inner, own)
    counts = np.bincount(2 * own + data.target, minlength=2 * inner + 2).reshape(-1, 2)
    clear = counts[:, 0] != counts[:, 1]
    labels = theirs.values_[inner:, 0].argmax(axis=1)
    assert np.array_equal(labels[clear], tree.label_[0][clear])


def test_a_forest_at_a_huge_epsilon_is_the_vote_of_its_trees() -> None:
    data = dataset(500)
    model = built("dp_random_forest", epsilon=1e9, noise_seed=0)
    model.fit(data.features, data.target)
    votes = model.predict_score(data.features) * 20
    assert votes == pytest.approx(np.rint(votes))
    decided = (votes > 10) == data.target
    assert decided.mean() > data.target.mean()


def test_private_trees_are_explained_exactly() -> None:
    name, data = "dp_random_forest", dataset(300)
    part = TrainingData(
        data.features, data.target, data.sensitive["sex"].to_numpy(dtype=object), None
    )
    decider = MITIGATIONS["none"].fit(MitigationContext(part, part, lambda: built(name, 8.0, 0), 0))
    rows, behind = data.features[:2], data.features[100:105].reset_index(drop=True)
    found = shapley_values(decider, rows, behind)
    assert found.method == "trees"
    assert found.additivity_error < 1e-9
    exact = by_coalitions(decider.predict_score, rows, behind)
    assert found.values == pytest.approx(exact.values, abs=1e-9)


def test_a_bare_forest_needs_no_particular_labels() -> None:
    forest = NoisyForest(3, 2, 1.0, noise_seed=0)
    forest.bounds = (np.zeros(1), np.ones(1))
    forest.fit(np.empty((0, 1)), np.empty(0, dtype=np.int64))
    assert forest.predict_proba(np.array([[0.5]])).sum() == 1.0
