"""The keys of a workspace, and what is lost without each: one table for remedies and documents."""

from __future__ import annotations

LOST = {
    "secret.key": "kept models can't be opened and are trained again, private ones at a new "
    "charge; private runs that were paid for and not finished are lost; notes that people signed "
    "count as edited",
    "ledger.key": "no ledger can be proven, so nothing is charged or released until each is "
    "repaired",
    "audits.key": "each audit asks once to be accepted as it is",
}
"""By the name of its file in the workspace."""


def restored(key: str) -> str:
    """Say how a key that can't be used is put back, as a part of a remedy.

    Examples
    --------
    >>> restored("audits.key")
    'Restore it from a backup, with secret.key and ledger.key of the same workspace'
    """
    others = " and ".join(name for name in LOST if name != key)
    return f"Restore it from a backup, with {others} of the same workspace"


def renewed(key: str) -> str:
    """Say how to do without a key, and what that loses, as a remedy."""
    return f"{restored(key)}. Without one, delete the file: a new one is made, and {LOST[key]}"
