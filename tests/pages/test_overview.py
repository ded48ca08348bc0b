"""The overview tells what the checks found, and never an all-clear over a finding."""

from __future__ import annotations

from dataclasses import replace

from components.app import steps
from core.audit.verdicts import verdicts
from core.audit_state.audit_models import load_model, train_audited_model
from core.audit_state.collecting import collect
from core.audit_state.results.model_results import load_global_explanation
from core.audit_state.results.report_people import load_report_people
from core.audit_state.state import begin_bytes, begin_sample, load_audit, read_table, save
from core.data.assign import assign
from core.data.roles.roles import Roles
from core.storage.workspace import Workspace
from core.training.spec import TrainingSpec
from tests.core.audit.checks.cases import CASES
from tests.pages.conftest import opened, ran, texts


def hiring(workspace: Workspace) -> str:
    data = (CASES / "hiring_decisions.csv").read_bytes()
    state = begin_bytes(workspace, data, "hiring_decisions.csv")
    roles = Roles(None, "1", ("sex", "race"), prediction="selected", score="score")
    return save(workspace, replace(state, roles=roles)).id


def credit(workspace: Workspace) -> str:
    state = begin_sample(workspace, "german_credit")
    state = save(workspace, replace(state, training=TrainingSpec("logistic_regression")))
    assert state.roles is not None
    assert state.training is not None
    data = assign(read_table(workspace, state), state.roles)
    train_audited_model(workspace, state, data, state.training)
    return state.id


def test_decisions_get_their_verdicts_and_what_does_not_apply_is_told(
    workspace: Workspace,
) -> None:
    app = opened("overview", hiring(workspace))
    told = texts(app).replace("\\", "")
    assert "**Fairness**  \nFinding of high severity" in told
    assert "Female · Black 32.8% against 50.7% of Male · White: ratio 0.647" in told
    assert "Not applicable: mitigation, explanation, privacy." in told
    assert "decisions in column selected · judged on all 2,379 rows" in told
    assert "Not shown: true positive rate, false positive rate, precision, accuracy; " in told
    table = next(t.value for t in app.table if "Group" in t.value)
    assert list(table.columns) == ["Group", "Selection rate"]
    black = table[table["Group"].str.replace("\\", "") == "race = Black"].iloc[0]
    assert black["Selection rate"].replace("\\", "") == "0.377 ✗"
    assert "✓ met · ✗ not met · ? not enough evidence" in told
    assert "Policy “default”: not met." in told


def test_a_trained_model_says_what_was_not_run(workspace: Workspace) -> None:
    app = opened("overview", credit(workspace))
    told = texts(app).replace("\\", "")
    assert "**Privacy**  \nNot run yet" in told
    assert "No privacy attack was run on the model (PRIV-04, PRIV-05, PRIV-06)" in told
    assert "Logistic regression · judged on 200 test rows" in told
    links = {link.label for link in app.get("page_link")}
    assert {"Privacy attacks", "Explanations", "Explanation quality", "Next: Fairness"} <= links


def test_the_fairness_page_speaks_for_all_criteria(workspace: Workspace) -> None:
    data = (CASES / "intersection_only.csv").read_bytes()
    state = begin_bytes(workspace, data, "intersection_only.csv")
    roles = Roles("y", "1", ("sex", "race"), prediction="selected")
    audit = save(workspace, replace(state, roles=roles)).id
    app = opened("fairness", audit)
    # By sex alone nothing is to be seen; the harm lies at the intersection.
    assert not app.success
    assert any("Four\\-fifths rule fails for sex × race" in e.value for e in app.error)


def test_pages_that_do_not_apply_are_folded_away_and_can_be_shown(workspace: Workspace) -> None:
    state = load_audit(workspace, hiring(workspace))
    folded = {spec.path for spec in steps.PAGES if not steps.applies(spec, state)}
    assert {"train", "budget", "explanations", "privacy", "price"} <= folded
    assert not {"overview", "fairness", "thresholds", "report"} & folded
    assert state.roles is not None
    bare = replace(state, roles=replace(state.roles, score=None))
    assert "thresholds" in {spec.path for spec in steps.PAGES if not steps.applies(spec, bare)}
    assert all(steps.applies(spec, None) for spec in steps.PAGES)
    app = opened("overview", state.id)
    (switch,) = [item for item in app.toggle if "that do not apply" in item.label]
    assert str(len(folded)) in switch.label
    switch.set_value(True)
    ran(app)
    # A folded page stays open to its address, and says why it has nothing to do.
    assert "existing predictions" in texts(opened("train", state.id)).lower()


def test_verdicts_of_page_and_checks_agree(workspace: Workspace) -> None:
    audit = hiring(workspace)
    app = opened("overview", audit)
    told = texts(app).replace("\\", "")
    state = load_audit(workspace, audit)
    assert state.roles is not None
    table = read_table(workspace, state)
    checked = collect(workspace, state, table, assign(table, state.roles), None, None, ())
    for verdict in verdicts(checked.checks):
        if verdict.level != "not applicable":
            assert f"**{verdict.concern.capitalize()}**  \n{verdict.label}" in told
            assert verdict.sentence in told


def test_the_overview_finds_what_the_report_found(workspace: Workspace) -> None:
    audit = credit(workspace)
    before = texts(opened("overview", audit)).replace("\\", "")
    assert "No sample of people was explained (EXPL-01)" in before
    state = load_audit(workspace, audit)
    assert state.roles is not None
    assert state.training is not None
    table = read_table(workspace, state)
    data = assign(table, state.roles)
    trained = load_model(workspace, state, data, state.training)
    assert trained is not None
    assert load_report_people(workspace, state, trained) == ()
    opened("report", audit)
    people = load_report_people(workspace, state, trained)
    assert len(people) == 3
    explained = load_global_explanation(workspace, state, trained)
    checked = collect(workspace, state, table, data, trained, explained, people)
    app = opened("overview", audit)
    after = texts(app).replace("\\", "")
    assert "(EXPL-01)" not in after
    full = f"Findings in full ({len(checked.findings)}): evidence, and what can be done"
    assert full in [box.label for box in app.expander]
    for verdict in verdicts(checked.checks):
        if verdict.level != "not applicable":
            assert f"**{verdict.concern.capitalize()}**  \n{verdict.label}" in after
            assert verdict.sentence in after
