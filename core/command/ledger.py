"""The command ``ledger``: what was spent on each data set, and the way out of a damaged ledger."""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

from core.data.identity import identity
from core.data.reading import read_path
from core.data.samples import SAMPLES, load_sample
from core.errors import InputError
from core.governance.ledger_files import data_sets
from core.governance.ledger_repair import repair
from core.governance.ledgers import caps_of, charges_of, notes_of, open_ledger
from core.governance.workspace import default_root
from core.privacy.budget import Budget


def ledger(options: argparse.Namespace) -> None:
    """List ledgers, or repair one.

    Raises
    ------
    InputError
        If a ledger that is asked for can't be found or isn't damaged, and if one that is listed is
        damaged: after the list.
    """
    root = default_root()
    if options.action == "repair":
        _repair(root, options)
        return
    damaged = 0
    for data in data_sets(root):
        try:
            open_ledger(root, data)  # Holds it against kept results too.
            print(f"{data[:12]}  {_state(root, data)}")
        except InputError as error:
            damaged += 1
            print(f"{data[:12]}  DAMAGED  {error.where}: {error.problem}")
    if damaged:
        raise InputError(
            f"{damaged} ledger{'s are' if damaged > 1 else ' is'} damaged",
            where=str(root),
            remedy="Restore the workspace from a backup, or run python -m core ledger repair",
        )


def _state(root: Path, data: str) -> str:
    charges, caps = charges_of(root, data), caps_of(root, data)
    spent = (caps[-1].budget if caps else Budget(1.0)).spent(charges)
    cap = f"ε = {caps[-1].budget.epsilon:g}, δ = {caps[-1].budget.delta:g}" if caps else "none"
    notes = "".join(f"; {note['note']}, {note['when'][:10]}" for note in notes_of(root, data))
    return (
        f"spent ε = {spent.epsilon:g}, δ = {spent.delta:g} in {len(charges)} charges; "
        f"cap {cap}{notes}"
    )


def _repair(root: Path, options: argparse.Namespace) -> None:
    if options.data is None:
        raise InputError(
            "no ledger is named",
            where="--data",
            remedy="Give the file, the sample's name, or what python -m core ledger lists",
        )
    data = _data_set(root, options)
    found = repair(root, data, reason=options.reason or "", name=options.name or "")
    cap = "no cap" if found.cap is None else f"cap ε = {found.cap.epsilon:g}"
    print(
        f"the ledger holds {len(found.charges)} charges now: {found.proven} proven by their seals, "
        f"{found.from_results} told by kept results; {cap}. The damaged files are kept beside it",
        file=sys.stderr,
    )


def _data_set(root: Path, options: argparse.Namespace) -> str:
    known = [data for data in data_sets(root) if data.startswith(options.data)]
    if re.fullmatch("[0-9a-f]{12,64}", options.data) and len(known) == 1:
        return known[0]
    if options.data in SAMPLES:
        return identity(load_sample(options.data))
    return identity(read_path(options.data))
