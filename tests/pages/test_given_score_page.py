"""The trade-offs page of an audit of existing predictions."""

from __future__ import annotations

from dataclasses import replace

from core.audit_state import state as steps
from core.data.assign import assign
from core.data.roles.roles import Roles
from core.governance.operating_point import chosen
from core.governance.stored_sweeps import store_of
from core.storage.workspace import Workspace
from tests.pages.conftest import opened, ran, texts
from tests.pages.test_tradeoffs import start, widget

CONTENT = "score,decision,sex,paid\n" + "".join(
    f"{s},{'yes' if s >= 5 else 'no'},{'f' if n % 2 else 'm'},{'yes' if (n + s) % 3 else 'no'}\n"
    for n in range(40)
    for s in range(1, 11)
)


def audit(workspace: Workspace, **given):
    begun = steps.begin_bytes(workspace, CONTENT.encode(), "scores.csv", origin="upload")
    return steps.save(workspace, replace(begun, roles=Roles("paid", "yes", ("sex",), **given)))


def test_the_sweep_that_comes_with_compas_opens_at_once(workspace: Workspace) -> None:
    app = opened("tradeoffs", steps.begin_sample(workspace, "compas").id)
    text = texts(app)
    assert "a *sweep* trains nothing" in text
    assert "Shipped with the sample compas" in text.replace("\\", "")
    assert "Nothing was trained" in text
    assert app.get("plotly_chart")
    assert not [item for item in app.multiselect if "learners" in item.label.lower()]
    assert "ε" not in "".join(item.label for item in app.slider)


def test_a_score_is_tried_in_other_ways_and_one_is_chosen(workspace: Workspace) -> None:
    state = audit(workspace, score="score", threshold=5.0)
    app = opened("tradeoffs", state.id)
    widget("multiselect", app, "Mitigations").set_value(["none", "levelling_up"])
    widget("slider", app, "Splits").set_value(2)
    ran(app)
    assert "reweighing" not in widget("multiselect", app, "Mitigations").options
    strengths = widget("multiselect", app, "Strengths of the mitigations that have degrees")
    strengths.set_value([1.0])
    ran(app)
    assert start(app).label == "Start: try 4 runs"
    start(app).click()
    ran(app)
    points = list(store_of(workspace, state))
    assert len(points) == 4
    assert {p.run.setting.learner for p in points} == {"given_score"}
    assert app.get("plotly_chart")
    widget("text_input", app, "Your name").set_value("Ann")
    widget("text_area", app, "Why this one").set_value("It is fair enough.")
    next(b for b in app.button if b.label == "Choose this operating point").click()
    ran(app)
    rows = assign(steps.read_table(workspace, state), state.roles)
    point = chosen(workspace, state, rows)
    assert point is not None
    assert point.setting.learner == "given_score"
    again = opened("tradeoffs", state.id)
    assert "by Ann" in texts(again)
    assert "Impact of the mitigation by group" in texts(again)
    assert "Impact of privacy by group" not in texts(again)
    assert "training page" not in str(again.get("page_link"))


def test_decisions_without_a_score_have_nothing_to_move(workspace: Workspace) -> None:
    app = opened("tradeoffs", audit(workspace, prediction="decision").id)
    assert "can't be traded off" in app.info[0].value
    assert "no score, so there is no threshold to move" in app.info[0].value
    assert not app.error
    assert not app.multiselect


def test_decisions_that_no_threshold_explains_are_counted(workspace: Workspace) -> None:
    state = audit(workspace, prediction="paid2", score="score")
    lines = CONTENT.splitlines()
    content = "\n".join(
        [lines[0] + ",paid2", *(f"{x},{'yes' if n % 7 else 'no'}" for n, x in enumerate(lines[1:]))]
    )
    begun = steps.begin_bytes(workspace, content.encode(), "odd.csv", origin="upload")
    app = opened("tradeoffs", steps.save(workspace, replace(begun, roles=state.roles)).id)
    assert "follow from no threshold on the score" in app.info[0].value
