"""A rate of adverse decisions is called so, and who is worse off follows from what is decided."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.data.roles.decision_labels import decision_labels
from core.data.roles.roles import Roles
from core.fairness.assessment.assess import assess
from core.fairness.metrics.metric_registry import METRICS
from core.fairness.metrics.metric_titles import (
    ADVERSE_RATE,
    metric_sentence,
    metric_title,
    sentence_in,
    title_in,
    titles_for,
)
from core.reporting.wording import inside, term

GROUPS = pd.DataFrame({"afam": np.repeat(["yes", "no"], 200)})


@pytest.mark.parametrize("favourable", [True, None])
def test_a_favourable_rate_keeps_its_name(favourable: bool | None) -> None:
    for metric in METRICS:
        assert metric_title(metric.name, favourable, "deny = yes") == metric.title
        assert metric_sentence(metric.name, favourable, "deny = yes") == metric.sentence
    assert term("selection_rate") == "Selection rate"


def test_only_the_adverse_selection_rate_has_another_name() -> None:
    titles = {m.name: metric_title(m.name, False, "deny = yes") for m in METRICS}
    assert titles.pop("selection_rate") == f"{ADVERSE_RATE} (deny = yes)"
    assert all(METRICS[name].title == title for name, title in titles.items())
    assert "the worse for the group" in metric_sentence("selection_rate", False)
    assert term("selection_rate", "") == ADVERSE_RATE
    assert inside("selection_rate", "deny = yes") == "rate of the adverse decision (deny = yes)"
    called = decision_labels(Roles("deny", "yes", ("afam",), positive_is_favourable=False))
    assert titles_for(called)[0]("selection_rate") == f"{ADVERSE_RATE} (deny = yes)"
    assert titles_for(replace(called, positive_is_favourable=True))[0]("selection_rate") == (
        "Selection rate"
    )


@pytest.mark.parametrize(("favourable", "worse"), [(True, "no"), (False, "yes")])
def test_who_is_worse_off_follows_the_positive_label(favourable: bool, worse: str) -> None:
    # Of both groups half are decided on wrongly; "yes" has more of the positive decision, of the
    # positive label, and of errors that wrongly give the positive decision.
    place = np.arange(400) % 200
    target = place < np.repeat([120, 60], 200)
    missed = np.repeat([10, 30], 200)
    given = np.repeat([50, 10], 200)
    start = np.repeat([120, 60], 200)
    decided = (target & (place >= missed)) | (~target & (place < start + given))
    found = assess(target, decided, GROUPS, positive_is_favourable=favourable)
    assert title_in(found, "selection_rate") == ("Selection rate" if favourable else ADVERSE_RATE)
    assert sentence_in(found, "accuracy") == METRICS["accuracy"].sentence
    for name in (
        "demographic_parity_difference",
        "false_positive_rate_difference",
        "prevalence_difference",
        "treatment_equality_difference",
    ):
        assert found.disparity(name).between[0] == worse, name
    # Being right less often is worse whatever is decided.
    less_right = found.disparity("accuracy_difference").between[0]
    accuracy = {g.name: g.figures["accuracy"].estimate or 0.0 for g in found.groups}
    assert accuracy[less_right] == min(accuracy.values())
