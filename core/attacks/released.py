"""Singling out from a table as it is, and from the same table made k-anonymous."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from core.anonymity.release import anonymise
from core.anonymity.spec import Anonymisation
from core.attacks.singling_out import SinglingOut, halves, singling_out

LARGEST_K = 50


@dataclass(frozen=True)
class Both:
    """What singles people out of a table, raw and k-anonymous.

    Attributes
    ----------
    columns : tuple of str
    k : int
    rows : int
        In the half that is taken for the released table.
    raw, anonymised : tuple of SinglingOut
        The raw half has the other half as control; the anonymised one has none, since no row
        outside it was generalised the same way.
    """

    columns: tuple[str, ...]
    k: int
    rows: int
    raw: tuple[SinglingOut, ...]
    anonymised: tuple[SinglingOut, ...]


def risk_steps(
    frame: pd.DataFrame, columns: tuple[str, ...], k: int, seed: int = 0
) -> Iterator[tuple[float, Both | None]]:
    """Try predicates on half a table, raw and made k-anonymous by Mondrian.

    Parameters
    ----------
    frame : DataFrame, shape (n, p)
    columns : tuple of str
        That others may know: the quasi-identifiers.
    k : int
        1 to n / 2.
    seed : int

    Yields
    ------
    tuple of (float, Both or None)
        Share done in (0, 1], and the result at the end.

    Raises
    ------
    InputError
        If the columns or k don't fit the table.
    """
    table, control = halves(frame, seed)
    raw = singling_out(table, columns, control=control, seed=seed)
    yield 0.4, None
    spec = Anonymisation("mondrian", columns, k=k, suppression=0.0)
    for share, released in anonymise(table, spec):
        if released is None:
            yield 0.4 + 0.4 * share, None
            continue
        after = singling_out(released.frame, columns, seed=seed)
        yield 1.0, Both(columns, k, len(table), raw, after)
