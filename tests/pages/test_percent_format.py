"""One way to write a percentage, "28%", wherever a person reads one."""

from __future__ import annotations

import ast
import html
import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from components.app.page_list import PAGES
from core.audit_state.audit_models import load_model
from core.audit_state.collecting import collect
from core.audit_state.state import read_table
from core.data.assign import assign
from core.reporting.written_report import write_report
from core.storage.workspace import Workspace
from core.training.spec import TrainingSpec
from tests.pages.conftest import ROOT, opened, texts
from tests.pages.test_model_pages import trained, uploaded

APART = re.compile(r"[0-9}]\s%(?![{a-zA-Z(])")
"""A number or a replacement field, a space and a per cent sign."""


def literals(path: Path) -> list[str]:
    """Return the source of every string of a module that is not a docstring."""
    text = path.read_text()
    lines = text.splitlines()
    tree = ast.parse(text)
    result = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    strings = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr)
        or (isinstance(node, ast.Constant) and isinstance(node.value, str))
    ]
    return [
        "\n".join(lines[node.lineno - 1 : node.end_lineno])
        for node in strings
        if id(node) not in result
    ]


def shown(app: AppTest) -> str:
    """All that a page shows: its text, its charts and its tables."""
    charts = [item.proto.spec for item in app.get("plotly_chart")]
    tables = [item.value.to_csv() for item in app.dataframe]
    return "\n".join([texts(app), *charts, *tables])


def test_the_pattern_finds_a_sign_apart_and_leaves_others() -> None:
    assert APART.search("at 95 % of")
    assert APART.search("at 95\u00a0%")
    assert APART.search('f"{share:.0f} %"')
    for fine in ("95%", "%d %B", "{name} %{{x:.2f}}", "rate, %"):
        assert not APART.search(fine)


@pytest.mark.parametrize("room", ["core", "components", "pages"])
def test_no_sentence_sets_the_sign_apart(room: str) -> None:
    found = [
        f"{path.relative_to(ROOT)}: {text.strip()}"
        for path in sorted((ROOT / room).rglob("*.py"))
        for text in literals(path)
        if APART.search(text)
    ]
    assert not found


def test_pages_and_report_of_one_audit_write_it_alike(workspace: Workspace) -> None:
    spec = TrainingSpec("logistic_regression", "threshold_optimizer", "sex")
    state = trained(workspace, uploaded(workspace), spec)
    assert state.roles is not None
    table = read_table(workspace, state)
    dataset = assign(table, state.roles)
    model = load_model(workspace, state, dataset, spec)
    result = collect(workspace, state, table, dataset, model, None, ())
    report = html.unescape(write_report(result, "world.csv").html)
    assert "95%" in report
    assert not APART.findall(report)
    seen = 0
    for page in PAGES:
        text = shown(opened(page.path, state.id))
        assert not APART.findall(text), page.path
        seen += len(re.findall(r"\d%", text))
    assert seen > 20
