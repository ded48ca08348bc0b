"""What a private audit on the command line is charged to: the ledger of its data set."""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

from core.cli.options import read_options, refuse_ignored
from core.data.identity import identity
from core.data.reading.reading import read_path
from core.data.samples import SAMPLES, load_sample
from core.data.table import Table
from core.errors import InputError
from core.ledger.files import data_sets
from core.ledger.ledgers import cap_of, open_ledger, set_cap
from core.ledger.near import (
    charge_to,
    check_decided,
    keep_apart,
    know,
    near_ledgers,
)
from core.privacy.accounting.budget import Budget
from core.privacy.accounting.ledger import Ledger


def ledger_of_options(
    table: Table, epsilon: float, delta: float, options: argparse.Namespace, root: Path
) -> Ledger:
    """Open the ledger of the table's data set, which the browser charges too.

    Parameters
    ----------
    table : Table
    epsilon, delta : float
        What this audit is about to spend: the cap of a data set that has none yet.
    options : argparse.Namespace
        Its ``cap`` and ``reason``, and what is chosen about near copies.
    root : Path
        Of the workspace.

    Raises
    ------
    InputError
        If the cap can't be read or set.
    NearCopyError
        If most of these rows were spent on before and nothing is chosen; no cap is set then.
    """
    if options.reason is not None and options.cap is None:
        refuse_ignored("--reason", "no --cap is given")
    plain = as_read(table, options)
    data = identity(plain)
    know(root, data, lambda: plain)
    choose(root, data, options)
    if options.cap is not None:
        set_cap(root, data, _cap(options.cap, delta), reason=options.reason or "")
    elif cap_of(root, data) is None:
        set_cap(root, data, Budget(epsilon, delta))
        print(
            f"the privacy budget of this data set is set to ε = {epsilon:g}, δ = {delta:g}; "
            "see --cap",
            file=sys.stderr,
        )
    ledger = open_ledger(root, data)
    assert ledger is not None
    return ledger


def choose(root: Path, data: str, options: argparse.Namespace) -> None:
    """Keep what is chosen about near copies, tell of all, and refuse where a choice is missing."""
    other, why = getattr(options, "charge_to", None), getattr(options, "apart_because", None)
    if other is not None and why is not None:
        refuse_ignored("--apart-because", "--charge-to is given")
    if other is not None:
        charge_to(root, data, parse_data_set(root, other))
    if why is not None:
        keep_apart(root, data, why)
    check_decided(root, data)
    for near in near_ledgers(root, data):
        print(near.sentence, file=sys.stderr)


def parse_data_set(root: Path, text: str) -> str:
    """Name the data set of a ledger, told by a file, a sample's name or how its identity begins."""
    known = [data for data in data_sets(root) if data.startswith(text)]
    if re.fullmatch("[0-9a-f]{12,64}", text) and len(known) == 1:
        return known[0]
    return identity(read_table_or_sample(text))


def read_table_or_sample(text: str) -> Table:
    """Read a sample or a file, as a ledger goes by it."""
    return load_sample(text) if text in SAMPLES else read_path(text)


def identity_of_options(table: Table, options: argparse.Namespace) -> str:
    """Name the data set that a table is, whatever kinds and notations were corrected."""
    return identity(as_read(table, options))


def as_read(table: Table, options: argparse.Namespace) -> Table:
    """Return the table as it is read without corrections of kinds and notations.

    They change values (a yes becomes 1) and make no other data set.
    """
    if not options.kind and not options.notation and not options.one_hot:
        return table
    read = read_options(options)
    plain = None if read is None else read.as_first_read()
    return read_path(options.data, options=plain)


def _cap(text: str, delta: float) -> Budget:
    try:
        numbers = [float(part) for part in text.split(",")]
        if len(numbers) not in (1, 2):
            raise ValueError
    except ValueError:
        raise InputError(
            "a cap is ε, or ε and δ with a comma between them",
            where=f"--cap {text}",
            remedy="Write 2 or 2,0.000001",
        ) from None
    return Budget(numbers[0], numbers[1] if len(numbers) == 2 else delta)
