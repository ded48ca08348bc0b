"""Speed of explanations against peers: ``python benchmarks/explanations.py [--rows 10000]``.

Three comparisons on Adult, elapsed and processor time:

- SHAP values of 10,000 rows on gradient boosting, and on the explainable boosting machine, against
  ``shap.Explainer`` left to choose for the same predict function on the same background.
  The peer is timed on a few rows and extrapolated, which is said. Target: 50 times.
- One person's page (SHAP, LIME, reasons, what would change it) against explainerdashboard building
  its explainer and dashboard on the same model. Target: 5 times.

The peer lives in an environment of its own, since it asks for other versions:
``python -m venv /tmp/venv_exdash && /tmp/venv_exdash/bin/pip install explainerdashboard``
(another place: ``--peer PYTHON``). Without it that comparison is left out, and said to be.
"""

from __future__ import annotations

import argparse
import json
import os
import pickle
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

# One thread for everyone: on a busy machine threads that wait for each other distort any ratio.
os.environ.setdefault("OMP_NUM_THREADS", "1")
ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
PEER = Path("/tmp/venv_exdash/bin/python")

PEER_SCRIPT = """
import json, pickle, sys, time, warnings
warnings.filterwarnings("ignore")
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier
from explainerdashboard import ClassifierExplainer, ExplainerDashboard
with open(sys.argv[1], "rb") as file:
    inputs = pickle.load(file)
X, y, Xt, yt = (pd.DataFrame(inputs["X"], columns=inputs["names"]), inputs["y"],
                pd.DataFrame(inputs["Xt"], columns=inputs["names"]), inputs["yt"])
model = HistGradientBoostingClassifier(**inputs["params"]).fit(X, y)
began, used = time.perf_counter(), time.process_time()
explainer = ClassifierExplainer(model, Xt, yt)
ExplainerDashboard(explainer, mode="external")
print(json.dumps([time.perf_counter() - began, time.process_time() - used]))
"""


def timed(work: Callable[[], Any]) -> tuple[float, float]:
    """Elapsed and processor seconds of some work."""
    began, used = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - began, time.process_time() - used


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--peer-rows", type=int, default=20)
    parser.add_argument("--peer", type=Path, default=PEER)
    options = parser.parse_args()
    from core.data.assign import assign
    from core.data.samples import SAMPLES, load_sample
    from core.training.spec import TrainingSpec
    from core.training.training import train

    dataset = assign(load_sample("adult"), SAMPLES["adult"].roles)
    print(f"adult, {len(dataset):,} rows, {dataset.features.shape[1]} features")
    for learner in ("gradient_boosting", "explainable_boosting"):
        trained = train(dataset, TrainingSpec(learner))
        shap_speed(dataset, trained, options.rows, options.peer_rows)
        if learner == "gradient_boosting":
            page_speed(dataset, trained, options.peer)


def shap_speed(dataset: Any, trained: Any, rows: int, peer_rows: int) -> None:
    """Compare many rows' Shapley values with shap's own choice of a method."""
    import numpy as np
    import shap

    from core.explanation.attribution.codes import Codes
    from core.explanation.attribution.explain import background
    from core.explanation.attribution.shapley import shapley_values

    behind = background(dataset, trained)
    chosen = np.random.default_rng(0).choice(len(dataset), rows, replace=len(dataset) < rows)
    people = dataset.features.iloc[chosen].reset_index(drop=True)
    method = shapley_values(trained.decider, people.head(1), behind).method
    ours = timed(lambda: shapley_values(trained.decider, people, behind))
    codes = Codes(dataset.features)
    matrix = codes.encode(people.head(peer_rows))

    def predict(coded: Any) -> Any:
        return trained.decider.predict_score(codes.decode(coded))

    def peer() -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            masker = shap.maskers.Independent(codes.encode(behind), max_samples=len(behind))
            shap.Explainer(predict, masker)(matrix, silent=True)

    theirs = timed(peer)
    scale = rows / peer_rows
    print(
        f"SHAP, {trained.spec.learner} ({method}), {rows:,} rows: {ours[0]:.2f} s elapsed, "
        f"{ours[1]:.2f} s of processor; shap.Explainer {scale * theirs[0]:,.0f} s, "
        f"{scale * theirs[1]:,.0f} s (extrapolated from {peer_rows} rows): "
        f"{scale * theirs[0] / ours[0]:,.0f} and {scale * theirs[1] / ours[1]:,.0f} times as long "
        "(target 50)"
    )


def page_speed(dataset: Any, trained: Any, peer: Path) -> None:
    """Compare what one person's page computes with a peer that builds its explainer."""
    import numpy as np
    from threadpoolctl import threadpool_limits

    from core.explanation.attribution.explain import explain_person
    from core.explanation.counterfactual.actionability import default_spec
    from core.explanation.counterfactual.counterfactual import find_counterfactuals
    from core.explanation.person.choosing import favourable
    from core.explanation.person.decision_stability import decision_stability
    from core.explanation.person.person import person_story

    against = np.flatnonzero(~favourable(dataset, trained))
    people = [int(against[k]) for k in np.linspace(0, len(against) - 1, 5).astype(int)]

    def page(position: int) -> None:
        with threadpool_limits(limits=1):
            explained = explain_person(dataset, trained, position)
            person_story(dataset, trained, position, explained)
            decision_stability(dataset, trained, position)
            row = dataset.features.iloc[[trained.split.test[position]]]
            find_counterfactuals(trained, dataset, row, default_spec(dataset))

    times = [timed(lambda position=position: page(position)) for position in people]
    ours = np.median(np.array(times), axis=0)
    print(
        f"one person's page, median of {len(people)} people: {ours[0]:.2f} s elapsed, "
        f"{ours[1]:.2f} s of processor"
    )
    if not peer.exists():
        print(f"explainerdashboard: left out, {peer} isn't there (how to install it: see above)")
        return
    model = trained.decider.model
    train, test = trained.split.train, trained.split.test
    # Codes as a tree takes them; categories as plain numbers, since the peer's own SHAP does not
    # explain a model with categorical splits.
    params = {
        name: value
        for name, value in model.estimator.get_params().items()
        if name in ("max_iter", "learning_rate", "max_leaf_nodes", "random_state")
    }
    with tempfile.TemporaryDirectory() as folder:
        pickled, script = Path(folder) / "inputs.pickle", Path(folder) / "peer.py"
        pickled.write_bytes(
            pickle.dumps(
                {
                    "X": np.asarray(model.encode(dataset.features.iloc[train])),
                    "y": dataset.target[train].astype(int),
                    "Xt": np.asarray(model.encode(dataset.features.iloc[test])),
                    "yt": dataset.target[test].astype(int),
                    "names": [name.replace(".", "_") for name in map(str, dataset.features)],
                    "params": params,
                }
            )
        )
        script.write_text(PEER_SCRIPT)
        done = subprocess.run(
            [str(peer), str(script), str(pickled)],
            capture_output=True, text=True, check=False, timeout=900, cwd=folder,
        )  # fmt: skip
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        print(f"explainerdashboard: left out, it failed ({last})")
        return
    elapsed, used = json.loads(done.stdout.strip().splitlines()[-1])
    print(
        f"explainerdashboard on {len(test):,} test rows: {elapsed:.2f} s elapsed, {used:.2f} s of "
        f"processor: {elapsed / ours[0]:.1f} and {used / ours[1]:.1f} times as long (target 5)"
    )


if __name__ == "__main__":
    main()
