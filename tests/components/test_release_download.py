from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from components.release import release_view
from core.privacy.release.axis import CategoryAxis
from core.privacy.release.release import Release
from core.privacy.release.release_plan import CountsPlan


def test_a_released_table_runs_nothing_in_a_spreadsheet(monkeypatch: pytest.MonkeyPatch) -> None:
    downloads: dict[str, Any] = {}
    captions: list[str] = []

    class Column:
        def download_button(
            self, label: str, data: Any, file: str, *_: object, **__: object
        ) -> None:
            downloads[file] = data

    monkeypatch.setattr(release_view.st, "columns", lambda _: (Column(), Column()))
    monkeypatch.setattr(release_view.st, "caption", captions.append)
    names = ("=1+1", "+2", "-3", "@x", "plain")
    found = Release(CountsPlan((CategoryAxis("=job", names),), 1.0), (5, 4, 3, 2, 1, 0), "fresh")
    release_view._downloads(found, None, "test")
    rows = list(csv.reader(io.StringIO(downloads["private-release.csv"].decode("utf-8"))))
    text = [cell for row in rows for cell in row if not _number(cell)]
    assert text
    assert not [cell for cell in text if cell.startswith(("=", "+", "-", "@"))]
    assert any("plain" in cell for cell in text)
    assert any("=1+1" in cell for cell in text)
    assert any("apostrophe" in caption for caption in captions)


def _number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
