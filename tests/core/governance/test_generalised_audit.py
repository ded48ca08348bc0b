"""An operating point on generalised features: followed beside the audit, with the same figures."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.audit.pipeline import assess_fairness
from core.audit_state import audit_ledger, audit_models
from core.audit_state import state as audits
from core.audit_state.collecting import collect
from core.audit_state.generalised import Generalised, generalise
from core.audit_state.state import AuditState
from core.audit_state.sweep_plan import SweepPlan
from core.data.assign import assign, default_roles
from core.data.dataset import Dataset
from core.errors import InputError
from core.governance.generalised_audit import follow, followed_in, why_not
from core.governance.operating_point import OperatingPoint, choices, choose, chosen, spec_of
from core.governance.stored_sweeps import load_sweep, run_stored_sweep
from core.privacy.accounting.budget import Budget
from core.reporting.report import render
from core.reporting.written_report import write_report
from core.storage.workspace import Workspace
from core.tradeoff.sweep.basis import Basis
from core.tradeoff.sweep.grid import Grid, Setting
from core.tradeoff.sweep.point import SweepPoint, figure_name
from core.training.spec import TrainingSpec
from tests.core.reporting.page import Page
from tests.core.worlds import DOMAINS, frame

QUASI = ("age", "city")
GRID = Grid(
    ("logistic_regression", "decision_tree"),
    (None,),
    (("sex",),),
    mitigations=(("none", 1.0), ("threshold_optimizer", 1.0)),
    ks=(1, 7),
    quasi=QUASI,
    split_seeds=(0, 1),
    noise_seeds=(0,),
)
PLAN = SweepPlan(GRID, Basis("own"))
SETTINGS = tuple(
    Setting(learner, None, mitigation, k=7)
    for learner in GRID.learners
    for mitigation, _ in GRID.mitigations
)
Begun = tuple[Workspace, AuditState, Dataset]


@pytest.fixture
def begun(tmp_path: Path) -> Begun:
    workspace = Workspace(tmp_path)
    text = io.StringIO()
    frame(400).to_csv(text, index=False)
    state = audits.begin_bytes(workspace, text.getvalue().encode(), "world.csv")
    table = audits.read_table(workspace, state)
    roles, _ = default_roles(table, "paid", "yes", ("sex",))
    state = audits.save(workspace, replace(state, roles=roles, domains=DOMAINS))
    return workspace, state, assign(table, roles)


def rows_of(workspace: Workspace, state: AuditState) -> Dataset:
    assert state.roles is not None
    found = assign(audits.read_table(workspace, state), state.roles)
    return generalise(found, state.generalised)


def picked(begun: Begun, setting: Setting = SETTINGS[0], plan: SweepPlan = PLAN) -> OperatingPoint:
    return choose(*begun, plan, setting, reason="it must be anonymous", name="Ada")


def everything(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != ".lock"
    }


def test_its_figures_are_those_of_the_sweep(begun: Begun) -> None:
    workspace, state, rows = begun
    *_, last = run_stored_sweep(workspace, state, rows, PLAN)
    points: dict[Setting, SweepPoint] = {
        point.run.setting: point for point in last.points if point.run.split_seed == 0
    }
    differ = []
    for setting in SETTINGS:
        made = follow(workspace, state, rows, picked(begun, setting))
        own = rows_of(workspace, made)
        assert made.training is not None
        trained = audit_models.load_model(workspace, made, own, made.training)
        assert trained is not None
        (assessed,) = assess_fairness(own, trained, [("sex",)]).values()
        fields = {name: figure.estimate for name, figure in assessed.overall.figures.items()}
        fields |= {
            figure_name(item.name, ("sex",)): item.figure.estimate for item in assessed.disparities
        }
        point = points[setting]
        assert len(fields) > 10
        assert {name: point.figures[name].value for name in fields} == fields
        plain = points[replace(setting, k=1)].figures
        differ.append(fields["roc_auc"] != plain["roc_auc"].value)
    # Generalising matters here, so that equal figures could not come from leaving it out.
    assert any(differ)


def test_every_row_is_like_enough_others_and_only_features_change(begun: Begun) -> None:
    workspace, state, rows = begun
    own = rows_of(workspace, follow(workspace, state, rows, picked(begun)))
    # What learners see of a class is one middle and one set of names.
    sizes = own.features.fillna(-1.0)[[*QUASI]].value_counts()
    assert sizes.min() >= 7
    assert len(sizes) > 1
    assert own.features["income"].equals(rows.features["income"])
    assert (own.target == rows.target).all()
    assert own.sensitive.equals(rows.sensitive)
    assert own.fingerprint != rows.fingerprint
    before = {name: rows.features[name].to_list() for name in QUASI}
    for repair, name in zip(own.repairs[len(rows.repairs) :], QUASI, strict=True):
        changed = sum(
            a != b and not (a != a and b != b)
            for a, b in zip(before[name], own.features[name].to_list(), strict=True)
        )
        assert (repair.column, repair.count) == (name, changed)
        assert "Mondrian" in repair.what
        assert "at least 6 others in age, city" in repair.what


def test_nothing_of_the_audit_it_is_from_changes(begun: Begun) -> None:
    workspace, state, rows = begun
    audit_models.train_audited_model(workspace, state, rows, TrainingSpec("logistic_regression"))
    state = audits.load_audit(workspace, state.id)
    point = picked((workspace, state, rows))
    folder = workspace.root / "audits" / state.id
    before = everything(folder)
    made = follow(workspace, state, rows, point)
    after = everything(folder)
    assert {name: after[name] for name in before} == before
    assert len([name for name in after if not name.startswith(".")]) == len(before) + 1
    assert audits.load_audit(workspace, state.id) == state
    assert made.id != state.id
    assert made.name == "world.csv, generalised to k = 7"
    assert made.generalised == Generalised(QUASI, 7, "world.csv")
    assert audits.load_audit(workspace, made.id) == made
    assert workspace.read_source(made.id) == workspace.read_source(state.id)
    assert made.data == state.data


def test_the_choice_goes_along_and_the_audit_is_used_again(begun: Begun) -> None:
    workspace, state, rows = begun
    point = picked(begun)
    assert point.needs_generalising
    assert followed_in(workspace, state, rows, point) is None
    made = follow(workspace, state, rows, point)
    own = rows_of(workspace, made)
    there = chosen(workspace, made, own)
    assert there == replace(point, generalised=True)
    assert not there.needs_generalising
    assert made.training == spec_of(there, made)
    assert follow(workspace, state, rows, point) == made
    assert followed_in(workspace, state, rows, point) == made
    assert len(choices(workspace, made, own)) == 1
    # Another setting on the same generalised features: the first model stays on disk.
    first = made.training
    assert first is not None
    other = follow(workspace, state, rows, picked(begun, SETTINGS[2]))
    assert (other.id, other.training) != (made.id, made.training)
    assert other.id == made.id
    assert audit_models.load_model(workspace, made, own, first) is not None
    assert len(workspace.list()) == 2


def test_one_that_was_deleted_or_given_other_roles_is_begun_anew(begun: Begun) -> None:
    workspace, state, rows = begun
    point = picked(begun)
    first = follow(workspace, state, rows, point)
    assert first.roles is not None
    features = tuple(name for name in first.roles.features if name != "income")
    audits.save(workspace, replace(first, roles=replace(first.roles, features=features)))
    assert followed_in(workspace, state, rows, point) is None
    second = follow(workspace, state, rows, point)
    assert second.id != first.id
    workspace.delete(second.id)
    assert followed_in(workspace, state, rows, point) is None
    assert follow(workspace, state, rows, point).id not in (first.id, second.id)


def test_a_sample_is_followed_without_bytes_of_its_own(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    state = audits.begin_sample(workspace, "german_credit")
    rows = rows_of(workspace, state)
    quasi = (rows.numbers[0],)
    plan = SweepPlan(replace(GRID, attributes=(("sex",),), quasi=quasi), Basis("public"))
    made = follow(workspace, state, rows, picked((workspace, state, rows), plan=plan))
    assert (made.origin, made.file) == ("sample", "german_credit")
    assert made.generalised == Generalised(quasi, 7, state.name)
    assert workspace.open(made.id).source_sha256 is None


def test_what_cannot_be_followed_begins_no_audit(begun: Begun) -> None:
    workspace, state, rows = begun
    point = picked(begun)
    under = audit_ledger.set_budget(workspace, state, Budget(1.0, 1e-5), DOMAINS)
    foreign = replace(point, quasi=("age", "postcode"))
    large = replace(point, setting=replace(point.setting, k=401))
    no_more = replace(point, setting=replace(point.setting, mitigation="no such"))
    for given, asked, expected in (
        (under, point, "privacy budget"),
        (state, foreign, "no such feature: postcode"),
        (state, large, "k is larger than the number of rows, 400"),
        (state, no_more, "no such"),
        (replace(state, generalised=Generalised(QUASI, 2)), point, "generalised already"),
    ):
        with pytest.raises(InputError, match=expected):
            follow(workspace, given, rows, asked)
    assert len(workspace.list()) == 1
    assert why_not(state, rows, point) is None


def test_no_guarantee_is_kept_on_generalised_features(begun: Begun) -> None:
    workspace, state, rows = begun
    made = follow(workspace, state, rows, picked(begun))
    made = audit_ledger.set_budget(workspace, made, Budget(5.0, 1e-4), DOMAINS)
    own = rows_of(workspace, made)
    private = TrainingSpec("dp_binned_regression", epsilon=1.0, delta=1e-6, domains=DOMAINS)
    with pytest.raises(InputError, match="guarantee of a private model would not hold"):
        audit_models.train_audited_model(workspace, made, own, private)
    spends = SweepPlan(replace(GRID, learners=("dp_binned_regression",), epsilons=(1.0,), ks=(1,),
                               mitigations=(("none", 1.0),)), Basis("spend"))  # fmt: skip
    with pytest.raises(InputError, match="guarantee of private models would not hold"):
        next(run_stored_sweep(workspace, made, own, spends))
    assert audit_ledger.charges(workspace, made) == ()


def test_roles_that_lack_a_generalised_feature_are_refused(begun: Begun) -> None:
    _, _, rows = begun
    with pytest.raises(InputError, match=r"column 'postcode': it is no feature of these rows"):
        generalise(rows, Generalised(("age", "postcode"), 5))
    assert generalise(rows, None) is rows


def test_the_report_says_so(begun: Begun) -> None:
    workspace, state, rows = begun
    made = follow(workspace, state, rows, picked(begun))
    own = rows_of(workspace, made)
    assert made.training is not None
    trained = audit_models.load_model(workspace, made, own, made.training)
    table = audits.read_table(workspace, made)
    result = collect(workspace, made, table, own, trained, None, ())
    told = load_sweep(workspace, made, own)
    written = write_report(result, made.file, None, told, generalised=made.generalised)
    page = Page(written.html)
    assert "Values were generalised by Mondrian" in page.by_id("data").text
    model = page.by_id("model").text
    assert "generalised by Mondrian to k = 7: age, city; begun from the audit “world.csv”" in model
    chosen_here = page.by_id("tradeoffs").text
    assert "it must be anonymous" in chosen_here
    assert "The model of this report is trained this way." in chosen_here
    # The audit it is from has another model, on features as they were.
    like = spec_of(picked(begun), state)
    audit_models.train_audited_model(workspace, state, rows, like)
    sweep_there = load_sweep(workspace, audits.load_audit(workspace, state.id), rows)
    there = Page(render({"tradeoffs": sweep_there})).by_id("tradeoffs").text
    assert "The model of this report is not trained this way." in there
    assert "Features were generalised first" in page.by_id("reproduce").text
    plan = json.loads(written.json)["plan"]
    assert plan["command"] is None
    assert plan["generalised"] == {"quasi": [*QUASI], "k": 7, "begun_from": "world.csv"}
    plain = write_report(result, made.file, None, told)
    assert "generalised" not in json.loads(plain.json)["plan"]


def test_changes_are_counted_with_missing_values_apart(begun: Begun) -> None:
    _, _, rows = begun
    holes = int(np.isnan(rows.features["age"]).sum())
    assert holes > 7
    own = generalise(rows, Generalised(("age",), 2))
    (repair,) = own.repairs[len(rows.repairs) :]
    assert 0 < repair.count <= len(rows)
