"""What a cross-validation found, and the comparison of two models over its splits."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from core.comparison.cross_validation.corrected_test import CorrectedTest, corrected_test
from core.comparison.cross_validation.folds import FoldSpec
from core.comparison.cross_validation.power_of_splits import LEVEL, POWER
from core.comparison.wording import Names, title_of
from core.data.table import Repair
from core.errors import InputError
from core.fairness.metrics.assessment import Figure
from core.training.spec import TrainingSpec

SIMULATION = (
    "A simulation: the private model was trained with noise drawn from seeds, once for each fold, "
    "and charged nothing. No privacy guarantee covers these figures."
)


@dataclass(frozen=True)
class FoldResult:
    """One model on one fold.

    Attributes
    ----------
    repeat, fold : int
        Counted from 0.
    tested, trained : int
        Rows of the fold, and rows trained on.
    figures : dict of str to Figure
        Every metric of everyone and every disparity, by name.
    """

    repeat: int
    fold: int
    tested: int
    trained: int
    figures: dict[str, Figure]


@dataclass(frozen=True)
class CrossValidated:
    """One model over all folds that are done.

    Attributes
    ----------
    name : str
    spec : TrainingSpec
    folds : FoldSpec
    attributes : tuple of str
        Sensitive columns whose groups the disparities compare.
    fingerprint : str
        Of the dataset.
    results : tuple of FoldResult
        In order of repeat and fold.
    repairs : tuple of Repair
        Rows that were left out of all folds.
    private : bool
        Whether the learner is private, which makes this a simulation.
    """

    name: str
    spec: TrainingSpec
    folds: FoldSpec
    attributes: tuple[str, ...]
    fingerprint: str
    results: tuple[FoldResult, ...] = ()
    repairs: tuple[Repair, ...] = ()
    private: bool = False

    @property
    def label(self) -> str | None:
        """What must stand beside figures of a private model, None for an ordinary one."""
        return SIMULATION if self.private else None

    def values(self, figure: str) -> tuple[tuple[float | None, ...], ...]:
        """Fold × repeat values: for each repeat one of each fold, None where undefined or not done.

        Raises
        ------
        InputError
            If there is no metric or disparity of that name.
        """
        title_of(figure)
        known = {(r.repeat, r.fold): r.figures[figure].estimate for r in self.results}
        return tuple(
            tuple(known.get((repeat, fold)) for fold in range(self.folds.folds))
            for repeat in range(self.folds.repeats)
        )

    def undefined(self, figure: str) -> dict[str, int]:
        """In how many splits a figure is undefined, by reason."""
        title_of(figure)
        return dict(
            Counter(
                str(r.figures[figure].reason)
                for r in self.results
                if r.figures[figure].estimate is None
            )
        )

    def mean(self, figure: str) -> float | None:
        """Mean over the splits in which a figure is defined; None where it is in none."""
        found = [v for row in self.values(figure) for v in row if v is not None]
        return sum(found) / len(found) if found else None


@dataclass(frozen=True)
class CrossValidatedComparison:
    """Two models compared in one figure over the splits that both have.

    Attributes
    ----------
    figure : str
        Registered name of a metric or disparity.
    names : tuple of (str, str)
    differences : tuple of float
        Second minus first, split by split.
    test : CorrectedTest
    splits : str
        How to call the splits.
    left_out : dict of str to int
        Splits in which the figure is undefined for a model, by reason.
    positive_is_favourable : bool
    """

    figure: str
    names: Names
    differences: tuple[float, ...]
    test: CorrectedTest
    splits: str
    left_out: dict[str, int]
    positive_is_favourable: bool = True

    def sentence(self) -> str:
        """Say in one sentence what was found, and in a second what was left out."""
        favourable = self.positive_is_favourable
        text = self.test.sentence(self.figure, self.names, self.splits, favourable)
        out = sum(self.left_out.values())
        if out:
            text += (
                f" {out} {'split is' if out == 1 else 'splits are'} left out, in which the "
                f"{title_of(self.figure, favourable)} is not defined for both."
            )
        return text


def compare_cross_validated(
    a: CrossValidated,
    b: CrossValidated,
    figure: str,
    *,
    level: float = LEVEL,
    power: float = POWER,
    positive_is_favourable: bool = True,
) -> CrossValidatedComparison:
    """Compare two models in a figure by the corrected resampled t-test.

    Parameters
    ----------
    a, b : CrossValidated
        From one call of :func:`core.comparison.cross_validation.cross_validation.cross_validate`,
        finished or not.
    figure : str
        Registered name of a metric or disparity.
    level, power : float
        In (0, 1).
    positive_is_favourable : bool

    Raises
    ------
    InputError
        If the two were not made on the same folds, or no split is done.
    """
    title_of(figure)
    if _same(a) != _same(b):
        raise InputError(
            "they were not cross-validated on the same folds and groups, so they can't be paired",
            where=f"models {a.name} and {b.name}",
            remedy="Cross-validate them together",
        )
    first = {(r.repeat, r.fold): r for r in a.results}
    pairs = [(first[key], r) for r in b.results if (key := (r.repeat, r.fold)) in first]
    if not pairs:
        raise InputError(
            "no split is done for both models yet", where=f"models {a.name} and {b.name}"
        )
    differences, left_out = [], Counter[str]()
    for one, other in pairs:
        x, y = one.figures[figure], other.figures[figure]
        if x.estimate is None or y.estimate is None:
            left_out[str(x.reason if x.estimate is None else y.reason)] += 1
        else:
            differences.append(y.estimate - x.estimate)
    ratio = sum(p.tested / p.trained for p, _ in pairs) / len(pairs)
    complete = len(pairs) == a.folds.folds * a.folds.repeats
    text = a.folds.label if complete and not left_out else f"{len(differences)} splits"
    return CrossValidatedComparison(
        figure,
        (a.name, b.name),
        tuple(differences),
        corrected_test(differences, ratio, level=level, power=power),
        text,
        dict(left_out),
        positive_is_favourable,
    )


def _same(found: CrossValidated) -> tuple[object, ...]:
    """Collect what two must share to have been tested on the same rows, fold by fold."""
    return found.fingerprint, found.folds, found.attributes, found.repairs
