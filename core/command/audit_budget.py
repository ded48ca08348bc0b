"""What a private audit on the command line is charged to: the ledger of its data set."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path

from core.command.options import read_options, refuse_ignored
from core.data.identity import identity
from core.data.reading import read_path
from core.data.table import Table
from core.errors import InputError
from core.governance.ledgers import cap_of, open_ledger, settle_cap
from core.privacy.budget import Budget, Ledger


def ledger_told(
    table: Table, epsilon: float, delta: float, options: argparse.Namespace, root: Path
) -> Ledger:
    """Open the ledger of the table's data set, which the browser charges too.

    Parameters
    ----------
    table : Table
    epsilon, delta : float
        What this audit is about to spend: the cap of a data set that has none yet.
    options : argparse.Namespace
        Its ``cap`` and ``reason``.
    root : Path
        Of the workspace.

    Returns
    -------
    Ledger

    Raises
    ------
    InputError
        If the cap can't be read or set.
    """
    if options.reason is not None and options.cap is None:
        refuse_ignored("--reason", "no --cap is given")
    data = identity_told(table, options)
    if options.cap is not None:
        settle_cap(root, data, _cap(options.cap, delta), reason=options.reason or "")
    elif cap_of(root, data) is None:
        settle_cap(root, data, Budget(epsilon, delta))
        print(
            f"the privacy budget of this data set is set to ε = {epsilon:g}, δ = {delta:g}; "
            "see --cap",
            file=sys.stderr,
        )
    ledger = open_ledger(root, data)
    assert ledger is not None
    return ledger


def identity_told(table: Table, options: argparse.Namespace) -> str:
    """Name the data set that a table is, whatever kinds and notations were corrected.

    Corrections change values (a yes becomes 1) and make no other data set.
    """
    if not options.kind and not options.notation:
        return identity(table)
    read = read_options(options)
    plain = None if read is None else replace(read, notations=())
    return identity(read_path(options.data, options=plain))


def _cap(told: str, delta: float) -> Budget:
    try:
        numbers = [float(part) for part in told.split(",")]
        if len(numbers) not in (1, 2):
            raise ValueError
    except ValueError:
        raise InputError(
            "a cap is ε, or ε and δ with a comma between them",
            where=f"--cap {told}",
            remedy="Write 2 or 2,0.000001",
        ) from None
    return Budget(numbers[0], numbers[1] if len(numbers) == 2 else delta)
