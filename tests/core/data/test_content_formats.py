"""A cell says the same in Parquet and Excel, whatever a row more holds or which kind is chosen."""

from __future__ import annotations

import io
from datetime import datetime

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.data.content import row_hashes
from core.data.reading.reading import read_bytes
from core.data.table import Kind

N = 12
COLUMNS: dict[str, tuple[list[object], object]] = {
    "whole": ([i % 5 for i in range(N)], None),
    "zero or one": ([i % 2 for i in range(N)], 7),
    "truth": ([i % 2 == 0 for i in range(N)], None),
    "decimal": ([i / 4 for i in range(N)], float("nan")),
    "day": ([datetime(2020, 1, i + 1) for i in range(N)], None),
    "comma": ([f"1,{i + 100}" for i in range(N)], "1,5"),
    "answer": ([("yes", "no")[i % 2] for i in range(N)], "word"),
    "digits": ([str(i % 2) for i in range(N)], "007"),
}


def parquet(columns: dict[str, list[object]]) -> tuple[bytes, str]:
    buffer = io.BytesIO()
    pq.write_table(pa.table(columns), buffer)
    return buffer.getvalue(), "t.parquet"


def workbook(columns: dict[str, list[object]]) -> tuple[bytes, str]:
    book, buffer = openpyxl.Workbook(), io.BytesIO()
    assert book.active is not None
    book.active.append(list(columns))
    for row in zip(*columns.values(), strict=True):
        book.active.append([None if cell != cell else cell for cell in row])
    book.save(buffer)
    return buffer.getvalue(), "t.xlsx"


@pytest.mark.parametrize("kind", [None, Kind.NUMBER, Kind.BOOLEAN, Kind.CATEGORY, Kind.TEXT])
@pytest.mark.parametrize("write", [parquet, workbook])
def test_a_row_more_changes_no_other_row(write, kind: Kind | None) -> None:
    def hashes(rows: int) -> list[int]:
        columns = {name: [*cells, odd][:rows] for name, (cells, odd) in COLUMNS.items()}
        content = write(columns | {"k": [f"r{i}" for i in range(rows)]})
        table = read_bytes(*content, kinds=dict.fromkeys(COLUMNS, kind) if kind else None)
        return row_hashes(table.frame, table.source_hashes).tolist()

    fewer = hashes(N)
    assert len(set(fewer)) == N
    assert hashes(N + 1)[:N] == fewer
