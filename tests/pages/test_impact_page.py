"""Impact ratios on the fairness page: the reference, small groups, and Local Law 144's table."""

import json
from dataclasses import replace

import pytest

from core.audit_state.state import begin_bytes, load_audit, save
from core.data.roles.roles import Roles
from core.fairness.metrics.impact_spec import ImpactSpec
from tests.pages.conftest import opened, ran, texts


def read(app):
    """What stands on the page, without the escapes of Markdown."""
    return texts(app).replace("\\", "")


HIRING = "tests/cases/hiring_decisions.csv"
NATIVE = "Native American or Alaska Native"


@pytest.fixture
def hiring(workspace):
    with open(HIRING, "rb") as file:
        state = begin_bytes(workspace, file.read(), "hiring_decisions.csv")
    roles = Roles(None, "1", ("sex", "race"), prediction="selected", score="score")
    return save(workspace, replace(state, roles=roles)).id


def frame_of(app, column):
    return next(f.value for f in app.dataframe if column in f.value.columns)


def labelled(elements, label):
    return next(item for item in elements if item.label == label)


def test_figures_reference_and_choices_are_on_the_page(workspace, hiring):
    app = opened("fairness", hiring)
    table = frame_of(app, "Impact ratio").set_index("Group")
    assert table.loc["Female", "Impact ratio"].startswith("0.908")
    assert table.loc["Female", "More selections needed"] == "49 more to parity"
    assert table.loc["sex (missing)", "Note"] == "unknown: in no ratio"
    said = read(app)
    assert "Reference: the group with the highest rate, Male (1,236 rows)." in said
    assert "describes, where in force" in said
    assert "Standardised difference (95% interval)" in frame_of(app, "Pooled SD").columns
    labelled(app.selectbox, "Reference").set_value("Female")
    labelled(app.number_input, "Leave out groups below this share of rows, in per cent").set_value(
        2.0
    )
    labelled(app.button, "Save how groups are compared").click()
    ran(app)
    assert "only for a reason" in read(app)
    labelled(app.text_input, "Why they are left out").set_value("too few")
    labelled(app.button, "Save how groups are compared").click()
    ran(app)
    kept = load_audit(workspace, hiring).impact
    assert (kept.groups, kept.smallest_share, kept.reason) == (("Female",), 0.02, "too few")
    assert "Reference: Female (1,083 rows), chosen." in read(app)


def test_a_group_that_is_in_no_ratio_is_refused_as_the_reference(workspace, hiring):
    asked = replace(load_audit(workspace, hiring), impact=ImpactSpec(compare_unknown=True))
    save(workspace, asked)
    app = opened("fairness", hiring)
    labelled(app.selectbox, "Reference").set_value("(missing)")
    unknown = "Compare rows of unknown group as if they were a group"
    labelled(app.checkbox, unknown).set_value(False)
    labelled(app.button, "Save how groups are compared").click()
    ran(app)
    assert "in no ratio, so it can't be the reference" in read(app)
    assert load_audit(workspace, hiring).impact.groups == ()
    labelled(app.checkbox, unknown).set_value(True)
    labelled(app.button, "Save how groups are compared").click()
    ran(app)
    assert load_audit(workspace, hiring).impact.groups == ("(missing)",)


def test_an_audit_whose_reference_is_unknown_still_opens(workspace, hiring):
    kept = replace(load_audit(workspace, hiring), impact=ImpactSpec(groups=("(missing)",)))
    save(workspace, kept)
    app = opened("fairness", hiring)
    assert "Reference: the group with the highest rate, Male (1,236 rows)." in read(app)
    labelled(app.selectbox, "Reference").set_value("Female")
    labelled(app.button, "Save how groups are compared").click()
    ran(app)
    assert load_audit(workspace, hiring).impact.groups == ("Female",)


def test_the_table_of_local_law_144_is_made_and_kept_for_the_report(workspace, hiring):
    app = opened("fairness", hiring)
    labelled(app.selectbox, "Sex").set_value("sex")
    labelled(app.selectbox, "Race or ethnicity").set_value("race")
    ran(app)
    assert "Say which category each value belongs to." in read(app)
    labelled(app.selectbox, "Category of NatAm").set_value(NATIVE)
    ran(app)
    assert "Self-computed, not a bias audit" in read(app)
    table = frame_of(app, "Applicants")
    female = table[(table["Category"] == "Female") & (table["Table"] == "Selected: 1")].iloc[0]
    assert (female["Applicants"], female["Impact ratio"]) == ("1083", "0.91")
    labelled(app.button, "Save with the audit, for its report").click()
    ran(app)
    state = load_audit(workspace, hiring)
    assert (state.bias_audit.sex, dict(state.bias_audit.races)) == ("sex", {"NatAm": NATIVE})
    report = opened("report", hiring)
    assert not report.exception


def test_the_report_and_its_json_hold_the_table(workspace, hiring):
    from core.audit_state.collecting import collect
    from core.audit_state.state import read_table
    from core.data.assign import assign
    from core.fairness.bias_audit.spec import BiasAuditSpec
    from core.reporting.written_report import write_report

    state = replace(
        load_audit(workspace, hiring),
        bias_audit=BiasAuditSpec("sex", "race", races=(("NatAm", NATIVE),)),
    )
    table = read_table(workspace, state)
    found = collect(workspace, state, table, assign(table, state.roles), None, None, ())
    report = write_report(found, state.file)
    told = json.loads(report.json)["bias_audit"]
    assert told["selection"][0]["families"][0]["unknown"] == 60
    assert "Table of Local Law 144 (New York City)" in report.html
    assert "Self-computed, not a bias audit" in report.html
    assert "More selections needed" in report.html
    assert "0.0000" not in report.html.split('id="fairness"')[1].split("</section>")[0]
    broken = replace(state, bias_audit=BiasAuditSpec("sex", "race"))
    found = collect(workspace, broken, table, assign(table, state.roles), None, None, ())
    assert "NatAm" in json.loads(write_report(found, state.file).json)["bias_audit"]["reason"]
