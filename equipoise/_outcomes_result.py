"""What audits of classes and of amounts return."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from core.external_models.external_spec import ExternalSpec
from core.fairness.metrics.class_metrics import CLASS_METRICS
from core.fairness.metrics.metric_registry import METRICS
from core.fairness.metrics.regression_metrics import REGRESSION_METRICS
from core.reporting.wording import plain
from core.storage.json_format import from_json
from core.training.model_name import external_name
from equipoise import _frames
from equipoise._result import FairnessResult


class OutcomeResult(FairnessResult):
    """What the audits of classes and of amounts have in common.

    Attributes
    ----------
    limits : tuple of str
        What this audit could not do, and what is known to be doubtful of the data.
    """

    _what = ""

    def __init__(self, found: Mapping[str, Any]):
        super().__init__(found)
        self.limits: tuple[str, ...] = tuple(found["limits"])

    @property
    def _title(self) -> str:
        by = _frames.BETWEEN.join(self._found["attributes"])
        rows = self._found["overall"]["count"]
        return f"Audit of {self._what} in {self._found['name']} by {by}: {rows:,} rows"

    @property
    def _told(self) -> tuple[str, ...]:
        """What is said below the figures: the model that predicted, if one did, and limits."""
        if "external_model" not in self._found:
            return self.limits
        asked: ExternalSpec = from_json(
            ExternalSpec, self._found["plan"]["external_model"], "the model"
        )
        return (f"Predicted by {external_name(asked)}.", *self.limits)

    def _sentence(self, part: Mapping[str, Any]) -> str:
        raise NotImplementedError

    def __repr__(self) -> str:
        parts = [self._sentence(part) for part in _frames.assessments(self._found)]
        return "\n".join((self._title, *(line for line in parts if line), *self._told))


class MulticlassResult(OutcomeResult):
    """An audit of predicted classes: figures over all classes, and each class against the rest."""

    _what = "predicted classes"

    def to_frame(self) -> pd.DataFrame:
        """Return one row for each group and figure, over all classes and of each.

        Returns
        -------
        DataFrame
            As of :class:`FairnessResult`, and ``label``: the class that is set against the rest,
            missing for a figure over all classes.
        """
        parts = [_frames.group_frame(self._found, CLASS_METRICS.names()).assign(label=None)]
        parts += [
            _frames.group_frame(self._of_class(name)).assign(label=name)
            for name in self._found["classes"]
        ]
        return pd.concat(parts, ignore_index=True)

    def disparities(self) -> pd.DataFrame:
        """Return the largest gap between groups in each figure, over all classes and of each.

        The intervals of the classes' gaps hold together, so that the worst class may be picked.

        Returns
        -------
        DataFrame
            ``by``, ``label``, ``metric``, ``estimate``, ``low``, ``high``, ``between``, ``reason``.
        """
        rows = []
        for part in _frames.assessments(self._found):
            of = {None: part["disparities"], **part["class_gaps"]}
            rows += [
                {
                    "by": _frames.BETWEEN.join(part["attributes"]),
                    "label": name,
                    "metric": metric,
                    "estimate": item["estimate"],
                    "low": item["low"],
                    "high": item["high"],
                    "between": " and ".join(item["between"]),
                    "reason": item.get("reason"),
                }
                for name, gaps in of.items()
                for metric, item in gaps.items()
            ]
        return _frames.typed(rows)

    def _of_class(self, name: str) -> dict[str, Any]:
        by = {each: part["by_class"][name] for each, part in self._found["by_attribute"].items()}
        return {**self._found["by_class"][name], "by_attribute": by}

    def _sentence(self, part: Mapping[str, Any]) -> str:
        parts = []
        for metric, item in part["largest_class_gaps"].items():
            if not item["between"]:
                continue
            between = " and ".join(item["between"])
            parts.append(
                f"{METRICS[metric].title}: class {item['class']}, "
                f"{_frames.interval(item['estimate'], item['low'], item['high'])} between {between}"
            )
        return f"The class with the largest gap. {'; '.join(parts)}." if parts else ""

    def _repr_html_(self) -> str:
        shown = ("accuracy", "macro_recall", "macro_precision", "macro_f1")
        titles = {name: CLASS_METRICS[name].title for name in shown}
        tables = _frames.group_tables(self._found, titles, self._sentence)
        return _frames.page(self._title, tables, _frames.paragraphs(self._told))


class RegressionResult(OutcomeResult):
    """An audit of predicted amounts: how far off they are in each group."""

    _what = "predicted amounts"

    def to_frame(self) -> pd.DataFrame:
        """Return one row for each group and figure.

        Returns
        -------
        DataFrame
            As of :class:`FairnessResult`.
        """
        return _frames.group_frame(self._found, REGRESSION_METRICS.names())

    def disparities(self) -> pd.DataFrame:
        """Return the largest difference and the smallest ratio between groups in each figure.

        Returns
        -------
        DataFrame
            ``by``, ``metric``, ``disparity`` ("difference" or "ratio"), ``estimate``, ``low``,
            ``high``, ``between``, ``reason``.
        """
        rows = [
            {
                "by": _frames.BETWEEN.join(part["attributes"]),
                "metric": metric,
                "disparity": kind,
                "estimate": item[kind]["estimate"],
                "low": item[kind]["low"],
                "high": item[kind]["high"],
                "between": " and ".join(item["between"]),
                "reason": item[kind].get("reason"),
            }
            for part in _frames.assessments(self._found)
            for metric, item in part["disparities"].items()
            for kind in ("difference", "ratio")
        ]
        return _frames.typed(rows)

    def _sentence(self, part: Mapping[str, Any]) -> str:
        bounded = part.get("bounded_group_loss")
        if bounded is None:
            return ""
        verdict = {
            "within": "holds: every group that is large enough to judge stays within",
            "above": "fails: a group is above",
            "unclear": "is unclear: the data can't tell whether every group stays within",
        }[bounded["verdict"]]
        return f"Bounded group loss {verdict} a mean absolute error of {plain(bounded['bound'])}."

    def _repr_html_(self) -> str:
        shown = ("mean_absolute_error", "root_mean_squared_error", "mean_error", "r_squared")
        titles = {name: REGRESSION_METRICS[name].title for name in shown}
        tables = _frames.group_tables(self._found, titles, self._sentence)
        return _frames.page(self._title, tables, _frames.paragraphs(self._told))
