"""Answers by row that are read from an audit's folder, and written there as they come."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from core.arrays import Floats, Ints
from core.audit_state.served_calls import AuditAccount
from core.errors import InputError
from core.external_models.served.kept_answers import ServedAnswers
from core.external_models.served.permission import Permit, permit_here
from core.external_models.served.row_cache import Columns, RowCache, row_keys

SAME = 1e-6
"""Answers that differ by no more are the same."""
BETWEEN_WRITES = 2.0
"""Seconds of answers that are lost if the machine is, while there are few."""


CHECK_HOLDS = 60.0
"""Seconds for which a server that answered as before is taken for the same, under one leave."""


class ServerChangedError(InputError):
    """A server answers otherwise than it did."""


class KeptRows(RowCache):
    """Answers by row, of which an audit keeps all.

    Parameters
    ----------
    ask : callable
    account : AuditAccount
    known : ServedAnswers
    write : callable
        Takes keys and answers of all rows.
    """

    def __init__(
        self,
        ask: Callable[[Columns], Floats],
        account: AuditAccount,
        known: ServedAnswers,
        write: Callable[[npt.NDArray[np.uint64], Floats], None],
    ):
        super().__init__(ask, known.batch, account, f"model at {known.address}")
        self._trial, self._trial_answers, self._write = known.trial, known.trial_answers, write
        self._written, self._took = time.monotonic(), 0.0
        self._known.update(zip(known.keys.tolist(), known.answers, strict=True))
        self._checked = -np.inf
        self._checked_under: Permit | None = None
        self._holds_for_next = False
        for asked, answer in zip(row_keys(known.trial), known.trial_answers, strict=True):
            self._known.setdefault(int(asked), answer)

    def calls_needed(self, columns: Columns) -> tuple[int, int]:
        """Return how many of some rows were not asked before, and the calls that they take.

        Among them is one that sees whether the model is still the same, if there are answers that
        new ones would stand beside. It is not made where that was seen just before.
        """
        new = sum(key not in self._known for key in set(row_keys(columns).tolist()))
        return new, self.calls_for(new) + (bool(new) and self.has_earlier)

    @property
    def _is_long_ago(self) -> bool:
        return time.monotonic() - self._checked > CHECK_HOLDS

    @property
    def has_earlier(self) -> bool:
        """Whether more rows were answered than the first few by which it was tried."""
        return self.count > len(self._trial_answers)

    def was_checked(self) -> None:
        """Note that the server was just seen to answer as before; the next leave needs no check."""
        self._checked, self._holds_for_next = time.monotonic(), True

    def _fetch_all(
        self,
        columns: Columns,
        new: Ints,
        keys: npt.NDArray[np.uint64],
        answers: dict[int, Floats],
    ) -> None:
        permit = permit_here()
        if self._holds_for_next and permit is not None:
            self._checked_under, self._holds_for_next = permit, False
        # However shortly after another leave: the server may have changed in between.
        again = self.has_earlier and (self._checked_under is not permit or self._is_long_ago)
        self.account.check(len(new), self.calls_for(len(new)) + again, self._where)
        assert permit is not None
        # Whatever ends the work: its end, a server that is gone, or somebody who stops it.
        permit.at_end[id(self)] = self.write
        if again:
            self._see_that_it_is_the_same()
            self._checked_under = permit
        super()._fetch_all(columns, new, keys, answers)

    def _fetch(
        self,
        columns: Columns,
        rows: Ints,
        keys: npt.NDArray[np.uint64],
        answers: dict[int, Floats],
    ) -> None:
        super()._fetch(columns, rows, keys, answers)
        if time.monotonic() - self._written > max(BETWEEN_WRITES, 10 * self._took):
            self.write()

    def _see_that_it_is_the_same(self) -> None:
        self.account.debit()
        now = np.asarray(self._ask(self._trial), dtype=np.float64)
        check_same(self._trial_answers, now, self._where)
        self._checked = time.monotonic()

    def write(self) -> None:
        """Write all answers to the audit's folder."""
        began = time.monotonic()
        if self._known:
            keys = np.fromiter(self._known, dtype=np.uint64, count=len(self._known))
            self._write(keys, np.array(list(self._known.values()), dtype=np.float64))
        self._written = time.monotonic()
        self._took = self._written - began


def check_same(before: Floats, now: Floats, where: str) -> None:
    """Refuse answers that are others than before.

    Raises
    ------
    ServerChangedError
    """
    if before.shape == now.shape and (np.abs(before - now) <= SAME).all():
        return
    detail = ""
    if before.shape == now.shape:
        worst = np.unravel_index(int(np.abs(before - now).argmax()), before.shape)
        detail = f" (such as {before[worst]:.6g} before and {now[worst]:.6g} now)"
    raise ServerChangedError(
        f"its answers differ from when it was brought{detail}, so it is another model now, and "
        "they would not go with those that are kept",
        where=where,
        remedy="Bring it again on the train page to audit it as it answers now; what was computed "
        "before stays",
    )
