"""The result of one run of a sweep: its figures, and the counts of the groups behind them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from core.errors import InputError
from core.tradeoff.grid import RunSpec, Setting

BETWEEN = " × "


def figure_name(disparity: str, combination: tuple[str, ...]) -> str:
    """Name a disparity among the groups of a combination, "accuracy_difference by sex × race"."""
    return f"{disparity} by {BETWEEN.join(combination)}"


@dataclass(frozen=True)
class Estimate:
    """A figure on test rows.

    Attributes
    ----------
    value : float or None
    error : float or None
        Standard error, from the test people alone: of one model, with neither another split nor
        other noise. Half the width of the figure's 95 % interval over 1.96.
    reason : str or None
        Why the value is not defined.
    """

    value: float | None
    error: float | None = None
    reason: str | None = None


@dataclass(frozen=True)
class GroupCounts:
    """Outcomes of one group's test rows.

    Attributes
    ----------
    combination : str
        Sensitive columns, "sex × race".
    name : str
        The group, "Female · Black".
    rows : int
    true_positives, false_negatives, false_positives, true_negatives : float
        Summed weights; rows where there are none.
    too_small : str or None
        Why the group is too small to judge.
    effective_rows : float or None
        (Σw)² / Σw² of its weights (Kish 1965), by which its rates are as sure as that many rows
        would make them; None without weights.
    """

    combination: str
    name: str
    rows: int
    true_positives: float
    false_negatives: float
    false_positives: float
    true_negatives: float
    too_small: str | None = None
    effective_rows: float | None = None


@dataclass(frozen=True)
class Point:
    """One run of a sweep.

    Attributes
    ----------
    run : RunSpec
    figures : mapping of str to Estimate
        Metrics of everyone by their name, disparities by :func:`figure_name`.
    groups : tuple of GroupCounts
    test_rows, train_rows : int
    seconds : float
        Of training and measuring.
    charged : tuple of (float, float) or None
        ε and δ that were charged to a ledger for it.
    reason : str or None
        Why it could not be trained.
    """

    run: RunSpec
    figures: Mapping[str, Estimate] = field(default_factory=dict)
    groups: tuple[GroupCounts, ...] = ()
    test_rows: int = 0
    train_rows: int = 0
    seconds: float = 0.0
    charged: tuple[float, float] | None = None
    reason: str | None = None

    def value(self, figure: str) -> float | None:
        """Return a figure's value; None where it is not defined or not there."""
        found = self.figures.get(figure)
        return None if found is None else found.value


def point_to_json(point: Point) -> dict[str, Any]:
    """Write a point down."""
    return asdict(point) | {
        "figures": {
            name: [item.value, item.error] + ([item.reason] if item.reason else [])
            for name, item in point.figures.items()
        }
    }


def point_from_json(told: Mapping[str, Any]) -> Point:
    """Read a point back.

    Raises
    ------
    InputError
        If it isn't a point of this version.
    """
    try:
        run = told["run"]
        return Point(
            RunSpec(**(run | {"setting": Setting(**run["setting"])})),
            {name: Estimate(*item) for name, item in told["figures"].items()},
            tuple(GroupCounts(**group) for group in told["groups"]),
            told["test_rows"],
            told["train_rows"],
            told["seconds"],
            None if told["charged"] is None else tuple(told["charged"]),
            told["reason"],
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(
            f"it isn't a point of a sweep of this version ({error!r})", where="point"
        ) from error
