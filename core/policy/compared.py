"""One figure compared between the groups of one attribute, or of one intersection.

Groups, figures and intervals are those of :mod:`core.fairness`; here the rows of an audit are only
brought to them with a policy's own least count. Groups that are too small or of unknown value enter
nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from core.audit.decided_rows import DecidedRows, decided_rows
from core.audit.result import AuditResult
from core.data.dataset import NO_OUTCOME
from core.fairness.assessment.assess import measure_scores
from core.fairness.assessment.scoring_rate import scoring_rates
from core.fairness.counts.cube import OutcomeCube, build_cube
from core.fairness.counts.grouping import group_rows
from core.fairness.counts.known_groups import known_positions, unknown_count
from core.fairness.disparities.disparities import compare
from core.fairness.disparities.judged_gap import TOO_FEW
from core.fairness.metrics.assessment import Disparity, Figure
from core.fairness.metrics.constant_decisions import constant_counts
from core.fairness.metrics.group_measurement import (
    NO_SCORES,
    Measured,
    MeasuredScores,
    Measurement,
    Sampling,
)
from core.fairness.metrics.judged_groups import judged_positions, left_out
from core.fairness.metrics.metric_registry import METRICS, REJECTION_RATE, GroupMetric
from core.policy.figures import PolicyFigure

LEVEL = 0.95
"""Of all intervals of a policy."""


@dataclass(frozen=True, eq=False)
class Compared:
    """A figure in the judged groups of one attribute or intersection.

    Attributes
    ----------
    attributes : tuple of str
    disparity : Disparity
        Among the judged groups; undefined where there are fewer than two.
    measurements : tuple of Measurement
        Of the judged groups, in the order of ``groups``.
    groups : tuple of str
    rows : tuple of int
        Of each judged group.
    left_out : tuple of str
        Known groups that are too small to judge, or without the figure.
    unknown : int
        Rows of unknown group.
    inapplicable : str
        Why the figure can't be asked for; empty where it can.
    trivial : str
        What says that equal rates tell nothing; empty where they do tell.
    """

    attributes: tuple[str, ...]
    disparity: Disparity
    measurements: tuple[Measurement, ...] = ()
    groups: tuple[str, ...] = ()
    rows: tuple[int, ...] = ()
    left_out: tuple[str, ...] = ()
    unknown: int = 0
    inapplicable: str = ""
    trivial: str = ""

    @property
    def figure(self) -> Figure:
        """The largest gap, or the smallest ratio, with its interval over all pairs."""
        return self.disparity.figure


@dataclass(eq=False)
class GroupReader:
    """Reads figures of groups from one audit; scores are measured once for each attribute.

    Attributes
    ----------
    result : AuditResult
    """

    result: AuditResult
    rows: DecidedRows = field(init=False)
    _scoring: dict[tuple[str, ...], OutcomeCube] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.rows = decided_rows(self.result.dataset, self.result.trained)

    @property
    def favours_positive(self) -> bool:
        """Whether the positive decision is the favourable one."""
        return self.result.dataset.roles.positive_is_favourable

    def cube(self, attributes: tuple[str, ...], *, scoring: bool = False) -> OutcomeCube:
        """Count decisions, or scores above the median, by group."""
        if not scoring:
            found = self.result.assessments.get(attributes)
            if found is not None and found.cube is not None:
                return found.cube
            rows = self.rows
            return build_cube(
                rows.target,
                rows.decisions,
                rows.sensitive[list(attributes)],
                rows.weights,
                rows.persons,
            )
        if attributes not in self._scoring:
            rows = self.rows
            assert isinstance(rows.scores, np.ndarray)
            found = scoring_rates(
                rows.scores, rows.sensitive[list(attributes)], rows.weights, rows.persons
            )[0].assessment
            assert found.cube is not None
            self._scoring[attributes] = found.cube
        return self._scoring[attributes]

    def compare(
        self,
        figure: PolicyFigure,
        attributes: tuple[str, ...],
        minimum_count: int,
        *,
        judged_only: bool = True,
    ) -> Compared:
        """Compare the groups that are large enough; all known ones where they are not judged."""
        definition = figure.compares
        assert definition is not None
        why = self._inapplicable(figure)
        if why:
            return _without(figure, attributes, why)
        cube = self.cube(attributes, scoring=figure.of == "scoring")
        known, unknown = known_positions(cube), unknown_count(cube)
        if len(known) < 2:
            many = "no group" if len(known) == 0 else "only one group"
            why = f"{' × '.join(attributes)} has {many} of known value"
            return _without(figure, attributes, why, unknown)
        measured = self._measured(figure, cube, attributes)
        judged = judged_positions(cube, definition.metrics, minimum_count)
        if not judged_only:
            judged = known
        chosen = np.array(
            [
                p
                for p in judged.tolist()
                if all(
                    m.reasons()[p] is None and m.gaps_in_intervals()[p] is None for m in measured
                )
            ],
            dtype=np.int64,
        )
        apart = left_out(cube, chosen)
        if len(chosen) < 2:
            reason = next((r for m in measured for r in m.reasons() if r), TOO_FEW)
            few = Figure(None, reason=TOO_FEW if len(judged) < 2 else reason)
            return Compared(
                attributes, Disparity(figure.name, few), left_out=apart, unknown=unknown
            )
        kept = tuple(m.chosen(chosen) for m in measured)
        names, labels = (tuple(each[p] for p in chosen) for each in (cube.names, cube.labels))
        found = compare(
            definition, list(kept), names, LEVEL, Sampling(), self.favours_positive, labels
        )
        rows = tuple(int(cube.count[p].sum()) for p in chosen)
        return Compared(
            attributes,
            found,
            kept,
            names,
            rows,
            apart,
            unknown,
            trivial=self._trivial(figure, cube),
        )

    def pair(
        self, figure: PolicyFigure, found: Compared, measurement: int, first: int, second: int
    ) -> Disparity:
        """Compare two of the judged groups by themselves, in one of the measured figures."""
        assert figure.compares is not None
        return compare(
            figure.compares,
            [found.measurements[measurement].chosen(np.array([first, second]))],
            (found.groups[first], found.groups[second]),
            LEVEL,
            Sampling(),
            self.favours_positive,
        )

    def _measured(
        self, figure: PolicyFigure, cube: OutcomeCube, attributes: tuple[str, ...]
    ) -> list[Measurement]:
        assert figure.compares is not None
        if figure.of == "favourable" and not self.favours_positive:
            return [Measured(REJECTION_RATE, cube)]
        if figure.of != "scores":
            out: list[Measurement] = []
            for name in figure.compares.metrics:
                metric = METRICS[name]
                assert isinstance(metric, GroupMetric)
                out.append(Measured(metric, cube))
            return out
        rows = self.rows
        assert rows.target is not None
        assert isinstance(rows.scores, np.ndarray)
        grouping = group_rows(rows.sensitive).marginal(attributes)
        scores = measure_scores(grouping, rows.target, rows.scores, rows.weights, rows.persons)
        found = []
        for name in figure.compares.metrics:
            metric = METRICS[name]
            assert not isinstance(metric, GroupMetric)
            found.append(MeasuredScores(metric, scores[name], len(grouping.groups)))
        return [*found]

    def _inapplicable(self, figure: PolicyFigure) -> str:
        assert figure.compares is not None
        needs = any(METRICS[name].needs_outcome for name in figure.compares.metrics)
        if needs and self.rows.target is None:
            return NO_OUTCOME
        if figure.of in ("scores", "scoring"):
            if isinstance(self.rows.scores, str):
                return self.rows.scores
            if self.rows.scores is None:
                return NO_SCORES
        return ""

    def _trivial(self, figure: PolicyFigure, cube: OutcomeCube) -> str:
        """Say so where nearly everybody gets the same decision, so that rates can't differ much.

        A ratio of a rare favourable decision is judged by its own interval.
        """
        if figure.of not in ("favourable", "decisions"):
            return ""
        same = constant_counts(int(cube.count[:, :, 1].sum()), int(cube.count.sum()))
        if same is None:
            return ""
        if figure.of == "favourable" and same.decision != self.favours_positive:
            return ""
        return f"{same.told(self.favours_positive)}: equal rates of such decisions say nothing"


def _without(
    figure: PolicyFigure, attributes: tuple[str, ...], why: str, unknown: int = 0
) -> Compared:
    return Compared(
        attributes,
        Disparity(figure.name, Figure(None, reason=why)),
        unknown=unknown,
        inapplicable=why,
    )
