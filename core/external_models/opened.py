"""Models made elsewhere that this process has open, by what names them.

A spec, and a kept result, name a model by its SHA-256 and hold nothing of it. Whoever has the file
or the object says here how it is opened; it is opened when it is first asked, and the one that was
asked longest ago is closed when there are many.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from threading import RLock

from core.errors import InputError
from core.external_models.external_spec import ExternalSpec
from core.external_models.scorer import Scorer

MOST_OPEN = 4
"""Processes that wait at the same time."""

Key = tuple[str, tuple[str, ...]]

_SOURCES: dict[Key, tuple[str, Callable[[], Scorer]]] = {}
_OPEN: OrderedDict[Key, Scorer] = OrderedDict()
_LOCK = RLock()


def offer(
    spec: ExternalSpec, source: Callable[[], Scorer], owner: str = "", *, anew: bool = True
) -> None:
    """Say how the model of a spec is opened, where it is needed: from now on, in this way.

    Parameters
    ----------
    spec : ExternalSpec
    source : callable
    owner : str
        Whose the opened model is, where it is not the same for everybody.
    anew : bool
        Whether one that is open is no longer asked; a file of the same SHA-256 is the same model.
    """
    with _LOCK:
        _SOURCES[_key(spec)] = owner, source
        if anew:
            _OPEN.pop(_key(spec), None)


def is_offered(spec: ExternalSpec, owner: str | None = None) -> bool:
    """Whether the model of a spec can be asked in this process: anybody's, or an owner's."""
    with _LOCK:
        found = _SOURCES.get(_key(spec))
        return found is not None and owner in (None, found[0])


def scorer_of(spec: ExternalSpec) -> Scorer:
    """Return the model of a spec, opened.

    Raises
    ------
    InputError
        If nobody in this process has it, or as whatever opens it.
    """
    name = _key(spec)
    with _LOCK:
        found = _OPEN.get(name)
        if found is not None:
            _OPEN.move_to_end(name)
            return found
        _, source = _SOURCES.get(name, ("", None))
        if source is None:
            raise InputError(
                "the model is not at hand: an audit keeps its name and its SHA-256 "
                f"({spec.sha256[:12]}…), and the file or the object is needed to ask it",
                where=f"model {spec.name!r}",
                remedy="Bring the same model again",
            )
        opened = source()
        _OPEN[name] = opened
        while len(_OPEN) > MOST_OPEN:
            _OPEN.popitem(last=False)[1].close()
        return opened


def forget(spec: ExternalSpec) -> None:
    """Forget how the model of a spec is opened; it stays the caller's, and open."""
    with _LOCK:
        _SOURCES.pop(_key(spec), None)
        _OPEN.pop(_key(spec), None)


def forget_all() -> None:
    """Close every model, and forget how each is opened."""
    with _LOCK:
        for scorer in _OPEN.values():
            scorer.close()
        _OPEN.clear()
        _SOURCES.clear()


def _key(spec: ExternalSpec) -> Key:
    return spec.sha256, spec.accepted_types
