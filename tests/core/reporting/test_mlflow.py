"""What MLflow is given of an audit: names that it takes, figures that are defined, reasons else."""

from __future__ import annotations

import copy
import json
import posixpath
import re
import subprocess
import sys
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.__main__ import main
from core.errors import InputError
from core.reporting import mlflow_logging
from core.reporting.mlflow_logging import AT_ONCE, log_to_mlflow
from core.reporting.mlflow_record import LONGEST_TEXT, mlflow_record, safe_names
from core.reporting.report import render
from tests.core.reporting.audits import predictions, trained
from tests.core.reporting.test_model_card import complete

BOTH = pytest.mark.parametrize("audit", [trained(), predictions()], ids=["trained", "predictions"])
# MLflow 3.17's own rules on every system (validate_param_and_metric_name, path_not_unique).
NAME = re.compile(r"[/\w.\- ]*")


def taken(name: str) -> bool:
    return bool(NAME.fullmatch(name)) and posixpath.normpath(name) == name and len(name) <= 250


@BOTH
def test_names_are_taken_and_figures_are_those_of_the_audit(audit):
    record = mlflow_record(audit)
    for part in (record.metrics, record.params, record.tags):
        assert part
        assert all(map(taken, part))
    assert all(isinstance(value, str) for value in [*record.params.values(), *record.tags.values()])
    assert record.metrics["performance/accuracy"] == audit["performance"]["accuracy"]
    for severity in ("high", "medium", "low", "info"):
        count = sum(item["severity"] == severity for item in audit["findings"])
        assert record.metrics[f"findings/{severity}"] == count
    assert record.tags["equipoise.data.sha256"] == audit["dataset"]["sha256"]
    assert not {f"undefined/{key}" for key in record.metrics} & set(record.tags)


def test_gaps_and_rates_of_groups_stand_under_readable_names():
    audit = trained()
    metrics = mlflow_record(audit).metrics
    together = audit["fairness"]["disparities"]["demographic_parity_ratio"]
    assert metrics["fairness/sex x age/demographic_parity_ratio"] == together["estimate"]
    assert metrics["fairness/sex x age/demographic_parity_ratio_low"] == together["low"]
    alone = audit["fairness"]["by_attribute"]["sex"]["by_group"][0]
    name = next(iter(alone["group"].values()))
    assert metrics[f"fairness/sex/{name}/selection_rate"] == alone["selection_rate"]


def test_what_is_undefined_is_a_tag_with_its_reason_and_never_a_metric():
    audit = copy.deepcopy(trained())
    audit["performance"]["roc_auc"] = None
    audit["performance"]["undefined"] = {"roc_auc": "all scores are the same"}
    audit["privacy"] = {"epsilon": None}
    record = mlflow_record(audit)
    assert record.tags["undefined/performance/roc_auc"] == "all scores are the same"
    assert record.tags["undefined/privacy/epsilon"] == "no privacy guarantee"
    assert record.tags["undefined/privacy/epsilon_spent"] == "no charge is recorded"
    gap = "fairness/sex x age/equalized_odds_difference"
    assert record.tags[f"undefined/{gap}"].startswith("the true positive rate of male")
    for key in ("performance/roc_auc", "privacy/epsilon", "privacy/epsilon_spent", gap):
        assert key not in record.metrics
    assert "performance/roc_auc_low" not in record.metrics


@pytest.mark.parametrize("large", [1, 2])
def test_gaps_are_logged_where_two_groups_are_large_enough(large):
    audit = copy.deepcopy(predictions())
    groups = audit["fairness"]["by_group"]
    for position, group in enumerate(groups):
        group["too_small"] = None if position < large else "Only 9 rows."
    record = mlflow_record(audit)
    by = " x ".join(audit["fairness"]["attributes"])
    key = f"fairness/{by}/demographic_parity_difference"
    assert (key in record.metrics) == (large == 2)
    assert (f"undefined/{key}" in record.tags) == (large == 1)
    assert list(record.tags.values()).count("Only 9 rows.") >= len(groups) - large


def test_a_model_without_a_file_says_so_and_a_file_has_its_hash():
    audit = copy.deepcopy(trained())
    assert (
        mlflow_record(audit).tags["undefined/equipoise.model.sha256"].startswith("it was trained")
    )
    audit["external_model"] = {"sha256": "ab" * 32}
    assert mlflow_record(audit).tags["equipoise.model.sha256"] == "ab" * 32


def test_policy_verdict_or_that_there_is_none():
    audit = copy.deepcopy(trained())
    audit["policy"] = None
    assert mlflow_record(audit).tags["equipoise.policy.verdict"].startswith("not judged")
    audit["policy"] = {"name": "p", "version": "1", "sha256": "cd", "verdict": "not met"}
    assert mlflow_record(audit).tags["equipoise.policy.verdict"] == "not met"


def test_long_texts_are_cut_and_say_so():
    audit = copy.deepcopy(trained())
    audit["plan"]["roles"]["features"] = [f"column {n}" for n in range(5000)]
    value = mlflow_record(audit).params["plan.roles.features"]
    assert len(value) == LONGEST_TEXT
    assert value.endswith("audit.json has all of it)")


@given(st.lists(st.text(max_size=120), unique=True, max_size=6))
def test_safe_names_are_taken_and_differ(texts):
    names = safe_names(texts)
    assert list(names) == texts
    assert all(taken(name) and "/" not in name for name in names.values())
    assert len({name.lower() for name in names.values()}) == len(texts)


def test_alike_names_get_a_hash_and_others_stay():
    names = safe_names(["F", "f", "é", "e", "age ≥ 25", "m"])
    assert names["m"] == "m"
    assert names["age ≥ 25"] == "age ge 25"
    assert re.fullmatch(r"F-[0-9a-f]{8}", names["F"])
    assert re.fullmatch(r"e-[0-9a-f]{8}", names["e"])


class RefusedError(Exception):
    pass


class Client:
    """A tracking server in memory."""

    def __init__(self, tracking_uri: str):
        self.uri, self.run = tracking_uri, {"params": {}, "tags": {}, "metrics": {}, "texts": {}}
        self.stage, self.made, self.ended = "active", [], None
        self.fails = False

    def get_experiment_by_name(self, name):
        known = name in ("known", "gone")
        stage = "deleted" if name == "gone" else "active"
        return SimpleNamespace(experiment_id="7", lifecycle_stage=stage) if known else None

    def create_experiment(self, name):
        self.made.append(name)
        return "8"

    def create_run(self, experiment, run_name):
        self.run |= {"experiment": experiment, "name": run_name}
        return SimpleNamespace(info=SimpleNamespace(run_id="r1"))

    def log_batch(self, run, metrics, params, tags):
        assert max(len(metrics), len(params), len(tags)) <= AT_ONCE
        self.run["metrics"] |= {m.key: m.value for m in metrics}
        self.run["params"] |= {p.key: p.value for p in params}
        self.run["tags"] |= {t.key: t.value for t in tags}

    def log_text(self, run, text, name):
        if self.fails:
            raise RefusedError("no room")
        self.run["texts"][name] = text

    def set_terminated(self, run, status):
        self.ended = status


@pytest.fixture
def client(monkeypatch):
    made = Client("")

    def connect(tracking_uri):
        made.uri = tracking_uri
        return made

    entities = SimpleNamespace(
        Metric=lambda key, value, timestamp, step: SimpleNamespace(key=key, value=value),
        Param=lambda key, value: SimpleNamespace(key=key, value=value),
        RunTag=lambda key, value: SimpleNamespace(key=key, value=value),
    )
    library = SimpleNamespace(
        MlflowClient=connect, entities=entities,
        exceptions=SimpleNamespace(MlflowException=RefusedError),
        is_tracking_uri_set=lambda: False, get_tracking_uri=lambda: "",
    )  # fmt: skip
    monkeypatch.setattr(mlflow_logging, "import_module", lambda name: library)
    return made


@BOTH
def test_a_run_holds_figures_plan_report_json_and_card(audit, client):
    audit = complete(audit)
    assert log_to_mlflow(audit, "new", "http://localhost:5000") == "r1"
    record = mlflow_record(audit)
    assert client.made == ["new"]
    assert client.uri == "http://localhost:5000"
    assert client.run["metrics"] == record.metrics
    assert client.run["params"] == record.params
    assert client.run["tags"] == record.tags
    texts = client.run["texts"]
    card = "model_card.md" if audit["plan"].get("learner") else "decision_card.md"
    assert set(texts) == {"audit.json", "report.html", card, "metric_names.json"}
    assert json.loads(texts["audit.json"]) == json.loads(json.dumps(audit))
    assert texts["report.html"] == render(audit)
    assert client.ended == "FINISHED"


def test_an_experiment_that_is_there_is_used(client):
    log_to_mlflow(trained(), "known", "http://localhost:5000")
    assert client.made == []
    assert client.run["experiment"] == "7"


def test_a_run_that_breaks_off_is_failed_and_told(client):
    client.fails = True
    with pytest.raises(InputError, match="MLflow did not take it: no room"):
        log_to_mlflow(trained(), "known", "http://localhost:5000")
    assert client.ended == "FAILED"


@pytest.mark.parametrize(
    ("experiment", "address", "told"),
    [
        ("gone", "http://localhost:5000", "was deleted"),
        (" ", "http://localhost:5000", "it is empty"),
        ("known", None, "no tracking server is named"),
        ("known", "http://me:secret@localhost:5000", "a user or a password"),
        ("known", "http://[", "no address"),
    ],
)
def test_what_cannot_be_logged_gets_a_sentence(experiment, address, told, client):
    with pytest.raises(InputError, match=told) as refused:
        log_to_mlflow(trained(), experiment, address)
    assert "secret" not in str(refused.value)
    assert client.ended is None


def test_without_the_package_there_is_a_sentence(monkeypatch, tmp_path, capsys):
    def absent(name):
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(mlflow_logging, "import_module", absent)
    (tmp_path / "audit.json").write_text(json.dumps(complete(trained())))
    assert main(["log-mlflow", str(tmp_path), "--experiment", "x"]) == 2
    assert "equipoise[mlflow]" in capsys.readouterr().err


def test_the_command_prints_the_run(client, tmp_path, capsys):
    (tmp_path / "audit.json").write_text(json.dumps(complete(trained())))
    words = ["log-mlflow", str(tmp_path), "--experiment", "x", "--tracking-uri", "http://h:1"]
    assert main(words) == 0
    assert capsys.readouterr().out == "r1\n"


def test_settings_of_mlflow_are_left_as_they_were(client, monkeypatch):
    monkeypatch.delenv("MLFLOW_DISABLE_TELEMETRY", raising=False)
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "7")
    seen = {}
    monkeypatch.setattr(client, "set_terminated", lambda *a: seen.update(mlflow_logging.os.environ))
    log_to_mlflow(trained(), "known", "http://localhost:5000")
    assert seen["MLFLOW_DISABLE_TELEMETRY"] == "true"
    assert seen["MLFLOW_HTTP_REQUEST_TIMEOUT"] == "7"
    assert "MLFLOW_DISABLE_TELEMETRY" not in mlflow_logging.os.environ


def test_mlflow_is_not_imported_before_it_is_asked_for():
    asked = (
        "import sys, core.reporting.mlflow_logging, equipoise._result\n"
        "sys.exit('mlflow' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", asked], timeout=120).returncode == 0
