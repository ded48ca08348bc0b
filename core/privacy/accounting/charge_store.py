"""Where the charges of a privacy ledger stand: in memory, or with a data set on disk."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Protocol

from core.privacy.accounting.charge import Charge

if TYPE_CHECKING:
    from core.privacy.accounting.budget import Budget


class HeldCharges(Protocol):
    """Charges that nobody else adds to meanwhile."""

    @property
    def charges(self) -> tuple[Charge, ...]:
        """All so far, oldest first."""

    @property
    def cap(self) -> Budget | None:
        """The cap in force by now; None if the ledger's own is."""

    def add(self, charge: Charge) -> None:
        """Write a charge down for good; it stands when this returns."""


class ChargeStore(Protocol):
    """Where charges stand."""

    def charges(self) -> tuple[Charge, ...]:
        """All so far, oldest first."""

    def exclusive(self) -> AbstractContextManager[HeldCharges]:
        """Hold it among all threads and processes."""


class _HeldMemory:
    cap = None

    def __init__(self) -> None:
        self.charges: tuple[Charge, ...] = ()

    def add(self, charge: Charge) -> None:
        self.charges = (*self.charges, charge)


class MemoryCharges:
    """Charges that end with the process."""

    def __init__(self) -> None:
        self._held = _HeldMemory()
        self._lock = threading.Lock()

    def charges(self) -> tuple[Charge, ...]:
        """All so far, oldest first."""
        return self._held.charges

    @contextmanager
    def exclusive(self) -> Iterator[HeldCharges]:
        """Hold it among all threads."""
        with self._lock:
            yield self._held
