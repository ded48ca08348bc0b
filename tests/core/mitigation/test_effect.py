from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import InputError
from core.mitigation.effect import GAPS, effect, paired_change

rows = st.lists(
    st.tuples(
        st.booleans(),
        st.sampled_from(["a", "b", None]),
        st.booleans(),
        st.booleans(),
        st.sampled_from([0.0, 0.5, 1.0, 3.0]),
    ),
    min_size=1,
    max_size=40,
)


@given(rows, st.booleans())
@settings(deadline=None, max_examples=60)
def test_changes_equal_a_count_by_hand(told: list, weighted: bool) -> None:
    if weighted and not any(row[4] for row in told):
        told = [*told, (True, "a", True, False, 1.0)]
    y, g, old, new, w = (list(column) for column in zip(*told, strict=True))
    found = effect(
        np.array(y),
        np.array(g, dtype=object),
        np.array(old),
        np.array(new),
        weights=np.array(w) if weighted else None,
        draws=100,
    )
    assert [c.group for c in found.groups] == sorted({"(missing)" if v is None else v for v in g})
    for changes in (*found.groups, found.everyone):
        mine = [
            row
            for row in told
            if changes.group in ("everyone", "(missing)" if row[1] is None else row[1])
        ]
        assert changes.count == len(mine)
        for label in (False, True):
            of_label = [row for row in mine if row[0] == label]
            assert changes.gained[label] == sum(r[3] and not r[2] for r in of_label)
            assert changes.lost[label] == sum(r[2] and not r[3] for r in of_label)
        total = sum(r[4] if weighted else 1 for r in mine)
        if total == 0:
            assert changes.accuracy_change.estimate is None
            assert "weight 0" in str(changes.accuracy_change.reason)
            continue
        before = sum((r[4] if weighted else 1) * (r[0] == r[2]) for r in mine) / total
        after = sum((r[4] if weighted else 1) * (r[0] == r[3]) for r in mine) / total
        assert changes.accuracy_before.estimate == pytest.approx(before)
        assert changes.accuracy_after.estimate == pytest.approx(after)
        change = changes.accuracy_change
        assert change.estimate == pytest.approx(after - before)
        assert change.low is not None
        assert change.high is not None
        assert -1 <= change.low <= change.high <= 1
    for gap in found.gaps:
        assert gap.before == found.before.disparity(gap.name).figure
        assert gap.after == found.after.disparity(gap.name).figure
    assert [gap.name for gap in found.gaps] == list(GAPS)


def test_the_paired_interval_by_hand() -> None:
    # Bonett and Price 2012: cells 6 and 18 of 100 give (7 - 19) / 102 and its standard error.
    low, high = paired_change(0.06, 0.18, 100, 0.95)
    up, down = 7 / 102, 19 / 102
    half = 1.959964 * np.sqrt((up + down - (up - down) ** 2) / 102)
    assert (low, high) == pytest.approx((up - down - half, up - down + half), abs=1e-6)


def test_the_paired_interval_covers_the_true_change() -> None:
    rng = np.random.default_rng(0)
    for n in (20, 200):
        counts = rng.multinomial(n, [0.08, 0.15, 0.77], 4000)
        ends = [paired_change(a / n, b / n, n, 0.95) for a, b, _ in counts]
        covered = np.mean([low <= -0.07 <= high for low, high in ends])
        assert 0.93 < covered < 0.99


def test_lengths_that_differ_are_named() -> None:
    yes = np.ones(3, dtype=bool)
    with pytest.raises(InputError, match="after: it has 2 entries where the labels have 3"):
        effect(yes, np.array(["a"] * 3, dtype=object), yes, yes[:2])
