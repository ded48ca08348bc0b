"""An audit is logged to MLflow: a run with its figures, its plan, and report, JSON and card."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from core.errors import InputError
from core.reporting.mlflow_record import MlflowRecord, mlflow_record
from core.reporting.model_card import card_file, render_card
from core.reporting.report import render, to_json

PACKAGE = "mlflow-skinny"
# MLflow's own waiting is four minutes for a server that isn't there; and importing it reports to
# its makers that it is used. Whoever sets these differently is heard.
SETTINGS = {
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "30",
    "MLFLOW_DISABLE_TELEMETRY": "true",
}
AT_ONCE = 100
"""Parameters and tags of a request; of metrics MLflow takes more."""


def log_to_mlflow(
    audit: Mapping[str, Any], experiment: str, tracking_uri: str | None = None
) -> str:
    """Log an audit as a run of its own.

    Parameters
    ----------
    audit : mapping
        The content of audit.json, which goes there whole.
    experiment : str
        Name; it is made where there is none.
    tracking_uri : str, optional
        Address of the tracking server; else what MLflow is set to, as by ``MLFLOW_TRACKING_URI``.

    Returns
    -------
    str
        The run's id.

    Raises
    ------
    InputError
        If MLflow isn't installed, no server is named, or it does not take the run.
    """
    record = mlflow_record(audit)
    texts = {
        "audit.json": to_json(audit),
        "report.html": render(audit),
        card_file(audit): render_card(audit),
        "metric_names.json": json.dumps(record.names, indent=2) + "\n",
    }
    if not experiment.strip():
        raise InputError("it is empty", where="experiment", remedy="Give the experiment a name")
    with _settings():
        mlflow = _library()
        address = _address(mlflow, tracking_uri)
        try:
            return _logged(mlflow, address, experiment, record, texts)
        except ImportError as error:
            raise InputError(
                f"MLflow needs another package for such an address ({error})",
                where=address,
                remedy="Name a tracking server, http://host:port, or install the package",
            ) from None
        except (mlflow.exceptions.MlflowException, OSError) as error:
            raise InputError(
                f"MLflow did not take it: {' '.join(str(error).split())[:300]}",
                where=address,
                remedy="Check the address, that the server runs, and who you are to it "
                "(MLFLOW_TRACKING_USERNAME, MLFLOW_TRACKING_TOKEN)",
            ) from None


@contextmanager
def _settings() -> Iterator[None]:
    absent = {name: value for name, value in SETTINGS.items() if name not in os.environ}
    os.environ.update(absent)
    try:
        yield
    finally:
        for name in absent:
            os.environ.pop(name, None)


def _library() -> Any:
    try:
        for module in ("mlflow.entities", "mlflow.exceptions"):
            import_module(module)
        return import_module("mlflow")
    except ImportError:
        raise InputError(
            "MLflow isn't installed here",
            where="mlflow",
            remedy=f'Install equipoise[mlflow], or {PACKAGE}: pip install "equipoise[mlflow]"',
        ) from None


def _address(mlflow: Any, given: str | None) -> str:
    if given is None:
        if not mlflow.is_tracking_uri_set():
            raise InputError(
                "no tracking server is named",
                where="--tracking-uri",
                remedy="Name one, such as http://localhost:5000, or set MLFLOW_TRACKING_URI",
            )
        given = str(mlflow.get_tracking_uri())
    try:
        parts = urlsplit(given)
        named = parts.username is not None or parts.password is not None
    except ValueError:
        raise InputError("it is no address", where=f"--tracking-uri {given!r}") from None
    # A database's address holds its password, and is nobody's but the one who runs it.
    if named and parts.scheme in ("http", "https"):
        raise InputError(
            "it holds a user or a password, which would be shown wherever the address is",
            where="--tracking-uri",
            remedy="Leave them out, and set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD",
        )
    return given


def _logged(
    mlflow: Any, address: str, experiment: str, record: MlflowRecord, texts: Mapping[str, str]
) -> str:
    client, entities = mlflow.MlflowClient(tracking_uri=address), mlflow.entities
    found = client.get_experiment_by_name(experiment)
    if found is not None and found.lifecycle_stage == "deleted":
        raise InputError(
            "the experiment was deleted",
            where=f"experiment {experiment!r}",
            remedy="Restore it in MLflow, or name another",
        )
    known = client.create_experiment(experiment) if found is None else found.experiment_id
    run = str(client.create_run(known, run_name=record.name).info.run_id)
    ended = "FAILED"
    try:
        now = int(time.time() * 1000)
        metrics = [entities.Metric(key, value, now, 0) for key, value in record.metrics.items()]
        params = [entities.Param(key, value) for key, value in record.params.items()]
        tags = [entities.RunTag(key, value) for key, value in record.tags.items()]
        longest = max(len(metrics), len(params), len(tags))
        for start in range(0, longest, AT_ONCE):
            part = slice(start, start + AT_ONCE)
            client.log_batch(run, metrics=metrics[part], params=params[part], tags=tags[part])
        for name, text in texts.items():
            client.log_text(run, text, name)
        ended = "FINISHED"
    finally:
        client.set_terminated(run, ended)
    return run
