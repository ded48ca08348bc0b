"""The fairness page, as a person meets it by deep link."""

from __future__ import annotations

import json

import pytest

from core.audit_state import audit_models
from core.audit_state import state as steps
from core.data.assign import assign
from core.data.samples import load_sample
from core.numerals import with_minus
from core.privacy.accounting.budget import Budget
from core.training.spec import TrainingSpec
from tests.pages.conftest import compas_apart, opened, ran, texts


@pytest.fixture
def apart(workspace):
    return compas_apart(workspace)


@pytest.fixture
def compas(workspace):
    return steps.begin_sample(workspace, "compas").id


def trained_german(workspace, spec=None, budget=None):
    begun = steps.begin_sample(workspace, "german_credit")
    if budget is not None:
        begun = steps.save(workspace, steps.replace(begun, budget=budget))
    dataset = assign(load_sample("german_credit"), begun.roles)
    audit_models.train_audited_model(
        workspace, begun, dataset, spec or TrainingSpec("logistic_regression")
    )
    return begun.id


def frame_with(app, column):
    return next(f.value for f in app.dataframe if column in f.value.columns)


def test_says_what_to_do_without_an_audit_roles_or_model(workspace):
    assert "No audit is open yet" in texts(opened("fairness"))
    begun = steps.begin_sample(workspace, "german_credit")
    assert "train a model first" in texts(opened("fairness", begun.id))


def test_compas_error_rates_are_the_published_ones(compas):
    app = opened("fairness", compas)
    assert app.multiselect[0].value == ["race"]
    for metric, pair in (
        ("false_positive_rate", ("0.4485", "0.2345")),
        ("false_negative_rate", ("0.2799", "0.4772")),
    ):
        app.selectbox[0].select(metric)
        ran(app)
        table = next(f.value for f in app.dataframe if "95% from" in f.value.columns)
        rates = table.set_index("Group").iloc[:, 1]
        assert (rates["African-American"], rates["Caucasian"]) == pair
    text = texts(app)
    assert "all 7,214 rows of existing predictions" in text.replace("\\", "")
    assert "which is adverse" in text


def test_groups_too_small_are_flagged(apart):
    app = opened("fairness", apart)
    table = frame_with(app, "Large enough?").set_index("Group")
    assert table.loc["Native American", "Large enough?"] == "no"
    assert table.loc["Caucasian", "Large enough?"] == "yes"
    (result,) = [w.value.replace("\\", "") for w in app.warning if "too small" in w.value]
    assert "1 of 6 groups of race is too small to judge: Native American. " in result
    assert "1 of 6 groups of race is too small to judge by error rates: Asian. " in result


def test_attributes_combine_and_none_is_asked_for(compas):
    app = opened("fairness", compas)
    app.multiselect[0].set_value(["sex", "race"])
    ran(app)
    assert "African-American · Female" in set(frame_with(app, "Large enough?")["Group"])
    app.multiselect[0].set_value([])
    ran(app)
    assert "Choose at least one attribute" in app.info[0].value
    assert not app.dataframe


def test_trained_model_is_judged_on_test_rows(workspace):
    app = opened("fairness", trained_german(workspace))
    shown = texts(app).replace("\\", "")
    assert "200 test rows that the model never saw" in shown
    assert "not covered by the privacy guarantee" not in shown
    assert "Four-fifths rule: the group" in shown
    assert [t for t in app.table if "Comparison" in t.value.columns]
    # Every metric in the table and every comparison is explained.
    for term in ("True positive rate:", "Precision:", "Equalized odds difference:"):
        assert term in shown


def test_private_model_s_figures_are_said_not_to_be_covered(workspace):
    spec = TrainingSpec(
        "dp_logistic_regression",
        epsilon=1.0,
        delta=1e-6,
        domains=steps.SAMPLES["german_credit"].domains,
    )
    app = opened("fairness", trained_german(workspace, spec, Budget(2.0, 1e-5)))
    assert any("not covered by the privacy guarantee" in w.value for w in app.warning)


def test_download_holds_the_figures(apart, monkeypatch):
    offered = {}

    def offer(label, data, *args, **kwargs):
        offered[label] = data

    monkeypatch.setattr("streamlit.download_button", offer)
    opened("fairness", apart)
    record = json.loads(offered["Download these figures (JSON)"])
    counts = offered["Download these counts (CSV)"].decode()
    assert "Native American" in counts
    assert ",hidden," in counts
    rates = {group["group"]["race"]: group["false_positive_rate"] for group in record["by_group"]}
    assert rates["African-American"] == pytest.approx(0.4485, abs=5e-5)
    assert record["attributes"] == ["race"]


def test_choices_outlive_a_change_of_page(compas):
    app = opened("fairness", compas)
    app.multiselect[0].set_value(["race", "sex"])
    ran(app)
    app.selectbox[0].select("accuracy")
    ran(app)
    app.switch_page("pages/decide/report.py")
    ran(app)
    app.switch_page("pages/audit/fairness.py")
    ran(app)
    assert app.multiselect[0].value == ["race", "sex"]
    assert app.selectbox[0].value == "accuracy"


def test_names_of_groups_stay_text(workspace):
    rows = ["label,made,who"]
    for who in ("<b>x</b>", "[a](http://b)"):
        rows += [f"{y},{d},{who}" for y in (0, 1) for d in (0, 1) for _ in range(20)]
    begun = steps.begin_bytes(workspace, "\n".join(rows).encode(), "named.csv")
    roles = steps.Roles("label", "1", ("who",), prediction="made")
    steps.save(workspace, steps.replace(begun, roles=roles))
    app = opened("fairness", begun.id)
    assert "<b>x</b>" in set(frame_with(app, "Large enough?")["Group"])
    for item in (*app.markdown, *app.caption, *app.warning, *app.success, *app.error):
        assert "<b>" not in item.value
        assert "[a](" not in item.value
    chart = json.loads(app.get("plotly_chart")[0].proto.spec)
    assert "<b>" not in json.dumps(chart["layout"]["annotations"])


def choose(app, against):
    next(g for g in app.get("button_group") if g.key.endswith(" against")).set_value(against)
    return ran(app)


def test_groups_are_compared_with_a_reference_the_best_everyone_or_the_others(apart):
    app = opened("fairness", apart)
    app.selectbox[0].select("false_positive_rate")
    ran(app)
    frame = load_sample("compas").frame
    innocent = frame[frame["two_year_recid"] == 0]
    alarm = innocent["decile_score"] >= 5
    rates = alarm.groupby(innocent["race"]).mean()
    rest = {race: alarm[innocent["race"] != race].mean() for race in rates.index}
    # Asian has too few positive labels, and enough negative ones for this rate.
    large = rates.drop("Native American")
    for against, yardstick in (
        ("overall", dict.fromkeys(rates.index, alarm.mean())),
        ("rest", rest),
        # A low rate of the adverse decision is best, among groups large enough to judge.
        ("best", dict.fromkeys(rates.index, large.min())),
        ("chosen", dict.fromkeys(rates.index, rates["African-American"])),
    ):
        choose(app, against)
        table = frame_with(app, "Difference (95% interval)").set_index("Group")
        for race, row in table.iterrows():
            gap, ratio = rates[race] - yardstick[race], rates[race] / yardstick[race]
            assert row["Difference (95% interval)"].startswith(with_minus(f"{gap:.3f} ("))
            assert row["Ratio (95% interval)"].startswith(f"{ratio:.3f} (")
        assert len(table) == (6 if against in ("overall", "rest") else 5)
        assert table.loc["Native American", "Note"] == "too small to judge"
        assert against == "best" or table.loc["Asian", "Note"] == ""
    reference = next(s for s in app.selectbox if s.label == "Reference group")
    reference.select("Caucasian")
    ran(app)
    shown = texts(app).replace("\\", "")
    assert "False positive rate of African-American is 0.21 above that of Caucasian" in shown
    app.selectbox[0].select("prevalence")
    choose(app, "best")
    assert "there is no best group" in texts(app)
    app.selectbox[0].select("roc_auc")
    choose(app, "overall")
    assert "ROC AUC of" in texts(app) or "No group's ROC AUC" in texts(app)
    choose(app, "rest")
    assert "all others together have no figure" in texts(app).replace("\\", "")


def test_every_definition_is_to_be_found(compas):
    app = opened("fairness", compas)
    said = texts(app).replace("\\", "")
    for words in (
        "Treatment equality difference:",
        "statistical parity in the labels",
        "Theil index:",
        "Generalized entropy index",
    ):
        assert words in said
    table = next(t.value for t in app.table if "Index" in t.value.columns)
    frame = load_sample("compas").frame
    # The positive decision is adverse, so that a wrong refusal of it is the gift: FN 2, FP 0.
    wrong = (frame["decile_score"] >= 5).astype(int) - (frame["two_year_recid"] == 1).astype(int)
    benefit = 1 - wrong
    mean = benefit.mean()
    half_squared = (((benefit / mean) ** 2) - 1).mean() / 2
    shown = table.set_index("Index").iloc[:, 0].map(lambda text: text.replace("\\", ""))
    assert shown["Generalized entropy index"].startswith(f"{half_squared:.3f} (")
