"""Ledgers on disk for tests."""

from __future__ import annotations

from pathlib import Path

from core.ledger.ledgers import open_ledger, set_cap
from core.privacy.accounting.budget import Budget
from core.privacy.accounting.ledger import Ledger

DATA = "a" * 64


def ledger_on_disk(root: Path, cap: Budget) -> Ledger:
    """Set the cap of a data set in a workspace, and open its ledger."""
    set_cap(root, DATA, cap)
    ledger = open_ledger(root, DATA)
    assert ledger is not None
    return ledger
