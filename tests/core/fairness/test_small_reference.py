"""A handful of people with the highest rate is shown as the reference, and nobody is judged by it.

29 CFR 1607.4(D) takes the group with the highest rate, whatever its size; what is evidence is
decided by the number of rows.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import equipoise
from core.fairness.bias_audit.record import bias_audit_json
from core.fairness.bias_audit.spec import BiasAuditSpec
from core.fairness.bias_audit.table import bias_audit_table
from core.fairness.counts.cube import build_cube
from core.fairness.disparities.impact_ratio import impact_ratios
from core.fairness.disparities.impact_words import reference_told
from core.fairness.metrics.impact_spec import ImpactSpec

TOO_SMALL = "It is too small to be evidence: ratios to it are shown, and no verdict rests on them."


def decided(few: int) -> pd.DataFrame:
    """Two large groups at 310/620 and 290/600, and a few people who were all chosen."""
    counts = {"White": (310, 310), "Black": (290, 310), "Asian": (few, 0)}
    rows = [(g, int(c)) for g, (yes, no) in counts.items() for c in [1] * yes + [0] * no]
    return pd.DataFrame(rows, columns=["race", "chosen"])


@pytest.mark.parametrize("few", [3, 29])
def test_a_reference_too_small_to_be_evidence_says_so_and_judges_nobody(few: int) -> None:
    result = equipoise.audit(
        decided(few), prediction="chosen", positive_label=1, sensitive="race", explain=0
    )
    found = result.to_dict()
    table = found["fairness"]["impact_ratios"]
    assert table["reference"]["group"] == "Asian"
    assert table["reference_told"] == (
        f"Reference: the group with the highest rate, Asian ({few} rows). {TOO_SMALL}"
    )
    groups = {row["group"]: row for row in table["groups"]}
    assert groups["White"]["ratio"]["estimate"] == 0.5
    assert groups["Black"]["ratio_to_largest"]["estimate"] == pytest.approx(290 / 300)
    assert groups["Asian"]["too_small"].startswith(f"Only {few} rows, fewer than 30")
    assert groups["White"]["too_small"] is None
    # Among the two large groups alone nothing is far below four fifths.
    rule = found["fairness"]["four_fifths"]
    assert rule["verdict"] == "passes"
    assert "The highest rate of all is that of Asian, 100%" in rule["sentence"]
    assert "so few are no yardstick" in rule["sentence"]
    assert not {"FAIR-01", "FAIR-05"} & {finding.code for finding in result.findings}


def test_from_thirty_rows_on_it_is_a_reference_as_any_other() -> None:
    result = equipoise.audit(
        decided(30), prediction="chosen", positive_label=1, sensitive="race", explain=0
    )
    found = result.to_dict()
    assert TOO_SMALL not in found["fairness"]["impact_ratios"]["reference_told"]
    rule = found["fairness"]["four_fifths"]
    assert rule["verdict"] == "fails"
    assert "no yardstick" not in rule["sentence"]
    assert result.findings[0].code == "FAIR-01"


def test_a_small_group_below_the_highest_rate_is_left_out_without_more_words() -> None:
    frame = decided(3).assign(chosen=lambda f: f["chosen"].where(f["race"] != "Asian", 0))
    found = equipoise.audit(
        frame, prediction="chosen", positive_label=1, sensitive="race", explain=0
    ).to_dict()["fairness"]
    assert found["four_fifths"]["sentence"].endswith("Left out: 1 group of fewer than 30 rows.")
    assert found["impact_ratios"]["reference_told"].endswith("White (620 rows).")


def test_a_chosen_reference_is_marked_and_everyone_else_is_not() -> None:
    frame = decided(3)
    cube = build_cube(None, (frame["chosen"] == 1).to_numpy(), frame[["race"]])
    chosen = impact_ratios(cube, spec=ImpactSpec(groups=("Asian",)))
    assert reference_told(chosen) == f"Reference: Asian (3 rows), chosen. {TOO_SMALL}"
    assert TOO_SMALL not in reference_told(impact_ratios(cube, spec=ImpactSpec("rest")))
    assert TOO_SMALL not in reference_told(impact_ratios(cube, spec=ImpactSpec(groups=("White",))))
    # Left out by the auditor, for a reason, it is no reference at all.
    spec = ImpactSpec(smallest_share=0.02, reason="too few")
    assert impact_ratios(cube, spec=spec).reference == "White"


def test_persons_count_and_not_their_rows() -> None:
    frame = decided(40)
    # The 40 rows of that group are of four people.
    of = np.where(frame["race"] == "Asian", frame.index % 4, np.arange(len(frame)) + 10)
    cube = build_cube(None, (frame["chosen"] == 1).to_numpy(), frame[["race"]], None, of)
    assert TOO_SMALL in reference_told(impact_ratios(cube))


def test_the_table_of_local_law_144_marks_it_too() -> None:
    frame = decided(3)
    sex = pd.Series(["Male", "Female"] * len(frame))[: len(frame)]
    table = bias_audit_table(
        sex, frame["race"], BiasAuditSpec("sex", "race"),
        decisions={"1": (frame["chosen"] == 1).to_numpy()},
    )  # fmt: skip
    by_race = bias_audit_json(table, pd.Timestamp("2026-01-01").date())["selection"][0]["families"][
        1
    ]
    assert by_race["reference_told"].endswith(TOO_SMALL)
    assert by_race["categories"][0]["impact_ratio"] == 0.5
