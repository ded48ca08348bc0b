"""A sweep's plan as a TOML file: what is swept, on which rows, and where it is written down.

Example::

    [data]                      # options of `python -m core audit`, without the dashes
    data = "adult"              # a file, or the name of a sample
    # target = "...", favourable = "...", sensitive = "sex,race", bounds = "bounds.json"

    [sweep]
    learners = ["gradient_boosting", "dp_binned_regression"]
    epsilons = ["inf", 4, 1, 0.5]
    mitigations = ["none", "private_threshold", { name = "reweighing", strength = 0.5 }]
    attributes = ["sex", ["sex", "race"]]
    split_seeds = [0, 1]
    noise_seeds = [0, 1, 2]
    # balancings = ["none", "class_weights"], ks = [1, 5], quasi = ["age"], delta = 1e-6
    # mitigate_for = "sex", performance = "accuracy", unfairness = "demographic_parity_difference"

    [basis]
    kind = "public"             # or own, stand_in, made_up, spend
    # sample = "adult", rows = 5000, cap = "4,1e-5"
"""

from __future__ import annotations

import argparse
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from core.command.parser import parser
from core.errors import InputError
from core.fairness.disparities import DISPARITIES
from core.tradeoff.sweep.basis import Basis, Kind
from core.tradeoff.sweep.grid import Grid
from core.tradeoff.sweep.point import figure_name

DATA = (
    "data", "target", "favourable", "sensitive", "features", "weight", "identifier", "bounds",
    "encoding", "delimiter", "sheet", "adverse", "keep_sensitive", "edges", "kind",
)  # fmt: skip
FLAGS = ("adverse", "keep_sensitive")
SWEEP = (
    "learners", "epsilons", "mitigations", "attributes", "split_seeds", "noise_seeds",
    "balancings", "ks", "quasi", "delta", "mitigate_for", "performance", "unfairness",
)  # fmt: skip
BASIS = ("kind", "sample", "rows", "cap")
STAND_IN_ROWS = 5_000


@dataclass(frozen=True)
class WrittenPlan:
    """A plan as it was read.

    Attributes
    ----------
    data : Namespace
        Options of ``audit`` that say where the rows are and what they mean.
    sweep : mapping
        Checked for unknown names only; see :func:`grid_told`.
    basis : Basis
    cap : str or None
        What all audits of the data set may spend together, "ε" or "ε,δ".
    """

    data: argparse.Namespace
    sweep: Mapping[str, Any]
    basis: Basis
    cap: str | None


def read_plan(path: str) -> WrittenPlan:
    """Read a plan.

    Raises
    ------
    InputError
        Naming the entry that is wrong.
    """
    try:
        told = tomllib.loads(Path(path).read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise InputError(f"it can't be read ({error.strerror})", where=path) from None
    except (ValueError, RecursionError) as error:
        raise InputError(f"it isn't a TOML file ({str(error)[:200]})", where=path) from None
    _check_entries(told, path)
    known = {"data": DATA, "sweep": SWEEP, "basis": BASIS}
    for name, section in told.items():
        if name not in known or not isinstance(section, dict):
            raise _unknown(f"[{name}]", tuple(f"[{item}]" for item in known))
        for entry in section:
            if entry not in known[name]:
                raise _unknown(f"{entry!r} in [{name}]", known[name])
    for name in ("data", "sweep"):
        if name not in told:
            raise InputError(f"it has no section [{name}]", where=path)
    basis = told.get("basis", {})
    return WrittenPlan(
        _data_options(told["data"]), told["sweep"], _basis(basis), _text(basis, "cap")
    )


def _check_entries(told: Any, where: str) -> None:
    """Refuse what no entry can be: whole numbers beyond TOML's 64 bits, and texts with a NUL."""
    if isinstance(told, dict):
        for name, item in told.items():
            _check_entries(item, f"{name!r} in {where}")
    elif isinstance(told, list):
        for item in told:
            _check_entries(item, where)
    elif isinstance(told, int) and not -(2**63) <= told < 2**63:
        raise InputError("it holds a whole number that is too large", where=where)
    elif isinstance(told, str) and "\0" in told:
        raise InputError("it holds a NUL character, which no name has", where=where)


def _data_options(told: Mapping[str, Any]) -> argparse.Namespace:
    """Read a section as options of ``audit``, so that both mean the same."""
    arguments = ["audit", "--out", "."]
    for name, value in told.items():
        option = "--" + name.replace("_", "-")
        if isinstance(value, bool) != (name in FLAGS) or isinstance(value, dict) or value == []:
            raise InputError(
                "it is true or false" if name in FLAGS else "it is a text, a number or a list",
                where=f"{name} = {value!r} in [data]",
                remedy="Write true or false without quotes"
                if name in FLAGS
                else "Put the name of a column or a label in quotes",
            )
        if isinstance(value, bool):
            arguments += [option] if value else []
        elif isinstance(value, list):
            repeated = name in ("edges", "kind")
            texts = [str(item) for item in value]
            arguments += [f"{option}={item}" for item in (texts if repeated else [_csv(texts)])]
        else:
            arguments.append(f"{option}={value}")
    return parser().parse_args(arguments)


def _csv(texts: list[str]) -> str:
    return ",".join(f'"{text}"' if "," in text else text for text in texts)


def _basis(told: Mapping[str, Any]) -> Basis:
    kind = told.get("kind")
    if kind is None:
        raise InputError(
            "it isn't said on which rows the sweep runs, and so what it costs",
            where="'kind' in [basis]",
            remedy=f"Write one of: {', '.join(get_args(Kind))}",
        )
    if kind not in get_args(Kind):
        raise _unknown(f"kind = {kind!r} in [basis]", get_args(Kind))
    rows = told.get("rows", STAND_IN_ROWS if kind in ("stand_in", "made_up") else 0)
    if not isinstance(rows, int) or isinstance(rows, bool) or rows < 0:
        raise InputError("it is a whole number", where=f"rows = {rows!r} in [basis]")
    if kind == "stand_in" and not told.get("sample"):
        raise InputError("a stand-in is a sample, and none is named", where="'sample' in [basis]")
    if told.get("cap") is not None and kind != "spend":
        raise InputError("only what spends has a cap", where="'cap' in [basis]")
    return Basis(kind, str(told.get("sample", "")), rows)


def grid_told(told: Mapping[str, Any], sensitive: tuple[str, ...]) -> Grid:
    """Read the section of the grid.

    Parameters
    ----------
    told : mapping
    sensitive : tuple of str
        Of the rows that are swept; the first one is compared where nothing else is said.

    Raises
    ------
    InputError
        Naming the entry that is wrong.
    """
    attributes = tuple(
        (item,) if isinstance(item, str) else tuple(_list({"attributes": item}, "attributes", str))
        for item in _list(told, "attributes", (str, list), [sensitive[0]])
    )
    for combination in attributes:
        if not combination or len(set(combination)) < len(combination):
            raise InputError(
                "a combination names one column or more, each once",
                where=f"{list(combination)!r} in 'attributes'",
            )
    if not attributes:
        raise InputError("it names nothing", where="'attributes' in [sweep]")
    delta = told.get("delta", 1e-6)
    if isinstance(delta, bool) or not isinstance(delta, int | float):
        raise InputError("it is a number", where=f"delta = {delta!r}")
    return Grid(
        tuple(_list(told, "learners", str)),
        tuple(_epsilon(item) for item in _list(told, "epsilons", (int, float, str), ["inf"])),
        attributes,
        tuple(_mitigation(item) for item in _list(told, "mitigations", (str, dict), ["none"])),
        _text(told, "mitigate_for"),
        tuple(_list(told, "balancings", str, ["none"])),
        tuple(_list(told, "ks", int, [1])),
        tuple(_list(told, "quasi", str, [])),
        tuple(_list(told, "split_seeds", int, [0, 1])),
        tuple(_list(told, "noise_seeds", int, [0, 1, 2])),
        float(delta),
    )


def figures_told(told: Mapping[str, Any], grid: Grid) -> tuple[str | None, str | None]:
    """Names of the figures that are traded off, where they are said."""
    unfairness = _text(told, "unfairness")
    if unfairness is not None and unfairness in DISPARITIES:
        unfairness = figure_name(unfairness, grid.attributes[0])
    return _text(told, "performance"), unfairness


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
    told: Mapping[str, Any], name: str, kinds: type | tuple[type, ...], default: Any = None
) -> list[Any]:
    found = told.get(name, default)
    if found is None:
        raise InputError("it is needed", where=f"{name!r} in [sweep]")
    if not isinstance(found, list):
        raise InputError("it is a list", where=f"{name} = {found!r}", remedy=f"Write {name} = […]")
    for item in found:
        if isinstance(item, bool) or not isinstance(item, kinds):
            raise InputError("it doesn't belong there", where=f"{item!r} in {name!r}")
    return found


def _text(told: Mapping[str, Any], name: str) -> str | None:
    found = told.get(name)
    return None if found is None else str(found)


def _unknown(what: str, known: tuple[str, ...]) -> InputError:
    return InputError("there is no such entry", where=what, remedy=f"There are: {', '.join(known)}")
