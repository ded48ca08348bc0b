"""A brought model in a real browser: matched on the train page, then seen in every room."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from core.audit_state.state import begin_bytes, save
from core.data.roles.roles import Roles
from core.storage.workspace import Workspace
from tests.browser.conftest import Server, settled

pytestmark = pytest.mark.browser
lightgbm = pytest.importorskip("lightgbm")

ROOMS = (
    "overview", "fairness", "thresholds", "subgroups", "conditional_parity", "individuals",
    "explanations", "effects", "recourse", "person", "what_if", "trust", "privacy", "compare",
    "tradeoffs", "price", "report",
)  # fmt: skip
FALSE = re.compile(
    "trained here|the model never saw|Train them|Train again with|trained to predict"
)
"""What is not so of a model made elsewhere."""


def begun(workspace: Path, folder: Path) -> tuple[str, Path]:
    """Begin an audit of few rows, and write a model of three inputs; return its id and the file."""
    rng = np.random.default_rng(0)
    count = 200
    frame = pd.DataFrame(
        {
            "sex": rng.choice(["f", "m"], count),
            "income": rng.integers(0, 101, count),
            "town": rng.choice(["Bonn", "Köln"], count),
        }
    )
    frame["paid"] = np.where(frame["income"] + rng.normal(0, 20, count) > 50, "yes", "no")
    inputs = pd.DataFrame({"Income": frame["income"], "town": pd.Categorical(frame["town"])})
    fitted = lightgbm.LGBMClassifier(n_estimators=5, n_jobs=1, verbose=-1)
    file = folder / "model.txt"
    file.write_text(fitted.fit(inputs, frame["paid"]).booster_.model_to_string())
    store = Workspace(workspace)
    state = begin_bytes(store, frame.to_csv(index=False).encode(), "people.csv")
    roles = Roles("paid", "yes", ("sex",), features=("income", "town"))
    return save(store, type(state)(**{**vars(state), "roles": roles})).id, file


def test_a_brought_model_is_matched_and_seen_in_every_room(
    page: Page, server: Server, tmp_path: Path
) -> None:
    audit, file = begun(server.workspace, tmp_path)
    page.goto(f"{server.url}/train?audit={audit}")
    settled(page)
    page.get_by_text("Bring a model", exact=True).click()
    settled(page)
    page.set_input_files("input[type=file]", file)
    page.get_by_role("button", name="Accept the proposal").click()
    expect(page.get_by_text("All 2 inputs are matched.")).to_be_visible()
    settled(page)
    box = page.get_by_role("combobox", name=re.compile("Class of the model"))
    box.fill("1")
    box.press("Enter")
    settled(page)
    page.get_by_role("button", name="Audit this model").click()
    expect(page.get_by_text(re.compile("^Asked: model.txt"))).to_be_visible()
    for room in ROOMS:
        page.goto(f"{server.url}/{room}?audit={audit}")
        settled(page)
        main = page.get_by_test_id("stMain").inner_text()
        assert "model.txt (LightGBM, SHA-256 " in main, room
        assert "judged on 200 audited rows" in main, room
        assert not FALSE.search(main), (room, FALSE.search(main))
        assert page.locator("[data-testid=stAlertContentError]").count() == 0, room
