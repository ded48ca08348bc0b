"""Groups are called so that people know them, and go by their values everywhere else."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.audit.checks.harm import favourable_rate, named, ratio_harm, sentence
from core.data.roles.group_labels import (
    columns_needed,
    group_label,
    label_of_name,
    needs_column,
)
from core.data.table import MISSING
from core.fairness.assessment.assess import assess
from core.fairness.assessment.record import to_json
from core.fairness.disparities.group_verdicts import group_verdicts
from core.fairness.disparities.impact_ratio import impact_of
from core.fairness.disparities.impact_words import left_out_told, reference_told
from core.fairness.metrics.rate_ratio import rate_ratios
from core.reporting.wording import label_of, label_of_group


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
    assert group_label([("sex", "female"), ("race", MISSING)]) == "female · race (missing)"
    assert group_label([("sex", "female"), ("race", "Black")]) == "female · Black"
    assert group_label([]) == "everyone"


def test_groups_that_are_told_together_look_alike() -> None:
    assert columns_needed([("n",), ("s",)])
    assert not columns_needed([("north",), ("south",), (MISSING,)])
    assert label_of_name(("region",), "s", ("n", "s")) == "region = s"
    assert label_of_name(("region",), "south", ("north", "south", MISSING)) == "south"
    assert label_of_name(("region",), MISSING, ("north", MISSING)) == "region (missing)"
    crossed = ("f · n", "f · s", f"m · {MISSING}")
    assert [label_of_name(("sex", "region"), name, crossed) for name in crossed] == [
        "sex = f, region = n", "sex = f, region = s", "sex = m, region (missing)",
    ]  # fmt: skip
    # What is no group of the column keeps its name all the same.
    assert label_of_name(("region",), "everyone else", ("n", "s")) == "everyone else"


def test_tables_findings_and_sentences_name_an_answer_and_a_letter_alike() -> None:
    rows = 400
    region = np.repeat(["n", "s"], rows)
    decision = np.arange(2 * rows) % 10 < np.where(region == "s", 2, 7)
    found = assess(None, decision, pd.DataFrame({"region": region}))
    assert {group.name for group in found.groups} == {"n", "s"}
    assert {group.label for group in found.groups} == {"region = n", "region = s"}
    assert found.cube is not None
    assert found.cube.labels == ("region = n", "region = s")
    assert found.label("s") == "region = s"
    assert found.four_fifths.sentence.startswith("Group region = s receives")
    assert {item.label for item in group_verdicts(found)} == {"region = n", "region = s"}
    table = impact_of(found)
    assert table is not None
    assert [table.label(item.group) for item in table.groups] == ["region = n", "region = s"]
    harmed = ratio_harm(
        found, rate_ratios(found.cube, favourable_rate(True))[0], "selection_rate", "four fifths"
    )
    assert named(harmed, "s") == "region = s"
    assert sentence(harmed, True).startswith("region = s has a ")
    record = to_json(found)
    assert label_of("s", ["region"], record["by_group"]) == "region = s"
    assert [label_of_group(item) for item in record["by_group"]] == ["region = n", "region = s"]


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
