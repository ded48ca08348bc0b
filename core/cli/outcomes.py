"""``python -m core fairness`` for any number of classes and for amounts."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from core.audit.audit_options import IMPACT_OPTIONS
from core.cli.external_model import bring_outcome_model, fit_lines, refuse_model_options
from core.cli.options import (
    column_list,
    listed_columns,
    parse_edges,
    parse_kinds,
    read_options,
    refuse_ignored,
    write_text,
)
from core.data.reading.reading import read_path
from core.data.roles.merged_groups_text import parse_merged_groups
from core.data.roles.outcome_rows import OutcomeColumns, amount_rows, class_rows
from core.data.table import Repair
from core.errors import InputError
from core.external_models.predicted_outcomes import predicted_outcomes
from core.fairness.assessment.outcomes import Outcome, outcomes_json
from core.reporting.external_model_json import outcome_model_json
from core.storage.json_format import to_json


def outcomes(
    options: argparse.Namespace, inside: bool
) -> tuple[dict[str, Any], tuple[Repair, ...]]:
    """Assess a table's true and predicted classes or amounts, all columns together and each alone.

    Parameters
    ----------
    options : Namespace
    inside : bool
        Whether the rows would stay in an engine, which counts decisions of two labels only.

    Raises
    ------
    InputError
        If an option would be ignored, or the columns don't fit.
    """
    _check(options, inside)
    kind: Outcome = "multiclass" if options.multiclass else "regression"
    table = read_path(
        options.predictions, options=read_options(options), kinds=parse_kinds(options.kind)
    )
    sensitive = listed_columns(column_list(table), options.sensitive)
    columns = OutcomeColumns(
        options.label,
        options.prediction or "",
        sensitive,
        options.weight,
        parse_edges(options.edges),
        parse_merged_groups(options.merge_groups, sensitive),
        ()
        if options.identifier is None
        else listed_columns(column_list(table), options.identifier),
    )
    asked = None
    if options.model is not None:
        spec = bring_outcome_model(table, columns, options, kind)
        asked = predicted_outcomes(table, columns, spec)
        table, columns = asked.table, asked.columns
    rows = class_rows(table, columns) if options.multiclass else amount_rows(table, columns)
    favourable: tuple[str, ...] = ()
    if options.multiclass and options.favourable is not None:
        known = tuple(sorted({*map(str, rows.truth), *map(str, rows.prediction)}))
        favourable = listed_columns(known, options.favourable)
    found = outcomes_json(
        rows,
        kind,
        favourable=favourable,
        loss_bound=options.loss_bound,
    )
    if asked is not None:
        found |= outcome_model_json(asked.fit, spec)
        matching = Path(options.out).with_suffix(".matching.json")
        write_text(matching, json.dumps(to_json(spec), indent=2))
        print("\n".join((*fit_lines(asked.fit), f"wrote {matching}")), file=sys.stderr)
    return found, rows.repairs


def _check(options: argparse.Namespace, inside: bool) -> None:
    """Refuse what is missing and what would be ignored."""
    kind = "--multiclass" if options.multiclass else "--regression"
    if inside:
        raise InputError(
            "multiclass and regression figures are counted from a file that fits in memory",
            where=kind,
            remedy="Give one file of at most 200 MB as --predictions",
        )
    if (options.prediction is None) == (options.model is None):
        raise InputError(
            "one of them is needed: the column of predictions, or the model that predicts",
            where="--prediction and --model",
        )
    if options.model is None:
        refuse_model_options(options)
    if options.label is None:
        raise InputError(
            "the column of true values is needed: multiclass and regression figures compare with "
            "it",
            where="--label",
            remedy="Name it, or audit decisions of two labels, which can do without",
        )
    given = {
        "--score": options.score,
        "--threshold": options.threshold,
        "--reference": options.reference,
        "--against": options.against,
        "--control": options.control,
        **{item.flag: getattr(options, item.dest) or None for item in IMPACT_OPTIONS},
        "--adverse": options.adverse or None,
        "--favourable": options.favourable if options.regression else None,
        "--loss-bound": options.loss_bound if options.multiclass else None,
    }
    for option, value in given.items():
        if value is not None:
            refuse_ignored(option, f"{kind} has no use for it")
