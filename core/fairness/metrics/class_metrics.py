"""The registry of figures over all classes: accuracy, macro and weighted averages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from core.arrays import Floats, Ints
from core.fairness.counts.class_cube import against_rest
from core.fairness.metrics.metric_registry import METRICS, GroupMetric
from core.registry import Registry

Average = Literal["none", "macro", "weighted"]

PHRASES = {
    "positive labels": "rows of class {0!r}",
    "negative labels": "rows of other classes than {0!r}",
    "positive decisions": "rows predicted as {0!r}",
    "positive labels or positive decisions": "rows of class {0!r} or predicted as it",
}
"""What the needs of a metric are called where a class is the positive one."""


@dataclass(frozen=True)
class ClassMetric:
    """A figure over all classes together.

    Attributes
    ----------
    name, title, sentence, definition : str
    of : str
        Name of the metric of each class against the rest, in
        :data:`core.fairness.metrics.metric_registry.METRICS`; "accuracy" counts correct rows
        instead.
    average : {"none", "macro", "weighted"}
        The plain mean over the classes, or that weighted by the classes' true sizes.
    better : {"higher", "lower"}
    """

    name: str
    title: str
    sentence: str
    definition: str
    of: str
    average: Average
    better: Literal["higher", "lower"] = "higher"

    @property
    def metric(self) -> GroupMetric:
        """The metric of each class that is averaged."""
        found = METRICS[self.of]
        assert isinstance(found, GroupMetric)
        return found

    def value(self, table: Floats) -> Floats:
        """Compute it from tables of shape (..., k, k); NaN where undefined."""
        if self.average == "none":
            total = table.sum(axis=(-2, -1))
            out = np.full(np.shape(total), np.nan)
            correct = np.trace(table, axis1=-2, axis2=-1)
            np.divide(correct, total, out=out, where=total > 0)
            return out
        classes = range(table.shape[-1])
        each = np.stack([self.metric.value(against_rest(table, c)) for c in classes], axis=-1)
        if self.average == "macro":
            return np.asarray(each.mean(axis=-1))
        size = table.sum(axis=-1)
        # A class that nobody is of has no say, and so need not have the figure.
        total = size.sum(axis=-1)
        summed = np.where(size > 0, each, 0) * size
        out = np.full(np.shape(total), np.nan)
        np.divide(summed.sum(axis=-1), total, out=out, where=total > 0)
        return out

    def reason(
        self, count: Ints, weight: Floats, classes: tuple[str, ...], scope: str
    ) -> str | None:
        """Say why it is undefined for one table of shape (k, k); None if it is defined."""
        if not weight.sum():
            return f"all rows {scope} have weight zero"
        if self.average == "none":
            return None
        missing = []
        for c, name in enumerate(classes):
            if self.average == "weighted" and not weight[c].sum():
                continue
            for cells in self.metric.needs:
                if not cells(against_rest(weight, c)):
                    empty = not cells(against_rest(count, c).astype(np.float64))
                    rows = PHRASES[cells.phrase].format(name)
                    missing.append(
                        f"no {rows} {scope}" if empty else f"all {rows} {scope} have weight zero"
                    )
                    break
        if not missing:
            return None
        more = len(missing) - 1
        return missing[0] + (f", and so for {more} more class{'es' * (more > 1)}" if more else "")


CLASS_METRICS: Registry[ClassMetric] = Registry("multi-class metric")
"""All figures over all classes, in the order in which they are shown."""

CLASS_METRICS.add(
    ClassMetric(
        "accuracy", "Accuracy", "The share of people whose predicted class is the true one.",
        "P[Ŷ = Y | A = a]", "accuracy", "none",
    )
)  # fmt: skip

_AVERAGED: tuple[tuple[str, str, str, Literal["higher", "lower"]], ...] = (
    ("true_positive_rate", "recall", "of the people of a class, the share predicted as it",
     "higher"),
    ("precision", "precision", "of the people predicted as a class, the share who are of it",
     "higher"),
    ("f1", "F1", "the harmonic mean of a class's recall and precision", "higher"),
    ("false_positive_rate", "false positive rate",
     "of the people not of a class, the share predicted as it all the same", "lower"),
)  # fmt: skip

# Sokolova and Lapalme 2009, Information Processing & Management 45, table 3; macro recall is the
# balanced accuracy of several classes, weighted recall equals accuracy.
for _of, _word, _what, _better in _AVERAGED:
    CLASS_METRICS.add(
        ClassMetric(
            f"macro_{_word.lower().replace(' ', '_')}",
            f"{_word[0].upper()}{_word[1:]}, mean of classes",
            f"{_what[0].upper()}{_what[1:]}; the plain mean over all classes, so that a rare class "
            "counts as much as a common one (macro average).",
            f"(1/k) Σ over classes c of {METRICS[_of].name}(c)",
            _of,
            "macro",
            _better,
        )
    )
for _of, _word, _what, _better in _AVERAGED:
    CLASS_METRICS.add(
        ClassMetric(
            f"weighted_{_word.lower().replace(' ', '_')}",
            f"{_word[0].upper()}{_word[1:]}, weighted by class size",
            f"{_what[0].upper()}{_what[1:]}; the mean over all classes by how many of the group "
            "are truly of each (weighted average"
            + ("; always equal to accuracy)." if _word == "recall" else ")."),
            f"Σ over classes c of P[Y = c | A = a] · {METRICS[_of].name}(c)",
            _of,
            "weighted",
            _better,
        )
    )
