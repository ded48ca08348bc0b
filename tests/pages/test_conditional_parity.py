"""The page of conditional parity, checked by a loop over the rows."""

from __future__ import annotations

import pytest

from core.audit_state import state as steps
from core.data.samples import load_sample
from core.privacy.accounting.budget import Budget
from tests.pages.conftest import compas_apart, opened, ran, texts
from tests.pages.test_fairness import frame_with, trained_german


@pytest.fixture
def apart(workspace):
    return compas_apart(workspace)


@pytest.fixture
def compas(workspace):
    return steps.begin_sample(workspace, "compas").id


def among_alike(app, column):
    app.multiselect[0].set_value([column])
    return ran(app)


def test_asks_for_a_control_and_for_decisions(workspace, compas):
    assert "Choose what people should be alike in" in texts(opened("conditional_parity", compas))
    begun = steps.begin_sample(workspace, "german_credit")
    assert "train a model first" in texts(opened("conditional_parity", begun.id))


def test_compas_by_sex_among_people_with_as_many_priors(compas):
    app = opened("conditional_parity", compas)
    app.selectbox[0].select("sex")
    ran(app)
    among_alike(app, "priors_count")
    assert app.text_input[0].value == "2, 4"
    shown = texts(app).replace("\\", "")
    assert (
        "Rate of the adverse decision (decile_score ≥ 5) is higher for Male than for Female by "
        "0.04; among people alike"
    ) in shown
    assert "which may be chance" in shown
    frame = load_sample("compas").frame
    high = frame["decile_score"] >= 5
    bins = {"< 2": (0, 2), "2 – 4": (2, 4), "≥ 4": (4, 1000)}
    strata = frame_with(app, "Stratum").set_index("Stratum")
    assert list(strata.index) == [f"priors_count {name}" for name in bins]
    mixed = dict.fromkeys(("Female", "Male"), 0.0)
    for name, (low, upper) in bins.items():
        inside = (frame["priors_count"] >= low) & (frame["priors_count"] < upper)
        rates = {s: high[inside & (frame["sex"] == s)].mean() for s in mixed}
        row = strata.loc[f"priors_count {name}"]
        assert row["Rows"] == inside.sum()
        assert row["Male minus Female"].startswith(
            f"{rates['Male'] - rates['Female']:.3f} (".replace("-", "−")
        )
        for sex, rate in rates.items():
            mixed[sex] += rate * inside.mean()
    table = frame_with(app, "With everyone's mix (95% interval)").set_index("Group")
    for sex, rate in mixed.items():
        assert table.loc[sex].iloc[1].startswith(f"{rate:.3f} (")
        assert table.loc[sex].iloc[0].startswith(f"{high[frame['sex'] == sex].mean():.3f} (")


def test_edges_may_be_moved_and_bad_ones_are_explained(compas):
    app = among_alike(opened("conditional_parity", compas), "priors_count")
    app.text_input[0].set_value("1, 10")
    ran(app)
    names = list(frame_with(app, "Stratum")["Stratum"])
    assert names == ["priors_count < 1", "priors_count 1 – 10", "priors_count ≥ 10"]
    app.text_input[0].set_value("many")
    ran(app)
    assert "not a number" in app.error[0].value
    app.text_input[0].set_value("1000")
    ran(app)
    assert "no row falls into the bin" in app.error[0].value


def test_small_groups_are_left_out_and_named(apart):
    app = among_alike(opened("conditional_parity", apart), "c_charge_degree")
    shown = texts(app).replace("\\", "")
    assert "Left out, with fewer than 30 rows in all: Native American" in shown
    assert "a group has fewer than 30 rows" in shown


def test_nothing_to_compare_is_said(workspace):
    app = opened("conditional_parity", trained_german(workspace))
    app.selectbox[0].select("age")
    ran(app)
    among_alike(app, "housing")
    assert "only ≥ 25 has at least 30 rows" in texts(app).replace("\\", "")


def test_a_private_model_s_figures_are_said_not_to_be_covered(workspace):
    spec = steps.TrainingSpec(
        "dp_logistic_regression",
        epsilon=1.0,
        delta=1e-6,
        domains=steps.SAMPLES["german_credit"].domains,
    )
    audit = trained_german(workspace, spec, Budget(2.0, 1e-5))
    for page in ("conditional_parity", "individuals"):
        app = opened(page, audit)
        assert any("not covered by the privacy guarantee" in w.value for w in app.warning)
