"""Decisions that flip when only the sensitive attribute is changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.arrays import Flags, Ints
from core.data.columns import with_column
from core.data.dataset import Dataset
from core.fairness.counts.cube import as_flags, as_persons
from core.fairness.counts.person_cells import share_size
from core.fairness.intervals.intervals import wilson
from core.fairness.metrics.assessment import Figure
from core.mitigation import MITIGATIONS
from core.training.trained import Trained

Names = npt.NDArray[np.str_]

UNSEEN = (
    "exactly 0, because the model does not see {}: changing it alone changes no decision, which is "
    "no proof of fairness, since other features may stand in for it"
)


@dataclass(frozen=True)
class PairFlips:
    """Members of one group, decided as if they belonged to another.

    Attributes
    ----------
    group, other : str
    rows : int
        Members of ``group``.
    gained, lost : int
        How many would gain, or lose, the positive decision.
    figure : Figure
        Share whose decision flips, with Wilson's interval.
    """

    group: str
    other: str
    rows: int
    gained: int
    lost: int
    figure: Figure


@dataclass(frozen=True)
class FlipRate:
    """How many decisions change if only one attribute is changed.

    Attributes
    ----------
    attribute : str
    figure : Figure
        Share of rows whose decision changes for at least one other value, with Wilson's interval;
        exactly 0 with a reason in place of the interval where the attribute is not seen.
    gained, lost : dict of str to int
        By each value that all were given: rows that would gain, or lose, the positive decision.
    pairs : tuple of PairFlips
        By group and the group that its members were given.
    rows : int
    """

    attribute: str
    figure: Figure
    gained: dict[str, int]
    lost: dict[str, int]
    pairs: tuple[PairFlips, ...] = ()
    rows: int = 0


def model_flips(
    dataset: Dataset, trained: Trained, attribute: str, *, level: float = 0.95
) -> Iterator[tuple[float, FlipRate]]:
    """Count flips of a trained model's decisions on its test rows.

    The attribute is changed wherever the model meets it: among the features, and as the group
    that a mitigation looks at when it decides. A numeric attribute is set to the median of the
    other group; a person's own group keeps its values.

    Parameters
    ----------
    dataset : Dataset
    trained : Trained
    attribute : str
        A sensitive column.

    Yields
    ------
    tuple of float and FlipRate
        Share done in (0, 1], and the flips to the groups that were tried by then.
    """
    rows = trained.split.test
    column = trained.spec.mitigate_for or dataset.roles.sensitive[0]
    as_feature = attribute in dataset.features.columns
    as_group = attribute == column and MITIGATIONS[trained.spec.mitigation].needs_group_to_decide
    if not as_feature and not as_group:
        yield 1.0, _unseen(attribute, len(rows))
        return
    own = dataset.sensitive[attribute].to_numpy(dtype=object).astype(str)
    features = dataset.features.iloc[rows].reset_index(drop=True)
    groups = dataset.sensitive[column].to_numpy(dtype=object)[rows]

    def decide_as(name: str) -> Flags:
        given, group = features, groups
        if as_feature:
            value = _typical(dataset.features[attribute][own == name])
            given = with_column(features, attribute, pd.Series([value] * len(rows)))
            given[attribute] = given[attribute].astype(features[attribute].dtype)
        if as_group:
            group = np.full(len(rows), name, dtype=object)
        return trained.decider.predict(given, group)

    yield from flip_steps(
        trained.decisions, own[rows].tolist(), decide_as, attribute,
        names=sorted(set(own[rows].tolist())), level=level, persons=dataset.persons_at(rows),
    )  # fmt: skip


def flip_steps(
    before: Flags,
    groups: Sequence[str],
    decide_as: Callable[[str], Flags],
    attribute: str,
    *,
    names: Sequence[str],
    level: float = 0.95,
    persons: Ints | None = None,
) -> Iterator[tuple[float, FlipRate]]:
    """Decide everyone as if they belonged to each group in turn; compare with their own decision.

    Galhotra, Brun and Meliou 2017, Fairness testing, ESEC/FSE (causal discrimination). What else
    would differ for such a person stays as it is, so no flips is no proof of fairness.

    Parameters
    ----------
    before : array of bool, shape (n,)
    groups : sequence of str, shape (n,)
    decide_as : callable
        From a group's name to everyone's decisions, shape (n,).
    names : sequence of str
        The groups to try.
    persons : ndarray of int, shape (n,), optional
        Equal for rows of one person, whom intervals then count.
    """
    n = len(groups)
    own, decided = np.asarray(groups, dtype=str), as_flags(before, "prediction", n)
    if len(names) < 2:
        why = f"{attribute} has a single value, so there is none to change it to"
        yield 1.0, FlipRate(attribute, Figure(None, reason=why), {}, {}, rows=n)
        return
    who, changed = as_persons(persons, n), np.zeros(n, dtype=bool)
    gained, lost, pairs = {}, {}, []
    for done, name in enumerate(names, 1):
        after = as_flags(decide_as(name), "prediction", n)
        others = own != name
        up, down = after & ~decided & others, decided & ~after & others
        changed |= up | down
        gained[name], lost[name] = int(up.sum()), int(down.sum())
        for group in np.unique(own[others]).tolist():
            members = own == group
            more, fewer = int(up[members].sum()), int(down[members].sum())
            share = _share((up | down)[members], level, None if who is None else who[members])
            pairs.append(PairFlips(group, name, int(members.sum()), more, fewer, share))
        yield (
            done / len(names),
            FlipRate(
                attribute, _share(changed, level, who), dict(gained), dict(lost),
                tuple(sorted(pairs, key=lambda p: (p.group, p.other))), n,
            ),
        )  # fmt: skip


def _share(hits: Flags, level: float, persons: Ints | None) -> Figure:
    share = int(hits.sum()) / len(hits)
    size = share_size(hits, persons, level)
    low, high = wilson(np.array(share), np.array(size), level)
    return Figure(share, float(low), float(high))


def _unseen(attribute: str, rows: int) -> FlipRate:
    return FlipRate(attribute, Figure(0.0, reason=UNSEEN.format(attribute)), {}, {}, rows=rows)


def _typical(values: pd.Series[Any]) -> Any:
    """Return the median of numbers, NaN where none is known; else the most frequent value.

    All have the same value unless the group was put together; of equally frequent ones the first.
    """
    if values.dtype.kind == "f":
        known = values.dropna()
        return float(known.median()) if len(known) else float("nan")
    return values.mode().iloc[0]
