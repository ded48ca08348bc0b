"""Randomised decisions: on which groups they fall, what another draw changes, who is refused.

Definitions
-----------
A randomised decider gives person i the positive decision with probability c_i; it is drawn where
0 < c_i < 1. Two independent draws decide on i differently with probability 2 c_i (1 − c_i), and the
share of a group's decisions that another draw changes is expected to be the mean of that over its
people. The surest of the favourable decision have a score of at least 0.9 for it, by the model
that is not randomised.

A wrong answer would be caught by drawing again and again and counting.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
import pandas as pd

from core.arrays import Flags, Floats, Objects
from core.data.roles.group_labels import label_of_name
from core.data.roles.unknown_values import is_unknown_value
from core.fairness.intervals.intervals import independent_level, normal_quantile
from core.fairness.metrics.assessment import Figure
from core.mitigation.registry import Decider

LEVEL = 0.95
SUREST = 0.9
"""Score for the favourable decision from which a person counts among the surest of it."""
FEWEST = 30
"""Groups of fewer rows are shown and not compared."""
TELLABLE = 1e-9
"""A probability nearer to 0 or 1 is rounding."""


@runtime_checkable
class RandomisedDecider(Decider, Protocol):
    """A decider some of whose decisions are drawn at random."""

    def positive_probability(self, X: pd.DataFrame, groups: Objects) -> Floats:
        """Chance of the positive decision when the lot is drawn, in [0, 1], shape (n,)."""
        ...


@dataclass(frozen=True)
class GroupRandomisation:
    """How randomised decisions fall on one group.

    Attributes
    ----------
    group : str
    count : int
        Its rows.
    drawn : int
        Rows whose decision is drawn.
    redrawn : Figure
        Expected share of the group's decisions that another draw changes, with its interval.
    surest : int
        Rows with a score of at least :data:`SUREST` for the favourable decision.
    refused : int
        Of them, those who were refused it at random.
    """

    group: str
    count: int
    drawn: int
    redrawn: Figure
    surest: int
    refused: int

    def to_json(self) -> dict[str, Any]:
        """As it stands in audit.json."""
        return {
            "group": self.group,
            "count": self.count,
            "drawn": self.drawn,
            "by_lot": self.drawn,  # its name until the next release
            "redrawn": self.redrawn.to_json(),
            "surest": self.surest,
            "refused": self.refused,
        }


@dataclass(frozen=True)
class Randomisation:
    """How randomised decisions fall on everyone, and on each group.

    Attributes
    ----------
    everyone : GroupRandomisation
    groups : tuple of GroupRandomisation
        In the order of names.
    uneven : Figure
        How much more of its decisions another draw changes in the group that is drawn for most
        than in the one that is drawn for least, of those large enough.
    most, least : str
        Names of these two groups; empty where fewer than two are large enough.
    """

    everyone: GroupRandomisation
    groups: tuple[GroupRandomisation, ...]
    uneven: Figure
    most: str
    least: str

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the groups."""
        return tuple(item.group for item in self.groups)

    def to_json(self) -> dict[str, Any]:
        """As it stands in audit.json."""
        return {
            "everyone": self.everyone.to_json(),
            "groups": [item.to_json() for item in self.groups],
            "uneven": self.uneven.to_json() | {"most": self.most, "least": self.least},
        }


def is_drawn(probabilities: Floats) -> Flags:
    """Whether each decision is drawn, given its probability to be positive, shape (n,)."""
    return np.asarray((probabilities > TELLABLE) & (probabilities < 1 - TELLABLE), dtype=np.bool_)


def describe_randomisation(
    probabilities: Floats,
    decisions: Flags,
    scores: Floats,
    groups: Objects,
    *,
    positive_is_favourable: bool = True,
) -> Randomisation | None:
    """Describe on whom randomised decisions fall.

    Parameters
    ----------
    probabilities : ndarray of float, shape (n,)
        Of the positive decision, in [0, 1].
    decisions : ndarray of bool, shape (n,)
        That were drawn.
    scores : ndarray of float, shape (n,)
        For the positive outcome, of the model that is not randomised, in [0, 1].
    groups : ndarray of str, shape (n,)
    positive_is_favourable : bool

    Returns
    -------
    Randomisation or None
        None where nothing is drawn.
    """
    drawn = is_drawn(probabilities)
    if not drawn.any():
        return None
    changes = 2 * probabilities * (1 - probabilities)
    sure = (scores if positive_is_favourable else 1 - scores) >= SUREST
    refused = sure & drawn & (decisions != positive_is_favourable)

    def of(name: str, rows: Flags) -> GroupRandomisation:
        return GroupRandomisation(
            name,
            int(rows.sum()),
            int(drawn[rows].sum()),
            _mean(changes[rows], LEVEL),
            int(sure[rows].sum()),
            int(refused[rows].sum()),
        )

    names = sorted({str(group) for group in groups})
    members = {name: np.asarray(groups == name, dtype=np.bool_) for name in names}
    found = tuple(of(name, rows) for name, rows in members.items())
    # Rows of unknown group are shown, and are not the group that is drawn for most or least.
    large = [i for i in found if i.count >= FEWEST and not is_unknown_value(i.group)]
    if len(large) < 2:
        why = f"fewer than two groups have {FEWEST} rows"
        uneven, most, least = Figure(None, reason=why), "", ""
    else:
        most, least = _ends(large)
        pairs = len(large) * (len(large) - 1) // 2
        uneven = _difference(changes[members[most]], changes[members[least]], LEVEL, pairs)
    return Randomisation(
        of("everyone", np.ones(len(probabilities), dtype=np.bool_)), found, uneven, most, least
    )


def _ends(large: Sequence[GroupRandomisation]) -> tuple[str, str]:
    by_share = sorted(large, key=lambda item: item.redrawn.estimate or 0.0)
    return by_share[-1].group, by_share[0].group


def _mean(values: Floats, level: float) -> Figure:
    """Mean of probabilities with its normal interval, within [0, 1]."""
    mean = float(values.mean())
    half = normal_quantile(level) * float(values.std()) / math.sqrt(len(values))
    return Figure(mean, max(0.0, mean - half), min(1.0, mean + half))


def _difference(most: Floats, least: Floats, level: float, pairs: int) -> Figure:
    """Difference of two means, its interval simultaneous over all pairs of groups (Šidák)."""
    estimate = float(most.mean() - least.mean())
    error = math.sqrt(most.var() / len(most) + least.var() / len(least))
    half = normal_quantile(independent_level(level, pairs)) * error
    return Figure(estimate, max(0.0, estimate - half), min(1.0, estimate + half))


def randomisation_sentence(randomisation: Randomisation, column: str) -> str:
    """Say by group what another draw changes, and how many of the surest were refused at random.

    Parameters
    ----------
    randomisation : Randomisation
    column : str
        The sensitive column that groups are of.
    """
    parts = []
    for item in randomisation.groups:
        text = (
            f"{label_of_name((column,), item.group, randomisation.names)}: another draw changes "
            f"{_percent(item.redrawn.estimate)} of decisions"
        )
        if item.surest:
            text += (
                f", and {item.refused} of {item.surest} with a score of at least {SUREST:g} for "
                "the favourable one are refused at random"
            )
        parts.append(text)
    return "; ".join(parts)


def _percent(share: float | None) -> str:
    percent = 100 * (share or 0.0)
    return f"{percent:.1f}%" if percent >= 1 or percent == 0 else f"{percent:.2g}%"
