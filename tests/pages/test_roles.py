"""The page on which a person says which column means what."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from components.roles.role_result import group_table
from components.widgets.role_draft import RoleDraft, from_roles, numbers
from core.audit_state.state import AuditState, begin_bytes, begin_sample, save, state_of_record
from core.data.assign import assign
from core.data.reading.reading import read_bytes
from core.data.roles.roles import Roles
from core.data.samples import NAMES, SAMPLES, load_sample
from core.data.table import Kind
from core.errors import InputError
from core.storage.workspace import Workspace
from core.training.spec import TrainingSpec
from tests.pages.conftest import opened, ran, texts

ROWS = 60
FAVOURABLE = "Is the positive label the favourable outcome?"
CSV = "person_id,sex,age,height,grade,weight,score,said,hired\n" + "".join(
    f"p{i},{'f' if i % 2 else 'm'},{20 + i % 40},{150 + i % 37},{i % 3},{1 + i % 4},"
    f"{i / ROWS:.3f},{'yes' if i % 5 else 'no'},{'yes' if i % 3 else 'no'}\n"
    for i in range(ROWS)
)


@pytest.fixture
def own(workspace: Workspace) -> AuditState:
    return begin_bytes(workspace, CSV.encode(), "people.csv")


def widget(items: Any, label: str) -> Any:
    return next(item for item in items if item.label == label)


def radio(app: AppTest, label: str) -> Any:
    return widget(app.radio, label)


def pick(app: AppTest, label: str, value: str) -> AppTest:
    widget(app.selectbox, label).select(value)
    return ran(app)


def choose(app: AppTest, label: str, values: list[str]) -> AppTest:
    widget(app.multiselect, label).set_value(values)
    return ran(app)


def press_save(app: AppTest) -> AppTest:
    widget(app.button, "Save roles").click()
    return ran(app)


def saved(workspace: Workspace, state: AuditState) -> AuditState:
    return state_of_record(workspace.open(state.id))


def test_without_an_audit_the_page_leads_to_the_first(workspace: Workspace) -> None:
    app = opened("roles")
    assert "No audit is open yet" in app.info[0].value
    assert not app.selectbox


@pytest.mark.parametrize("name", NAMES)
def test_a_scenario_saves_as_it_is(workspace: Workspace, name: str) -> None:
    state = begin_sample(workspace, name)
    app = press_save(opened("roles", state.id))
    assert not app.error
    assert saved(workspace, state) == state
    shown = texts(app).replace("\\", "")
    assert SAMPLES[name].sentence in shown
    for caveat in SAMPLES[name].caveats:
        assert caveat in shown


def test_a_suggestion_is_filled_in_and_nothing_is_saved_unasked(
    workspace: Workspace, own: AuditState
) -> None:
    app = opened("roles", own.id)
    assert widget(app.selectbox, "Target").value == "hired"
    assert widget(app.selectbox, "Positive label").value == "yes"
    assert radio(app, FAVOURABLE).value == "Yes, it is favourable"
    said = texts(app).replace("\\", "")
    assert said.count("Guessed, to be checked") == 4  # Target, label, attributes, identifiers.
    assert "its name says sex (“sex”)" in said
    assert widget(app.multiselect, "Sensitive attributes").value == ["sex", "age"]
    assert widget(app.multiselect, "Identifiers").value == ["person_id"]
    assert widget(app.multiselect, "Features").value == [
        "height", "grade", "weight", "score", "said",
    ]  # fmt: skip
    assert saved(workspace, own).roles is None
    assert not any(link.label.startswith("Next") for link in app.get("page_link"))


def test_saving_needs_a_label_and_keeps_what_was_typed(
    workspace: Workspace, own: AuditState
) -> None:
    app = choose(opened("roles", own.id), "Features", ["height"])
    press_save(pick(app, "Target", "grade"))
    assert "no positive label is chosen" in app.error[0].value
    assert widget(app.multiselect, "Features").value == ["height", "hired"]
    assert saved(workspace, own).roles is None
    press_save(pick(app, "Target", "hired"))
    assert not app.error
    assert "Guessed" not in texts(app)
    roles = saved(workspace, own).roles
    assert roles is not None
    assert (roles.target, roles.positive_label) == ("hired", "yes")
    assert roles.features == ("height",)
    assert roles.sensitive == ("sex", "age")
    assert "Roles are saved." in app.success[0].value
    assert "**60 of 60 rows** are used." in texts(app)
    assert any(link.label.startswith("Next: Privacy") for link in app.get("page_link"))


def test_what_is_entered_outlives_a_change_of_page(workspace: Workspace, own: AuditState) -> None:
    app = pick(opened("roles", own.id), "Target", "said")
    choose(app, "Sensitive attributes", ["sex"])
    # Nothing says whether people hope for what was "said", so nothing is chosen.
    assert radio(app, FAVOURABLE).value is None
    assert "Not guessed, so please say it" in texts(app)
    radio(app, FAVOURABLE).set_value("No, it is adverse")
    ran(app)
    app.switch_page("pages/data/start.py")
    ran(app)
    app.switch_page("pages/data/roles.py")
    ran(app)
    assert widget(app.selectbox, "Target").value == "said"
    assert widget(app.multiselect, "Sensitive attributes").value == ["sex"]
    assert radio(app, FAVOURABLE).value == "No, it is adverse"


def test_whether_a_label_is_hoped_for_is_never_taken_for_granted(
    workspace: Workspace, own: AuditState
) -> None:
    app = pick(opened("roles", own.id), "Target", "said")
    press_save(app)
    assert (
        "it is not said whether the positive label is the favourable outcome" in app.error[0].value
    )
    assert saved(workspace, own).roles is None
    radio(app, FAVOURABLE).set_value("No, it is adverse")
    press_save(ran(app))
    roles = saved(workspace, own).roles
    assert roles is not None
    assert not roles.positive_is_favourable


def test_the_other_label_is_hoped_for_the_other_way_round(workspace: Workspace) -> None:
    state = begin_bytes(workspace, CSV.replace("hired", "arrested").encode(), "people.csv")
    app = opened("roles", state.id)
    assert widget(app.selectbox, "Positive label").value == "yes"
    assert radio(app, FAVOURABLE).value == "No, it is adverse"
    assert "hope to be spared" in texts(app)
    pick(app, "Positive label", "no")
    assert radio(app, FAVOURABLE).value == "Yes, it is favourable"


def test_a_column_is_a_feature_again_when_it_is_no_longer_the_target(own: AuditState) -> None:
    app = opened("roles", own.id)
    pick(app, "Target", "said")
    assert "said" not in widget(app.multiselect, "Features").options
    assert "hired" in widget(app.multiselect, "Features").value
    pick(app, "Target", "hired")
    assert "said" in widget(app.multiselect, "Features").value
    assert "hired" not in widget(app.multiselect, "Features").options


def test_a_sensitive_attribute_is_a_feature_only_if_asked(
    workspace: Workspace, own: AuditState
) -> None:
    app = pick(opened("roles", own.id), "Positive label", "yes")
    choose(app, "Sensitive attributes allowed as model inputs", ["age"])
    press_save(app)
    roles = saved(workspace, own).roles
    assert roles is not None
    assert "age" in roles.features
    assert "sex" not in roles.features
    assert "**age** among them" in texts(app)
    again = opened("roles", own.id)
    assert widget(again.multiselect, "Features").value == [
        "height", "grade", "weight", "score", "said",
    ]  # fmt: skip


def test_bin_edges_make_groups_at_once(workspace: Workspace, own: AuditState) -> None:
    app = pick(opened("roles", own.id), "Positive label", "yes")
    widget(app.text_input, "Bin edges of age").input("30; 40.5")
    ran(app)
    groups = next(f.value for f in app.dataframe if list(f.value) == ["Group", "Rows"])
    ages = 20 + np.arange(ROWS) % 40
    assert groups["Group"].tolist() == ["< 30", "30 – 40.5", "≥ 40.5"]
    assert groups["Rows"].tolist() == [
        int((ages < 30).sum()), int(((ages >= 30) & (ages < 40.5)).sum()), int((ages >= 40.5).sum())
    ]  # fmt: skip
    press_save(app)
    roles = saved(workspace, own).roles
    assert roles is not None
    assert dict(roles.edges) == {"age": (30.0, 40.5)}


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("thirty", "is not a number"),
        ("nan", "is not a number"),
        ("1_0", "is not a number"),
        ("40, 30", "must ascend"),
        ("500", "no row falls"),
    ],
)
def test_bad_bin_edges_get_their_sentence(
    workspace: Workspace, own: AuditState, typed: str, text: str
) -> None:
    app = pick(opened("roles", own.id), "Positive label", "yes")
    widget(app.text_input, "Bin edges of age").input(typed)
    press_save(app)
    assert len(app.error) == 2
    assert all(text in error.value for error in app.error)
    assert widget(app.text_input, "Bin edges of age").value == typed
    assert saved(workspace, own).roles is None


def test_existing_decisions_can_be_audited(workspace: Workspace, own: AuditState) -> None:
    app = pick(opened("roles", own.id), "Positive label", "yes")
    app.radio(key=f"{own.id} existing").set_value("Several of these")
    press_save(app)
    assert "no column of decisions is chosen" in app.error[0].value
    pick(app, "Prediction", "said")
    app.checkbox(key=f"{own.id} holds Scores").check()
    pick(ran(app), "Score", "score")
    press_save(app)
    roles = saved(workspace, own).roles
    assert roles is not None
    assert (roles.prediction, roles.score, roles.threshold) == ("said", "score", None)
    assert roles.features == ()
    assert any(link.label.startswith("Next: Overview") for link in app.get("page_link"))


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (None, (False, False)),
        ("What came true", (False, True)),
        ("Decisions that were made", (True, False)),
    ],
)
def test_what_a_target_records_is_asked_with_three_answers(
    workspace: Workspace, own: AuditState, answer: str | None, said: tuple[bool, bool]
) -> None:
    app = pick(opened("roles", own.id), "Positive label", "yes")
    question = app.radio(key=f"{own.id} records hired")
    assert question.value is None
    if answer is not None:
        question.set_value(answer)
        ran(app)
    assert ("imitates them" in " ".join(w.value for w in app.warning)) == said[0]
    press_save(app)
    roles = saved(workspace, own).roles
    assert roles is not None
    assert (roles.target_holds_decisions, roles.target_came_true) == said
    assert opened("roles", own.id).radio(key=f"{own.id} records hired").value == answer


def test_what_the_outcome_beside_existing_decisions_records_is_asked_too(
    workspace: Workspace, own: AuditState
) -> None:
    app = pick(opened("roles", own.id), "Positive label", "yes")
    app.radio(key=f"{own.id} existing").set_value("Several of these")
    app = pick(ran(app), "Prediction", "said")
    question = app.radio(key=f"{own.id} records hired")
    assert question.value is None
    question.set_value("Decisions that were made")
    ran(app)
    said = " ".join(item.value for item in app.warning)
    assert "where the two decisions differ" in said
    assert "imitates" not in said
    press_save(app)
    roles = saved(workspace, own).roles
    assert roles is not None
    assert (roles.prediction, roles.target_holds_decisions) == ("said", True)
    assert "against which errors are counted" in texts(app)


def test_columns_of_one_attribute_are_put_together_and_apart_by_one_click(
    workspace: Workspace,
) -> None:
    rows = ["1,0,3,yes", "0,1,4,no", "0,0,5,yes", "1,0,2,no", "0,1,1,yes"] * 8
    data = "\n".join(["race_white,race_black,points,hired", *rows]).encode()
    own = begin_bytes(workspace, data, "people.csv")
    app = pick(opened("roles", own.id), "Target", "hired")
    pick(app, "Positive label", "yes")
    widget(app.multiselect, "Sensitive attributes").set_value(["race_white", "race_black"])
    ran(app)
    (put,) = [button for button in app.button if button.label.startswith("Put ")]
    assert "one attribute, “race”" in put.label
    put.click()
    ran(app)
    assert widget(app.multiselect, "Sensitive attributes").value == ["race"]
    assert widget(app.multiselect, "Features").options == ["points"]
    assert "Rows with 1 in none of its columns are of unknown group. (8 ×)" in texts(app).replace(
        "\\", ""
    )
    press_save(app)
    roles = saved(workspace, own).roles
    assert roles is not None
    assert (roles.sensitive, roles.features) == (("race",), ("points",))
    options = saved(workspace, own).options
    assert options is not None
    assert options.one_hot == (("race", ("race_white", "race_black")),)
    # Read again from disk, in another session, and taken apart.
    app = opened("roles", own.id)
    next(button for button in app.button if button.label.startswith("Take ")).click()
    ran(app)
    assert widget(app.multiselect, "Sensitive attributes").value == ["race_white", "race_black"]


def test_existing_scores_need_a_threshold(workspace: Workspace, own: AuditState) -> None:
    app = pick(opened("roles", own.id), "Positive label", "yes")
    app.radio(key=f"{own.id} existing").set_value("Several of these")
    ran(app)
    app.checkbox(key=f"{own.id} holds Decisions").uncheck()
    app.checkbox(key=f"{own.id} holds Scores").check()
    press_save(pick(ran(app), "Score", "score"))
    assert "a score needs a threshold" in app.error[0].value
    app.number_input[0].set_value(0.25)
    press_save(app)
    roles = saved(workspace, own).roles
    assert roles is not None
    assert (roles.prediction, roles.score, roles.threshold) == (None, "score", 0.25)


def test_predictions_in_other_words_are_refused(workspace: Workspace, own: AuditState) -> None:
    app = pick(opened("roles", own.id), "Positive label", "yes")
    app.radio(key=f"{own.id} existing").set_value("Several of these")
    press_save(pick(ran(app), "Prediction", "score"))
    assert "it looks like a score" in app.error[0].value
    assert saved(workspace, own).roles is None


def test_weights_count_in_the_base_rates(workspace: Workspace, own: AuditState) -> None:
    app = pick(opened("roles", own.id), "Positive label", "yes")
    pick(app, "Weight", "weight")
    press_save(app)
    roles = saved(workspace, own).roles
    assert roles is not None
    assert roles.weight == "weight"
    assert "weight" not in roles.features
    shown = next(f.value for f in app.dataframe if "Base rate" in f.value)
    frame = read_bytes(CSV.encode(), "people.csv").frame
    for _, row in shown.iterrows():
        rows = frame[frame["sex"] == row["Group"]]
        assert row["Rows"] == len(rows)
        expected = np.average(rows["hired"] == "yes", weights=rows["weight"])
        assert row["Base rate"] == pytest.approx(expected, abs=1e-12)
    assert ", by weight" in texts(app)


@pytest.mark.parametrize("name", NAMES)
def test_base_rates_are_those_of_the_rows(name: str) -> None:
    dataset = assign(load_sample(name), SAMPLES[name].roles)
    known = dataset.outcome is not None
    labels, what = (
        (dataset.target, "Base rate") if known else (dataset.predictions, "Selection rate")
    )
    for attribute in dataset.roles.sensitive:
        shown = group_table(dataset, attribute)
        means = pd.Series(labels).groupby(dataset.sensitive[attribute].to_numpy())
        assert dict(zip(shown["Group"], shown[what], strict=True)) == pytest.approx(
            means.mean().to_dict(), abs=1e-12
        )
        assert dict(zip(shown["Group"], shown["Rows"], strict=True)) == means.size().to_dict()


def test_bins_stand_in_their_order() -> None:
    dataset = assign(load_sample("adult"), SAMPLES["adult"].roles)
    assert group_table(dataset, "age")["Group"].tolist() == [
        "< 25", "25 – 45", "45 – 60", "≥ 60",
    ]  # fmt: skip


def test_dropped_rows_are_counted(workspace: Workspace) -> None:
    data = CSV.replace(",yes\n", ",\n", 7).encode()
    state = begin_bytes(workspace, data, "people.csv")
    app = press_save(pick(opened("roles", state.id), "Positive label", "yes"))
    shown = texts(app).replace("\\", "")
    assert "**53 of 60 rows** are used; 7 were left out." in shown
    assert "**hired**: Rows without a target were left out. (7 ×)" in shown


TRAINING = TrainingSpec("logistic_regression", "none")


def test_other_roles_need_the_model_trained_again(workspace: Workspace) -> None:
    state = save(workspace, replace(begin_sample(workspace, "german_credit"), training=TRAINING))
    app = press_save(opened("roles", state.id))
    assert saved(workspace, state).training == TRAINING
    choose(app, "Sensitive attributes", ["sex"])
    press_save(app)
    after = saved(workspace, state)
    assert after.training is None
    assert after.roles is not None
    assert after.roles.sensitive == ("sex",)
    assert after.domains == state.domains
    assert "must be trained again" in app.success[0].value


def test_refused_roles_leave_the_saved_ones(workspace: Workspace) -> None:
    state = save(workspace, replace(begin_sample(workspace, "german_credit"), training=TRAINING))
    app = choose(opened("roles", state.id), "Sensitive attributes", [])
    press_save(app)
    assert "no sensitive column is chosen" in app.error[0].value
    assert saved(workspace, state) == state


def kind_of(app: AppTest, column: str) -> str:
    overview = next(frame.value for frame in app.dataframe if "Kind" in frame.value)
    return str(overview.set_index("Column").loc[column, "Kind"])


def test_a_corrected_kind_is_read_anew_and_saved(workspace: Workspace, own: AuditState) -> None:
    app = pick(opened("roles", own.id), "Column whose kind is wrong", "age")
    assert widget(app.selectbox, "What it holds").value is Kind.NUMBER
    assert "empty" not in widget(app.selectbox, "What it holds").options
    pick(app, "What it holds", "category")
    assert kind_of(app, "age") == "category"
    assert not any(box.label == "Bin edges of age" for box in app.text_input)
    assert saved(workspace, own).kinds == {}
    pick(app, "Column whose kind is wrong", "sex")
    pick(app, "What it holds", "number")
    assert "were read as missing" in texts(app) or "became missing" in texts(app)
    pick(app, "What it holds", "category")
    press_save(pick(app, "Positive label", "yes"))
    assert saved(workspace, own).kinds == {"age": Kind.CATEGORY, "sex": Kind.CATEGORY}
    assert kind_of(opened("roles", own.id), "age") == "category"


def test_the_kinds_of_a_scenario_are_its_own(workspace: Workspace) -> None:
    app = opened("roles", begin_sample(workspace, "compas").id)
    assert not any(box.label == "Column whose kind is wrong" for box in app.selectbox)


def test_markup_in_columns_and_labels_stays_text(workspace: Workspace) -> None:
    data = CSV.replace("sex", "**sex** <b>").replace("hired", ":red[hired]").encode()
    state = begin_bytes(workspace, data, "people.csv")
    app = opened("roles", state.id)
    choose(app, "Sensitive attributes", ["**sex** <b>"])
    press_save(pick(app, "Positive label", "yes"))
    assert not app.error
    assert "\\*\\*sex\\*\\* \\<b\\>" in texts(app)
    assert "\\:red\\[hired\\]" in texts(app)
    assert not any(item.allow_html for item in (*app.markdown, *app.caption))


@pytest.mark.parametrize("name", NAMES)
def test_a_draft_gives_back_the_roles_it_came_from(name: str) -> None:
    table = load_sample(name)
    assert from_roles(SAMPLES[name].roles).roles(table) == SAMPLES[name].roles


def test_an_empty_draft_asks_for_the_target() -> None:
    with pytest.raises(InputError, match="no target is chosen"):
        RoleDraft().roles(read_bytes(CSV.encode(), "people.csv"))


def test_numbers_are_read_as_they_are_written() -> None:
    assert numbers(" 25, 45.5 ;-3,", "age") == (25.0, 45.5, -3.0)
    assert numbers("", "age") == ()
    with pytest.raises(InputError, match="'x' is not a number"):
        numbers("1, x", "age")


def test_rows_that_repeat_persons_are_told_and_an_identifier_is_suggested(
    workspace: Workspace,
) -> None:
    content = (Path(__file__).parents[1] / "cases" / "repeated_persons.csv").read_bytes()
    state = begin_bytes(workspace, content, "visits.csv")
    roles = Roles(target="out", positive_label="yes", sensitive=("grp",), features=tuple("abcd"))
    save(workspace, replace(state, roles=roles))
    app = opened("roles", state.id)
    (result,) = [item.value for item in app.warning if "identifier that repeats" in item.value]
    assert "**person**" in result
    assert "500 values in 1,500 rows" in result
    named = replace(
        state_of_record(workspace.open(state.id)), roles=replace(roles, identifiers=("person",))
    )
    save(workspace, named)
    app = opened("roles", state.id)
    assert not [item for item in app.warning if "identifier that repeats" in item.value]
    assert any("**500 persons** by **person**" in item.value for item in app.markdown)
