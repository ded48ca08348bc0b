"""Titles of charts of contributions."""

from __future__ import annotations

import numpy as np

from components.explanation.global_charts import _reach


def test_a_negative_end_has_the_minus_of_other_texts() -> None:
    assert _reach(np.array([0.1, -0.95, 0.94])) == "−0.95 to 0.94"
    assert _reach(np.array([0.1, 0.94])) == "0.1 to 0.94"
