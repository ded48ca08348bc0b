"""The command ``ledger``: what was spent on each data set, and the way out of a damaged ledger."""

from __future__ import annotations

import argparse
import sys
from contextlib import suppress
from pathlib import Path

from core.cli.audit_budget import choose, parse_data_set, read_table_or_sample
from core.data.identity import identity
from core.errors import InputError
from core.installation import PROGRAM
from core.ledger.files import DamagedLedgerError, data_sets, read_book
from core.ledger.ledgers import caps_of, charges_of, notes_of, open_ledger
from core.ledger.near import (
    NearCopyError,
    charged_elsewhere,
    is_known,
    know,
    sketch_lost,
)
from core.ledger.repair import repair
from core.privacy.accounting.budget import Budget
from core.storage.workspace import default_root


def ledger(options: argparse.Namespace) -> None:
    """List ledgers, choose what is charged for near copies, or repair one.

    Raises
    ------
    InputError
        If a ledger that is asked for can't be found or isn't damaged, and if one that is listed is
        damaged: after the list.
    """
    root = default_root()
    if options.action != "list" and options.data is None:
        raise InputError(
            "no ledger is named",
            where="--data",
            remedy=f"Give the file, the sample's name, or what {PROGRAM} ledger lists",
        )
    if options.action == "repair":
        _repair(root, options)
        return
    if options.action == "choose":
        table = read_table_or_sample(options.data)
        data = identity(table)
        know(root, data, lambda: table)
        choose(root, data, options)
        print(f"{data[:12]}  {_state(root, data)}")
        return
    damaged = 0
    for data in data_sets(root):
        try:
            with suppress(NearCopyError):
                open_ledger(root, data)  # Holds it against kept results too.
            print(f"{data[:12]}  {_state(root, data)}")
        except InputError as error:
            damaged += 1
            print(f"{data[:12]}  DAMAGED  {error.where}: {error.problem}")
    if damaged:
        raise InputError(
            f"{damaged} ledger{'s are' if damaged > 1 else ' is'} damaged",
            where=str(root),
            remedy=f"Restore the workspace from a backup, or run {PROGRAM} ledger repair",
        )


def _state(root: Path, data: str) -> str:
    charges, caps = charges_of(root, data), caps_of(root, data)
    spent = (caps[-1].budget if caps else Budget(1.0)).spent(charges)
    cap = f"ε = {caps[-1].budget.epsilon:g}, δ = {caps[-1].budget.delta:g}" if caps else "none"
    elsewhere = charged_elsewhere(root, data)
    if elsewhere is not None:
        return f"charges go to the ledger {elsewhere[0][:12]} of “{elsewhere[1]}”"
    notes = "".join(f"; {note['note']}, {note['when'][:10]}" for note in notes_of(root, data))
    if sketch_lost(root, data, read_book(root, data)):
        raise DamagedLedgerError("the sketch of its rows is gone or was changed", "rows.json")
    if not is_known(root, data):
        notes += "; its rows are not sketched yet, so that near copies of it are not recognised"
    return (
        f"spent ε = {spent.epsilon:g}, δ = {spent.delta:g} in {len(charges)} charges; "
        f"cap {cap}{notes}"
    )


def _repair(root: Path, options: argparse.Namespace) -> None:
    data = parse_data_set(root, options.data)
    found = repair(root, data, reason=options.reason or "", name=options.name or "")
    cap = "no cap" if found.cap is None else f"cap ε = {found.cap.epsilon:g}"
    print(
        f"the ledger holds {len(found.charges)} charges now: {found.proven} proven by their seals, "
        f"{found.from_results} told by kept results; {cap}. The damaged files are kept beside it",
        file=sys.stderr,
    )
