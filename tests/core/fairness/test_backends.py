"""One table counted in memory, in DuckDB, in PostgreSQL and in Spark: the same figures everywhere.

Run by ``make test-backends``. A server of PostgreSQL is started for the tests, reached through the
machine's own address only, and Spark runs in this process's own Java.
"""

from __future__ import annotations

import datetime
import decimal
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from urllib.parse import quote, urlencode

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.data.roles.roles import Roles
from core.data.sources.engine_source import Source, _connected
from core.errors import InputError
from core.fairness.engine.engine import count_in_engine, engine_fairness_json
from tests.core.fairness.test_engine import alike, in_memory, scoring_in_memory

pytestmark = [
    pytest.mark.backends,
    # The bridge to Spark's Java leaves sockets to be closed by the collector.
    pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"),
    pytest.mark.filterwarnings("ignore:Exception ignored in. <socket"),
]

TABLE = 'Odd "täble"'
TYPES = {
    pa.string(): "text",
    pa.bool_(): "boolean",
    pa.int64(): "bigint",
    pa.float64(): "double precision",
    pa.float32(): "real",
    pa.date32(): "date",
    pa.decimal128(6, 3): "numeric(6, 3)",
}


def world(n=400):
    rng = np.random.default_rng(7)
    nan, inf = float("nan"), float("inf")

    def drawn(values, kind):
        return pa.array([values[i] for i in rng.integers(0, len(values), n)], kind)

    days = [datetime.date(1969, 12, 31), datetime.date(2024, 2, 29), None]
    cents = [decimal.Decimal(v) for v in ("0.500", "0.001", "-0.000", "0.999")]
    steps = [*(np.arange(1001) / 1000).tolist(), 0.30000000000000004, *[nan, inf, -inf, None] * 20]
    return pa.table(
        {
            "Y": drawn(["yes", "no", " yes", "no", None], pa.string()),
            "Made It": drawn(["yes", "no", "?"], pa.string()),
            'sEx "of" ü': drawn(["f", "F", "ß'\\", "日本", " f", "", None], pa.string()),
            "Flag": drawn([True, False, None], pa.bool_()),
            "day`s": drawn(days, pa.date32()),
            "0/1": drawn([0, 1, None], pa.int64()),
            "select": drawn([0.0, -0.0, 1.0, 1.5, nan, inf, -inf, None], pa.float64()),
            "Age": drawn([*range(18, 80), None], pa.int64()),
            "Height": drawn([*np.linspace(1.5, 2, 40), nan, inf, -inf, None], pa.float64()),
            "Score": drawn(steps, pa.float64()),
            "Short": drawn([0.1, 0.3, 0.7, 1.0, 2.5, -1.0, nan, None], pa.float32()),
            "Cents": drawn([*cents, None], pa.decimal128(6, 3)),
            "Parts": drawn(cents, pa.decimal128(6, 3)),
            "W%": drawn([0.0, 0.1, 1.0, 2.5, 1e6], pa.float64()),
            "Whole": drawn([0, 1, 2**40], pa.int64()),
            "Long": drawn([2**53, 2**53 + 1, 2**63 - 1, -(2**63), None], pa.int64()),
        }
    )


@pytest.fixture(scope="module")
def arrow():
    return world()


@pytest.fixture(scope="module")
def duckdb_source(arrow, tmp_path_factory):
    path = tmp_path_factory.mktemp("rows") / "rows.parquet"
    pq.write_table(arrow, path)
    return Source(str(path))


@pytest.fixture(scope="module")
def server():
    """Start PostgreSQL in a folder of its own; the URL of its database."""
    # Debian keeps the server's programs off the path.
    debian = sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin")))
    path = os.pathsep.join([os.environ.get("PATH", ""), *debian[::-1]])
    initdb, postgres = shutil.which("initdb", path=path), shutil.which("postgres", path=path)
    assert None not in (initdb, postgres), "PostgreSQL is not installed: run make test-backends"
    folder = Path(tempfile.mkdtemp(prefix="equipoise_pg_", dir="/tmp"))
    # PostgreSQL refuses to run as root.
    root = os.getuid() == 0
    as_user = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"] if root else []
    if root:
        os.chown(folder, pwd.getpwnam("nobody").pw_uid, -1)
    data = str(folder / "data")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    made = [initdb, "-D", data, "-U", "tester", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"]
    subprocess.run([*as_user, *made], check=True, cwd=folder, stdout=subprocess.DEVNULL)
    options = ["-h", "127.0.0.1", "-p", str(port), "-k", str(folder), "-F"]
    with (folder.parent / f"{folder.name}.log").open("w") as log:
        running = subprocess.Popen(
            [*as_user, postgres, "-D", data, *options], cwd=folder, stdout=log, stderr=log
        )
    try:
        yield f"postgres://tester@127.0.0.1:{port}/postgres"
    finally:
        running.terminate()
        running.wait(60)
        shutil.rmtree(folder)
        (folder.parent / f"{folder.name}.log").unlink()


def connected(url):
    import psycopg

    for attempt in range(120):
        try:
            return psycopg.connect(url.replace("postgres:", "postgresql:"), autocommit=True)
        except psycopg.OperationalError:
            assert attempt < 119, "PostgreSQL did not start"
            time.sleep(0.5)
    raise AssertionError


@pytest.fixture(scope="module")
def postgres_source(arrow, server):
    def quoted(name):
        return '"' + name.replace('"', '""') + '"'

    fields = ", ".join(f"{quoted(f.name)} {TYPES[f.type]}" for f in arrow.schema)
    marks = ", ".join(["%s"] * arrow.num_columns)
    rows = list(zip(*(column.to_pylist() for column in arrow.columns), strict=True))
    with connected(server) as connection, connection.cursor() as cursor:
        cursor.execute(f"create table {quoted(TABLE)} ({fields})")
        cursor.executemany(f"insert into {quoted(TABLE)} values ({marks})", rows)
        cursor.execute("create table nans (y text, p text, g text, s numeric)")
        parts = [("a", "1"), ("b", "0.5"), ("b", "NaN"), ("a", "Infinity"), ("a", "0")]
        for i, (group, score) in enumerate(parts):
            cursor.execute("insert into nans values (%s, 'n', %s, %s)", ("ny"[i % 2], group, score))
    return Source(server, TABLE)


@pytest.fixture(scope="module")
def spark_source(duckdb_source, tmp_path_factory):
    folder = tmp_path_factory.mktemp("spark warehouse")
    options = {
        "spark.master": "local[1]",
        "spark.sql.shuffle.partitions": 1,
        "spark.ui.enabled": "false",
        # Else Spark takes the address of a network card, where its own processes may not meet.
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
    }
    url = f"pyspark://{quote(str(folder))}?{urlencode(options)}"
    connection, close = _connected(url)
    try:
        session = connection._session
        assert session.conf.get("spark.sql.warehouse.dir").endswith(folder.name)
        session.read.parquet(duckdb_source.location).createOrReplaceTempView("Odd_Table")
        yield Source(url, "Odd_Table")
    finally:
        close()


SEX = 'sEx "of" ü'
CASES = {
    "decisions": Roles("Y", "yes", (SEX, "Flag"), prediction="Made It"),
    "weights": Roles("Y", "yes", (SEX, "Flag"), prediction="Made It", weight="W%"),
    "whole weights": Roles("Y", "yes", (SEX,), prediction="Made It", weight="Whole"),
    "scores": Roles("Y", "yes", ("select",), score="Score", threshold=0.3, weight="W%"),
    "scores beside decisions": Roles("Y", "no", ("Flag",), prediction="Made It", score="Score"),
    "scores beyond [0, 1]": Roles("0/1", "1", ("select",), score="Short", threshold=0.7),
    "decimals": Roles("0/1", "1", ("Cents",), score="Parts", threshold=0.5),
    "edges": Roles(
        "0/1",
        "1",
        ("Age", "Height"),
        score="Score",
        threshold=0.5,
        edges=(("Age", (30.0, 60.0)), ("Height", (1.75,))),
    ),
    "dates as labels": Roles("day`s", "2024-02-29", ("Flag",), score="Score", threshold=0.5),
    "dates as groups": Roles("Y", "yes", ("day`s",), prediction="Made It"),
    "quartiles": Roles("0/1", "0", ("Age",), score="Score", threshold=0.5),
    "long numbers": Roles("Y", "yes", ("Long",), prediction="Made It"),
    "no edges, infinities": Roles("Y", "yes", ("Height", "Flag"), prediction="Made It"),
}
REFUSED = {"dates as groups", "dates as labels"}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("engine", ["duckdb", "postgres", "spark"])
def test_every_engine_counts_what_memory_counts(engine, case, arrow, request):
    roles = CASES[case]
    source = request.getfixturevalue(f"{engine}_source")
    if case in REFUSED:
        with pytest.raises(InputError) as theirs:
            in_memory(arrow, roles)
        with pytest.raises(InputError) as ours:
            count_in_engine(source, roles)
        assert str(ours.value) == str(theirs.value)
        return
    theirs, data = in_memory(arrow, roles)
    counted = count_in_engine(source, roles)
    ours = engine_fairness_json(counted)
    bins, scoring = ours.pop("score_bins", None), ours.pop("scoring", None)
    assert (bins is None) == (scoring is None) == (roles.score is None)
    if roles.score is not None:
        alike(scoring, scoring_in_memory(data))
        # Scores are counted in bins there, so that their means are not defined, with the reason.
        for part in (ours, *ours["by_attribute"].values()):
            assert "not defined" in str(part.pop("mean_differences"))
    # Scores that differ within a bin are few here; the bound on what that does is stated.
    assert roles.score is None or bins["roc_auc_error_at_most"] < 0.001
    alike(ours, theirs)
    assert counted.roles.edges == data.roles.edges
    assert int(counted.cube.count.sum()) == len(data.target)


@pytest.mark.parametrize("case", sorted(set(CASES) - REFUSED))
@pytest.mark.parametrize("engine", ["postgres", "spark"])
def test_every_engine_gives_the_cells_of_duckdb(engine, case, duckdb_source, request):
    roles = CASES[case]
    first = count_in_engine(duckdb_source, roles)
    other = count_in_engine(request.getfixturevalue(f"{engine}_source"), roles)
    assert other.cube.groups == first.cube.groups
    np.testing.assert_array_equal(other.cube.count, first.cube.count)
    np.testing.assert_allclose(other.cube.weight, first.cube.weight, rtol=1e-12)
    assert sorted((r.what, r.count, r.column) for r in other.repairs) == sorted(
        (r.what, r.count, r.column) for r in first.repairs
    )
    if first.scores is not None:
        np.testing.assert_array_equal(other.scores.edges, first.scores.edges)
        np.testing.assert_array_equal(other.scores.count, first.scores.count)
        np.testing.assert_array_equal(other.scores.single, first.scores.single)
        np.testing.assert_allclose(
            other.scores.score_weight, first.scores.score_weight, rtol=1e-12, atol=1e-12
        )


def test_nan_and_infinity_of_postgres_numeric_are_left_out(postgres_source):
    roles = Roles("y", "y", ("g",), score="s", threshold=0.5)
    counted = count_in_engine(Source(postgres_source.location, "nans"), roles)
    assert int(counted.cube.count.sum()) == 3
    assert ("Infinite values were read as missing.", 1) in [
        (r.what, r.count) for r in counted.repairs
    ]


def test_names_of_tables_keep_their_capital_letters_in_postgres(postgres_source):
    with pytest.raises(InputError, match="no table of that name"):
        count_in_engine(Source(postgres_source.location, TABLE.lower()), CASES["decisions"])
