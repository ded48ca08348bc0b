"""A model made elsewhere in audit.json: its file, and how it fits the table."""

from __future__ import annotations

from typing import Any

from core.data.roles.group_labels import label_of_name
from core.external_models.external_spec import ExternalSpec
from core.external_models.fit_to_table import FitToTable
from core.external_models.proposals import describe
from core.external_models.recomputed import SAME, Recomputed
from core.storage.json_format import to_json


def external_model_json(fit: FitToTable | None) -> dict[str, Any] | None:
    """Write down what a model's file says and what it doesn't know of the rows."""
    if fit is None:
        return None
    facts = fit.facts
    return {
        "title": facts.title,
        "format": facts.format,
        "library": facts.library,
        "version": facts.version,
        "sha256": facts.sha256,
        "size_bytes": facts.size,
        "notes": [*facts.notes, *fit.decision_notes],
        "inputs": [
            {
                "input": match.input,
                "column": match.column,
                "matched": match.how,
                "told": "As it is." if match.how == "same" else describe(match),
            }
            for match in fit.matching.inputs
        ],
        "columns_not_used": list(fit.unused),
        "unknown_values": {
            "rows": fit.unknown_rows,
            "of": fit.rows,
            "attribute": fit.column,
            "by_group": [
                {
                    "group": {fit.column: name},
                    "label": label_of_name((fit.column,), name),
                    "rows": (fit.unknown_by_group or {}).get(name, 0),
                    "of": count,
                }
                for name, count in fit.groups.items()
            ],
            "told": fit.unknown_sentence,
            "by_input": to_json(fit.unknown),
        },
        "earlier_scores": _earlier(fit.earlier_column, fit.earlier),
    }


def outcome_model_json(fit: FitToTable, spec: ExternalSpec) -> dict[str, Any]:
    """Write down a model that predicted amounts or classes, beside their figures.

    Returns
    -------
    dict
        ``external_model`` as in audit.json, and ``plan`` with the model as it was asked.
    """
    return {
        "external_model": external_model_json(fit),
        "plan": {"external_model": to_json(spec)},
    }


def _earlier(column: str | None, found: Recomputed | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "column": column,
        "what": found.what,
        "rows": found.rows,
        "without": found.without,
        "largest_difference": found.largest,
        "differing": found.differing,
        "differing_from": SAME,
        "relative": found.what == "amounts",
        "decisions_that_flip": found.flips,
        "at_split_points": found.at_split,
        "told": found.sentence,
        "most_different": [
            {"row": row, "earlier": before, "recomputed": now} for row, before, now in found.shown
        ],
    }
