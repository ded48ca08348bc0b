"""Figures of an audit as data frames, and as a small HTML page for a notebook."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import Any

import pandas as pd

from core.fairness.disparities.disparities import DISPARITIES
from core.fairness.metrics.metric_registry import METRICS
from core.fairness.metrics.metric_titles import metric_title
from core.reporting.wording import group_name, label_of_group

BETWEEN = " × "
SHOWN = ("selection_rate", "true_positive_rate", "false_positive_rate", "accuracy")
TITLES = {name: METRICS[name].title for name in SHOWN}
"""Metrics of the small table; all are in the frame."""


def assessments(fairness: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Each sensitive column alone, then all together where there are several."""
    yield from fairness["by_attribute"].values()
    if len(fairness["attributes"]) > 1:
        yield fairness


def group_frame(
    fairness: Mapping[str, Any], metrics: Sequence[str] = METRICS.names()
) -> pd.DataFrame:
    """One row for each group and metric."""
    rows = []
    for part in assessments(fairness):
        for item in (part["overall"], *part["by_group"]):
            reasons = {**item["undefined"], **item.get("no_interval", {})}
            for metric in (name for name in metrics if name in item):
                low, high = item["intervals"].get(metric, (None, None))
                rows.append(
                    {
                        "by": BETWEEN.join(part["attributes"]),
                        "group": group_name(item["group"], part["attributes"]),
                        "count": item["count"],
                        "metric": metric,
                        "estimate": item[metric],
                        "low": low,
                        "high": high,
                        "reason": reasons.get(metric),
                        "too_small": item["too_small"],
                    }
                )
    return typed(rows)


def disparity_frame(fairness: Mapping[str, Any]) -> pd.DataFrame:
    """One row for each difference or ratio between groups."""
    rows = [
        {
            "by": BETWEEN.join(part["attributes"]),
            "disparity": name,
            "estimate": item["estimate"],
            "low": item["low"],
            "high": item["high"],
            "between": " and ".join(item["between"]),
            "reason": item.get("reason"),
        }
        for part in assessments(fairness)
        for name, item in part["disparities"].items()
        if name in DISPARITIES
    ]
    return typed(rows)


def typed(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Make a frame in which figures are numbers and reasons texts, also where all are missing."""
    frame = pd.DataFrame(rows)
    frame = frame.astype(dict.fromkeys(("estimate", "low", "high"), "float64"))
    for name in ("reason", "too_small"):
        if name in frame:
            frame[name] = pd.Series([row[name] for row in rows], dtype=object)
    return frame


def four_fifths(part: Mapping[str, Any]) -> str:
    """Say what the four-fifths rule finds."""
    sentence: str = part["four_fifths"]["sentence"]
    return sentence


def group_tables(
    fairness: Mapping[str, Any],
    titles: Mapping[str, str] = TITLES,
    sentence: Callable[[Mapping[str, Any]], str] = four_fifths,
) -> str:
    """Write the groups' main figures as HTML, a table for each combination of columns.

    Parameters
    ----------
    fairness : mapping
    titles : mapping of str to str
        What the figures that are shown are called.
    sentence : callable
        What stands above the table of a combination.
    """
    out = []
    for part in assessments(fairness):
        by = BETWEEN.join(part["attributes"])
        head = [by, "count", *_titles(part, titles)]
        lines = []
        for item in (*part["by_group"], part["overall"]):
            name = label_of_group(item, part["attributes"])
            count = f"{item['count']:,}"
            if item["too_small"] is not None:
                count += f" (too small to judge: {item['too_small']})"
            lines.append([name, count, *(_cell(item, metric) for metric in titles)])
        text = sentence(part)
        out.append((f"<p>{escape(text)}</p>" if text else "") + table(head, lines))
    return "".join(out)


def _titles(part: Mapping[str, Any], titles: Mapping[str, str]) -> list[str]:
    """Call metrics of decisions by what they are where the positive label is adverse."""
    if titles is not TITLES:
        return list(titles.values())
    favourable = (part.get("impact_ratios") or {}).get("positive_is_favourable")
    return [metric_title(name, favourable) for name in titles]


def _cell(item: Mapping[str, Any], metric: str) -> str:
    if item.get(metric) is None:
        return "not defined"
    return interval(item[metric], *item["intervals"].get(metric, (None, None)))


def interval(estimate: float, low: float | None, high: float | None) -> str:
    """Write a figure with its interval, where it has one."""
    text = "" if low is None or high is None else f" ({number(low)} to {number(high)})"
    return f"{number(estimate)}{text}"


def number(value: float) -> str:
    """Write a figure with three decimals, or a large amount with four digits or more."""
    return f"{value:.3f}" if abs(value) < 100 else f"{value:,.0f}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a table; whatever stands in it is escaped."""
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>" for row in rows
    )
    titles = "".join(f"<th>{escape(str(title))}</th>" for title in head)
    return f"<table><thead><tr>{titles}</tr></thead><tbody>{body}</tbody></table>"


def page(title: str, *parts: str) -> str:
    """Put parts under a title."""
    return f"<div><h3>{escape(title)}</h3>{''.join(parts)}</div>"


def paragraphs(sentences: Iterable[str]) -> str:
    """Write sentences, each in a paragraph."""
    return "".join(f"<p>{escape(sentence)}</p>" for sentence in sentences)
