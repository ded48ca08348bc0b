"""Groups are called so that people know them, and go by their values everywhere else."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.data.roles.group_labels import group_label, label_of_name, needs_column
from core.data.table import MISSING
from core.fairness.assessment.assess import assess
from core.fairness.assessment.record import to_json
from core.fairness.disparities.impact_ratio import impact_of
from core.fairness.disparities.impact_words import left_out_told, reference_told


@pytest.mark.parametrize(
    "value",
    ["yes", "No", "TRUE", "false", "y", "0", "1", "-9", "2.5", "1e-05", "ja", "não", "否",
     "< 25", "25 – 60", "≥ 60", "≥ -1.5", MISSING],
)  # fmt: skip
def test_a_value_that_says_nothing_by_itself_stands_beside_its_column(value: str) -> None:
    assert needs_column(value)
    assert group_label([("afam", value)]).startswith("afam")


@pytest.mark.parametrize(
    "value",
    ["Female", "F", "S", "a", "Black", "yes, often", "no answer", "60+", "< 25 years", "1st", ""],
)
def test_a_value_that_says_what_it_is_stands_alone(value: str) -> None:
    assert not needs_column(value)


def test_one_answer_among_the_values_brings_all_columns() -> None:
    assert group_label([("afam", "yes"), ("sex", "female")]) == "afam = yes, sex = female"
    assert group_label([("sex", "female"), ("age", "< 25")]) == "sex = female, age < 25"
    assert group_label([("sex", "female"), ("race", MISSING)]) == "sex = female, race (missing)"
    assert group_label([("sex", "female"), ("race", "Black")]) == "female · Black"
    assert group_label([]) == "everyone"


@pytest.mark.parametrize("name", ["everyone", "everyone else", "all others", "Other"])
def test_what_is_no_group_of_the_column_keeps_its_name(name: str) -> None:
    assert label_of_name(("afam",), name) == name
    assert label_of_name(("afam", "sex"), name) == name


def test_a_name_whose_values_cannot_be_told_apart_stays() -> None:
    assert label_of_name(("afam", "sex"), "yes · a · b") == "yes · a · b"
    # Of one column there is nothing to tell apart.
    assert label_of_name(("afam",), "a · b") == "a · b"


def test_tables_and_sentences_have_the_label_and_keys_the_value() -> None:
    afam = np.repeat(["no", "yes", MISSING], [400, 200, 50])
    sex = np.tile(["female", "male"], 325)
    decision = np.arange(650) % 10 < np.where(afam == "yes", 3, 6)
    found = assess(None, decision, pd.DataFrame({"afam": afam, "sex": sex})[["afam"]])
    assert [group.name for group in found.groups] == ["no", "yes", MISSING]
    assert [g.label for g in found.groups] == ["afam = no", "afam = yes", "afam (missing)"]
    assert found.disparity("demographic_parity_difference").between == ("yes", "no")
    assert found.four_fifths.sentence.startswith("Group afam = yes receives")
    assert "group afam = no" in found.four_fifths.sentence
    table = impact_of(found)
    assert table is not None
    assert table.reference == "no"
    assert reference_told(table).endswith("afam = no (400 rows).")
    assert "unknown group" in left_out_told(table)
    record = to_json(found)
    assert [item["group"] for item in record["by_group"]] == [
        {"afam": "no"}, {"afam": "yes"}, {"afam": MISSING},
    ]  # fmt: skip
    assert [item["label"] for item in record["by_group"]][:2] == ["afam = no", "afam = yes"]
    assert [item["group"] for item in record["impact_ratios"]["groups"]][:2] == ["no", "yes"]
    assert record["impact_ratios"]["groups"][1]["label"] == "afam = yes"
    both = assess(None, decision, pd.DataFrame({"afam": afam, "sex": sex}))
    assert both.groups[0].name == "no · female"
    assert both.groups[0].label == "afam = no, sex = female"
    assert both.cube is not None
    assert sorted(both.cube.labels) == sorted(group.label for group in both.groups)
