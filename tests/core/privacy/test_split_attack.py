"""An attack on a whole private training by someone who knows every row but one.

Two tables are neighbours: the one has a row more, which is blank in a column of whole numbers. The
attacker knows all rows of both and how they are split, sees the scores that the released model
gives to them, and says which table it was trained on. If the row more moves others between the
parts, the model is trained on hundreds of other rows, and the attacker is hardly ever wrong.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.data import assign as assigning
from core.data.assign import assign
from core.data.dataset import Dataset
from core.data.domains import CategoryDomain, Domains, NumberDomain
from core.data.roles.roles import Roles
from core.learning.dataset_split import split_dataset
from core.learning.split import Split, SplitSpec
from core.mitigation import scores_of
from core.training.fit import fit, part_of
from core.training.spec import TrainingSpec
from core.training.training import train
from tests.core.mechanism_audit import Mechanism, epsilon_lower_bound
from tests.core.worlds import table

EPSILON, DELTA = 1.0, 1e-6
N = 3000
DOMAINS = Domains(
    (NumberDomain("visits", 0.0, 16.0), CategoryDomain("town", tuple(f"t{k}" for k in range(12))))
)
ROLES = Roles(target="y", positive_label="1", sensitive=("sex",), features=("visits", "town"))


def neighbours() -> tuple[Dataset, Dataset]:
    """Labels are coins, so that a model knows nothing but the rows that it was trained on."""
    rng = np.random.default_rng(0)
    data = pd.DataFrame(
        {
            "visits": rng.integers(0, 17, N).astype(str),
            "town": [f"t{k}" for k in rng.integers(0, 12, N)],
            "note": np.arange(N),
            "sex": rng.choice(["f", "m"], N),
            "y": rng.integers(0, 2, N),
        }
    )
    more = pd.DataFrame([{"visits": "", "town": "t0", "note": N, "sex": "f", "y": 1}])
    return assign(table(data), ROLES), assign(table(pd.concat([data, more])), ROLES)


def splits(pair: tuple[Dataset, Dataset]) -> list[Split]:
    return [split_dataset(data, SplitSpec(stratified=False))[0] for data in pair]


def moved(pair: tuple[Dataset, Dataset]) -> int:
    one, other = splits(pair)
    return len(set(one.train) ^ (set(other.train) - {N}))


def released(data: Dataset, split: Split, asked: Dataset, run: int, epsilon: float) -> np.ndarray:
    """Log-odds of the released model for the rows that both tables have."""
    spec = TrainingSpec("dp_binned_regression", epsilon=epsilon, delta=DELTA, domains=DOMAINS,
                        noise="seeded", noise_seed=run)  # fmt: skip
    decider = fit(data, spec, split.train, split.validation).decider
    part = part_of(asked, spec, np.arange(N))
    scores = np.clip(scores_of(decider, part.X, part.groups), 1e-9, 1 - 1e-9)
    return np.log(scores / (1 - scores))


def attacked(pair: tuple[Dataset, Dataset], choose: int, fresh: int) -> float:
    """Lower bound on ε at 99 % (Clopper and Pearson), from fits of both tables."""
    parts = splits(pair)
    # What the attacker computes beforehand: how the two models differ without noise.
    plain = [released(d, s, pair[0], 0, 1e4) for d, s in zip(pair, parts, strict=True)]
    direction = plain[1] - plain[0]

    def mechanism(which: int) -> Mechanism:
        runs = iter(range(which, 10**6, 2))

        def many(count: int) -> np.ndarray:
            return np.array([
                released(pair[which], parts[which], pair[0], next(runs), EPSILON) @ direction
                for _ in range(count)
            ])  # fmt: skip

        return many

    found = epsilon_lower_bound(
        mechanism(0), mechanism(1), delta=DELTA, choose=choose, fresh=fresh, confidence=0.99
    )
    return found.epsilon


def by_type(frame: pd.DataFrame, message: object = None) -> np.ndarray:
    """What was once done: a hash of values in the type that all rows of a column share."""
    return np.asarray(pd.util.hash_pandas_object(frame, index=False), dtype=np.uint64)


def test_the_row_more_moves_no_other_row_and_training_uses_that_split() -> None:
    pair = neighbours()
    assert moved(pair) == 0
    spec = TrainingSpec("dp_binned_regression", epsilon=EPSILON, delta=DELTA, domains=DOMAINS,
                        noise="seeded")  # fmt: skip
    trained = train(pair[1], spec, with_baseline=False)
    assert np.array_equal(trained.split.train, splits(pair)[1].train)


@pytest.mark.slow
def test_an_attacker_who_knows_all_other_rows_stays_below_the_guarantee() -> None:
    assert attacked(neighbours(), 100, 300) < EPSILON


@pytest.mark.slow
def test_the_attack_has_teeth(monkeypatch: pytest.MonkeyPatch) -> None:
    """On parts by a hash of types the same attack refutes the promise."""
    monkeypatch.setattr(assigning, "row_hashes", by_type)
    pair = neighbours()
    assert moved(pair) > N / 3
    assert attacked(pair, 100, 300) > EPSILON
