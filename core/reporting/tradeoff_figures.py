"""The charts of what privacy and fairness cost each other."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from core.reporting.charts import lines
from core.reporting.figures import Chart
from core.reporting.marks import Axis, Point
from core.reporting.wording import inside, is_number, number, plain, promise, term


def tradeoff(points: Sequence[Mapping[str, Any]], metric: str, name: str) -> Chart | None:
    """Draw a metric against ε, a line for each learner and mitigation, over the seeds."""
    found = [point for point in points if is_number(point.get(metric))]
    if not found:
        return None
    budgets: list[float | None] = [
        *sorted({p["epsilon"] for p in found if is_number(p.get("epsilon"))})
    ]
    if any(not is_number(p.get("epsilon")) for p in found):
        budgets.append(None)
    places = ["none" if epsilon is None else plain(epsilon) for epsilon in budgets]
    methods = list(dict.fromkeys(_method(point) for point in found))
    series, table, means = [], [], []
    for method in methods:
        drawn: list[Point | None] = []
        for epsilon in budgets:
            values = [p[metric] for p in found if (_method(p), _budget(p)) == (method, epsilon)]
            if not values:
                drawn.append(None)
                continue
            mean = statistics.fmean(values)
            drawn.append(Point(mean, min(values), max(values)))
            means.append((mean, method, epsilon))
            spread = f"{number(min(values))} to {number(max(values))}"
            cells = (method, promise(epsilon), str(len(values)), number(mean), spread)
            table.append(cells)
        series.append((method, drawn))
    title = _reach(inside(metric), means)
    ends = [p for _, drawn in series for p in drawn if p is not None]
    low, high = min(p.low or 0.0 for p in ends), max(p.high or 0.0 for p in ends)
    pad = max((high - low) * 0.08, 0.01)
    axis = Axis(term(metric), max(low - pad, 0.0) if low >= 0 else low - pad, high + pad)
    svg = lines(
        name,
        title,
        "A line for each method through its means over the seeds, with a line from the lowest "
        "seed to the highest. The table that follows holds the same numbers.",
        places,
        series,
        "ε, in order but not to scale (none: no privacy promise)",
        axis,
    )
    head = ("Method", "Privacy budget", "Seeds", f"Mean {term(metric)}", "Lowest to highest")
    return Chart(title, svg, head, tuple(table))


def _method(point: Mapping[str, Any]) -> str:
    mitigation = point.get("mitigation") or "none"
    return str(point.get("learner")) + ("" if mitigation == "none" else f" + {mitigation}")


def _budget(point: Mapping[str, Any]) -> float | None:
    epsilon = point.get("epsilon")
    return epsilon if isinstance(epsilon, int | float) and is_number(epsilon) else None


def _reach(metric: str, means: list[tuple[float, str, float | None]]) -> str:
    worst, best = min(means, key=lambda m: m[0]), max(means, key=lambda m: m[0])

    def place(mean: tuple[float, str, float | None]) -> str:
        return f"{number(mean[0], 2)} ({mean[1]}, {promise(mean[2])})"

    if len(means) == 1:
        return f"Mean {metric} is {place(best)}"
    return f"Mean {metric} ranges from {place(worst)} to {place(best)}"
