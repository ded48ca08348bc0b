"""The table of Local Law 144: the rule's own examples, unknowns, small categories, who made it."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from core.errors import InputError
from core.fairness.bias_audit.auditor import Auditor
from core.fairness.bias_audit.categories import RACES, SEXES, category_map
from core.fairness.bias_audit.record import bias_audit_csv, bias_audit_json
from core.fairness.bias_audit.spec import BiasAuditSpec
from core.fairness.bias_audit.table import bias_audit_table
from core.fairness.metrics.impact_spec import ImpactSpec
from core.storage.json_format import from_json, to_json

OTHERS = (("NatAm", "Native American or Alaska Native"), ("Other", "unknown"))
TODAY = date(2026, 11, 30)
COMPLETE = Auditor("A. Person", "Audits Ltd", "Neither (a), (b) nor (c)", "2026-01-31")


def people(*rows):
    """Make people of (sex, race, selected, others)."""
    sex, race, chosen = [], [], []
    for s, r, yes, no in rows:
        sex += [s] * (yes + no)
        race += [r] * (yes + no)
        chosen += [True] * yes + [False] * no
    return pd.Series(sex, dtype=object), pd.Series(race, dtype=object), np.array(chosen)


def told(rows, spec=None, **more):
    sex, race, chosen = people(*rows)
    spec = spec or BiasAuditSpec("sex", "race")
    return bias_audit_json(
        bias_audit_table(sex, race, spec, decisions={"selected": chosen}, **more), TODAY
    )


def family(found, name, table=0):
    (one,) = [f for f in found["selection"][table]["families"] if f["family"] == name]
    return {item["category"]: item for item in one["categories"]}, one


def test_the_example_of_the_rule_on_selection():
    """6 RCNY § 5-301: 204 of 408, 412 of 797 and 170 of 390 give 0.97, 1.00 and 0.84."""
    found = told(
        [
            ("Male", "Hispanic or Latino", 204, 204),
            ("Female", "White", 412, 385),
            ("Male", "Black or African American", 170, 220),
        ]
    )
    by_race, _ = family(found, "Race or ethnicity")
    assert {name: f"{item['impact_ratio']:.2f}" for name, item in by_race.items()} == {
        "Hispanic or Latino": "0.97",
        "White": "1.00",
        "Black or African American": "0.84",
    }
    # From the unrounded rates: the rounded ones would give 50 / 52 = 0.96.
    assert by_race["Hispanic or Latino"]["impact_ratio"] == pytest.approx(
        (204 / 408) / (412 / 797), rel=1e-12
    )
    assert by_race["White"]["impact_ratio"] == 1.0


def test_the_example_of_the_rule_on_scores():
    """50 of 92 men and 34 of 76 women above the median give 1.00 and 0.82."""
    sex = pd.Series(["Male"] * 92 + ["Female"] * 76, dtype=object)
    race = pd.Series(["White"] * 168, dtype=object)
    scores = np.r_[np.full(50, 9.0), np.full(42, 1.0), np.full(34, 9.0), np.full(42, 1.0)]
    found = bias_audit_table(sex, race, BiasAuditSpec("sex", "race"), scores=scores)
    one = bias_audit_json(found, TODAY)["scoring"][0]
    rates = {item["category"]: item for item in one["categories"]}
    assert (rates["Male"]["count"], rates["Male"]["above_median"]) == (92, 50)
    assert f"{rates['Male']['rate']:.1%} {rates['Female']['rate']:.1%}" == "54.3% 44.7%"
    assert f"{rates['Female']['impact_ratio']:.2f}" == "0.82"
    assert rates["Male"]["impact_ratio"] == 1.0
    assert one["median"] == 5.0
    assert one["rows"] == 168


def test_ties_at_the_median_count_as_not_above():
    sex = pd.Series(["Male"] * 3 + ["Female"] * 2, dtype=object)
    race = pd.Series(["White"] * 5, dtype=object)
    scores = np.array([1.0, 2.0, 3.0, 2.0, 2.0])
    found = bias_audit_table(sex, race, BiasAuditSpec("sex", "race"), scores=scores)
    rates = {c["category"]: c for c in bias_audit_json(found, TODAY)["scoring"][0]["categories"]}
    assert (rates["Male"]["above_median"], rates["Female"]["above_median"]) == (1, 0)
    assert rates["Female"]["impact_ratio"] == 0.0


def test_unknowns_are_counted_apart_for_each_family():
    found = told(
        [
            ("Male", "White", 50, 50),
            ("Female", "White", 40, 60),
            ("(missing)", "White", 9, 1),
            ("Male", "(missing)", 7, 0),
            ("(missing)", "(missing)", 3, 0),
        ]
    )
    unknown = {f["family"]: f["unknown"] for f in found["selection"][0]["families"]}
    assert unknown == {"Sex": 13, "Race or ethnicity": 10, "Sex × race or ethnicity": 20}
    by_sex, _ = family(found, "Sex")
    assert list(by_sex) == ["Male", "Female"]
    assert by_sex["Male"]["count"] == 107
    both, _ = family(found, "Sex × race or ethnicity")
    assert list(both) == ["Male · White", "Female · White"]


def test_a_median_that_unknowns_move_is_given_both_ways():
    sex = pd.Series(["Male", "Female", "(missing)"], dtype=object)
    race = pd.Series(["White"] * 3, dtype=object)
    found = bias_audit_table(
        sex, race, BiasAuditSpec("sex", "race"), scores=np.array([1.0, 2.0, 9.0])
    )
    medians = [(t.family.name, t.median, t.median_of, t.rows) for t in found.scoring]
    assert medians == [
        ("Sex", 2.0, "all scored rows", 3),
        ("Sex", 1.5, "rows of known category", 2),
        ("Race or ethnicity", 2.0, "all scored rows", 3),
        ("Sex × race or ethnicity", 2.0, "all scored rows", 3),
        ("Sex × race or ethnicity", 1.5, "rows of known category", 2),
    ]


def test_two_per_cent_is_strict_is_the_auditors_choice_and_is_shown():
    rows = [("Male", "White", 49, 49), ("Female", "White", 40, 59), ("Male", "Asian", 2, 1)]
    # 3 of 200 rows are 1.5 %, and their rate is the highest.
    plain, _ = family(told(rows), "Race or ethnicity")
    assert plain["Asian"]["impact_ratio"] == 1.0
    spec = BiasAuditSpec("sex", "race", impact=ImpactSpec(smallest_share=0.02, reason="3 people"))
    asked, of = family(told(rows, spec), "Race or ethnicity")
    assert asked["Asian"] == {
        "category": "Asian", "count": 3, "selected": 2, "rate": 2 / 3, "impact_ratio": None,
        "left_out": True, "reason": "not compared: left out",
    }  # fmt: skip
    assert asked["White"]["impact_ratio"] == 1.0
    assert of["highest"] == "White"
    # 4 of 200 are 2 % and not less.
    rows[2], rows[1] = ("Male", "Asian", 2, 2), ("Female", "White", 40, 58)
    edge, _ = family(told(rows, spec), "Race or ethnicity")
    assert not edge["Asian"]["left_out"]


def test_several_answers_have_a_table_each():
    sex, race, first = people(("Male", "White", 5, 5), ("Female", "White", 3, 7))
    found = bias_audit_json(
        bias_audit_table(
            sex, race, BiasAuditSpec("sex", "race"), decisions={"advance": first, "hold": ~first}
        ),
        TODAY,
    )
    assert [item["selected"] for item in found["selection"]] == ["advance", "hold"]
    assert family(found, "Sex", 1)[0]["Male"]["impact_ratio"] == pytest.approx(0.5 / 0.7)


def test_values_are_mapped_as_declared_and_never_guessed():
    assert category_map(["M", "f", "(missing)"], SEXES, {}, "sex") == {"M": "Male", "f": "Female"}
    with pytest.raises(InputError, match="no category is declared for 'Nonbinary'"):
        category_map(["Nonbinary", "Male"], SEXES, {}, "sex")
    assert category_map(["Nonbinary"], SEXES, {"Nonbinary": "unknown"}, "sex") == {
        "Nonbinary": "unknown"
    }
    assert category_map(["1"], RACES, {"1": "Asian"}, "race") == {"1": "Asian"}
    with pytest.raises(InputError, match="'Martian' is no category"):
        category_map(["1"], RACES, {"1": "Martian"}, "race")


def test_without_an_auditor_it_is_self_computed():
    rows = [("Male", "White", 5, 5), ("Female", "White", 3, 7)]
    found = told(rows)
    assert found["self_computed"]
    assert found["standing"].startswith("Self-computed, not a bias audit: the auditor's name")
    assert "Self-computed, not a bias audit" in bias_audit_csv(found)
    signed = told(rows, BiasAuditSpec("sex", "race", auditor=COMPLETE))
    assert not signed["self_computed"]
    assert "self-computed" not in bias_audit_csv(signed).lower()
    for name in ("name", "organisation", "independence", "distribution_date"):
        less = Auditor(**{**COMPLETE.__dict__, name: " " if name != "distribution_date" else ""})
        assert len(less.missing) == 1
    with pytest.raises(InputError, match="no date"):
        Auditor(distribution_date="31.1.2026")


def test_the_spec_survives_its_record():
    spec = BiasAuditSpec(
        "s", "r", (("x", "Male"),), (("1", "Asian"),),
        ImpactSpec(smallest_share=0.02, reason="few"), COMPLETE,
    )  # fmt: skip
    record = to_json(spec)
    assert (record["sexes"], record["races"]) == ({"x": "Male"}, {"1": "Asian"})
    assert from_json(BiasAuditSpec, record, "the spec") == spec


def test_the_hiring_case():
    frame = pd.read_csv("tests/cases/hiring_decisions.csv").fillna({"sex": "(missing)"})
    found = bias_audit_json(
        bias_audit_table(
            frame.sex.astype(object),
            frame.race.astype(object),
            BiasAuditSpec("sex", "race", races=OTHERS),
            decisions={"1": (frame.selected == 1).to_numpy()},
            scores=frame.score.to_numpy(),
        ),
        TODAY,
    )
    by_sex, of = family(found, "Sex")
    assert of["unknown"] == 60
    assert by_sex["Female"]["impact_ratio"] == pytest.approx(0.908, abs=5e-4)
    first = found["scoring"][0]
    assert (first["median"], first["rows"]) == (pytest.approx(44.78), 2379)
    ratio = {c["category"]: c["impact_ratio"] for c in first["categories"]}["Female"]
    assert ratio == pytest.approx(0.7516, abs=5e-5)
