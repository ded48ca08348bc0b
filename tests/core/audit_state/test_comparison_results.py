"""Cross-validated candidates and trained models on disk: kept, listed, resumed, on one split."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from core.audit_state import audit_ledger, audit_models
from core.audit_state import state as audits
from core.audit_state.results import comparison_results
from core.audit_state.results.comparison_results import (
    ComparisonPlan,
    load_comparison,
    load_or_compare,
)
from core.audit_state.results.result_store import ResultStore
from core.audit_state.results.stored_models import (
    compare_stored,
    on_one_split,
    split_of,
    stored_specs,
)
from core.comparison.cross_validation import cross_validation
from core.comparison.cross_validation.cross_validation import FoldSpec, cross_validate
from core.comparison.paired.paired_models import compare_trained
from core.comparison.paired.pairs import compare_pairs, describe_p_value
from core.data.assign import assign
from core.data.samples import load_sample
from core.errors import InputError
from core.storage.kinds import FOLDS as FOLDS_KIND
from core.storage.workspace import Workspace
from core.training.spec import TrainingSpec
from core.training.training import train

LOGISTIC, BAYES = TrainingSpec("logistic_regression"), TrainingSpec("naive_bayes")
FOLDS = FoldSpec(2, 2)


@pytest.fixture
def german(tmp_path):
    workspace = Workspace(tmp_path)
    state = audits.begin_sample(workspace, "german_credit")
    return workspace, state, assign(load_sample("german_credit"), state.roles)


def plan(*specs, **changes):
    names = tuple("ABCDE"[: len(specs)])
    fields = {"names": names, "specs": specs, "folds": FOLDS, "combination": ("sex",)}
    return ComparisonPlan(**(fields | changes))


def private(begun, **changes):
    fields = {"epsilon": 1.0, "delta": 0.0, "domains": begun.domains, "noise": "seeded"}
    return TrainingSpec("dp_logistic_regression", **(fields | changes))


def test_kept_candidates_are_those_of_one_cross_validation(german):
    asked = plan(LOGISTIC, BAYES)
    *_, (share, found) = load_or_compare(*german, asked)
    assert share == 1
    *_, (_, direct) = cross_validate(
        german[2], asked.specs, FOLDS, combination=("sex",), names=("A", "B")
    )
    assert found == direct
    assert load_comparison(*german, asked) == direct
    pair, both = compare_pairs(found, "accuracy"), compare_pairs(direct, "accuracy")
    assert pair == both
    assert pair[0].corrected_p == pair[0].comparison.test.p_value


@pytest.fixture
def trained(monkeypatch):
    """Which learners are trained in cross-validation, in order."""
    out = []

    def watched(dataset, spec, *rest, **options):
        out.append(spec.learner)
        return train(dataset, spec, *rest, **options)

    monkeypatch.setattr(cross_validation, "train", watched)
    return out


def test_a_stopped_run_is_shown_and_goes_on_with_the_next_fold(german, trained):
    asked = plan(LOGISTIC, BAYES)
    work = load_or_compare(*german, asked)
    for _ in range(5):
        share, found = next(work)
    work.close()
    assert share == 5 / 8
    assert load_comparison(*german, asked) == found
    assert [len(item.results) for item in found] == [3, 2]
    assert len(compare_pairs(found, "accuracy")) == 1
    trained.clear()
    shares = [share for share, _ in load_or_compare(*german, asked)]
    assert trained == ["naive_bayes", "logistic_regression", "naive_bayes"]
    assert shares == [6 / 8, 7 / 8, 1, 1]
    *_, (_, direct) = cross_validate(german[2], asked.specs, FOLDS, combination=("sex",))
    assert load_comparison(*german, asked) == direct
    trained.clear()
    # Beside another candidate the finished ones are found again.
    list(load_or_compare(*german, plan(BAYES, LOGISTIC, replace(LOGISTIC, seed=1))))
    assert trained == ["logistic_regression"] * 4


def test_a_run_stopped_after_every_fold_ends_as_one_that_nothing_stopped(german, trained):
    asked = plan(LOGISTIC, private(german[1]), TrainingSpec("random_forest"), folds=FoldSpec(2, 1))
    while sum(len(item.results) for item in load_comparison(*german, asked)) < asked.models:
        work = load_or_compare(*german, asked)
        next(work)
        work.close()
    assert len(trained) == asked.models
    *_, (_, direct) = cross_validate(
        german[2], asked.specs, asked.folds, combination=("sex",), names=asked.names
    )
    assert load_comparison(*german, asked) == direct


def test_a_killed_server_loses_no_finished_fold(german, trained):
    """Another process is killed in its third model, without a moment to tidy up."""
    workspace, state, dataset = german
    killed = textwrap.dedent(f"""
        import os
        from tests.core.audit_state.test_comparison_results import BAYES, LOGISTIC, plan
        from core.comparison.cross_validation import cross_validation
        from core.data.assign import assign
        from core.data.samples import load_sample
        from core.audit_state import state as audits
        from core.audit_state.results.comparison_results import load_or_compare
        from core.storage.workspace import Workspace

        workspace = Workspace({str(workspace.root)!r})
        state = audits.load_audit(workspace, {state.id!r})
        dataset = assign(load_sample("german_credit"), state.roles)
        train, begun = cross_validation.train, []

        def dying(*rest, **options):
            begun.append(1)
            if len(begun) == 3:
                os.kill(os.getpid(), 9)
            return train(*rest, **options)

        cross_validation.train = dying
        list(load_or_compare(workspace, state, dataset, plan(LOGISTIC, BAYES)))
    """)
    assert subprocess.run([sys.executable, "-c", killed], check=False).returncode == -9
    asked = plan(LOGISTIC, BAYES)
    kept = load_comparison(*german, asked)
    assert [len(item.results) for item in kept] == [1, 1]
    *_, (_, found) = load_or_compare(*german, asked)
    assert len(trained) == 6
    *_, (_, direct) = cross_validate(dataset, asked.specs, FOLDS, combination=("sex",))
    assert found == direct


def test_a_fold_kept_without_a_figure_of_today_is_trained_again(german, trained):
    asked = plan(LOGISTIC, BAYES)
    *_, (_, found) = load_or_compare(*german, asked)
    workspace, state, _ = german
    cache_key = comparison_results._cache_key(found[0])
    del found[0].results[1].figures["accuracy"]
    ResultStore(workspace, state.id).keep(FOLDS_KIND, cache_key, found[0])
    trained.clear()
    *_, (_, again) = load_or_compare(*german, asked)
    assert trained == ["logistic_regression"]
    *_, (_, direct) = cross_validate(german[2], asked.specs, FOLDS, combination=("sex",))
    assert again == direct


def test_a_private_candidate_is_a_labelled_simulation_that_charges_nothing(german):
    workspace, state, dataset = german
    *_, (_, found) = load_or_compare(workspace, state, dataset, plan(LOGISTIC, private(state)))
    assert found[0].label is None
    assert "No privacy guarantee" in found[1].label
    assert audit_ledger.charges(workspace, state) == ()


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda p: plan(LOGISTIC), "from 2 to 4"),
        (lambda p: plan(*[LOGISTIC] * 2), "candidates A and B: they are the same"),
        (lambda p: plan(LOGISTIC, BAYES, combination=()), "at least one sensitive"),
        (lambda p: plan(LOGISTIC, BAYES, combination=("savings",)), "not a sensitive column"),
        (lambda p: plan(LOGISTIC, private(p, noise="fresh")), "each fold would be charged"),
        (lambda p: plan(LOGISTIC, private(p, person="x")), "person column of its guarantee"),
        (lambda p: plan(LOGISTIC, replace(BAYES, strength=0.5)), "no degrees"),
    ],
)
def test_what_does_not_fit_is_said(german, change, expected):
    with pytest.raises(InputError, match=expected):
        load_comparison(*german, change(german[1]))


def test_holm_over_all_pairs_by_hand(german):
    specs = (LOGISTIC, BAYES, replace(LOGISTIC, mitigation="reweighing"))
    *_, (_, found) = load_or_compare(*german, plan(*specs))
    pairs = compare_pairs(found, "selection_rate")
    assert [p.comparison.names for p in pairs] == list(combinations("ABC", 2))
    values = np.array([p.comparison.test.p_value for p in pairs])
    so_far = 0.0
    for rank, position in enumerate(np.argsort(values)):
        so_far = max(so_far, min(1.0, values[position] * (3 - rank)))
        assert pairs[position].corrected_p == pytest.approx(so_far, abs=1e-12)
        assert pairs[position].differs == (so_far < 0.05)


def test_a_chance_is_told_in_cases():
    assert (
        describe_p_value(0.03)
        == "a difference this large or larger would come up in 3 of 100 cases"
    )
    assert "about 4 of 1,000" in describe_p_value(0.0043)
    assert "fewer than 1 of 1,000" in describe_p_value(0.0001)
    assert "in 100 of 100" in describe_p_value(1.0)


def test_kept_models_are_listed_once_opened(german, monkeypatch):
    workspace, state, dataset = german
    assert stored_specs(*german) == ()
    audit_models.load_or_train(workspace, state, dataset, LOGISTIC)
    audit_models.train_audited_model(workspace, state, dataset, BAYES)
    workspace.put_model(state.id, "0" * 64, {"no": "model"})
    state = audits.load_audit(workspace, state.id)
    assert stored_specs(workspace, state, dataset) == (BAYES, LOGISTIC)
    opened = []
    monkeypatch.setattr(Workspace, "get_model", lambda *_: opened.append(1))
    assert stored_specs(workspace, state, dataset) == (BAYES, LOGISTIC)
    assert not opened
    for path in workspace.path_in(state.id, "models").glob("*.sealed"):
        path.unlink()
    assert stored_specs(workspace, state, dataset) == ()


def test_two_kept_models_are_compared_as_by_hand(german):
    a, b = (audit_models.load_or_train(*german, spec) for spec in (LOGISTIC, BAYES))
    found = compare_stored(*german, (LOGISTIC, BAYES), ("sex",))
    direct = compare_trained(german[2], a, b, ("sex",))
    assert found.everyone == direct.everyone
    assert found.disparities == direct.disparities
    with pytest.raises(InputError, match="not on disk"):
        compare_stored(*german, (LOGISTIC, replace(BAYES, seed=5)), ("sex",))


def test_two_specs_are_brought_to_one_split(german):
    workspace, state, dataset = german
    other = replace(BAYES, seed=3)
    assert on_one_split(LOGISTIC, BAYES) == (LOGISTIC, BAYES)
    assert on_one_split(LOGISTIC, other) == (LOGISTIC, BAYES)
    simulated = private(state, seed=3)
    first, second = on_one_split(LOGISTIC, simulated)
    assert (first.stratified, second.stratified, second.seed) == (False, None, 0)
    a, b = (audit_models.load_or_train(workspace, state, dataset, spec) for spec in (first, second))
    assert np.array_equal(a.split.test, b.split.test)
    paid = private(state, noise="fresh", seed=7)
    first, second = on_one_split(LOGISTIC, paid)
    assert second is paid
    assert split_of(first) == split_of(paid)
    with pytest.raises(InputError, match="paid for again"):
        on_one_split(paid, replace(paid, seed=8))
    with pytest.raises(InputError, match="bounds which rows"):
        on_one_split(LOGISTIC, replace(paid, person="id"))
