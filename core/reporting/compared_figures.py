"""The figures of two audits read out of their files, pair by pair."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from core.fairness.disparities.disparities import DISPARITIES
from core.fairness.metrics.assessment import Figure
from core.fairness.metrics.metric_registry import METRICS
from core.reporting.audit_differences import ComparedFigure, compared
from core.reporting.wording import figure_of, is_number

Groups = dict[tuple[str, ...], Mapping[str, Any]]


def performance(
    a: Mapping[str, Any], b: Mapping[str, Any], agreed: bool | None = True
) -> Iterator[ComparedFigure]:
    """Compare the figures of everyone; ``agreed`` is whether the positive label is favourable."""
    for name in METRICS.names():
        if name in a or name in b:
            yield compared(
                "performance",
                name,
                _figure(a, name),
                _figure(b, name),
                positive_is_favourable=agreed,
            )


def assessments(fairness: Mapping[str, Any]) -> dict[frozenset[str], Mapping[str, Any]]:
    """List assessments by their sensitive columns: each alone, then all together."""
    found = {frozenset([str(name)]): item for name, item in fairness["by_attribute"].items()}
    found.setdefault(frozenset(map(str, fairness["attributes"])), fairness)
    return found


def groups_of(assessment: Mapping[str, Any], order: list[str]) -> Groups:
    """List groups by their values, in one order of the columns."""
    return {tuple(str(g["group"][name]) for name in order): g for g in assessment["by_group"]}


def disparities(
    one: Mapping[str, Any], other: Mapping[str, Any], by: str, agreed: bool | None, lone: bool
) -> Iterator[ComparedFigure]:
    """Compare the gaps between groups; ``lone`` where the groups are not the same in both."""
    for name in DISPARITIES.names():
        if name in one["disparities"] or name in other["disparities"]:
            yield compared(
                "disparity",
                name,
                _whole(one["disparities"].get(name)),
                _whole(other["disparities"].get(name)),
                by=by,
                positive_is_favourable=agreed,
                incomparable="it is a gap among other groups in A than in B" if lone else None,
            )


def rates(one: Groups, other: Groups, by: str, agreed: bool | None) -> Iterator[ComparedFigure]:
    """Compare the figures of each group that is in both.

    Parameters
    ----------
    one, other : dict
        As :func:`groups_of` lists them.
    by : str
        Their sensitive columns.
    agreed : bool or None
        Whether the positive label is favourable; None where the audits don't agree on it.
    """
    for values in (values for values in one if values in other):
        a, b = one[values], other[values]
        for name in METRICS.names():
            if name in a or name in b:
                yield compared(
                    "rate",
                    name,
                    _figure(a, name),
                    _figure(b, name),
                    by=by,
                    group=name_of(values),
                    positive_is_favourable=agreed,
                )


def _figure(result: Mapping[str, Any], name: str) -> Figure:
    if name not in result:
        return Figure(None, reason="it was not measured")
    _, pair, reason = figure_of(result, name)
    low, high = (None, None) if pair is None else pair
    return _checked(result[name], low, high, reason)


def _whole(record: Mapping[str, Any] | None) -> Figure:
    if record is None:
        return Figure(None, reason="it was not measured")
    return _checked(record["estimate"], record["low"], record["high"], record.get("reason"))


def _checked(value: Any, low: Any, high: Any, reason: str | None) -> Figure:
    """Make a figure of what a file says; ValueError if it can't be one."""
    if value is None:
        return Figure(None, reason=reason or None)
    if not is_number(value):
        raise ValueError(f"{value!r} is no figure")
    if low is None or high is None:
        return Figure(float(value), reason=reason or None)
    if not is_number(low) or not is_number(high):
        raise ValueError(f"{low!r} to {high!r} is no interval")
    # By rounding alone could an end pass the estimate.
    return Figure(float(value), min(float(low), float(value)), max(float(high), float(value)))


def name_of(values: tuple[str, ...]) -> str:
    """Write a group as "Female · Black"."""
    return " · ".join(values)
