"""The page that counts tables that stay where they are."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

from core.audit_state.results.count_results import CountSpec, list_counts, store_count
from core.data.roles.roles import Roles
from core.data.sources.locations import SourceLocation, file_location, source_of
from core.fairness.engine.engine import count_in_engine, engine_fairness_json
from tests.pages.conftest import opened, ran, texts

ROLES = Roles("paid", "yes", ("sex", "region"), prediction="granted", score="score")


def frame(rows: int = 900) -> pd.DataFrame:
    rng = np.random.default_rng(2)
    # Binary fractions: an engine's threads add in any order, and these add up exactly in each.
    score = rng.integers(0, 4096, rows) / 4096
    return pd.DataFrame(
        {
            "sex": rng.choice(["Female", "Male", None], rows),
            "region": rng.choice(["north", "south"], rows),
            "age": rng.integers(18, 80, rows),
            "score": score,
            "paid": np.where(rng.random(rows) < score, "yes", "no"),
            "granted": np.where(score > 0.4, "yes", "no"),
            "seen": pd.Timestamp("2024-01-01"),
        }
    )


@pytest.fixture
def sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a folder that may be opened, with a table of two Parquet files."""
    folder = tmp_path / "sources" / "loans"
    folder.mkdir(parents=True)
    frame()[:300].to_parquet(folder / "a.parquet")
    frame()[300:].to_parquet(folder / "b.parquet")
    monkeypatch.setenv("EQUIPOISE_SOURCES", str(tmp_path / "sources"))
    return tmp_path / "sources"


def kept(workspace, location: SourceLocation | None = None, roles: Roles = ROLES) -> str:
    location = location or file_location("loans")
    with source_of(location) as source:
        made = count_in_engine(source, roles)
    return store_count(workspace.root, CountSpec(location, roles), made)


def labelled(elements, label: str):
    return next(element for element in elements if element.label == label)


def page_text(app) -> str:
    return texts(app).replace("\\", "")


def test_from_a_folder_to_figures_without_an_audit(workspace, sources):
    app = opened("large_tables")
    assert "None yet" in page_text(app)
    assert str(sources) in page_text(app)
    labelled(app.selectbox, "File or folder").select(str(sources / "loans"))
    ran(app)
    assert "900 rows and 7 columns in 2 files" in page_text(app)
    assert "seen" not in labelled(app.selectbox, "Target").options
    labelled(app.selectbox, "Target").select("paid")
    ran(app)
    assert labelled(app.selectbox, "Positive label").value == "yes"
    assert "Guessed, to be checked: “paid = yes” is what people hope for" in page_text(app)
    labelled(app.button, "Count").click()
    ran(app)
    assert "no column of decisions is chosen" in page_text(app)
    labelled(app.selectbox, "Prediction").select("granted")
    labelled(app.checkbox, "Scores").check()
    ran(app)
    assert set(labelled(app.selectbox, "Score").options) == {"age", "score"}
    labelled(app.selectbox, "Score").select("score")
    ran(app)
    labelled(app.multiselect, "Sensitive attributes").set_value(["sex", "age"])
    ran(app)
    labelled(app.text_input, "Bin edges of age").set_value("30, fifty")
    labelled(app.button, "Count").click()
    ran(app)
    assert "the bin edge 'fifty' is not a number" in page_text(app)
    labelled(app.text_input, "Bin edges of age").set_value("30, 60")
    labelled(app.button, "Count").click()
    ran(app)
    assert "Judged on all 900 rows" in page_text(app)
    assert "The positive decision is “granted = yes (granted)” (column “granted”)" in page_text(app)
    (record,) = list_counts(workspace.root)
    assert record.spec is not None
    assert record.spec.roles.edges == (("age", (30.0, 60.0)),)
    assert record.id in app.query_params["count"]
    groups = next(f.value for f in app.dataframe if "Large enough?" in f.value.columns)
    rows = frame()["sex"].fillna("sex (missing)").value_counts()
    assert dict(zip(groups["Group"], groups["Rows"], strict=True)) == {"everyone": 900, **rows}
    labelled(app.multiselect, "Compare people by").set_value(["sex", "age"])
    ran(app)
    groups = next(f.value for f in app.dataframe if "Large enough?" in f.value.columns)
    assert "sex = Female, age 30 – 60" in set(groups["Group"])


@pytest.mark.parametrize("held", ["Decisions that were made", "Scores"])
def test_decisions_or_scores_are_counted_without_outcomes(workspace, sources, held):
    app = opened("large_tables")
    labelled(app.selectbox, "File or folder").select(str(sources / "loans"))
    ran(app)
    labelled(app.radio, "What does the table hold?").set_value(held)
    ran(app)
    assert "Target" not in [item.label for item in app.selectbox]
    if held == "Scores":
        labelled(app.selectbox, "Score").select("score")
        labelled(app.number_input, "Threshold").set_value(0.4)
        labelled(app.radio, "Is a decision at or above the threshold the favourable outcome?")
    else:
        labelled(app.selectbox, "Prediction").select("granted")
    ran(app)
    next(item for item in app.radio if "favourable" in item.label).set_value(
        "Yes, it is favourable"
    )
    labelled(app.multiselect, "Sensitive attributes").set_value(["sex", "region"])
    ran(app)
    labelled(app.button, "Count").click()
    ran(app)
    text = page_text(app)
    assert "Judged on all 900 rows" in text
    assert "15 more comparisons are not defined: no true outcome was given" in text
    groups = next(f.value for f in app.dataframe if "Large enough?" in f.value.columns)
    chosen = frame()["score"] > 0.4 if held != "Scores" else frame()["score"] >= 0.4
    by_sex = chosen.groupby(frame()["sex"].fillna("(missing)")).mean()
    shown = dict(zip(groups["Group"], groups["Selection rate"], strict=True))
    assert shown["Female"].startswith(f"{by_sex['Female']:.3f}")
    assert ("Who scores above the median" in text) == (held == "Scores")
    if held == "Scores":
        score = frame()["score"]
        assert f"Median {score.median():,.10g}, of all scored rows (900)" in text
    (record,) = list_counts(workspace.root)
    assert record.spec.roles.target is None
    app = opened("large_tables")
    assert "without outcomes · by sex, region" in page_text(app)


def test_a_kept_count_is_shown_after_a_restart_and_says_its_error(workspace, sources):
    count = kept(workspace)
    app = opened("large_tables")
    labelled(app.button, "Open").click()
    ran(app)
    # Another session, by its address, and without the table.
    for file in (sources / "loans").iterdir():
        file.unlink()
    again = opened_count(count)
    for page in (app, again):
        assert "Counted just now" in page_text(page)
        assert "may be off by at most 0.00" in page_text(page)
        assert len(page.get("plotly_chart")) == 1
        assert f"--predictions {sources / 'loans'} --label paid" in page.get("code")[0].value
        assert "What was left out or recoded (1)" in [e.label for e in page.expander]
    labelled(again.multiselect, "Compare people by").set_value([])
    ran(again)
    assert "Choose at least one attribute" in page_text(again)
    labelled(app.button, "Count another").click()
    ran(app)
    assert "Earlier counts" in page_text(app)


def opened_count(count: str):
    from streamlit.testing.v1 import AppTest

    from components.app import steps
    from tests.pages.conftest import ROOT

    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    app.query_params["count"] = count
    app.switch_page(steps.spec_of("large_tables").file)
    return ran(app)


def test_the_download_holds_what_the_command_line_writes(workspace, sources):
    from streamlit.testing.v1 import AppTest

    def download(count):
        import streamlit as st

        from components.app import counted

        st.text(counted.counted_json(count))

    app = AppTest.from_function(download, kwargs={"count": kept(workspace)}).run(timeout=60)
    with source_of(file_location("loans")) as source:
        record = engine_fairness_json(count_in_engine(source, ROLES))
    assert app.text[0].value == json.dumps(record, indent=2, sort_keys=True, allow_nan=False)


@pytest.mark.parametrize("count", ["0" * 64, "../../etc/passwd", "x"])
def test_an_address_of_no_count_is_answered(workspace, sources, count):
    app = opened_count(count)
    assert "count" in app.error[0].value
    assert "Earlier counts" in page_text(app)
    assert "count" not in app.query_params


def test_a_damaged_count_is_listed_and_every_count_can_be_deleted(workspace, sources):
    whole, broken = kept(workspace), kept(workspace)
    (workspace.root / "counts" / f"{broken}.npz").write_bytes(b"broken")
    app = opened("large_tables")
    assert "Damaged: its file can't be read" in page_text(app)
    assert f"open {broken}" not in [button.key for button in app.button]
    for count in (whole, broken):
        # The dialog is shown only in a run in which its opener is pressed.
        app.button(key=f"delete {count}").click()
        ran(app)
        app.button(key=f"delete {count}").click()
        app.button(key=f"confirm {count}").click()
        ran(app)
    assert list_counts(workspace.root) == []


def test_what_is_deleted_is_neither_open_nor_kept(workspace, sources):
    from streamlit.testing.v1 import AppTest

    def forgotten(count):
        import streamlit as st

        from components.app import counted

        counted.open_count(count)
        counted.stored_count(count)
        counted.forget_count(count)
        st.text(str(counted.opened_count()))

    app = AppTest.from_function(forgotten, kwargs={"count": kept(workspace)}).run(timeout=60)
    assert app.text[0].value == "None"
    assert "count" not in app.query_params
    assert list_counts(workspace.root) == []


@pytest.mark.parametrize("path", ["/etc", "../", "s3://bucket/x", "file:///etc/passwd", "/etc/*"])
def test_places_outside_are_refused(workspace, sources, path):
    app = opened("large_tables")
    labelled(app.selectbox, "File or folder").select_index(-1)
    ran(app)
    labelled(app.text_input, "Path of a file or folder, or a pattern").set_value(path)
    ran(app)
    assert len(app.error) == 1
    assert "EQUIPOISE" in app.error[0].value
    assert not [s for s in app.selectbox if s.label == "Target"]


def test_a_database_is_known_by_its_name_alone(workspace, tmp_path, monkeypatch):
    path = tmp_path / "w.db"
    with duckdb.connect(str(path)) as made:
        made.register("made", frame())
        made.execute("create table loans as select * from made")
    url = f"duckdb://{path}?read_only=True&custom_user_agent=hush"
    monkeypatch.setenv("EQUIPOISE_CONNECTIONS", f"warehouse={url},away=postgres://u:hush@[::1]:9/d")
    app = opened("large_tables")
    app.radio[0].set_value("A database")
    ran(app)
    labelled(app.selectbox, "Connection").select("away")
    ran(app)
    assert "connection 'away'" in page_text(app)
    assert "hush" not in page_text(app)
    labelled(app.selectbox, "Connection").select("warehouse")
    ran(app)
    labelled(app.selectbox, "Table").select("loans")
    ran(app)
    assert "The rows stay in the database" in page_text(app)
    assert labelled(app.selectbox, "Target").options[0] == "sex"
    count = kept(workspace, SourceLocation("warehouse", "loans"))
    shown = opened_count(count)
    command = shown.get("code")[0].value
    assert "--connect 'URL of warehouse' --table loans" in command
    assert "hush" not in page_text(shown) + command + page_text(app)
    assert "may hold a password" in page_text(shown)
