"""Record what aif360 finds on small tables, for tests to compare with.

aif360 is no dependency, not even of the tests: make an environment of its own with
``pip install aif360==0.6.1 BlackBoxAuditing``, and run there, from the repository's root,
``python benchmarks/peers_aif360.py``. It writes tests/core/fairness/peers/aif360.json, the tables
together with the figures.
"""

from __future__ import annotations

import json
import warnings
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from aif360.algorithms.postprocessing import (
    CalibratedEqOddsPostprocessing,
    RejectOptionClassification,
)
from aif360.algorithms.preprocessing import DisparateImpactRemover, Reweighing
from aif360.datasets import BinaryLabelDataset
from aif360.metrics import BinaryLabelDatasetMetric, ClassificationMetric

PLACE = Path(__file__).parents[1] / "tests" / "core" / "fairness" / "peers" / "aif360.json"
GROUPS = {"unprivileged_groups": [{"group": 0}], "privileged_groups": [{"group": 1}]}
MARGINS = np.arange(50) / 100
"""Half-widths of the band of reject-option classification."""


def table(seed: int, n: int, weighted: bool) -> pd.DataFrame:
    """Two groups of unlike base rates; features are standardised, so that distances are known."""
    rng = np.random.default_rng(seed)
    group = (rng.random(n) < 0.6).astype(float)
    x = rng.normal(size=(n, 2)) + 0.5 * group[:, None]
    x = (x - x.mean(axis=0)) / x.std(axis=0)
    label = rng.random(n) < 1 / (1 + np.exp(-(x[:, 0] + group - 0.5)))
    score = np.clip(1 / (1 + np.exp(-(x[:, 0] + rng.normal(scale=0.7, size=n)))), 0.01, 0.99)
    weight = rng.integers(1, 5, n).astype(float) if weighted else np.ones(n)
    return pd.DataFrame(
        {
            "x": x[:, 0],
            "z": x[:, 1],
            "group": group,
            "label": label.astype(float),
            # Never on the edge of a band, where the peer has > for our >=.
            "score": score.round(3) + 0.0005,
            "weight": weight,
        }
    )


def data(rows: pd.DataFrame, label: Any) -> BinaryLabelDataset:
    """Rows as the peer takes them."""
    found = BinaryLabelDataset(
        df=rows[["x", "z", "group", "weight"]].assign(label=np.asarray(label, dtype=float)),
        label_names=["label"],
        protected_attribute_names=["group"],
        instance_weights_name="weight",
    )
    found.scores = rows["score"].to_numpy()[:, None]
    return found


def metrics(rows: pd.DataFrame) -> dict[str, float]:
    """Every figure of the peer that has a counterpart here."""
    true = data(rows, rows["label"])
    predicted = data(rows, rows["score"] >= 0.5)
    found = ClassificationMetric(true, predicted, **GROUPS)
    # Among features alone: with the group among them, other people would be neighbours.
    alone = data(rows, rows["score"] >= 0.5)
    alone.features = rows[["x", "z"]].to_numpy()
    return {
        "statistical_parity_difference": found.statistical_parity_difference(),
        "disparate_impact": found.disparate_impact(),
        "average_odds_difference": found.average_odds_difference(),
        "average_abs_odds_difference": found.average_abs_odds_difference(),
        "equal_opportunity_difference": found.equal_opportunity_difference(),
        "false_positive_rate_difference": found.false_positive_rate_difference(),
        "equalized_odds_difference": found.equalized_odds_difference(),
        "theil_index": found.theil_index(),
        "generalized_entropy_index": found.generalized_entropy_index(),
        "between_group_theil_index": found.between_group_theil_index(),
        "between_group_generalized_entropy_index": (
            found.between_group_generalized_entropy_index()
        ),
        "label_mean_difference": BinaryLabelDatasetMetric(true, **GROUPS).mean_difference(),
        "consistency": float(np.ravel(BinaryLabelDatasetMetric(alone, **GROUPS).consistency(5))[0]),
    }


def mitigated(rows: pd.DataFrame) -> dict[str, Any]:
    """What the peer's mitigations come to, before any lot is drawn."""
    true, predicted = data(rows, rows["label"]), data(rows, rows["score"] >= 0.5)
    weights = Reweighing(**GROUPS).fit_transform(true).instance_weights
    calibrated = CalibratedEqOddsPostprocessing(cost_constraint="fnr", seed=0, **GROUPS)
    calibrated.fit(true, predicted)
    left = []
    for margin in MARGINS:
        reject = RejectOptionClassification(**GROUPS)
        reject.classification_threshold, reject.ROC_margin = 0.5, margin
        decided = reject.predict(predicted)
        left.append(BinaryLabelDatasetMetric(decided, **GROUPS).mean_difference())
    return {
        "reweighing": weights.tolist(),
        "calibrated_shares": [calibrated.unpriv_mix_rate, calibrated.priv_mix_rate],
        "calibrated_base_rates": [calibrated.base_rate_unpriv, calibrated.base_rate_priv],
        "reject_option_gaps": left,
    }


def repaired(seed: int, each: int) -> dict[str, Any]:
    """Full repair of three groups of the same size and without ties."""
    rng = np.random.default_rng(seed)
    group = np.repeat([0.0, 1.0, 2.0], each)
    x = (rng.normal(size=3 * each) + group).round(6)
    rows = pd.DataFrame({"x": x, "group": group, "label": (np.arange(3 * each) % 2).astype(float)})
    given = BinaryLabelDataset(df=rows, label_names=["label"], protected_attribute_names=["group"])
    out = DisparateImpactRemover(repair_level=1.0, sensitive_attribute="group").fit_transform(given)
    position = out.feature_names.index("x")
    return {
        "x": x.tolist(),
        "group": group.tolist(),
        "repaired": out.features[:, position].tolist(),
    }


def main() -> None:
    warnings.simplefilter("ignore")
    worlds = []
    for seed, n, weighted in ((1, 60, False), (2, 200, False), (3, 120, True), (4, 400, True)):
        rows = table(seed, n, weighted)
        worlds.append(
            {
                "weighted": weighted,
                "rows": {name: rows[name].tolist() for name in rows},
                "metrics": metrics(rows),
                "mitigations": mitigated(rows),
            }
        )
    record = {
        "aif360": version("aif360"),
        "worlds": worlds,
        "repair": [repaired(seed, each) for seed, each in ((5, 25), (6, 40))],
    }
    PLACE.parent.mkdir(exist_ok=True)
    PLACE.write_text(json.dumps(record) + "\n")
    print(f"{PLACE}: {PLACE.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
