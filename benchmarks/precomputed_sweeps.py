"""Make the sweeps that are shipped with the samples: data/sweeps/<sample>.json.gz.

    python benchmarks/precomputed_sweeps.py [SAMPLE …] [--jobs N] [--store DIR]

All rows are public and noise is drawn from the seeds below, so this spends nothing and can be
repeated: the points come out the same. A run that is stopped goes on where it was, with the same
--store.
"""

from __future__ import annotations

import argparse
import sys
import time
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from core.data.assign import assign
from core.data.samples import SAMPLES, load_sample
from core.learning.given_score import with_given_score
from core.learning.learners import GIVEN_SCORE
from core.tradeoff.sweep.basis import Basis
from core.tradeoff.sweep.executors import Cores
from core.tradeoff.sweep.grid import Grid
from core.tradeoff.sweep.point_store import opened_store
from core.tradeoff.sweep.precomputed import PrecomputedSweep, write_precomputed
from core.tradeoff.sweep.sweep import sweep

LEARNERS = (
    "logistic_regression",
    "gradient_boosting",
    "dp_binned_regression",
    "dp_explainable_boosting",
)
MITIGATIONS = (
    ("none", 1.0),
    ("reweighing", 1.0),
    ("threshold_optimizer", 1.0),
    ("levelling_up", 1.0),
    ("private_reweighing", 1.0),
    ("private_threshold", 1.0),
    ("private_group_thresholds_true_positive_rate", 0.5),
    ("private_group_thresholds_true_positive_rate", 1.0),
)
AFTER = (
    ("none", 1.0),
    *(
        (name, strength)
        for name in ("threshold_optimizer", "relaxed_equalized_odds", "reject_option")
        for strength in (0.25, 0.5, 0.75, 1.0)
    ),
)
"""What can be tried on a score that exists already."""
EPSILONS = (None, 8.0, 4.0, 2.0, 1.0, 0.5)


def grid_of(sample: str) -> Grid:
    """Say what is swept on a sample; the seeds are part of it."""
    domains = SAMPLES[sample].domains
    if SAMPLES[sample].roles.audits_existing_predictions:
        return Grid(
            (GIVEN_SCORE.name,),
            (None,),
            tuple((name,) for name in SAMPLES[sample].roles.sensitive),
            AFTER,
            split_seeds=tuple(range(10)),
            noise_seeds=(0,),
            domains=domains,
        )
    if sample == "adult":
        return Grid(
            LEARNERS,
            (None, 4.0, 2.0, 1.0, 0.5),
            (("sex",), ("sex", "race")),
            (*MITIGATIONS, ("exponentiated_gradient", 1.0), ("adversarial_debiasing", 1.0)),
            split_seeds=(0, 1, 2, 3, 4),
            noise_seeds=(0, 1, 2),
            domains=domains,
        )
    return Grid(
        LEARNERS,
        EPSILONS,
        (("sex",), SAMPLES[sample].roles.sensitive),
        MITIGATIONS,
        ks=(1, 5, 25),
        quasi=QUASI[sample],
        split_seeds=(0, 1, 2, 3, 4),
        noise_seeds=(0, 1, 2),
        domains=domains,
    )


QUASI = {
    "german_credit": ("duration_months", "credit_amount", "job", "housing"),
    "heart_disease": ("trestbps", "chol", "cp"),
    "student_performance": ("school", "Medu", "Fedu", "Mjob", "Fjob"),
}
"""Features that someone outside might know of a person."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    with_outcomes = [sample.name for sample in SAMPLES if sample.roles.target is not None]
    parser.add_argument("samples", nargs="*", default=with_outcomes)
    parser.add_argument("--jobs", type=int, default=-1)
    parser.add_argument("--store", type=Path, default=Path("workspace") / "ready_sweeps")
    options = parser.parse_args()
    options.store.mkdir(parents=True, exist_ok=True)
    for sample in options.samples:
        began = time.monotonic()
        rows = with_given_score(assign(load_sample(sample), SAMPLES[sample].roles))
        grid = grid_of(sample)
        store = opened_store(options.store / f"{sample}.jsonl")
        state = None
        for state in sweep(rows, grid, store, Cores(options.jobs)):
            print(f"\r{sample}: {len(state.points)} of {state.total}", end="", file=sys.stderr)
        assert state is not None
        size = write_precomputed(
            PrecomputedSweep(
                sample,
                rows.fingerprint,
                grid,
                Basis("public"),
                state.points,
                date.today().isoformat(),
            )
        )
        failed = sum(point.reason is not None for point in state.points)
        print(
            f"\r{sample}: {len(state.points)} runs in {time.monotonic() - began:.0f} s, {failed} "
            f"of them could not be trained; {size / 1e6:.2f} MB"
        )


if __name__ == "__main__":
    main()
