"""The child process of :mod:`core.data.reading.sandbox.isolated`: binary file in, Arrow file out.

It imports little, so that it starts quickly. It reads a request from standard input and answers
on standard output, both JSON.
"""

from __future__ import annotations

import json
import sys
import warnings
from typing import Any

import pyarrow as pa

from core.data.reading.sandbox.isolated_rules import UNPACKED, RefusedError, check_size
from core.data.reading.sandbox.isolated_types import plain
from core.isolation.limits import limit_process
from core.isolation.system_calls import refuse_system_calls


def read_parquet(path: str, cells: int) -> pa.Table:
    """Read Parquet, believing its header only where it asks for little."""
    import pyarrow.parquet as pq

    file = pq.ParquetFile(path, memory_map=False, pre_buffer=False)
    facts = file.metadata
    check_size(facts.num_rows, max(facts.num_columns, 1), cells)
    claimed = sum(facts.row_group(i).total_byte_size for i in range(facts.num_row_groups))
    if claimed > UNPACKED:
        raise RefusedError(
            f"the file says it holds {claimed / 1e9:.1f} GB when unpacked",
            "Take a sample of the rows",
        )
    return file.read(use_threads=False)


def read_feather(path: str, cells: int) -> pa.Table:
    """Read Feather (the Arrow file format)."""
    with pa.OSFile(path) as source:
        reader = pa.ipc.open_file(source)
        batches = []
        rows = 0
        for number in range(reader.num_record_batches):
            batches.append(reader.get_batch(number))
            rows += batches[-1].num_rows
            check_size(rows, len(reader.schema), cells)
        return pa.Table.from_batches(batches, reader.schema)


def convert(request: dict[str, Any], sink: pa.NativeFile) -> dict[str, Any]:
    """Read the file of a request, write the Arrow file, and answer with names and notes."""
    path, form, cells = request["given"], request["form"], request["cells"]
    notes: list[dict[str, Any]] = []
    sheet = None
    if form == "parquet":
        table = read_parquet(path, cells)
    elif form == "feather":
        table = read_feather(path, cells)
    else:
        from core.data.reading.sandbox.isolated_workbook import read_workbook

        line = request["header_line"]
        table, sheet = read_workbook(path, form, request["sheet"], cells, notes, line)
    if table.num_rows == 0 or table.num_columns == 0:
        missing = "row" if table.num_columns else "column"
        raise RefusedError(f"the table has no {missing}", "Choose a file with rows in it")
    check_size(table.num_rows, table.num_columns, cells)
    table.validate(full=True)
    names = [str(name) for name in table.column_names]
    columns = [plain(n, c, notes) for n, c in zip(names, table.columns, strict=True)]
    numbered = pa.Table.from_arrays(columns, names=[str(i) for i in range(len(columns))])
    with pa.ipc.new_file(sink, numbered.schema) as writer:
        writer.write_table(numbered)
    return {"names": names, "notes": notes, "sheet": sheet}


def main() -> None:
    """Answer one request; every failure is an answer too."""
    request = json.load(sys.stdin)
    warnings.simplefilter("ignore")
    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    limit_process(request["memory"], request["seconds"])
    # Opened before the file's bytes are looked at: from then on nothing is opened for writing.
    sink = pa.OSFile(request["made"], "wb")
    refuse_system_calls()
    try:
        with sink:
            answer = convert(request, sink)
    except RefusedError as refusal:
        answer = {"problem": refusal.problem, "remedy": refusal.remedy}
    except MemoryError:
        answer = {
            "problem": "the file asks for more memory than it may have",
            "remedy": "Take a sample of the rows, or save it as CSV",
        }
    except Exception as error:  # Whatever a parser throws at broken bytes is the file's fault.
        message = " ".join(str(error).split())[:120].rstrip(".")
        answer = {
            "problem": f"the file can't be read as {request['form']} ({message})",
            "remedy": "Save it again from the program it came from, or save it as CSV",
        }
    json.dump(answer, sys.stdout)
