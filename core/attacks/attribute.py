"""Attribute inference: what a model tells about a column that its owner would keep to themselves.

Fredrikson et al. 2014, "Privacy in pharmacogenetics" (USENIX Security), and Yeom et al. 2018,
section 4: the attacker knows a person's other columns and true label, asks the model about them,
and guesses the missing column. Much of such a guess is imputation, which works without the model
as well (Jayaraman and Evans 2022, "Are attribute inference attacks just imputation?", CCS). So two
attackers are trained on the same rows, which the model never saw, and judged on the same people:
one knows the other columns and the label, the other the model's score and decision besides. What
the second guesses better is what the model adds; guessed for members better than for others, it is
something the model remembers of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestClassifier

from core.arrays import Flags, Ints, Objects
from core.attacks.figures import difference
from core.attacks.people import scores_at
from core.data.dataset import Dataset
from core.data.table import MISSING
from core.errors import InputError
from core.fairness.metrics.assessment import Figure
from core.learning.encoding import Ordinal
from core.mitigation.effect import paired_change
from core.training.external_split import TRAINING_ROWS_UNKNOWN, trained_on_is_known
from core.training.fit import part_of
from core.training.rows_apart import rows_apart
from core.training.trained import Trained

MOST_VALUES = 10
"""Values that are told apart; rarer ones count as one, and numbers are cut into fifths."""
OTHER = "(other)"
MOST_PEOPLE = 10_000


@dataclass(frozen=True)
class Guessed:
    """How often two attackers guess the column of some people.

    Attributes
    ----------
    name : str
        Who they are.
    people : int
    with_model, without_model : float or None
        Shares guessed rightly; None without people.
    gain : Figure
        The first less the second, of the same people, with Bonett and Price's paired interval.
    """

    name: str
    people: int
    with_model: float | None
    without_model: float | None
    gain: Figure


@dataclass(frozen=True)
class AttributeAttack:
    """What an attribute inference found.

    Attributes
    ----------
    column : str
    values : tuple of str
        That are told apart.
    in_model : bool
        Whether the column is one of the model's features.
    majority : float
        Share of members guessed by always naming the most frequent value of the attacker's rows.
    members, non_members : Guessed
        Training and test rows; intervals at 95 %.
    remembered : Figure
        The gain among members less that among non-members.
    groups : tuple of (str, Guessed)
        Members by attribute and group, intervals at the joint level.
    joint_level : float
    """

    column: str
    values: tuple[str, ...]
    in_model: bool
    majority: float
    members: Guessed
    non_members: Guessed
    remembered: Figure
    groups: tuple[tuple[str, Guessed], ...]
    joint_level: float


def columns_to_guess(dataset: Dataset) -> tuple[str, ...]:
    """Columns that can be guessed: the sensitive ones first, then the features."""
    return tuple(
        dict.fromkeys([*map(str, dataset.sensitive.columns), *map(str, dataset.features.columns)])
    )


def attribute_attack(
    dataset: Dataset, trained: Trained, column: str, seed: int = 0
) -> Iterator[tuple[float, AttributeAttack | None]]:
    """Guess a column with and without the model.

    Parameters
    ----------
    dataset : Dataset
    trained : Trained
    column : str
        A sensitive column or a feature.
    seed : int
        Of the people drawn, and of the attackers.

    Yields
    ------
    tuple of (float, AttributeAttack or None)
        Share done in (0, 1], and the result at the end.

    Raises
    ------
    InputError
        If there is no such column, or the attacker's rows know one value of it only.
    """
    if not trained_on_is_known(trained.spec):
        raise InputError(
            f"{TRAINING_ROWS_UNKNOWN}, so what the model tells of its members can't be set apart "
            "from what it tells of others",
            where=f"column {column!r}",
            remedy="Bring a table that holds its training rows too, and say which column marks "
            "them",
        )
    # The attackers learn from rows that are none of those they are judged on.
    own, others_rows = rows_apart(trained, trained.split.validation)
    values = _values(dataset, column, own)
    rng = np.random.default_rng([seed, 0xA77])
    if len(set(values[own])) < 2:
        raise InputError(
            "it has one value among the rows that an attacker knows, so there is nothing to guess",
            where=f"column {column!r}",
        )
    parts = [
        np.sort(rng.permutation(rows)[:MOST_PEOPLE]) for rows in (trained.split.train, others_rows)
    ]
    asked = np.concatenate(parts)
    guesses: list[Objects] = []
    for with_model in (False, True):
        known = _known(dataset, trained, column, own, with_model)
        encoder = Ordinal(fill_missing=True)
        encoder.fit(known)
        attacker = RandomForestClassifier(100, min_samples_leaf=5, random_state=seed)
        attacker.fit(encoder.transform(known), values[own].astype(str))
        encoded = encoder.transform(_known(dataset, trained, column, asked, with_model))
        guesses.append(np.asarray(attacker.predict(encoded), dtype=object))
        yield 0.45 * len(guesses), None
    right = [guess == values[asked] for guess in guesses]
    member = np.arange(len(asked)) < len(parts[0])
    members, others = (
        _guessed(name, right, which, 0.95)
        for name, which in (("members", member), ("non-members", ~member))
    )
    groups, level = _by_group(dataset.sensitive.iloc[asked], right, member)
    names, counts = np.unique(values[own].astype(str), return_counts=True)
    yield (
        1.0,
        AttributeAttack(
            column,
            tuple(str(name) for name in names),
            column in dataset.features.columns,
            float((values[asked][member] == names[counts.argmax()]).mean()),
            members,
            others,
            difference(members.gain, others.gain),
            groups,
            level,
        ),
    )


def _by_group(
    sensitive: pd.DataFrame, right: list[Flags], member: Flags
) -> tuple[tuple[tuple[str, Guessed], ...], float]:
    asked = []
    for name in sensitive.columns:
        held = sensitive[name].to_numpy(dtype=object)
        asked += [(str(name), str(group), held == group) for group in sorted(set(held))]
    level = 1 - 0.05 / max(1, len(asked))
    found = tuple(
        (name, _guessed(group, right, inside & member, level)) for name, group, inside in asked
    )
    return found, level


def _guessed(name: str, right: list[Flags], which: Flags, level: float) -> Guessed:
    size = int(which.sum())
    if not size:
        return Guessed(name, 0, None, None, Figure(None, reason="no such people"))
    before, after = (flags[which] for flags in right)
    ends = paired_change(
        float((after & ~before).mean()), float((before & ~after).mean()), size, level
    )
    share, plain = float(after.mean()), float(before.mean())
    return Guessed(name, size, share, plain, Figure(share - plain, *ends))


def _known(
    dataset: Dataset, trained: Trained, column: str, rows: Ints, with_model: bool
) -> pd.DataFrame:
    """Collect what the attacker knows of people."""
    part = part_of(dataset, trained.spec, rows)
    out = part.X.drop(columns=[column], errors="ignore").copy()
    # Names that no column of a table has, since they are no text that a header can hold.
    out["\0label"] = np.where(part.positive, "positive", "negative").astype(object)
    if with_model:
        out["\0score"] = scores_at(dataset, trained.spec, trained.decider, rows)
        decided = trained.decider.predict(part.X, part.groups)
        out["\0decision"] = np.where(decided, "positive", "negative").astype(object)
    return out


def _values(dataset: Dataset, column: str, own: Ints) -> Objects:
    """Values of a column as at most ten texts, by what the attacker's rows hold."""
    if column in dataset.sensitive.columns:
        held = dataset.sensitive[column].astype(str).to_numpy(dtype=object)
    elif column in dataset.features.columns:
        series = dataset.features[column]
        if series.dtype.kind == "f" and series.nunique() > MOST_VALUES:
            return _fifths(series, own)
        held = series.map(lambda v: f"{v:g}" if isinstance(v, float) else str(v)).to_numpy(object)
    else:
        raise InputError(
            "there is no such column to guess",
            where=repr(column),
            remedy="Choose a sensitive column or a feature",
        )
    common = set(pd.Series(held[own]).value_counts().index[:MOST_VALUES])
    return np.array([value if value in common else OTHER for value in held], dtype=object)


def _fifths(series: pd.Series, own: Ints) -> Objects:
    numbers = series.to_numpy(dtype=np.float64)
    inside = numbers[own]
    inside = inside[~np.isnan(inside)]
    edges = np.unique(np.quantile(inside, [0.2, 0.4, 0.6, 0.8])) if len(inside) else np.zeros(1)
    names = [f"below {edge:g}" for edge in edges[:1]]
    names += [f"{low:g} to {high:g}" for low, high in pairwise(edges)]
    names += [f"{edge:g} or more" for edge in edges[-1:]]
    at = np.searchsorted(edges, np.nan_to_num(numbers), "right")
    at[np.isnan(numbers)] = len(names)
    return np.asarray(np.array([*names, MISSING], dtype=object)[at])
