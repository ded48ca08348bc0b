"""What a private release returns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from core.fairness.assessment.record import to_json as assessment_json
from core.fairness.metrics.assessment import Figure
from core.privacy.release.private_fairness import read_fairness
from core.privacy.release.release import Release
from core.privacy.release.release_figures import read_counts, read_number
from core.privacy.release.release_guarantee import guarantee_of_release
from core.privacy.release.release_plan import CountsPlan, FairnessPlan
from core.reporting.report import to_json
from core.reporting.wording import plain
from core.storage.json_format import to_json as written
from equipoise import _frames


class ReleaseResult:
    """A private release: figures made of noisy counts, and what is guaranteed of them.

    Attributes
    ----------
    guarantee : str
        The guarantee, in words.
    covers, leaves_out : tuple of str
        What the guarantee is of, and what it is not of.
    epsilon : float
        Of this release.
    charged : float
        ε that this call charged: 0 where the same was released before.
    left : float
        ε that is left of the cap of the data set.
    """

    def __init__(self, found: Release, left: float, *, charged: float, name: str):
        self._release = found
        self._name = name
        stated = guarantee_of_release(found)
        self.guarantee, self.covers, self.leaves_out = (
            stated.statement,
            stated.covers,
            stated.leaves_out,
        )
        self.epsilon, self.charged, self.left = found.plan.epsilon, charged, left
        self._fairness = _fairness(found)

    @property
    def promise(self) -> str:
        """What ``guarantee`` was called; goes with the next release."""
        return self.guarantee

    @property
    def _title(self) -> str:
        return f"Private release of {self._name}: {self._release.plan.what}"

    @property
    def _spent(self) -> str:
        paid = (
            f"ε = {plain(self.charged)} was charged"
            if self.charged
            else f"It was released before for ε = {plain(self.epsilon)}, and costs nothing more"
        )
        return f"{paid}; ε = {plain(self.left)} is left of the cap."

    def to_frame(self) -> pd.DataFrame:
        """Return the figures; each interval of 95 % holds the noise.

        Returns
        -------
        DataFrame
            Of counts one row for each cell, by its values: ``noisy``, the noisy count; ``count``,
            whose interval holds the table's own; ``share``, whose interval holds the population's;
            ``reason`` why a share is not defined. Of a mean or quantile the rows "these rows" and
            "population", whose figure the interval holds: ``estimate``, ``low``, ``high``,
            ``counted``, ``reason``. Of fairness as of :class:`equipoise._result.FairnessResult`.
        """
        if self._fairness is not None:
            return _frames.group_frame(self._fairness)
        if isinstance(self._release.plan, CountsPlan):
            return self._cells()
        number = read_number(self._release)
        figures = (number.rows, number.population)
        frame = pd.DataFrame(
            [_ends(figure) | {"counted": number.counted} for figure in figures],
            index=pd.Index(["these rows", "population"], name="of"),
        )
        return frame.assign(reason=_texts([figure.reason for figure in figures], frame.index))

    def disparities(self) -> pd.DataFrame:
        """Return differences and ratios between groups, as of an audit.

        Empty unless fairness was released.
        """
        if self._fairness is None:
            return pd.DataFrame()
        return _frames.disparity_frame(self._fairness)

    def to_dict(self) -> dict[str, Any]:
        """Return plan, guarantee and noisy counts as plain dictionaries, lists and numbers."""
        record: dict[str, Any] = written(self._release)
        return record | {
            "guarantee": self.guarantee,
            "promise": self.guarantee,  # what it was called; goes with the next release
            "covers": list(self.covers),
            "leaves_out": list(self.leaves_out),
        }

    def to_json(self) -> str:
        """Return the same as JSON."""
        return to_json(self.to_dict())

    def _cells(self) -> pd.DataFrame:
        found, plan = read_counts(self._release), self._release.plan
        assert isinstance(plan, CountsPlan)
        index = pd.MultiIndex.from_tuples(
            [cell.labels for cell in found.cells], names=[axis.name for axis in plan.axes]
        )
        rows = [
            {"noisy": cell.noisy} | _ends(cell.count, "count") | _ends(cell.share, "share")
            for cell in found.cells
        ]
        frame = pd.DataFrame(rows, index=index)
        return frame.assign(reason=_texts([cell.share.reason for cell in found.cells], index))

    def __repr__(self) -> str:
        return "\n".join((self._title, self._spent, self.guarantee))

    def _repr_html_(self) -> str:
        if self._fairness is not None:
            tables = _frames.group_tables(self._fairness)
        else:
            tables = self._table()
        return _frames.page(
            self._title,
            _frames.paragraphs((self._spent, self.guarantee)),
            tables,
            _frames.paragraphs((f"The guarantee leaves out: {'; '.join(self.leaves_out)}.",)),
        )

    def _table(self) -> str:
        if isinstance(self._release.plan, CountsPlan):
            head = [*(axis.name for axis in self._release.plan.axes), "count", "share of all rows"]
            cells = read_counts(self._release).cells
            return _frames.table(
                head, [[*cell.labels, _rows(cell.count), _shown(cell.share)] for cell in cells]
            )
        number = read_number(self._release)
        rows = [("these rows", number.rows), ("population", number.population)]
        head = ["of", self._release.plan.what]
        return _frames.table(head, [[who, _shown(figure)] for who, figure in rows])


def _fairness(found: Release) -> dict[str, Any] | None:
    if not isinstance(found.plan, FairnessPlan):
        return None
    # Without the cube: impact ratios of it would take noisy counts for exact ones.
    read = {
        names: assessment_json(replace(item, cube=None))
        for names, item in read_fairness(found).assessments.items()
    }
    every = tuple(axis.name for axis in found.plan.axes)
    return read[every] | {"by_attribute": {name: read[(name,)] for name in every}}


def _ends(figure: Figure, name: str = "") -> dict[str, Any]:
    before, middle = (f"{name}_", name) if name else ("", "estimate")
    ends = {middle: figure.estimate, f"{before}low": figure.low, f"{before}high": figure.high}
    return {what: float("nan") if value is None else float(value) for what, value in ends.items()}


def _texts(values: Sequence[str | None], index: pd.Index) -> pd.Series:
    return pd.Series(list(values), index=index, dtype=object)


def _rows(count: Figure) -> str:
    return f"{count.estimate:,.0f} ({count.low:,.0f} to {count.high:,.0f})"


def _shown(figure: Figure) -> str:
    if figure.estimate is None:
        return f"not defined: {figure.reason}"
    return _frames.interval(figure.estimate, figure.low, figure.high)
