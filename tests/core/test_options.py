"""The tables of options: whole, and the same thing said by parser, command, JSON and comparison."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from dataclasses import MISSING, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.__main__ import main
from core.audit.audit_options import (
    AUDIT_OPTIONS,
    IMPACT_OPTIONS,
    READING_OPTIONS,
    ROLE_OPTIONS,
)
from core.audit.bias_audit_options import BIAS_AUDIT_OPTIONS
from core.audit.result import AuditPlan
from core.cli import audit_training
from core.cli.audit_roles import audit_roles, load_table
from core.cli.audit_training import parse_training
from core.cli.options import parse_kinds, read_options
from core.cli.parser import parser
from core.cli.sweep_plan import read_plan
from core.data.assign import assign, default_roles
from core.data.domains import CategoryDomain, Domains, bounds_json
from core.data.reading.reading import ReadOptions
from core.data.roles.roles import Roles
from core.data.samples import SAMPLES
from core.data.table import Notation
from core.errors import InputError
from core.external_models.external_spec import ExternalSpec
from core.external_models.matching import Matching
from core.fairness.bias_audit.auditor import Auditor
from core.fairness.bias_audit.record import PRESET
from core.fairness.bias_audit.spec import BiasAuditSpec
from core.fairness.metrics.impact_spec import ImpactSpec
from core.learning.balancing import BALANCINGS
from core.learning.learners import LEARNERS
from core.mitigation import MITIGATIONS
from core.reporting.audit_json import plan_json
from core.reporting.audit_plans import plan_differences
from core.reporting.command_line import command_line
from core.storage.json_format import from_json, to_json
from core.training.compatibility import fits_learner
from core.training.spec import TrainingSpec
from core.training.spec_checks import check_spec
from core.training.training_options import OPTION, TRAINING_OPTIONS
from tests.core.worlds import DOMAINS, frame, table

DECLARED = Domains((*DOMAINS.items, CategoryDomain("sex", ("f", "m"))))
AUDIT = ["audit", "--data", "german_credit", "--out", "x"]


def names(spec: type) -> set[str]:
    return {item.name for item in fields(spec)}


def test_every_field_of_an_audit_is_in_the_table() -> None:
    training = [option.field for option in TRAINING_OPTIONS]
    assert len(training) == len(set(training))
    assert set(training) == names(TrainingSpec)
    # Markers of training rows follow from --trained-on.
    assert {option.field for option in ROLE_OPTIONS} == names(Roles) - {"markers"}
    # Kinds are told beside the options of reading, and the limit of a file isn't chosen.
    assert {o.field for o in READING_OPTIONS} == names(ReadOptions) - {"max_bytes"} | {"kinds"}
    # Rows that are asked "what if" are told by --row and --what-if, and compared by nothing.
    assert names(AuditPlan) == {
        "roles", "training", "explain", "impact", "bias_audit", "what_if", "decided_by",
    }  # fmt: skip
    # "groups" are what --impact-reference names beside its two modes.
    assert {o.field for o in IMPACT_OPTIONS} == names(ImpactSpec) - {"groups"}
    assert {o.field for o in AUDIT_OPTIONS if not o.flag} == {"noise", "noise_seed"}


def test_defaults_of_the_table_are_those_of_the_spec() -> None:
    for item in fields(TrainingSpec):
        expected = None if item.default is MISSING else item.default
        assert OPTION[item.name].default == expected, item.name


def drawn(rng: np.random.Generator) -> TrainingSpec:
    """A spec as the command can ask for: a real one, with every field drawn."""
    learner = rng.choice(list(LEARNERS))
    fitting = [item for item in MITIGATIONS if fits_learner(item, learner)]
    mitigation = rng.choice(fitting)
    spec = TrainingSpec(
        learner.name,
        mitigation.name,
        mitigate_for="sex" if mitigation.name != "none" and rng.random() < 0.5 else None,
        seed=int(rng.integers(0, 2**32)),
    )
    if mitigation.degrees and rng.random() < 0.7:
        spec = replace(spec, strength=float(1 - rng.random()))
    if learner.private:
        positive = learner.needs_delta or rng.random() < 0.5
        declared = mitigation.declared_groups or not positive or rng.random() < 0.5
        spec = replace(
            spec,
            epsilon=float(10 ** rng.uniform(-3, 1)),
            delta=float(10 ** rng.uniform(-9, -3)) if positive else 0.0,
            domains=DECLARED if declared else None,
            stratified=None if rng.random() < 0.8 else False,
        )
    else:
        spec = replace(
            spec,
            balancing=str(rng.choice(BALANCINGS.names())),
            stratified=[None, True, False][rng.integers(3)],
        )
    persons = learner.neighbouring == "add-or-remove" or (
        not learner.private and spec.stratified is False
    )
    if persons and rng.random() < 0.5:
        spec = replace(spec, person="who", rows_per_person=int(rng.integers(1, 9)))
    return spec


SPECS = [drawn(np.random.default_rng(seed)) for seed in range(200)]


@pytest.fixture(scope="module")
def world() -> tuple[Any, Roles]:
    data = frame(60).assign(who=[f"p{k % 20}" for k in range(60)])
    read = table(data)
    return read, default_roles(read, "paid", "yes", ("sex", "city"), identifiers=("who",))[0]


@pytest.fixture
def read_back(
    world: tuple[Any, Roles], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., TrainingSpec | None]:
    """Read the words of a command as the spec they ask for; nothing is charged or trained."""
    monkeypatch.chdir(tmp_path)
    for name in ("check_private", "ledger_of_options", "describe_spending"):
        monkeypatch.setattr(audit_training, name, lambda *_: "")
    monkeypatch.setattr(audit_training, "assign", lambda *_: None)

    def read(words: list[str], sample: Any = None) -> TrainingSpec | None:
        rows, roles = world
        return parse_training(roles, rows, sample, parser().parse_args(words))[0]

    return read


def test_what_is_drawn_covers_the_table() -> None:
    for option in TRAINING_OPTIONS:
        # A model made elsewhere is a file: test_repeated_command.py reads its command back.
        if option.flag and option.field != "external":
            assert len({option.value(spec) for spec in SPECS}) > 1, option.field


def test_a_printed_command_asks_for_the_same_spec(
    world: tuple[Any, Roles], read_back: Callable[..., TrainingSpec | None], tmp_path: Path
) -> None:
    (tmp_path / "bounds.json").write_text(json.dumps(bounds_json(DECLARED)))
    for spec in SPECS:
        words = shlex.split(command_line("f.csv", AuditPlan(world[1], spec, 0)))[3:]
        assert read_back(words) == spec, words


def test_a_spec_survives_json() -> None:
    simulated = [replace(spec, noise="seeded", noise_seed=3) for spec in SPECS]
    for spec in [*SPECS, *simulated]:
        record = json.loads(json.dumps(to_json(spec), sort_keys=True))
        assert from_json(TrainingSpec, record, "the spec") == spec
        assert (
            from_json(TrainingSpec, {n: v for n, v in record.items() if v is not None}, "the spec")
            == spec
        )


@pytest.mark.parametrize(
    ("record", "says"),
    [
        ({"learner": "random_forest", "colour": 1}, "it has the field 'colour', which"),
        ({"learner": 5}, "learner: 5 is no text"),
        ({"learner": None}, "learner: None is no text"),
        ({"learner": "a", "strength": "1"}, "strength: '1' is no number"),
        ({"learner": "a", "seed": 1.5}, "seed: 1.5 is no whole number"),
        ({"learner": "a", "seed": True}, "seed: True is no whole number"),
        ({"learner": "a", "stratified": 1}, "stratified: 1 is neither yes or no"),
        ({"learner": "a", "noise": "none"}, "noise: 'none' is none of fresh, seeded"),
    ],
)
def test_json_of_another_kind_is_refused_by_name(record: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError, match=says):
        from_json(TrainingSpec, record, "the spec")


def test_bounds_that_a_sample_declares_can_be_left_to_be_estimated(
    world: tuple[Any, Roles], read_back: Callable[..., TrainingSpec | None]
) -> None:
    sample = SAMPLES["german_credit"]
    spec = TrainingSpec("dp_binned_regression", epsilon=1.0, delta=1e-6)
    for domains, message in ((None, True), (sample.domains, False)):
        plan = AuditPlan(world[1], replace(spec, domains=domains), 0)
        words = shlex.split(command_line("german_credit", plan, sample))[3:]
        assert ("--bounds none" in " ".join(words)) == message
        assert read_back(words, sample) == plan.training
    assert read_back([*AUDIT, "--epsilon", "1", "--bounds", "none"], None) is not None


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--mitigate-for", "sex"], "--mitigate-for: no --mitigation is given"),
        (["--delta", "0.1"], "--delta: logistic_regression is not private"),
        (["--person", "who"], "--person: logistic_regression is not private"),
        (["--apart-because", "so"], "--apart-because: logistic_regression is not private"),
    ],
)
def test_what_needs_something_that_is_lacking_is_refused(
    words: list[str], says: str, read_back: Callable[..., TrainingSpec | None]
) -> None:
    with pytest.raises(InputError, match=says):
        read_back([*AUDIT, *words])


@pytest.mark.parametrize("option", [o for o in AUDIT_OPTIONS if "model" in o.needs])
def test_existing_predictions_take_no_option_of_training(
    option: Any, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    value = {"switch": [], "number": ["0.5"], "whole": ["7"]}.get(option.kind)
    value = [option.choices[0][0]] if option.choices else ["x"] if value is None else value
    words = ["audit", "--data", "compas", "--out", str(tmp_path / "out"), option.flag, *value]
    assert main(words) == 2
    assert f"{option.flag}: existing predictions are" in capsys.readouterr().err


def test_roles_and_reading_are_printed_as_they_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    people = frame(60).assign(**{"a,b": "x", "-w": 1.5, "said": "1,5", "who": range(60)})
    people.to_csv(path, index=False, sep=";")
    parts = [
        "audit", "--data", str(path), "--target", "paid", "--favourable", "yes", "--sensitive",
        '"a,b",sex,age', "--edges", "age=30,60", "--merge-groups", "sex=all:f,m", "--adverse",
        "--identifier", "who", "--keep-sensitive", "--features", "income", "--delimiter", ";",
        "--notation", "said=decimal-comma", "--kind", "city=category", "--out", "x",
    ]  # fmt: skip

    def read(words: list[str]) -> tuple[Any, ...]:
        options = parser().parse_args(words)
        rows, sample = load_table(options)
        return (
            audit_roles(rows, sample, options)[0],
            read_options(options),
            parse_kinds(options.kind),
        )

    for more in ([], ["--weight=-w"], ["--score", "income", "--threshold", "2.5"]):
        roles, reading, kinds = read([*parts, *more])
        assert reading is not None
        assert reading.notations == (("said", Notation("decimal-comma")),)
        training = None if "--score" in more else TrainingSpec("naive_bayes")
        plan = AuditPlan(roles, training)
        printed = command_line(str(path), plan, options=reading, kinds=kinds)
        again = read(shlex.split(printed)[3:])
        if training is None:
            # Without a model features are no matter.
            again = (replace(again[0], features=roles.features), *again[1:])
        assert again == (roles, reading, kinds)


@pytest.mark.parametrize("name", ["compas", "hiring"])
@pytest.mark.parametrize(
    "change",
    [
        {},
        {"sensitive": ("sex",)},
        {"prediction": None, "score": "years_experience", "threshold": 9.0, "target": None},
        {"prediction": "selected", "score": None, "threshold": None},
        {"weight": "years_experience"},
    ],
)
def test_decisions_that_a_sample_presets_are_repeated_by_its_command(
    name: str, change: dict[str, Any]
) -> None:
    renamed = {"years_experience": "age", "selected": "is_recid"} if name == "compas" else {}
    sample, told = SAMPLES[name], dict(change)
    for field in ("prediction", "score", "weight"):
        if field in told:
            told[field] = renamed.get(told[field], told[field])
    if sample.roles.target is not None:
        told.pop("target", None)
    told["merged_groups"] = ()
    roles = replace(sample.roles, **told)
    options = parser().parse_args(shlex.split(command_line(name, AuditPlan(roles), sample))[3:])
    again = audit_roles(*load_table(options), options)[0]
    assert replace(again, features=(), identifiers=()) == roles


def test_each_difference_of_two_specs_is_told_under_its_name(world: tuple[Any, Roles]) -> None:
    data = {"name": "a", "sha256": "0", "fingerprint": "f", "rows": 1, "rows_used": 1}

    def record_of(spec: TrainingSpec) -> dict[str, Any]:
        plan = plan_json(AuditPlan(world[1], spec), world[1]) | {"command": "x"}
        return {"plan": plan, "dataset": data, "equipoise": {"libraries": {}}}

    first = TrainingSpec(
        "dp_binned_regression", "private_threshold", epsilon=1.0, delta=1e-6, person="who"
    )
    others: dict[str, Any] = {
        "learner": "dp_naive_bayes", "mitigation": "private_reweighing", "mitigate_for": "city",
        "strength": 0.5, "balancing": "oversampling", "stratified": True, "epsilon": 2.0,
        "delta": 1e-7, "noise": "seeded", "noise_seed": 3, "seed": 1, "domains": DOMAINS,
        "person": "other", "rows_per_person": 2,
        "external": ExternalSpec("0" * 64, "m.onnx", "onnx", "", Matching(())),
    }  # fmt: skip
    assert set(others) == names(TrainingSpec)
    for name, value in others.items():
        found = plan_differences(record_of(first), record_of(replace(first, **{name: value})))
        assert [item.entry for item in found] == [OPTION[name].label], name
    assert plan_differences(record_of(first), record_of(first)) == ()


def test_each_difference_of_two_tables_of_local_law_144_is_told(world: tuple[Any, Roles]) -> None:
    def record_of(spec: BiasAuditSpec | None) -> dict[str, Any]:
        plan = json.loads(json.dumps(plan_json(AuditPlan(world[1], bias_audit=spec), world[1])))
        return {"plan": plan, "dataset": {}, "equipoise": {"libraries": {}}}

    auditor = Auditor("Ada", "Audits Ltd", "never took part", "2026-01-31", "2026-06-01", "2025")
    first = BiasAuditSpec(
        "sex", "race", (("f", "Female"), ("m", "Male")), (("w", "White"),), auditor=auditor
    )
    others: dict[str, BiasAuditSpec] = {
        "sex": replace(first, sex="gender", sexes=()),
        "race": replace(first, race="origin", races=()),
        "categories": replace(first, races=(("w", "Asian"),)),
        **{
            item.name: replace(first, auditor=replace(auditor, **{item.name: "2026-07-01"}))
            for item in fields(Auditor)
        },
    }
    labels = {option.field: option.label for option in BIAS_AUDIT_OPTIONS}
    assert {"bias_audit", *others} == set(labels)
    for name, other in others.items():
        found = [item.entry for item in plan_differences(record_of(first), record_of(other))]
        # Categories are declared for a column, so they go with it.
        with_it = [labels["categories"]] if name in ("sex", "race") else []
        assert found == [labels[name], *with_it], name
    (categories,) = plan_differences(record_of(first), record_of(others["categories"]))
    assert (categories.a, categories.b) == (
        "sex: f = Female, sex: m = Male, race: w = White",
        "sex: f = Female, sex: m = Male, race: w = Asian",
    )
    without = plan_differences(record_of(None), record_of(first))
    assert [item.entry for item in without] == [*labels.values()]
    assert {item.a for item in without} == {"none"}
    assert (without[0].entry, without[0].b) == ("Preset of impact ratios", PRESET)
    # The order of declaring says nothing, nor does a file made before there was such a table.
    assert (
        plan_differences(record_of(first), record_of(replace(first, sexes=first.sexes[::-1]))) == ()
    )
    older = record_of(None)
    del older["plan"]["bias_audit"]
    assert plan_differences(older, record_of(None)) == ()


def test_a_file_that_says_persons_in_its_command_only_is_compared_as_before(
    world: tuple[Any, Roles],
) -> None:
    spec = TrainingSpec("dp_binned_regression", epsilon=1.0, person="who", rows_per_person=4)
    new = plan_json(AuditPlan(world[1], spec), world[1])
    old = {name: value for name, value in new.items() if name not in ("person", "rows_per_person")}
    old["command"] = command_line("a.csv", AuditPlan(world[1], spec))
    rest = {"dataset": {}, "equipoise": {"libraries": {}}}
    assert plan_differences({"plan": new, **rest}, {"plan": old, **rest}) == ()
    fewer = {"plan": old | {"command": old["command"].replace("person 4", "person 3")}, **rest}
    (differs,) = plan_differences({"plan": new, **rest}, fewer)
    assert (differs.entry, differs.a, differs.b) == ("Rows of each person", "4", "3")


def test_what_is_drawn_passes_the_checks(world: tuple[Any, Roles]) -> None:
    data = assign(*world)
    for spec in SPECS:
        check_spec(data, spec)


def test_an_earlier_name_is_read_with_a_note(
    world: tuple[Any, Roles],
    read_back: Callable[..., TrainingSpec | None],
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    both = ["--together", "sex=all:f,m", "--merge-groups", "city=any:north,south"]
    options = parser().parse_args([*AUDIT, *both])
    assert options.merge_groups == ["sex=all:f,m", "city=any:north,south"]
    assert capsys.readouterr().err == "--together is called --merge-groups now\n"
    plain, again = (parser().parse_args(AUDIT) for _ in range(2))
    assert plain.merge_groups == again.merge_groups == []
    named = [read_back([*AUDIT, "--split", name]) for name in ("lots", "randomised")]
    assert named[0] == named[1] == TrainingSpec("logistic_regression", stratified=False)
    assert "--split randomised" in command_line("f.csv", AuditPlan(world[1], named[0]))
    assert "--together" not in parser().format_help()
    for name in ("together", "merge_groups"):
        path = tmp_path / "plan.toml"
        path.write_text(
            f'[data]\ndata = "adult"\n{name} = ["race=All:White,Black"]\n[sweep]\n'
            '[basis]\nkind = "made_up"\n'
        )
        assert read_plan(str(path)).data.merge_groups == ["race=All:White,Black"]


def test_a_threshold_on_the_score_that_a_sample_presets_is_taken_and_printed() -> None:
    def roles(*words: str) -> tuple[Roles, Any]:
        options = parser().parse_args(["audit", "--data", "compas", "--out", "x", *words])
        rows, sample = load_table(options)
        return audit_roles(rows, sample, options)[0], sample

    preset, sample = roles()
    assert (preset.score, preset.threshold) == ("decile_score", 5.0)
    assert "--threshold" not in command_line("compas", AuditPlan(preset), sample)
    stricter, _ = roles("--threshold", "7")
    assert stricter == replace(preset, threshold=7.0)
    words = shlex.split(command_line("compas", AuditPlan(stricter), sample))
    assert roles(*words[6:-2])[0] == stricter
    # Where the sample has no score it would be ignored, and is refused with the roles.
    options = parser().parse_args(
        ["audit", "--data", "german_credit", "--threshold", "1", *AUDIT[3:]]
    )
    rows, german = load_table(options)
    with pytest.raises(InputError, match="a threshold is of use only with a score"):
        assign(rows, audit_roles(rows, german, options)[0])
