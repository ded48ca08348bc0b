"""Two audits as they stand in audit.json: a private model, and existing predictions."""

from __future__ import annotations

import copy
from typing import Any

from core.tradeoff.frontier.frontier_json import frontier_json
from core.tradeoff.sweep.grid import Grid
from core.tradeoff.sweep.grid_json import flat
from tests.components.planted_sweep import planted_points

GRID = Grid(("logistic_regression", "dp_logistic_regression"), (None, 2.0), (("sex",),))
LABEL = "Exploration with seeded noise: these points carry no privacy guarantee."
METRICS = (
    "selection_rate",
    "true_positive_rate",
    "false_positive_rate",
    "false_negative_rate",
    "precision",
    "accuracy",
    "roc_auc",
)


def group(
    values: dict[str, str], count: int, rates: list[float | None], **extra: Any
) -> dict[str, Any]:
    found: dict[str, Any] = {"group": values, "count": count, "too_small": None, **extra}
    found["intervals"], found["undefined"] = {}, {}
    for metric, rate in zip(METRICS, rates, strict=True):
        found[metric] = rate
        if rate is None:
            found["undefined"][metric] = "no row of this group has the positive label"
        else:
            half = 0.9 / count**0.5
            found["intervals"][metric] = [max(rate - half, 0.0), min(rate + half, 1.0)]
    return found


def assessment(attributes: list[str], groups: list[dict[str, Any]], **extra: Any) -> dict[str, Any]:
    return {
        "attributes": attributes,
        "level": 0.95,
        "weighted": False,
        "overall": group({}, 300, [0.7433, 0.8714, 0.4444, 0.1286, 0.8206, 0.7767, 0.7839]),
        "by_group": groups,
        "disparities": {
            "demographic_parity_difference": {
                "estimate": 0.2432,
                "low": 0.1021,
                "high": 0.3619,
                "between": ["female · under 25", "male · 25 – 60"],
            },
            "demographic_parity_ratio": {
                "estimate": 0.6271,
                "low": 0.4702,
                "high": 0.8214,
                "between": ["female · under 25", "male · 25 – 60"],
            },
            "equalized_odds_difference": {
                "estimate": None,
                "low": None,
                "high": None,
                "reason": "the true positive rate of male · over 60 is not defined",
                "among_defined": {"estimate": 0.2117, "low": 0.0508, "high": 0.4021},
                "between": [],
            },
        },
        "four_fifths": {
            "verdict": "unclear",
            "estimate": 0.6271,
            "low": 0.4702,
            "high": 0.8214,
            "sentence": "The lowest rate of the favourable decision is 0.63 of the highest, and "
            "its interval reaches from 0.47 to 0.82, across 0.8.",
        },
        **extra,
    }


def trained() -> dict[str, Any]:
    both = [
        group(
            {"sex": "male", "age": "25 – 60"}, 171, [0.652, 0.881, 0.443, 0.119, 0.84, 0.79, 0.8]
        ),
        group(
            {"sex": "female", "age": "25 – 60"},
            78,
            [0.602, 0.861, 0.401, 0.139, 0.81, 0.77, 0.77],
        ),
        group(
            {"sex": "female", "age": "under 25"},
            41,
            [0.409, 0.669, 0.333, 0.331, 0.74, 0.68, 0.7],
        ),
        group(
            {"sex": "male", "age": "over 60"},
            10,
            [0.5, None, 0.5, None, None, 0.5, None],
            too_small="10 rows: too few to judge (at least 30)",
        ),
    ]
    by_sex = [
        group({"sex": "male"}, 181, [0.64, 0.87, 0.44, 0.13, 0.83, 0.78, 0.79]),
        group({"sex": "female"}, 119, [0.54, 0.8, 0.38, 0.2, 0.79, 0.74, 0.75]),
    ]
    by_age = [
        group({"age": "25 – 60"}, 249, [0.64, 0.87, 0.43, 0.13, 0.83, 0.78, 0.79]),
        group({"age": "under 25"}, 41, [0.409, 0.669, 0.333, 0.331, 0.74, 0.68, 0.7]),
        group(
            {"age": "over 60"},
            10,
            [0.5, None, 0.5, None, None, 0.5, None],
            too_small="10 rows: too few to judge (at least 30)",
        ),
    ]
    names = [
        "checking_status",
        "duration",
        "credit_history",
        "credit_amount",
        "savings_status",
        "purpose",
        "employment",
        "installment_commitment",
    ]
    names += [f"feature_{number}" for number in range(len(names), 60)]
    features = [
        {"feature": name, "mean_absolute": 0.6 / (position + 1), "mean": (-1) ** position * 0.02}
        for position, name in enumerate(names)
    ]
    shap = [
        {"feature": "checking_status", "value": "< 0 DM", "contribution": -0.812},
        {"feature": "duration", "value": 48.0, "contribution": -0.441},
        {"feature": "credit_history", "value": "critical/other existing", "contribution": 0.395},
        {"feature": "purpose", "value": "radio/tv", "contribution": 0.112},
        {"feature": "savings_status", "value": "(missing)", "contribution": 0.0},
    ]
    lime = [
        {**{k: v for k, v in item.items() if k != "contribution"}, "weight": w, "spread": 0.02}
        for item, w in zip(shap, [-0.171, -0.092, 0.081, 0.018, -0.004], strict=True)
    ]
    return {
        "equipoise": {
            "version": "0.1.0",
            "created": "2026-11-24T11:30:00+00:00",
            "python": "3.11.9",
            "libraries": {"numpy": "2.4.6", "pandas": "3.1.1", "scikit-learn": "1.7.2"},
        },
        "plan": {
            "roles": {
                "target": "class",
                "positive_label": "good",
                "positive_is_favourable": True,
                "sensitive": ["sex", "age"],
                "features": names,
                "identifiers": ["applicant"],
                "weight": None,
                "prediction": None,
                "score": None,
                "threshold": None,
                "edges": {"age": [25.0, 60.0]},
            },
            "learner": "private_ebm",
            "mitigation": "none",
            "epsilon": 1.0,
            "delta": 1e-06,
            "seed": 7,
            "noise": "fresh",
            "split": {"train": 0.6, "validation": 0.2, "test": 0.2},
            "command": "python -m core audit --data german_credit --target class "
            "--favourable good --sensitive sex,age --learner private_ebm --epsilon 1 "
            "--delta 1e-06 --seed 7 --out out",
        },
        "dataset": {
            "name": "german_credit",
            "source": "sample",
            "sha256": "3f" * 32,
            "fingerprint": "a7" * 32,
            "size_bytes": 104_213,
            "format": "csv",
            "encoding": "utf-8",
            "delimiter": ",",
            "sheet": None,
            "rows": 1000,
            "rows_used": 998,
            "columns": [
                {"name": name, "kind": "number", "role": "feature", "distinct": 40, "missing": 0}
                for name in names
            ],
            "base_rate": {
                "overall": 0.7,
                "by_attribute": {
                    "sex": [
                        {"group": {"sex": "male"}, "count": 690, "base_rate": 0.7232},
                        {"group": {"sex": "female"}, "count": 308, "base_rate": 0.6484},
                    ],
                    "age": [
                        {"group": {"age": "25 – 60"}, "count": 805, "base_rate": 0.7217},
                        {"group": {"age": "under 25"}, "count": 148, "base_rate": 0.5743},
                    ],
                },
            },
            "repairs": [
                {"what": "Rows without a target were left out", "count": 2, "column": "class"},
                {"what": "Spaces around column names were removed", "count": 3, "column": None},
            ],
            "split": {"train": 598, "validation": 200, "test": 200},
            "caveats": [
                "Collected in southern Germany from 1973 to 1975; bad credits oversampled."
            ],
            "licence": "CC BY 4.0",
            "citation": "Hofmann, H. (1994). Statlog (German Credit Data). "
            "https://doi.org/10.24432/C5NC77",
        },
        "performance": {
            "evaluated_on": "test",
            "count": 200,
            "accuracy": 0.7267,
            "roc_auc": 0.6841,
            "balanced_accuracy": 0.6012,
            "brier": 0.1893,
            "intervals": {"accuracy": [0.661, 0.784], "roc_auc": [0.602, 0.757]},
            "undefined": {},
            "baseline": {
                "learner": "explainable_boosting_machine",
                "accuracy": 0.7767,
                "roc_auc": 0.7839,
                "balanced_accuracy": 0.7012,
                "brier": 0.1593,
                "intervals": {"accuracy": [0.714, 0.829], "roc_auc": [0.711, 0.848]},
                "undefined": {},
            },
            "majority_class": {"accuracy": 0.7},
        },
        "privacy": {
            "epsilon": 1.0,
            "delta": 1e-06,
            "unit": "row",
            "neighbouring": "add or remove one row",
            "statement": "The trained model is (1, 1e-06)-differentially private for one row.",
            "covers": ["Training of private_ebm on the training rows"],
            "leaves_out": [
                "Performance, fairness and explanations, which are measured on raw rows",
                "Attacks on floating-point noise",
            ],
            "noise": "fresh",
            "ledger": [
                {
                    "what": "train private_ebm",
                    "epsilon": 1.0,
                    "delta": 1e-06,
                    "unit": "row",
                    "neighbouring": "add or remove one row",
                    "when": "2026-11-24T11:29:51+00:00",
                }
            ],
            "cap": {"epsilon": 2.0, "delta": 1e-05},
        },
        "fairness": assessment(
            ["sex", "age"],
            both,
            by_attribute={"sex": assessment(["sex"], by_sex), "age": assessment(["age"], by_age)},
        ),
        "explanations": {
            "global": {
                "method": "exact EBM terms",
                "explains": "log-odds of “good”",
                "rows": 200,
                "background_rows": 100,
                "additivity_error": 3.1e-15,
                "features": features,
            },
            "local": [
                {
                    "row": 12,
                    "decision": "bad",
                    "score": 0.381,
                    "shap": {
                        "method": "exact EBM terms",
                        "explains": "log-odds of “good”",
                        "base": 0.847,
                        "values": shap,
                    },
                    "lime": {"runs": 5, "fit": 0.41, "values": lime},
                }
            ],
        },
        "tradeoffs": {
            "label": LABEL,
            "points": [flat(point) for point in planted_points()],
            "frontier": frontier_json(planted_points(), GRID, LABEL),
        },
        "findings": [
            {
                "code": "F-SMALL",
                "severity": "low",
                "title": "A group is too small to judge",
                "evidence": "male · over 60 has 10 rows.",
                "remedy": "Collect more rows or join groups.",
            },
            {
                "code": "F-GAP",
                "severity": "high",
                "title": "Women under 25 are selected less often",
                "evidence": "Selection rate 0.41 against 0.65.",
                "remedy": "Try reweighing, or a threshold fitted on validation data.",
            },
            {
                "code": "P-COST",
                "severity": "medium",
                "title": "Privacy costs a tenth of the ROC AUC",
                "evidence": "ROC AUC 0.684 against 0.784.",
                "remedy": "Consider a larger ε.",
            },
            {
                "code": "I-NOTE",
                "severity": "info",
                "title": "Noise was drawn afresh",
                "evidence": "Figures change from run to run.",
                "remedy": "",
            },
        ],
    }


def predictions() -> dict[str, Any]:
    audit = copy.deepcopy(trained())
    audit["plan"].update(learner=None, mitigation="none", epsilon=None, delta=None, noise="none")
    audit["plan"]["command"] = "python -m core fairness --predictions compas.csv --label two_year"
    audit["plan"]["roles"].update(
        target="two_year_recid",
        positive_label="1",
        positive_is_favourable=False,
        sensitive=["race"],
        features=[],
        identifiers=[],
        score="decile_score",
        threshold=5.0,
        edges={},
    )
    audit["dataset"].update(name="compas", split=None, repairs=[], caveats=[], columns=[])
    audit["performance"] = {
        "evaluated_on": "all rows",
        "count": 6150,
        "accuracy": 0.6537,
        "roc_auc": 0.7021,
        "balanced_accuracy": 0.6534,
        "brier": None,
        "intervals": {},
        "undefined": {"brier": "the score is not a probability"},
        "baseline": None,
        "majority_class": {"accuracy": 0.5449},
    }
    audit["privacy"] = {
        "epsilon": None,
        "delta": None,
        "unit": None,
        "neighbouring": None,
        "statement": "Nothing in this audit is differentially private.",
        "covers": [],
        "leaves_out": [],
        "noise": "none",
        "ledger": [],
        "cap": None,
    }
    audit["fairness"] = assessment(
        ["race"],
        [
            group(
                {"race": "African-American"},
                3696,
                [0.5882, 0.7201, 0.4485, 0.2799, 0.6297, 0.6383, 0.69],
            ),
            group(
                {"race": "Caucasian"}, 2454, [0.3480, 0.5228, 0.2345, 0.4772, 0.5913, 0.6699, 0.69]
            ),
        ],
    )
    audit["explanations"] = {"reason": "there is no model, only its decisions"}
    audit["tradeoffs"] = None
    audit["findings"] = []
    return audit
