"""Answers by row, so that no row is asked twice, in batches that are counted and capped."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.arrays import Floats, Ints
from core.errors import InputError

KEPT = 1_000_000
"""Rows whose answers are kept; those asked longest ago are forgotten first."""


class RowCache:
    """Answers of a server, by what was asked.

    Parameters
    ----------
    ask : callable
        From columns of some rows to their answers, shape (rows, k) or (rows,).
    batch : int
        Rows of one call.
    most_calls : int
        Calls that may be made in all.
    where : str
        For messages.

    Attributes
    ----------
    calls, rows : int
        Calls made, and rows asked, so far.
    """

    def __init__(
        self,
        ask: Callable[[Mapping[str, npt.NDArray[Any]]], Floats],
        batch: int,
        most_calls: int,
        where: str,
    ):
        self._ask, self._batch, self._most, self._where = ask, batch, most_calls, where
        self._known: OrderedDict[int, Floats] = OrderedDict()
        self._lock = Lock()
        self.calls = self.rows = 0

    def calls_for(self, rows: int) -> int:
        """Return how many calls so many new rows take."""
        return -(-rows // self._batch)

    def score(self, columns: Mapping[str, npt.NDArray[Any]]) -> Floats:
        """Answer for rows, asking for those only that were not asked before.

        Raises
        ------
        InputError
            If more calls would be needed than may be made: none of them is made then.
        """
        with self._lock:
            keys = _keys(columns)
            _, first = np.unique(keys, return_index=True)
            new = np.sort([i for i in first if int(keys[i]) not in self._known]).astype(np.int64)
            self._check(len(new))
            answers: dict[int, Floats] = {}
            for begin in range(0, len(new), self._batch):
                self._fetch(columns, new[begin : begin + self._batch], keys, answers)
            found = np.array([answers.get(k, self._known.get(k)) for k in keys.tolist()])
            while len(self._known) > KEPT:
                self._known.popitem(last=False)
            return np.asarray(found, dtype=np.float64)

    def _fetch(
        self,
        columns: Mapping[str, npt.NDArray[Any]],
        rows: Ints,
        keys: npt.NDArray[np.uint64],
        answers: dict[int, Floats],
    ) -> None:
        self.calls += 1
        self.rows += len(rows)
        got = self._ask({name: values[rows] for name, values in columns.items()})
        if len(got) != len(rows):
            raise InputError(
                f"it gave {len(got):,} answers for {len(rows):,} rows", where=self._where
            )
        # At once, so that what was answered before a later call fails is not asked again.
        for key, answer in zip(keys[rows].tolist(), got, strict=True):
            answers[key] = self._known[key] = answer

    def _check(self, rows: int) -> None:
        needed, left = self.calls_for(rows), self._most - self.calls
        if needed > left:
            raise InputError(
                f"{rows:,} rows that were not asked before take {needed:,} calls, and of "
                f"{self._most:,} that may be made {left:,} are left",
                where=self._where,
                remedy="Allow more calls, explain fewer people, or take a sample of rows",
            )


def _keys(columns: Mapping[str, npt.NDArray[Any]]) -> npt.NDArray[np.uint64]:
    """Hash what is asked for each row: its numbers to the bit, and its texts."""
    frame = pd.DataFrame(dict(columns))
    return pd.util.hash_pandas_object(frame, index=False).to_numpy().astype(np.uint64)
