import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InputError
from core.external_models.external_spec import ExternalSpec
from core.external_models.matching import Matching
from core.learning.external_model import at_half, own_scale, positive_score

SPEC = ExternalSpec("0" * 64, "m.onnx", "onnx", "", Matching(()), "yes")


@given(
    st.lists(st.floats(0, 1), min_size=1, max_size=30),
    st.floats(0.001, 0.999),
)
def test_every_decision_and_the_order_stay_when_a_threshold_is_moved_to_one_half(
    scores: list[float], threshold: float
) -> None:
    own = np.array([*scores, threshold, np.nextafter(threshold, 0)])
    moved = at_half(own, threshold)
    assert ((moved >= 0.5) == (own >= threshold)).all()
    assert (np.diff(moved[np.argsort(own, kind="stable")]) >= 0).all()
    back = own_scale(moved, threshold)
    assert np.abs(back - own).max() < 1e-12
    assert ((back >= threshold) == (own >= threshold)).all()


def test_the_score_is_that_of_the_class_wherever_it_stands() -> None:
    found = np.array([[0.2, 0.8], [0.9, 0.1]])
    assert positive_score(found, ("no", "yes"), SPEC).tolist() == [0.8, 0.1]
    assert positive_score(found, ("yes", "no"), SPEC).tolist() == [0.2, 0.9]


@pytest.mark.parametrize(
    ("found", "said"),
    [([0.1, np.nan], "no number.*row 2"), ([0.1, 1.2], "outside"), ([-0.1, 0.2], "outside")],
)
def test_an_answer_that_is_no_probability_is_refused(found: list[float], said: str) -> None:
    with pytest.raises(InputError, match=said):
        positive_score(np.array(found), None, SPEC)
    assert positive_score(np.array([0.0, 1.0 + 1e-7]), None, SPEC).tolist() == [0.0, 1.0]


def test_a_class_that_the_model_lacks_is_named() -> None:
    with pytest.raises(InputError, match=r"no class 'yes'.*'a', 'b'"):
        positive_score(np.ones((1, 2)), ("a", "b"), SPEC)
