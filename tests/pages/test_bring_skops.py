"""A skops file with types that nobody reviewed, and values that a model refuses, on the page."""

from __future__ import annotations

from functools import cache

import catboost
import pytest
import skops.io
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import core.external_models.sandbox.model_process as opening
from core.audit_state.state import AuditState, begin_bytes, save
from core.data.roles.roles import Roles
from core.storage.workspace import Workspace
from tests.pages.conftest import ran
from tests.pages.test_bring import bring, lightgbm, named, people, plain


@cache
def pipeline() -> bytes:
    frame = people()
    made = make_pipeline(
        StandardScaler(), lightgbm.LGBMClassifier(n_estimators=5, n_jobs=1, verbose=-1)
    )
    made.fit(frame[["income", "age"]], frame["paid"])
    return skops.io.dumps(made)


@pytest.fixture
def audit(workspace: Workspace) -> AuditState:
    frame = people()
    frame.loc[:6, "town"] = None
    state = begin_bytes(workspace, frame.to_csv(index=False).encode(), "people.csv")
    roles = Roles("paid", "yes", ("sex",), features=("income", "age", "town"))
    return save(workspace, AuditState(**{**vars(state), "roles": roles}))


def test_types_are_accepted_by_a_named_person_and_the_file_opened_once_for_each_answer(
    audit: AuditState, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = []
    first = opening.open_model

    def counted(data: bytes, name: str, **more: tuple[str, ...]) -> opening.ModelProcess:
        opened.append(more["accepted_types"])
        return first(data, name, **more)

    monkeypatch.setattr(opening, "open_model", counted)
    app = bring(audit, pipeline(), "m.skops")
    types = [box.label.replace("\\", "") for box in app.checkbox]
    assert "lightgbm.sklearn.LGBMClassifier" in types
    for position in range(len(types)):
        app.checkbox[position].check()
        app = ran(app)
    assert "Does it fit the table?" not in plain(app)
    named(app, "text_input", "Accepted by").set_value("Ada Lovelace")
    shown = plain(ran(app))
    assert "LGBM classifier" in shown
    assert shown.count("lightgbm.basic.Booster") == 1  # in the note; its box is a label
    assert "The types named above were accepted by Ada Lovelace." in shown
    assert opened == [(), tuple(types)]


def test_values_that_a_model_refuses_are_told_so_before_it_is_asked(audit: AuditState) -> None:
    frame = people()
    fitted = catboost.CatBoostClassifier(
        iterations=5, depth=2, verbose=0, allow_writing_files=False, thread_count=1
    ).fit(frame[["income", "town"]], frame["paid"], cat_features=["town"])
    shown = plain(bring(audit, fitted._serialize_model(), "m.cbm"))
    assert "7 of 300 rows hold a value that the model does not know, or a blank" in shown
    assert "The model refuses such values of town, and then scores no row at all." in shown
    assert "as something else" not in shown
