"""What a cell says, and a hash of it, whatever the other rows of its column hold.

Which part of a split a row falls into is decided by its own values. What those values *are* must
not hang on other rows then, and the type of a column does: one blank turns whole numbers into
decimals, one word turns numbers into text. So a cell is taken by itself:

- a number counts by its value: 1, 1.0, "1.00" and "1,0" say the same, and so do 0.0 and -0.0;
- nothing, a token such as "NA", and an infinity, which number columns read as missing, say nothing;
- "True" and true say the same;
- a date counts by its instant;
- digits with leading zeros are a code and count as text, and so does all else.

A wrong answer would be caught by a property test that adds, removes and changes rows of every kind
and finds every other row's hash as it was.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.arrays import Floats
from core.data.labels import canonical
from core.data.texts import (
    MISSING_TOKENS,
    as_date,
    is_code,
    is_infinite,
    is_number,
)

Hashes = npt.NDArray[np.uint64]

_COMMA = re.compile(r"[+-]?\d+,\d+", re.ASCII)
_NOTHING = np.uint64(0x9E3779B97F4A7C15)
_INSTANT = np.uint64(0xD1B54A32D192ED03)


def row_hashes(frame: pd.DataFrame, record: Mapping[str, Hashes] | None = None) -> Hashes:
    """Hash what each row says.

    Parameters
    ----------
    frame : DataFrame, shape (n, p)
    record : mapping of str to ndarray of uint64, optional
        Hashes of the cells of columns of which the frame holds less than was written, see
        :attr:`core.data.table.Table.source_hashes`.

    Returns
    -------
    ndarray of uint64, shape (n,)
        Equal for rows that say the same, in whichever order their columns stand.
    """
    rows = np.zeros(len(frame), dtype=np.uint64)
    for position, name in enumerate(frame.columns):
        found = (record or {}).get(str(name))
        cells = cell_hashes(frame.iloc[:, position]) if found is None else found
        rows += pd.util.hash_array(cells ^ _hash_texts([str(name)])[0])
    return rows


def cell_hashes(column: pd.Series) -> Hashes:
    """Hash what each cell of a column says, shape (n,)."""
    kind = column.dtype.kind
    if kind in "iuf":
        return _hash_numbers(column.to_numpy(dtype=np.float64))
    if kind == "M":
        return _hash_instants(column.to_numpy())
    codes, distinct = pd.factorize(column, use_na_sentinel=True)
    return np.append(_hash_objects(list(distinct)), _NOTHING)[codes]


def text_hashes(texts: Sequence[str]) -> Hashes:
    """Hash what texts say, each as a cell by itself, shape (n,)."""
    return _hash_objects(list(texts))


def cell_texts(column: pd.Series) -> pd.Series:
    """Write what each cell says in one way, None where it says nothing; same index, object dtype.

    Two cells have equal text if, and only if, they say the same.
    """
    codes, distinct = pd.factorize(column, use_na_sentinel=True)
    texts = np.array([*(_label(_parse(cell)) for cell in distinct), None], dtype=object)
    return pd.Series(texts[codes], index=column.index, dtype=object, name=column.name)


def _parse(cell: object) -> float | pd.Timestamp | str | None:
    """Say what a cell means by itself: a finite number, an instant, text, or nothing."""
    if isinstance(cell, (bool, np.bool_)):
        return "true" if cell else "false"
    if isinstance(cell, (int, float, np.integer, np.floating)):
        number = float(cell)
        return number + 0.0 if math.isfinite(number) else None
    if isinstance(cell, (np.datetime64, pd.Timestamp)):
        return pd.Timestamp(cell)
    text = canonical(cell)
    if text in MISSING_TOKENS or is_infinite(text):
        return None
    if is_number(text) and not is_code(text):
        return float(text) + 0.0
    if _COMMA.fullmatch(text):
        return float(text.replace(",", ".")) + 0.0
    moment = as_date(text)
    if moment is not None:
        return pd.Timestamp(moment[0])
    return text.casefold() if text.casefold() in ("true", "false") else text


def _label(meaning: float | pd.Timestamp | str | None) -> str | None:
    return None if meaning is None else canonical(meaning)


def _hash_objects(cells: list[object]) -> Hashes:
    meanings = [_parse(cell) for cell in cells]
    out = np.full(len(meanings), _NOTHING, dtype=np.uint64)
    numbers = [i for i, item in enumerate(meanings) if isinstance(item, float)]
    instants = [i for i, item in enumerate(meanings) if isinstance(item, pd.Timestamp)]
    texts = [i for i, item in enumerate(meanings) if isinstance(item, str)]
    out[numbers] = _hash_numbers(np.array([meanings[i] for i in numbers], dtype=np.float64))
    moments = np.array([meanings[i] for i in instants], dtype="datetime64[us]")
    out[instants] = _hash_instants(moments)
    out[texts] = _hash_texts([str(meanings[i]) for i in texts])
    return out


def _hash_numbers(values: Floats) -> Hashes:
    # Adding zero turns -0.0 into 0.0, which is the same number.
    hashed = pd.util.hash_array(values + 0.0)
    return np.where(np.isfinite(values), hashed, _NOTHING).astype(np.uint64)


def _hash_instants(moments: npt.NDArray[np.datetime64]) -> Hashes:
    ticks = moments.astype("datetime64[us]").astype(np.int64).view(np.uint64)
    hashed = pd.util.hash_array(ticks ^ _INSTANT)
    return np.where(np.isnat(moments), _NOTHING, hashed).astype(np.uint64)


def _hash_texts(texts: list[str]) -> Hashes:
    array = np.array(texts, dtype=object)
    return np.asarray(pd.util.hash_array(array, categorize=False), dtype=np.uint64)
