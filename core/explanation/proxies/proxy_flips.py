"""Decisions that flip when the sensitive attribute and what stands in for it are changed together.

Kusner, Loftus, Russell and Silva 2017, Counterfactual fairness, NeurIPS, ask what the decision had
been in another group. Without a causal model the answer is a probe: what hangs on the attribute is
declared by a person and set to what is typical in the other group.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.arrays import Flags
from core.data.columns import with_column
from core.data.dataset import Dataset
from core.errors import InputError
from core.explanation.counterfactual.sensitive_flips import FlipRate, flip_steps
from core.explanation.likely_decision import (
    group_column,
    likely_decisions,
    needs_group,
)
from core.training.randomised import is_randomised
from core.training.trained import Trained

Value = float | str


@dataclass(frozen=True)
class ProxyFlips:
    """Flips with the attribute and its declared proxies changed.

    Attributes
    ----------
    proxies : tuple of str
    flips : FlipRate
        Everyone decided as typical members of each other group, against their own decision.
    typical : FlipRate
        The same against their decision with the proxies set to what is typical in their *own*
        group: what is left of the flips when all people of a group are made alike in both.
    values : dict of str to dict of str to (float or str)
        By group and changed feature, the value that its members are given.
    randomised : bool
        Whether the model is randomised; the likelier decision was compared then.
    """

    proxies: tuple[str, ...]
    flips: FlipRate
    typical: FlipRate
    values: dict[str, dict[str, Value]]
    randomised: bool


def typical_values(
    features: pd.DataFrame, groups: npt.NDArray[np.str_], names: tuple[str, ...]
) -> dict[str, dict[str, Value]]:
    """Find what is typical in each group: the median of a number, the most frequent category.

    Parameters
    ----------
    features : DataFrame, shape (n, p)
    groups : ndarray of str, shape (n,)
    names : tuple of str
        Features to look at.

    Returns
    -------
    dict of str to dict of str to (float or str)
        NaN where a number is known for nobody in the group.
    """
    out: dict[str, dict[str, Value]] = {}
    for group in np.unique(groups).tolist():
        own = features[groups == group]
        out[group] = {}
        for name in names:
            column = own[name]
            if column.dtype.kind != "f":
                # Of equally frequent ones the first by name.
                out[group][name] = str(column.mode().iloc[0])
            else:
                known = column.dropna()
                out[group][name] = float(known.median()) if len(known) else float("nan")
    return out


def proxy_flips(
    dataset: Dataset, trained: Trained, attribute: str, proxies: tuple[str, ...]
) -> Iterator[tuple[float, ProxyFlips]]:
    """Change the attribute and its proxies of all test rows to each other group's in turn.

    Parameters
    ----------
    dataset : Dataset
    trained : Trained
    attribute : str
        A sensitive column; changed wherever the model meets it.
    proxies : tuple of str
        Features that a person declared to hang on it.

    Yields
    ------
    tuple of float and ProxyFlips
        Share done in (0, 1].

    Raises
    ------
    InputError
        If the attribute is not sensitive or a proxy not a feature.
    """
    if attribute not in dataset.sensitive.columns:
        raise InputError("it is not a sensitive column", where=f"column {attribute!r}")
    for name in proxies:
        if name not in dataset.features.columns:
            raise InputError("the model sees no such feature", where=f"proxy {name!r}")
    names = tuple(dict.fromkeys(proxies))
    if attribute in dataset.features.columns and attribute not in names:
        names = (attribute, *names)
    rows = trained.split.test
    own = dataset.sensitive[attribute].to_numpy(dtype=object).astype(str)
    values = typical_values(
        dataset.features.iloc[trained.split.train], own[trained.split.train], names
    )
    features = dataset.features.iloc[rows].reset_index(drop=True)
    column = group_column(trained, dataset.roles.sensitive)
    groups = dataset.sensitive[column].to_numpy(dtype=object)[rows]

    def decide_as(name: str) -> Flags:
        given, group = features, groups
        for feature in names:
            substituted = pd.Series([values[name][feature]] * len(rows))
            given = with_column(given, feature, substituted.astype(features[feature].dtype))
        if attribute == column and needs_group(trained):
            group = np.full(len(rows), name, dtype=object)
        return likely_decisions(trained, given, group)[1]

    # Only groups that training rows hold have something typical.
    known = sorted(set(own[rows].tolist()) & set(values))
    decided = {name: decide_as(name) for name in known}
    before = likely_decisions(trained, features, groups)[1]
    equalised = before.copy()
    for name in known:
        equalised[own[rows] == name] = decided[name][own[rows] == name]
    members = own[rows].tolist()
    both = zip(
        flip_steps(before, members, decided.__getitem__, attribute, names=known),
        flip_steps(equalised, members, decided.__getitem__, attribute, names=known),
        strict=True,
    )
    for (share, flips), (_, typical) in both:
        yield share, ProxyFlips(names, flips, typical, values, is_randomised(dataset, trained))
