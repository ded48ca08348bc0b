from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom, binomtest

from core.comparison.paired.mcnemar import detectable_accuracy, mcnemar
from core.errors import InputError


def flags(both: int, only_a: int, only_b: int, neither: int) -> tuple[np.ndarray, np.ndarray]:
    a = np.repeat([True, True, False, False], [both, only_a, only_b, neither])
    b = np.repeat([True, False, True, False], [both, only_a, only_b, neither])
    return a, b


@pytest.mark.parametrize(("only_a", "only_b"), [(25, 17), (0, 6), (3, 3), (1, 0), (40, 90)])
def test_equals_the_binomial_test_and_the_sum_by_hand(only_a: int, only_b: int) -> None:
    found = mcnemar(*flags(100, only_a, only_b, 20))
    m = only_a + only_b
    assert found.p_value == pytest.approx(binomtest(only_b, m, 0.5).pvalue, abs=1e-12)
    tail = binom.cdf(min(only_a, only_b), m, 0.5)
    assert found.p_value == pytest.approx(min(1.0, 2 * tail), abs=1e-12)
    assert (found.only_a, found.only_b, found.people) == (only_a, only_b, 120 + m)


def test_the_same_people_right_is_no_difference_at_all() -> None:
    found = mcnemar(*flags(10, 0, 0, 5))
    assert found.p_value == 1.0
    assert found.detectable is None


@pytest.mark.parametrize(("people", "discordant"), [(400, 0.1), (2000, 0.05), (1000, 0.3)])
def test_power_is_close_to_that_summed_over_all_outcomes(people: int, discordant: float) -> None:
    delta = detectable_accuracy(people, discordant)
    assert delta is not None
    share = (1 + delta / discordant) / 2
    power = 0.0
    for m in range(1, people + 1):
        weight = binom.pmf(m, people, discordant)
        if weight < 1e-9:
            continue
        # The largest number on the smaller side that is still significant.
        critical = binom.ppf(0.025, m, 0.5)
        if binom.cdf(critical, m, 0.5) > 0.025:
            critical -= 1
        reject = binom.cdf(critical, m, share) + binom.sf(m - critical - 1, m, share)
        power += weight * reject
    assert 0.74 < power < 0.82


def test_too_few_discordant_people_find_nothing() -> None:
    assert detectable_accuracy(100, 0.0) is None
    assert detectable_accuracy(100, 0.01) is None


def test_unusable_input_is_refused() -> None:
    none = np.zeros(0, dtype=bool)
    for given in ((none, none), (none, np.ones(3, dtype=bool))):
        with pytest.raises(InputError):
            mcnemar(*given)
    with pytest.raises(InputError):
        detectable_accuracy(100, 0.1, power=0.4)
    with pytest.raises(InputError):
        detectable_accuracy(100, 0.1, level=0.0)
