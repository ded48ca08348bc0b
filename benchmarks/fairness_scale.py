"""Time fairness on Parquet larger than memory against a bare DuckDB GROUP BY, in one run.

Run by hand from the repository's root: ``.venv/bin/python benchmarks/fairness_scale.py [ROWS]``.
Rows are written in pieces to a folder under /tmp that is removed afterwards. Each side runs in a
process of its own, so that its peak memory is its own; the best of a few runs counts, and the sides
take turns, so that what else the machine does falls on both. What matters is the ratio, of elapsed
time and of processor time. Counting is timed; what follows from the counts does not depend on the
rows.

A continuous score can't be grouped by itself, so with scores the bare query groups by
``floor(score * 1000)``. It only counts rows; ours needs the least, the largest and the sum of the
scores in each cell besides, so a second bare query asks for these too.
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
def work(place):
    return connection.execute(f"select label, made, sex, race, {score} from "
        f"read_parquet('{place}') group by all").fetchall()
"""
OURS = """
from core.data.roles.roles import Roles
from core.fairness.engine.engine import count_in_engine
from core.data.sources.engine_source import Source
roles = Roles("label", "yes", ("sex", "race"), prediction="made", score="score" if score else None)
def work(place):
    return count_in_engine(Source(place), roles)
"""
TIMED = """
import json, sys, time
folder, score = sys.argv[1], sys.argv[2]
{setup}
work(folder + "/000.parquet")  # What is imported at first use counts for nobody.
start, processor = time.perf_counter(), time.process_time()
work(folder + "/*.parquet")
spent = [time.perf_counter() - start, time.process_time() - processor]
# Not getrusage, whose peak a child takes over from the parent that wrote the rows.
status = open("/proc/self/status").read()
peak = int(status.split("VmHWM:")[1].split()[0]) * 1024
print(json.dumps([*spent, peak]))
"""


def write(folder: Path, rows: int) -> None:
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    def text_array(choices: list[str], codes: np.ndarray) -> pa.Array:
        return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int8)), choices).cast(
            pa.string()
        )

    for number, start in enumerate(range(0, rows, PIECE)):
        n = min(PIECE, rows - start)
        rng = np.random.default_rng(number)
        score = rng.random(n, dtype=np.float32)
        columns = {
            "label": text_array(["no", "yes"], rng.random(n, dtype=np.float32) < score),
            "made": text_array(["no", "yes"], score >= 0.5),
            "sex": text_array(["f", "m"], rng.integers(0, 2, n)),
            "race": text_array(["a", "b", "c", "d", "e"], rng.integers(0, 5, n)),
            "score": pa.array(score.round(4)),
        }
        pq.write_table(pa.table(columns), folder / f"{number:03}.parquet")


def measured(setup: str, folder: Path, score: str) -> list[float]:
    """Seconds elapsed, seconds of processors and peak bytes of one run."""
    done = subprocess.run(
        [sys.executable, "-c", TIMED.format(setup=setup), str(folder), score],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    return list(json.loads(done.stdout.splitlines()[-1]))


def compared(folder: Path, score: str, sides: dict[str, tuple[str, str]]) -> None:
    found: dict[str, list[list[float]]] = {name: [] for name in sides}
    for _ in range(RUNS):
        for name, (setup, asked) in sides.items():
            found[name].append(measured(setup, folder, asked))
    best = {
        name: (min(r[0] for r in runs), min(r[1] for r in runs), max(r[2] for r in runs))
        for name, runs in found.items()
    }
    print(score)
    for name, (elapsed, processor, peak) in best.items():
        print(
            f"  {name}: {elapsed:.2f} s, {processor:.2f} s of processors, {peak / 1e6:,.0f} MB; "
            f"ours takes {best['ours'][0] / elapsed:.2f} times the time, "
            f"{best['ours'][1] / processor:.2f} times the processors",
            flush=True,
        )


def main(rows: int) -> None:
    folder = Path(tempfile.mkdtemp(prefix="fairness_scale_", dir="/tmp"))
    steps = "floor(score * 1000), count(*)"
    try:
        write(folder, rows)
        size = sum(file.stat().st_size for file in folder.iterdir())
        print(f"{rows:,} rows, {size / 1e6:,.0f} MB of Parquet, {os.cpu_count()} processors")
        compared(
            folder,
            "label, decision and two sensitive columns",
            {"bare": (BARE, "count(*)"), "ours": (OURS, "")},
        )
        compared(
            folder,
            "the same with scores in 1,000 bins",
            {
                "bare": (BARE, steps),
                "bare with the sums": (BARE, f"{steps}, min(score), max(score), sum(score)"),
                "ours": (OURS, "score"),
            },
        )
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS)
