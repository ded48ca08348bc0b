from __future__ import annotations

import numpy as np

from components.widgets.counts_table import HIDDEN, published
from core.anonymity.suppression import suppress
from core.fairness.counts.cube import OutcomeCube
from tests.core.anonymity.disclosure import disclosed


def test_small_counts_are_hidden_and_can_t_be_worked_out():
    count = np.array([[[40, 3], [20, 60]], [[55, 12], [9, 31]], [[70, 25], [14, 44]]])
    cube = OutcomeCube(("g",), (("a",), ("b",), ("c",)), count, count * 1.0, count * 1.0)
    found = suppress(count.reshape(3, 4))
    table = published(cube, found)
    shown = table.set_index("Group")
    assert shown.loc["a"].iloc[1] == HIDDEN
    assert shown.loc["b"].iloc[2] == HIDDEN
    assert (shown == HIDDEN).to_numpy().sum() > 2
    assert not disclosed(found)
    whole = count.reshape(3, 4)
    for i, name in enumerate("abc"):
        for j in range(4):
            assert shown.loc[name].iloc[j] in (HIDDEN, str(whole[i, j]))
    assert shown.loc["All"].iloc[4] == str(count.sum())
