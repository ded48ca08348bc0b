"""Every code that a check can yield stands in a test."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[4]
CODE = re.compile(r'"((?:CHECK|FAIR|PERF|PRIV|MIT|DATA|EXPL)-\d\d)"')


def test_every_code_stands_in_a_test() -> None:
    yielded = {
        code
        for path in (ROOT / "core" / "audit" / "checks").glob("*.py")
        for code in CODE.findall(path.read_text("utf-8"))
    }
    tested = {
        code
        for path in (ROOT / "tests").rglob("test_*.py")
        for code in CODE.findall(path.read_text("utf-8"))
    }
    assert len(yielded) >= 22
    assert yielded <= tested
