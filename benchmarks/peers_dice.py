"""Record counterfactuals of dice-ml on German credit, to be set beside ours; run by hand.

dice-ml needs pandas below 3, and brings 700 MB of CUDA libraries unless it is installed alone:

    python3.11 -m venv /tmp/venv_dice
    /tmp/venv_dice/bin/pip install --no-deps dice-ml==0.12
    /tmp/venv_dice/bin/pip install "pandas<3" scikit-learn==1.7.2 jsonschema tqdm raiutils
    /tmp/venv_dice/bin/python benchmarks/peers_dice.py

It prints, for its random and its genetic search, over the first unfavourably decided people: the
share with a valid counterfactual, the features it changes, its distance in units of ours, and
seconds per person. With --ours, in the project's own environment, it prints the same of ours.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
PEOPLE = 15
SENSITIVE = ["sex", "personal_status", "age", "foreign_worker"]


def table() -> tuple[pd.DataFrame, pd.DataFrame]:
    frame = pd.read_csv(ROOT / "data" / "german_credit.csv")
    frame["good"] = (frame.pop("credit_risk") == "good").astype(int)
    frame = frame.drop(columns=SENSITIVE)
    numbers = frame.select_dtypes("number").columns.drop("good")
    frame[numbers] = frame[numbers].astype(float)
    order = np.random.default_rng(0).permutation(len(frame))
    return frame.iloc[order[:700]].reset_index(drop=True), frame.iloc[order[700:]]


def summed(name: str, found: list[tuple[float, int, float] | None]) -> None:
    valid = [one for one in found if one is not None]
    print(
        json.dumps(
            {
                "search": name,
                "people": len(found),
                "valid": round(len(valid) / len(found), 3),
                "median features changed": float(np.median([one[1] for one in valid])),
                "median distance": round(float(np.median([one[0] for one in valid])), 3),
                "median seconds": round(float(np.median([one[2] for one in valid])), 3),
            }
        )
    )


def distance(one: pd.Series, other: pd.Series, units: dict[str, float]) -> tuple[float, int]:
    total, changed = 0.0, 0
    for name in one.index:
        if name in units:
            away = abs(float(one[name]) - float(other[name])) / units[name]
        else:
            away = float(str(one[name]) != str(other[name]))
        total, changed = total + away, changed + (away > 0)
    return total, changed


def main() -> None:
    import dice_ml
    from sklearn.compose import ColumnTransformer
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder

    train, test = table()
    numbers = list(train.select_dtypes("number").columns.drop("good"))
    texts = [c for c in train if c not in numbers and c != "good"]
    encoder = ColumnTransformer(
        [("text", OneHotEncoder(handle_unknown="ignore", sparse_output=False), texts)],
        remainder="passthrough",
    )
    model = make_pipeline(encoder, HistGradientBoostingClassifier(random_state=0))
    model.fit(train.drop(columns="good"), train["good"])
    people = test.drop(columns="good")
    people = people[model.predict(people) == 0][:PEOPLE]
    units = {}
    for name in numbers:
        away = (train[name] - train[name].median()).abs()
        units[name] = away.median() or away.mean() * 1.253314 / 1.4826
    data = dice_ml.Data(dataframe=train, continuous_features=numbers, outcome_name="good")
    dice_model = dice_ml.Model(model=model, backend="sklearn")
    for method in ("random", "genetic"):
        explainer = dice_ml.Dice(data, dice_model, method=method)
        found: list[tuple[float, int, float] | None] = []
        for i in range(len(people)):
            person, began = people.iloc[[i]], time.perf_counter()
            options = {"random_seed": 0} if method == "random" else {}
            try:
                made = explainer.generate_counterfactuals(
                    person, total_CFs=3, desired_class=1, verbose=False, **options
                )
                answers = made.cf_examples_list[0].final_cfs_df
            except Exception as error:
                print(type(error).__name__, error, file=sys.stderr)
                answers = None
            took, best = time.perf_counter() - began, None
            if answers is not None and len(answers):
                answers = answers[list(people.columns)].astype(train[people.columns].dtypes)
                for position in np.flatnonzero(model.predict(answers) == 1):
                    away, changed = distance(person.iloc[0], answers.iloc[position], units)
                    best = min(best or (np.inf, 0, 0.0), (away, changed, took))
            found.append(best)
        summed(f"dice-ml {method}", found)


def ours() -> None:
    sys.path.insert(0, str(ROOT))
    from core.data.assign import assign
    from core.data.samples import SAMPLES, load_sample
    from core.explanation.counterfactual.actionability import default_spec
    from core.explanation.counterfactual.counterfactual import CounterfactualFinder
    from core.training.spec import TrainingSpec
    from core.training.training import train

    roles = SAMPLES["german_credit"].roles
    dataset = assign(load_sample("german_credit"), roles)
    trained = train(dataset, TrainingSpec("gradient_boosting"))
    finder = CounterfactualFinder(trained, dataset, default_spec(dataset))
    found: list[tuple[float, int, float] | None] = []
    for row in trained.split.test[~trained.decisions][:PEOPLE]:
        began = time.perf_counter()
        one = finder.find(dataset.features.iloc[[row]]).found
        took = time.perf_counter() - began
        found.append((one[0].distance, len(one[0].changes), took) if one else None)
    summed("ours", found)


if __name__ == "__main__":
    ours() if "--ours" in sys.argv else main()
