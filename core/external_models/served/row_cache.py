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

Columns = Mapping[str, npt.NDArray[Any]]
Ask = Callable[[Columns], Floats]

KEPT = 1_000_000
"""Rows whose answers are kept; those asked longest ago are forgotten first."""


class CallAccount:
    """How many calls may be made, and how many were.

    Parameters
    ----------
    most : int
        Calls that may be made in all.

    Attributes
    ----------
    made : int
    """

    def __init__(self, most: int):
        self._most = most
        self.made = 0

    def check(self, rows: int, calls: int, where: str) -> None:
        """Refuse more calls than may be made, before the first of them.

        Parameters
        ----------
        rows : int
            That were not asked before.
        calls : int
            That they take.
        where : str
            For the message.

        Raises
        ------
        InputError
            If fewer are left.
        """
        if calls > self._most - self.made:
            raise InputError(
                f"{rows:,} rows that were not asked before take {calls:,} calls, and of "
                f"{self._most:,} that may be made {self._most - self.made:,} are left",
                where=where,
                remedy="Allow more calls, explain fewer people, or take a sample of rows",
            )

    def debit(self) -> None:
        """Count one call, before it is made."""
        self.made += 1


class RowCache:
    """Answers of a server, by what was asked.

    Parameters
    ----------
    ask : callable
        From columns of some rows to their answers, shape (rows, k) or (rows,).
    batch : int
        Rows of one call.
    account : CallAccount
    where : str
        For messages.

    Attributes
    ----------
    rows : int
        Rows asked so far.
    """

    def __init__(self, ask: Ask, batch: int, account: CallAccount, where: str):
        self._ask, self.batch, self.account, self._where = ask, batch, account, where
        self._known: OrderedDict[int, Floats] = OrderedDict()
        self._lock = Lock()
        self.rows = 0

    @property
    def count(self) -> int:
        """Rows whose answers are known."""
        return len(self._known)

    @property
    def calls(self) -> int:
        """Calls made so far."""
        return self.account.made

    def calls_for(self, rows: int) -> int:
        """Return how many calls so many new rows take."""
        return -(-rows // self.batch)

    def answer_of(self, key: int) -> Floats | None:
        """Return the answer of a row that was asked before."""
        return self._known.get(key)

    def score(self, columns: Columns) -> Floats:
        """Answer for rows, asking for those only that were not asked before.

        Raises
        ------
        InputError
            If more calls would be needed than may be made: none of them is made then.
        """
        with self._lock:
            keys = row_keys(columns)
            _, first = np.unique(keys, return_index=True)
            new = np.sort([i for i in first if int(keys[i]) not in self._known]).astype(np.int64)
            answers: dict[int, Floats] = {}
            if len(new):
                self._fetch_all(columns, new, keys, answers)
            found = np.array([answers.get(k, self._known.get(k)) for k in keys.tolist()])
            while len(self._known) > KEPT:
                self._known.popitem(last=False)
            return np.asarray(found, dtype=np.float64)

    def keep(self, columns: Columns, answers: Floats) -> None:
        """Take the answers for rows that were asked in a call of their own.

        Raises
        ------
        InputError
            If there isn't one for each row.
        """
        keys = row_keys(columns).tolist()
        self._check_count(answers, len(keys))
        self.account.debit()
        self.rows += len(keys)
        self._known.update(zip(keys, answers, strict=True))

    def _check_count(self, answers: Floats, rows: int) -> None:
        if len(answers) != rows:
            raise InputError(
                f"it gave {len(answers):,} answers for {rows:,} rows", where=self._where
            )

    def _fetch_all(
        self,
        columns: Columns,
        new: Ints,
        keys: npt.NDArray[np.uint64],
        answers: dict[int, Floats],
    ) -> None:
        self.account.check(len(new), self.calls_for(len(new)), self._where)
        for begin in range(0, len(new), self.batch):
            self._fetch(columns, new[begin : begin + self.batch], keys, answers)

    def _fetch(
        self,
        columns: Columns,
        rows: Ints,
        keys: npt.NDArray[np.uint64],
        answers: dict[int, Floats],
    ) -> None:
        self.account.debit()
        self.rows += len(rows)
        got = self._ask({name: values[rows] for name, values in columns.items()})
        self._check_count(got, len(rows))
        # At once, so that what was answered before a later call fails is not asked again.
        for key, answer in zip(keys[rows].tolist(), got, strict=True):
            answers[key] = self._known[key] = answer


def row_keys(columns: Columns) -> npt.NDArray[np.uint64]:
    """Hash what is asked for each row: its numbers to the bit, and its texts."""
    frame = pd.DataFrame(dict(columns))
    return pd.util.hash_pandas_object(frame, index=False).to_numpy().astype(np.uint64)
