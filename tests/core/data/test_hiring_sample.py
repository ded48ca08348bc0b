"""The hiring sample is what its script draws, and what its caveats say is true."""

import csv
import io

import numpy as np
import pytest

from benchmarks import hiring_sample as made
from core.audit.bias_audit import bias_audit_of
from core.data.assign import assign
from core.data.samples import FOLDER, SAMPLES, load_sample
from core.fairness.bias_audit.spec import BiasAuditSpec

BLACK = "Black or African American"


@pytest.fixture(scope="module")
def frame():
    read = load_sample("hiring").frame
    return read.assign(above=read["score"] > read["score"].median())


def test_the_script_makes_the_same_bytes_again():
    assert made.applicants() == made.applicants() == (FOLDER / SAMPLES["hiring"].file).read_bytes()
    assert str(made.SEED) in SAMPLES["hiring"].citation


def test_another_seed_makes_other_applicants(monkeypatch):
    monkeypatch.setattr(made, "SEED", made.SEED + 1)
    assert made.applicants() != (FOLDER / SAMPLES["hiring"].file).read_bytes()


def test_it_says_that_it_is_synthetic_wherever_it_is_told():
    sample = SAMPLES["hiring"]
    for told in (sample.title, sample.caveats[0], sample.licence, sample.citation):
        assert "synthetic" in told.lower()
    assert sample.sentence.startswith("Made-up")


def test_rows_roles_and_shares(frame):
    sample = SAMPLES["hiring"]
    dataset = assign(load_sample("hiring"), sample.roles)
    assert frame.shape == (2400, len(made.COLUMNS) + 1)
    (blank,) = dataset.repairs
    assert (blank.column, blank.count) == ("sex", 67)
    assert dataset.outcome is None
    assert dataset.predictions.mean() == pytest.approx(0.32125, abs=1e-9)
    assert frame["sex"].isna().sum() == 67
    shares = frame["race"].value_counts(normalize=True)
    assert set(shares[shares < 0.02].index) == {
        "Native American or Alaska Native", "Native Hawaiian or Pacific Islander",
    }  # fmt: skip


def test_the_rates_in_the_caveats_are_those_of_the_rows(frame):
    said = SAMPLES["hiring"].caveats[3]
    women, men = frame["sex"] == "Female", frame["sex"] == "Male"
    black, white = frame["race"] == BLACK, frame["race"] == "White"

    def rates(column, *groups):
        return [f"{frame.loc[group, column].mean():.1%}" for group in groups]

    selected = rates("selected", women, men, black, white, women & black)
    above = rates("above", women, men, black, white)
    assert [word.rstrip(",;") for word in said.split() if "%" in word] == [*selected, *above]
    assert SAMPLES["hiring"].caveats[5].startswith("Sex is blank for 67 ")
    counts = frame["race"].value_counts()
    native, islander = "Native American or Alaska Native", "Native Hawaiian or Pacific Islander"
    few = SAMPLES["hiring"].caveats[6]
    assert few.startswith(f"{native} ({counts[native]} people) and {islander} ({counts[islander]})")


def test_what_was_built_in_is_what_the_caveats_say():
    score, chance = SAMPLES["hiring"].caveats[1:3]
    points = [made.POINTS_LOST[who] for who in ("Female", BLACK, "Hispanic or Latino")]
    figures = [word.rstrip(".") for word in score.split()]
    assert [float(figure) for figure in figures if figure.isdigit()] == points
    lost = [made.CHANCE_LOST[who] for who in ("Female", BLACK, "Hispanic or Latino")]
    lost += [made.CHANCE_LOST_BY_BLACK_WOMEN]
    words = [word.rstrip(",") for word in chance.split()]
    assert [float(word) / 100 for word in words if word.isdigit()] == pytest.approx(lost)


def test_black_women_are_selected_least_of_all_that_can_be_judged(frame):
    rates = frame.dropna(subset=["sex"]).groupby(["race", "sex"])["selected"].agg(["mean", "size"])
    assert rates[rates["size"] >= 30]["mean"].idxmin() == (BLACK, "Female")
    # Less than the two gaps give when they are multiplied.
    share = {key: row["mean"] for key, row in rates.iterrows()}
    both = share[(BLACK, "Male")] * share[("White", "Female")] / share[("White", "Male")]
    assert share[(BLACK, "Female")] < both


def test_local_law_144s_table_takes_its_values_as_they_are():
    dataset = assign(load_sample("hiring"), SAMPLES["hiring"].roles)
    table = bias_audit_of(dataset, None, BiasAuditSpec("sex", "race"))
    (selection,) = table.selection
    assert [family.ratios.unknown for family in selection.families] == [67, 0, 67]
    assert [family.ratios.reference for family in selection.families] == [
        "Male", "White", "Male · White",
    ]  # fmt: skip
    scoring = {(found.family.name, found.median_of): found for found in table.scoring}
    by_race = scoring[("Race or ethnicity", "all scored rows")]
    assert (by_race.median, by_race.rows) == (50.0, 2400)
    # What the last caveat says of the smallest categories.
    assert by_race.family.ratios.reference == "Native American or Alaska Native"


def test_every_chance_is_one():
    rows = list(csv.DictReader(io.StringIO(made.applicants().decode())))
    assert {row["selected"] for row in rows} == {"0", "1"}
    scores = np.array([float(row["score"]) for row in rows])
    assert 0 < scores.min() < scores.max() < 100
