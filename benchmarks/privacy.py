"""Measure private learners on Adult at ε = 1, and what privacy costs each group; print Markdown.

Run by hand from the repository's root: ``.venv/bin/python benchmarks/privacy.py [SEEDS [DRAWS]]``.
Everything is seeded, so nothing here is a private release; Adult is public.
"""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from core.data.assign import assign
from core.data.samples import SAMPLES, load_sample
from core.learning.learners import LEARNERS
from core.tradeoff.price.price import PriceSpec, groups, price_points
from core.tradeoff.price.price_by_group import MEASURES, prices, sentence
from core.training.spec import TrainingSpec
from core.training.training import train

DELTA = 1e-6
EPSILONS = (4.0, 2.0, 1.0, 0.5, 0.25)
LEARNER = "dp_binned_regression"


def spread(values: list[float]) -> str:
    """Lowest to highest."""
    return f"{min(values):.3f}–{max(values):.3f}"


def learners(seeds: int) -> None:
    """Print each private learner at ε = 1 beside its like without privacy."""
    if not seeds:
        return
    sample = SAMPLES["adult"]
    data = assign(load_sample("adult"), sample.roles)
    print("| Private learner | ROC AUC | accuracy | without privacy | ROC AUC | accuracy |")
    print("|---|---|---|---|---|---|")
    for learner in (item for item in LEARNERS if item.private):
        found: list[tuple[float, ...]] = []
        for seed in range(seeds):
            spec = TrainingSpec(
                learner.name,
                epsilon=1.0,
                delta=DELTA,
                domains=sample.domains,
                seed=seed,
                noise="seeded",
            )
            model = train(data, spec)
            assert model.baseline is not None
            figures = [
                part.figures[name].estimate
                for part in (model.performance, model.baseline)
                for name in ("roc_auc", "accuracy")
            ]
            found.append(tuple(float(f) for f in figures if f is not None))
        columns = [spread(list(column)) for column in np.array(found).T]
        title = LEARNERS[learner.baseline or ""].title
        print(f"| {learner.title} | {columns[0]} | {columns[1]} ", end="")
        print(f"| {title} | {columns[2]} | {columns[3]} |", flush=True)


def by_group(draws: int) -> None:
    """Print what each group of sex and race loses as ε falls, in points."""
    sample = SAMPLES["adult"]
    data = assign(load_sample("adult"), sample.roles)
    spec = PriceSpec(LEARNER, EPSILONS, draws, DELTA, ("sex", "race"), sample.domains)
    points = [point for _, point in price_points(data, spec)]
    found = groups(data, spec)
    for measure, title in MEASURES.items():
        lost = prices(points, found, measure)
        print(f"\n{sentence(lost, measure, 1.0)}.\n")
        print(f"| Points of {title} lost | rows |", end=" ")
        print("next to no noise |", " | ".join(f"ε = {e:g}" for e in EPSILONS), "|")
        print("|---|---|---|" + "---|" * len(EPSILONS))
        for group in sorted(found, key=lambda g: -g.count):
            cells = []
            for price in (p for p in lost if p.group == group):
                if price.loss is None or price.low is None or price.high is None:
                    cells.append("not defined")
                else:
                    loss, *ends = (
                        f"{round(100 * share, 1) + 0.0:.1f}".replace("-", "−")
                        for share in (price.loss, price.low, price.high)
                    )
                    cells.append(f"{loss} ({ends[0]} to {ends[1]})")
            small = " (too small to judge)" if group.too_small else ""
            print(f"| {group.name}{small} | {group.count} |", " | ".join(cells), "|")


if __name__ == "__main__":
    print(f"Measured on {date.today():%d %B %Y}, δ = {DELTA:g}.\n")
    learners(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
    by_group(int(sys.argv[2]) if len(sys.argv) > 2 else 5)
