import json
import subprocess
import sys
from dataclasses import dataclass, field
from enum import Enum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.roles.roles import Roles
from core.storage.canonical import canonical, key
from core.training.spec import TrainingSpec


@dataclass(frozen=True)
class Train:
    learner: str
    epsilon: float | None = None
    inner: object = None


@dataclass(frozen=True)
class Sweep:
    learner: str
    epsilon: float | None = None
    inner: object = None


class Colour(Enum):
    RED = 1


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def same(a: object, b: object) -> bool:
    """Equality that tells True from 1, written independently of the canonical form."""
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b, strict=True))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[k], b[k]) for k in a)
    return (type(a) in (int, float) and type(b) in (int, float) and a == b) or (
        type(a) is type(b) and a == b
    )


@given(json_values, json_values)
def test_equal_text_exactly_for_equal_values(a, b):
    assert (canonical(a) == canonical(b)) == same(a, b)


@given(json_values)
def test_json_round_trip_and_key_order_keep_the_key(value):
    again = json.loads(json.dumps(value))
    if isinstance(again, dict):
        again = dict(reversed(list(again.items())))
    assert key("f", again) == key("f", value)
    assert len(key("f", value)) == 64


@given(json_values)
def test_class_names_are_part_of_the_key_at_any_depth(value):
    assert key("f", Train("x", 1.0, value)) != key("f", Sweep("x", 1.0, value))
    assert key("f", Train("x", inner=Train("y", inner=value))) != key(
        "f", Train("x", inner=Sweep("y", inner=value))
    )
    as_mapping = {"learner": "x", "epsilon": None, "inner": value}
    assert key("f", Train("x", inner=value)) != key("f", as_mapping)


@given(st.text(), st.text())
def test_fingerprint_and_spec_are_not_run_together(a, b):
    assert (key(a, b) == key(b, a)) == (a == b)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_of_equal_value_are_alike(x):
    assert canonical(x) == canonical(x + 0.0) == canonical(float(repr(x)))
    if x.is_integer():
        assert canonical(x) == canonical(int(x))
        assert json.loads(canonical(x)) == int(x)


def test_zeros_bools_tuples_enums():
    assert canonical(0.0) == canonical(-0.0) == canonical(0)
    assert canonical(True) != canonical(1)
    assert canonical((1, 2)) == canonical([1, 2])
    assert canonical(Colour.RED) != canonical("RED")
    assert canonical(Colour.RED) != canonical(1)
    assert canonical(0.1 + 0.2) != canonical(0.3)
    assert canonical(["list", [1]]) != canonical([1])


def test_the_projects_own_specs_have_keys():
    roles = Roles(target="credit", positive_label="good", sensitive=("sex",))
    other = Roles(target="credit", positive_label="good", sensitive=("sex", "age"))
    assert key("f", roles) == key("f", Roles("credit", "good", ("sex",)))
    assert key("f", roles) != key("f", other) != key("g", other)


@pytest.mark.parametrize("bad", [{1}, {"a": frozenset()}, object(), b"x", 1j, Train, [Train]])
def test_refuses_what_has_no_stable_text(bad):
    with pytest.raises(TypeError, match="part of a key"):
        key("f", bad)


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -float("inf")])
def test_refuses_what_is_no_number(bad):
    with pytest.raises(ValueError, match="part of a key"):
        key("f", Train("x", epsilon=bad))


def test_refuses_a_dataclass_that_can_change_and_keys_that_are_not_text():
    @dataclass
    class Loose:
        items: list = field(default_factory=list)

    with pytest.raises(TypeError, match="frozen"):
        key("f", Loose())
    with pytest.raises(TypeError, match="must be text"):
        key("f", {1: "a"})


def test_the_key_is_the_same_in_another_process():
    code = (
        "from core.data.roles.roles import Roles; from core.storage.canonical import key;"
        "print(key('f', Roles('t', 'good', ('sex',), edges=(('age', (25.0, 60.0)),))))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    here = key("f", Roles("t", "good", ("sex",), edges=(("age", (25, 60)),)))
    assert out.stdout.strip() == here


def test_an_option_that_came_later_leaves_older_keys_as_they_were():
    # As it was written before strength, balancing and a seed of noise were options.
    before = (
        '["dataclass","core.learning.training.TrainingSpec",{"delta":null,"domains":null,'
        '"epsilon":null,"learner":"a","mitigate_for":null,"mitigation":"none","noise":"fresh",'
        '"person":null,"rows_per_person":1,"seed":0,"stratified":null}]'
    )
    assert canonical(TrainingSpec("a")) == before
    changed = [
        TrainingSpec("a", strength=0.5),
        TrainingSpec("a", balancing="oversampling"),
        TrainingSpec("a", noise_seed=0),
    ]
    assert len({before, *map(canonical, changed)}) == 4
