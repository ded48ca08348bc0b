"""Time fairness on Parquet larger than memory against a bare DuckDB GROUP BY, in one run.

Run by hand from the repository's root: ``.venv/bin/python benchmarks/fairness_scale.py [ROWS]``.
Rows are written in pieces to a folder under /tmp that is removed afterwards. Each side runs in a
process of its own, so that its peak memory is its own; the best of a few runs counts. What matters
is the ratio. Counting is timed; what follows from the counts does not depend on the rows.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
ROWS = 100_000_000
PIECE = 5_000_000
RUNS = 3

BARE = """
import duckdb
connection = duckdb.connect(config={"memory_limit": "700MB", "preserve_insertion_order": False})
connection.execute("SET enable_progress_bar = false")
def work():
    return connection.execute(f"select label, made, sex, race, {score} count(*) from "
        f"read_parquet('{folder}/*.parquet') group by all").fetchall()
"""
OURS = """
from core.data.roles import Roles
from core.fairness.engine import count_in_engine
from core.fairness.engine_source import Source
roles = Roles("label", "yes", ("sex", "race"), prediction="made", score="score" if score else None)
def work():
    return count_in_engine(Source(folder), roles)
"""
TIMED = """
import json, sys, time
folder, score = sys.argv[1], sys.argv[2]
{setup}
best = None
for _ in range({runs}):
    start = time.perf_counter()
    work()
    spent = time.perf_counter() - start
    best = spent if best is None else min(best, spent)
# Not getrusage, whose peak a child takes over from the parent that wrote the rows.
status = open("/proc/self/status").read()
peak = int(status.split("VmHWM:")[1].split()[0]) * 1024
print(json.dumps([best, peak]))
"""


def write(folder: Path, rows: int) -> None:
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    def words(choices: list[str], codes: np.ndarray) -> pa.Array:
        return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int8)), choices).cast(
            pa.string()
        )

    for number, start in enumerate(range(0, rows, PIECE)):
        n = min(PIECE, rows - start)
        rng = np.random.default_rng(number)
        score = rng.random(n, dtype=np.float32)
        columns = {
            "label": words(["no", "yes"], rng.random(n, dtype=np.float32) < score),
            "made": words(["no", "yes"], score >= 0.5),
            "sex": words(["f", "m"], rng.integers(0, 2, n)),
            "race": words(["a", "b", "c", "d", "e"], rng.integers(0, 5, n)),
            "score": pa.array(score.round(4)),
        }
        pq.write_table(pa.table(columns), folder / f"{number:03}.parquet")


def measured(setup: str, folder: Path, score: str) -> tuple[float, float]:
    code = TIMED.format(setup=setup, runs=RUNS)
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder), score],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    best, peak = json.loads(done.stdout.splitlines()[-1])
    return best, peak


def main(rows: int) -> None:
    folder = Path(tempfile.mkdtemp(prefix="fairness_scale_", dir="/tmp"))
    try:
        write(folder, rows)
        size = sum(file.stat().st_size for file in folder.iterdir())
        print(f"{rows:,} rows, {size / 1e6:,.0f} MB of Parquet, {os.cpu_count()} processors")
        for what, score in (
            ("label, decision and two sensitive columns", ""),
            ("the same with scores in 1,000 bins", "floor(score * 1000),"),
        ):
            bare, bare_peak = measured(BARE, folder, score)
            ours, peak = measured(OURS, folder, score)
            print(
                f"{what}: {ours:.2f} s and {peak / 1e6:,.0f} MB against a bare GROUP BY's "
                f"{bare:.2f} s and {bare_peak / 1e6:,.0f} MB: {ours / bare:.2f} times the time"
            )
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS)
