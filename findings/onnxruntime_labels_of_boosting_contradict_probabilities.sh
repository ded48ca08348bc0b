#!/usr/bin/env bash
# onnxruntime 1.32.0 with skl2onnx 1.20.0 (Python 3.11, scikit-learn 1.7.2): the label of a gradient
# boosting classifier of two classes that was exported to ONNX.
#
# One would expect: the label is the class with the larger probability, as scikit-learn's predict says,
# since the probabilities of the file agree with scikit-learn's.
#
# Seen: probabilities agree to 1e-7, and the label is class 0 for everybody, whose probability is 0.42.
# The operator TreeEnsembleClassifier keeps one sum for two classes. Its kernel decides by the sum
# itself, before the logistic function: above 0 where leaves of both signs occur, and above 0.5 where
# every leaf in the file is positive. A sum of 0.3 is a probability of 0.57 and gets the label 0. Any
# boosting whose leaves are all positive is hit: few or small steps on data where one class prevails
# everywhere, with init="zero". With one negative leaf in the file the labels are right.
#
# Why it matters: a service that returns `label` refuses people whom its own probability accepts, and
# a test of the export that compares probabilities doesn't see it. Decide by the probability.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q onnxruntime==1.32.0 skl2onnx==1.20.0 onnx==1.23.2 \
  scikit-learn==1.7.2 numpy==2.4.6 >/dev/null 2>&1
"$work/venv/bin/python" -W ignore - <<'PY'
import numpy as np
import onnxruntime
from skl2onnx import to_onnx
from sklearn.ensemble import GradientBoostingClassifier

rng = np.random.default_rng(0)
X = rng.normal(size=(400, 2)).astype(np.float32)
differ = {}
for name, low in (("one class prevails everywhere", 0.6), ("it does not", 0.2)):
    y = (rng.random(400) < np.where(X[:, 0] > 0, 0.8, low)).astype(int)
    model = GradientBoostingClassifier(
        init="zero", n_estimators=3, max_depth=1, random_state=0
    ).fit(X, y)
    file = to_onnx(model, X[:1], options={"zipmap": False}).SerializeToString()
    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    label, probability = session.run(None, {"X": X})
    assert np.abs(probability - model.predict_proba(X)).max() < 1e-6
    leaves = [t.tree_.value[t.tree_.children_left < 0] for (t,) in model.estimators_]
    differ[name] = int((label != model.predict(X)).sum())
    print(
        f"{name}: smallest leaf {min(v.min() for v in leaves):.2f}, "
        f"probabilities from {probability[:, 1].min():.3f} to {probability[:, 1].max():.3f}, "
        f"{differ[name]} of 400 labels differ from scikit-learn's"
    )
    assert differ[name] == int((label != probability.argmax(axis=1)).sum())
assert differ == {"one class prevails everywhere": 400, "it does not": 0}, "mended"
print("as described")
PY
