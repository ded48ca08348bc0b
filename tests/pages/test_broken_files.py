"""Every broken file on the first page: its sentence, no apology, and nothing lost."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from core.audit_state.state import begin_sample
from core.storage.workspace import Workspace
from tests.core.data.broken_files import BROKEN_FILES
from tests.pages.conftest import opened, ran, texts


def upload(app: AppTest, name: str, data: bytes) -> AppTest:
    app.file_uploader[0].set_value((name, data, "application/octet-stream"))
    return ran(app)


@pytest.mark.parametrize("case", list(BROKEN_FILES))
def test_a_broken_file_is_answered_and_loses_nothing(case: str, workspace: Workspace) -> None:
    before = begin_sample(workspace, "german_credit")
    broken = BROKEN_FILES[case]()
    app = upload(opened("start"), broken.name, broken.data)
    if broken.outcome == "refused":
        assert len(app.error) == 1
        assert broken.says.casefold() in app.error[0].value.replace("\\", "").casefold()
    else:
        assert not app.error
        begin = [item for item in app.button if item.label == "Audit this table"]
        assert len(begin) == 1
    assert "German credit" in texts(app)
    assert [record.id for record in workspace.list()] == [before.id]
