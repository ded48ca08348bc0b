"""The section of a sweep's plan that says what is swept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.errors import InputError
from core.fairness.disparities.disparities import DISPARITIES
from core.learning.learners import GIVEN_SCORE
from core.privacy.accounting.contribution import check_rows_per_person
from core.tradeoff.sweep.grid import Grid
from core.tradeoff.sweep.point import figure_name


def parse_grid(
    record: Mapping[str, Any], sensitive: tuple[str, ...], *, given: bool = False
) -> Grid:
    """Read the section of the grid.

    Parameters
    ----------
    record : mapping
    sensitive : tuple of str
        Of the rows that are swept; the first one is compared where nothing else is said.
    given : bool
        Whether they have an existing score, so that no learner has to be named.

    Raises
    ------
    InputError
        Naming the entry that is wrong.
    """
    attributes = tuple(
        (item,) if isinstance(item, str) else tuple(_list({"attributes": item}, "attributes", str))
        for item in _list(record, "attributes", (str, list), [sensitive[0]])
    )
    for combination in attributes:
        if not combination or len(set(combination)) < len(combination):
            raise InputError(
                "a combination names one column or more, each once",
                where=f"{list(combination)!r} in 'attributes'",
            )
    if not attributes:
        raise InputError("it names nothing", where="'attributes' in [sweep]")
    delta = record.get("delta", 1e-6)
    if isinstance(delta, bool) or not isinstance(delta, int | float):
        raise InputError("it is a number", where=f"delta = {delta!r}")
    return Grid(
        tuple(_list(record, "learners", str, [GIVEN_SCORE.name] if given else None)),
        tuple(_epsilon(item) for item in _list(record, "epsilons", (int, float, str), ["inf"])),
        attributes,
        tuple(_mitigation(item) for item in _list(record, "mitigations", (str, dict), ["none"])),
        _text(record, "mitigate_for"),
        tuple(_list(record, "balancings", str, ["none"])),
        tuple(_list(record, "ks", int, [1])),
        tuple(_list(record, "quasi", str, [])),
        tuple(_list(record, "split_seeds", int, [0, 1])),
        tuple(_list(record, "noise_seeds", int, [0, 1, 2])),
        float(delta),
        person=_text(record, "person"),
        rows_per_person=_rows_per_person(record),
    )


def parse_figures(record: Mapping[str, Any], grid: Grid) -> tuple[str | None, str | None]:
    """Names of the figures that are traded off, where they are said."""
    unfairness = _text(record, "unfairness")
    if unfairness is not None and unfairness in DISPARITIES:
        unfairness = figure_name(unfairness, grid.attributes[0])
    return _text(record, "performance"), unfairness


def _rows_per_person(record: Mapping[str, Any]) -> int:
    """Read how many rows of each person are used, which must be said where persons are hidden."""
    rows = record.get("rows_per_person")
    if "person" not in record:
        if rows is not None:
            raise InputError(
                "it would be ignored, since no person column is named",
                where=f"rows_per_person = {rows!r} in [sweep]",
                remedy="Name one: person = …",
            )
        return 1
    if rows is None:
        raise InputError(
            "how many rows of each person are used is not said",
            where="'person' in [sweep]",
            remedy="Write rows_per_person = …, a bound known without looking at the data",
        )
    return check_rows_per_person(rows)


def _mitigation(item: Any) -> tuple[str, float]:
    if isinstance(item, str):
        return item, 1.0
    strength = item.get("strength", 1.0)
    if not isinstance(item.get("name"), str) or set(item) - {"name", "strength"}:
        raise InputError(
            "a mitigation is its name, or { name = …, strength = … }",
            where=f"{item!r} in 'mitigations'",
        )
    if isinstance(strength, bool) or not isinstance(strength, int | float):
        raise InputError("it is a number", where=f"strength = {strength!r} of {item['name']}")
    return item["name"], float(strength)


def _epsilon(item: Any) -> float | None:
    try:
        value = float(item)
    except ValueError:
        raise InputError(
            "it is neither a number nor inf", where=f"{item!r} in 'epsilons'"
        ) from None
    return None if value == float("inf") else value


def _list(
    record: Mapping[str, Any], name: str, kinds: type | tuple[type, ...], default: Any = None
) -> list[Any]:
    found = record.get(name, default)
    if found is None:
        raise InputError("it is needed", where=f"{name!r} in [sweep]")
    if not isinstance(found, list):
        raise InputError("it is a list", where=f"{name} = {found!r}", remedy=f"Write {name} = […]")
    for item in found:
        if isinstance(item, bool) or not isinstance(item, kinds):
            raise InputError("it doesn't belong there", where=f"{item!r} in {name!r}")
    return found


def _text(record: Mapping[str, Any], name: str) -> str | None:
    found = record.get(name)
    return None if found is None else str(found)
