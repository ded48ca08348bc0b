from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.errors import InputError
from core.privacy.domain import CategoryDomain, NumberDomain, declared_domain
from core.privacy.domain_estimate import estimate_domains, geometric_noise


def test_geometric_noise_has_the_stated_distribution() -> None:
    # P(k) = (1 − r) / (1 + r) · r^|k| with r = e^(−1/scale); χ² against 200,000 draws.
    scale, draws = 2.0, 200_000
    noise = geometric_noise(scale, draws, np.random.default_rng(0))
    r = np.exp(-1 / scale)
    ks = np.arange(-8, 9)
    expected = draws * (1 - r) / (1 + r) * r ** np.abs(ks)
    seen = np.array([(noise == k).sum() for k in ks])
    chi2 = ((seen - expected) ** 2 / expected).sum()
    assert chi2 < 45  # the 1 − 2e-4 quantile with 17 degrees of freedom
    # Half the noise would be far outside.
    half = geometric_noise(scale / 2, draws, np.random.default_rng(0))
    seen_half = np.array([(half == k).sum() for k in ks])
    assert ((seen_half - expected) ** 2 / expected).sum() > 10_000


def test_bounds_hold_the_data_where_there_is_plenty() -> None:
    rng = np.random.default_rng(1)
    X = pd.DataFrame(
        {
            "x": rng.uniform(10, 100, 20_000),
            "c": pd.Series(rng.choice(["a", "b"], 20_000), dtype=object),
        }
    )
    found = estimate_domains(X, epsilon=0.5, delta=1e-6, neighbouring="add-or-remove", rng=rng)
    x, c = found.items
    assert found.origin == "paid"
    assert isinstance(x, NumberDomain)
    assert x.low <= 10.5
    assert 99 <= x.high <= 128
    assert c == CategoryDomain("c", ("a", "b"))


def test_a_single_row_stays_hidden() -> None:
    X = pd.DataFrame({"x": [1e9] + [1.0] * 999, "c": pd.Series(["odd"] + ["usual"] * 999)})
    X["c"] = X["c"].astype(object)
    for seed in range(200):
        found = estimate_domains(
            X,
            epsilon=0.5,
            delta=1e-6,
            neighbouring="replace-one",
            rng=np.random.default_rng(seed),
        )
        x, c = found.items
        assert isinstance(x, NumberDomain)
        assert x.high < 1e6
        assert isinstance(c, CategoryDomain)
        assert "odd" not in c.categories


@pytest.mark.parametrize(
    "item", [[1, 1], [2, 1], [float("nan"), 1], [], ["a", 1], "a", {"low": 0}, [True, False]]
)
def test_unusable_declarations_are_named(item: object) -> None:
    with pytest.raises(InputError, match="column 'x'"):
        declared_domain("x", item)


def test_usable_declarations() -> None:
    assert declared_domain("x", [0, 2]) == NumberDomain("x", 0.0, 2.0)
    assert declared_domain("c", ["a", "b", "a"]) == CategoryDomain("c", ("a", "b"))


def test_a_share_that_was_learned_is_told_from_one_that_was_not() -> None:
    rng = np.random.default_rng(0)
    X = pd.DataFrame(
        {
            "share": np.where(rng.random(20_000) < 0.2, 0.0, rng.random(20_000)),
            "rare": np.where(np.arange(20_000) < 3, 5.0, np.nan),
        }
    )
    found = estimate_domains(X, epsilon=1.0, delta=1e-6, neighbouring="add-or-remove", rng=rng)
    assert found.items[0] == NumberDomain("share", 0.0, 1.0)
    assert found.unlearned == ("rare",)
