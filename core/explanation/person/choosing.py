"""Choose one person among the test rows: by row, by identifier, by conditions, or as an example."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from core.arrays import Flags, Ints
from core.data.dataset import Dataset
from core.errors import InputError
from core.explanation.person.similarity import Similarity
from core.training.rows_told import judging_rows
from core.training.trained import Trained

BATCH = 200
"""People whose nearest opposite is looked up between two yields."""


@dataclass(frozen=True)
class Condition:
    """What a person must fulfil in one column.

    Attributes
    ----------
    column : str
        A feature or a sensitive column.
    low, high : float or None
        Bounds of a number, both included; a missing number is in no range.
    values : tuple of str
        Of a category or group; empty for any.
    """

    column: str
    low: float | None = None
    high: float | None = None
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class UnlikePair:
    """Two similar people of different groups who got opposite decisions.

    Attributes
    ----------
    unfavourable, favourable : int
        Positions among the test rows.
    groups : tuple of (str, str)
        Of the two, in that order.
    distance : float
        Gower's, in [0, 1].
    differing : tuple of str
        Features in which the two are not equal.
    """

    unfavourable: int
    favourable: int
    groups: tuple[str, str]
    distance: float
    differing: tuple[str, ...]


@dataclass(frozen=True)
class UnlikePairs:
    """The nearest pairs, nearest first; nobody is in two of them.

    Attributes
    ----------
    attribute : str
    pairs : tuple of UnlikePair
    looked_up, in_all : int
        People with an unfavourable decision whose nearest opposite was looked up, and all of them.
    """

    attribute: str
    pairs: tuple[UnlikePair, ...]
    looked_up: int
    in_all: int


def favourable(dataset: Dataset, trained: Trained) -> Flags:
    """Whether each test row got the decision that its person hopes for, shape (test rows,)."""
    good: Flags = trained.decisions == dataset.roles.positive_is_favourable
    return good


def of_row(dataset: Dataset, trained: Trained, row: int) -> int:
    """Position among the test rows of a row number of the table, counted from 0.

    Raises
    ------
    InputError
        If the row isn't a test row.
    """
    return position_of_row(dataset, trained.split.test, row)


def position_of_row(dataset: Dataset, test: Ints, row: int) -> int:
    """Position of a row number among some test rows, before a model is trained.

    Raises
    ------
    InputError
        If the row isn't one of them.
    """
    rows = dataset.rows[test]
    found = np.flatnonzero(rows == row)
    if not len(found):
        near = np.sort(rows[np.argsort(np.abs(rows - row), kind="stable")[:5]])
        raise InputError(
            "it isn't a test row, by which the model is judged",
            where=f"row {row}",
            remedy=f"Nearby are: {', '.join(map(str, near))}",
        )
    return int(found[0])


def of_identifier(dataset: Dataset, trained: Trained, column: str, value: str) -> tuple[int, ...]:
    """Positions of the test rows about one person, by a column that names people.

    Raises
    ------
    InputError
        If there is no such column, or the person has no test row.
    """
    if dataset.identifiers is None or column not in dataset.identifiers:
        raise InputError("it isn't a column that names people", where=f"column {column!r}")
    same = (dataset.identifiers[column] == value.strip()).to_numpy()
    found = np.flatnonzero(same[trained.split.test])
    if not len(found):
        why = f"no row of this person is among the {judging_rows(trained.spec)}"
        raise InputError(
            why if same.any() else "no row names this person",
            where=f"{column} {value.strip()!r}",
            remedy="Choose another person",
        )
    return tuple(int(position) for position in found)


def matching(
    dataset: Dataset,
    trained: Trained,
    conditions: Sequence[Condition] = (),
    *,
    got_favourable: bool | None = None,
) -> Ints:
    """Positions of the test rows that fulfil all conditions; perhaps none.

    Parameters
    ----------
    dataset : Dataset
    trained : Trained
    conditions : sequence of Condition
    got_favourable : bool, optional
        Whether they got the favourable decision; either if None.

    Raises
    ------
    InputError
        If a condition names an unknown column, or a range of a column without numbers.
    """
    test = trained.split.test
    fits = np.ones(len(test), dtype=bool)
    for condition in conditions:
        fits &= _fulfilled(dataset, condition)[test]
    if got_favourable is not None:
        fits &= favourable(dataset, trained) == got_favourable
    return np.flatnonzero(fits).astype(np.int64)


def _fulfilled(dataset: Dataset, condition: Condition) -> Flags:
    name, ranged = condition.column, condition.low is not None or condition.high is not None
    if ranged:
        if name not in dataset.numbers:
            raise InputError("it holds no numbers to be in a range", where=f"column {name!r}")
        number = dataset.features[name].to_numpy(dtype=np.float64)
        low = -np.inf if condition.low is None else condition.low
        high = np.inf if condition.high is None else condition.high
        return np.asarray((number >= low) & (number <= high))
    for frame in (dataset.sensitive, dataset.features):
        if name in frame:
            if not condition.values:
                return np.ones(len(dataset), dtype=bool)
            return frame[name].astype(str).isin(condition.values).to_numpy(dtype=bool)
    raise InputError("it is neither a feature nor sensitive", where=f"column {name!r}")


def most_typical(dataset: Dataset, trained: Trained, among: Ints) -> int:
    """Position of the medoid: the person with the least total distance to the others.

    Kaufman and Rousseeuw 1990, Finding Groups in Data, chapter 2, on the features the model sees,
    with the distance of :mod:`core.explanation.person.similarity`. The first of several equal ones.

    Raises
    ------
    InputError
        If there is nobody to choose from.
    """
    if not len(among):
        raise InputError("nobody fulfils all of these conditions", remedy="Drop one of them")
    test = dataset.features.iloc[trained.split.test[among]]
    totals = Similarity.of(test, dataset.features).total_distances()
    # Sums of equal people may differ in their last digits.
    return int(among[int(np.flatnonzero(totals <= totals.min() * (1 + 1e-12))[0])])


def treated_differently(
    dataset: Dataset,
    trained: Trained,
    attribute: str,
    *,
    most_pairs: int = 10,
    most_rows: int = 2000,
    seed: int = 0,
) -> Iterator[tuple[float, UnlikePairs]]:
    """Look for the most similar people of different groups with opposite decisions.

    For each person with an unfavourable decision the nearest person of another group with a
    favourable one, in the features that the model sees but for the attribute itself; nearest pairs
    first. All people with a favourable decision are compared with.

    Parameters
    ----------
    dataset : Dataset
    trained : Trained
    attribute : str
        A sensitive column.
    most_pairs : int
    most_rows : int
        Of more people with an unfavourable decision, so many are drawn with ``seed``.

    Yields
    ------
    tuple of float and UnlikePairs
        Share done in (0, 1], and the pairs by then.

    Raises
    ------
    InputError
        If the attribute isn't sensitive, or there is no other feature.
    """
    if attribute not in dataset.sensitive:
        raise InputError("it isn't a sensitive column", where=f"column {attribute!r}")
    seen = dataset.features.drop(columns=[attribute], errors="ignore")
    if not seen.shape[1]:
        raise InputError("there is no other feature to tell who is similar", where=attribute)
    test = trained.split.test
    rows = seen.iloc[test].reset_index(drop=True)
    near = Similarity.of(rows, seen)
    group = dataset.sensitive[attribute].to_numpy(dtype=object)[test].astype(str)
    good = favourable(dataset, trained)
    theirs, all_own = np.flatnonzero(good), np.flatnonzero(~good)
    own = np.random.default_rng(seed).permutation(all_own)[:most_rows]
    found: list[tuple[float, int, int]] = []
    if not len(own) or not len(theirs):
        yield 1.0, UnlikePairs(attribute, (), len(own), len(all_own))
        return
    for start in range(0, len(own), BATCH):
        some = own[start : start + BATCH]
        distance = near.distances(some, theirs)
        distance[group[some][:, None] == group[theirs][None]] = np.inf
        # The three nearest: one may be in a nearer pair already.
        for position in np.argsort(distance, axis=1, kind="stable")[:, :3].T:
            nearest = distance[np.arange(len(some)), position]
            found += [
                (float(d), int(a), int(b))
                for d, a, b in zip(nearest, some, theirs[position], strict=True)
                if np.isfinite(d)
            ]
        done = min(start + BATCH, len(own))
        chosen = _each_once(found, most_pairs)
        yield (
            done / len(own),
            UnlikePairs(
                attribute,
                tuple(
                    UnlikePair(a, b, (str(group[a]), str(group[b])), d, near.differing(a, b))
                    for d, a, b in chosen
                ),
                done,
                len(all_own),
            ),
        )


def _each_once(found: list[tuple[float, int, int]], most: int) -> list[tuple[float, int, int]]:
    used: set[int] = set()
    chosen: list[tuple[float, int, int]] = []
    for pair in sorted(found):
        if len(chosen) == most:
            break
        if not used & set(pair[1:]):
            chosen.append(pair)
            used |= set(pair[1:])
    return chosen
