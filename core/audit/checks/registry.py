"""The registry of checks: each looks at an audit and returns findings, or nothing."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.audit.finding import SEVERITIES, Finding
from core.errors import InputError
from core.registry import Registry

if TYPE_CHECKING:
    from core.audit.result import AuditResult

Look = Callable[["AuditResult"], Iterable[Finding]]
FAMILIES = ("CHECK", "FAIR", "PERF", "PRIV", "MIT", "DATA", "EXPL")
"""First parts of codes, in the order in which findings of one severity are listed."""


@dataclass(frozen=True)
class Check:
    """A registered check: ``name`` is its code, ``look`` yields findings or nothing."""

    name: str
    sentence: str
    look: Look


CHECKS: Registry[Check] = Registry("check")


def registered(code: str, sentence: str) -> Callable[[Look], Look]:
    """Register the decorated function as the check of a code.

    Parameters
    ----------
    code : str
        A family of :data:`FAMILIES` and a number, "FAIR-01".
    sentence : str
        What is looked for, as a noun phrase.
    """

    def add(look: Look) -> Look:
        CHECKS.add(Check(code, sentence, look))
        return look

    return add


def check_all(result: AuditResult, caveats: tuple[str, ...] = ()) -> tuple[Finding, ...]:
    """Run all checks; most severe first, then by family and in the order of the registry.

    A check that raises costs what it would still have found, and a finding says so; never the
    report of all others.
    """
    found = [finding for check in CHECKS for finding in _carried_out(check, result)]
    if caveats:
        found.append(
            Finding(
                "DATA-02",
                "info",
                f"{len(caveats)} caveats of the data's source"
                if len(caveats) > 1
                else "A caveat of the data's source",
                " ".join(caveats),
                "Weigh them when judging",
            )
        )
    return tuple(sorted(found, key=_place))


def _place(finding: Finding) -> tuple[int, int]:
    family = finding.code.partition("-")[0]
    place = FAMILIES.index(family) if family in FAMILIES else len(FAMILIES)
    return SEVERITIES.index(finding.severity), place


def _carried_out(check: Check, result: AuditResult) -> Iterator[Finding]:
    try:
        yield from check.look(result)
    except Exception as error:
        yield Finding(
            "CHECK-01",
            "medium",
            f"Check {check.name} could not be carried out",
            f"It looks for this: {check.sentence} It stopped with {_fault(error)}",
            "Do not take the missing finding for an all-clear; judge this by yourself, and report "
            "the fault with this sentence",
        )


def _fault(error: Exception) -> str:
    """Say what went wrong and where; only messages written for people may quote data."""
    if isinstance(error, InputError):
        return f"this: {error}"
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {Path(last.filename).name}, line {last.lineno}"
