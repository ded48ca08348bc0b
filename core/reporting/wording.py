"""How figures and names are written in a report."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from core.data.roles.group_labels import EVERYONE, SEPARATOR, group_label, label_of_name
from core.fairness.disparities.disparities import DISPARITIES, lower
from core.fairness.intervals.p_values import format_p
from core.fairness.metrics.metric_registry import METRICS
from core.fairness.metrics.metric_titles import metric_title
from core.numerals import with_minus

METRIC_ORDER = (
    "selection_rate",
    "true_positive_rate",
    "false_positive_rate",
    "false_negative_rate",
    "precision",
    "accuracy",
    "roc_auc",
)
"""Order of the columns of a group table; others follow in their own order."""

NO_GUARANTEE = "no privacy guarantee"


def is_number(value: object) -> bool:
    """Whether a value is a finite number (a bool isn't one)."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def number(value: object, digits: int = 3) -> str:
    """Write a figure to so many decimals; "not defined" if it isn't a finite number.

    A figure that would be rounded to nothing is written to so many significant digits instead,
    so that what isn't zero never reads as zero.
    """
    if not isinstance(value, int | float) or not is_number(value):
        return "not defined"
    if value != 0 and abs(value) < 0.5 * 10**-digits:
        return with_minus(f"{value:.{digits - 1}e}")
    return with_minus(f"{value:,.{digits}f}")


def p_value(value: object) -> str:
    """Write a p-value, a small one as "< 0.0001"; "–" where there is none."""
    if not isinstance(value, int | float) or not is_number(value):
        return "–"
    return format_p(float(value))


def whole(value: object) -> str:
    """Write a count with thousands separated, "not stated" if there is none."""
    return f"{value:,.0f}" if isinstance(value, int | float) and is_number(value) else "not stated"


def plain(value: object) -> str:
    """Write a number that a person set, such as ε or a bin's edge, with all its digits."""
    if not isinstance(value, int | float) or not is_number(value):
        return "not stated"
    whole_number = isinstance(value, float) and value.is_integer() and abs(value) < 1e15
    return str(int(value) if whole_number else value)


def interval(pair: object, digits: int = 3) -> str:
    """Write an interval "0.41 to 0.65", or an empty text if it isn't whole."""
    if not isinstance(pair, list | tuple) or len(pair) != 2 or not all(map(is_number, pair)):
        return ""
    return f"{number(pair[0], digits)} to {number(pair[1], digits)}"


def term(name: object, adverse: str | None = None) -> str:
    """Write a registered name as pages do: "roc_auc" is "ROC AUC".

    Parameters
    ----------
    name : str
    adverse : str or None
        The positive decision as people read it, where it is adverse; "" where its name isn't known.
    """
    text = str(name)
    if adverse is not None and text in METRICS:
        return metric_title(text, False, adverse)
    for registry in (METRICS, DISPARITIES):
        if text in registry:
            return registry[text].title
    return text.replace("_", " ").capitalize()


def inside(metric: str, adverse: str | None = None) -> str:
    """Write a term as it stands inside a sentence."""
    return lower(term(metric, adverse))


def in_order(mapping: Mapping[str, Any] | None, first: object = ()) -> list[tuple[str, Any]]:
    """List a mapping's items in a given order of keys, then by name.

    A mapping's own order is lost in audit.json, whose keys are sorted; the report must not differ.
    """
    order = [str(name) for name in first] if isinstance(first, list | tuple) else []
    return sorted(
        (mapping or {}).items(),
        key=lambda item: (order.index(item[0]) if item[0] in order else len(order), item[0]),
    )


def group_name(group: Mapping[str, object] | None, attributes: object = ()) -> str:
    """Name a group as keys do, "Female · Black", in the order of its attributes."""
    return SEPARATOR.join(str(value) for _, value in in_order(group, attributes)) or EVERYONE


def label_of_group(item: Mapping[str, Any], attributes: object = ()) -> str:
    """Write an item's group as people read it, "afam = yes", in the order of its attributes."""
    if item.get("label"):
        return str(item["label"])
    group = in_order(item.get("group"), attributes)
    return group_label((name, str(value)) for name, value in group)


def label_of(
    name: object, attributes: object = (), among: Iterable[Mapping[str, Any]] | None = None
) -> str:
    """Write a group's name as people read it among the items that tell of all of them."""
    columns = list(map(str, attributes)) if isinstance(attributes, list | tuple) else []
    names = [_name(item["group"], columns) for item in among or ()]
    return label_of_name(columns, str(name), names)


def _name(group: object, columns: list[str]) -> str:
    return group_name(group, columns) if isinstance(group, Mapping) else str(group)


def format_privacy(epsilon: object, delta: object = None) -> str:
    """Write a privacy budget: "ε = 1, δ = 1e-06", or "no privacy guarantee"."""
    if not is_number(epsilon):
        return NO_GUARANTEE
    text = f"ε = {plain(epsilon)}"
    return f"{text}, δ = {plain(delta)}" if is_number(delta) else text


def size(count: object) -> str:
    """Write a number of bytes."""
    if not isinstance(count, int | float) or not is_number(count):
        return "not stated"
    value, unit = float(count), "bytes"
    for larger in ("kB", "MB", "GB", "TB"):
        if value < 1000:
            break
        value, unit = value / 1000, larger
    return f"{value:,.0f} bytes" if unit == "bytes" else f"{value:,.1f} {unit}"


def figure_of(result: Mapping[str, Any], metric: str) -> tuple[Any, Any, str]:
    """Return a metric of a group or performance: value or None, interval or None, reason.

    The reason says why the value, or else its interval, is not defined.
    """
    value = result.get(metric)
    why = "no_interval" if is_number(value) else "undefined"
    reason = (result.get(why) or {}).get(metric) or ""
    pair = (result.get("intervals") or {}).get(metric)
    return (value if is_number(value) else None), pair, str(reason)


def metrics_of(results: list[Mapping[str, Any]]) -> list[str]:
    """Name the metrics that group results hold, the usual ones first."""
    apart = {
        "group",
        "label",
        "count",
        "weight",
        "intervals",
        "undefined",
        "no_interval",
        "too_small",
        "not_judged_by",
        "unknown",
    }
    found = {name for result in results for name in result} - apart
    return [m for m in METRIC_ORDER if m in found] + sorted(found.difference(METRIC_ORDER))


def moment(value: object) -> str:
    """Write a time in ISO 8601 to the minute, "2026-11-24 21:05 UTC"; as it is if it is none."""
    if not isinstance(value, str):
        return "not stated"
    try:
        when = datetime.fromisoformat(value)
    except ValueError:
        return value
    if when.tzinfo is None:
        return f"{when:%Y-%m-%d %H:%M}"
    return f"{when.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
