"""A real tracking server on loopback keeps what is logged of an audit: ``make test-servers``."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

from core.reporting.mlflow_record import mlflow_record
from core.reporting.model_card import card_file, render_card
from tests.core.external_models.test_real_servers import free_ports, wait_for
from tests.core.reporting.audits import predictions, trained
from tests.core.reporting.test_model_card import complete

pytestmark = pytest.mark.servers
# MLflow's client comes from the same place as the server: it is no dependency of the tests.
ASKED = """
import sys, sysconfig
sys.path.append(sys.argv[1])
from core.__main__ import main
sys.exit(main(sys.argv[2:]))
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    place = Path(os.environ["EQUIPOISE_TEST_SERVERS"]).resolve() / "mlflow"
    folder = tmp_path_factory.mktemp("mlflow")
    (port,) = free_ports(1)
    words = ["server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    words += ["--backend-store-uri", f"sqlite:///{folder / 'runs.db'}"]
    words += ["--artifacts-destination", str(folder / "artifacts")]
    settings = {
        "PATH": f"{place / 'bin'}:{os.environ['PATH']}", "MLFLOW_DISABLE_TELEMETRY": "true",
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
    }  # fmt: skip
    process = subprocess.Popen(
        [str(place / "bin" / "mlflow"), *words], cwd=folder, env={**os.environ, **settings},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        wait_for(f"http://127.0.0.1:{port}/health")
        (packages,) = (place / "lib").glob("python*/site-packages")
        yield f"http://127.0.0.1:{port}", packages
    finally:
        process.terminate()
        process.wait(20)


def logged(server: tuple[str, Path], folder: Path, experiment: str) -> str:
    address, packages = server
    words = ["log-mlflow", str(folder), "--experiment", experiment, "--tracking-uri", address]
    done = subprocess.run(
        [sys.executable, "-c", ASKED, str(packages), *words],
        capture_output=True, text=True, timeout=200,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def asked(address: str, path: str, **query: str) -> dict:
    with urllib.request.urlopen(f"{address}{path}?{urlencode(query)}", timeout=60) as answer:
        return json.load(answer)


@pytest.mark.parametrize("audit", [trained(), predictions()], ids=["trained", "predictions"])
def test_a_real_server_keeps_the_run_as_it_was_logged(audit, server, tmp_path):
    audit = complete(audit)
    audit["dataset"]["name"] = "<b>Kredite</b> · ≥ 2026"
    (tmp_path / "audit.json").write_text(json.dumps(audit))
    run = logged(server, tmp_path, "Audits · 2026")
    found = asked(server[0], "/api/2.0/mlflow/runs/get", run_id=run)["run"]
    record = mlflow_record(audit)
    held = {part: found["data"].get(part, []) for part in ("metrics", "params", "tags")}
    assert {m["key"]: m["value"] for m in held["metrics"]} == record.metrics
    assert {p["key"]: p["value"] for p in held["params"]} == record.params
    tags = {t["key"]: t["value"] for t in held["tags"]}
    assert {
        key: value for key, value in tags.items() if not key.startswith("mlflow.")
    } == record.tags
    assert found["info"]["status"] == "FINISHED"
    assert found["info"]["run_name"] == record.name
    files = asked(server[0], "/api/2.0/mlflow/artifacts/list", run_id=run)["files"]
    card = card_file(audit)
    assert {file["path"] for file in files} == {
        "audit.json", "report.html", "metric_names.json", card,
    }  # fmt: skip
    query = urlencode({"run_id": run, "path": card})
    with urllib.request.urlopen(f"{server[0]}/get-artifact?{query}", timeout=60) as answer:
        assert answer.read().decode() == render_card(audit)
