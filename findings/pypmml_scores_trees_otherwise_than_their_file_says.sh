#!/usr/bin/env bash
# pypmml 1.5.8 (PMML4S 1.5.8, Java 17, Python 3.11) beside jpmml_evaluator 0.16.0: trees in PMML. Takes Java.
#
# One would expect: two evaluators of a standard give one answer, above all for files that the most
# used exporter (sklearn2pmml 0.133.1) writes of XGBoost, and a documented attribute is heeded.
#
# Seen: JPMML-Evaluator answers as XGBoost to 1e-6. PMML4S raises nothing and is wrong in three ways:
#  1. A field of type "float" stays a double. XGBoost's splits lie on values of training rows, written
#     in 32 bits, so every row that equals one may go to the other side: behind a StandardScaler
#     122 of 1,000 rows, by up to 0.49 of probability. Unscaled numbers hide it.
#  2. A category that the file doesn't list, where invalidValueTreatment="asIs", counts as missing:
#     "notEqual" is then not true: all of 1,000 rows are off, by up to 0.70.
#  3. missingValueStrategy="nullPrediction" says that a predicate which can't be told ends without an
#     answer; PMML4S goes on to the next sibling and gives its score. "xor" of predicates is never
#     true (its loop tests `9 < len`).
#
# Why it matters: pypmml is what a search finds first, it is under a free licence, and a test on
# unscaled numbers without unseen categories or missing values agrees to the last digit.
set -euo pipefail
command -v java >/dev/null || { echo "needs Java"; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q pypmml==1.5.8 jpmml_evaluator==0.16.0 sklearn2pmml==0.133.1 \
  scikit-learn==1.7.2 xgboost-cpu==3.2.0 numpy==2.4.6 pandas==3.1.1 >/dev/null 2>&1
cd "$work"
"$work/venv/bin/python" -W ignore - 2>/dev/null <<'PY'
import contextlib
import io

import numpy as np
import pandas as pd
from jpmml_evaluator import make_evaluator
from pypmml import Model
from sklearn.compose import ColumnTransformer
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn2pmml import sklearn2pmml
from sklearn2pmml.pipeline import PMMLPipeline
from xgboost import XGBClassifier

rng = np.random.default_rng(0)
frame = pd.DataFrame(
    {"x": rng.normal(30, 9, 1000).round(1), "town": rng.choice(list("abcd"), 1000)}
)
y = pd.Series((frame["x"] / 60 + (frame["town"] == "b") * 0.3 > rng.random(1000)).astype(int), name="y")


def both(name, rows):
    theirs = [r["probability(1)"] for r in map(Model.load(name).predict, rows.to_dict("records"))]
    jpmml = make_evaluator(name, backend="jpype").evaluateAll(rows)["probability(1)"]
    return np.array(theirs, float), jpmml.to_numpy(float)


for numbers, changed in ((StandardScaler(), "nothing"), ("passthrough", "town")):
    columns = ColumnTransformer(
        [("n", numbers, ["x"]), ("c", OneHotEncoder(handle_unknown="ignore"), ["town"])]
    )
    model = PMMLPipeline([("columns", columns), ("model", XGBClassifier(n_estimators=10))]).fit(frame, y)
    with contextlib.redirect_stdout(io.StringIO()):
        sklearn2pmml(model, "m.pmml")
    rows = frame.assign(town="elsewhere") if changed == "town" else frame
    own = model.predict_proba(rows)[:, 1]
    pmml4s, jpmml = both("m.pmml", rows)
    off = np.abs(pmml4s - own)
    print(f"{numbers}, {changed} unseen: JPMML within {np.abs(jpmml - own).max():.0e} of XGBoost, "
          f"PMML4S off for {(off > 1e-6).sum()} of 1,000 rows by up to {off.max():.2f}")
    assert np.abs(jpmml - own).max() < 1e-6
    assert (off > 1e-6).sum() > 100, "mended"

tree = """<PMML xmlns="http://www.dmg.org/PMML-4_4" version="4.4"><Header/><DataDictionary>
<DataField name="y" optype="continuous" dataType="double"/>
<DataField name="x" optype="continuous" dataType="double"/></DataDictionary>
<TreeModel functionName="regression" missingValueStrategy="nullPrediction"><MiningSchema>
<MiningField name="y" usageType="target"/><MiningField name="x"/></MiningSchema><Node><True/>
<Node score="1"><SimplePredicate field="x" operator="lessThan" value="5"/></Node>
<Node score="2"><True/></Node></Node></TreeModel></PMML>"""
pmml4s = Model.fromString(tree).predict({"x": None})["predicted_y"]
jpmml = make_evaluator(tree, backend="jpype").evaluate({"x": None})["y"]
print(f"x missing, which ends without an answer: JPMML {jpmml}, PMML4S {pmml4s}")
assert jpmml is None
assert pmml4s == 2.0, "mended"
print("as described")
PY
