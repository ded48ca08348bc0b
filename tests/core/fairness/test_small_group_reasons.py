"""What groups that are too small lack is told in the unit that is counted."""

from __future__ import annotations

import pytest

from core.fairness.metrics.small_groups import SmallGroups


@pytest.mark.parametrize(
    ("for_decisions", "counted", "weighted", "text"),
    [
        (True, "rows", False, "Too few rows for a firm figure"),
        (True, "persons", False, "Too few persons for a firm figure"),
        (True, "rows", True, "Too few rows, or worth too few by their weights, for a firm figure"),
        (False, "rows", False, "Too few positive or negative labels"),
        (False, "persons", False, "Too few persons with a positive or with a negative label"),
    ],
)
def test_the_reason_names_what_is_counted(
    for_decisions: bool, counted: str, weighted: bool, text: str
) -> None:
    assert SmallGroups((), 2, "sex", for_decisions, counted, weighted).reason == text
