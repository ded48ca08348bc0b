"""What a run is about to spend is said of δ too where that is what the cap does not cover."""

from __future__ import annotations

import pytest

from core.privacy.accounting.budget import Budget
from core.privacy.accounting.charge import Charge
from core.privacy.guidance.outlook import outlook

SPENT = Charge("a", 1.0, 1e-6, "add-or-remove", "row", "2026-01-01T00:00:00+00:00")
DELTA = ", and δ = 2e-06 of the cap δ = 1e-06"


@pytest.mark.parametrize(
    ("cap", "fits", "of_the_cap"),
    [
        (Budget(2.0, 2e-6), True, "ε = 2 of the cap ε = 2"),
        (Budget(2.0, 1e-6), False, f"ε = 2 of the cap ε = 2{DELTA}"),
        (Budget(1.5, 2e-6), False, "ε = 2 of the cap ε = 1.5"),
        (Budget(1.5, 1e-6), False, f"ε = 2 of the cap ε = 1.5{DELTA}"),
    ],
)
def test_what_does_not_fit_is_named(cap: Budget, fits: bool, of_the_cap: str) -> None:
    found = outlook(cap, (SPENT,), SPENT)
    assert found.fits == fits
    assert f"(in all then {of_the_cap})" in found.sentence
    assert ("it would be refused" in found.sentence) is not fits
