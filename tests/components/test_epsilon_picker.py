"""Typed values of ε are numbers above 0, or ∞ where that may stand."""

from __future__ import annotations

import pytest

from components.widgets.epsilon_picker import WITHOUT, epsilon_of, epsilon_or_none, format_epsilon
from core.errors import InputError


def test_typed_epsilons() -> None:
    assert epsilon_of("0.25") == 0.25
    for wrong in ("0,5", "much", "", "0", "-1", "inf", "nan"):
        with pytest.raises(InputError):
            epsilon_of(wrong)


@pytest.mark.parametrize("text", [WITHOUT, "∞", " inf ", "INF"])
def test_infinity_is_no_privacy(text: str) -> None:
    assert epsilon_or_none(text) is None


@pytest.mark.parametrize("epsilon", [None, 0.1, 4.0, 1e-5, 12.5])
def test_what_is_told_is_read_back(epsilon: float | None) -> None:
    assert epsilon_or_none(format_epsilon(epsilon)) == epsilon


@pytest.mark.parametrize("wrong", ["abc", "no", "-inf", "0", "nan"])
def test_what_is_no_epsilon_is_refused(wrong: str) -> None:
    with pytest.raises(InputError, match=r"ε|epsilon"):
        epsilon_or_none(wrong)
