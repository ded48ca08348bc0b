"""Real servers of both protocols on loopback answer as the model that they serve.

They need packages of their own: ``make test-servers`` puts them into a place of theirs.
"""

from __future__ import annotations

import os
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.data.samples import load_sample
from core.external_models.served.connection import ServedSpec
from core.external_models.served.served_model import open_served

pytestmark = pytest.mark.servers
COLUMNS = ["duration_months", "credit_amount", "age", "housing", "sex"]
MADE = """
import sys, json, joblib, pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
frame = pd.read_csv("table.csv")
X, y = frame.drop(columns="credit_risk"), frame["credit_risk"]
told = make_column_transformer(
    (OneHotEncoder(), ["housing", "sex"]), (StandardScaler(), list(X.columns[:3]))
)
model = make_pipeline(told, LogisticRegression(max_iter=2000)).fit(X, y)
pd.DataFrame(model.predict_proba(X)).to_csv("answers.csv", index=False)
if sys.argv[1] == "mlflow":
    import mlflow
    signature = mlflow.models.infer_signature(X, model.predict_proba(X))
    mlflow.sklearn.save_model(
        model, "model", signature=signature, pyfunc_predict_fn="predict_proba",
        serialization_format="cloudpickle",
    )
else:
    joblib.dump(model, "model.joblib")
    settings = {"name": "credit", "implementation": "mlserver_sklearn.SKLearnModel",
                "parameters": {"uri": "./model.joblib"}}
    json.dump(settings, open("model-settings.json", "w"))
    ports = dict(zip(["http_port", "grpc_port", "metrics_port"], map(int, sys.argv[2:])))
    json.dump({"host": "127.0.0.1", "parallel_workers": 0, **ports}, open("settings.json", "w"))
"""


def free_ports(count: int) -> list[int]:
    taken = [socket.socket() for _ in range(count)]
    for each in taken:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in taken]
    for each in taken:
        each.close()
    return ports


@pytest.fixture(params=["mlflow", "mlserver"])
def served(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, Path]]:
    place = Path(os.environ["EQUIPOISE_TEST_SERVERS"]).resolve() / request.param / "bin"
    frame = load_sample("german_credit").frame
    frame[[*COLUMNS, "credit_risk"]].to_csv(tmp_path / "table.csv", index=False)
    ports = free_ports(3)
    made = [str(place / "python"), "-c", MADE, request.param, *map(str, ports)]
    subprocess.run(made, cwd=tmp_path, check=True, capture_output=True, timeout=200)
    if request.param == "mlflow":
        words = ["models", "serve", "-m", "model", "--env-manager", "local", "-h", "127.0.0.1",
                 "-p", str(ports[0]), "-w", "1"]  # fmt: skip
        address, ready = f"http://127.0.0.1:{ports[0]}", "/ping"
    else:
        words, ready = ["start", "."], ""
        address = f"http://127.0.0.1:{ports[0]}/v2/models/credit"
    path = f"{place}:{os.environ['PATH']}"
    process = subprocess.Popen(
        [str(place / request.param), *words], cwd=tmp_path, env={**os.environ, "PATH": path},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        wait_for(address + ready)
        yield address, tmp_path
    finally:
        process.terminate()
        process.wait(20)


def wait_for(address: str) -> None:
    for _ in range(240):
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except OSError:
            time.sleep(0.5)
    raise TimeoutError(address)


def test_a_real_server_answers_as_the_model_that_it_serves(served: tuple[str, Path]) -> None:
    address, folder = served
    frame = pd.read_csv(folder / "table.csv")
    features = frame[COLUMNS].copy()
    for name in COLUMNS[:3]:
        features[name] = features[name].astype(float)
    features[COLUMNS[3:]] = features[COLUMNS[3:]].astype(object)
    model = open_served(
        ServedSpec(address, batch=300), features, "good", {name: name for name in COLUMNS}
    )  # fmt: skip
    found = model.score({name: features[name].to_numpy() for name in COLUMNS})
    wanted = pd.read_csv(folder / "answers.csv").to_numpy()
    assert np.abs(found - wanted).max() < 1e-12
    assert model.facts.output == "probability"
    assert model.cache.calls <= 1 + 4
