"""Dates are picked on the page that edits one person."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from core.audit_state.audit_models import train_audited_model
from core.audit_state.state import begin_bytes, read_table, save
from core.data.assign import assign
from core.data.roles.roles import Roles
from core.storage.workspace import Workspace
from core.training.spec import TrainingSpec
from tests.pages.conftest import opened, ran
from tests.pages.test_what_if import plain, widget


@pytest.fixture
def audit(workspace: Workspace) -> str:
    rng = np.random.default_rng(0)
    since = pd.Timestamp("2012-01-01") + pd.to_timedelta(rng.integers(0, 3000, 300), unit="D")
    frame = pd.DataFrame(
        {
            "sex": rng.choice(["f", "m"], 300),
            "since": since.strftime("%Y-%m-%d"),
            "seen": (since + pd.Timedelta(hours=30)).strftime("%Y-%m-%d %H:%M"),
            "paid": np.where(since < "2016-01-01", "yes", "no"),
        }
    )
    frame.loc[:40, "since"] = None
    frame["income"] = rng.integers(0, 100, 300).astype(float)
    frame.loc[100:160, "income"] = None
    state = begin_bytes(workspace, frame.to_csv(index=False).encode(), "f.csv")
    roles = Roles("paid", "yes", ("sex",), features=("since", "seen", "income"))
    state = save(workspace, replace(state, roles=roles))
    data = assign(read_table(workspace, state), roles)
    train_audited_model(workspace, state, data, TrainingSpec("gradient_boosting"))
    return state.id


def test_a_day_is_picked_within_the_domain_and_a_moment_is_typed(audit: str) -> None:
    app = opened("what_if", audit)
    since = widget(app.date_input, "since")
    assert date(2012, 1, 1) <= since.min < since.max <= date(2020, 4, 1)
    own = since.value
    assert own is None or since.min <= own <= since.max
    assert "1970" not in plain(app)
    wanted = date(2013, 5, 1)
    since.set_value(wanted)
    app = ran(app)
    assert widget(app.date_input, "since").value == wanted
    told = "(missing)" if own is None else own.isoformat()
    assert f"edited; it is {told}" in plain(app)
    # A value may be missing where rows lack it.
    widget(app.date_input, "since").set_value(None)
    app = ran(app)
    assert "can't be missing" not in plain(app)

    widget(app.text_input, "seen").set_value("2013-05-01 09:30")
    app = ran(app)
    assert widget(app.text_input, "seen").value == "2013-05-01 09:30"
    assert "With 1 edit" in plain(app) or "With 2 edits" in plain(app)
    widget(app.text_input, "seen").set_value("soon")
    app = ran(app)
    assert "“soon” is no date" in plain(app) or "'soon' is no date" in plain(app)
    # What was refused does not stand there as if it were in force.
    assert widget(app.text_input, "seen").value.startswith("2013-05-01 09:30")


def test_a_missing_number_has_no_slider_until_one_is_typed(audit: str) -> None:
    app = opened("what_if", audit)
    typed = widget(app.number_input, "income, typed")
    typed.set_value(None)
    app = ran(app)
    assert "income" not in [item.label for item in app.slider]
    assert ":small[income]" in plain(app)
    widget(app.number_input, "income, typed").set_value(41)
    app = ran(app)
    assert widget(app.slider, "income").value == 41
    widget(app.slider, "income").set_value(55)
    app = ran(app)
    assert widget(app.number_input, "income, typed").value == 55
