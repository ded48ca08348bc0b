"""Every example in a docstring runs and gives what stands below it."""

from __future__ import annotations

import doctest
from importlib import import_module
from inspect import isfunction
from pathlib import Path

import pytest

import equipoise

ROOT = Path(__file__).resolve().parents[2]
MODULES = [
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    for folder in ("equipoise", "core")
    for path in sorted((ROOT / folder).rglob("*.py"))
    if ">>> " in path.read_text(encoding="utf-8")
]


def test_every_public_function_has_an_example() -> None:
    found = [getattr(equipoise, name) for name in equipoise.__all__]
    functions = [item for item in found if isfunction(item)]
    assert len(functions) >= 7
    assert not [item.__name__ for item in functions if ">>> " not in (item.__doc__ or "")]
    assert {"equipoise", "equipoise._audit", "equipoise._samples"} <= set(MODULES)


@pytest.mark.parametrize("module", MODULES)
def test_examples_hold(module: str) -> None:
    done = doctest.testmod(import_module(module))
    assert done.attempted
    assert not done.failed
