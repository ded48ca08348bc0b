"""First guesses about tables of many shapes: names, codes and languages that people use."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from core.data.reading.reading import read_bytes
from core.data.roles.suggest import RoleSuggestion, suggest_roles
from core.data.table import Table

N = 120


def made(**columns: Any) -> Table:
    """A table of N rows: a list of values is repeated, each at its own pace."""
    rows: dict[str, list[Any]] = {}
    for position, (name, values) in enumerate(columns.items()):
        given = list(values)
        if len(given) == N:
            rows[name] = given
        else:
            chosen = np.random.default_rng(position).integers(len(given), size=N)
            rows[name] = [given[i] for i in chosen]
            rows[name][: len(given)] = given
    lines = [",".join(rows), *(",".join(map(str, row)) for row in zip(*rows.values(), strict=True))]
    return read_bytes("\n".join(lines).encode(), "t.csv")


def guess(**columns: Any) -> RoleSuggestion:
    return suggest_roles(made(**columns))


AMOUNT = [round(1.37 * i, 2) for i in range(N)]
YES = ["yes", "no"]
COUNTED = range(1, N + 1)


def test_a_mortgage_table_of_a_statistics_package() -> None:
    made_of = guess(
        rownames=COUNTED, deny=YES, pirat=AMOUNT, chist=range(1, 7), phist=YES, selfemp=YES,
        insurance=YES, afam=YES, single=YES, hschool=YES,
    )  # fmt: skip
    assert made_of.target == "deny"
    assert (made_of.positive, made_of.favourable) == ("yes", False)
    assert "hope to be spared" in made_of.label_reason
    assert made_of.sensitive == ("afam", "single")
    assert made_of.identifiers == ("rownames",)
    assert dict(made_of.reasons).keys() == {"rownames", "afam", "single"}


@pytest.mark.parametrize(
    ("name", "values", "positive", "favourable"),
    [
        ("died", [0, 1], "1", False),
        ("arrest", [0, 1], "1", False),
        ("default", YES, "yes", False),
        ("loan_default_flag", ["N", "Y"], "Y", False),
        ("no_default", [0, 1], "1", True),
        ("approved", YES, "yes", True),
        ("hired", [True, False], "true", True),
        ("outcome", ["dead", "alive"], "alive", True),
        ("credit_risk", ["good", "bad"], "good", True),
        ("diagnosis", ["benign", "malignant"], "benign", True),
        ("label", [0, 1], "1", None),
        ("vote", [0, 1], "1", None),
        ("status", [1, 2], None, None),
        ("income", ["<=50K", ">50K"], None, None),
        ("ausfall", ["ja", "nein"], "ja", False),
        ("genehmigt", ["ja", "nein"], "ja", True),
        ("décès", ["oui", "non"], "oui", False),
        ("accordé", ["oui", "non"], "oui", True),
        ("moroso", ["si", "no"], "si", False),
        ("aprobado", ["sí", "no"], "sí", True),
        ("inadimplente", ["sim", "não"], "sim", False),
        ("aprovado", ["sim", "não"], "sim", True),
        ("是否违约", ["是", "否"], "是", False),
        ("录用", ["是", "否"], "是", True),
    ],
)
def test_outcomes_and_whether_people_hope_for_them(
    name: str, values: Any, positive: str | None, favourable: bool | None
) -> None:
    made_of = guess(**{"amount": AMOUNT, "urban": YES, "x": [1, 2, 3], name: values})
    assert made_of.target == name
    assert (made_of.positive, made_of.favourable) == (positive, favourable)
    assert made_of.target_reason
    assert made_of.label_reason


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("sex", [1, 2]), ("Gender", ["F", "M"]), ("female", [0, 1]), ("sexcode", [0, 1]),
        ("race", [1, 2, 3]), ("raceth", ["A", "B"]), ("nwhite", [0, 1]), ("nonwhite", YES),
        ("black", [0, 1]), ("hispan", [0, 1]), ("afam", YES), ("ethnic_group", ["A", "B", "C"]),
        ("age", range(18, 80)), ("momage", range(15, 45)), ("AgeGroup", [1, 2, 3]),
        ("birth_year", range(1950, 2000)), ("marstat", range(1, 6)), ("maritl", ["1. Never", "2."]),
        ("mar", ["married", "not married"]), ("single", YES), ("foreign", YES),
        ("foreign_worker", YES), ("citizen", ["Yes", "No"]), ("native_country", ["US", "Mexico"]),
        ("religion", ["a", "b"]), ("disability", [0, 1]), ("veteran", [0, 1]),
        ("Geschlecht", ["m", "w"]), ("Alter", range(18, 70)), ("Familienstand", ["ledig", "x"]),
        ("Staatsangehörigkeit", ["DE", "FR"]), ("Behinderung", ["ja", "nein"]),
        ("sexe", ["homme", "femme"]), ("âge", range(18, 70)), ("état_matrimonial", ["a", "b"]),
        ("sexo", ["H", "M"]), ("edad", range(18, 70)), ("raza", ["a", "b"]), ("género", ["a", "b"]),
        ("idade", range(18, 70)), ("raça", ["a", "b"]), ("estado_civil", ["a", "casado"]),
        ("性别", ["男", "女"]), ("年龄", range(18, 70)), ("民族", ["汉", "藏"]),
        ("婚姻状况", [0, 1]),
        # By values, whatever the name.
        ("v7", ["male", "female"]), ("kind", ["m", "f"]), ("v8", ["White", "Black", "Other"]),
        ("who", ["1_married", "2_single", "3_divorced"]), ("grp", ["Catholic", "Muslim", "None"]),
    ],
)  # fmt: skip
def test_columns_about_a_ground(name: str, values: Any) -> None:
    made_of = guess(**{"amount": AMOUNT, name: values, "approved": YES})
    assert made_of.sensitive == (name,)
    assert made_of.target == "approved"
    assert dict(made_of.reasons)[name]


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("wage", AMOUNT), ("mileage", range(100)), ("stage", [1, 2, 3]), ("language", ["a", "b"]),
        ("percent_black", AMOUNT), ("white_pop", AMOUNT), ("pctmin", AMOUNT), ("skin", range(60)),
        ("vehicle_age", range(20)), ("account_age", range(50)), ("sexrisk", range(14)),
        ("eye_color", ["brown", "blue"]), ("colour", ["white", "red"]), ("trace", [0, 1]),
        ("black_income", AMOUNT), ("agency", ["a", "b"]), ("marketing", YES),
        ("singles", range(40)),
        ("paint", ["white", "black", "green"]), ("blackout", [0, 1]), ("gender_pay_ratio", AMOUNT),
    ],
)  # fmt: skip
def test_columns_that_only_sound_like_a_ground(name: str, values: Any) -> None:
    assert guess(**{"amount": AMOUNT, name: values, "approved": YES}).sensitive == ()


def test_a_month_is_no_marriage_and_the_rest_of_origins_is_one() -> None:
    months = {name: [0, 1] for name in ("jan", "feb", "mar", "apr")}
    assert guess(**{**months, "approved": YES}).sensitive == ()
    origins = {name: [0, 1] for name in ("black", "hispanic", "other")}
    assert guess(**{**origins, "approved": YES}).sensitive == ("black", "hispanic", "other")
    assert guess(black=[0, 1], other=[0, 1], approved=YES).sensitive == ("black",)


@pytest.mark.parametrize("protected", ["sex", "black", "married", "foreign", "young_female"])
@pytest.mark.parametrize("last", [True, False])
def test_a_protected_group_is_never_the_target(protected: str, last: bool) -> None:
    columns = {"amount": AMOUNT, protected: [0, 1]}
    made_of = guess(**(columns if last else dict(reversed(columns.items()))))
    assert made_of.target is None
    assert made_of.target_reason


def test_treatments_circumstances_and_dummies_are_no_targets() -> None:
    made_of = guess(
        treat=[0, 1], amount=AMOUNT, urban=[0, 1], prior=[0, 1], y81=[0, 1], y82=[0, 1],
        emp1=YES, emp2=YES,
    )  # fmt: skip
    assert made_of.target is None


def test_two_outcomes_are_asked_about_unless_they_say_the_same() -> None:
    both = ["yes", "no"] * (N // 2)
    turned = ["no", "yes"] * (N // 2)
    assert guess(amount=AMOUNT, approve=both, reject=turned, z=AMOUNT).target == "approve"
    made_of = guess(amount=AMOUNT, approved=YES, died=YES, z=AMOUNT)
    assert made_of.target is None
    assert "“approved” and “died”" in made_of.target_reason


@pytest.mark.parametrize(
    ("name", "values", "identifies"),
    [
        ("rownames", COUNTED, True),
        ("studyid", [7 * i for i in range(N)], True),
        ("Kundennummer", [7 * i for i in range(N)], True),
        ("身份证", [7 * i for i in range(N)], True),
        ("woman", [7 * i for i in range(N)], True),
        ("patient_id", [i // 2 for i in range(N)], True),
        ("patient_id", [i // 3 for i in range(N)], False),  # 40 values: rather a centre.
        ("woman", [0, 1], False),
        ("amount_paid", [7 * i for i in range(N)], False),
        ("humid", [7 * i for i in range(N)], False),
        ("bid", [7 * i for i in range(N)], False),
        ("patient_id", [i + 0.5 for i in range(N)], True),
    ],
)
def test_identifiers(name: str, values: Any, identifies: bool) -> None:
    made_of = guess(**{name: values, "x": [1.5, 2.5, 3.5], "approved": YES})
    assert (name in made_of.identifiers) is identifies


def test_persons_who_come_back_are_named_by_their_identifier() -> None:
    rows = list(itertools.chain.from_iterable([i] * 3 for i in range(100)))
    text = "id,x,y\n" + "".join(f"{1000 + i},{i % 7},{i % 2}\n" for i in rows)
    made_of = suggest_roles(read_bytes(text.encode(), "t.csv"))
    assert made_of.identifiers == ("id",)
    # A centre of many rows is not a person.
    text = "id,x,y\n" + "".join(f"{i % 60},{i % 7},{i % 2}\n" for i in range(6000))
    assert suggest_roles(read_bytes(text.encode(), "t.csv")).identifiers == ()
