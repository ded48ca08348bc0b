"""Which data set a table is, whatever file it came in.

What is spent on a data set's privacy is spent for good, in whichever audit, and whether its rows
came as CSV or as Parquet. So the ledger goes by the values: rows in another order, columns in
another order, other kinds or another encoding are the same data set. A table with one row more is
another one: this keeps honest people from spending twice by accident and stops no one who means to.
"""

from __future__ import annotations

import hashlib

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.data.table import Table


def identity(table: Table) -> str:
    """Name a data set by its values.

    Returns
    -------
    str
        SHA-256 over the names of columns and the multiset of rows: 64 hexadecimal digits.
    """
    names = sorted(str(name) for name in table.frame.columns)
    rows = np.zeros(len(table.frame), dtype=np.uint64)
    for position, name in enumerate(names, 1):
        # Odd multipliers are invertible, so that equal values in two columns don't cancel out.
        rows = rows * np.uint64(2 * position + 1) + _hashes(table.frame[name])
    mixed = pd.util.hash_array(rows)
    digest = hashlib.sha256()
    digest.update("\x00".join(names).encode("utf-8", "surrogatepass"))
    digest.update(len(rows).to_bytes(8, "little"))
    digest.update(np.sort(mixed).tobytes())
    return digest.hexdigest()


def _hashes(column: pd.Series) -> npt.NDArray[np.uint64]:
    """Hash each value, numbers by value and all else by its text, whatever kind the column has."""
    missing = column.isna().to_numpy()
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        texts = column.dt.strftime("%Y-%m-%d %H:%M:%S").astype(object)
    else:
        texts = column.astype(object)
    numbers = pd.to_numeric(texts.where(~missing, None), errors="coerce").to_numpy(
        dtype=np.float64, na_value=np.nan
    )
    if not np.isnan(numbers[~missing]).any():
        # Adding zero turns -0.0 into 0.0, which is the same number.
        return pd.util.hash_array(np.where(missing, np.nan, numbers + 0.0))
    plain = np.where(missing, "", texts.astype(str).str.strip()).astype(object)
    return pd.util.hash_array(plain, categorize=True) * (~missing).astype(np.uint64)
