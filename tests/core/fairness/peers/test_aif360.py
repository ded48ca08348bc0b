"""Ours against figures of aif360, recorded by benchmarks/peers_aif360.py."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.fairness.assessment.assess import assess
from core.fairness.metrics.assessment import Assessment
from core.fairness.what_if.individual import consistency
from core.mitigation import TrainingData
from core.mitigation.postprocessing.calibrated_odds import withholdings
from core.mitigation.postprocessing.rate_thresholds import BANDS, reject_option_thresholds
from core.mitigation.preprocessing.disparate_impact import DistributionRepair
from core.mitigation.preprocessing.reweighing import reweighing_weights

RECORD = json.loads((Path(__file__).parent / "aif360.json").read_text())
WORLDS = pytest.mark.parametrize("world", RECORD["worlds"], ids=lambda w: str(len(w["rows"]["x"])))
NAMES = ("0", "1")
EXACT = 1e-9


def rows_of(world: dict[str, Any]) -> tuple[pd.DataFrame, TrainingData]:
    rows = pd.DataFrame(world["rows"])
    groups = rows["group"].map({0.0: "0", 1.0: "1"}).to_numpy(dtype=object)
    weights = rows["weight"].to_numpy() if world["weighted"] else None
    return rows, TrainingData(rows[["x", "z"]], rows["label"].to_numpy() == 1, groups, weights)


def assessed(world: dict[str, Any]) -> Assessment:
    rows, part = rows_of(world)
    sensitive = pd.DataFrame({"group": part.groups})
    decisions = rows["score"].to_numpy() >= 0.5
    return assess(part.positive, decisions, sensitive, weights=part.weights, draws=100)


@WORLDS
def test_gaps(world: dict[str, Any]) -> None:
    found, theirs = assessed(world), world["metrics"]

    def ours(name: str) -> float:
        estimate = found.disparity(name).figure.estimate
        assert estimate is not None
        return estimate

    # The peer subtracts the privileged group and keeps the sign; ours are the widest of any pair.
    for name, peer in (
        ("demographic_parity_difference", "statistical_parity_difference"),
        ("equal_opportunity_difference", "equal_opportunity_difference"),
        ("false_positive_rate_difference", "false_positive_rate_difference"),
        ("equalized_odds_difference", "equalized_odds_difference"),
        ("prevalence_difference", "label_mean_difference"),
    ):
        assert ours(name) == pytest.approx(abs(theirs[peer]), abs=EXACT), name
    impact = theirs["disparate_impact"]
    assert ours("demographic_parity_ratio") == pytest.approx(min(impact, 1 / impact), abs=EXACT)
    rates = {
        g.name: [g.figures[rate].estimate for rate in ("true_positive_rate", "false_positive_rate")]
        for g in found.groups
    }
    signed = np.array(rates["0"]) - np.array(rates["1"])
    assert signed.mean() == pytest.approx(theirs["average_odds_difference"], abs=EXACT)
    assert np.abs(signed).mean() == pytest.approx(theirs["average_abs_odds_difference"], abs=EXACT)


@WORLDS
def test_inequality(world: dict[str, Any]) -> None:
    # The peer's indices count rows and ignore their weights, which ours honour.
    found = {item.name: item for item in assessed({**world, "weighted": False}).inequality}
    for name in ("theil_index", "generalized_entropy_index"):
        theirs = world["metrics"][name], world["metrics"][f"between_group_{name}"]
        ours = found[name].individual.estimate, found[name].between_groups.estimate
        assert ours == pytest.approx(theirs, abs=EXACT)


@WORLDS
def test_consistency(world: dict[str, Any]) -> None:
    # The peer counts a person among their own five neighbours, where their decision agrees with
    # itself; so its disagreement is four fifths of that with the other four.
    rows, part = rows_of(world)
    ours = consistency(part.X, rows["score"].to_numpy() >= 0.5, neighbours=4).figure.estimate
    assert ours is not None
    assert 1 - world["metrics"]["consistency"] == pytest.approx(0.8 * (1 - ours), abs=EXACT)


@WORLDS
def test_reweighing(world: dict[str, Any]) -> None:
    _, part = rows_of(world)
    ours = reweighing_weights(part.positive, part.groups, part.weights)
    assert ours == pytest.approx(world["mitigations"]["reweighing"], abs=EXACT)


@WORLDS
def test_calibrated_equalized_odds(world: dict[str, Any]) -> None:
    # The shares only: whose scores are withheld is drawn by row there, by the person's lot here.
    rows, part = rows_of(world)
    found = withholdings(rows["score"].to_numpy(), part)
    theirs = world["mitigations"]
    rates = [found[name].base_rate for name in NAMES]
    assert rates == pytest.approx(theirs["calibrated_base_rates"], abs=EXACT)
    # Where the base rate alone cannot raise a rate enough the peer's share leaves [0, 1].
    shares = np.clip(theirs["calibrated_shares"], 0, 1)
    assert [found[name].share for name in NAMES] == pytest.approx(shares, abs=EXACT)


def test_the_record_has_shares_between_nothing_and_everything() -> None:
    shares = np.array([world["mitigations"]["calibrated_shares"] for world in RECORD["worlds"]])
    assert ((shares > 0) & (shares < 1)).any()


@WORLDS
def test_reject_option(world: dict[str, Any]) -> None:
    # The peer chooses the band by balanced accuracy within bounds on the gap, ours the narrowest
    # of smallest gap: its gaps of every band tell which that is.
    rows, part = rows_of(world)
    found = reject_option_thresholds(rows["score"].to_numpy(), part)
    gaps = np.abs(world["mitigations"]["reject_option_gaps"])
    assert len(gaps) == len(BANDS)
    band = BANDS[int(np.argmax(gaps <= gaps.min() + EXACT))]
    assert found == pytest.approx({"0": 0.5 - band, "1": 0.5 + band}, abs=EXACT)


@pytest.mark.parametrize("world", RECORD["repair"], ids=lambda w: str(len(w["x"])))
def test_disparate_impact_repair(world: dict[str, Any]) -> None:
    # Of three groups of one size without ties: the peer puts ranks into bins, as many as the
    # smallest group has values, and takes one of two middle values, where ours interpolates.
    X = pd.DataFrame({"x": world["x"]})
    groups = np.array([str(int(g)) for g in world["group"]], dtype=object)
    ours = DistributionRepair.learn(X, groups).apply(X, groups)["x"]
    assert ours.to_numpy() == pytest.approx(world["repaired"], abs=EXACT)
