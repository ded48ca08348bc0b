"""How often policies find what is not there, miss what is, and judge two samples differently.

Run by hand from the repository's root: ``.venv/bin/python benchmarks/policy.py [SAMPLES] [PART]``,
the part being alike, planted or pairs. It prints the tables of docs/policies.md; the populations
are those of tests/core/policy/sampled.py.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from core.policy.evaluate import evaluate
from core.policy.presets import PRESETS
from tests.core.policy.sampled import disagreement, equal_groups, fairness_only, verdicts

SAMPLES = 1000
PLANTED = ((0.5, 0.4), (0.4, 0.3), (0.3, 0.2), (0.2, 0.1), (0.8, 0.7))
GAPS = (0.0, 0.03, 0.05, 0.07, 0.1, 0.15)
SIZES = (500, 2_000, 5_000)


def without_difference(samples: int) -> None:
    """Tables of 1,000 rows with scores, in which nothing depends on sex or age."""
    print("\n| policy | rate of decisions | tables | a fairness criterion is not met |")
    print("|---|---|---|---|")
    for name in ("default", "equalized-odds", "four-fifths"):
        policy = fairness_only(PRESETS[name].policy)
        for threshold in (0.35, 0.5, 0.75):
            rng = np.random.default_rng(11)
            found = rate = 0.0
            for _ in range(samples):
                result = equal_groups(rng, 1_000, threshold)
                found += evaluate(policy, result).verdict == "not met"
                assert result.dataset.predictions is not None
                rate += float(result.dataset.predictions.mean())
            row = f"{rate / samples:.2f} | {samples:,} | {found / samples:.1%}"
            print(f"| `{name}` | {row} |", flush=True)


def planted(samples: int) -> None:
    """Tables with a gap of 10 points between 500 women and 500 men."""
    print("\n| policy | rates | attributes | samples | not met |")
    print("|---|---|---|---|---|")
    for name in ("default", "four-fifths", "equalized-odds"):
        for rates in PLANTED:
            for second in (True, False):
                found = verdicts(PRESETS[name].policy, rates, 500, samples, seed=12, second=second)
                attributes = "2, crossed" if second else "1"
                row = f"{rates[0]:g}, {rates[1]:g} | {attributes} | {samples:,}"
                print(f"| `{name}` | {row} | {found['not met'] / samples:.1%} |", flush=True)


def two_samples(samples: int) -> None:
    """Two samples of one population: how often their verdicts differ."""
    print(
        "\n| policy | people of each sex | gap | met | not met | not enough evidence | "
        "met against not met, of all pairs | of decisive pairs | any difference |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for name in ("default", "four-fifths", "equalized-odds"):
        for size in SIZES:
            opposed_all = decisive_all = 0.0
            for gap in GAPS:
                rates = 0.5 - gap, 0.5
                found = verdicts(PRESETS[name].policy, rates, size, samples, seed=13)
                opposed, decisive, differ = disagreement(found)
                opposed_all, decisive_all = opposed_all + opposed, decisive_all + decisive
                shares = " | ".join(
                    f"{found[outcome] / samples:.1%}"
                    for outcome in ("met", "not met", "not enough evidence")
                )
                of_decisive = f"{opposed / decisive:.1%}" if decisive else "none is decisive"
                print(
                    f"| `{name}` | {size:,} | {gap:g} | {shares} | {opposed:.1%} | {of_decisive} | "
                    f"{differ:.1%} |",
                    flush=True,
                )
            over = opposed_all / decisive_all if decisive_all else 0.0
            print(
                f"| `{name}` | {size:,} | all six | | | | {opposed_all / len(GAPS):.1%} | "
                f"{over:.1%} | |",
                flush=True,
            )


PARTS = {"planted": (planted, 1), "pairs": (two_samples, 5), "alike": (without_difference, 1)}
"""Each with what its number of samples is divided by: pairs are many."""


def main(samples: int, part: str | None) -> None:
    for name, (measured, divided) in PARTS.items():
        if part in (None, name):
            measured(samples // divided)


if __name__ == "__main__":
    main(
        int(sys.argv[1]) if len(sys.argv) > 1 else SAMPLES,
        sys.argv[2] if len(sys.argv) > 2 else None,
    )
