"""The tables of docs/tradeoffs.md, from the sweep that is shipped with Adult.

    python benchmarks/adult_tradeoffs.py > tables.md

Everything is read off data/sweeps/adult.json.gz, which benchmarks/precomputed_sweeps.py makes.
The figure docs/images/adult_frontier.svg is written beside it.
"""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from core.reporting.frontier_charts import frontier
from core.tradeoff.frontier.axes import axis_named
from core.tradeoff.frontier.chosen import setting_label
from core.tradeoff.frontier.differences import Difference, difference
from core.tradeoff.frontier.frontier_json import frontier_json
from core.tradeoff.frontier.impact_by_group import impact_by_group
from core.tradeoff.frontier.pareto_analysis import pareto_analysis
from core.tradeoff.frontier.spread import Spread, spreads
from core.tradeoff.sweep.grid import Setting
from core.tradeoff.sweep.point import figure_name
from core.tradeoff.sweep.precomputed import precomputed_sweep

ROOT = Path(__file__).resolve().parents[1]
PRIVATE = "dp_binned_regression"
STYLE = """<style>
text{font:11px sans-serif;fill:#333}.grid{stroke:#ddd}.line{fill:none;stroke-width:1.5}
.s0{stroke:#0072B2;fill:#0072B2}.s1{stroke:#D55E00;fill:#D55E00}.s2{stroke:#009E73;fill:#009E73}
.s3{stroke:#A6508A;fill:#A6508A}.s4{stroke:#B07C00;fill:#B07C00}.s5{stroke:#2A8FC7;fill:#2A8FC7}
.faint,.line{fill:none}.end{text-anchor:end}.middle{text-anchor:middle}
</style>"""


def main() -> None:
    ready = precomputed_sweep("adult")
    assert ready is not None
    points, grid = ready.points, ready.grid
    print(f"{ready.label}\n\n{len(points)} runs.\n")
    gap = figure_name("equalized_odds_difference", grid.attributes[0])
    for performance in ("roc_auc", "accuracy"):
        land = pareto_analysis(
            points, axis_named(performance, grid.attributes), axis_named(gap, grid.attributes)
        )
        judged = land.judged()
        print(f"### Front of {land.axes[0].title}, {land.axes[1].title} and ε\n")
        print("| Setting | " + " | ".join(land.names[:2]) + " | noise, sd | other split, sd |")
        print("|---|---|---|---|---|")
        rows = [row for row in range(len(land.settings)) if judged.front[row]]
        for row in sorted(rows, key=lambda r: (-land.epsilon[r], land.losses[r, 0])):
            first, second = land.performance[row], land.unfairness[row]
            cells = [
                format_spread(first),
                format_spread(second),
                sd(first.sd_noise),
                sd(first.sd_sampling),
            ]
            print(f"| {setting_label(land.settings[row])} | " + " | ".join(cells) + " |")
        sure = judged.status.count("surely dominated")
        print(f"\n{len(rows)} of {len(land.settings)} settings; {sure} are surely off it.\n")
    rate = "true_positive_rate"
    print(f"### What ε = 1 costs each group of sex × race ({PRIVATE})\n")
    plain = Setting(PRIVATE, 1.0)
    mitigations = list(
        dict.fromkeys(
            (p.run.setting.mitigation, p.run.setting.strength)
            for p in points
            if (p.run.setting.learner, p.run.setting.epsilon) == (PRIVATE, 1.0)
        )
    )
    found = {
        pair: impact_by_group(
            points, replace(plain, mitigation=pair[0], strength=pair[1]), ("sex", "race")
        )
        for pair in mitigations
    }
    first = found[("none", 1.0)]
    print(first.sentence(rate) + "\n")
    print("Points of true positive rate gained (+) or lost (−) beside gradient boosting without")
    print("privacy, with 95 % intervals:\n")
    names = [f"{name}{'' if strength == 1 else f' at {strength:g}'}" for name, strength in found]
    print("| Group (test rows in a run) | without privacy | " + " | ".join(names) + " |")
    print("|---" * (len(names) + 2) + "|")
    sizes = {g.name: g.rows for g in points[0].groups if g.combination == first.combination}
    for group in first.groups:
        cells = []
        for item in found.values():
            cell = item.cell(group, rate)
            cells.append(change(cell.change) + (" (too small)" if cell.too_small else ""))
        beside = first.cell(group, rate).beside
        before = "–" if beside is None else format_spread(beside)
        print(f"| {group} ({sizes.get(group, 0):,}) | {before} | " + " | ".join(cells) + " |")
    print("\n### What each mitigation at ε = 1 does to accuracy and gaps\n")
    figures = [
        "accuracy",
        "roc_auc",
        figure_name("equalized_odds_difference", ("sex",)),
        figure_name("equal_opportunity_difference", ("sex",)),
    ]
    axes = [axis_named(name, grid.attributes) for name in figures]
    columns = [spreads(points, axis) for axis in axes]
    print("| Setting | " + " | ".join(axis.title for axis in axes) + " |")
    print("|---" * (len(axes) + 1) + "|")
    chosen = [Setting("gradient_boosting")]
    chosen += [replace(plain, mitigation=m, strength=s) for m, s in mitigations]
    for setting in chosen:
        cells = [format_spread(column[setting]) for column in columns]
        print(f"| {setting_label(setting)} | " + " | ".join(cells) + " |")
    print("\nDifferences from the same learner at ε = 1 without mitigation, points:\n")
    for setting in chosen[2:]:
        parts = [
            f"{axis.title} {change(difference(column[setting], column[plain]))}"
            for axis, column in zip(axes, columns, strict=True)
        ]
        print(f"- {setting_label(setting)}: " + "; ".join(parts))
    record = frontier_json(points, grid, ready.label)
    chart = frontier(record)
    assert chart is not None
    svg = re.sub(r"(<svg[^>]*>)", r"\1" + STYLE, str(chart.svg), count=1)
    if "xmlns=" not in svg[:300]:
        svg = svg.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)
    (ROOT / "docs" / "images" / "adult_frontier.svg").write_text(svg, encoding="utf-8")


def format_spread(spread: Spread) -> str:
    if spread.mean is None:
        return f"not defined: {spread.reason}"
    if spread.low is None or spread.high is None:
        return f"{spread.mean:.3f}"
    return f"{spread.mean:.3f} ({spread.low:.3f} to {spread.high:.3f})"


def sd(value: float | None) -> str:
    return "not known" if value is None else f"{value:.4f}"


def change(found: Difference) -> str:
    if found.value is None:
        return f"not defined: {found.reason}"
    text = f"{100 * found.value:+.1f}"
    if found.low is not None and found.high is not None:
        text += f" ({100 * found.low:+.1f} to {100 * found.high:+.1f})"
    return text.replace("-", "−")


if __name__ == "__main__":
    main()
