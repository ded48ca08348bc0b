"""What the functions return: figures to read, to show, to compute with and to keep."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core.audit.finding import Finding
from core.audit.result import AuditResult as Audited
from core.cli.options import write_text
from core.errors import InputError
from core.explanation.person.choosing import of_row
from core.explanation.person.scenario import scenario_of
from core.explanation.person.what_if import PersonEditor
from core.reporting.mlflow_logging import log_to_mlflow
from core.reporting.model_card import render_card
from core.reporting.report import render, to_json
from core.reporting.wording import plain
from equipoise import _frames
from equipoise._gate import GateResult, judged
from equipoise._model_card import ModelCard
from equipoise._what_if import WhatIfResult


class FairnessResult:
    """Fairness of decisions: every metric of every group, and what differs between groups.

    A notebook shows it as tables. All intervals are of 95 %; a figure that the data can't support
    is missing, with the reason beside it.

    Examples
    --------
    >>> import equipoise
    >>> found = equipoise.fairness(
    ...     [1, 0] * 50, [1, 1, 0, 0] * 25, sensitive=["a", "a", "b", "b"] * 25
    ... )
    >>> rates = found.to_frame().query("metric == 'selection_rate'").set_index("group")
    >>> rates["estimate"].to_dict()
    {'everyone': 0.5, 'a': 1.0, 'b': 0.0}
    """

    def __init__(self, found: Mapping[str, Any]):
        self._found: dict[str, Any] = json.loads(to_json(found))

    @property
    def _fairness(self) -> Mapping[str, Any]:
        return self._found

    @property
    def _title(self) -> str:
        return f"Fairness by {_frames.BETWEEN.join(self._fairness['attributes'])}"

    def to_frame(self) -> pd.DataFrame:
        """Return one row for each group and metric.

        Returns
        -------
        DataFrame
            ``by``, ``group``, ``count``, ``metric``, ``estimate``, ``low``, ``high``; ``reason``
            why a figure or its interval is not defined, ``too_small`` why a group is not judged.
        """
        return _frames.group_frame(self._fairness)

    def disparities(self) -> pd.DataFrame:
        """Return one row for each difference or ratio between groups.

        Returns
        -------
        DataFrame
            ``by``, ``disparity``, ``estimate``, ``low``, ``high``, ``between``, ``reason``.
        """
        return _frames.disparity_frame(self._fairness)

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain dictionaries, lists, texts and numbers."""
        return copy.deepcopy(self._found)

    def to_json(self) -> str:
        """Return everything as JSON, with null for what is not defined and the reason beside."""
        return to_json(self._found)

    def __repr__(self) -> str:
        sentences = [
            part["four_fifths"]["sentence"] for part in _frames.assessments(self._fairness)
        ]
        return "\n".join((self._title, *sentences))

    def _repr_html_(self) -> str:
        return _frames.page(self._title, _frames.group_tables(self._fairness))


class AuditResult(FairnessResult):
    """An audit: performance, fairness, what the checks found, and the report.

    Attributes
    ----------
    findings : tuple of Finding
        Most severe first.
    limits : tuple of str
        What this audit could not do, in sentences.
    """

    def __init__(
        self,
        found: Mapping[str, Any],
        limits: tuple[str, ...] = (),
        audited: Audited | None = None,
    ):
        super().__init__(found)
        self._audited = audited
        self._editor: PersonEditor | None = None
        self.findings = tuple(Finding(**item) for item in found["findings"])
        self.limits = limits

    @property
    def _fairness(self) -> Mapping[str, Any]:
        fairness: Mapping[str, Any] = self._found["fairness"]
        return fairness

    @property
    def _title(self) -> str:
        data, performance = self._found["dataset"], self._found["performance"]
        by = _frames.BETWEEN.join(self._fairness["attributes"])
        rows = "rows" if performance["evaluated_on"] == "all rows" else "test rows"
        brought = self._found["plan"].get("external_model")
        if brought and not brought["trained_on"] and rows == "test rows":
            rows = "audited rows"
        return f"Audit of {data['name']} by {by}: {performance['count']:,} {rows}"

    @property
    def _privacy(self) -> tuple[str, ...]:
        record = self._found["privacy"]
        if record.get("epsilon") is None:
            return ()
        return (f"Trained with ε = {plain(record['epsilon'])}, δ = {plain(record['delta'])}.",)

    @property
    def _model(self) -> tuple[str, ...]:
        """Say which model made elsewhere was asked, and how it fits the rows."""
        record, plan = self._found["external_model"], self._found["plan"].get("external_model")
        if record is None:
            return ()
        made_by = " ".join(part for part in (record["library"], record["version"]) if part)
        name = record["title"] if plan is None else plan["name"]
        parts = [name, record["format"], *([made_by] if made_by else [])]
        decides = "" if plan is None else f", decides positively from {plain(plan['threshold'])}"
        earlier = record["earlier_scores"]
        return (
            f"Model made elsewhere: {', '.join(parts)}, SHA-256 {record['sha256'][:12]}…{decides}.",
            *([record["unknown_values"]["told"]] if record["unknown_values"]["rows"] else []),
            *([] if earlier is None else [f"Earlier scores: {earlier['told']}"]),
        )

    def gate(
        self, policy: str | PathLike[str], *, fail_on: str | Sequence[str] | None = None
    ) -> GateResult:
        """Judge this audit by a policy, as ``equipoise gate`` does.

        Parameters
        ----------
        policy : str or path
            A preset, such as "default" or "four-fifths", or a policy's file.
        fail_on : str or sequence of str, optional
            What of "not-met", "not-enough-evidence" and "not-run" gives another exit status than
            0; all of them where nothing is said.

        Returns
        -------
        GateResult
            With ``outcome``, ``exit_status``, a table and Markdown.

        Raises
        ------
        InputError
            If there is no such policy, or nothing of that name could fail a build.
        """
        assert self._audited is not None
        return judged(self._audited, policy, fail_on)

    def what_if(self, row: int, edits: Mapping[str, object]) -> WhatIfResult:
        """Ask the model about one person with some features edited.

        Parameters
        ----------
        row : int
            Of the data that was audited, counted from 0; one that the model never saw.
        edits : mapping of str to object
            New values by feature; None where a value is to be missing.

        Raises
        ------
        InputError
            If there is no model to ask, the row isn't a test row, or a value can't be.

        Examples
        --------
        >>> import equipoise, numpy as np, pandas as pd
        >>> income = np.tile(np.arange(20), 20)
        >>> people = pd.DataFrame({
        ...     "income": income, "sex": ["f", "m"] * 200, "repaid": (income > 9).astype(int),
        ... })
        >>> result = equipoise.audit(
        ...     people, target="repaid", positive_label=1, sensitive="sex", explain=0
        ... )
        >>> answer = result.what_if(result.test_rows[0], {"income": 19})
        >>> answer.decision
        'repaid = 1 (favourable)'
        """
        if self._audited is None or self._audited.trained is None:
            raise InputError(
                "decisions are audited as they are, so there is no model to ask",
                where="what_if",
                remedy="Audit a model: leave prediction= and score= out",
            )
        dataset, trained = self._audited.dataset, self._audited.trained
        if self._editor is None:
            self._editor = PersonEditor(dataset, trained)
        if not isinstance(row, int | np.integer) or isinstance(row, bool):
            raise InputError("it must be a whole number", where=f"row {row!r}")
        position = of_row(dataset, trained, int(row))
        found = self._editor.parse(position, edits)
        scenario = scenario_of(self._editor, position, found, f"row {row}")
        return WhatIfResult(scenario, self._editor.dataset.decision_labels)

    @property
    def test_rows(self) -> tuple[int, ...]:
        """Rows that the model never saw, which can be asked about; empty without a model."""
        if self._audited is None or self._audited.trained is None:
            return ()
        rows = self._audited.dataset.rows[self._audited.trained.split.test]
        return tuple(int(row) for row in rows)

    def report(self, path: str | PathLike[str]) -> Path:
        """Write the whole report as one HTML file that opens offline.

        Returns
        -------
        Path
            Of the file.

        Raises
        ------
        InputError
            If it can't be written.
        """
        file = Path(path)
        write_text(file, render(self._found))
        return file

    def model_card(
        self,
        path: str | PathLike[str] | None = None,
        *,
        intended_use: str | None = None,
        license: str | None = None,
    ) -> ModelCard:
        """Return the audit as a Hugging Face model card; without a model it is a decision card.

        It is text, of which a notebook shows the page without its front matter.

        Parameters
        ----------
        path : str or PathLike, optional
            Where it is written too.
        intended_use : str, optional
            What the model is for, as you declare it.
        license : str, optional
            Of the model, as the Hub names it, such as "apache-2.0".

        Raises
        ------
        InputError
            If it can't be written.
        """
        text = ModelCard(render_card(self._found, intended_use=intended_use, licence=license))
        if path is not None:
            write_text(Path(path), text)
        return text

    def log_to_mlflow(self, experiment: str, *, tracking_uri: str | None = None) -> str:
        """Log figures, plan, report, JSON and card to MLflow, as a run of its own.

        It needs ``equipoise[mlflow]``. Everything in :meth:`to_dict` goes to that server.

        Parameters
        ----------
        experiment : str
            Name; it is made where there is none.
        tracking_uri : str, optional
            Address of the tracking server; else what MLflow is set to.

        Returns
        -------
        str
            The run's id.

        Raises
        ------
        InputError
            If MLflow isn't installed, no server is named, or it does not take the run.
        """
        return log_to_mlflow(self._found, experiment, tracking_uri)

    def __repr__(self) -> str:
        lines = [f"{item.severity}: {item.title}" for item in self.findings]
        return "\n".join((super().__repr__(), *self._model, *self._privacy, *lines, *self.limits))

    def _repr_html_(self) -> str:
        rows = [(f.severity, f.title, f.evidence, f.remedy) for f in self.findings]
        return _frames.page(
            self._title,
            _frames.paragraphs((*self._model, *self._privacy)),
            _frames.group_tables(self._fairness),
            _frames.table(("severity", "finding", "evidence", "what to do"), rows) if rows else "",
            _frames.paragraphs(self.limits),
        )
