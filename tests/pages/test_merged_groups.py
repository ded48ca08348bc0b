"""Counting values of a sensitive attribute together, on the page of roles."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from core.audit_state.state import begin_bytes, begin_sample, state_of_record
from core.data.samples import SAMPLES, load_sample
from core.storage.workspace import Workspace
from tests.pages.conftest import opened, ran, texts
from tests.pages.test_release import with_budget
from tests.pages.test_roles import choose, pick, press_save, widget

ROWS = "".join(
    f"{group},{i % 90},{'yes' if i % 3 else 'no'},{'yes' if i % 2 else 'no'}\n"
    for group, rows in (("a", 60), ("b*", 40), ("c", 12), ("d", 9), ("e", 5))
    for i in range(rows)
)


def begun(workspace: Workspace) -> tuple[AppTest, str]:
    state = begin_bytes(workspace, f"origin,age,said,hired\n{ROWS}".encode(), "people.csv")
    app = choose(opened("roles", state.id), "Sensitive attributes", ["origin"])
    pick(app, "Target", "hired")
    pick(app, "Positive label", "yes")
    return app, state.id


def saved(workspace: Workspace, audit: str):
    roles = state_of_record(workspace.open(audit)).roles
    assert roles is not None
    return roles.merged_groups


def test_nothing_is_chosen_until_a_person_chooses(workspace: Workspace) -> None:
    app, audit = begun(workspace)
    picker = widget(app.multiselect, "Merge groups of origin")
    assert picker.value == []
    assert picker.options == ["e (5)", "d (9)", "c (12)", "b* (40)", "a (60)"]
    assert "Fewer than 30 rows: e (5), d (9), c (12)." in texts(app).replace("\\", "")
    press_save(app)
    assert saved(workspace, audit) == ()


def test_groups_are_counted_together_and_parted_again(workspace: Workspace) -> None:
    app, audit = begun(workspace)
    choose(app, "Merge groups of origin", ["e", "d"])
    named = widget(app.text_input, "Name of the merged group in origin")
    assert named.value == "other groups"
    named.input("few")
    ran(app)
    choose(app, "Merge groups of origin", ["e", "d", "c"])
    choose(app, "Merge groups of origin (group 2)", ["a", "b*"])
    assert widget(app.text_input, "Name of the merged group in origin").value == "few"
    shown = next(f.value for f in app.dataframe if "Merged into" in f.value)
    assert shown["Merged into"].tolist() == ["other groups 2"] * 2 + ["few"] * 3
    press_save(app)
    assert not app.error
    merged_groups = (("origin", "few", ("e", "d", "c")), ("origin", "other groups 2", ("a", "b*")))
    assert saved(workspace, audit) == merged_groups
    said = texts(app).replace("\\", "")
    assert "For **origin**, **c**, **d** and **e** are counted as **few**." in said
    table = next(f.value for f in app.dataframe if "Base rate" in f.value)
    assert dict(zip(table["Group"], table["Rows"], strict=True)) == {
        "few": 26, "other groups 2": 100
    }  # fmt: skip
    app = opened("roles", audit)
    assert widget(app.multiselect, "Merge groups of origin").value == ["e", "d", "c"]
    choose(app, "Merge groups of origin", [])
    choose(app, "Merge groups of origin (group 2)", [])
    press_save(app)
    assert saved(workspace, audit) == ()


def test_what_cannot_be_is_said_and_what_is_gone_can_be_taken_out(workspace: Workspace) -> None:
    app, audit = begun(workspace)
    choose(app, "Sensitive attributes", ["age"])
    widget(app.text_input, "Bin edges of age").input("20, 40, 50")
    ran(app)
    choose(app, "Merge groups of age", ["< 20", "≥ 50"])
    press_save(app)
    assert saved(workspace, audit) == (("age", "other groups", ("< 20", "≥ 50")),)
    table = next(f.value for f in app.dataframe if "Base rate" in f.value)
    assert table["Group"].tolist() == ["other groups", "20 – 40", "40 – 50"]
    widget(app.text_input, "Bin edges of age").input("25, 40, 50")
    press_save(ran(app))
    refused = app.error[0].value.replace("\\", "")
    assert "there is no value '< 20' to be counted as 'other groups'" in refused
    choose(app, "Merge groups of age", ["≥ 50"])
    widget(app.text_input, "Name of the merged group in age").input("40 – 50")
    press_save(ran(app))
    assert saved(workspace, audit) == (("age", "40 – 50", ("≥ 50",)),)


def test_compas_is_parted_again(workspace: Workspace) -> None:
    state = begin_sample(workspace, "compas")
    app = opened("roles", state.id)
    assert saved(workspace, state.id) == SAMPLES["compas"].roles.merged_groups
    shown = texts(app).replace("\\", "")
    assert "Asian (32 people) and Native American (18) are counted as race" in shown
    assert widget(app.text_input, "Name of the merged group in race").value == "Other"
    choose(app, "Merge groups of race", [])
    press_save(app)
    assert saved(workspace, state.id) == ()
    races = load_sample("compas").frame["race"].value_counts()
    table = next(f.value for f in app.dataframe if "Base rate" in f.value)
    assert dict(zip(table["Group"], table["Rows"], strict=True)) == races.to_dict()


def test_a_release_declares_the_merged_groups(workspace: Workspace) -> None:
    app = opened("release", with_budget(workspace, "compas").id)
    values = next(area for area in app.text_area if area.label.startswith("Values of race"))
    assert values.value.splitlines() == ["African-American", "Other", "Caucasian", "Hispanic"]
