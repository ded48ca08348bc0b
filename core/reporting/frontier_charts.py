"""The frontier of a sweep as a chart for paper, and its settings as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from core.reporting.fairness_charts import Chart
from core.reporting.svg_marks import (
    LEFT,
    RIGHT,
    ChartAxis,
    digits,
    drawing,
    line,
    mark,
    text_mark,
    tick_text,
    ticks,
)
from core.reporting.wording import format_privacy, is_number, number

HEIGHT = 190.0
EDGE = 42.0
KINDS = 6
"""Marks that differ in shape; further values of ε share the last."""

NOT_DRAWN = ("undefined", "decides alike")

STATUS = {
    "front": "on the Pareto front",
    "dominated by estimates": "dominated, but not significantly",
    "surely dominated": "significantly dominated",
    "decides alike": "decides alike for nearly everyone",
    "undefined": "not defined",
}


def frontier(record: Mapping[str, Any], name: str = "frontier") -> Chart | None:
    """Draw performance against unfairness, a mark for each setting, the front joined for each ε.

    Parameters
    ----------
    record : mapping
        Of :func:`core.tradeoff.frontier.frontier_json.frontier_json`.
    name : str
        Identifier, unique in the page.

    Returns
    -------
    Chart or None
        None where no setting has both figures.
    """
    drawn = [s for s in record["settings"] if s["status"] not in NOT_DRAWN]
    if not drawn:
        return None
    title = _finding(record, drawn)
    head = (
        "Setting",
        "Privacy budget",
        record["axes"]["performance"]["title"],
        record["axes"]["unfairness"]["title"],
        "Noise, sd",
        "Other split, sd",
        "Runs",
        "Standing",
    )
    rows = tuple(_row(setting) for setting in _ordered(record["settings"]))
    return Chart(title, _drawn(record, drawn, title, name), head, rows)


def _finding(record: Mapping[str, Any], drawn: Sequence[Mapping[str, Any]]) -> str:
    front = [s for s in drawn if s["status"] == "front"]
    sure = sum(s["status"] == "surely dominated" for s in drawn)
    performance = record["axes"]["performance"]
    best = _best(front, "performance", performance["direction"])
    fairest = _best(front, "unfairness", record["axes"]["unfairness"]["direction"])
    return (
        f"Of {len(drawn)} settings {len(front)} are on the Pareto front and {sure} significantly "
        f"dominated; the "
        f"best by {performance['title']} is {best['words']} ({number(best['performance']['mean'])}"
        f"{_tied(record, drawn, best)}), the fairest {fairest['words']} "
        f"({number(fairest['unfairness']['mean'])})"
    )


def _tied(
    record: Mapping[str, Any], drawn: Sequence[Mapping[str, Any]], best: Mapping[str, Any]
) -> str:
    """Say how many do not differ significantly from the best, if that is what was judged."""
    measured = [s for s in record["settings"] if is_number(s["performance"]["mean"])]
    first = _best(measured, "performance", record["axes"]["performance"]["direction"])
    if first["performance"]["mean"] != best["performance"]["mean"]:
        # It has no unfairness, so it isn't drawn.
        return ""
    others = [s["tied_performance"] for s in drawn if s is not best]
    tied, unknown = sum(t is True for t in others), sum(t is None for t in others)
    text = f", {tied} of {len(others)} others do not differ significantly from it"
    return text + (f", of {unknown} that isn't known" if unknown else "")


def _best(front: Sequence[Mapping[str, Any]], figure: str, direction: str) -> Mapping[str, Any]:
    pick = min if direction == "lower" else max
    return pick(front, key=lambda s: s[figure]["mean"])


def _ordered(settings: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    order = list(STATUS)
    return sorted(
        settings,
        key=lambda s: (
            order.index(s["status"]),
            s["epsilon"] is None,
            s["epsilon"] or 0.0,
            s["words"],
        ),
    )


def _row(setting: Mapping[str, Any]) -> tuple[str, ...]:
    performance = setting["performance"]
    return (
        setting["words"],
        format_privacy(setting["epsilon"]),
        _figure(performance),
        _figure(setting["unfairness"]),
        _sd(performance["sd_noise"]),
        _sd(performance["sd_sampling"]),
        str(performance["runs"]),
        STATUS[setting["status"]],
    )


def _figure(record: Mapping[str, Any]) -> str:
    if not is_number(record["mean"]):
        return f"not defined: {record['reason']}"
    text = number(record["mean"])
    if is_number(record["low"]) and is_number(record["high"]):
        return f"{text} ({number(record['low'])} to {number(record['high'])})"
    return f"{text} (no interval: {record['reason']})"


def _sd(value: float | None) -> str:
    return number(value) if is_number(value) else "not known"


def _drawn(
    record: Mapping[str, Any], drawn: Sequence[Mapping[str, Any]], title: str, name: str
) -> Markup:
    budgets = sorted(
        {s["epsilon"] for s in drawn}, key=lambda e: (e is None, e if e is not None else 0.0)
    )
    kind = {epsilon: min(coordinates, KINDS - 1) for coordinates, epsilon in enumerate(budgets)}
    across = _range([s["unfairness"]["mean"] for s in drawn], record["axes"]["unfairness"]["title"])
    up = _range([s["performance"]["mean"] for s in drawn], record["axes"]["performance"]["title"])
    parts: list[Markup] = []
    y = 4.0
    for epsilon in budgets:
        parts.append(mark(LEFT + 5, y + 7, kind[epsilon], False))
        parts.append(text_mark(LEFT + 16, y + 11, format_privacy(epsilon), "label"))
        y += 16
    parts.append(mark(LEFT + 5, y + 7, 0, True))
    parts.append(text_mark(LEFT + 16, y + 11, "hollow: not on the Pareto front", "label"))
    top = y + 42
    parts.append(text_mark(LEFT, top - 10, up.label, "axis"))
    bottom = top + HEIGHT

    def coordinates(setting: Mapping[str, Any]) -> tuple[float, float]:
        x = (setting["unfairness"]["mean"] - across.low) / (across.high - across.low)
        h = (setting["performance"]["mean"] - up.low) / (up.high - up.low)
        return EDGE + x * (RIGHT - EDGE), bottom - h * HEIGHT

    for tick in ticks(up.low, up.high):
        height = bottom - (tick - up.low) / (up.high - up.low) * HEIGHT
        parts.append(line(EDGE, height, RIGHT, height, "grid"))
        parts.append(text_mark(EDGE - 5, height + 4, tick_text(tick), "tick end"))
    for tick in ticks(across.low, across.high):
        x = EDGE + (tick - across.low) / (across.high - across.low) * (RIGHT - EDGE)
        parts.append(line(x, top, x, bottom, "grid"))
        parts.append(text_mark(x, bottom + 14, tick_text(tick), "tick middle"))
    parts.append(text_mark((EDGE + RIGHT) / 2, bottom + 30, across.label, "axis middle"))
    for epsilon in budgets:
        own = [s for s in drawn if s["epsilon"] == epsilon and s["status"] == "front"]
        path = " ".join(f"{digits(x)},{digits(h)}" for x, h in sorted(map(coordinates, own)))
        parts.append(Markup('<polyline class="line s{}" points="{}"/>').format(kind[epsilon], path))
    # The front last, so that nothing hides it.
    for setting in sorted(drawn, key=lambda s: s["status"] == "front"):
        x, h = coordinates(setting)
        parts.append(mark(x, h, kind[setting["epsilon"]], setting["status"] != "front"))
    text = (
        "A mark for each setting, the mean over its runs; its shape tells ε. The settings on the "
        "Pareto front of performance, unfairness and ε are filled, and joined where they share an "
        "ε. The "
        "table that follows holds the same numbers with intervals."
    )
    return drawing(name, title, text, bottom + 38, parts)


def _range(values: Sequence[float], label: str) -> ChartAxis:
    low, high = min(values), max(values)
    pad = max((high - low) * 0.08, 0.005)
    return ChartAxis(label, max(0.0, low - pad) if low >= 0 else low - pad, high + pad)
