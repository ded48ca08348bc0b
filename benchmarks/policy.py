"""How often policies find what is not there, miss what is, and judge two samples differently.

Run by hand from the repository's root: ``.venv/bin/python benchmarks/policy.py [PART [SAMPLES]]``,
the part being alike, planted or pairs; ``tables`` prints what docs/policies.md holds. What was
measured is kept in core/policy/error_rates.json, which pages and the command line read too. The
populations are those of tests/core/policy/sampled.py; all policies judge the same samples.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from core.policy.error_rates import FILE, HEAD, error_rates, rows
from core.policy.evaluate import evaluate
from core.policy.policy_toml import digest
from core.policy.presets import PRESETS
from tests.core.policy.sampled import attacked, equal_groups, fairness_only, sampled

JUDGED = ("default", "four-fifths", "equalized-odds")
"""Presets with a pass mark for groups; privacy has one for an attack."""
PLANTED = ((0.5, 0.4), (0.4, 0.3), (0.3, 0.2), (0.2, 0.1), (0.8, 0.7))
GAPS = (0.0, 0.02, 0.03, 0.04, 0.05, 0.06, 0.07, 0.08, 0.09, 0.1, 0.12, 0.15)
SIZES = (500, 2_000, 5_000)
THRESHOLDS = (0.35, 0.5, 0.75)
PEOPLE = (
    "Made-up people of two sexes and two ages, who differ between the sexes alone and in decisions "
    "alone; criteria of fairness only."
)
ATTACK = (
    "ε and δ are known and not sampled; the attack is made on so many made-up members and as many "
    "others, a gap being its true advantage."
)
WITHOUT = "It has no pass mark: it is met wherever its figures exist, whatever the sample."


def alike(samples: int) -> dict[str, list[tuple[Any, ...]]]:
    """Tables of 1,000 rows with scores, in which nothing depends on sex or age."""
    found: dict[str, list[tuple[Any, ...]]] = {name: [] for name in JUDGED}
    for threshold in THRESHOLDS:
        rng, failed, rate = np.random.default_rng(11), Counter[str](), 0.0
        for _ in range(samples):
            result = equal_groups(rng, 1_000, threshold)
            assert result.dataset.predictions is not None
            rate += float(result.dataset.predictions.mean()) / samples
            for name in JUDGED:
                policy = fairness_only(PRESETS[name].policy)
                failed[name] += evaluate(policy, result).verdict == "not met"
        for name in JUDGED:
            found[name].append((f"rate of decisions {rate:.2f}", samples, failed[name]))
    return found


def planted(samples: int) -> dict[str, list[tuple[Any, ...]]]:
    """Tables with a gap of 10 points between 500 women and 500 men."""
    found: dict[str, list[tuple[Any, ...]]] = {name: [] for name in JUDGED}
    for rates in PLANTED:
        for second in (True, False):
            counts = _verdicts(rates, 500, samples, 12, second=second)
            told = f"rates {rates[0]:g} and {rates[1]:g}, " + (
                "two attributes, crossed" if second else "one attribute"
            )
            for name in JUDGED:
                found[name].append((told, samples, counts[name]["not met"]))
    return found


def pairs(samples: int) -> dict[str, list[tuple[Any, ...]]]:
    """Many samples of one population: met, and not met."""
    found: dict[str, list[tuple[Any, ...]]] = {name: [] for name in (*JUDGED, "privacy")}
    for size in SIZES:
        for gap in GAPS:
            counts = _verdicts((0.5 - gap, 0.5), size, samples, 13)
            rng = np.random.default_rng(14)
            attack = PRESETS["privacy"].policy
            counts["privacy"] = Counter(
                next(
                    item.outcome
                    for item in evaluate(attack, attacked(rng, gap, size)).results
                    if item.criterion.figure == "membership_advantage"
                )
                for _ in range(samples)
            )
            for name in found:
                of = counts[name]
                found[name].append((size, gap, samples, of["met"], of["not met"]))
    return found


def _verdicts(
    rates: tuple[float, float], size: int, samples: int, seed: int, *, second: bool = True
) -> dict[str, Counter[str]]:
    """Count the verdicts of every policy on the same samples."""
    rng = np.random.default_rng(seed)
    counts: dict[str, Counter[str]] = {name: Counter() for name in JUDGED}
    for _ in range(samples):
        result = sampled(rng, rates, size, second=second)
        for name in JUDGED:
            policy = fairness_only(PRESETS[name].policy)
            counts[name][evaluate(policy, result).verdict] += 1
    return counts


PARTS = {"alike": (alike, 1_000), "planted": (planted, 1_000), "pairs": (pairs, 500)}
"""Each with its number of samples."""


def keep(part: str, found: dict[str, list[tuple[Any, ...]]]) -> None:
    """Put one part into the file; figures of other criteria than today's are dropped."""
    before = json.loads(FILE.read_text(encoding="utf-8"))["policies"] if FILE.exists() else {}
    policies = {}
    for name in PRESETS.names():
        told = digest(PRESETS[name].policy)
        item = before.get(name, {})
        if item.get("sha256") != told:
            item = {"alike": [], "planted": [], "samples": []}
        item |= {
            "sha256": told,
            "of": {"local-law-144": WITHOUT, "privacy": ATTACK}.get(name, PEOPLE),
        }
        if name in found:
            item["samples" if part == "pairs" else part] = found[name]
        policies[name] = item
    record = {"measured": f"{datetime.now(UTC):%Y-%m-%d}", "policies": policies}
    FILE.write_text(_json(record) + "\n", encoding="utf-8")


def _json(record: dict[str, Any]) -> str:
    """One row of figures on a line."""
    lines = []
    for name, item in record["policies"].items():
        of = []
        for key, value in sorted(item.items()):
            text = json.dumps(value, ensure_ascii=False)
            if isinstance(value, list) and value:
                told = (json.dumps(row, ensure_ascii=False) for row in value)
                text = "[\n        " + ",\n        ".join(told) + "\n      ]"
            of.append(f'      "{key}": {text}')
        lines.append(f'    "{name}": {{\n' + ",\n".join(of) + "\n    }")
    return (
        f'{{\n  "measured": "{record["measured"]}",\n  "policies": {{\n'
        + ",\n".join(lines)
        + "\n  }\n}"
    )


def tables() -> Iterator[str]:
    """Lines of the tables in docs/policies.md."""
    for name in PRESETS.names():
        found = error_rates(PRESETS[name].policy)
        assert found is not None
        yield f"### `{name}`\n"
        yield " ".join(found.sentences) + "\n"
        for what, shares in (("no difference", found.alike), ("10 points", found.planted)):
            if shares:
                yield f"| {what} | not met |"
                yield "|---|---|"
                yield from (f"| {item.told} | {item.share:.1%} |" for item in shares)
                yield ""
        if found.samples:
            yield "| " + " | ".join(HEAD) + " |"
            yield "|" + "---|" * len(HEAD)
            yield from ("| " + " | ".join(row) + " |" for row in rows(found))
            yield ""


def main(part: str | None, samples: int | None) -> None:
    """Measure a part, or all of them; or print what was measured."""
    if part == "tables":
        print("\n".join(tables()), end="")
        return
    for name, (measured, usual) in PARTS.items():
        if part in (None, name):
            keep(name, measured(samples or usual))


if __name__ == "__main__":
    main(
        sys.argv[1] if len(sys.argv) > 1 else None,
        int(sys.argv[2]) if len(sys.argv) > 2 else None,
    )
