"""When answers of a server count as those it gave before."""

from __future__ import annotations

import numpy as np
import pytest

from core.audit_state.kept_rows import SAME, ServerChangedError, check_same

BEFORE = np.array([[0.5, 0.5], [0.25, 0.75]])


@pytest.mark.parametrize("apart", [0.0, 0.9 * SAME, -0.9 * SAME])
def test_answers_this_close_are_the_same(apart: float) -> None:
    check_same(BEFORE, BEFORE + np.array([[0, 0], [apart, 0]]), "model at x")


@pytest.mark.parametrize("apart", [1.1 * SAME, -1.1 * SAME, 0.1, np.nan])
def test_one_answer_further_apart_is_another_model(apart: float) -> None:
    with pytest.raises(ServerChangedError, match=r"such as 0\.25 before and") as refused:
        check_same(BEFORE, BEFORE + np.array([[0, 0], [apart, 0]]), "model at x")
    assert "model at x" in str(refused.value)
    assert refused.value.remedy


def test_answers_of_another_shape_are_another_models() -> None:
    with pytest.raises(ServerChangedError) as refused:
        check_same(BEFORE, BEFORE[:, 0], "model at x")
    assert "such as" not in str(refused.value)
