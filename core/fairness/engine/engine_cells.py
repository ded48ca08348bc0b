"""Cells that came out of an engine, on their way to cubes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from core.arrays import Array, Flags, Floats, Ints
from core.data.labels import (
    canonical,
    check_predictions,
    match_label,
    one_class,
    positive_label,
)
from core.data.roles.merged_groups import in_order
from core.data.roles.role_checks import check_roles, no_row
from core.data.roles.roles import Roles
from core.data.sources.engine_columns import Typed, described, typed
from core.data.sources.engine_source import Source
from core.data.table import Column, Repair
from core.errors import InputError
from core.fairness.counts.cube import OutcomeCube
from core.fairness.counts.grouping import Grouping, group_rows
from core.fairness.counts.score_cube import BINS, ScoreCube
from core.fairness.engine.engine_counted import Counted as Counted
from core.fairness.engine.engine_groups import cell_groups
from core.fairness.engine.engine_query import INFINITE, Binning


class Cells:
    """The cells that came out, on their way to cubes."""

    def __init__(
        self,
        found: Any,
        roles: Roles,
        edges: dict[str, tuple[float, ...]],
        binning: Binning | None,
        columns: dict[str, Column],
        source: Source,
        notes: list[Repair],
    ) -> None:
        self.found = found
        self.roles = roles
        self.edges = edges
        self.binning = binning
        self.notes = notes
        self.count = self._column("count").astype(np.int64)
        self.keep = np.ones(len(self.count), dtype=np.bool_)
        self.target = None if roles.target is None else self._typed("target", roles.target)
        self.prediction = (
            None if roles.prediction is None else self._typed("prediction", roles.prediction)
        )
        self.sensitive = {
            name: self._typed(f"s{i}", name)
            for i, name in enumerate(roles.sensitive)
            if name not in edges
        }
        known = dict(columns)
        for item in (self.target, self.prediction, *self.sensitive.values()):
            if item is not None:
                known[item.column.name] = item.column
        check_roles(described(known, source), roles)

    def counted(self) -> Counted:
        """Leave out, recode and group, in the order of :func:`core.data.assign.assign`."""
        self._leave_out()
        positive, label = self._labels()
        decision = self._decisions(positive)
        groups = self._groups()
        self._check_weights()
        keep = self.keep
        grouping = group_rows(groups)
        self.group_of = np.full(len(self.count), -1)
        self.group_of[keep] = grouping.codes
        cell = grouping.codes * 4 + label * 2 + decision
        weight, squared = self._weights()
        g = len(grouping.groups)
        cube = OutcomeCube(
            grouping.attributes,
            grouping.groups,
            _summed(cell, self.count[keep], (g, 2, 2)).astype(np.int64),
            _summed(cell, weight, (g, 2, 2)),
            _summed(cell, squared, (g, 2, 2)),
            self.roles.weight is not None,
            self.target is not None,
        )
        scores = None
        if self.binning is not None:
            scores = self._scores(self.binning, grouping, label, weight, squared)
        resolved = replace(
            self.roles,
            positive_label=positive,
            edges=tuple(self.edges.items()),
            merged_groups=in_order(self.roles.sensitive, self.roles.merged_groups),
        )
        return Counted(cube, scores, resolved, tuple(self.notes))

    def _column(self, name: str) -> Array:
        return np.asarray(self.found.column(name).to_numpy())

    def _typed(self, key: str, name: str) -> Typed:
        made = typed(name, self.found.column(key), self.count)
        self.notes.extend(made.repairs)
        return made

    def _code(self, key: str, name: str) -> Ints:
        """Codes of bins, INFINITE where there is no number; infinities are counted."""
        code = self.found.column(key).to_pandas()
        infinite = int(self.count[(code == INFINITE).to_numpy()].sum())
        if infinite:
            self.notes.append(Repair("Infinite values were read as missing.", infinite, name))
        out: Ints = code.fillna(INFINITE).to_numpy(dtype=np.int64)
        return out

    def _score_bins(self, binning: Binning) -> Ints:
        """Place scores in the bins of a search among the edges, INFINITE where there is none."""
        if binning.infinite:
            what = "Infinite values were read as missing."
            self.notes.append(Repair(what, binning.infinite, str(self.roles.score)))
        step = self.found.column("bin").to_pandas()
        # A row that came in after the range was found falls into a bin at the end.
        out: Ints = (step + 1).clip(0, BINS + 1).fillna(INFINITE).to_numpy(dtype=np.int64)
        return out

    def _leave_out(self) -> None:
        lacks = []
        for role, item in (("target", self.target), ("prediction", self.prediction)):
            if item is not None:
                lacks.append((role, item.column.name, item.values.isna().to_numpy()))
        if self.binning is not None:
            self.bins = self._score_bins(self.binning)
            lacks.append(("score", str(self.roles.score), self.bins == INFINITE))
        for role, name, lacking in lacks:
            rows = int(self.count[lacking & self.keep].sum())
            if rows:
                self.notes.append(Repair(f"Rows without a {role} were left out.", rows, name))
            self.keep &= ~lacking
        if not self.keep.any():
            raise InputError(
                no_row(self.roles),
                where=f"column {self.roles.labelled or self.roles.score!r}",
                remedy="Choose columns that hold values in the same rows",
            )

    def _labels(self) -> tuple[str, Flags]:
        """Find the positive label, and which cells have it as their outcome: none without one."""
        cells = int(self.keep.sum())
        holder = self.target or self.prediction
        if holder is None:
            return canonical(self.roles.positive_label), np.zeros(cells, dtype=np.bool_)
        name = holder.column.name
        where = f"column {name!r}"
        labels = holder.labels[self.keep]
        rows = pd.Series(self.count[self.keep]).groupby(labels).sum()
        available = tuple(str(name) for name in rows.index)
        if self.target is None:
            positive = match_label(self.roles.positive_label, available, where=where)
        else:
            said = None if self.prediction is None else self.prediction.labels[self.keep]
            predicted = None if said is None else tuple(str(label) for label in set(said))
            positive = positive_label(self.roles.positive_label, available, predicted, where=where)
            if len(rows) == 1:
                text = one_class(available[0], positive)
                self.notes.append(Repair(text, int(rows.iloc[0]), name))
        if len(rows) > 2:
            others = [(str(label), int(n)) for label, n in rows.items() if label != positive]
            text = ", ".join(f"{name!r} ({n})" for name, n in others[:10])
            text += f" and {len(others) - 10} more" if len(others) > 10 else ""
            what = f"{positive!r} ({int(rows[positive])}) is set against the rest: {text}."
            self.notes.append(Repair(what, sum(n for _, n in others), name))
        if self.target is None:
            return positive, np.zeros(cells, dtype=np.bool_)
        return positive, np.asarray(labels == positive, dtype=np.bool_)

    def _decisions(self, positive: str) -> Flags:
        if self.prediction is None:
            return self._column("above")[self.keep].astype(np.bool_)
        predicted = self.prediction.labels[self.keep]
        if self.target is not None:
            labels = tuple(sorted(set(self.target.labels[self.keep])))
            name = self.prediction.column.name
            check_predictions(labels, tuple(sorted(set(predicted))), column=name)
        return np.asarray(predicted == positive, dtype=np.bool_)

    def _groups(self) -> pd.DataFrame:
        keep = self.keep
        cells: dict[str, Ints | pd.Series] = {}
        for position, name in enumerate(self.roles.sensitive):
            if name in self.edges:
                cells[name] = self._code(f"s{position}", name)[keep]
            else:
                cells[name] = self.sensitive[name].values[keep]
        merged_groups = self.roles.merged_groups
        return cell_groups(cells, self.edges, self.count[keep], self.notes, merged_groups)

    def _check_weights(self) -> None:
        if self.roles.weight is None:
            return
        where = f"column {self.roles.weight!r}"
        bad = int(self._column("unusable")[self.keep].sum())
        if bad:
            raise InputError(
                f"a weight is missing or negative in {bad:,} row{'s' * (bad > 1)}",
                where=where,
                remedy="Give every row a weight of zero or more, or choose no weight",
            )
        weight, squared = self._weights()
        if not (0 < weight.sum() < np.inf and 0 < squared.sum() < np.inf):
            raise InputError(
                "the weights add up to zero or to no finite number",
                where=where,
                remedy="Choose another column, or none",
            )

    def _weights(self) -> tuple[Floats, Floats]:
        if self.roles.weight is None:
            rows = self.count[self.keep].astype(np.float64)
            return rows, rows
        return (
            self._column("weight")[self.keep].astype(np.float64),
            self._column("squared")[self.keep].astype(np.float64),
        )

    def _scores(
        self,
        binning: Binning,
        grouping: Grouping,
        label: Flags,
        weight: Floats,
        squared: Floats,
    ) -> ScoreCube:
        edges = binning.edges()
        b, g = len(edges) + 1, len(grouping.groups)
        bins = self.bins[self.keep]
        cell = (grouping.codes * 2 + label) * b + bins
        least, most = np.full(b, np.inf), np.full(b, -np.inf)
        np.minimum.at(least, bins, self._column("least")[self.keep])
        np.maximum.at(most, bins, self._column("most")[self.keep])
        sums = self._column("score_weight")[self.keep].astype(np.float64)
        return ScoreCube(
            grouping.attributes,
            grouping.groups,
            edges,
            _summed(cell, self.count[self.keep], (g, 2, b)).astype(np.int64),
            _summed(cell, weight, (g, 2, b)),
            _summed(cell, squared, (g, 2, b)),
            _summed(cell, sums, (g, 2, b)),
            least >= most,
            self.roles.weight is not None,
            has_outcome=self.target is not None,
        )


def _summed(cell: Ints, values: Array, shape: tuple[int, ...]) -> Floats:
    found = np.bincount(cell, values, minlength=int(np.prod(shape)))
    return found.reshape(shape).astype(np.float64)
