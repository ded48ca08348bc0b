"""The example notebook runs from its first cell to its last, and shows what it says."""

from __future__ import annotations

import os
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOK = ROOT / "docs" / "notebooks" / "audit-from-a-notebook.ipynb"


def test_the_notebook_runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    monkeypatch.setenv("EQUIPOISE_WORKSPACE", str(tmp_path / "workspace"))
    monkeypatch.setenv("OMP_NUM_THREADS", os.environ.get("OMP_NUM_THREADS", "2"))
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    assert all(not cell.get("outputs") for cell in notebook.cells), "clear its outputs"
    client = NotebookClient(notebook, timeout=240, resources={"metadata": {"path": str(tmp_path)}})
    client.execute()
    shown = [
        out["data"].get("text/html", "")
        for cell in notebook.cells
        for out in cell.get("outputs", [])
        if "data" in out
    ]
    audits = [html for html in shown if html.startswith("<div><h3>Audit of ")]
    assert len(audits) == 4
    assert "trained the model isn" in audits[1]
    assert all("True positive rate" in html for html in audits[:2])
    assert "Recall, mean of classes" in audits[2]
    assert "Bounded group loss" in audits[3]
    (release,) = (html for html in shown if html.startswith("<div><h3>Private release of "))
    assert "ε = 0.4 was charged; ε = 0.6 is left of the cap." in release
    printed = [
        out["text"]
        for cell in notebook.cells
        for out in cell.get("outputs", [])
        if out["output_type"] == "stream"
    ]
    assert any("raise the cap and say why: cap=Budget(…)" in text for text in printed)
