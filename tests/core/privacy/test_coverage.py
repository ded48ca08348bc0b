from __future__ import annotations

import pytest

from core.errors import InputError
from core.privacy.guidance.coverage import IN_JSON, OUTPUTS, coverage, json_coverage
from core.privacy.guidance.guarantee import RAW_FIGURES


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
    assert without.status == "no guarantee"
    assert without.sentence.startswith("No privacy guarantee is given. Rates of groups are counted")
    assert coverage("release_preview", budget=True).status == "nothing to cover"


def test_an_unknown_output_is_refused() -> None:
    with pytest.raises(InputError, match="there is no output of that name"):
        coverage("somewhere", budget=True)


@pytest.mark.parametrize(
    ("what", "named"),
    [
        ("row_counts", "how many rows"),
        ("base_rates", "base rates"),
        ("file_hash", "SHA-256"),
        ("findings", "findings and the verdict"),
        ("settings", "the choice of model"),
        ("performance", "figures computed from raw rows"),
    ],
)
def test_what_stands_unnoised_is_named_and_labelled(what: str, named: str) -> None:
    assert sum(named in item for item in RAW_FIGURES) == 1
    assert coverage(what, budget=True, private_model=True).status == "not covered"
    assert what in IN_JSON.values()


def test_parts_of_the_file_are_labelled() -> None:
    private = json_coverage(budget=True, guaranteed=True)
    assert private["dataset.sha256"]["status"] == "not covered"
    assert private["privacy.releases"]["status"] == "covered"
    assert {part["status"] for part in json_coverage(budget=False, guaranteed=False).values()} == {
        "no guarantee",
        "covered",
    }
