"""Calls that a person has allowed, and counting them before they are asked for.

A page runs from top to bottom whenever something on it is touched, so nothing that it computes may
call a server by itself: a kept model answers what it was asked before, and asks for more only
inside :func:`permitted`. What a piece of work would ask for is counted by going through it with
answers that are made up (:func:`counted`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from core.arrays import Floats
from core.external_models.served.row_cache import RowCache, row_keys

if TYPE_CHECKING:
    from core.external_models.served.imitation import Imitation


@dataclass
class Permit:
    """Calls that a person has allowed for a piece of work.

    Attributes
    ----------
    calls : int
        Left.
    check : callable
        Refuses an address that may not be asked from here.
    told : callable
        Is called before each call with the number of those made and allowed; what it raises keeps
        the call from being made.
    made : int
    at_end : dict of int to callable
        Called once the work has ended, however it does.
    """

    calls: int
    check: Callable[[str], None] = field(default=lambda address: None)
    told: Callable[[int, int], None] = field(default=lambda made, allowed: None)
    made: int = 0
    at_end: dict[int, Callable[[], None]] = field(default_factory=dict)

    def use(self) -> None:
        """Count one call, before it is made."""
        self.told(self.made, self.made + self.calls)
        self.calls -= 1
        self.made += 1


_PERMIT: ContextVar[Permit | None] = ContextVar("permit", default=None)
_COUNT: ContextVar[Count | None] = ContextVar("count", default=None)


@contextmanager
def permitted(permit: Permit) -> Iterator[Permit]:
    """Let what is computed within make the calls of a permit, in this thread."""
    token = _PERMIT.set(permit)
    try:
        yield permit
    finally:
        _PERMIT.reset(token)
        while permit.at_end:
            permit.at_end.popitem()[1]()


def permit_here() -> Permit | None:
    """Return the permit that holds here, if any."""
    return _PERMIT.get()


class CountEndedError(Exception):
    """Counting took too long."""


class Count:
    """What a piece of work would ask for: rows, and calls for them.

    Parameters
    ----------
    cache : RowCache
        Of the model whose calls are counted; its answers are used where it has them.
    imitation : Imitation
        Answers for all other rows.
    seconds : float
        After which it ends.

    Attributes
    ----------
    rows, calls : int
    """

    def __init__(self, cache: RowCache, imitation: Imitation, seconds: float = 20.0):
        self.cache, self._imitation = cache, imitation
        self._until = time.monotonic() + seconds
        self._seen: set[int] = set()
        self.rows = self.calls = 0

    def score(self, columns: Mapping[str, npt.NDArray[Any]]) -> Floats:
        """Answer in the place of the server.

        Raises
        ------
        CountEndedError
            Once it takes too long.
        """
        keys = row_keys(columns).tolist()
        known = [self.cache.answer_of(key) for key in keys]
        new = {k for k, a in zip(keys, known, strict=True) if a is None} - self._seen
        self.rows += len(new)
        self.calls += self.cache.calls_for(len(new))
        self._seen |= new
        if time.monotonic() > self._until:
            raise CountEndedError
        made_up = self._imitation.answer(columns)
        for at, answer in enumerate(known):
            if answer is not None:
                made_up[at] = answer
        return np.asarray(made_up, dtype=np.float64)


@contextmanager
def counted(count: Count) -> Iterator[Count]:
    """Count what is asked for within, in this thread, in the place of asking."""
    token = _COUNT.set(count)
    try:
        yield count
    finally:
        _COUNT.reset(token)


def count_here(cache: RowCache) -> Count | None:
    """Return the count that goes on here for a model's answers, if any."""
    found = _COUNT.get()
    return found if found is not None and found.cache is cache else None
