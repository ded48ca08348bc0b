"""A p-value is never written as zero."""

import re
from pathlib import Path

import pytest

from core.fairness.intervals.p_values import equation_of_p, format_p

ROOT = Path(__file__).resolve().parents[3]
P_VALUE = r"(?:\w*p_value|p_adjusted|adjusted|\w+_p|p)"
BY_DIGITS = re.compile(rf"\{{(?:[\w.]+\.)?{P_VALUE}:\.\d+[efg]\}}|round\((?:[\w.]+\.)?{P_VALUE},")
SHOWN = re.compile(r"\{\{[^{}]*\bp_(?:value|adjusted)\b[^{}]*\}\}")


@pytest.mark.parametrize(
    ("p_value", "told"),
    [(1.0, "1.0000"), (0.0334, "0.0334"), (0.0001, "0.0001"), (0.00009999, "< 0.0001"),
     (0.0, "< 0.0001")],
)  # fmt: skip
def test_small_ones_are_told_as_smaller_than_the_last_place(p_value, told):
    assert format_p(p_value) == told
    assert equation_of_p(p_value) == (f"p {told}" if told[0] == "<" else f"p = {told}")


def test_no_other_place_writes_one_by_its_digits():
    own = ROOT / "core/fairness/intervals/p_values.py"
    found = [
        f"{path.relative_to(ROOT)}: {written[0]}"
        for folder in ("core", "components", "pages", "equipoise")
        for path in (ROOT / folder).rglob("*.py")
        if path != own
        for written in BY_DIGITS.finditer(path.read_text("utf-8"))
    ]
    assert not found
    assert BY_DIGITS.search(own.read_text("utf-8"))


@pytest.mark.parametrize(
    "code",
    ['f"{p_value:.4f}"', 'f"{test.p_adjusted:.3g}"', 'f"{found.adjusted:.4f}"', 'f"p = {p:.3f}"',
     "round(test.p_value, 4)"],
)  # fmt: skip
def test_what_writes_one_by_its_digits_is_found(code):
    assert BY_DIGITS.search(code)


def test_reports_write_every_one_by_the_filter():
    templates = (ROOT / "core/reporting/templates").glob("*.j2")
    shown = [m for path in templates for m in SHOWN.findall(path.read_text("utf-8"))]
    assert shown
    assert all("| p_value" in item for item in shown)
