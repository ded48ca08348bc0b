"""The pages of all classes and of predicted amounts, on columns of the open audit's table."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from core.audit_state import state as steps
from core.data.samples import FOLDER
from tests.pages.conftest import opened, ran, texts


@pytest.fixture
def grades(workspace):
    students = pd.read_csv(FOLDER / "student_performance.csv")
    for name, source in (("band", "G2"), ("predicted_band", "G1")):
        cut = pd.cut(students[source], [-1, 9, 13, 20], labels=["fail", "pass", "good"])
        students[name] = cut.astype(str)
    data = students.to_csv(index=False).encode()
    return steps.begin_bytes(workspace, data, "grades.csv").id


def test_classes_are_compared_without_roles(grades):
    app = opened("multiclass", grades)
    assert "Choose the column of the true class" in texts(app)
    app.selectbox[0].select("band")
    app.selectbox[1].select("predicted_band")
    app.multiselect[0].select("sex")
    ran(app)
    shown = texts(app).replace("\\", "")
    assert "649 rows, 3 classes: fail, good, pass" in shown
    assert "Accuracy ranges from" in shown or "Accuracy is about" in shown
    assert "True positive rate differs most in class" in shown
    assert len(app.get("plotly_chart")) == 3
    app.selectbox(key=f"{grades} multiclass metric").select("macro_f1")
    app.selectbox(key=f"{grades} multiclass label").select("pass")
    ran(app)
    shown = texts(app).replace("\\", "")
    assert "F1, mean of classes" in shown
    assert "True positive rate of pass" in shown
    app.selectbox[1].select("band")
    ran(app)
    assert any("two meanings" in e.value for e in app.error)


def test_amounts_are_compared_and_judged_by_a_bound(grades):
    app = opened("regression", grades)
    app.selectbox[0].select("G2")
    app.selectbox[1].select("G1")
    app.multiselect[0].select("sex")
    ran(app)
    table = next(f.value for f in app.dataframe if "Lowest over highest" in f.value.columns)
    assert len(table) == 10
    assert "Mean absolute error" in texts(app)
    app.number_input[0].set_value(5.0)
    ran(app)
    assert any("every group stays within it" in s.value for s in app.success)
    app.number_input[0].set_value(0.1)
    ran(app)
    assert any("significantly exceeds it" in e.value for e in app.error)


def test_a_table_without_two_such_columns_says_so(workspace):
    begun = steps.begin_bytes(workspace, b"name,g\n" + b"a,x\nb,y\n" * 9, "small.csv")
    assert "does not have two such columns" in texts(opened("regression", begun.id))


def test_the_figures_of_the_page_are_those_of_the_command_line(grades, tmp_path, workspace):
    from core.__main__ import main
    from core.data.roles.outcome_rows import OutcomeColumns, class_rows
    from core.fairness.assessment.class_record import classes_json
    from core.fairness.assessment.multiclass import assess_classes

    path, out = tmp_path / "grades.csv", tmp_path / "o.json"
    path.write_bytes(workspace.read_source(grades))
    words = ["fairness", "--predictions", str(path), "--label", "band", "--prediction"]
    words += ["predicted_band", "--multiclass", "--sensitive", "sex", "--out", str(out)]
    assert main(words) == 0
    from core.audit_state.state import load_audit as reopened

    table = steps.read_table(workspace, reopened(workspace, grades))
    rows = class_rows(table, OutcomeColumns("band", "predicted_band", ("sex",)))
    found = classes_json(assess_classes(rows.truth, rows.prediction, rows.sensitive))
    record = json.loads(out.read_text())
    assert {key: record[key] for key in found} == json.loads(json.dumps(found))
