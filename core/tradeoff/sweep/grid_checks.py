"""What a grid must satisfy before anything of its sweep runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.errors import InputError
from core.learning.balancing import BALANCINGS
from core.learning.learners import LEARNERS
from core.mitigation import MITIGATIONS
from core.privacy.accounting.budget import check_delta, check_epsilon
from core.privacy.accounting.contribution import check_rows_per_person

if TYPE_CHECKING:
    from core.data.dataset import Dataset
    from core.tradeoff.sweep.grid import Grid


def check_grid(dataset: Dataset, grid: Grid) -> None:
    """Check a grid before anything runs.

    Raises
    ------
    InputError
        Naming the part that does not fit.
    """
    for what, values in (
        ("model", grid.learners),
        ("epsilon, or no privacy (∞)", grid.epsilons),
        ("combination of sensitive columns", grid.attributes),
        ("mitigation", grid.mitigations),
        ("balancing", grid.balancings),
        ("k", grid.ks),
        ("split seed", grid.split_seeds),
        ("noise seed", grid.noise_seeds),
    ):
        if not values:
            raise InputError(f"a sweep needs at least one {what}", where="sweep")
        if len(set(values)) < len(values):
            raise InputError(f"a {what} is named twice", where="sweep")
    for name in grid.learners:
        LEARNERS[name]
    for name in grid.balancings:
        BALANCINGS[name]
    for name, strength in grid.mitigations:
        MITIGATIONS[name]
        if not 0 < strength <= 1:
            raise InputError(
                "a strength lies above 0 and is at most 1", where=f"{name}, strength {strength:g}"
            )
    for epsilon in grid.epsilons:
        if epsilon is not None:
            check_epsilon(epsilon)
    check_delta(grid.delta)
    _check_columns(dataset, grid)
    _check_person(dataset, grid)
    for seed in (*grid.split_seeds, *grid.noise_seeds):
        if not 0 <= seed < 2**32:
            raise InputError("a seed must be from 0 to 4294967295", where=f"seed {seed}")


def _check_columns(dataset: Dataset, grid: Grid) -> None:
    known = dataset.roles.sensitive
    named = [name for combination in grid.attributes for name in combination]
    if grid.mitigate_for is not None:
        named.append(grid.mitigate_for)
    for name in named:
        if name not in known:
            raise InputError(
                "it isn't a sensitive column",
                where=f"column {name!r}",
                remedy=f"Choose among: {', '.join(known)}",
            )
    for k in grid.ks:
        if not 1 <= k <= len(dataset):
            raise InputError(
                f"k must be from 1 to the number of rows, {len(dataset):,}", where=f"k = {k}"
            )
    if max(grid.ks) > 1 and not grid.quasi:
        raise InputError(
            "no column is named that is to be generalised",
            where=f"k = {max(grid.ks)}",
            remedy="Name quasi-identifiers, or leave anonymisation out",
        )
    for name in grid.quasi:
        if name not in dataset.features.columns:
            raise InputError(
                "it isn't a feature of the model, so generalising it changes nothing",
                where=f"column {name!r}",
                remedy=f"Choose among: {', '.join(map(str, dataset.features.columns))}",
            )


def _check_person(dataset: Dataset, grid: Grid) -> None:
    check_rows_per_person(grid.rows_per_person)
    if grid.person is None:
        if grid.rows_per_person != 1:
            raise InputError(
                "no column says which rows are one person's, so this would be ignored",
                where=f"rows per person = {grid.rows_per_person}",
                remedy="Name the person column, or leave it out",
            )
    elif dataset.identifiers is None or grid.person not in dataset.identifiers:
        known = () if dataset.identifiers is None else map(str, dataset.identifiers)
        raise InputError(
            "it is no identifier of the rows that are swept, so it can't say which are one "
            "person's",
            where=f"column {grid.person!r}",
            remedy=f"Choose among: {', '.join(known)}"
            if dataset.identifiers is not None
            else "Make it an identifier, or guarantee privacy for single rows",
        )
