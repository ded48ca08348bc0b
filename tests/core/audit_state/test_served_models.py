"""A served model that an audit keeps: asked with leave only, counted, and never twice for a row."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.audit_state.audit_models import brought_models, load_model
from core.audit_state.kept_rows import ServerChangedError
from core.audit_state.results import model_results
from core.audit_state.served_audit import ask_trial, audit_served_model
from core.audit_state.served_calls import allow_calls, calls_of
from core.audit_state.served_count import count_calls
from core.audit_state.served_models import KeptServedModel, begin_served, put_served_at_hand
from core.audit_state.state import AuditState, begin_bytes, load_audit, read_table, save
from core.data.assign import assign
from core.data.roles.roles import Roles
from core.errors import InputError
from core.external_models.bring import Wishes, external_spec
from core.external_models.candidates import candidates_of
from core.external_models.matching import model_inputs
from core.external_models.model_facts import ModelFacts
from core.external_models.opened import forget_all, scorer_of
from core.external_models.proposals import propose
from core.external_models.served.answers import read_answers
from core.external_models.served.call_errors import CallsNeededError, NoCallsLeftError
from core.external_models.served.connection import ServedSpec, connect
from core.external_models.served.http_client import Patience
from core.external_models.served.permission import (
    Permit,
    permitted,
)
from core.external_models.served.served_model import TRIAL, facts_of, inputs_of
from core.learning.learners import EXTERNAL_MODEL
from core.storage.workspace import Workspace
from core.tradeoff.sweep.evaluate import batches
from core.tradeoff.sweep.executors import Here
from core.tradeoff.sweep.grid import Grid
from core.tradeoff.sweep.runs import runs
from core.training.spec import TrainingSpec
from core.training.trained import Trained
from tests.core.external_models.model_servers import Server, serving

QUICK = Patience(seconds=2, tries=1, wait=0.01)


def people() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "sex": rng.choice(["f", "m"], 120),
            "age": rng.integers(10, 80, 120),
            "income": rng.integers(0, 1000, 120),
        }
    )
    frame["paid"] = np.where(rng.random(120) < frame["age"] / 100, "yes", "no")
    return frame


def by_age(method: str, path: str, body: Any) -> tuple[int, Any]:
    table = body["dataframe_split"]
    at = table["columns"].index("age")
    scores = [row[at] / 100 for row in table["data"]]
    return 200, {"predictions": [[1 - score, score] for score in scores]}


@pytest.fixture
def server() -> Iterator[Server]:
    with serving(by_age) as found:
        yield found
    forget_all()


@pytest.fixture
def workspace(tmp_path: Any) -> Workspace:
    return Workspace(tmp_path / "workspace")


@pytest.fixture
def state(workspace: Workspace) -> AuditState:
    begun = begin_bytes(workspace, people().to_csv(index=False).encode(), "people.csv")
    roles = Roles("paid", "yes", ("sex",), features=("age", "income"))
    return save(workspace, AuditState(**{**vars(begun), "roles": roles}))


def begun(
    workspace: Workspace, state: AuditState, server: Server, batch: int = 50, **more: bool
) -> tuple[KeptServedModel, bool, TrainingSpec, pd.DataFrame]:
    """Connect, try out and settle a model as the train page does."""
    assert state.roles is not None
    found = candidates_of(read_table(workspace, state), state.roles)
    connection = connect(ServedSpec(server.address, batch, patience=QUICK))
    inputs = inputs_of(found.features, {"age": "age", "income": "income"})
    told = ModelFacts("", "", "", "", "", 0, "binary", inputs, None, "probability")
    matching = propose(told, found.features).matching
    trial = model_inputs(matching, told, found.features.head(TRIAL))
    answers = ask_trial(workspace, state, connection, inputs, trial)
    facts = facts_of(connection, inputs, answers, "yes")
    scores, _ = read_answers(answers, "yes", "")
    model, changed = begin_served(workspace, state, connection, facts, "yes", trial, scores, **more)
    wishes = Wishes({}, True, "1")
    spec = external_spec(facts, server.address, matching, "yes", wishes)
    return model, changed, TrainingSpec(EXTERNAL_MODEL.name, external=spec), found.features


def audited(
    workspace: Workspace, state: AuditState, server: Server, calls: int = 3
) -> tuple[AuditState, Trained]:
    model, _, spec, features = begun(workspace, state, server)
    table = read_table(workspace, state)
    with permitted(Permit(calls)):
        trained, _ = audit_served_model(workspace, state, table, features, model, spec)
    return load_audit(workspace, state.id), trained


def reopened(workspace: Workspace, state: AuditState) -> Trained:
    """Load the audited model as a process does that was just started."""
    forget_all()
    assert state.roles is not None
    assert state.training is not None
    dataset = assign(read_table(workspace, state), state.roles)
    found = load_model(workspace, state, dataset, state.training)
    assert found is not None
    return found


def posts(server: Server) -> int:
    return sum(method == "POST" for method, _, _ in server.asked)


def test_rows_are_asked_for_with_leave_only_and_after_a_restart_not_again(
    workspace: Workspace, state: AuditState, server: Server
) -> None:
    model, _, spec, features = begun(workspace, state, server)
    table = read_table(workspace, state)
    with pytest.raises(CallsNeededError) as needed:
        audit_served_model(workspace, state, table, features, model, spec)
    assert (needed.value.rows, needed.value.calls) == (112, 3)
    with pytest.raises(CallsNeededError), permitted(Permit(2)):
        audit_served_model(workspace, state, table, features, model, spec)
    assert posts(server) == 1
    with permitted(Permit(3)) as permit:
        trained, _ = audit_served_model(workspace, state, table, features, model, spec)
    assert (permit.made, permit.calls, posts(server)) == (3, 0, 4)
    assert calls_of(workspace, state).made == 4
    assert trained.scores.tolist() == (people()["age"] / 100).tolist()
    state = load_audit(workspace, state.id)
    assert state.training is not None
    assert state.training.external is not None
    server.answer = lambda *_: (500, {})
    again = reopened(workspace, state)
    scorer = scorer_of(state.training.external)
    assert scorer.facts.sha256 == state.training.external.sha256 != ""
    assert np.array_equal(again.decider.predict_score(features), trained.scores)
    assert posts(server) == 4


def test_what_was_answered_before_a_stop_is_kept_and_going_on_asks_the_rest(
    workspace: Workspace, state: AuditState, server: Server
) -> None:
    class Stopped(BaseException):
        pass

    def told(made: int, allowed: int) -> None:
        if made == 2:
            raise Stopped

    model, _, spec, features = begun(workspace, state, server)
    table = read_table(workspace, state)
    with pytest.raises(Stopped), permitted(Permit(3, told=told)):
        audit_served_model(workspace, state, table, features, model, spec)
    assert calls_of(workspace, state).made == posts(server) == 3
    model, changed, spec, features = begun(workspace, state, server)
    assert not changed
    with permitted(Permit(1)):
        audit_served_model(workspace, state, table, features, model, spec)
    asked = [row for _, _, body in server.asked for row in body["dataframe_split"]["data"]]
    # The 8 rows by which it is seen that the model is the same were asked for twice.
    assert len(asked) == 120 + TRIAL
    model, _, spec, features = begun(workspace, state, server, anew=True)
    with pytest.raises(CallsNeededError) as needed:
        audit_served_model(workspace, state, table, features, model, spec)
    assert needed.value.rows == 112


def test_the_cap_holds_over_the_whole_audit_and_is_raised_by_a_person(
    workspace: Workspace, state: AuditState, server: Server
) -> None:
    allow_calls(workspace, state, 3)
    with pytest.raises(NoCallsLeftError, match=r"take 3 calls, and of the 3 .* 2 are left"):
        audited(workspace, state, server)
    allow_calls(workspace, state, 5)
    audited(workspace, state, server)
    assert calls_of(workspace, state).made == posts(server) == 5
    with pytest.raises(NoCallsLeftError, match="0 are left"):
        begun(workspace, state, server)
    assert posts(server) == 5


def test_a_server_that_answers_otherwise_is_told_and_its_answers_are_mixed_with_none(
    workspace: Workspace, state: AuditState, server: Server
) -> None:
    state, trained = audited(workspace, state, server)
    trained = reopened(workspace, state)
    new = people()[["age", "income"]].head(1).astype(float)
    new["age"] = 77.5
    assert trained.decider.predict_score  # kept answers alone, so far
    with permitted(Permit(2)):
        assert trained.decider.predict_score(new).tolist() == [0.775]
    trained = reopened(workspace, state)
    server.answer = lambda m, p, b: (
        200, {"predictions": [[0.9, 0.1]] * len(b["dataframe_split"]["data"])}
    )  # fmt: skip
    before = posts(server)
    new["age"] = 78.5
    with pytest.raises(ServerChangedError, match="it is another model now"), permitted(Permit(2)):
        trained.decider.predict_score(new)
    assert posts(server) == before + 1
    new["age"] = 77.5
    assert trained.decider.predict_score(new).tolist() == [0.775]
    # Brought again it begins anew, and the model that was audited before stays as it was.
    model, changed, spec, features = begun(workspace, state, server)
    assert changed
    with permitted(Permit(3)):
        now, _ = audit_served_model(
            workspace, state, read_table(workspace, state), features, model, spec
        )
    assert set(now.scores.tolist()) == {0.1}
    assert reopened(workspace, state).decider.predict_score(new).tolist() == [0.775]
    # Both are there to compare, and neither is asked for it.
    forget_all()
    before = posts(server)
    given = model_inputs(spec.external.matching, model.facts, features)  # type: ignore[union-attr]
    scores = [
        scorer_of(one.external).score(given)[:, 1].mean()  # type: ignore[arg-type]
        for one in brought_models(workspace, state)
    ]
    assert scores == pytest.approx([0.1, people()["age"].mean() / 100])
    assert posts(server) == before


def test_a_server_that_changes_shortly_after_it_was_asked_is_seen_by_the_next_leave(
    workspace: Workspace, state: AuditState, server: Server
) -> None:
    state, trained = audited(workspace, state, server)
    new = people()[["age", "income"]].head(1).astype(float)
    with permitted(Permit(3)) as permit:
        for age in (77.5, 78.5):
            assert trained.decider.predict_score(new.assign(age=age)).tolist() == [age / 100]
    assert permit.made == 3  # Under one leave it is seen once.
    server.answer = lambda m, p, b: (
        200, {"predictions": [[0.9, 0.1]] * len(b["dataframe_split"]["data"])}
    )  # fmt: skip
    with pytest.raises(ServerChangedError), permitted(Permit(2)) as permit:
        trained.decider.predict_score(new.assign(age=79.5))
    assert permit.made == 1


def test_answers_that_were_changed_on_disk_are_not_used(
    workspace: Workspace, state: AuditState, server: Server
) -> None:
    state, _ = audited(workspace, state, server)
    for path in workspace.path_in(state.id, "results").glob("*.data"):
        path.write_bytes(path.read_bytes()[:-1] + b"x")
    trained = reopened(workspace, state)
    with pytest.raises(InputError, match=r"were changed since they came.*Bring it again"):
        trained.decider.predict_score(people()[["age", "income"]].astype(float))


def test_an_address_that_may_not_be_asked_is_not_asked_with_leave_either(
    workspace: Workspace, state: AuditState, server: Server
) -> None:
    def check(address: str) -> None:
        assert address == server.address
        raise InputError("this page may not ask it")

    model, _, _spec, _features = begun(workspace, state, server)
    before = posts(server)
    with pytest.raises(InputError, match="may not ask"), permitted(Permit(9, check=check)):
        model.score({"age": np.array([1.5]), "income": np.array([2.0])})
    assert posts(server) == before


def test_what_a_piece_of_work_asks_for_is_counted_before_and_comes_out_so(
    workspace: Workspace, state: AuditState, server: Server
) -> None:
    state, trained = audited(workspace, state, server)
    assert state.roles is not None
    dataset = assign(read_table(workspace, state), state.roles)

    def work(place: Workspace) -> Any:
        return model_results.load_or_explain_person(place, state, dataset, trained, 5)

    before = posts(server)
    count = count_calls(workspace, state, dataset, trained, work)
    assert posts(server) == before
    assert count.complete
    assert count.left == 1000 - before
    assert count.calls > 10
    assert count.rows > 100
    with permitted(Permit(count.calls)) as permit:
        work(workspace)
    assert permit.made == posts(server) - before == count.calls
    # It is kept, and a second look asks for nothing.
    work(workspace)
    assert posts(server) == before + count.calls
    assert count_calls(workspace, state, dataset, trained, work).calls == 0
    # More than are left is counted too, so that it can be said how many are to be allowed.
    allow_calls(workspace, state, calls_of(workspace, state).made + 2)

    def other(place: Workspace) -> Any:
        return model_results.load_or_explain_person(place, state, dataset, trained, 7)

    ended = count_calls(workspace, state, dataset, trained, other)
    assert (ended.left, ended.complete) == (2, True)
    assert ended.calls > 3
    # What takes too long to count is told as a least number.
    ended = count_calls(workspace, state, dataset, trained, other, seconds=0)
    assert not ended.complete


def test_each_audit_has_its_own_calls_and_answers(
    workspace: Workspace, state: AuditState, server: Server
) -> None:
    state, _ = audited(workspace, state, server)
    assert state.roles is not None
    other = begin_bytes(workspace, people().to_csv(index=False).encode(), "people.csv")
    other = save(workspace, AuditState(**{**vars(other), "roles": state.roles}))
    other, _ = audited(workspace, other, server)
    assert state.training is not None
    assert other.training is not None
    assert state.training.external == other.training.external
    new = {"age": np.array([1.5]), "income": np.array([2.0])}
    for one in (state, other):
        spec = one.training.external  # type: ignore[union-attr]
        assert spec is not None
        made = calls_of(workspace, one).made
        put_served_at_hand(workspace, one, spec)
        with permitted(Permit(2)):
            scorer_of(spec).score(new)
        assert calls_of(workspace, one).made > made


def test_mitigations_and_an_earlier_threshold_are_audited_without_a_further_call(
    workspace: Workspace, state: AuditState, server: Server
) -> None:
    state, before = audited(workspace, state, server)
    asked = posts(server)
    for mitigation in ("threshold_optimizer", "none"):
        model, changed, spec, features = begun(workspace, state, server)
        assert not changed
        asked += 1
        external = spec.external
        assert external is not None
        spec = replace(spec, mitigation=mitigation, external=replace(external, threshold=0.3))
        with permitted(Permit(0)):
            found, _ = audit_served_model(
                workspace, state, read_table(workspace, state), features, model, spec
            )
        state = load_audit(workspace, state.id)
        assert found.spec.mitigation == mitigation
    assert found.decisions.tolist() == (people()["age"] >= 30).tolist()
    assert before.decisions.tolist() == (people()["age"] >= 50).tolist()
    assert posts(server) == asked


def test_a_sweep_of_mitigations_takes_no_further_call(
    workspace: Workspace, state: AuditState, server: Server
) -> None:
    state, trained = audited(workspace, state, server)
    asked = posts(server)
    reopened(workspace, state)
    assert state.roles is not None
    dataset = assign(read_table(workspace, state), state.roles)
    grid = Grid(
        (EXTERNAL_MODEL.name,), (None,), (("sex",),),
        mitigations=(("none", 1.0), ("threshold_optimizer", 1.0)), mitigate_for="sex",
        split_seeds=(0, 1), external=trained.spec.external,
    )  # fmt: skip
    kept, _ = runs(dataset, grid)
    points = [p for found in Here().points(dataset, grid, batches(kept)) for p in found]
    assert len(points) >= 3
    assert [point.reason for point in points] == [None] * len(points)
    assert posts(server) == asked


def test_a_section_that_nobody_thought_of_asks_for_nothing(
    workspace: Workspace, state: AuditState, server: Server
) -> None:
    state, trained = audited(workspace, state, server)
    asked = posts(server)
    new = people()[["age", "income"]].head(2).astype(float) + 0.25
    with pytest.raises(CallsNeededError, match=r"2 rows .* take .* nobody has allowed"):
        trained.decider.predict_score(new)

    def elsewhere() -> None:
        with pytest.raises(CallsNeededError):
            trained.decider.predict_score(new)

    # Leave holds in the thread that it was given to.
    with permitted(Permit(9)), ThreadPoolExecutor(1) as pool:
        pool.submit(elsewhere).result()
    assert posts(server) == asked
