"""Adversarial debiasing against fairlearn's with torch, on Adult by sex, as a table in Markdown.

Run by hand from the repository's root, where torch is beside the other packages. The default
install does without it: ``pip install torch==2.13.0`` into an environment of its own that also
holds this project's dependencies, then ``python benchmarks/adversarial.py [ROWS]``.

Both are given the same encoded rows and a linear predictor with a linear adversary; figures are
of rows that neither has seen. Demographic parity is fairlearn's other constraint, which ours has
not.
"""

from __future__ import annotations

import importlib.util
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.mitigations import GAPS, HEADS, SEEDS, adult, cells, drawn, figures
from core.learning.encoding import OneHot
from core.learning.learners import LEARNERS, LearnerConfiguration
from core.learning.split import SplitSpec, split_rows
from core.mitigation.inprocessing.adversarial import AdversarialDecider, train_adversarially
from core.mitigation.registry import ThresholdDecider

ROWS = 12_000
EPOCHS, BATCH, RATE = 40, 512, 0.01
"""Of the peer: some 560 steps, where ours takes 3,000; neither was tuned here."""
STRENGTHS = (1.0, 5.0)
"""Weights of the peer's adversary."""


class PeerDecider:
    """The peer's predictor behind an encoder."""

    def __init__(self, encoder: OneHot, machine: Any):
        self.encoder = encoder
        self.machine = machine

    def predict_score(self, X: Any) -> npt.NDArray[np.float64]:
        """1 where the peer decides positively, shape (n,)."""
        encoded = self.encoder.transform(X).astype(np.float32)
        return np.asarray(self.machine.predict(encoded), dtype=np.float64).ravel()

    def predict(self, X: Any, groups: Any) -> npt.NDArray[np.bool_]:
        """The peer's decisions, shape (n,)."""
        return self.predict_score(X) >= 0.5


def peer(encoded: Any, positive: Any, groups: Any, constraint: str, alpha: float, seed: int) -> Any:
    """Train fairlearn's adversarial classifier: logistic against logistic."""
    from fairlearn.adversarial import AdversarialFairnessClassifier

    machine = AdversarialFairnessClassifier(
        backend="torch",
        predictor_model=[],
        adversary_model=[],
        constraints=constraint,
        learning_rate=RATE,
        alpha=alpha,
        epochs=EPOCHS,
        batch_size=BATCH,
        shuffle=True,
        random_state=seed,
    )
    machine.fit(
        encoded.astype(np.float32), positive.astype(int), sensitive_features=groups.astype(str)
    )
    return machine


def main(rows: int) -> None:
    if importlib.util.find_spec("torch") is None:
        sys.exit("torch is not installed; how to bring it is said at the top of this file")
    data = adult()
    ways = ["Logistic regression", "Adversarial debiasing, ours, equalized odds"]
    peers = [
        (f"fairlearn with torch, {title}, α = {alpha:g}", constraint, alpha)
        for title, constraint in (
            ("equalized odds", "equalized_odds"),
            ("demographic parity", "demographic_parity"),
        )
        for alpha in STRENGTHS
    ]
    found: dict[str, list[list[float]]] = {
        way: [] for way in [*ways, *(title for title, _, _ in peers)]
    }
    seconds = dict.fromkeys(found, 0.0)
    for seed in SEEDS:
        small, chosen = drawn(data, rows, seed)
        split = split_rows(small.target, SplitSpec(seed=seed), small.content)
        used = chosen[np.concatenate([split.train, split.validation])]
        unseen = np.setdiff1d(np.arange(len(data)), used)
        X = small.features.iloc[split.train].reset_index(drop=True)
        positive = small.target[split.train]
        groups = small.sensitive["sex"].to_numpy(dtype=object)[split.train]
        encoder = OneHot()
        encoder.fit(X)
        encoded = encoder.transform(X)

        def note(way: str, start: float, decider: Any, unseen: Any = unseen) -> None:
            seconds[way] += (time.perf_counter() - start) / len(SEEDS)
            found[way].append(figures(data, unseen, decider))

        start = time.perf_counter()
        plain = LEARNERS["logistic_regression"].build(LearnerConfiguration(seed=seed))
        plain.fit(X, positive)
        note(ways[0], start, ThresholdDecider(plain))
        start = time.perf_counter()
        coefficients, _ = train_adversarially(encoded, positive, groups, seed=seed)
        note(ways[1], start, AdversarialDecider(encoder, coefficients))
        for title, constraint, alpha in peers:
            start = time.perf_counter()
            machine = peer(encoded, positive, groups, constraint, alpha, seed)
            note(title, start, PeerDecider(encoder, machine))
    print(f"{rows:,} rows, seeds {SEEDS}, means (ranges); seconds of one fit\n")
    print(f"| Way | Seconds | {' | '.join(HEADS)} |\n|---|---|{'---|' * len(HEADS)}")
    for way, runs in found.items():
        own = None
        if "odds" in way:
            own = GAPS.index("equalized_odds_difference") + 1
        elif "demographic" in way:
            own = GAPS.index("demographic_parity_difference") + 1
        print(f"| {way} | {seconds[way]:.1f} | {cells(np.array(runs), own)} |")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS)
