"""Findings on the data and on what the model sees, on both sides of their edges."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.audit.pipeline import run, with_findings
from core.audit.result import AuditPlan, AuditResult
from core.data.assign import assign, default_roles
from core.data.repeats import copies, likely_persons, twins
from core.data.table import Repair
from core.training.spec import TrainingSpec
from tests.core.audit.checks.cases import audited, case, found, roles_of
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
    findings = found(result, "DATA-01")
    assert [one.severity for one in findings] == ([] if severity is None else [severity])
    if findings:
        assert findings[0].title == f"{lost} of 400 rows were dropped"
        assert f"Rows without a target were left out. ({lost}, paid)" in findings[0].evidence


@pytest.mark.parametrize(
    ("caveats", "title"),
    [((), None), (("One.",), "A caveat of the data's source"), (("One.", "Two."), "2 caveats")],
)
def test_caveats_of_the_source_are_repeated(
    plain: AuditResult, caveats: tuple[str, ...], title: str | None
) -> None:
    findings = found(with_findings(replace(plain, caveats=caveats)), "DATA-02")
    assert len(findings) == (title is not None)
    if title is not None:
        assert findings[0].severity == "info"
        assert findings[0].title.startswith(title)
        assert findings[0].evidence == " ".join(caveats)


@pytest.mark.parametrize(("blank", "count"), [(200, 0), (201, 1)])
def test_a_sensitive_column_that_is_blank_in_most_rows(blank: int, count: int) -> None:
    data = frame(400)
    data.loc[: blank - 1, "sex"] = None
    read = table(data)
    roles = roles_of(read, "paid", "yes", "sex")
    result = run(read, AuditPlan(roles, TrainingSpec("logistic_regression"), explain=0))
    findings = found(result, "DATA-09")
    assert [one.severity for one in findings] == ["medium"] * count
    if findings:
        assert "201 of 400 rows (50%)" in findings[0].evidence


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


def likely(data: pd.DataFrame) -> tuple[str, ...]:
    read = table(data)
    made = assign(read, default_roles(read, "paid", "yes", ("sex",))[0])
    return tuple(item.column for item in likely_persons(read, made))


def test_repeated_persons_are_told_until_the_identifier_is_declared() -> None:
    read = case("repeated_persons")
    roles = roles_of(read, "out", "yes", "grp")
    (one,) = found(audited(read, roles, "decision_tree"), "DATA-05")
    assert one.severity == "high"
    assert "'person'" in one.title
    assert "500 values in 1,500 rows" in one.evidence
    assert "of 300 test rows is among the training rows" in one.evidence
    features = tuple(name for name in roles.features if name != "person")
    declared = replace(roles, identifiers=("person",), features=features)
    result = audited(read, declared, "decision_tree")
    assert not found(result, "DATA-05")
    assert result.trained is not None
    assert (result.trained.split.by, result.trained.split.persons) == (("person",), 500)


def test_persons_may_have_names_or_numbers_and_rows_of_any_number() -> None:
    data = frame(600)
    who = np.random.default_rng(0).integers(0, 200, 600)
    sex = np.where(who % 2, "f", "m")
    assert likely(data.assign(sex=sex, who=who)) == ("who",)
    assert likely(data.assign(sex=sex, who=[f"p{k}" for k in who])) == ("who",)
    assert likely(data.assign(sex=sex, who=who + 0.5)) == ()


@pytest.mark.parametrize(("strays", "is_person"), [(5, True), (20, False)])
def test_who_changes_the_group_is_no_person(strays: int, is_person: bool) -> None:
    """Of 200 values of three rows each, 5 or 20 have rows of both groups: 97.5 % or 90 % agree."""
    data, who = frame(600), np.repeat(np.arange(200), 3)
    sex = np.where(who % 2, "f", "m").astype(object)
    sex[: 3 * strays : 3] = "x"
    assert likely(data.assign(sex=sex, who=who)) == (("who",) if is_person else ())


@pytest.mark.parametrize(("share", "told"), [(0.12, False), (0.3, True)])
def test_a_group_that_nearly_all_are_of_tells_nothing(share: float, told: bool) -> None:
    """Of pairs 79 % or 58 % would agree by chance."""
    who = np.repeat(np.arange(300), 2)
    sex = np.where(np.random.default_rng(1).random(300) < share, "f", "m")[who]
    assert likely(frame(600).assign(sex=sex, who=who)) == (("who",) if told else ())


@pytest.mark.parametrize(("values", "told"), [(50, False), (52, True)])
def test_few_values_are_categories(values: int, told: bool) -> None:
    who = np.arange(600) % values
    data = frame(600).assign(sex=np.where(who % 2, "f", "m"), who=who)
    assert likely(data) == (("who",) if told else ())


def test_places_and_amounts_are_no_persons() -> None:
    rng = np.random.default_rng(3)
    data = frame(600).assign(zip=rng.integers(10_000, 10_150, 600), amount=rng.integers(0, 99, 600))
    assert likely(data) == ()


def test_copies_are_counted_by_hand() -> None:
    data = frame(200)
    again = pd.concat([data, data.iloc[[3, 3, 7]], data.iloc[[9]].assign(paid="other")])
    assert copies(table(data)) == 0
    assert copies(table(again)) == 3


@pytest.mark.parametrize(("count", "told"), [(3, False), (4, True)])
def test_copies_are_told_from_one_in_a_hundred_on(count: int, told: bool) -> None:
    data = frame(400 - count)
    read = table(pd.concat([data, data.iloc[:count]]))
    roles = default_roles(read, "paid", "yes", ("sex",))[0]
    result = audited(read, roles, "logistic_regression")
    codes = [(item.severity, item.title) for item in found(result, "DATA-06")]
    assert codes == ([("low", f"{count} of 400 rows are exact copies of others")] if told else [])


def test_twins_agree_in_features_alone() -> None:
    features = pd.DataFrame({"a": [1.0, 2.0, 1.0, np.nan, np.nan], "b": [*"xxxyy"]})
    assert twins(features, np.array([0, 3]), np.array([1, 2, 4])).tolist() == [False, True, True]


def test_rows_that_training_has_seen_are_told_with_what_they_do_to_accuracy() -> None:
    """Coins as labels, each row there twice: nothing can be learned but the rows themselves."""
    rng = np.random.default_rng(0)
    data = frame(300).assign(paid=np.where(rng.random(300) < 0.5, "yes", "no"))
    once = table(data)
    roles = default_roles(once, "paid", "yes", ("sex",))[0]
    assert not found(audited(once, roles, "decision_tree"), "DATA-07")
    copied = table(pd.concat([data, *[data.iloc[:150]] * 3]))
    (one,) = found(audited(copied, roles, "random_forest"), "DATA-07")
    assert one.severity == "medium"
    assert "agree in every feature with a training row" in one.evidence
    assert "of the others" in one.evidence
    # Rows alike by chance, of which the model knows no more than of others.
    coarse = table(data.assign(income=data["income"] > 4.5, age=data["age"] > 50, note=data.index))
    (chance,) = found(audited(coarse, roles, "decision_tree"), "DATA-07")
    assert chance.severity in ("low", "medium")
    assert "so no row is new to the model" in chance.evidence or chance.severity == "low"


@pytest.mark.parametrize(
    ("target", "holds", "severity", "title"),
    [
        ("paid", None, None, ""),
        ("paid", False, None, ""),
        ("paid", True, "medium", "The model imitates the decisions in paid"),
        ("approved", None, "low", "The model may imitate the decisions in approved"),
        ("approved", False, None, ""),
        ("approved", True, "medium", "The model imitates the decisions in approved"),
    ],
)
def test_a_target_that_records_decisions(
    target: str, holds: bool | None, severity: str | None, title: str
) -> None:
    read = table(frame(400).rename(columns={"paid": target}))
    roles = replace(
        roles_of(read, target, "yes", "sex"),
        target_holds_decisions=holds is True,
        target_came_true=holds is False,
    )
    result = run(read, AuditPlan(roles, TrainingSpec("logistic_regression"), explain=0))
    told = found(result, "DATA-08")
    assert [(one.severity, one.title) for one in told] == (
        [] if severity is None else [(severity, title)]
    )


@pytest.mark.parametrize(
    ("target", "holds", "severity", "title"),
    [
        ("paid", None, None, ""),
        ("paid", True, "medium", "Errors are counted against the decisions in paid"),
        ("approved", None, "low", "Errors may be counted against the decisions in approved"),
        ("approved", False, None, ""),
        ("approved", True, "medium", "Errors are counted against the decisions in approved"),
        (None, None, None, ""),
    ],
)
def test_existing_decisions_that_are_judged_by_decisions(
    target: str | None, holds: bool | None, severity: str | None, title: str
) -> None:
    data = frame(400)
    data["advice"] = data["paid"]
    read = table(data.rename(columns={"paid": target or "paid"}))
    roles, _ = default_roles(read, target, "yes", ("sex",), prediction="advice")
    roles = replace(roles, target_holds_decisions=holds is True, target_came_true=holds is False)
    told = found(run(read, AuditPlan(roles)), "DATA-08")
    assert [(one.severity, one.title) for one in told] == (
        [] if severity is None else [(severity, title)]
    )
    assert all("imitates" not in one.evidence for one in told)
