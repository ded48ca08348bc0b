"""Outcomes or decisions of one class are audited as far as figures are defined."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.__main__ import main
from core.audit.pipeline import run
from core.audit.result import AuditPlan
from core.data.assign import assign
from core.data.labels import check_predictions, positive_label
from core.data.reading.reading import read_bytes
from core.data.roles.roles import Roles
from core.data.table import Table
from core.errors import InputError
from core.reporting.audit_json import audit_json
from core.reporting.report import render


def table(truth: str, decisions: str) -> Table:
    rows = [
        f"{truth[i % len(truth)]},{decisions[i % len(decisions)]},"
        f"{i % 97 / 97:.3f},{'fm'[i % 5 < 2]}"
        for i in range(200)
    ]
    return read_bytes("\n".join(["truth,said,score,sex", *rows]).encode(), "one.csv")


def roles(**changes: object) -> Roles:
    given = {"prediction": "said"} | changes
    return Roles(target="truth", positive_label="y", sensitive=("sex",), **given)


@pytest.mark.parametrize(
    ("truth", "undefined", "defined"),
    [
        ("n", "true_positive_rate", "false_positive_rate"),
        ("y", "false_positive_rate", "true_positive_rate"),
    ],
)
def test_outcomes_of_one_class_leave_their_own_figures_undefined(
    truth: str, undefined: str, defined: str
) -> None:
    read = table(truth, "ynnynyy")
    result = run(read, AuditPlan(roles(), None, 0))
    assert set(result.dataset.target) == {truth == "y"}
    (group, _) = result.assessments[("sex",)].groups
    assert group.figures[undefined].estimate is None
    assert group.figures[undefined].reason
    assert group.figures[defined].estimate is not None
    assert group.figures["selection_rate"].estimate is not None
    assert not [f for f in result.findings if f.code in ("PERF-01", "CHECK-01")]
    (repair,) = [r for r in result.dataset.repairs if "All outcomes are" in r.what]
    assert (repair.count, repair.column) == (200, "truth")
    record = audit_json(result)
    json.dumps(record, allow_nan=False)
    assert "All outcomes are" in render(record)


def test_a_score_beside_outcomes_of_one_class() -> None:
    changes = {"prediction": None, "score": "score", "threshold": 0.5}
    data = assign(table("n", "y"), roles(**changes))
    assert not data.target.any()
    assert data.roles.positive_label == "y"
    result = run(table("n", "y"), AuditPlan(roles(**changes), None, 0))
    assert result.performance.figures["roc_auc"].estimate is None
    assert audit_json(result)["performance"]["undefined"]["roc_auc"]


def test_decisions_of_one_class_are_audited() -> None:
    result = run(table("ynnynyy", "y"), AuditPlan(roles(), None, 0))
    assert {f.code for f in result.findings} >= {"FAIR-04"}
    assert result.assessments[("sex",)].groups[0].figures["selection_rate"].estimate == 1


def test_what_is_no_label_at_all_is_still_refused() -> None:
    with pytest.raises(InputError, match="there is no label 'z'"):
        positive_label("z", ("n",), ("n", "y"), where="column 'truth'")
    with pytest.raises(InputError, match="there is no label 'z'"):
        positive_label("z", ("n", "y"), None, where="column 'truth'")
    check_predictions(("n",), ("n", "y"), column="said")
    check_predictions(("n",), ("y",), column="said")
    for labels, message in (
        (("n",), ("x", "y")),
        (("n", "y"), ("x",)),
        (("n",), ("0.1", "0.2", "0.3")),
    ):
        with pytest.raises(InputError, match="is not a label"):
            check_predictions(labels, message, column="said")
    with pytest.raises(InputError, match="only one class, 'n'"):
        assign(table("n", "y"), Roles(target="truth", positive_label="n", sensitive=("sex",),
                                      features=("score",)))  # fmt: skip


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_the_json_of_fairness_holds_what_was_left_out_or_recoded(
    tmp_path: Path, ending: str
) -> None:
    data = table("ny", "ynnynyy").frame
    data["truth"] = data["truth"].where(data.index >= 7)
    path, out = tmp_path / f"rows.{ending}", tmp_path / "out.json"
    if ending == "csv":
        data.to_csv(path, index=False)
    else:
        data.to_parquet(path)
    words = ["fairness", "--predictions", str(path), "--label", "truth", "--prediction", "said",
             "--favourable", "y", "--sensitive", "sex", "--out", str(out)]  # fmt: skip
    assert main(words) == 0
    repairs = json.loads(out.read_text())["repairs"]
    assert {
        "what": "Rows without a target were left out.",
        "count": 7,
        "column": "truth",
    } in repairs


def test_outcomes_of_one_class_in_an_engine(tmp_path: Path) -> None:
    path, out = tmp_path / "rows.parquet", tmp_path / "out.json"
    table("n", "ynnynyy").frame.to_parquet(path)
    words = ["fairness", "--predictions", str(path), "--label", "truth", "--prediction", "said",
             "--favourable", "y", "--sensitive", "sex", "--out", str(out)]  # fmt: skip
    assert main(words) == 0
    found = json.loads(out.read_text())
    assert "All outcomes are 'n'" in " ".join(repair["what"] for repair in found["repairs"])
    assert found["overall"]["true_positive_rate"] is None
    assert found["overall"]["selection_rate"] is not None
