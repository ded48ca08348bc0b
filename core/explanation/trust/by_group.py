"""Whether explanations are worse for some people.

Balagopalan, Zhang, Hamidieh, Hartvigsen, Rudzicz and Ghassemi (2022, "The road to explainability
is paved with bias") compare the fidelity of explanations between groups. Here each group is
compared with everyone else, in each measure; intervals hold for all comparisons together
(Bonferroni).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.arrays import Floats, Ints
from core.explanation.trust.averages import FEWEST, difference_of, mean_over
from core.fairness.metrics.assessment import Figure

GROUPS = 12
"""Groups of an attribute that are compared, largest first; others are counted."""


@dataclass(frozen=True)
class GroupGap:
    """One measure for one group, beside everyone else.

    Attributes
    ----------
    attribute, group, measure : str
    people : int
        Of the group who have the figure.
    mean : Figure
    gap : Figure
        Mean of the group minus that of everyone else; below 0 is worse.
    too_small : str or None
        Why the group can't be judged.
    """

    attribute: str
    group: str
    measure: str
    people: int
    mean: Figure
    gap: Figure
    too_small: str | None

    @property
    def significantly_worse(self) -> bool:
        """Whether explanations of the group are worse, allowing for all comparisons."""
        return self.too_small is None and self.gap.high is not None and self.gap.high < 0


def group_gaps(groups: pd.DataFrame, measures: Mapping[str, Floats]) -> tuple[GroupGap, ...]:
    """Compare each group with everyone else.

    Parameters
    ----------
    groups : DataFrame of str, shape (n, s)
        Of the people explained.
    measures : mapping of str to ndarray, shape (n,)
        Each person's figures, higher is better, NaN where there is none.
    """
    asked: list[tuple[str, str, str, Floats, Floats]] = []
    for attribute in groups:
        own = groups[attribute].to_numpy(dtype=object)
        names = groups[attribute].value_counts()
        if len(names) < 2:
            continue
        largest = sorted(names.index, key=lambda name: (-int(names[name]), str(name)))[:GROUPS]
        for name in largest:
            inside = own == name
            for measure, values in measures.items():
                asked.append((str(attribute), str(name), measure, values[inside], values[~inside]))
    counted = [(_known(item[3]), _known(item[4])) for item in asked]
    judged = sum(min(pair) >= FEWEST for pair in counted)
    level = 1 - 0.05 / max(judged, 1)
    return tuple(
        GroupGap(
            attribute,
            name,
            measure,
            size,
            mean_over(inside, "none of the group was explained"),
            difference_of(inside, outside, level),
            None
            if min(size, others) >= FEWEST
            else f"only {min(size, others)} people on one side, fewer than {FEWEST}",
        )
        for (attribute, name, measure, inside, outside), (size, others) in zip(
            asked, counted, strict=True
        )
    )


def _known(values: Floats) -> int:
    return int((~np.isnan(values)).sum())


def topped_up(groups: pd.DataFrame, first: int, each: int, most: int) -> Ints:
    """Positions of the first rows, and of further ones until each group has enough.

    Parameters
    ----------
    groups : DataFrame of str, shape (n, s)
        In random order.
    first, each : int
        Rows taken in any case, and rows wanted of each group.
    most : int
        Rows taken at most.
    """
    chosen = list(range(min(first, len(groups))))
    taken = set(chosen)
    for attribute in groups:
        own = groups[attribute].to_numpy(dtype=object)
        names = groups[attribute].value_counts()
        for name in sorted(names.index, key=lambda n: (-int(names[n]), str(n)))[:GROUPS]:
            of_group = np.flatnonzero(own == name).tolist()
            missing = each - sum(at in taken for at in of_group)
            for at in [a for a in of_group if a not in taken][: max(missing, 0)]:
                if len(chosen) < most:
                    chosen.append(at)
                    taken.add(at)
    return np.array(chosen, dtype=np.int64)
