"""Registries: the extension points of Equipoise.

A new learner, metric or mitigation is one ``add`` in one place; pickers, command line and report
list the registry and so show it unasked.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, Protocol, TypeVar

from core.errors import InputError


class Entry(Protocol):
    """What every registered thing has: a unique name and one plain sentence."""

    @property
    def name(self) -> str:
        """Name used on the command line, lower case with underscores."""
        ...

    @property
    def sentence(self) -> str:
        """What it is, in one sentence of plain words."""
        ...


T = TypeVar("T", bound=Entry)


class Registry(Generic[T]):
    """An ordered collection of named entries.

    Parameters
    ----------
    kind : str
        What the entries are, used in error messages ("model").
    """

    def __init__(self, kind: str):
        self.kind = kind
        self._entries: dict[str, T] = {}
        self._unlisted: set[str] = set()

    def add(self, entry: T, *, listed: bool = True) -> T:
        """Register an entry and return it.

        Parameters
        ----------
        entry : Entry
        listed : bool
            Whether pickers offer it. What isn't listed is found by its name only.

        Raises
        ------
        KeyError
            If the name is already taken: two things of one name would be told apart by no one.
        """
        if entry.name in self._entries:
            raise KeyError(f"a {self.kind} named {entry.name!r} is registered already")
        self._entries[entry.name] = entry
        if not listed:
            self._unlisted.add(entry.name)
        return entry

    def __getitem__(self, name: str) -> T:
        try:
            return self._entries[name]
        except KeyError:
            raise InputError(
                f"there is no {self.kind} of that name",
                where=repr(name),
                remedy=f"Choose one of: {', '.join(self.names())}",
            ) from None

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def __iter__(self) -> Iterator[T]:
        return (e for name, e in self._entries.items() if name not in self._unlisted)

    def __len__(self) -> int:
        return len(self.names())

    def names(self) -> tuple[str, ...]:
        """Names that are listed, in the order of registration."""
        return tuple(name for name in self._entries if name not in self._unlisted)
