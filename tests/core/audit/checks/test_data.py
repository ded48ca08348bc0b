"""Findings on the data and on what the model sees, on both sides of their edges."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.audit.pipeline import run, with_findings
from core.audit.result import AuditPlan, AuditResult
from core.data.table import Repair
from core.training.spec import TrainingSpec
from tests.core.audit.checks.cases import found, roles_of
from tests.core.worlds import frame, table


@pytest.fixture(scope="module")
def plain() -> AuditResult:
    read = table(frame(400))
    roles = roles_of(read, "paid", "yes", "sex")
    return run(read, AuditPlan(roles, TrainingSpec("logistic_regression"), explain=1))


@pytest.mark.parametrize(("lost", "severity"), [(0, None), (20, "low"), (21, "medium")])
def test_rows_that_were_dropped(lost: int, severity: str | None) -> None:
    data = frame(400)
    data.loc[: lost - 1, "paid"] = None
    if not lost:
        data = frame(400)
    read = table(data)
    roles = roles_of(read, "paid", "yes", "sex")
    result = run(read, AuditPlan(roles, TrainingSpec("logistic_regression"), explain=0))
    told = found(result, "DATA-01")
    assert [one.severity for one in told] == ([] if severity is None else [severity])
    if told:
        assert told[0].title == f"{lost} of 400 rows were dropped"
        assert f"Rows without a target were left out. ({lost}, paid)" in told[0].evidence


@pytest.mark.parametrize(
    ("caveats", "title"),
    [((), None), (("One.",), "A caveat of the data's source"), (("One.", "Two."), "2 caveats")],
)
def test_caveats_of_the_source_are_repeated(
    plain: AuditResult, caveats: tuple[str, ...], title: str | None
) -> None:
    told = found(with_findings(plain, caveats), "DATA-02")
    assert len(told) == (title is not None)
    if title is not None:
        assert told[0].severity == "info"
        assert told[0].title.startswith(title)
        assert told[0].evidence == " ".join(caveats)


def test_a_sensitive_column_among_the_features(plain: AuditResult) -> None:
    assert not found(plain, "DATA-03")
    read = table(frame(400))
    roles = roles_of(read, "paid", "yes", "sex", features=("income", "sex"))
    seen = run(read, AuditPlan(roles, TrainingSpec("logistic_regression"), explain=0))
    (one,) = found(seen, "DATA-03")
    assert (one.severity, one.evidence) == ("medium", "Among its features: sex")
    assert not found(with_findings(replace(seen, trained=None)), "DATA-03")


def test_rows_left_out_of_training(plain: AuditResult) -> None:
    assert plain.trained is not None
    assert not found(plain, "DATA-04")
    repairs = (Repair("Of each person 1 rows are used at most.", 7, "id"),)
    (one,) = found(
        with_findings(replace(plain, trained=replace(plain.trained, repairs=repairs))), "DATA-04"
    )
    assert (one.severity, one.title) == ("info", "7 rows were left out of training and testing")
