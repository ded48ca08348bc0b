#!/usr/bin/env bash
# diffprivlib 0.6.6, models.LogisticRegression, on scikit-learn 1.7.2.
#
# One would expect: the released weights are the minimum of the perturbed objective, as the proof of
# objective perturbation (Chaudhuri, Monteleoni and Sarwate 2011) supposes, at least up to something
# small against what one row can do: with data_norm = 1 a row moves the summed gradient by 1 at most.
#
# Seen, with ε = 1e9 so that no noise is in the way: the solver stops at the tolerance of scikit-learn
# (tol = 1e-4), which is on the mean gradient over rows. The summed gradient at the released weights
# is 0.12 at 1,000 rows, 0.68 at 10,000 and 11.2 at 100,000: there it is eleven times what one row can
# do, and it grows with the rows. No warning is given, and n_iter_ is far from max_iter.
#
# Why it matters: the distance to the minimum depends on the data in a way the noise was not scaled
# for. A solver to a tolerance of 1e-7 on the sum takes a few more steps.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q diffprivlib==0.6.6 scikit-learn==1.7.2 numpy==2.4.6 >/dev/null 2>&1
"$work/venv/bin/python" -W ignore - <<'PY'
import numpy as np
from diffprivlib.models import LogisticRegression

rng = np.random.default_rng(0)
norms = []
for n in (1_000, 10_000, 100_000):
    X = rng.normal(size=(n, 5))
    X /= np.maximum(1, np.linalg.norm(X, axis=1))[:, None]
    y = (X @ [2, -1, 1, 0, 0.5] + 0.5 * rng.normal(size=n) > 0).astype(int)
    model = LogisticRegression(
        epsilon=1e9, data_norm=1.0, C=1.0, fit_intercept=False, random_state=0
    ).fit(X, y)
    weights, sign = model.coef_[0], 2 * y - 1
    gradient = weights / model.C - (sign / (1 + np.exp(sign * (X @ weights)))) @ X
    norms.append(np.linalg.norm(gradient))
    print(f"{n} rows: summed gradient {norms[-1]:.2f} after {model.n_iter_[0]} steps")
assert norms[0] < 1 < 5 < norms[2], "it stops nearer to its minimum now"
assert norms[0] < norms[1] < norms[2]
print("as described")
PY
