"""A p-value is never written as zero."""

import pytest

from core.fairness.intervals.p_values import equation_of_p, format_p


@pytest.mark.parametrize(
    ("p_value", "told"),
    [(1.0, "1.0000"), (0.0334, "0.0334"), (0.0001, "0.0001"), (0.00009999, "< 0.0001"),
     (0.0, "< 0.0001")],
)  # fmt: skip
def test_small_ones_are_told_as_smaller_than_the_last_place(p_value, told):
    assert format_p(p_value) == told
    assert equation_of_p(p_value) == (f"p {told}" if told[0] == "<" else f"p = {told}")
