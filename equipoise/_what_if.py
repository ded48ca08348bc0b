"""One person with some features edited, as a result to read, to show and to compute with."""

from __future__ import annotations

import copy
import json
from typing import Any

import pandas as pd

from core.cli.what_if import scenario_lines
from core.data.roles.decision_labels import DecisionLabels
from core.explanation.person.person import format_value
from core.explanation.person.scenario import Scenario, scenario_json
from core.numerals import signed
from core.reporting.report import to_json
from equipoise import _frames


class WhatIfResult:
    """What the model says of an edited person, beside the person as they are.

    Attributes
    ----------
    score, score_before : float
        On which the decision rests.
    decision, decision_before : str
        By label and meaning.
    distance, distance_before : float or None
        Score less the threshold; None where no single threshold decides.
    notes : tuple of str
        What else must be known: values the model never saw, decisions that are drawn.
    """

    def __init__(self, scenario: Scenario, called: DecisionLabels):
        self._scenario, self._called = scenario, called
        self._found: dict[str, Any] = json.loads(to_json(scenario_json(scenario, True)))
        self.score, self.score_before = scenario.after.score, scenario.before.score
        self.decision, self.decision_before = scenario.after.decision, scenario.before.decision
        self.distance, self.distance_before = scenario.after.distance, scenario.before.distance
        self.notes = scenario.notes

    def to_frame(self) -> pd.DataFrame:
        """Return one row for each feature, with its value and Shapley value before and after.

        Returns
        -------
        DataFrame
            ``feature``, ``before``, ``after``, ``change``: Shapley values in units of
            ``explains``; ``edited`` whether the feature was edited.
        """
        edited = {edit.feature for edit in self._scenario.edits}
        return pd.DataFrame(
            [
                {
                    "feature": item.feature,
                    "before": item.before,
                    "after": item.after,
                    "change": item.after - item.before,
                    "explains": self._scenario.explains,
                    "edited": item.feature in edited,
                }
                for item in self._scenario.reasons
            ]
        )

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain dictionaries, lists, texts and numbers."""
        return copy.deepcopy(self._found)

    def to_json(self) -> str:
        """Return everything as JSON."""
        return to_json(self._found)

    def __repr__(self) -> str:
        return "\n".join(scenario_lines(self._scenario, self._called))

    def _repr_html_(self) -> str:
        own = {edit.feature: edit.value for edit in self._scenario.own}
        before, after = self._scenario.before, self._scenario.after
        rows = [
            *(
                (
                    edit.feature,
                    *(
                        format_value(value, is_date=edit.feature in self._scenario.dates)
                        for value in (own[edit.feature], edit.value)
                    ),
                )
                for edit in self._scenario.edits
            ),
            ("score", f"{before.score:.4f}", f"{after.score:.4f}"),
            ("decision", before.decision, after.decision),
            *(
                (f"Shapley value of {item.feature}", signed(item.before, 4), signed(item.after, 4))
                for item in sorted(
                    self._scenario.reasons, key=lambda item: -abs(item.after - item.before)
                )[:5]
            ),
        ]
        return _frames.page(
            f"What if: row {self._scenario.row}",
            _frames.table(("", "as they are", "edited"), rows),
            _frames.paragraphs(self.notes),
        )
