import numpy as np
import pytest

from core.external_models.model_facts import ModelFacts, ModelInput
from core.external_models.recomputed import SAME, compare_scores, rows_at_splits

FACTS = ModelFacts(
    "onnx", "", "", "", "0" * 64, 1, "binary", (ModelInput("x", "number", "float32"),), None,
    "probability",
)  # fmt: skip


class Step:
    """A tree of one split, in the precision that it is told."""

    facts = FACTS

    def __init__(self, cut: float, dtype: type = np.float32):
        self.cut, self.dtype = dtype(cut), dtype

    def score(self, columns: dict) -> np.ndarray:
        return np.where(columns["x"].astype(self.dtype) <= self.cut, 0.2, 0.7)

    def close(self) -> None: ...


def nowhere(count: int) -> np.ndarray:
    return np.zeros(count, dtype=bool)


def test_a_row_lies_at_a_split_where_rounding_decides() -> None:
    x = np.array([0.7, 0.3, np.nan, 0.5, 1e300, np.inf])
    found = rows_at_splits(Step(0.7), {"x": x}, None)
    # 0.7 is no single. The nearest one lies below it, and so on the other side of this split.
    assert float(np.float32(0.7)) < 0.7
    assert found.tolist() == [True, False, False, False, False, False]
    assert not rows_at_splits(Step(0.2), {"x": x}, None).any()


def test_a_number_that_a_single_holds_exactly_is_never_rounded() -> None:
    assert not rows_at_splits(Step(0.5), {"x": np.array([0.5, 0.25, 3.0])}, None).any()


@pytest.mark.parametrize(("apart", "differing"), [(0.5 * SAME, 0), (2 * SAME, 1)])
def test_scores_differ_beyond_what_single_precision_keeps(apart: float, differing: int) -> None:
    found = compare_scores(np.array([0.4 + apart]), np.array([0.4]), 0.5, nowhere(1))
    assert found.differing == differing
    assert found.largest == pytest.approx(apart)
    assert ("agree" in found.sentence) == (differing == 0)


def test_flips_are_counted_at_the_threshold_and_the_most_different_rows_are_shown() -> None:
    earlier = np.array([0.5, 0.49, np.nan, 0.9, 0.1])
    again = np.array([0.49, 0.5, 0.3, 0.9, 0.6])
    split = np.array([True, False, False, False, False])
    found = compare_scores(again, earlier, 0.5, split)
    assert (found.rows, found.without, found.differing, found.flips) == (4, 1, 3, 3)
    assert found.at_split == 1
    assert [row for row, _, _ in found.shown] == [4, 0, 1]
    assert "3 decisions flip" in found.sentence
    assert "1 of them" in found.sentence


def test_all_at_splits_is_no_wrong_file_and_nothing_to_compare_says_so() -> None:
    one = compare_scores(np.array([0.2]), np.array([0.7]), 0.5, np.array([True]))
    assert "rounding decides" in one.sentence
    assert "Check the file" not in one.sentence
    none = compare_scores(np.array([0.2]), np.array([np.nan]), 0.5, nowhere(1))
    assert none.sentence == "No row has an earlier score to compare with."
