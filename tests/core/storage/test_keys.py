"""What is said of the workspace's keys: each remedy and docs/workspace.md name all three."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import InputError
from core.ledger.files import ledger_key
from core.storage.keys import LOST
from core.storage.signed_pickle import secret
from core.storage.signed_record import sign_record

TOP = Path(__file__).resolve().parents[3]
USES = {
    "secret.key": secret,
    "ledger.key": ledger_key,
    "audits.key": lambda root: sign_record(root, "a" * 12, {}),
}


@pytest.mark.parametrize("name", list(LOST))
def test_a_damaged_key_is_told_with_all_three_and_what_is_lost(tmp_path: Path, name: str) -> None:
    USES[name](tmp_path)
    path = tmp_path / name
    assert path.exists()
    path.write_bytes(b"short")
    with pytest.raises(InputError, match="is damaged") as caught:
        USES[name](tmp_path)
    text = str(caught.value)
    assert name in text
    assert all(other in text for other in LOST)
    # A ledger has a repair of its own; the others are made anew, at a price.
    assert ("ledger repair" if name == "ledger.key" else LOST[name]) in text
    assert path.read_bytes() == b"short"


def test_the_document_says_what_is_lost_without_each() -> None:
    text = " ".join((TOP / "docs" / "workspace.md").read_text().split())
    for name, lost in LOST.items():
        assert f"`{name}`, {lost}" in text
    assert set(LOST) == set(USES)
