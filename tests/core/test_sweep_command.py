"""``python -m core sweep``: what it writes, what it spends, and what it refuses."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from core.__main__ import main
from core.cli.sweep import compose_points
from core.cli.sweep_grid import parse_grid
from core.cli.sweep_plan import read_plan
from core.data.identity import identity
from core.data.reading.reading import read_path
from core.errors import InputError
from core.ledger.ledgers import cap_of, charges_of
from core.mitigation import MITIGATIONS
from core.privacy.accounting.budget import Budget
from core.privacy.accounting.ledger import Ledger
from core.reporting.frontier_charts import frontier
from core.reporting.frontier_page import frontier_html
from core.storage.workspace import default_root
from core.tradeoff.frontier.frontier_json import frontier_json
from core.tradeoff.sweep import evaluate
from core.tradeoff.sweep.executors import Here
from core.tradeoff.sweep.grid import Grid, RunSpec, Setting
from core.tradeoff.sweep.grid_json import flat
from core.tradeoff.sweep.point import Estimate, SweepPoint
from core.tradeoff.sweep.point_store import PointStore, opened_store
from core.tradeoff.sweep.runs import settings, why_not
from core.tradeoff.sweep.sweep import sweep
from tests.core.worlds import DOMAINS, dataset, frame

SWEEP = """
learners = ["logistic_regression", "dp_binned_regression"]
epsilons = ["inf", 2, 0.5]
mitigations = ["none", "threshold_optimizer", { name = "reweighing", strength = 0.5 }]
split_seeds = [0, 1]
noise_seeds = [0, 1]
"""
FEW = """
learners = ["logistic_regression", "dp_binned_regression"]
epsilons = ["inf", 1]
split_seeds = [0]
noise_seeds = [0, 1]
"""
BOUNDS = {"income": [0, 10], "age": [0, 100], "city": ["north", "south", "east"]}
PUBLIC = 'kind = "public"\ndeclared_by = "Ada"\nbecause = "the world is made up"'


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("world")
    frame(400).to_csv(folder / "world.csv", index=False)
    fields = {**BOUNDS, "sex": ["f", "m"]}
    (folder / "bounds.json").write_text(json.dumps(fields))
    return folder


def data_of(world: Path) -> str:
    return (
        f'data = "{world / "world.csv"}"\ntarget = "paid"\nfavourable = "yes"\n'
        f'sensitive = "sex"\nbounds = "{world / "bounds.json"}"\n'
    )


def planned(folder: Path, data: str, sweep: str = FEW, basis: str = PUBLIC) -> str:
    path = folder / "plan.toml"
    path.write_text(f"[data]\n{data}\n[sweep]\n{sweep}\n[basis]\n{basis}\n", encoding="utf-8")
    return str(path)


def swept(plan: str, out: Path, *words: str) -> int:
    jobs = () if words else ("--jobs", "1")
    return main(["sweep", plan, "--out", str(out), *jobs, *(w for w in words if w != "no jobs")])


def frontier_of(out: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((out / "frontier.json").read_text())
    return found


def refused(capsys: pytest.CaptureFixture[str], *says: str) -> None:
    captured = capsys.readouterr()
    lines = [line for line in captured.err.splitlines() if line.startswith("python -m core: ")]
    assert len(lines) == 1
    assert captured.err.splitlines()[-1] == lines[0]
    assert "Traceback" not in captured.err
    for text in says:
        assert text in lines[0]


@pytest.fixture(scope="module")
def done(world: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("done")
    assert swept(planned(folder, data_of(world), SWEEP), folder / "out") == 0
    return folder


def test_points_are_one_row_for_each_run_and_those_that_are_kept(done: Path) -> None:
    table = pd.read_parquet(done / "out" / "points.parquet")
    points = list(opened_store(done / "out" / "points.jsonl"))
    # Ordinary: three mitigations at two splits. Private: none alone, ε × splits × noise seeds.
    assert len(table) == len(points) == 3 * 2 + 2 * 2 * 2
    columns = ["learner", "epsilon", "mitigation", "strength", "split_seed", "noise_seed"]
    assert not table.duplicated(columns).any()
    kept = pd.DataFrame([flat(point) for point in points])
    assert sorted(table.columns) == sorted(kept.columns)
    order = [frame.sort_values(columns).reset_index(drop=True) for frame in (table, kept)]
    pd.testing.assert_frame_equal(
        order[0], order[1][order[0].columns], check_dtype=False, check_exact=True
    )
    assert table["charged_epsilon"].isna().all()
    plain = table[table["epsilon"].isna()]
    assert plain["roc_auc"].between(0.7, 1).all()


def test_every_setting_of_the_plan_is_told_or_left_out(done: Path) -> None:
    found = frontier_of(done / "out")
    # Each learner has each mitigation: once without privacy, or at each ε.
    assert len(found["settings"]) + sum(item["count"] for item in found["left_out"]) == 3 + 2 * 3
    assert all(item["reason"] for item in found["left_out"])
    assert found["runs"] == 14
    assert found["failed"] == []
    assert "declared public" in found["label"]
    settings = {
        (s["learner"], s["epsilon"], s["mitigation"], s["strength"]) for s in found["settings"]
    }
    assert len(settings) == len(found["settings"]) == 5
    assert ("logistic_regression", None, "reweighing", 0.5) in settings
    for item in found["front"]:
        assert item["sentence"]
    table = pd.read_parquet(done / "out" / "points.parquet")
    for setting in found["settings"]:
        own = table[
            (table["learner"] == setting["learner"])
            & (table["mitigation"] == setting["mitigation"])
            & (
                table["epsilon"].isna()
                if setting["epsilon"] is None
                else table["epsilon"] == setting["epsilon"]
            )
        ]
        # A mean over splits of means over noise seeds; both are balanced here.
        assert setting["performance"]["mean"] == pytest.approx(own["roc_auc"].mean())
        assert setting["performance"]["runs"] == len(own)


def test_again_nothing_is_trained_and_the_same_is_found(
    done: Path, world: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = frontier_of(done / "out")
    monkeypatch.setattr(evaluate, "train", lambda *a, **k: pytest.fail("something was trained"))
    assert swept(planned(done, data_of(world), SWEEP), done / "out") == 0
    assert frontier_of(done / "out") == before
    # A smaller plan in the same folder finds its runs there.
    assert swept(planned(done, data_of(world), FEW.replace("1]", "2]", 1)), done / "out") == 0
    assert frontier_of(done / "out")["runs"] == 1 + 2
    assert swept(planned(done, data_of(world), SWEEP), done / "out") == 0


def test_two_processes_find_what_one_finds(world: Path, tmp_path: Path) -> None:
    plan = planned(tmp_path, data_of(world))
    assert swept(plan, tmp_path / "one") == 0
    assert swept(plan, tmp_path / "two", "--jobs", "2") == 0
    assert frontier_of(tmp_path / "one") == frontier_of(tmp_path / "two")
    one, two = (pd.read_parquet(tmp_path / n / "points.parquet") for n in ("one", "two"))
    pd.testing.assert_frame_equal(one.drop(columns="seconds"), two.drop(columns="seconds"))


def test_a_sample_needs_nothing_but_its_name(tmp_path: Path) -> None:
    plan = planned(
        tmp_path,
        'data = "german_credit"',
        'learners = ["logistic_regression"]\nattributes = ["sex", ["sex", "age"]]\n'
        'performance = "accuracy"\nunfairness = "demographic_parity_difference"',
    )
    assert swept(plan, tmp_path / "out") == 0
    found = frontier_of(tmp_path / "out")
    assert found["axes"]["performance"]["name"] == "accuracy"
    assert found["axes"]["unfairness"]["name"] == "demographic_parity_difference by sex"
    assert found["plan"]["attributes"] == [["sex"], ["sex", "age"]]


@pytest.mark.parametrize("kind", ["public_sample", "synthetic", "stand_in", "made_up"])
def test_a_basis_that_looks_at_no_row_of_the_data(kind: str, world: Path, tmp_path: Path) -> None:
    basis = f'kind = "{kind}"\nrows = 300' + (
        '\nsample = "german_credit"' if kind in ("public_sample", "stand_in") else ""
    )
    founds = []
    # Other rows of the same columns: nothing of them may show.
    for number, rows in enumerate((world / "world.csv", tmp_path / "other.csv")):
        if number:
            frame(350, seed=9).to_csv(rows, index=False)
        folder = tmp_path / str(number)
        folder.mkdir()
        data = data_of(world).replace(str(world / "world.csv"), str(rows))
        assert swept(planned(folder, data, basis=basis), folder / "out") == 0
        founds.append(frontier_of(folder / "out"))
    assert founds[0] == founds[1]
    assert "not on the rows of this audit" in founds[0]["label"]
    assert ("german_credit" in founds[0]["label"]) == (kind in ("public_sample", "stand_in"))
    assert founds[0]["settings"]


SPEND = 'kind = "spend"\ncap = "{}"'


def test_rows_that_a_budget_protects_are_not_simulated_on(
    world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = planned(tmp_path, data_of(world), basis='kind = "own"')
    assert swept(own, tmp_path / "before") == 0
    spending = planned(tmp_path, data_of(world), basis=SPEND.format("2,1e-5"))
    assert swept(spending, tmp_path / "spent", "no jobs") == 0
    capsys.readouterr()
    own = planned(tmp_path, data_of(world), basis='kind = "own"')
    assert swept(own, tmp_path / "after") == 2
    assert "a privacy budget protects these rows" in capsys.readouterr().err
    assert not (tmp_path / "after").exists()
    # Whoever says that they are public is told what that means.
    assert swept(planned(tmp_path, data_of(world)), tmp_path / "public") == 0
    assert "a privacy budget was set for these rows" in capsys.readouterr().err


def test_a_private_run_that_fails_before_its_charge_is_a_point_and_after_it_is_finished(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def failing(task):
        raise InputError("no luck", where="training")

    none = MITIGATIONS["none"]
    ledger = Ledger(Budget(3.0, 1e-5))
    grid = Grid(("dp_binned_regression",), (1.0,), (("sex",),), domains=DOMAINS)
    run = RunSpec(Setting("dp_binned_regression", 1.0))
    with monkeypatch.context() as patch:
        patch.setitem(MITIGATIONS._entries, "none", replace(none, fit=failing))
        point = evaluate.evaluate(dataset(300), grid, run, ledger)
        assert "no luck" in (point.reason or "")
        assert point.charged is None
        assert ledger.charges == ()
        patch.setattr("core.training.training.rehearse", lambda *_: None)
        with pytest.raises(InputError, match="no luck"):
            evaluate.evaluate(dataset(300), grid, run, ledger)
        assert ledger.spent().epsilon == 1.0
    point = evaluate.evaluate(dataset(300), grid, run, ledger)
    assert point.reason is None
    assert point.charged == (1.0, 1e-6)
    assert ledger.spent().epsilon == 1.0


def test_what_spends_charges_each_private_run_once(
    world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = identity(read_path(world / "world.csv"))
    out = tmp_path / "out"
    plan = planned(tmp_path, data_of(world), basis=SPEND.format("4,1e-5"))
    assert swept(plan, out, "no jobs") == 0
    charges = charges_of(default_root(), data)
    assert [charge.epsilon for charge in charges] == [1.0, 1.0]
    points = list(opened_store(out / "points.jsonl"))
    assert compose_points(points) == (
        sum(charge.epsilon for charge in charges),
        sum(charge.delta for charge in charges),
    )
    assert {p.run.noise_seed for p in points} == {None}
    assert "fresh noise" in frontier_of(out)["label"]
    assert swept(plan, out, "no jobs") == 0
    assert charges_of(default_root(), data) == charges
    # One more value of ε: only its runs are charged.
    more = FEW.replace('"inf", 1', '"inf", 1, 0.5')
    assert (
        swept(planned(tmp_path, data_of(world), more, SPEND.format("4,1e-5")), out, "no jobs") == 0
    )
    assert [charge.epsilon for charge in charges_of(default_root(), data)] == [1, 1, 0.5, 0.5]


def test_who_declares_rows_public_stands_in_what_is_written(world: Path, tmp_path: Path) -> None:
    basis = f"{PUBLIC}\ndeclared_on = 2026-01-31"
    assert swept(planned(tmp_path, data_of(world), basis=basis), tmp_path / "out") == 0
    text = "declared public by Ada on 2026-01-31 because the world is made up: noise was drawn"
    assert text in frontier_of(tmp_path / "out")["label"]
    assert text in (tmp_path / "out" / "frontier.html").read_text("utf-8")


def test_a_guarantee_to_persons_is_charged_and_told_as_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = frame(500)
    data["patient"] = [f"p{k % 140}" for k in range(500)]
    data.to_csv(tmp_path / "world.csv", index=False)
    (tmp_path / "bounds.json").write_text(json.dumps({**BOUNDS, "sex": ["f", "m"]}))
    sweep_section = FEW + 'person = "patient"\nrows_per_person = 2\n'
    plan = planned(
        tmp_path, data_of(tmp_path) + 'identifier = "patient"\n', sweep_section,
        SPEND.format("4,1e-5"),
    )  # fmt: skip
    assert swept(plan, tmp_path / "out", "no jobs") == 0
    charges = charges_of(default_root(), identity(read_path(tmp_path / "world.csv")))
    assert {charge.unit for charge in charges} == {"person (column 'patient', at most 2 rows)"}
    assert [charge.epsilon for charge in charges] == [1.0, 1.0]
    found = frontier_of(tmp_path / "out")
    assert (found["plan"]["person"], found["plan"]["rows_per_person"]) == ("patient", 2)
    assert "all rows of a person, by column patient, at most 2 rows each" in found["label"]
    assert "single rows" not in found["label"]
    assert "280 of 500 rows are used: at most 2 of each person" in capsys.readouterr().err
    points = pd.read_parquet(tmp_path / "out" / "points.parquet")
    assert len(set(zip(points["train_rows"], points["test_rows"], strict=True))) == 1


def test_a_cap_that_is_too_small_is_refused_before_anything_is_trained(
    world: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(evaluate, "train", lambda *a, **k: pytest.fail("something was trained"))
    plan = planned(tmp_path, data_of(world), basis=SPEND.format("1.5,1e-5"))
    assert swept(plan, tmp_path / "out", "no jobs") == 2
    refused(capsys, "2 private models", "ε = 2", "Nothing was charged")
    data = identity(read_path(world / "world.csv"))
    assert charges_of(default_root(), data) == ()
    assert not (tmp_path / "out" / "frontier.json").exists()


def with_entry(text: str, entry: str) -> str:
    """Replace an entry of a section, or add it."""
    name = entry.partition("=")[0].strip()
    kept = [line for line in text.splitlines() if line.partition("=")[0].strip() != name]
    return "\n".join([*kept, entry])


@pytest.mark.parametrize(
    ("section", "entry", "says"),
    [
        ("sweep", "nothing = 1", ["'nothing' in [sweep]", "learners"]),
        ("data", "nothing = 1", ["'nothing' in [data]"]),
        ("data", 'out = "x"', ["'out' in [data]"]),
        ("basis", "nothing = 1", ["'nothing' in [basis]"]),
        ("sweep", 'epsilons = ["abc"]', ["'abc' in 'epsilons'"]),
        ("sweep", "epsilons = [-1]", ["-1"]),
        ("sweep", "epsilons = [0]", ["0"]),
        ("sweep", "epsilons = [nan]", ["nan"]),
        ("sweep", "epsilons = [-inf]", ["-inf"]),
        ("sweep", "epsilons = [true]", ["True in 'epsilons'"]),
        ("sweep", 'epsilons = [1, "1"]', ["epsilon", "twice"]),
        ("sweep", "epsilons = 1", ["epsilons = 1", "list"]),
        ("sweep", "epsilons = []", ["epsilon"]),
        ("sweep", 'learners = "logistic_regression"', ["learners", "list"]),
        ("sweep", "learners = [1]", ["1 in 'learners'"]),
        ("sweep", "learners = []", ["at least one model"]),
        ("sweep", 'learners = ["nothing"]', ["'nothing'", "logistic_regression"]),
        ("sweep", 'mitigations = ["nothing"]', ["'nothing'"]),
        ("sweep", "mitigations = [{ name = 3 }]", ["in 'mitigations'"]),
        ("sweep", 'mitigations = [{ name = "reweighing", more = 1 }]', ["in 'mitigations'"]),
        ("sweep", 'mitigations = [{ name = "reweighing", strength = "x" }]', ["strength = 'x'"]),
        ("sweep", 'mitigations = [{ name = "reweighing", strength = 2 }]', ["reweighing", "2"]),
        ("sweep", "attributes = []", ["'attributes'"]),
        ("sweep", "attributes = [[]]", ["'attributes'"]),
        ("sweep", 'attributes = [["sex", "sex"]]', ["'attributes'"]),
        ("sweep", "attributes = [[1]]", ["1 in 'attributes'"]),
        ("sweep", 'attributes = ["city"]', ["'city'"]),
        ("sweep", "split_seeds = [-1]", ["seed -1"]),
        ("sweep", 'split_seeds = ["a"]', ["'a' in 'split_seeds'"]),
        ("sweep", "noise_seeds = [1.5]", ["1.5 in 'noise_seeds'"]),
        ("sweep", "noise_seeds = []", ["noise seed"]),
        ("sweep", "ks = [0]", ["k = 0"]),
        ("sweep", "ks = [5]", ["k = 5"]),
        ("sweep", 'quasi = "age"', ["quasi", "list"]),
        ("sweep", 'balancings = ["nothing"]', ["'nothing'"]),
        ("sweep", 'delta = "x"', ["delta = 'x'"]),
        ("sweep", "delta = 2", ["2"]),
        ("sweep", "delta = nan", ["nan"]),
        ("sweep", 'mitigate_for = "city"', ["'city'"]),
        ("sweep", 'person = "city"', ["'person' in [sweep]", "rows_per_person"]),
        ("sweep", "rows_per_person = 2", ["rows_per_person = 2", "no person column"]),
        ("sweep", 'person = "city"\nrows_per_person = 2', ["'city'", "identifier"]),
        ("sweep", 'person = "city"\nrows_per_person = 0', ["rows per person = 0"]),
        ("sweep", 'person = "city"\nrows_per_person = "x"', ["rows per person = 'x'"]),
        ("sweep", 'performance = "nothing"', ["'nothing'"]),
        ("sweep", 'performance = "prevalence"', ["Base rate", "can't be traded off"]),
        ("sweep", 'unfairness = "prevalence_difference"', ["can't be traded off"]),
        ("data", 'data = "nowhere.csv"', ["nowhere.csv"]),
        ("data", 'target = "nothing"', ["nothing"]),
        ("data", "favourable = true", ["favourable = True in [data]"]),
        ("data", "favourable = false", ["favourable = False in [data]"]),
        ("data", 'adverse = "yes"', ["adverse = 'yes' in [data]"]),
        ("data", "sensitive = []", ["sensitive = [] in [data]"]),
        ("data", "target = { a = 1 }", ["target"]),
        ("data", 'bounds = "nowhere.json"', ["nowhere.json"]),
        ("sweep", f"delta = {10**400}", ["'delta'", "too large"]),
        ("sweep", f"epsilons = [{10**400}]", ["'epsilons'", "too large"]),
        ("sweep", f"split_seeds = [0x{'f' * 6000}]", ["'split_seeds'", "too large"]),
        ("sweep", f"ks = [{'1' * 5000}]", ["isn't a TOML file"]),
        ("sweep", f"ks = {'[' * 3000}{']' * 3000}", ["isn't a TOML file"]),
        ("data", 'data = "a\\u0000b"', ["'data'", "NUL"]),
        ("basis", 'kind = "nothing"', ["kind = 'nothing'", "synthetic"]),
        ("basis", "kind = 3", ["kind = 3"]),
        ("basis", 'kind = ["own"]', ["kind = ['own']"]),
        ("basis", 'kind = "public_sample"', ["'sample' in [basis]"]),
        ("basis", 'kind = "public_sample"\nsample = "nothing"', ["'nothing'"]),
        ("basis", 'kind = "public_sample"\nsample = "compas"', ["compas"]),
        ("basis", 'kind = "synthetic"\nrows = 3', ["3 rows"]),
        ("basis", 'kind = "synthetic"\nrows = "many"', ["rows = 'many'"]),
        ("basis", 'kind = "synthetic"\nrows = -5', ["rows = -5"]),
        ("basis", 'kind = "public"\ncap = "1"', ["'cap' in [basis]"]),
        ("basis", 'kind = "public"', ["reason", "declared_by and because in [basis]"]),
        ("basis", 'kind = "public"\nbecause = "open"', ["name", "declared_by and because"]),
        ("basis", 'kind = "public"\ndeclared_by = "Ada"\nbecause = " "', ["reason"]),
        ("basis", 'kind = "public"\ndeclared_by = 3', ["declared_by = 3", "text"]),
        ("basis", PUBLIC.replace("made", 300 * "x"), ["longer than 300 letters"]),
        ("basis", f"{PUBLIC}\ndeclared_on = 3", ["declared_on = 3", "date"]),
        ("basis", 'kind = "own"\ndeclared_by = "Ada"', ["'declared_by' in [basis]"]),
        ("basis", 'kind = "spend"', ["'cap' in [basis]"]),
        ("basis", 'kind = "spend"\ncap = "x"', ["--cap x"]),
        ("basis", 'kind = "spend"\ncap = "nan"', ["nan"]),
        ("basis", 'kind = "spend"\ncap = "-1"', ["-1"]),
        ("basis", 'kind = "spend"\ncap = "1,2,3"', ["1,2,3"]),
    ],
)  # fmt: skip
def test_what_a_plan_gets_wrong_is_named(
    world: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    section: str,
    entry: str,
    says: list[str],
) -> None:
    monkeypatch.setattr(evaluate, "train", lambda *a, **k: pytest.fail("something was trained"))
    sections = {"data": data_of(world), "sweep": FEW, "basis": PUBLIC}
    sections[section] = entry if section == "basis" else with_entry(sections[section], entry)
    assert swept(planned(tmp_path, **sections), tmp_path / "out", "no jobs") == 2
    refused(capsys, *says)
    assert cap_of(default_root(), identity(read_path(world / "world.csv"))) is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[sweep]\nlearners = 1", "[data]"),
        ('[data]\ndata = "x"', "[sweep]"),
        ("[other]\na = 1", "[other]"),
        ("data = 1", "[data]"),
        ("[data", "isn't a TOML file"),
        ('[data]\ndata = "german_credit"\n[sweep]\nlearners = []', "'kind' in [basis]"),
        ('[data]\ntarget = "x"\n[sweep]\n[basis]\nkind = "own"', "--data"),
        (
            '[data]\ndata = "german_credit"\n[sweep]\n[basis]\nkind = "public"',
            "'learners' in [sweep]",
        ),
    ],
)
def test_a_file_that_is_no_plan(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, says: str
) -> None:
    (tmp_path / "plan.toml").write_text(text)
    assert swept(str(tmp_path / "plan.toml"), tmp_path / "out") == 2
    refused(capsys, says)


def test_files_that_cannot_be_read_or_written(
    world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert swept(str(tmp_path / "no.toml"), tmp_path / "out") == 2
    refused(capsys, "no.toml")
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe\x00")
    assert swept(str(tmp_path / "bytes.toml"), tmp_path / "out") == 2
    refused(capsys, "bytes.toml")
    assert swept(str(tmp_path), tmp_path / "out") == 2
    refused(capsys, str(tmp_path))
    (tmp_path / "file").write_text("")
    assert swept(planned(tmp_path, data_of(world)), tmp_path / "file") == 2
    refused(capsys, "--out")


@pytest.mark.parametrize(
    ("basis", "words", "says"),
    [
        (PUBLIC, ["--jobs", "0"], "jobs = 0"),
        (PUBLIC, ["--jobs", "-2"], "-2"),
        (PUBLIC, ["--jobs", "x"], "--jobs"),
        (PUBLIC, ["--cluster", "nonsense"], "'nonsense'"),
        (PUBLIC, ["--cluster", "tcp://:8786"], "'tcp://:8786'"),
        (PUBLIC, ["--cluster", "http://host:1"], "'http://host:1'"),
        (PUBLIC, ["--cluster", "tcp://host:1", "--jobs", "1"], "--jobs"),
        (SPEND.format("4,1e-5"), ["--jobs", "1"], "--jobs"),
        (SPEND.format("4,1e-5"), ["--cluster", "tcp://host:1"], "--cluster"),
    ],
)
def test_where_it_runs_is_checked(
    world: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    basis: str,
    words: list[str],
    says: str,
) -> None:
    plan = planned(tmp_path, data_of(world), basis=basis)
    assert swept(plan, tmp_path / "out", *words) == 2
    refused(capsys, says)
    assert charges_of(default_root(), identity(read_path(world / "world.csv"))) == ()


class Loads(HTMLParser):
    """What a page would load or run."""

    def __init__(self, html: str):
        super().__init__()
        self.found: list[str] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "link", "img", "iframe", "object", "embed", "b-evil"):
            self.found.append(tag)
        self.found += [f"{k}={v}" for k, v in attrs if k in ("src", "href", "onload", "srcset")]

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_holds_the_label_and_loads_nothing(done: Path) -> None:
    html = (done / "out" / "frontier.html").read_text()
    page, found = Loads(html), frontier_of(done / "out")
    assert page.found == []
    assert found["label"] in page.text
    assert "world.csv" in page.text
    assert not re.search(r"url\(|@import", html)
    assert "<svg" in html
    for item in found["front"]:
        assert item["sentence"] in page.text
    for item in found["left_out"]:
        assert item["reason"] in page.text
    for setting in found["settings"]:
        assert setting["words"] in page.text


def test_text_of_people_is_escaped(done: Path) -> None:
    evil = '<b-evil onload="x()">&\x00'
    found = frontier_of(done / "out") | {"label": evil, "data": evil}
    found["axes"]["performance"]["title"] = evil
    found["settings"][0]["words"] = evil
    found["left_out"] = [{"reason": evil, "count": 1}]
    page = Loads(frontier_html(found))
    assert page.found == []
    assert page.text.count('<b-evil onload="x()">&') >= 4


ROWS = dataset(300)
ONE = Grid(("logistic_regression",), (None,), (("sex",),), split_seeds=(0,), noise_seeds=(0,))


def points_of(grid: Grid) -> tuple[Any, ...]:
    *_, last = sweep(ROWS, grid, PointStore(), Here())
    return last.points


def test_a_chart_of_a_single_setting_of_a_single_run() -> None:
    found = frontier_json(points_of(ONE), ONE, "label")
    chart = frontier(found)
    assert chart is not None
    assert len(chart.rows) == 1
    assert "Of 1 settings 1 are on the Pareto front" in chart.title
    assert "0 of 0 others" in chart.title
    assert "NaN" not in str(chart.svg)
    assert "nan" not in str(chart.svg)


def test_what_is_not_known_is_not_called_told_apart() -> None:
    # One run of each without standard errors: no interval, so nothing can be said of ties.
    grid = Grid(("logistic_regression", "decision_tree"), (None,), (("sex",),), split_seeds=(0,))
    points = [
        replace(point, figures={n: Estimate(f.value) for n, f in point.figures.items()})
        for point in points_of(grid)
    ]
    chart = frontier(frontier_json(points, grid, "label"))
    assert chart is not None
    assert "0 of 1 others do not differ significantly from it, of 1 that isn't known" in chart.title


def test_undefined_figures_are_in_the_table_with_their_reason() -> None:
    grid = Grid(("logistic_regression", "decision_tree"), (None,), (("sex",),), split_seeds=(0, 1))
    points = list(points_of(grid))
    name = "equalized_odds_difference by sex"
    best = max(points, key=lambda p: p.value("roc_auc")).run.setting
    gone = {name: Estimate(None, reason="no women")}
    broken = [
        replace(p, figures={**p.figures, **gone}) if p.run.setting == best else p for p in points
    ]
    found = frontier_json(broken, grid, "label")
    json.dumps(found, allow_nan=False)
    states = {s["learner"]: s for s in found["settings"]}
    assert states[best.learner]["status"] == "undefined"
    assert "no women" in states[best.learner]["unfairness"]["reason"]
    chart = frontier(found)
    assert chart is not None
    assert len(chart.rows) == 2
    assert any("not defined: " in cell for row in chart.rows for cell in row)
    # The best of all isn't drawn, and ties with it say nothing of the best that is.
    assert "told apart" not in chart.title
    none = frontier_json([SweepPoint(p.run, reason="it failed") for p in points], grid, "label")
    assert frontier(none) is None
    assert none["failed"] == [{"reason": "it failed", "count": 4}]
    assert frontier_html(none | {"data": "x"})


def chosen(*values: Any) -> st.SearchStrategy[list[Any]]:
    return st.lists(st.sampled_from(values), min_size=1, unique=True)


@given(
    chosen("logistic_regression", "dp_naive_bayes", "decision_tree"),
    chosen("inf", 0.5, 1, 4.0),
    chosen("none", "reweighing", "threshold_optimizer", "private_threshold"),
)
@hypothesis_settings(max_examples=60)
def test_no_combination_vanishes(
    learners: list[str], epsilons: list[Any], mitigations: list[str]
) -> None:
    section = {"learners": learners, "epsilons": epsilons, "mitigations": mitigations}
    grid = parse_grid(section, ("sex",))
    private = [name for name in learners if name.startswith("dp_")]
    finite = [e for e in epsilons if e != "inf"]
    expected = {(n, float(e), m) for n in private for e in finite for m in mitigations}
    if "inf" in epsilons:
        expected |= {(n, None, m) for n in learners if n not in private for m in mitigations}
    if not expected - {(n, e, m) for n, e, m in expected if why_not(ROWS, grid, Setting(n, e, m))}:
        with pytest.raises(InputError, match="no combination can be tried"):
            settings(ROWS, grid)
        return
    kept, left = settings(ROWS, grid)
    names = [(s.learner, s.epsilon, s.mitigation) for s in (*kept, *(i.setting for i in left))]
    assert len(names) == len(set(names))
    assert set(names) == expected


def test_an_example_of_the_module_is_a_plan(tmp_path: Path) -> None:
    from core.cli import sweep_plan

    assert sweep_plan.__doc__ is not None
    text = sweep_plan.__doc__.partition("Example::")[2]
    (tmp_path / "plan.toml").write_text(text)
    plan = read_plan(str(tmp_path / "plan.toml"))
    grid = parse_grid(plan.sweep, ("sex", "race"))
    assert grid.epsilons == (None, 4.0, 1.0, 0.5)
    assert grid.attributes == (("sex",), ("sex", "race"))
    assert grid.mitigations[-1] == ("reweighing", 0.5)


def test_a_front_of_settings_that_all_decide_alike_is_empty_and_names_none_the_fairest() -> None:
    grid = Grid(("logistic_regression", "decision_tree"), (None,), (("sex",),), split_seeds=(0,))

    def at(*rates: float) -> dict[str, Any]:
        points = [
            replace(point, figures={**point.figures, "selection_rate": Estimate(rate)})
            for point, rate in zip(points_of(grid), rates, strict=True)
        ]
        return frontier_json(points, grid, "label") | {"data": "x"}

    both = at(0.995, 0.0)
    assert both["front"] == []
    assert both["prices"] == {"epsilon": [], "gap": []}
    assert {s["status"] for s in both["settings"]} == {"decides alike"}
    assert both["ties"]["unfairness"].startswith("All 2 settings give more than 99% of people")
    assert frontier(both) is None
    page = frontier_html(both)
    assert "fairest (" not in page
    assert page.count("none is the fairest") == 1
    one = at(0.995, 0.5)
    assert len(one["front"]) == 1
    assert "none is the fairest" not in frontier_html(one)
    edge = at(0.99, 0.5)
    assert edge["decides_alike"] == []
