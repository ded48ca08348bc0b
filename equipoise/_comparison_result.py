"""Two audits against each other, as a result to read, to show and to compute with."""

from __future__ import annotations

from typing import Any

import pandas as pd

from core.cli.compare import comparison_text
from core.comparison.paired.paired_result import PairedComparison
from core.reporting.audit_comparison import AuditComparison
from core.reporting.paired_json import paired_json, paired_lines, title_of
from core.reporting.report import to_json
from equipoise import _frames


class ComparisonResult:
    """Two audits against each other: every difference with an interval and a verdict.

    Attributes
    ----------
    notes : tuple of str
        Who judges the two models on the same people, or why that can't be.
    """

    def __init__(
        self, found: AuditComparison, paired: PairedComparison | None = None, why: str = ""
    ):
        self._found, self._paired = found, paired
        self.notes: tuple[str, ...] = (why,) if paired is None else paired.notes

    def to_frame(self) -> pd.DataFrame:
        """Return one row for each figure that both audits have.

        Returns
        -------
        DataFrame
            ``kind``, ``by``, ``group``, ``figure``, ``a``, ``b``, ``difference`` (B − A), ``low``,
            ``high``, ``verdict``, ``after_holm`` and ``reason``.
        """
        return pd.DataFrame(
            [
                {
                    "kind": item.kind,
                    "by": item.by,
                    "group": item.group,
                    "figure": item.name,
                    "a": item.a.estimate,
                    "b": item.b.estimate,
                    "difference": item.difference.estimate,
                    "low": item.difference.low,
                    "high": item.difference.high,
                    "verdict": item.verdict,
                    "after_holm": item.after_holm,
                    "reason": item.difference.reason,
                }
                for item in self._found.figures
            ]
        ).astype(dict.fromkeys(("a", "b", "difference", "low", "high"), "float64"))

    def same_people(self) -> pd.DataFrame:
        """Return how the two models differ on the rows that neither was trained on.

        Each person's two decisions are compared, which tells more than two separate figures.

        Returns
        -------
        DataFrame
            ``group`` ("everyone", a group, or missing for a gap between groups), ``figure``,
            ``a``, ``b``, ``difference`` (B − A), ``low``, ``high`` and ``reason``; empty where
            ``notes`` say why.
        """
        found, rows = self._paired, []
        parts: list[tuple[str | None, dict[str, Any]]] = []
        if found is not None:
            parts = [("everyone", found.everyone), *found.groups.items()]
            parts.append((None, found.disparities))
        for group, figures in parts:
            rows += [
                {
                    "group": group,
                    "figure": name,
                    "a": item.a,
                    "b": item.b,
                    "difference": item.difference.estimate,
                    "low": item.difference.low,
                    "high": item.difference.high,
                    "reason": item.difference.reason,
                }
                for name, item in figures.items()
            ]
        numbers = ("a", "b", "difference", "low", "high")
        frame = pd.DataFrame(rows, columns=["group", "figure", *numbers, "reason"])
        return frame.astype(dict.fromkeys(numbers, "float64"))

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain dictionaries, lists, texts and numbers."""
        told = None if self._paired is None else paired_json(self._paired)
        return self._found.to_json() | {"same_people": told}

    def to_json(self) -> str:
        """Return everything as JSON."""
        return to_json(self.to_dict())

    def __repr__(self) -> str:
        lines = comparison_text(self._found, "the first audit", "the second audit")
        return "\n".join((*lines, "", "ON THE SAME PEOPLE", *(f"  {x}" for x in self._told)))

    @property
    def _told(self) -> tuple[str, ...]:
        return self.notes if self._paired is None else tuple(paired_lines(self._paired))

    def _repr_html_(self) -> str:
        shown = self.to_frame().drop(columns=["kind", "reason"])
        return _frames.page(
            "Audit B against audit A",
            _frames.paragraphs([*self._found.people.sentences, self._found.multiplicity]),
            _frames.table(list(shown.columns), _cells(shown)),
            "<h4>On the same people</h4>",
            _frames.paragraphs(self._told),
            self._paired_table(),
        )

    def _paired_table(self) -> str:
        shown = self.same_people().drop(columns="reason").query("group == 'everyone'")
        shown = shown.assign(figure=[title_of(name) for name in shown["figure"]])
        return _frames.table(list(shown.columns), _cells(shown)) if len(shown) else ""


def _cells(frame: pd.DataFrame) -> list[list[str]]:
    def cell(value: object) -> str:
        if isinstance(value, float):
            return "–" if value != value else f"{value:.3f}".replace("-", "−")
        return "" if value is None else str(value)

    return [[cell(value) for value in row] for row in frame.itertuples(index=False)]
