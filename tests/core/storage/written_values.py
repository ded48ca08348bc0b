"""Values of whatever is written to disk, drawn by the annotations of its classes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from importlib import import_module
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import numpy as np
import pandas as pd
from hypothesis import strategies as st

import core
from core.audit_state.generalised import Generalised
from core.data.domains import NumberDomain
from core.data.row_sketch import GroupSketch
from core.data.table import Notation
from core.fairness.bias_audit.auditor import Auditor
from core.fairness.bias_audit.spec import BiasAuditSpec
from core.fairness.metrics.impact_spec import ImpactSpec
from core.mitigation.registry import Decider, ThresholdDecider
from core.privacy.accounting.budget import Budget
from core.privacy.local_dp.mechanisms import LOCAL_MECHANISMS
from core.privacy.local_dp.records import ColumnPlan, RecordPlan
from core.privacy.release.axis import BinAxis, CategoryAxis
from core.privacy.release.release_plan import (
    CountsPlan,
    FairnessPlan,
    MeanPlan,
    Plan,
    QuantilePlan,
)
from core.tradeoff.sweep.point import Estimate, GroupCounts

_CORE = Path(core.__file__).parent
for _path in sorted(_CORE.rglob("*.py")):
    if "RecordKind(" in _path.read_text(encoding="utf-8"):
        _parts = _path.relative_to(_CORE.parent).with_suffix("").parts
        import_module(".".join(_parts).removesuffix(".__init__"))

TEXT = st.text(max_size=6)
NUMBER = st.floats(-1e9, 1e9)
WHOLE = st.integers(-(2**70), 2**70)
_POSITIVE = st.floats(1e-3, 50)
_CATEGORIES = st.builds(
    CategoryAxis, TEXT, st.lists(TEXT, min_size=1, max_size=3, unique=True).map(tuple)
)
_BINS = st.builds(BinAxis, TEXT, st.just((0.0, 1.0, 2.5)))
_SENT = st.builds(
    ColumnPlan,
    st.builds(NumberDomain, TEXT, st.just(0.0), st.floats(1, 9)),
    st.sampled_from([m.name for m in LOCAL_MECHANISMS if m.takes == "numbers"]),
    _POSITIVE,
)
_PLANS: dict[Any, st.SearchStrategy[Any]] = {
    CountsPlan: st.builds(CountsPlan, st.tuples(_CATEGORIES | _BINS), _POSITIVE),
    MeanPlan: st.builds(MeanPlan, TEXT, st.just(0.0), st.floats(1, 9), _POSITIVE),
    QuantilePlan: st.builds(
        QuantilePlan, TEXT, st.just(0.0), st.just(2.0), st.just(0.5), _POSITIVE
    ),
    FairnessPlan: st.builds(FairnessPlan, st.tuples(_CATEGORIES), _POSITIVE),
}


def _pairs(declared: dict[str, Any]) -> tuple[tuple[str, Any], ...]:
    return tuple(declared.items())


_DRAWN: dict[Any, st.SearchStrategy[Any]] = {
    Any: st.none() | st.booleans() | WHOLE | NUMBER | TEXT,
    object: st.none() | NUMBER | TEXT,
    str: TEXT,
    float: NUMBER,
    int: WHOLE,
    bool: st.booleans(),
    bytes: st.binary(max_size=6),
    NoneType: st.none(),
    pd.DataFrame: st.just(pd.DataFrame({"a": [1.0, np.nan], "b": ["x", None]})),
    Decider: st.builds(ThresholdDecider, TEXT, NUMBER),
    Budget: st.builds(Budget, _POSITIVE, st.floats(0, 0.5), st.just("basic")),
    Generalised: st.builds(Generalised, st.just(("a",)), st.integers(2, 2**70), TEXT),
    CategoryAxis: _CATEGORIES,
    ImpactSpec: st.builds(
        ImpactSpec, st.just("rest"), st.just(("a",)), st.just(0.25), st.just("few")
    ),
    Auditor: st.builds(Auditor, TEXT, TEXT, TEXT, st.just("2026-01-31"), st.just(""), TEXT),
    BiasAuditSpec: st.builds(
        BiasAuditSpec, TEXT, TEXT, *[st.dictionaries(TEXT, TEXT, max_size=2).map(_pairs)] * 2
    ),
    ColumnPlan: _SENT,
    RecordPlan: st.builds(RecordPlan, st.tuples(_SENT), _POSITIVE),
    # Declared by column, each once.
    tuple[tuple[str, Notation], ...]: st.dictionaries(
        TEXT, st.sampled_from(list(Notation)), max_size=2
    ).map(_pairs),
    BinAxis: _BINS,
    **_PLANS,
    Plan: st.one_of(list(_PLANS.values())),
    Estimate: st.builds(Estimate, st.none() | NUMBER, st.none() | NUMBER)
    | st.builds(Estimate, st.none(), st.none(), st.just("nobody was there")),
    GroupCounts: st.builds(
        GroupCounts, TEXT, TEXT, *[st.integers(0, 9)] * 5, st.none() | TEXT, st.none() | _POSITIVE
    ),
    GroupSketch: st.builds(
        GroupSketch, TEXT, WHOLE, NUMBER, NUMBER, WHOLE,
        st.dictionaries(st.text("abc", min_size=8, max_size=8), WHOLE, max_size=3),
    ),
}  # fmt: skip


@cache
def values_of(of: Any) -> st.SearchStrategy[Any]:
    """Draw values of an annotation."""
    known = next((drawn for kind, drawn in _DRAWN.items() if kind is of or kind == of), None)
    if known is not None:
        return known
    origin, args = get_origin(of), get_args(of)
    if origin is Literal:
        return st.sampled_from(args)
    if origin in (Union, UnionType):
        return st.one_of([values_of(part) for part in args])
    if origin is tuple:
        if args[-1] is Ellipsis:
            return st.lists(values_of(args[0]), max_size=2).map(tuple)
        return st.tuples(*map(values_of, args))
    if origin is list:
        return st.lists(values_of(args[0]), max_size=2)
    if origin is np.ndarray:
        return _arrays(args[1])
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return st.dictionaries(*map(values_of, args), max_size=2)
    if isinstance(of, type) and issubclass(of, Enum):
        return st.sampled_from(list(of))
    assert is_dataclass(of), f"{of!r} can't be drawn"
    hints = get_type_hints(of)
    parts = {part.name: values_of(hints[part.name]) for part in fields(of) if part.init}
    made: Any = of
    return st.builds(made, **parts)


def _arrays(kind: Any) -> st.SearchStrategy[Any]:
    of = get_args(kind)[0]
    known: dict[Any, list[Any]] = {
        np.bool_: [True, False], np.object_: ["x", None], np.str_: ["a", "bc"],
    }  # fmt: skip
    cells = known.get(of, [0, 1, 5])
    if issubclass(of, np.floating):
        cells = [0.1, -0.0, np.nan, np.inf]
    return st.lists(st.sampled_from(cells), max_size=3).map(lambda v: np.array(v, dtype=of))


def same(one: Any, other: Any) -> bool:
    """Whether two values are equal in every part, arrays bit by bit."""
    if type(one) is not type(other) and not (
        isinstance(one, int | float | Mapping) and isinstance(other, int | float | Mapping)
    ):
        return False
    if isinstance(one, np.ndarray):
        if one.dtype == object:
            return one.shape == other.shape and same(one.tolist(), other.tolist())
        return bool(one.dtype == other.dtype and one.tobytes() == other.tobytes())
    if isinstance(one, pd.DataFrame):
        return bool(one.equals(other))
    if isinstance(one, Mapping):
        return one.keys() == other.keys() and all(same(one[name], other[name]) for name in one)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, Enum):
        return one is other
    if is_dataclass(one) or hasattr(type(one), "kept_fields"):
        return same(vars(one), vars(other))
    return bool(one == other) or (one != one and other != other)
