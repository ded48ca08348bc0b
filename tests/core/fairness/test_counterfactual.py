from __future__ import annotations

import pandas as pd

from core.data.assign import assign
from core.data.samples import SAMPLES, load_sample
from core.explanation.counterfactual.sensitive_flips import flip_steps, model_flips
from core.training.spec import TrainingSpec
from core.training.training import train


def flips(predict, features, attribute):
    """Change only one attribute of everyone to each of its values."""
    column = features[attribute]

    def decide_as(name):
        return predict(features.assign(**{attribute: name}))

    names = sorted(set(column))
    *_, (_, found) = flip_steps(predict(features), list(column), decide_as, attribute, names=names)
    return found


def test_flips_are_counted_both_ways():
    frame = pd.DataFrame({"sex": ["F", "M", "F", "M"], "income": [10.0, 20.0, 30.0, 40.0]})

    def predict(rows):
        return (rows["income"] + 15 * (rows["sex"] == "M") > 28).to_numpy()

    found = flips(predict, frame, "sex")
    # As they are: F, M, T, T. All M: F, T, T, T; all F: F, F, T, T. Only row 1 was M and needs it.
    assert predict(frame).tolist() == [False, True, True, True]
    assert found.figure.estimate == 0.25
    assert found.gained == {"F": 0, "M": 0}
    assert found.lost == {"F": 1, "M": 0}
    assert [(p.group, p.other, p.rows, p.gained, p.lost) for p in found.pairs] == [
        ("F", "M", 2, 0, 0),
        ("M", "F", 2, 0, 1),
    ]
    assert 0 < found.figure.low < 0.25 < found.figure.high < 1


def test_an_attribute_that_decides_nothing_or_is_constant():
    frame = pd.DataFrame({"x": [1.0, 2.0], "k": ["a", "a"]})

    def predict(rows):
        return rows["x"].to_numpy() > 1

    assert "single value" in flips(predict, frame, "k").figure.reason
    none = flips(predict, frame.assign(k=["a", "b"]), "k")
    assert (none.figure.estimate, none.figure.low) == (0, 0)


def german(**changes):
    roles = SAMPLES["german_credit"].roles
    roles = type(roles)(**{**roles.__dict__, **changes})
    return assign(load_sample("german_credit"), roles)


def test_a_model_s_flips_are_those_of_a_loop_over_people():
    roles = SAMPLES["german_credit"].roles
    dataset = german(features=(*roles.features, "sex", "age"))
    trained = train(dataset, TrainingSpec("logistic_regression"))
    rows = trained.split.test
    *_, (share, found) = model_flips(dataset, trained, "sex")
    assert share == 1
    flips = {("female", "male"): [0, 0, 0], ("male", "female"): [0, 0, 0]}
    for position, row in enumerate(rows):
        person = dataset.features.iloc[[row]].reset_index(drop=True)
        was = person.loc[0, "sex"]
        other = {"female": "male", "male": "female"}[was]
        person.loc[0, "sex"] = other
        after = trained.decider.predict(person, dataset.sensitive["sex"].to_numpy()[[row]])[0]
        counts = flips[was, other]
        counts[0] += 1
        counts[1] += after and not trained.decisions[position]
        counts[2] += trained.decisions[position] and not after
    fields = {(p.group, p.other): [p.rows, p.gained, p.lost] for p in found.pairs}
    assert fields == flips
    assert sum(c[1] + c[2] for c in flips.values()) > 0
    # Age is a number: members of the other bin are given its median.
    *_, (_, by_age) = model_flips(dataset, trained, "age")
    median = dataset.features["age"][dataset.features["age"] >= 25].median()
    young = dataset.features.iloc[rows][dataset.features["age"].iloc[rows] < 25].assign(age=median)
    groups = dataset.sensitive["sex"].loc[young.index].to_numpy(dtype=object)
    after = trained.decider.predict(young.reset_index(drop=True), groups)
    before = trained.decisions[(dataset.features["age"].iloc[rows] < 25).to_numpy()]
    pair = next(p for p in by_age.pairs if p.group == "< 25")
    assert (pair.other, pair.rows) == ("≥ 25", len(young))
    assert (pair.gained, pair.lost) == ((after & ~before).sum(), (before & ~after).sum())


def test_an_unseen_attribute_flips_nothing_unless_a_mitigation_decides_by_it():
    dataset = german()
    plain = train(dataset, TrainingSpec("logistic_regression"))
    *_, (_, found) = model_flips(dataset, plain, "sex")
    assert (found.figure.estimate, found.pairs, found.rows) == (0, (), len(plain.decisions))
    assert "no proof of fairness" in found.figure.reason
    by_group = train(dataset, TrainingSpec("logistic_regression", mitigation="levelling_up"))
    *_, (_, found) = model_flips(dataset, by_group, "sex")
    rows = by_group.split.test
    features = dataset.features.iloc[rows].reset_index(drop=True)
    sex = dataset.sensitive["sex"].to_numpy(dtype=object)[rows]
    for pair in found.pairs:
        after = by_group.decider.predict(features, pd.Series([pair.other] * len(rows)).to_numpy())
        flipped = (after != by_group.decisions) & (sex == pair.group)
        assert pair.figure.estimate == flipped.sum() / (sex == pair.group).sum()
        assert 0 <= pair.figure.low <= pair.figure.estimate <= pair.figure.high
    *_, (_, other) = model_flips(dataset, by_group, "age")
    assert other.figure.estimate == 0
