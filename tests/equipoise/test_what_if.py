"""A what-if in a notebook gives what core gives for the same model."""

from __future__ import annotations

import json

import pytest

import equipoise
from core.errors import InputError
from core.explanation.person.choosing import of_row
from core.explanation.person.what_if import what_if
from equipoise.results import AuditResult, WhatIfResult
from tests.core.worlds import frame


@pytest.fixture(scope="module")
def result() -> AuditResult:
    return equipoise.audit(
        frame(400), target="paid", positive_label="yes", sensitive="sex", learner="decision_tree",
        explain=0,
    )  # fmt: skip


def test_figures_are_those_of_core_and_render(result: AuditResult) -> None:
    row, edits = result.test_rows[3], {"income": 9.0, "city": "east"}
    answer = result.what_if(row, edits)
    assert isinstance(answer, WhatIfResult)
    audited = result._audited
    assert audited is not None
    assert audited.trained is not None
    position = of_row(audited.dataset, audited.trained, row)
    found = what_if(audited.dataset, audited.trained, position, edits)
    assert (answer.score_before, answer.score) == (found.before.score, found.after.score)
    assert answer.distance == found.after.distance
    table = answer.to_frame().set_index("feature")
    assert table["after"].to_numpy() == pytest.approx(found.reasons_after.values[0])
    assert table.index[table["edited"]].tolist() == ["income", "city"]
    assert json.loads(answer.to_json()) == answer.to_dict()
    assert f"what if, row {row}" in repr(answer)
    html = answer._repr_html_()
    assert "<table>" in html
    assert f"{found.after.score:.4f}" in html


@pytest.mark.parametrize(
    ("edits", "message"),
    [({"income": "much"}, "feature 'income': 'much' is no number"),
     ({"sex": "m"}, "the model sees no such feature"), ({"city": "wst"}, "'west'|'east'")],
)  # fmt: skip
def test_a_value_that_cannot_be_is_named(result: AuditResult, edits: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        result.what_if(result.test_rows[0], edits)


@pytest.mark.parametrize("row", [True, 1.5, "3"])
def test_a_row_that_is_no_number_is_named(result: AuditResult, row: object) -> None:
    with pytest.raises(InputError, match="whole number"):
        result.what_if(row, {})  # type: ignore[arg-type]


def test_a_row_that_the_model_learned_from_is_refused(result: AuditResult) -> None:
    learned = next(row for row in range(400) if row not in result.test_rows)
    with pytest.raises(InputError, match="isn't a test row"):
        result.what_if(learned, {})


def test_decisions_alone_have_no_model_to_ask() -> None:
    data = frame(200)
    data["decided"] = data["paid"]
    found = equipoise.audit(
        data, target="paid", prediction="decided", positive_label="yes", sensitive="sex"
    )
    assert found.test_rows == ()
    with pytest.raises(InputError, match="no model to ask"):
        found.what_if(0, {"income": 3})
