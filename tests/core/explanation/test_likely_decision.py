"""The likelier decision where lots are drawn, against drawing many of them; flips with proxies."""

from __future__ import annotations

import copy
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from core.data.assign import assign
from core.errors import InputError
from core.explanation.counterfactual.actionability import default_spec
from core.explanation.counterfactual.counterfactual import find_counterfactuals
from core.explanation.likely_decision import likely_decisions
from core.explanation.proxies.proxy_flips import proxy_flips, typical_values
from core.mitigation import MITIGATIONS
from core.mitigation.inprocessing.reduced import MixtureDecider
from core.training.spec import TrainingSpec
from core.training.training import train
from tests.core import worlds

# One of each kind of decider: reductions decide alike and are slow to train.
RANDOMISED = [
    mitigation.name
    for mitigation in MITIGATIONS
    if mitigation.randomised and not mitigation.counts and mitigation.family == "after"
]
DRAWS = 200
BY_LOT = next(m.name for m in MITIGATIONS if m.randomised and m.family == "during")


@pytest.mark.parametrize("mitigation", RANDOMISED)
def test_likelier_is_what_most_lots_say(mitigation):
    dataset = worlds.dataset()
    trained = train(dataset, TrainingSpec("logistic_regression", mitigation=mitigation))
    rows = trained.split.test
    X = dataset.features.iloc[rows].reset_index(drop=True)
    groups = dataset.sensitive["sex"].to_numpy(dtype=object)[rows]
    _, likely = likely_decisions(trained, X, groups)
    hits = np.zeros(len(X))
    # The scores are the same in every draw.
    scores = trained.decider.model.predict_score(X)
    for seed in range(DRAWS):
        other = copy.copy(trained.decider)
        other.model = SimpleNamespace(predict_score=lambda _: scores)
        other.seed = seed
        hits += other.predict(X, groups)
    share = hits / DRAWS
    clear = np.abs(share - 0.5) > 4 * 0.5 / DRAWS**0.5
    assert clear.mean() > 0.5
    assert (likely[clear] == (share[clear] > 0.5)).all()


def test_a_person_s_own_group_decides_and_lots_are_named():
    dataset = worlds.dataset()
    spec = TrainingSpec("logistic_regression", mitigation="threshold_optimizer")
    trained = train(dataset, spec)
    rules = default_spec(dataset)
    row = dataset.features.iloc[[trained.split.test[0]]]
    with pytest.raises(InputError, match="decides by the person's group"):
        find_counterfactuals(trained, dataset, row, rules)
    for group in ("f", "m"):
        found = find_counterfactuals(trained, dataset, row, rules, group=group)
        assert found.randomised
        for one in found.found:
            changed = row.reset_index(drop=True)
            for feature, _, after in one.changes:
                changed.loc[0, feature] = after
            _, decided = likely_decisions(trained, changed, np.array([group], dtype=object))
            assert decided[0] == one.decision != found.decision


def test_typical_values():
    frame = pd.DataFrame({"x": [1.0, 2.0, 9.0, np.nan], "c": ["b", "a", "a", "z"]})
    found = typical_values(frame, np.array(["g", "g", "g", "h"]), ("x", "c"))
    assert found["g"] == {"x": 2.0, "c": "a"}
    assert np.isnan(found["h"]["x"])
    assert found["h"]["c"] == "z"


@pytest.mark.parametrize("seen", [False, True])
@pytest.mark.parametrize("mitigation", ["none", "levelling_up"])
def test_flips_are_those_of_a_loop(seen, mitigation):
    dataset = worlds.dataset()
    if seen:
        roles = replace(dataset.roles, features=(*dataset.roles.features, "sex"))
        dataset = assign(worlds.table(worlds.frame()), roles)
    trained = train(dataset, TrainingSpec("logistic_regression", mitigation=mitigation))
    rows, train_rows = trained.split.test, trained.split.train
    sex = dataset.sensitive["sex"].to_numpy(dtype=object)
    *_, (share, found) = proxy_flips(dataset, trained, "sex", ("income", "city"))
    assert share == 1
    assert found.proxies == (("sex", "income", "city") if seen else ("income", "city"))
    counts = {("f", "m"): [0, 0, 0], ("m", "f"): [0, 0, 0]}

    learned = {g: dataset.features.iloc[train_rows][sex[train_rows] == g] for g in ("f", "m")}
    typical = {g: (of["income"].median(), of["city"].mode()[0]) for g, of in learned.items()}

    def decided_as(row, group):
        person = dataset.features.iloc[[row]].reset_index(drop=True)
        person["income"], person["city"] = typical[group]
        if seen:
            person["sex"] = group
        return trained.decider.predict(person, np.array([group], dtype=object))[0]

    for position, row in enumerate(rows):
        own = sex[row]
        other = {"f": "m", "m": "f"}[own]
        after = decided_as(row, other)
        counts[own, other][0] += 1
        counts[own, other][1] += after != trained.decisions[position]
        counts[own, other][2] += after != decided_as(row, own)
    for pair, alike in zip(found.flips.pairs, found.typical.pairs, strict=True):
        rows_in, flipped, between = counts[pair.group, pair.other]
        assert (pair.rows, pair.gained + pair.lost) == (rows_in, flipped)
        assert alike.gained + alike.lost == between
        assert pair.figure.low <= pair.figure.estimate <= pair.figure.high


def test_what_cannot_be_flipped_is_named():
    dataset = worlds.dataset()
    trained = train(dataset, TrainingSpec("logistic_regression"))
    with pytest.raises(InputError, match="'city': it is not a sensitive column"):
        next(proxy_flips(dataset, trained, "city", ()))
    with pytest.raises(InputError, match="proxy 'shoes': the model sees no such feature"):
        next(proxy_flips(dataset, trained, "sex", ("shoes",)))


def test_a_mixture_of_models_is_likely_by_their_shares():
    dataset = worlds.dataset(200)
    trained = train(dataset, TrainingSpec("logistic_regression"))
    X = dataset.features.iloc[trained.split.test].reset_index(drop=True)
    yes, no = (SimpleNamespace(predict=lambda Z, a=a: np.full(len(Z), a)) for a in (1, 0))
    encoder = trained.decider.model.encoder
    for share in (0.3, 0.7):
        decider = MixtureDecider(encoder, [yes, no], np.array([share, 1 - share]), 0)
        spec = replace(trained.spec, mitigation=BY_LOT)
        mixed = replace(trained, decider=decider, spec=spec)
        scores, likely = likely_decisions(mixed, X, np.full(len(X), "f", dtype=object))
        assert scores == pytest.approx(np.full(len(X), share))
        assert likely.tolist() == [share >= 0.5] * len(X)


@pytest.mark.parametrize("learner", ["logistic_regression", "decision_tree", "naive_bayes"])
def test_learners_of_any_form_are_searched(learner):
    dataset = worlds.dataset(300)
    trained = train(dataset, TrainingSpec(learner))
    row = dataset.features.iloc[[trained.split.test[0]]]
    found = find_counterfactuals(trained, dataset, row, default_spec(dataset))
    assert found.found or found.reason
