"""Whatever a private path refuses, it refuses before anything is charged.

Each refusal goes through the door that pages use and, where a file can hold it, through the command
line. The ledger must be as it was, no key may be left, and the corrected run must go through.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.__main__ import main
from core.audit_state import audit_ledger, audit_models
from core.audit_state import state as audits
from core.audit_state.results import release_results
from core.audit_state.state import AuditState
from core.data.assign import assign, default_roles
from core.data.dataset import Dataset
from core.data.domains import CategoryDomain, Domains, NumberDomain
from core.data.identity import identity
from core.data.reading.reading import read_path
from core.errors import InputError
from core.ledger.ledgers import charges_of, set_cap
from core.privacy.accounting.budget import Budget, BudgetExceededError
from core.privacy.accounting.ledger import Ledger
from core.privacy.local_dp.records import collect, even_plan
from core.privacy.release.axis import CategoryAxis, equal_bins
from core.privacy.release.release import release
from core.privacy.release.release_plan import CountsPlan, FairnessPlan, MeanPlan, QuantilePlan
from core.storage.workspace import Workspace, default_root
from core.training.spec import TrainingSpec
from tests.core.worlds import DOMAINS, frame, table

GROUPED = Domains((*DOMAINS.items, CategoryDomain("sex", ("f", "m"))))
GOOD = TrainingSpec("dp_binned_regression", epsilon=1.0, delta=1e-5, domains=DOMAINS)
INCOME, AGE, CITY = DOMAINS.items


def domains(*items: NumberDomain | CategoryDomain) -> Domains:
    return Domains(items)


def made(data: pd.DataFrame, **changes: object) -> Dataset:
    read = table(data)
    roles, _ = default_roles(read, "paid", "yes", ("sex",))
    return assign(read, replace(roles, **changes))


def changed(name: str, values: Callable[[pd.DataFrame], object]) -> Callable[[], Dataset]:
    def make() -> Dataset:
        data = frame(200)
        data[name] = values(data)
        return made(data)

    return make


def rare() -> Dataset:
    data = frame(200)
    data["paid"] = np.where(np.arange(200) < 2, "yes", "no")
    return made(data)


def weighted() -> Dataset:
    data = frame(200)
    data["w"] = 1.0
    roles, _ = default_roles(table(data), "paid", "yes", ("sex",))
    features = tuple(name for name in roles.features if name != "w")
    return made(data, weight="w", features=features)


def with_persons() -> Dataset:
    data = frame(200)
    data["who"] = [f"p{k}" for k in range(200)]
    roles, _ = default_roles(table(data), "paid", "yes", ("sex",))
    features = tuple(name for name in roles.features if name != "who")
    return made(data, identifiers=("who",), features=features)


def plain() -> Dataset:
    return made(frame(200))


def spec(**changes: object) -> TrainingSpec:
    return replace(GOOD, **changes)


REFUSED: dict[str, tuple[Callable[[], Dataset], TrainingSpec]] = {
    "no domain of a column": (plain, spec(domains=domains(INCOME, AGE))),
    "numbers declared as categories": (
        plain, spec(domains=domains(INCOME, CategoryDomain("age", ("1",)), CITY)),
    ),
    "categories declared as numbers": (
        plain, spec(domains=domains(INCOME, AGE, NumberDomain("city", 0, 1))),
    ),
    "a text cell among numbers": (
        changed("age", lambda d: ["unknown" if k == 7 else v for k, v in enumerate(d["age"])]),
        GOOD,
    ),
    "bounds that are no range": (
        plain, spec(domains=domains(INCOME, NumberDomain("age", 5, 5), CITY)),
    ),
    "bounds without an end": (
        plain, spec(domains=domains(INCOME, NumberDomain("age", 0, float("inf")), CITY)),
    ),
    "bounds the wrong way round": (
        plain, spec(domains=domains(INCOME, NumberDomain("age", 90, 5), CITY)),
    ),
    "a part of one class": (rare, GOOD),
    "no features": (lambda: made(frame(200), features=()), GOOD),
    "no epsilon": (plain, spec(epsilon=None)),
    "epsilon 0": (plain, spec(epsilon=0.0)),
    "epsilon below 0": (plain, spec(epsilon=-1.0)),
    "epsilon not a number": (plain, spec(epsilon=float("nan"))),
    "epsilon without an end": (plain, spec(epsilon=float("inf"))),
    "epsilon too small to charge": (plain, spec(learner="dp_naive_bayes", epsilon=1e-9)),
    "epsilon too small for the model": (
        plain, spec(learner="dp_explainable_boosting", epsilon=1e-5),
    ),
    "epsilon over the cap": (plain, spec(epsilon=5.0)),
    "delta over the cap": (plain, spec(delta=0.5)),
    "no delta": (plain, spec(delta=None)),
    "delta below 0": (plain, spec(delta=-0.1)),
    "delta 1": (plain, spec(delta=1.0)),
    "no delta for paid categories": (
        plain, spec(learner="dp_naive_bayes", delta=None, domains=None),
    ),
    "a mitigation that reads rows": (plain, spec(mitigation="reweighing")),
    "private counts beside a guarantee of replacing": (
        plain, spec(learner="dp_logistic_regression", mitigation="private_threshold"),
    ),
    "weights that a model does not take": (
        plain,
        spec(learner="dp_naive_bayes", mitigation="private_reweighing", domains=GROUPED),
    ),
    "groups that are not declared": (plain, spec(mitigation="private_group_thresholds")),
    "groups that are bounds": (
        plain,
        spec(
            mitigation="private_group_thresholds",
            domains=domains(*DOMAINS.items, NumberDomain("sex", 0, 1)),
        ),
    ),
    "a stratified split": (plain, spec(stratified=True)),
    "row weights": (weighted, GOOD),
    "balancing": (plain, spec(balancing="undersampling")),
    "an unknown balancing": (plain, spec(balancing="wishing")),
    "persons that are no identifier": (plain, spec(person="city")),
    "no rows of a person": (with_persons, spec(person="who", rows_per_person=0)),
    "persons with a guarantee of replacing": (
        with_persons, spec(learner="dp_logistic_regression", person="who"),
    ),
    "mitigated for no sensitive column": (plain, spec(mitigate_for="age")),
    "strength 0": (plain, spec(strength=0.0)),
    "strength above 1": (plain, spec(strength=1.5)),
    "strength without degrees": (plain, spec(strength=0.5)),
    "an unknown model": (plain, spec(learner="oracle")),
    "an unknown mitigation": (plain, spec(mitigation="wishing")),
    "a seed out of range": (plain, spec(seed=-1)),
    "an existing score's model": (plain, spec(learner="given_score")),
}  # fmt: skip


@pytest.fixture
def workspace(tmp_path) -> Workspace:
    return Workspace(tmp_path)


@pytest.fixture
def audit(workspace) -> AuditState:
    state = audits.begin_bytes(workspace, frame(200).to_csv(index=False).encode(), "x.csv")
    return audit_ledger.set_budget(workspace, state, Budget(3.0, 1e-4), DOMAINS)


def untouched(workspace: Workspace, data: str) -> None:
    assert charges_of(workspace.root, data) == ()
    pending = workspace.root / "ledgers" / data / "pending"
    left = [path for path in pending.rglob("*") if path.is_file() and path.suffix != ".lock"]
    assert left == []


@pytest.mark.parametrize("name", REFUSED)
def test_no_refused_training_is_charged(name, workspace, audit):
    make, result = REFUSED[name]
    with pytest.raises(InputError) as error:
        audit_models.load_or_train(workspace, audit, make(), result)
    assert len(str(error.value)) > 20
    untouched(workspace, audit.data)


def test_the_corrected_run_goes_through(workspace, audit):
    assert audit_models.load_or_train(workspace, audit, plain(), GOOD).cost == (1.0, 1e-5)
    assert [charge.epsilon for charge in charges_of(workspace.root, audit.data)] == [1.0]


def test_generalised_features_are_refused_uncharged(workspace, audit):
    from core.audit_state.generalised import Generalised

    other = replace(audit, generalised=Generalised.__new__(Generalised))
    with pytest.raises(InputError, match="generalised"):
        audit_models.load_or_train(workspace, other, plain(), GOOD)
    untouched(workspace, audit.data)


def test_no_figure_of_a_refusal_is_drawn_from_the_noise_it_would_have_had(workspace, audit):
    # Twice the same sentence: nothing of the trial's own noise is in it.
    for name in ("no domain of a column", "a text cell among numbers", "a part of one class"):
        make, result = REFUSED[name]
        said = set()
        for _ in range(2):
            with pytest.raises(InputError) as error:
                audit_models.load_or_train(workspace, audit, make(), result)
            said.add(str(error.value))
        assert len(said) == 1


RELEASES = {
    "no such column": lambda: MeanPlan("height", 0, 1, 0.5),
    "no such column of a table": lambda: CountsPlan((CategoryAxis("height", ("1",)),), 0.5),
    "no such column for a quantile": lambda: QuantilePlan("height", 0, 1, 0.5, 0.5),
    "text for a mean": lambda: MeanPlan("city", 0, 1, 0.5),
    "text for a quantile": lambda: QuantilePlan("city", 0, 1, 0.5, 0.5),
    "text in bins": lambda: CountsPlan((equal_bins("city", 0, 1, 4),), 0.5),
    "bounds the wrong way round": lambda: MeanPlan("age", 9, 1, 0.5),
    "bounds without an end": lambda: MeanPlan("age", 0, float("inf"), 0.5),
    "epsilon 0": lambda: MeanPlan("age", 0, 100, 0.0),
    "epsilon over the cap": lambda: MeanPlan("age", 0, 100, 9.0),
    "epsilon too small to charge": lambda: MeanPlan("age", 0, 100, 1e-9),
    "no column": lambda: CountsPlan((), 0.5),
    "a column twice": lambda: CountsPlan((equal_bins("age", 0, 1, 4),) * 2, 0.5),
    "too many cells": lambda: CountsPlan(
        tuple(equal_bins(name, 0, 1, 900) for name in ("age", "income")), 0.5
    ),
    "a quantile of 1": lambda: QuantilePlan("age", 0, 1, 1.0, 0.5),
    "no candidates": lambda: QuantilePlan("age", 0, 1, 0.5, 0.5, candidates=0),
    "groups of no sensitive column": lambda: FairnessPlan((CategoryAxis("city", ("north",)),), 0.5),
    "no decisions": lambda: FairnessPlan((CategoryAxis("sex", ("f", "m")),), 0.5),
}


@pytest.mark.parametrize("name", RELEASES)
def test_no_refused_release_is_charged(name, workspace, audit):
    with pytest.raises(InputError):
        release_results.release_and_store(
            workspace, audit, RELEASES[name](), table(frame(200)), plain(), None
        )
    untouched(workspace, audit.data)
    if name in ("groups of no sensitive column", "no decisions"):
        return
    ledger = Ledger(Budget(3.0))
    with pytest.raises(InputError):
        release(RELEASES[name](), frame(200).drop(columns=["sex"]), ledger)
    assert ledger.charges == ()


def test_a_release_without_a_budget_is_refused_and_leaves_no_cap(workspace):
    state = audits.begin_bytes(workspace, frame(200).to_csv(index=False).encode(), "x.csv")
    with pytest.raises(InputError, match="no privacy budget is set"):
        release_results.release_and_store(
            workspace, state, MeanPlan("age", 0, 100, 0.5), table(frame(200)), plain(), None
        )
    untouched(workspace, state.data)


@pytest.mark.parametrize(
    ("columns", "change", "match"),
    [
        (["income", "age"], lambda d: d.drop(columns=["age"]), "no such column"),
        (["income", "age"], lambda d: d.assign(age="old"), "declared as numbers"),
        (["city"], lambda d: d.assign(city=1.0), "declared as categories"),
        (["income"], lambda d: d, "already spent"),
    ],
)
def test_no_refused_collection_is_charged(columns, change, match):
    data, ledger = plain(), Ledger(Budget(1.0))
    plan = even_plan(DOMAINS, columns, 2.0 if match == "already spent" else 1.0)
    with pytest.raises(InputError, match=match):
        collect(change(data.features), data.target, plan, ledger)
    assert ledger.charges == ()


def argv(folder: Path, **changes: str | None) -> list[str]:
    record: dict[str, str | None] = {
        "data": str(folder / "x.csv"), "target": "paid", "favourable": "yes", "sensitive": "sex",
        "learner": "dp_binned_regression", "epsilon": "1", "delta": "1e-5", "explain": "0",
        "bounds": str(folder / "bounds.json"), "out": str(folder / "out"),
    }  # fmt: skip
    record |= changes
    return ["audit"] + [
        part
        for name, value in record.items()
        if value is not None
        for part in (f"--{name.replace('_', '-')}", value)
    ]


BOUNDS = {"income": [0, 10], "age": [0, 100], "city": ["north", "south", "east"]}
COMMANDS: dict[str, tuple[object, dict[str, str | None]]] = {
    "a column without bounds": ({k: v for k, v in BOUNDS.items() if k != "age"}, {}),
    "categories of numbers": (BOUNDS | {"age": ["young", "old"]}, {}),
    "bounds of categories": (BOUNDS | {"city": [0, 1]}, {}),
    "bounds of no column": (BOUNDS | {"height": [0, 1]}, {}),
    "bounds that are no pair": (BOUNDS | {"age": [0, 1, 2]}, {}),
    "bounds the wrong way round": (BOUNDS | {"age": [9, 1]}, {}),
    "bounds that are no object": ([1, 2], {}),
    "no file of bounds": (BOUNDS, {"bounds": "/nowhere.json"}),
    "epsilon 0": (BOUNDS, {"epsilon": "0"}),
    "epsilon over the cap": (BOUNDS, {"epsilon": "9"}),
    "no delta": (BOUNDS, {"delta": "0"}),
    "a mitigation that reads rows": (BOUNDS, {"mitigation": "reweighing"}),
    "groups that are not declared": (BOUNDS, {"mitigation": "private_group_thresholds"}),
    "a person that is no identifier": (BOUNDS, {"person": "city", "rows_per_person": "1"}),
    "a person without a bound": (BOUNDS, {"person": "city"}),
    "strength": (BOUNDS, {"strength": "0.5"}),
    "balancing": (BOUNDS, {"balancing": "oversampling"}),
    "an unknown model": (BOUNDS, {"learner": "oracle"}),
    "an unknown target": (BOUNDS, {"target": "height"}),
    "a seed": (BOUNDS, {"seed": "-3"}),
    "a stratified split": (BOUNDS, {"split": "stratified"}),
}


@pytest.mark.parametrize("capped", [False, True])
@pytest.mark.parametrize("name", COMMANDS)
def test_no_refused_command_is_charged(name, capped, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("EQUIPOISE_WORKSPACE", str(tmp_path / "workspace"))
    bounds, changes = COMMANDS[name]
    frame(200).to_csv(tmp_path / "x.csv", index=False)
    (tmp_path / "bounds.json").write_text(json.dumps(bounds))
    data = identity(read_path(tmp_path / "x.csv"))
    workspace = Workspace(default_root())
    if capped:
        set_cap(workspace.root, data, Budget(3.0, 1e-4))
    elif name == "epsilon over the cap":
        pytest.skip("without a cap what is spent first sets it")
    assert main(argv(tmp_path, **changes)) == 2
    assert "Traceback" not in (output := capsys.readouterr().err)
    assert output.strip()
    untouched(workspace, data)
    if not capped:
        assert not (workspace.root / "ledgers" / data / "caps.jsonl").exists()


def test_the_corrected_command_goes_through_and_says_what_it_spends(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("EQUIPOISE_WORKSPACE", str(tmp_path / "workspace"))
    frame(200).to_csv(tmp_path / "x.csv", index=False)
    (tmp_path / "bounds.json").write_text(json.dumps(BOUNDS))
    data = identity(read_path(tmp_path / "x.csv"))
    set_cap(default_root(), data, Budget(3.0, 1e-4))
    assert main(argv(tmp_path)) == 0
    output = capsys.readouterr().err
    assert "this run spends ε = 1, δ = 1e-05 and leaves ε = 2" in output
    assert output.index("this run spends") < output.index("Training dp_binned_regression")
    assert [charge.epsilon for charge in charges_of(default_root(), data)] == [1.0]
    assert list((default_root() / "ledgers" / data / "pending").rglob("*.[kr]e*")) == []


def test_what_the_ledger_refuses_is_refused_before_anything_is_fitted(
    workspace, audit, monkeypatch
):
    ran = []
    monkeypatch.setattr("core.learning.models.EncodedModel.fit", lambda *a, **k: ran.append(a))
    with pytest.raises(BudgetExceededError):
        audit_models.load_or_train(workspace, audit, plain(), spec(epsilon=5.0))
    assert ran == []
