from __future__ import annotations

import pytest

from core.errors import InputError
from core.privacy.coverage import OUTPUTS, coverage


def test_only_what_is_made_of_noise_is_covered() -> None:
    covered = {
        output.name
        for output in OUTPUTS
        if coverage(output.name, budget=True, private_model=True).status == "covered"
    }
    assert covered == {"model", "model_shapes", "private_release"}


def test_raw_rows_are_never_covered_and_the_reason_is_said() -> None:
    assert coverage("fairness", budget=True, private_model=True).status == "not covered"
    assert coverage("model", budget=True).status == "not covered"
    without = coverage("fairness", budget=False)
    assert without.status == "no promise"
    assert without.sentence.startswith("No privacy promise is made. Rates of groups are counted")
    assert coverage("release_preview", budget=True).status == "nothing to cover"


def test_an_unknown_output_is_refused() -> None:
    with pytest.raises(InputError, match="there is no output of that name"):
        coverage("somewhere", budget=True)
