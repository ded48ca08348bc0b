"""What is made once and kept while a browser session lasts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, ParamSpec, TypeVar

import streamlit as st

from core.storage.workspace import default_root

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
R = TypeVar("R")


class Kept(Generic[P, R]):
    """A function whose results are kept by what they depend on; its arguments are never hashed."""

    def __init__(
        self, make: Callable[P, R], by: Callable[..., tuple[Any, ...]], spinner: str, entries: int
    ):
        def made(cache_key: tuple[Any, ...], _told: Any) -> R:
            args, kwargs = _told
            return make(*args, **kwargs)

        # Results lie under the module and the name of a function: all of ours have this one's.
        made.__module__, made.__qualname__ = make.__module__, make.__qualname__
        keep = st.cache_resource(show_spinner=spinner, max_entries=entries, scope="session")
        self._made, self._by = keep(made), by
        self.__doc__, self.__name__ = make.__doc__, make.__name__

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Return what was made before, or make it."""
        cache_key = (str(default_root()), *self._by(*args, **kwargs))
        return self._made(cache_key, (args, kwargs))

    def clear(self) -> None:
        """Forget all that was made."""
        self._made.clear()


def kept(
    spinner: str, entries: int, by: Callable[..., tuple[Any, ...]]
) -> Callable[[Callable[P, R]], Kept[P, R]]:
    """Keep a function's results while the session lasts.

    Parameters
    ----------
    spinner : str
        Shown while one is made.
    entries : int
        How many are kept at most.
    by : callable
        From the arguments to what the result depends on, beside the workspace: ids, fingerprints
        and canonical texts (docs/decisions/0002-cache-keys.md).
    """
    return lambda make: Kept(make, by, spinner, entries)
