"""The page on how far explanations can be trusted, from the button to the finding."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from components.explanation.trust_charts import group_chart
from core.audit.checks import check_all, findings_of
from core.audit_state import audit_models
from core.audit_state import state as steps
from core.audit_state.collecting import collect
from core.audit_state.results import model_results
from core.data.assign import assign
from core.explanation.attribution.lime_surrogate import local_surrogate
from core.explanation.trust import lime_part
from core.explanation.trust.measure import trust_steps
from core.explanation.trust.record import TrustSpec
from core.explanation.trust.verdict import verdict_on
from core.fairness.metrics.assessment import Figure
from core.training.spec import TrainingSpec
from tests.pages.conftest import opened, ran, texts

SMALL = TrustSpec(
    people=12, lime_people=10, group_people=10, lime_group_people=0, neighbours=1, refits=1
)


@pytest.fixture
def audit(workspace, monkeypatch):
    monkeypatch.setattr(model_results, "TrustSpec", lambda: SMALL)
    monkeypatch.setattr(lime_part, "local_surrogate", partial(local_surrogate, runs=1, samples=300))
    state = steps.begin_sample(workspace, "german_credit")
    data = assign(steps.read_table(workspace, state), state.roles)
    audit_models.train_audited_model(workspace, state, data, TrainingSpec("logistic_regression"))
    return state.id


def test_explanations_are_tested_kept_and_reported(workspace, audit):
    app = opened("trust", audit)
    assert "Verdict" not in texts(app)
    next(b for b in app.button if b.label == "Test the explanations").click()
    ran(app)
    shown = texts(app).replace("\\", "")
    assert "**SHAP** :orange-badge" in shown
    assert "significantly more than by chance" in shown
    assert "Are explanations worse for some?" in shown
    assert len(app.get("plotly_chart")) == 6
    again = opened("trust", audit)
    assert "Test the explanations" not in [b.label for b in again.button]

    state = steps.load_audit(workspace, audit)
    table = steps.read_table(workspace, state)
    data = assign(table, state.roles)
    model = audit_models.load_model(workspace, state, data, state.training)
    result = collect(workspace, state, table, data, model, None, ())
    assert result.trust is not None
    assert result.trust.complete
    assert "EXPL-03" not in {f.code for f in result.findings}
    # Were the model to treat made-up rows otherwise, it would be a finding.
    off = result.trust.off
    moved = replace(off.kinds[0], moved=Figure(0.8, 0.7, 0.9))
    lying = replace(result.trust, off=replace(off, kinds=(moved,)))
    assert verdict_on(lying, "SHAP").level == "do not rely on it"
    found = [f for f in findings_of(check_all(replace(result, trust=lying))) if f.code == "EXPL-03"]
    assert [f.severity for f in found] == ["high", "high"]
    gap = replace(result.trust.gaps[0], gap=Figure(-0.3, -0.4, -0.2), too_small=None)
    worse = replace(result.trust, gaps=(gap,))
    found = [f for f in findings_of(check_all(replace(result, trust=worse))) if f.code == "EXPL-04"]
    assert found[0].title == "Explanations are worse for some"
    assert "significantly worse for sex" in group_chart(worse.gaps, gap.measure).title


def test_a_private_learner_is_refitted_as_a_simulation_and_can_be_stopped(workspace):
    state = steps.begin_sample(workspace, "german_credit")
    data = assign(steps.read_table(workspace, state), state.roles)
    spec = TrainingSpec(
        "dp_logistic_regression", epsilon=3.0, domains=state.domains, noise="seeded"
    )
    trained = audit_models.train_audited_model(workspace, state, data, spec)
    shares = []
    for share, so_far in trust_steps(data, trained, SMALL):
        shares.append(share)
        refits = [s for s in so_far.stability if "other seed" in s.change]
        if refits:
            break
    assert "at the same ε with noise from a seed: a simulation" in refits[0].caveat
    assert np.all(np.diff(shares) >= 0)
    assert not so_far.complete
    assert not len(so_far.fits)
    assert verdict_on(so_far, "SHAP").reasons
