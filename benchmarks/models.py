"""Speed of models made elsewhere: ``python benchmarks/models.py [rows]``, ``… shapley [catboost]``.

Scores of a random forest in ONNX through its limited process, against onnxruntime alone, one thread
each, taken in turns in one run. Target: at least 0.8 of the bare throughput.

Shapley values of 10,000 rows of 30 features of a LightGBM file, 500 trees of 31 leaves, against 100
rows, beside shap's TreeExplainer with the same rows (interventional), one thread each. The peer is
timed on fewer rows and extrapolated linearly, which is said. Ours includes reading the trees in the
limited process and comparing their sum with the model's own scores. Target: 3 times. Of CatBoost,
500 trees of depth 6, the peer is its own function with the same rows as reference data.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from core.external_models.sandbox.model_process import ModelProcess, open_model  # noqa: E402

Peer = tuple[bytes, str, Callable[[Any], Any], int]
"""A model's file, its name, what explains rows, and how many rows that is timed on."""
ROWS, FEATURES, TREES, TURNS = 1_000_000, 20, 100, 3
_BARE = """
import sys, time
import numpy as np, onnxruntime
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
session = onnxruntime.InferenceSession(sys.argv[1], options)
X = np.load(sys.argv[2])
start, used = time.perf_counter(), time.process_time()
scores = session.run(["probabilities"], {"X": X})[0]
print(time.perf_counter() - start, time.process_time() - used)
np.save(sys.argv[3], scores)
"""


def forest() -> bytes:
    """A forest as people train them: 100 trees of up to 63 leaves on a few thousand rows."""
    from skl2onnx import to_onnx
    from sklearn.ensemble import RandomForestClassifier

    rng = np.random.default_rng(0)
    X = rng.normal(size=(5_000, FEATURES)).astype(np.float32)
    y = X[:, 0] + X[:, 1] * X[:, 2] + rng.normal(size=len(X)) > 0
    fitted = RandomForestClassifier(TREES, max_leaf_nodes=63, random_state=0, n_jobs=1).fit(X, y)
    content: bytes = to_onnx(fitted, X[:1], options={"zipmap": False}).SerializeToString()
    return content


def shapley(library: str = "lightgbm", rows: int = 10_000, features: int = 30) -> None:
    """Compare exact Shapley values of a brought model with its peer's."""
    from types import SimpleNamespace

    import pandas as pd

    from core.explanation.attribution.shapley import shapley_values
    from core.external_models.bring import Wishes, bring
    from core.learning.external_model import ExternalModel

    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(2 * rows, features)).round(2))
    X.columns = [f"x{i}" for i in range(features)]
    worth = X["x0"] * X["x1"] + np.sin(2 * X["x3"]) + X.iloc[:, 2:10].sum(axis=1) * 0.3
    label = (worth + rng.normal(size=len(X)) > 0).astype(int)
    people, behind = X.tail(rows).reset_index(drop=True), X.head(100)
    data, name, peer, peer_rows = PEERS[library](X, label, behind)
    with open_model(data, name) as opened:
        wishes = Wishes({}, accept=True, positive_class="1")
        model = ExternalModel(bring(opened, name, X, "1", wishes))
        decider = SimpleNamespace(model=model, predict_score=model.predict_score)
        start, used = time.perf_counter(), computing(opened)
        found = shapley_values(decider, people, behind)
        ours = time.perf_counter() - start, computing(opened) - used
    start, used = time.perf_counter(), time.process_time()
    values = peer(people.head(peer_rows))
    scale = rows / peer_rows
    theirs = scale * (time.perf_counter() - start), scale * (time.process_time() - used)
    apart = np.abs(np.asarray(values) - found.values[:peer_rows]).max()
    print(f"Shapley values of {rows:,} rows, {features} features, 500 trees ({found.method})")
    for kind, one, other in zip(("waiting", "computing"), ours, theirs, strict=True):
        print(
            f"{kind}: {one:.1f} s; the peer {other:.0f} s, timed on {peer_rows:,} rows: "
            f"{other / one:.1f} times as long (target of LightGBM 3)"
        )
    print(
        f"largest difference from the peer: {apart:.1e}; of their sum: {found.additivity_error:.1e}"
    )


def _lightgbm(X: Any, label: Any, behind: Any) -> Peer:
    import lightgbm
    import shap

    fitted = lightgbm.LGBMClassifier(n_estimators=500, num_leaves=31, n_jobs=1, verbose=-1)
    booster = fitted.fit(X, label).booster_
    explainer = shap.TreeExplainer(booster, behind, feature_perturbation="interventional")

    def peer(rows: Any) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return explainer.shap_values(rows, check_additivity=False)

    return booster.model_to_string().encode(), "model.txt", peer, 100


def _catboost(X: Any, label: Any, behind: Any) -> Peer:
    from catboost import CatBoostClassifier, Pool

    fitted = CatBoostClassifier(
        iterations=500, depth=6, thread_count=1, verbose=0, allow_writing_files=False
    ).fit(X, label)

    def pool(rows: Any) -> Any:
        # It refuses rows without labels, which change nothing here.
        return Pool(rows, np.arange(len(rows)) % 2)

    def peer(rows: Any) -> Any:
        values = fitted.get_feature_importance(
            pool(rows), "ShapValues", reference_data=pool(behind), thread_count=1
        )
        return values[:, :-1]

    # All rows: most of its time is spent before the first of them.
    return fitted._serialize_model(), "model.cbm", peer, 10_000


PEERS = {"lightgbm": _lightgbm, "catboost": _catboost}


def main() -> None:
    if sys.argv[1:2] == ["shapley"]:
        shapley(*sys.argv[2:3])
        return
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    X = np.random.default_rng(1).normal(size=(rows, FEATURES)).astype(np.float32)
    columns = {f"X {i + 1}": X[:, i].astype(np.float64) for i in range(FEATURES)}
    data = forest()
    bare, limited = [], []
    with tempfile.TemporaryDirectory() as folder, open_model(data, "forest.onnx") as model:
        paths = [Path(folder, name) for name in ("forest.onnx", "rows.npy", "scores.npy")]
        paths[0].write_bytes(data)
        np.save(paths[1], X)
        for _ in range(TURNS):
            done = subprocess.run(
                [sys.executable, "-c", _BARE, *map(str, paths)],
                capture_output=True, text=True, check=True,
            )  # fmt: skip
            bare.append([float(part) for part in done.stdout.split()])
            start, used = time.perf_counter(), computing(model)
            scores = model.score(columns)
            limited.append([time.perf_counter() - start, computing(model) - used])
        same = np.abs(scores - np.load(paths[2])).max()
    print(f"{rows:,} rows, {FEATURES} features, {TREES} trees; medians of {TURNS} turns")
    for place, kind in enumerate(("waiting", "computing")):
        one, other = (statistics.median(t[place] for t in turns) for turns in (bare, limited))
        print(
            f"{kind}: {one:.2f} s by onnxruntime alone, {other:.2f} s in a limited process; "
            f"throughput {one / other:.2f} of the bare one ({rows / other:,.0f} rows a second)"
        )
    print(f"largest difference of a score: {same:.1e}")


def computing(model: ModelProcess) -> float:
    """CPU seconds of both sides so far: the clock on the wall tells of other work too."""
    assert model._child is not None
    words = Path(f"/proc/{model._child._process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return time.process_time() + (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
