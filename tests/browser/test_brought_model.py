"""The file of a model is brought in a real browser, matched, audited, and asked what if."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace

import lightgbm
import numpy as np
import pandas as pd
import pytest
import skops.io
from playwright.sync_api import Page, TimeoutError, expect
from sklearn.linear_model import LogisticRegression

from core.audit_state.state import begin_bytes, save
from core.data.roles.roles import Roles
from core.storage.workspace import Workspace
from tests.browser.conftest import Server, settled

pytestmark = pytest.mark.browser


def people() -> pd.DataFrame:
    """People whose income nearly decides who pays."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "sex": rng.choice(["f", "m"], 300),
            "income": rng.integers(0, 101, 300),
            "age": rng.integers(18, 80, 300),
        }
    )
    frame["paid"] = np.where(frame["income"] + rng.normal(0, 20, 300) > 50, "yes", "no")
    return frame


def inputs() -> pd.DataFrame:
    """Income under another name than the table's, so that there is something to accept."""
    return people()[["income", "age"]].rename(columns={"income": "INCOME"})


def skops_file() -> bytes:
    fitted = LogisticRegression().fit(inputs(), people()["paid"])
    return skops.io.dumps(fitted)


def lightgbm_file() -> bytes:
    fitted = lightgbm.LGBMClassifier(n_estimators=5, n_jobs=1, verbose=-1)
    fitted.fit(inputs(), (people()["paid"] == "yes").astype(int))
    text: str = fitted.booster_.model_to_string()
    return text.encode()


def begun(server: Server) -> str:
    """Begin an audit of the table in the app's workspace; return its id."""
    workspace = Workspace(server.workspace)
    state = begin_bytes(workspace, people().to_csv(index=False).encode(), "people.csv")
    roles = Roles("paid", "yes", ("sex",), features=("income", "age"))
    return save(workspace, replace(state, roles=roles)).id


def bring(page: Page, server: Server, audit: str, name: str, data: bytes) -> None:
    """Hand the file over and accept how its inputs are matched."""
    page.goto(f"{server.url}/train?audit={audit}")
    settled(page)
    page.get_by_text("Bring a model", exact=True).click()
    uploader = page.get_by_test_id("stFileUploaderDropzoneInput")
    expect(uploader).to_be_attached()
    settled(page)
    uploader.set_input_files({"name": name, "mimeType": "application/octet-stream", "buffer": data})
    expect(page.get_by_text("1 of 2 inputs are matched; 1 is proposed")).to_be_visible()
    settled(page)
    page.get_by_role("button", name="Accept the proposal").click()
    expect(page.get_by_text("All 2 inputs are matched.")).to_be_visible()
    settled(page)


def choose(page: Page, label: str, value: str, offered: list[str]) -> None:
    """Open a select box by its label, see what it offers, type a value and take it."""
    chosen = page.get_by_role("combobox", name=re.compile(label))
    options = page.get_by_role("option")
    for _ in range(10):
        # A list that was opened while the page was still drawn is closed again by the drawing.
        chosen.click()
        with suppress(TimeoutError):
            options.first.wait_for(timeout=3000)
            break
    expect(options).to_have_text(offered)
    chosen.press_sequentially(value)
    expect(options).to_have_text([value])
    chosen.press("Enter")


def test_a_brought_model_is_audited_read_and_asked_what_if(page: Page, server: Server) -> None:
    audit = begun(server)
    bring(page, server, audit, "model.skops", skops_file())
    # Its classes have the labels' names, so nobody is asked which is the positive one.
    expect(page.get_by_text("Its class “yes” is the positive label.")).to_be_visible()
    page.get_by_role("button", name="Audit this model").click()
    expect(page.get_by_role("heading", name="Performance on audited rows")).to_be_visible()
    settled(page)

    page.goto(f"{server.url}/overview?audit={audit}")
    settled(page)
    main = page.get_by_test_id("stMain")
    expect(main).to_contain_text("model.skops (skops, scikit-learn")
    expect(main).to_contain_text("judged on 300 audited rows")
    expect(main).to_contain_text(re.compile(r"Policy “default”: (not )?(met|enough evidence)"))
    expect(page.get_by_role("heading", name="Groups by metrics")).to_be_visible()

    page.goto(f"{server.url}/what_if?audit={audit}")
    settled(page)
    expect(main).to_contain_text("Nothing is edited yet")
    before = float(page.get_by_test_id("stMetricValue").inner_text())
    income = page.get_by_role("spinbutton", name=re.compile("^income"))
    income.fill("100")
    income.press("Enter")
    expect(main).to_contain_text(f"The score rises from {before:.3f} to ")
    edited = page.get_by_test_id("stMetricValue")
    expect(edited).to_have_count(2)
    as_it_is, after = (float(text) for text in edited.all_inner_texts())
    assert as_it_is == before
    fitted = LogisticRegression().fit(inputs(), people()["paid"])
    row = int((page.get_by_role("heading", name=re.compile(r"^Row \d+$")).inner_text())[4:])
    person = inputs().iloc[[row]]
    expected = fitted.predict_proba(pd.concat([person, person.assign(INCOME=100)]))[:, 1]
    assert np.allclose([before, after], expected, atol=0.0005)


def test_a_file_that_only_numbers_its_classes_asks_which_is_positive(
    page: Page, server: Server
) -> None:
    bring(page, server, begun(server), "model.txt", lightgbm_file())
    run = page.get_by_role("button", name="Audit this model")
    expect(run).to_be_disabled()
    choose(page, "^Class of the model", "1", ["0", "1"])
    expect(run).to_be_enabled()
    settled(page)
    run.click()
    expect(page.get_by_role("heading", name="Performance on audited rows")).to_be_visible()
