"""How a model made elsewhere fits a table: unknown values, earlier scores, where they are told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.audit.finding import Finding
from core.audit.pipeline import run
from core.audit.result import AuditPlan, AuditResult
from core.cli.external_model import fit_lines
from core.data.frames import table_of
from core.data.roles.roles import Roles
from core.errors import InputError
from core.external_models.bring import Wishes, bring
from core.external_models.candidates import candidates_of
from core.external_models.external_spec import ExternalSpec
from core.external_models.fit_to_table import decision_notes, earlier_scores
from core.external_models.matching import InputMatch, Matching
from core.external_models.matching_draft import MatchingDraft, draft_of
from core.external_models.model_facts import ModelFacts, ModelInput
from core.external_models.opened import forget_all
from core.external_models.proposals import propose
from core.reporting.audit_json import audit_json
from core.reporting.report import render
from core.training.spec import TrainingSpec

FACTS = ModelFacts(
    "onnx", "Linear model", "skl2onnx", "1.20.0", "ab" * 32, 1234, "binary",
    (
        ModelInput("income", "number", "float32", missing="unknown"),
        ModelInput("town", "category", "string", ("Bonn", "Köln"), missing="unknown"),
    ),
    ("no", "yes"), "probability",
)  # fmt: skip


class ByIncome:
    """Scores by income in single precision; a missing one is scored 0."""

    facts = FACTS

    def score(self, columns: dict) -> np.ndarray:
        score = np.nan_to_num(columns["income"].astype(np.float32)) / np.float32(100)
        return np.column_stack([1 - score, score]).astype(np.float64)

    def close(self) -> None: ...


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    forget_all()


def rows() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    count = 200
    income = np.round(rng.random(count) * 100, 1)
    frame = pd.DataFrame(
        {
            "sex": np.where(np.arange(count) < 120, "f", "m"),
            "income": income,
            "town": rng.choice(["Bonn", "Köln"], count),
            "age": rng.integers(20, 60, count),
            "earlier": income / 100,
            "paid": np.where(rng.random(count) * 100 < income, "yes", "no"),
        }
    )
    frame.loc[[0, 1, 130], "town"] = "Trier"
    frame.loc[[1, 140], "income"] = np.nan
    frame.loc[[1, 140], "earlier"] = 0.0
    return frame


def audited(frame: pd.DataFrame, earlier: str | None = None) -> AuditResult:
    table = table_of(frame, "f")
    roles = Roles("paid", "yes", ("sex",), features=("income", "town"))
    offered = candidates_of(table, roles)
    wishes = Wishes({}, earlier_scores=earlier)
    spec = bring(ByIncome(), "m.onnx", offered.features, "yes", wishes)
    training = TrainingSpec("external_model", external=spec)
    return run(table, AuditPlan(roles, training, explain=0))


def finding(result: AuditResult, code: str) -> Finding | None:
    return next((item for item in result.findings if item.code == code), None)


def test_unknown_and_missing_values_are_counted_by_value_and_group_and_rows_once() -> None:
    result = audited(rows())
    fit = result.external
    assert fit is not None
    counted = {item.input: (dict(item.values), dict(item.by_group)) for item in fit.unknown}
    assert counted == {
        "income": ({"(missing)": 2}, {"f": 1, "m": 1}),
        "town": ({"Trier": 3}, {"f": 2, "m": 1}),
    }
    # Row 1 lacks both and counts once.
    assert fit.unknown_rows == 4
    assert dict(fit.unknown_by_group or {}) == {"f": 2, "m": 2}
    assert "4 of 200 rows" in fit.unknown_sentence
    assert "f: 2 of 120; m: 2 of 80" in fit.unknown_sentence
    found = finding(result, "DATA-10")
    assert found is not None
    assert found.severity == "low"
    assert "town from town: Trier (3)" in found.evidence


@pytest.mark.parametrize(
    ("strange", "severity"), [(10, "low"), (11, "medium"), (100, "medium"), (101, "high")]
)
def test_unknown_values_weigh_above_a_twentieth_of_rows_and_most_above_half(
    strange: int, severity: str
) -> None:
    frame = rows()
    frame["income"] = frame["income"].fillna(1.0)
    frame["town"] = np.where(np.arange(200) < strange, "Trier", "Bonn")
    found = finding(audited(frame), "DATA-10")
    assert found is not None
    assert found.severity == severity


def test_one_row_holds_and_two_rows_hold() -> None:
    frame = rows()
    frame["income"] = frame["income"].fillna(1.0)
    frame["town"] = np.where(np.arange(200) % 2, "Bonn", "Köln")
    frame.loc[5, "town"] = "Trier"
    for said in ("1 of 200 rows holds", "2 of 200 rows hold"):
        result = audited(frame)
        found = finding(result, "DATA-10")
        assert found is not None
        assert found.title.startswith(f"{said} values that")
        assert result.external is not None
        assert result.external.unknown_sentence.startswith(f"{said} a value that")
        frame.loc[6, "town"] = "Trier"


def test_nothing_unknown_is_said_and_no_finding() -> None:
    frame = rows().assign(town="Bonn")
    frame["income"] = frame["income"].fillna(1.0)
    result = audited(frame.assign(town=np.where(np.arange(200) % 2, "Bonn", "Köln")))
    assert result.external is not None
    assert "No value of the 200 rows" in result.external.unknown_sentence
    assert finding(result, "DATA-10") is None


def test_earlier_scores_that_agree_are_no_finding_and_others_are_named_by_row() -> None:
    frame = rows()
    assert finding(audited(frame, "earlier"), "DATA-11") is None
    frame.loc[7, "earlier"] = 1 - frame.loc[7, "earlier"]
    frame.loc[8, "earlier"] = np.nan
    result = audited(frame, "earlier")
    fit = result.external
    assert fit is not None
    assert fit.earlier is not None
    assert (fit.earlier.rows, fit.earlier.without, fit.earlier.differing) == (199, 1, 1)
    assert fit.earlier.shown[0][0] == 7
    found = finding(result, "DATA-11")
    assert found is not None
    assert found.severity == ("high" if fit.earlier.flips else "medium")
    assert any("row 7:" in line for line in fit_lines(fit))


def test_rows_go_by_their_number_in_the_table_where_some_are_left_out() -> None:
    frame = rows()
    frame.loc[0, "paid"] = None
    frame.loc[7, "earlier"] = 1 - frame.loc[7, "earlier"]
    fit = audited(frame, "earlier").external
    assert fit is not None
    assert fit.earlier is not None
    assert fit.earlier.rows == 199
    assert fit.earlier.shown[0][0] == 7


def test_without_a_column_of_earlier_scores_the_check_is_skipped() -> None:
    check = next(item for item in audited(rows()).checks if item.code == "DATA-11")
    assert (check.status, check.reasons) == (
        "not applicable",
        ("no column of earlier scores was named",),
    )


@pytest.mark.parametrize(
    ("column", "values", "said"),
    [
        ("gone", None, "no such column"),
        ("paid", None, "something else than numbers"),
        ("earlier", [0.5, 1.5], "outside of 0 and 1"),
    ],
)
def test_a_column_that_holds_no_scores_gets_a_sentence(
    column: str, values: list[float] | None, said: str
) -> None:
    frame = rows()
    if values is not None:
        frame.loc[[0, 1], column] = values
    with pytest.raises(InputError, match=said):
        earlier_scores(table_of(frame, "f"), column)


def test_json_and_report_name_the_file_and_hold_the_counts() -> None:
    frame = rows()
    frame.loc[7, "earlier"] = 1 - frame.loc[7, "earlier"]
    record = audit_json(audited(frame, "earlier"))
    told = record["external_model"]
    assert (told["format"], told["library"], told["sha256"]) == ("onnx", "skl2onnx", "ab" * 32)
    assert told["unknown_values"]["rows"] == 4
    assert told["unknown_values"]["by_group"][0] == {
        "group": {"sex": "f"}, "label": "f", "rows": 2, "of": 120,
    }  # fmt: skip
    assert told["earlier_scores"]["most_different"][0]["row"] == 7
    html = render(record)
    assert "m.onnx: format onnx, skl2onnx 1.20.0, SHA-256 <code>abababababab…</code>" in html
    assert "Trier (3)" in html
    assert "whether any of them trained it is not known" in html
    assert "1,000 for training" not in html
    assert "trained to predict" not in html


def test_a_draft_is_settled_once_everything_is_matched_and_accepted() -> None:
    features = rows()[["town"]].rename(columns={"town": "Town"}).assign(other=1.0)
    draft = draft_of(FACTS, propose(FACTS, features))
    assert draft.unmatched == ("income",)
    assert draft.proposed == ("town",)
    with pytest.raises(InputError, match="2 of its 2 inputs are open: 'income', 'town'"):
        draft.settled("m.onnx")
    draft = draft.with_match(InputMatch("income", None, "constant", constant="5"))
    assert draft.state_of("income") == "accepted"
    assert not draft.is_settled
    draft = draft.accepting(["town"])
    assert [match.input for match in draft.settled("m.onnx").inputs] == ["income", "town"]


def test_the_same_columns_wait_for_nobody() -> None:
    draft = draft_of(FACTS, propose(FACTS, rows()))
    assert isinstance(draft, MatchingDraft)
    assert draft.is_settled
    assert draft.state_of("town") == "the same"


@pytest.mark.parametrize("ties", [0, 3])
def test_ties_at_the_threshold_are_counted_where_the_library_may_decide_them_otherwise(
    ties: int,
) -> None:
    frame = rows()
    frame["income"] = frame["income"].fillna(1.0).where(frame["income"] != 50, 50.1)
    frame.loc[frame.index[:ties], "income"] = 50.0
    result = audited(frame)
    assert result.external is not None
    notes = result.external.decision_notes
    assert len(notes) == (ties > 0)
    assert all("3 of 200 scores are exactly 0.5" in note for note in notes)
    assert set(notes) <= set(audit_json(result)["external_model"]["notes"])
    assert all(f"  {note}" in fit_lines(result.external) for note in notes)


def test_a_model_of_three_classes_says_that_its_own_choice_may_be_another() -> None:
    spec = ExternalSpec("0" * 64, "m", "onnx", "", Matching(()), "yes")
    three = replace(FACTS, classes=("no", "perhaps", "yes"))
    scores = np.array([0.2, 0.7])
    assert len(decision_notes(spec, three, scores)) == 1
    assert decision_notes(spec, FACTS, scores) == ()
    tied = np.array([0.5])
    assert len(decision_notes(spec, three, tied)) == 2
    # An object is asked for its own decisions, and labels leave no tie.
    assert decision_notes(replace(spec, format="object"), FACTS, tied) == ()
    assert decision_notes(replace(spec, output="label"), FACTS, tied) == ()
