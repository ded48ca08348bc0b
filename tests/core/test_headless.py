"""The command line end to end: files in, files out, exit statuses."""

from __future__ import annotations

import json
import math
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.__main__ import main
from core.cli.audit_budget import ledger_of_options
from core.cli.audit_roles import load_table
from core.cli.parser import parser
from core.data.samples import FOLDER, SAMPLES
from core.privacy.guidance.guarantee import RAW_FIGURES
from tests.core.worlds import frame


def ran(*words: str) -> int:
    return main(list(words))


def no_nan(value: Any) -> None:
    if isinstance(value, dict):
        for item in value.values():
            no_nan(item)
    elif isinstance(value, list):
        for item in value:
            no_nan(item)
    elif isinstance(value, float):
        assert math.isfinite(value)


@pytest.fixture
def world(tmp_path: Path) -> Path:
    path = tmp_path / "world.csv"
    frame(600).to_csv(path, index=False)
    return path


def audited(out: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((out / "audit.json").read_text())
    no_nan(found)
    return found


def test_an_audit_of_a_file_holds_everything_that_is_promised(world: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert (
        ran(
            "audit", "--data", str(world), "--target", "paid", "--favourable", "yes",
            "--sensitive", "sex", "--explain", "2", "--out", str(out),
        )
        == 0
    )  # fmt: skip
    found = audited(out)
    assert set(found) == {
        "equipoise", "plan", "dataset", "performance", "privacy", "fairness", "explanations",
        "tradeoffs", "findings", "attack", "mitigation", "checks", "verdicts", "policy",
        "bias_audit", "external_model", "what_if",
    }  # fmt: skip
    assert 0.5 < found["performance"]["roc_auc"] <= 1
    assert found["privacy"]["epsilon"] is None
    assert found["privacy"]["ledger"] == []
    assert {tuple(g["group"].items()) for g in found["fairness"]["by_group"]} == {
        (("sex", "f"),),
        (("sex", "m"),),
    }
    assert {"estimate", "low", "high"} <= set(
        found["fairness"]["disparities"]["equalized_odds_difference"]
    )
    assert len(found["explanations"]["local"]) == 2
    for person in found["explanations"]["local"]:
        values = {v["feature"]: v["contribution"] for v in person["shap"]["values"]}
        assert {r["feature"] for r in person["reasons"]["for"]} == {
            name for name, value in values.items() if value > 0
        }
        for reason in (*person["reasons"]["for"], *person["reasons"]["against"]):
            assert reason["contribution"] == values[reason["feature"]]
            assert reason["code"] in ("R01", "R02", "R03")
        changed = person["what_would_change_it"]
        assert changed["found"] or changed["reason"]
        for one in changed["found"]:
            assert one["positive"] == (person["decision"] == "not yes") == (one["score"] >= 0.5)
    assert found["dataset"]["rows"] == 600
    html = (out / "report.html").read_text()
    assert found["dataset"]["fingerprint"] in html
    assert "http://" not in html.split("<body")[0]


def test_the_command_that_the_report_names_repeats_the_audit(world: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    assert (
        ran(
            "audit", "--data", str(world), "--target", "paid", "--favourable", "yes",
            "--sensitive", "sex,age", "--learner", "gradient_boosting", "--mitigation",
            "threshold_optimizer", "--mitigate-for", "sex", "--seed", "7", "--explain", "1",
            "--edges", "age=30,60", "--split", "lots", "--identifier", "city", "--out", str(first),
        )
        == 0
    )  # fmt: skip
    import shlex

    words = shlex.split(audited(first)["plan"]["command"])
    assert words[:3] == ["python", "-m", "core"]
    words[words.index("--out") + 1] = str(second)
    assert ran(*words[3:]) == 0
    one, two = audited(first), audited(second)
    for part in ("performance", "fairness", "explanations", "findings"):
        assert one[part] == two[part]
    assert one["plan"]["roles"] == two["plan"]["roles"]


def test_a_private_audit_states_its_guarantee_and_its_charge(world: Path, tmp_path: Path) -> None:
    bounds = tmp_path / "bounds.json"
    bounds.write_text(
        json.dumps({"income": [0, 10], "age": [0, 100], "city": ["north", "south", "east"]})
    )
    out = tmp_path / "out"
    assert (
        ran(
            "audit", "--data", str(world), "--target", "paid", "--favourable", "yes",
            "--sensitive", "sex", "--epsilon", "2", "--delta", "1e-5", "--bounds", str(bounds),
            "--explain", "0", "--out", str(out),
        )
        == 0
    )  # fmt: skip
    privacy = audited(out)["privacy"]
    assert (privacy["epsilon"], privacy["delta"]) == (2.0, 1e-5)
    assert (privacy["unit"], privacy["neighbouring"]) == ("row", "add-or-remove")
    (charge,) = privacy["ledger"]
    assert (charge["epsilon"], charge["delta"]) == (2.0, 1e-5)
    assert privacy["noise"] == "fresh"
    assert audited(out)["performance"]["baseline"]["learner"] == "gradient_boosting"
    # What rests on raw rows is named beside the promise, and labelled where it stands.
    assert set(RAW_FIGURES) <= set(privacy["leaves_out"])
    for part, label in privacy["coverage"].items():
        within = audited(out)
        for name in part.split("."):
            assert name in within
            within = within[name]
        assert (label["status"] == "covered") == (part == "privacy.releases")
    labelled = {part.split(".")[0] for part in privacy["coverage"]}
    assert set(audited(out)) - labelled == {"equipoise"}


def test_without_declared_bounds_they_are_paid_for(world: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert (
        ran(
            "audit", "--data", str(world), "--target", "paid", "--favourable", "yes",
            "--sensitive", "sex", "--epsilon", "8", "--explain", "0", "--out", str(out),
        )
        == 0
    )  # fmt: skip
    found = audited(out)
    assert found["privacy"]["epsilon"] == 8.0
    assert [charge["epsilon"] for charge in found["privacy"]["ledger"]] == [0.8, 7.2]
    assert "PRIV-02" in {finding["code"] for finding in found["findings"]}


def test_bounds_that_tell_nothing_stop_the_plan_and_its_remedy_works(
    world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    parts = [
        "audit", "--data", str(world), "--target", "paid", "--favourable", "yes",
        "--sensitive", "sex", "--explain", "0", "--out", str(out),
    ]  # fmt: skip
    # Asked twice, it stops twice, and is charged once.
    for _ in range(2):
        assert ran(*parts, "--epsilon", "1") == 2
        output = capsys.readouterr().err
        assert "the other ε = 0.9 was not charged" in output
    columns, left = (
        re.findall(r"'(\w+)'", output.split("core: ")[1].split(":")[0]),
        re.search(r"at most ε = (\S+) and δ = (\S+),", output),
    )
    assert left is not None
    public = {"income": [0, 10], "age": [0, 100], "city": ["north", "south", "east"]}
    assert set(columns) == set(public)
    bounds = tmp_path / "bounds.json"
    bounds.write_text(json.dumps({name: public[name] for name in columns}))
    epsilon, delta = left.groups()
    assert ran(*parts, "--epsilon", epsilon, "--delta", delta, "--bounds", str(bounds)) == 0
    ledger = audited(out)["privacy"]["ledger"]
    assert [charge["epsilon"] for charge in ledger] == [0.1, 0.9]
    assert sum(charge["delta"] for charge in ledger) == pytest.approx(1e-6)


def test_a_file_that_is_a_sample_to_the_byte_gets_its_dictionary(tmp_path: Path) -> None:
    copy = tmp_path / "renamed.csv"
    copy.write_bytes((FOLDER / "german_credit.csv").read_bytes())
    out = tmp_path / "out"
    assert (
        ran(
            "audit", "--data", str(copy), "--target", "credit_risk", "--favourable", "good",
            "--sensitive", "sex", "--epsilon", "1", "--explain", "0", "--out", str(out),
        )
        == 0
    )  # fmt: skip
    assert "declared bounds only" in audited(out)["privacy"]["covers"][1]


def test_published_compas_rates_come_out(tmp_path: Path) -> None:
    out = tmp_path / "fairness.json"
    assert (
        ran(
            "fairness", "--predictions", str(FOLDER / "compas.csv.gz"), "--label",
            "two_year_recid", "--score", "decile_score", "--threshold", "5", "--favourable", "1",
            "--adverse", "--sensitive", "race", "--out", str(out),
        )
        == 0
    )  # fmt: skip
    rates = {g["group"]["race"]: g for g in json.loads(out.read_text())["by_group"]}
    for race, false_positive, false_negative in (
        ("African-American", 0.4485, 0.2799),
        ("Caucasian", 0.2345, 0.4772),
    ):
        assert round(rates[race]["false_positive_rate"], 4) == false_positive
        assert round(rates[race]["false_negative_rate"], 4) == false_negative


def test_the_compas_sample_is_audited_without_training(tmp_path: Path) -> None:
    assert ran("audit", "--data", "compas", "--out", str(tmp_path)) == 0
    found = audited(tmp_path)
    assert found["plan"]["learner"] is None
    assert found["explanations"]["reason"]
    by_race = found["fairness"]["by_attribute"]["race"]["by_group"]
    rates = {g["group"]["race"]: g["false_positive_rate"] for g in by_race}
    assert round(rates["African-American"], 4) == 0.4485


def test_adult_base_rates_come_out(tmp_path: Path) -> None:
    assert ran("audit", "--data", "adult", "--explain", "0", "--out", str(tmp_path)) == 0
    rates = audited(tmp_path)["dataset"]["base_rate"]
    assert round(rates["overall"], 4) == 0.2393
    by_sex = {g["group"]["sex"]: g["base_rate"] for g in rates["by_attribute"]["sex"]}
    assert round(by_sex["Male"], 4) == 0.3038
    assert round(by_sex["Female"], 4) == 0.1093


@pytest.mark.parametrize(
    "labels", [("no", "yes"), ("1", "2"), ("false", "true"), ("0", "2"), ("a b", "c,d")]
)
def test_figures_do_not_depend_on_how_labels_are_spelt(
    labels: tuple[str, str], tmp_path: Path
) -> None:
    rng = np.random.default_rng(0)
    y, p = rng.integers(0, 2, 300), rng.integers(0, 2, 300)
    group = rng.choice(["x", "y"], 300)

    def figures(negative: str, positive: str) -> dict[str, Any]:
        path, out = tmp_path / f"{positive}.csv", tmp_path / f"{positive}.json"
        spelt = np.array([negative, positive], dtype=object)
        pd.DataFrame({"y": spelt[y], "p": spelt[p], "g": group}).to_csv(path, index=False)
        code = ran(
            "fairness", "--predictions", str(path), "--label", "y", "--prediction", "p",
            "--favourable", positive, "--sensitive", "g", "--out", str(out),
        )  # fmt: skip
        assert code == 0
        found: dict[str, Any] = json.loads(out.read_text())
        return found

    assert figures(*labels) == figures("0", "1")


def test_rows_of_persons_are_counted_by_person_from_the_command_line(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    who = np.repeat(np.arange(120), 8)
    lean, group = rng.normal(size=120)[who], rng.choice(["x", "y"], 120)[who]
    decided = (lean + 0.3 * rng.normal(size=960) > 0).astype(int)
    rows = pd.DataFrame({"i": who, "g": group, "p": decided, "y": rng.integers(0, 2, 960)})
    path, single = tmp_path / "rows.csv", tmp_path / "persons.csv"
    rows.to_csv(path, index=False)
    rows.groupby("i").head(1).to_csv(single, index=False)

    def gap(file: Path, *words: str) -> tuple[dict[str, Any], float]:
        out = tmp_path / "found.json"
        code = ran(
            "fairness", "--predictions", str(file), "--label", "y", "--prediction", "p",
            "--favourable", "1", "--sensitive", "g", "--out", str(out), *words,
        )  # fmt: skip
        assert code == 0
        found: dict[str, Any] = json.loads(out.read_text())
        figure = found["disparities"]["demographic_parity_difference"]
        return found, figure["high"] - figure["low"]

    by_rows, narrow = gap(path)
    by_persons, wide = gap(path, "--identifier", "i")
    _, once = gap(single)
    assert (by_rows["intervals_count"], by_persons["intervals_count"]) == ("rows", "persons")
    assert sum(g["persons"] for g in by_persons["by_group"]) == 120
    assert narrow < 0.6 * wide
    assert 0.7 * once < wide < 1.1 * once
    code = ran(
        "fairness", "--predictions", str(path), "--label", "y", "--prediction", "p",
        "--favourable", "1", "--sensitive", "g", "--identifier", "nobody", "--out", "o",
    )  # fmt: skip
    assert code != 0
    for kind, figure in (("--multiclass", "accuracy"), ("--regression", "mean_error")):
        widths = []
        for words in ((), ("--identifier", "i")):
            out = tmp_path / "found.json"
            code = ran(
                "fairness", "--predictions", str(path), "--label", "y", "--prediction", "p", kind,
                "--sensitive", "g", "--out", str(out), *words,
            )  # fmt: skip
            assert code == 0
            overall = json.loads(out.read_text())["overall"]
            assert overall.get("persons") == (120 if words else None)
            low, high = overall["intervals"][figure]
            widths.append(high - low)
        assert widths[1] > 1.1 * widths[0], kind


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["audit", "--data", "nowhere.csv", "--out", "x"], "nowhere.csv"),
        (["audit", "--out", "x"], "--data"),
        (["audit", "--data", "german_credit", "--target", "sexx", "--favourable", "a",
          "--sensitive", "sex", "--out", "x"], "sexx"),
        (["audit", "--data", "german_credit", "--favourable", "excellent", "--out", "x"],
         "excellent"),
        (["audit", "--data", "german_credit", "--sensitive", "gender", "--out", "x"], "gender"),
        (["audit", "--data", "german_credit", "--learner", "oracle", "--out", "x"], "oracle"),
        (["audit", "--data", "german_credit", "--mitigation", "magic", "--out", "x"], "magic"),
        (["audit", "--data", "german_credit", "--epsilon", "-1", "--out", "x"], "epsilon = -1"),
        (["audit", "--data", "german_credit", "--epsilon", "x", "--out", "x"], "--epsilon"),
        (["audit", "--data", "german_credit", "--epsilon", "1", "--delta", "2", "--out", "x"],
         "delta = 2"),
        (["audit", "--data", "german_credit", "--seed", "-1", "--out", "x"], "seed = -1"),
        (["audit", "--data", "german_credit", "--bounds", "none.json", "--epsilon", "1",
          "--out", "x"], "none.json"),
        (["audit", "--data", "german_credit", "--edges", "age=b", "--out", "x"], "age=b"),
        (["audit", "--data", "compas", "--favourable", "0", "--out", "x"], "--favourable"),
        (["audit", "--data", "compas", "--learner", "random_forest", "--out", "x"],
         "random_forest"),
        (["audit", "--data", "compas", "--mitigation", "reweighing", "--out", "x"],
         "--mitigation"),
        (["audit", "--data", "compas", "--bounds", "b.json", "--out", "x"], "--bounds"),
        (["audit", "--data", "german_credit", "--delta", "0.5", "--out", "x"], "--delta"),
        (["audit", "--data", "german_credit", "--kind", "age=colour", "--out", "x"],
         "age=colour"),
        (["audit", "--data", "german_credit", "--features", "agee", "--out", "x"], "agee"),
        (["audit", "--data", "german_credit", "--seed", "5000000000", "--out", "x"],
         "5000000000"),
        (["fairness", "--predictions", "x", "--label", "a", "--favourable", "1", "--sensitive",
          "g", "--out", "y"], "--prediction and --score"),
        (["fairness", "--predictions", "x", "--label", "a", "--prediction", "b", "--sensitive",
          "g", "--out", "y"], "--favourable"),
        (["fairness", "--predictions", "x", "--label", "a", "--prediction", "b", "--favourable",
          "1", "--sensitive", "g", "--loss-bound", "1", "--out", "y"], "--loss-bound"),
        (["fairness", "--predictions", "x", "--label", "a", "--prediction", "b", "--favourable",
          "1", "--sensitive", "g", "--reference", "best", "--out", "y"], "--against best"),
        (["fairness", "--predictions", "x*", "--label", "a", "--prediction", "b", "--favourable",
          "1", "--sensitive", "g", "--control", "c", "--out", "y"], "--control"),
        (["fairness", "--predictions", "x*", "--label", "a", "--prediction", "b", "--favourable",
          "1", "--sensitive", "g", "--identifier", "i", "--out", "y"], "an engine counts rows"),
        (["fairness", "--predictions", "x*", "--label", "a", "--prediction", "b", "--multiclass",
          "--sensitive", "g", "--out", "y"], "fits in memory"),
        (["fairness", "--predictions", "x", "--label", "a", "--multiclass", "--sensitive", "g",
          "--out", "y"], "--prediction"),
        *[
            (["fairness", "--predictions", "x", "--label", "a", "--prediction", "b", kind,
              "--sensitive", "g", "--out", "y", *words], f"{words[0]}: {kind} has no use")
            for kind, words in (
                ("--multiclass", ["--loss-bound", "1"]),
                ("--multiclass", ["--score", "s"]),
                ("--multiclass", ["--adverse"]),
                ("--regression", ["--favourable", "1"]),
                ("--regression", ["--against", "best"]),
                ("--regression", ["--reference", "g"]),
                ("--regression", ["--control", "c"]),
                ("--regression", ["--threshold", "1"]),
            )
        ],
        (["fairness", "--predictions", "x", "--label", "a", "--multiclass", "--regression",
          "--sensitive", "g", "--out", "y"], "not allowed with"),
        (["nothing"], "nothing"),
        ([], "command"),
    ],
)  # fmt: skip
def test_bad_input_is_one_line_and_exit_status_two(
    words: list[str], says: str, capsys: pytest.CaptureFixture[str], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    assert ran(*words) == 2
    out, err = capsys.readouterr()
    assert out == ""
    lines = [line for line in err.splitlines() if "%" not in line[:5]]
    assert len(lines) == 1
    assert says in lines[0]
    assert "Traceback" not in err


def test_scores_given_as_decisions_are_refused_with_the_way_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "scores.csv"
    pd.DataFrame({"y": [0, 1] * 20, "p": np.linspace(0, 1, 40), "g": ["a", "b"] * 20}).to_csv(path)
    code = ran(
        "fairness", "--predictions", str(path), "--label", "y", "--prediction", "p",
        "--favourable", "1", "--sensitive", "g", "--out", str(tmp_path / "o.json"),
    )  # fmt: skip
    assert code == 2
    assert "score" in capsys.readouterr().err


def test_an_output_that_cannot_be_written_is_named(
    world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    assert ran("audit", "--data", "compas", "--out", str(blocked / "inside")) == 2
    assert str(blocked) in capsys.readouterr().err


@pytest.mark.parametrize("kind", ["learners", "mitigations", "metrics", "samples"])
def test_lists_are_a_name_a_tab_and_a_sentence(
    kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ran(kind) == 0
    lines = capsys.readouterr().out.splitlines()
    names = [line.split("\t")[0] for line in lines]
    assert len(set(names)) == len(names) >= 4
    assert all(line.count("\t") == 1 and line.split("\t")[1].endswith(".") for line in lines)
    if kind == "samples":
        assert names == list(SAMPLES.names())


def test_a_reader_that_stops_early_sees_no_traceback() -> None:
    command = f"{sys.executable} -m core learners | head -1"
    done = subprocess.run(
        command, shell=True, capture_output=True, text=True, check=True, timeout=120,
        cwd=Path(__file__).resolve().parents[2], env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    assert done.stdout.startswith("logistic_regression\t")
    assert not done.stderr


def test_the_list_of_commands_waits_for_no_library() -> None:
    code = (
        "import sys; from core.cli.parser import parser; parser().format_help(); "
        "print([name for name in ('sklearn', 'scipy', 'pandas') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120,
        cwd=Path(__file__).resolve().parents[2],
    )  # fmt: skip
    assert done.stdout.strip() == "[]"


def test_it_runs_as_a_module(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "core", "audit", "--data", str(tmp_path / "no.csv"), "--out", "x"],
        capture_output=True, text=True, check=False, timeout=120,
        cwd=Path(__file__).resolve().parents[2],
    )  # fmt: skip
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_name_with_commas_can_be_quoted_and_an_ambiguous_list_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, out = tmp_path / "commas.csv", tmp_path / "o.json"
    rng = np.random.default_rng(0)
    pd.DataFrame(
        {
            "y": rng.integers(0, 2, 80),
            "p": rng.integers(0, 2, 80),
            "g,h": rng.choice(["a", "b"], 80),
            "g": rng.choice(["c", "d"], 80),
            "h": rng.choice(["e", "f"], 80),
        }
    ).to_csv(path, index=False)

    def fairness(sensitive: str) -> int:
        return ran(
            "fairness", "--predictions", str(path), "--label", "y", "--prediction", "p",
            "--favourable", "1", "--sensitive", sensitive, "--out", str(out),
        )  # fmt: skip

    assert fairness("g,h") == 2
    assert "one column and also a list" in capsys.readouterr().err
    assert fairness('"g,h",g') == 0
    assert json.loads(out.read_text())["attributes"] == ["g,h", "g"]
    assert fairness('"g","h"') == 0
    assert json.loads(out.read_text())["attributes"] == ["g", "h"]


def test_declared_bounds_are_written_down_and_used_again(world: Path, tmp_path: Path) -> None:
    bounds, out = tmp_path / "b.json", tmp_path / "out"
    fields = {"income": [0, 10], "age": [0, 100], "city": ["north", "south", "east"]}
    bounds.write_text(json.dumps(fields))
    code = ran(
        "audit", "--data", str(world), "--target", "paid", "--favourable", "yes", "--sensitive",
        "sex", "--epsilon", "2", "--bounds", str(bounds), "--explain", "0", "--out", str(out),
    )  # fmt: skip
    assert code == 0
    assert json.loads((out / "bounds.json").read_text()) == fields
    found = audited(out)
    assert found["plan"]["bounds"] == fields
    assert "--bounds bounds.json" in found["plan"]["command"]
    assert found["privacy"]["domains"]["origin"] == "declared"
    assert "spends the same ε again" in (out / "report.html").read_text()


def test_a_delta_of_one_over_the_rows_is_a_finding(world: Path, tmp_path: Path) -> None:
    code = ran(
        "audit", "--data", str(world), "--target", "paid", "--favourable", "yes", "--sensitive",
        "sex", "--epsilon", "2", "--delta", "0.5", "--explain", "0", "--out", str(tmp_path),
    )  # fmt: skip
    assert code == 0
    (finding,) = [f for f in audited(tmp_path)["findings"] if f["code"] == "PRIV-03"]
    assert finding["severity"] == "high"


def test_an_encoding_and_a_kind_can_be_told(tmp_path: Path) -> None:
    path = tmp_path / "latin.csv"
    data = frame(400).rename(columns={"city": "café"})
    path.write_bytes(data.to_csv(index=False, sep=";").encode("latin-1"))
    out, again = tmp_path / "a", tmp_path / "b"
    code = ran(
        "audit", "--data", str(path), "--encoding", "latin-1", "--delimiter", ";", "--kind",
        "age=category", "--target", "paid", "--favourable", "yes", "--sensitive", "sex",
        "--explain", "0", "--out", str(out),
    )  # fmt: skip
    assert code == 0
    kinds = {c["name"]: c["kind"] for c in audited(out)["dataset"]["columns"]}
    assert kinds["age"] == "category"
    assert kinds["café"] == "category"
    import shlex

    words = shlex.split(audited(out)["plan"]["command"])
    words[words.index("--out") + 1] = str(again)
    assert ran(*words[3:]) == 0
    assert audited(out)["fairness"] == audited(again)["fairness"]
    assert audited(out)["dataset"]["fingerprint"] == audited(again)["dataset"]["fingerprint"]


@pytest.fixture
def grades(tmp_path: Path) -> Path:
    """Second-period grades, predicted by those of the first: amounts, and classes of them."""
    students = pd.read_csv(FOLDER / "student_performance.csv")
    for name, source in (("band", "G2"), ("predicted_band", "G1")):
        cut = pd.cut(students[source], [-1, 9, 13, 20], labels=["fail", "pass", "good"])
        students[name] = cut.astype(str)
    students.loc[:4, "predicted_band"] = None
    path = tmp_path / "grades.csv"
    students.to_csv(path, index=False)
    return path


def test_any_number_of_classes_needs_no_favourable_label(
    grades: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "o.json"
    words = (
        "fairness", "--predictions", str(grades), "--label", "band", "--prediction",
        "predicted_band", "--multiclass", "--sensitive", "sex,address", "--out", str(out),
    )  # fmt: skip
    assert ran(*words) == 0
    assert "Rows without a prediction were left out. (5)" in capsys.readouterr().err
    found = json.loads(out.read_text())
    no_nan(found)
    rows = pd.read_csv(grades).dropna(subset="predicted_band")
    correct = (rows["band"] == rows["predicted_band"]).mean()
    assert found["overall"]["accuracy"] == pytest.approx(correct)
    assert found["classes"] == ["fail", "good", "pass"]
    by_sex = {g["group"]["sex"]: g for g in found["by_attribute"]["sex"]["by_group"]}
    women = rows[rows["sex"] == "F"]
    recall = [(part["predicted_band"] == name).mean() for name, part in women.groupby("band")]
    assert by_sex["F"]["macro_recall"] == pytest.approx(np.mean(recall))
    assert ran(*words, "--favourable", "good,pass") == 0
    assert ran(*words, "--favourable", "great") == 2
    assert "great: no row has this class" in capsys.readouterr().err


def test_amounts_are_assessed_and_judged_by_a_bound(
    grades: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "o.json"
    words = (
        "fairness", "--predictions", str(grades), "--label", "G2", "--regression", "--sensitive",
        "sex", "--weight", "age", "--loss-bound", "2", "--out", str(out), "--prediction",
    )  # fmt: skip
    assert ran(*words, "G1") == 0
    found = json.loads(out.read_text())
    no_nan(found)
    rows = pd.read_csv(grades)
    error = np.average((rows["G1"] - rows["G2"]).abs(), weights=rows["age"])
    assert found["overall"]["mean_absolute_error"] == pytest.approx(error)
    assert found["bounded_group_loss"]["verdict"] == "within"
    assert ran(*words, "band") == 2
    assert "it holds category values, not numbers" in capsys.readouterr().err
    assert ran(*words, "G2") == 2
    assert "two meanings" in capsys.readouterr().err


def test_groups_are_compared_with_a_reference_and_among_people_alike(tmp_path: Path) -> None:
    out = tmp_path / "o.json"
    words = (
        "fairness", "--predictions", str(FOLDER / "compas.csv.gz"), "--label", "two_year_recid",
        "--score", "decile_score", "--threshold", "5", "--favourable", "1", "--adverse",
        "--sensitive", "race", "--out", str(out),
    )  # fmt: skip
    assert ran(*words, "--reference", "Caucasian", "--control", "age_cat") == 0
    found = json.loads(out.read_text())
    no_nan(found)
    gaps = {g["group"]: g for g in found["reference"]["metrics"]["false_positive_rate"]}
    assert round(gaps["African-American"]["difference"]["estimate"], 3) == 0.214
    assert found["control"]["columns"] == ["age_cat"]
    assert set(found["control"]["metrics"]) == {
        "selection_rate", "true_positive_rate", "false_positive_rate"
    }  # fmt: skip
    assert ran(*words, "--against", "best") == 0
    found = json.loads(out.read_text())
    assert found["reference"]["against"] == "best"
    assert found["by_attribute"]["race"]["reference"]["metrics"]["accuracy"]
    assert "prevalence" in found["reference"]["not_compared"]
    assert ran(*words, "--reference", "Nobody") == 2
    assert ran(*words, "--control", "race") == 2
    assert ran(*words, "--control", "") == 2
    assert ran(*words, "--control", "rac") == 2


def test_a_second_private_run_on_the_same_data_is_refused_until_the_cap_is_raised(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = [
        "audit", "--data", "german_credit", "--learner", "dp_logistic_regression", "--epsilon",
        "1", "--explain", "0", "--out", str(tmp_path / "out"),
    ]  # fmt: skip
    assert main(command) == 0
    assert "the privacy budget of this data set is set to ε = 1" in capsys.readouterr().err
    # The same rows from a file are the same data set.
    copy = tmp_path / "copy.csv"
    copy.write_bytes(next(Path("data").glob("german_credit*.csv")).read_bytes())
    again = [*command[:2], str(copy), *command[3:], "--target", "x"][:-2]
    for attempt in (command, again):
        assert main(attempt) == 2
        assert "already spent are ε = 1" in capsys.readouterr().err
    assert main([*command, "--cap", "2"]) == 2
    assert "needs a reason" in capsys.readouterr().err
    assert main([*command, "--reason", "said in vain"]) == 2
    assert "--reason: no --cap is given" in capsys.readouterr().err
    assert main([*command, "--cap", "2,x"]) == 2
    assert "--cap 2,x" in capsys.readouterr().err
    assert main([*command, "--cap", "2", "--reason", "a second look was agreed"]) == 0
    found = json.loads((tmp_path / "out" / "audit.json").read_text())
    assert [c["epsilon"] for c in found["privacy"]["ledger"]] == [1.0, 1.0]


@pytest.mark.parametrize(
    ("file", "option"),
    [
        ("t.csv", ["--sheet", "one"]),
        ("t.parquet", ["--delimiter", ";"]),
        ("t.xlsx", ["--encoding", "latin-1"]),
        ("german_credit", ["--kind", "age=category"]),
        ("german_credit", ["--encoding", "latin-1"]),
    ],
)
def test_a_way_to_read_that_a_file_has_no_use_for_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], file: str, option: list[str]
) -> None:
    command = ["audit", "--data", file, "--target", "y", "--out", str(tmp_path), *option]
    assert main(command) == 2
    output = capsys.readouterr().err
    assert f"{option[0]}:" in output
    assert "would be ignored" in output
    assert output.count("\n") == 1


def test_corrected_kinds_give_no_second_budget(tmp_path: Path) -> None:
    data = tmp_path / "t.csv"
    data.write_text("member,a,y\n" + "yes,1,0\nno,2,1\n" * 20)
    found = []
    for kinds in ([], ["--kind", "member=boolean"], ["--kind", "a=category"]):
        options = parser().parse_args(
            ["audit", "--data", str(data), "--out", str(tmp_path / "out"), *kinds]
        )
        table, _ = load_table(options)
        ledger_of_options(table, 1.0, 0.0, options, tmp_path)
        found.append([path.name for path in (tmp_path / "ledgers").iterdir()])
    assert [len(names) for names in found] == [1, 1, 1]


def test_a_cap_without_a_private_learner_would_be_ignored(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["audit", "--data", "german_credit", "--cap", "2", "--out", str(tmp_path)]
    assert main(command) == 2
    assert "--cap" in capsys.readouterr().err


def test_a_refused_private_run_leaves_no_cap_behind(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    private = [
        "audit", "--data", "german_credit", "--learner", "dp_logistic_regression", "--explain",
        "0", "--out", str(tmp_path),
    ]  # fmt: skip
    assert main([*private, "--epsilon", "10", "--mitigation", "reweighing"]) == 2
    assert main([*private, "--epsilon", "1"]) == 0
    assert "is set to ε = 1," in capsys.readouterr().err
    assert main([*private, "--epsilon", "1"]) == 2
