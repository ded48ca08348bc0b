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
    # person = "patient", rows_per_person = 2
    # Without learners where [data] names a score: then nothing is trained.

    [basis]
    kind = "public"             # or own, public_sample, synthetic, spend
    # sample = "adult", rows = 5000, cap = "4,1e-5"
    # declared_by = "…", because = "…"   needed where rows of a file are public, with
    # declared_on = 2026-11-24           today if it isn't said
"""

from __future__ import annotations

import argparse
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from core.audit.audit_options import READING_OPTIONS, ROLE_OPTIONS
from core.cli.parser import parser
from core.data.samples import SAMPLES
from core.errors import InputError
from core.storage.sign_off import check_sign_off
from core.tradeoff.sweep.basis import MOST_LETTERS, Basis, Kind
from core.training.training_options import OPTION

OPTIONS = {
    name: option
    for option in (*ROLE_OPTIONS, *READING_OPTIONS, OPTION["domains"])
    for name in option.names
}
DATA = ("data", *OPTIONS)
FLAGS = tuple(name for name, option in OPTIONS.items() if option.kind == "switch")
SWEEP = (
    "learners", "epsilons", "mitigations", "attributes", "split_seeds", "noise_seeds",
    "balancings", "ks", "quasi", "delta", "mitigate_for", "performance", "unfairness",
    "person", "rows_per_person",
)  # fmt: skip
BASIS = ("kind", "sample", "rows", "cap", "declared_by", "because", "declared_on")
SIMULATED_ROWS = 5_000
"""Of a public sample or synthetic, where a plan does not say how many."""
KINDS: dict[str, Kind] = {
    "public": "public", "own": "own", "public_sample": "stand_in", "synthetic": "made_up",
    "spend": "spend",
}  # fmt: skip
"""What a plan calls each basis, and what workspaces do."""
EARLIER_KINDS: dict[str, Kind] = {"stand_in": "stand_in", "made_up": "made_up"}
"""As plans of earlier releases call them; read for a release more."""


@dataclass(frozen=True)
class WrittenPlan:
    """A plan as it was read.

    Attributes
    ----------
    data : Namespace
        Options of ``audit`` that say where the rows are and what they mean.
    sweep : mapping
        Checked for unknown names only; see :func:`core.cli.sweep_grid.parse_grid`.
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
        record = tomllib.loads(Path(path).read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise InputError(f"it can't be read ({error.strerror})", where=path) from None
    except (ValueError, RecursionError) as error:
        raise InputError(f"it isn't a TOML file ({str(error)[:200]})", where=path) from None
    _check_entries(record, path)
    known = {"data": DATA, "sweep": SWEEP, "basis": BASIS}
    for name, section in record.items():
        if name not in known or not isinstance(section, dict):
            raise _unknown(f"[{name}]", tuple(f"[{item}]" for item in known))
        for entry in section:
            if entry not in known[name]:
                raise _unknown(f"{entry!r} in [{name}]", known[name])
    for name in ("data", "sweep"):
        if name not in record:
            raise InputError(f"it has no section [{name}]", where=path)
    basis = record.get("basis", {})
    plan = WrittenPlan(
        _data_options(record["data"]),
        record["sweep"],
        _basis(basis),
        None if basis.get("cap") is None else str(basis["cap"]),
    )
    if plan.basis.kind == "public" and plan.data.data not in SAMPLES:
        check_sign_off(
            "a declaration that rows are public",
            plan.basis.because,
            plan.basis.declared_by,
            "Write declared_by and because in [basis]: who says so, and where anyone may read "
            "these rows already",
            MOST_LETTERS,
        )
    return plan


def _check_entries(entries: Any, where: str) -> None:
    """Refuse what no entry can be: whole numbers beyond TOML's 64 bits, and texts with a NUL."""
    if isinstance(entries, dict):
        for name, item in entries.items():
            _check_entries(item, f"{name!r} in {where}")
    elif isinstance(entries, list):
        for item in entries:
            _check_entries(item, where)
    elif isinstance(entries, int) and not -(2**63) <= entries < 2**63:
        raise InputError("it holds a whole number that is too large", where=where)
    elif isinstance(entries, str) and "\0" in entries:
        raise InputError("it holds a NUL character, which no name has", where=where)


def _data_options(record: Mapping[str, Any]) -> argparse.Namespace:
    """Read a section as options of ``audit``, so that both mean the same."""
    arguments = ["audit", "--out", "."]
    for name, value in record.items():
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
            texts = [str(item) for item in value]
            repeated = name in OPTIONS and OPTIONS[name].repeated
            arguments += [f"{option}={item}" for item in (texts if repeated else [_csv(texts)])]
        else:
            arguments.append(f"{option}={value}")
    return parser().parse_args(arguments)


def _csv(texts: list[str]) -> str:
    return ",".join(f'"{text}"' if "," in text else text for text in texts)


def _basis(record: Mapping[str, Any]) -> Basis:
    named = record.get("kind")
    if named is None:
        raise InputError(
            "it isn't said on which rows the sweep runs, and so what it costs",
            where="'kind' in [basis]",
            remedy=f"Write one of: {', '.join(KINDS)}",
        )
    kind = (KINDS | EARLIER_KINDS).get(named) if isinstance(named, str) else None
    if kind is None:
        raise _unknown(f"kind = {named!r} in [basis]", tuple(KINDS))
    rows = record.get("rows", SIMULATED_ROWS if kind in ("stand_in", "made_up") else 0)
    if not isinstance(rows, int) or isinstance(rows, bool) or rows < 0:
        raise InputError("it is a whole number", where=f"rows = {rows!r} in [basis]")
    if kind == "stand_in" and not record.get("sample"):
        raise InputError(
            "a public sample is to be swept, and none is named", where="'sample' in [basis]"
        )
    if record.get("cap") is not None and kind != "spend":
        raise InputError("only what spends has a cap", where="'cap' in [basis]")
    public = kind == "public"
    declared = {name: record[name] for name in ("declared_by", "because") if name in record}
    for name, text in declared.items():
        if not public:
            raise InputError("only rows that are public have it", where=f"{name!r} in [basis]")
        if not isinstance(text, str):
            raise InputError("it is a text", where=f"{name} = {text!r} in [basis]")
        declared[name] = " ".join(text.split())
    return Basis(
        kind,
        str(record.get("sample", "")),
        rows,
        **declared,
        declared_on=_date(record) if declared else "",
    )


def _date(record: Mapping[str, Any]) -> str:
    found = record.get("declared_on", datetime.now(UTC).date())
    try:
        return date.fromisoformat(str(found)).isoformat()
    except ValueError:
        raise InputError(
            "it is a date, as in 2026-11-24", where=f"declared_on = {found!r} in [basis]"
        ) from None


def _unknown(what: str, known: tuple[str, ...]) -> InputError:
    return InputError("there is no such entry", where=what, remedy=f"There are: {', '.join(known)}")
