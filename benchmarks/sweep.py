"""Sixty points of a sweep on Adult against a plain loop over the public libraries.

    python benchmarks/sweep.py [--jobs N] [--intervals]

The loop does what a notebook does: for each point it reads the table, encodes it with
scikit-learn, trains, mitigates with fairlearn (thresholds) or by hand (weights), and measures with
fairlearn's MetricFrame and scikit-learn, afresh each time and without intervals. The sweep does the
same sixty points and has an interval beside each of some fifty figures. ``--intervals`` times two
points of the loop with MetricFrame's own bootstrap of 100 replicates, and extrapolates.

Then: how fast filters answer on 10,000 settings.
"""

from __future__ import annotations

import argparse
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from diffprivlib.models import LogisticRegression as PrivateLogisticRegression
from fairlearn.metrics import (
    MetricFrame,
    false_positive_rate,
    selection_rate,
    true_positive_rate,
)
from fairlearn.postprocessing import ThresholdOptimizer
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Normalizer, OneHotEncoder, OrdinalEncoder, StandardScaler

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from core.data.assign import assign
from core.data.samples import FOLDER, SAMPLES, load_sample
from core.tradeoff.frontier.axes import axis_named
from core.tradeoff.frontier.pareto_analysis import filtered, pareto_analysis
from core.tradeoff.sweep.evaluate import batches, evaluate
from core.tradeoff.sweep.executors import Cores, Here
from core.tradeoff.sweep.grid import Grid, RunSpec, Setting
from core.tradeoff.sweep.point import Estimate, SweepPoint
from core.tradeoff.sweep.point_store import PointStore
from core.tradeoff.sweep.runs import runs
from core.tradeoff.sweep.sweep import sweep

ROLES = SAMPLES["adult"].roles
ORDINARY = Grid(
    ("logistic_regression", "gradient_boosting"),
    (None,),
    (("sex",),),
    (("none", 1.0), ("threshold_optimizer", 1.0), ("reweighing", 1.0)),
    split_seeds=tuple(range(8)),
)
PRIVATE = Grid(
    ("dp_logistic_regression",),
    (1.0, 4.0),
    (("sex",),),
    split_seeds=(0, 1),
    noise_seeds=(0, 1, 2),
    domains=SAMPLES["adult"].domains,
)


def loop_point(run: RunSpec, *, replicates: int = 0) -> tuple[float, MetricFrame]:
    """One point as a notebook makes it."""
    table = pd.read_csv(FOLDER / "adult.csv.gz", skipinitialspace=True)
    features = list(ROLES.features)
    label = (table[ROLES.target] == ROLES.positive_label).to_numpy()
    X, sex = table[features], table["sex"].astype(str)
    rest, test = train_test_split(np.arange(len(X)), test_size=0.2, random_state=run.split_seed)
    train, validation = train_test_split(rest, test_size=0.25, random_state=run.split_seed)
    numbers = X.select_dtypes("number").columns.tolist()
    texts = [name for name in features if name not in numbers]
    private = run.setting.epsilon is not None
    codes = OneHotEncoder(handle_unknown="ignore", sparse_output=not private)
    learner: object = LogisticRegression(max_iter=2000)
    steps = []
    if run.setting.learner == "gradient_boosting":
        codes = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
        learner = HistGradientBoostingClassifier(random_state=run.split_seed)
    if private:
        learner = PrivateLogisticRegression(
            epsilon=run.setting.epsilon, data_norm=1.0, max_iter=1000, random_state=run.noise_seed
        )
        steps = [Normalizer()]
    model = make_pipeline(
        ColumnTransformer([("n", StandardScaler(), numbers), ("c", codes, texts)]), *steps, learner
    )
    weights = None
    if run.setting.mitigation == "reweighing":
        frame = pd.DataFrame({"group": sex.iloc[train].to_numpy(), "label": label[train]})
        share = frame.value_counts(normalize=True)
        product = {
            (g, y): (frame["group"] == g).mean() * (frame["label"] == y).mean()
            for g, y in share.index
        }
        pairs = zip(frame["group"], frame["label"], strict=True)
        weights = np.array([product[pair] / share[pair] for pair in pairs])
    last = model.steps[-1][0]
    extra = {} if weights is None else {f"{last}__sample_weight": weights}
    model.fit(X.iloc[train], label[train], **extra)
    scores = model.predict_proba(X.iloc[test])[:, 1]
    decisions = scores >= 0.5
    if run.setting.mitigation == "threshold_optimizer":
        optimiser = ThresholdOptimizer(
            estimator=model, constraints="equalized_odds", prefit=True,
            predict_method="predict_proba",
        )  # fmt: skip
        optimiser.fit(
            X.iloc[validation], label[validation], sensitive_features=sex.iloc[validation]
        )
        decisions = optimiser.predict(X.iloc[test], sensitive_features=sex.iloc[test])
    found = MetricFrame(
        metrics={
            "selection rate": selection_rate,
            "tpr": true_positive_rate,
            "fpr": false_positive_rate,
            "accuracy": accuracy_score,
        },
        y_true=label[test],
        y_pred=np.asarray(decisions, dtype=bool),
        sensitive_features=sex.iloc[test].to_numpy(),
        **({"n_boot": replicates, "ci_quantiles": [0.025, 0.975]} if replicates else {}),
    )
    return float(roc_auc_score(label[test], scores)), found


def timed(work: object) -> float:
    began = time.perf_counter()
    for _ in work:  # type: ignore[attr-defined]
        pass
    return time.perf_counter() - began


def compare_loops(jobs: int, *, intervals: bool) -> None:
    rows = assign(load_sample("adult"), ROLES)
    grids = (ORDINARY, PRIVATE)
    todo = [(grid, run) for grid in grids for run in runs(rows, grid)[0]]
    print(f"{len(todo)} points on Adult, {len(rows):,} rows; {jobs} processes")
    warnings.simplefilter("ignore")
    loop = timed(loop_point(run) for _, run in todo)
    alone = timed(evaluate(rows, grid, run) for grid, run in todo)
    shared = sum(timed(sweep(rows, grid, PointStore(), Here())) for grid in grids)
    # Workers are there from the second sweep on; what it takes to start them is told apart.
    start = timed(Cores(jobs).points(rows, PRIVATE, batches(runs(rows, PRIVATE)[0])[:jobs]))
    unshared = sum(
        timed(Cores(jobs).points(rows, grid, [(run,) for run in runs(rows, grid)[0]]))
        for grid in grids
    )
    both = sum(timed(sweep(rows, grid, PointStore(), Cores(jobs))) for grid in grids)
    print(f"plain loop over public libraries, no intervals      {loop:8.1f} s   1.00")
    for what, seconds in (
        ("one run after another, nothing shared", alone),
        ("one process, shared models", shared),
        (f"{jobs} processes, nothing shared", unshared),
        (f"{jobs} processes, shared models", both),
    ):
        print(f"{what:52s}{seconds:8.1f} s {loop / seconds:6.2f} times as fast")
    print(f"parallel work alone: {alone / unshared:.2f} times; starting workers took {start:.1f} s")
    if intervals:
        timing = timed(loop_point(run, replicates=100) for _, run in todo[:2])
        whole = timing / 2 * len(todo)
        print(
            f"the loop with MetricFrame's bootstrap, from 2 points: {whole:.0f} s, "
            f"{whole / both:.0f} times the sweep"
        )


def filters(settings: int = 10_000, calls: int = 200) -> None:
    rng = np.random.default_rng(0)
    gap = "equalized_odds_difference by sex"
    points = []
    for number in range(settings):
        epsilon = float(rng.choice([0.5, 1.0, 2.0, 4.0, 8.0]))
        setting = Setting("dp_naive_bayes", epsilon, "none", 1.0, "none", number + 1)
        fairness = float(rng.random())
        # Near an arc on which all are on the front: the worst case.
        figures = {
            "roc_auc": Estimate(float(np.sqrt(fairness)) + 1e-3 * float(rng.random()), 0.01),
            gap: Estimate(fairness, 0.01),
        }
        points.append(SweepPoint(RunSpec(setting, 0, 0), figures, (), 1000, 3000))
    axes = (axis_named("roc_auc", [("sex",)]), axis_named(gap, [("sex",)]))
    began = time.perf_counter()
    land = pareto_analysis(points, *axes)
    built = time.perf_counter() - began
    times = []
    for limit in np.linspace(0.0, 0.9, calls):
        began = time.perf_counter()
        kept = filtered(land, performance=float(limit), unfairness=1.0, epsilon=8.0)
        times.append(time.perf_counter() - began)
    print(
        f"filters on {settings:,} settings, {int(kept.front.sum())} on the last front: median of "
        f"{calls} {1000 * float(np.median(times)):.0f} ms, the first {1000 * times[0]:.0f} ms, "
        f"the longest {1000 * max(times):.0f} ms (built once in {built:.1f} s)"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--intervals", action="store_true")
    parser.add_argument("--filters-only", action="store_true")
    options = parser.parse_args()
    filters()
    if not options.filters_only:
        compare_loops(options.jobs, intervals=options.intervals)
