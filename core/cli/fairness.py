"""``python -m core fairness``: the fairness of existing predictions."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

from core.audit.audit_options import READING_OPTIONS
from core.cli.external_model import refuse_model_options
from core.cli.median_threshold import MEDIAN, number_told, parse_threshold, score_needed
from core.cli.options import (
    NAME_IT,
    column_list,
    impact_told,
    listed_columns,
    parse_edges,
    parse_kinds,
    read_options,
    refuse_ignored,
    write_text,
)
from core.cli.outcomes import outcomes
from core.data.assign import assign
from core.data.labels import near
from core.data.reading.reading import read_path
from core.data.roles.merged_groups_text import parse_merged_groups
from core.data.roles.outcome_rows import named_groups
from core.data.roles.roles import Roles
from core.data.sources.engine_source import Source, columns_of, stays_in_engine
from core.data.table import MISSING, Repair, Table
from core.errors import InputError
from core.fairness.assessment.assess import fairness_json
from core.fairness.assessment.comparison_record import control_json, reference_json
from core.fairness.assessment.scoring_rate import scores_json
from core.fairness.counts.cube import OutcomeCube, build_cube
from core.fairness.disparities.impact_standing import check_names
from core.fairness.disparities.reference import BEST, OVERALL, REST
from core.installation import PROGRAM

COMPARED_AMONG_THEMSELVES = f"Rows without a value are compared with one another, as {MISSING}."
"""What becomes of the rows that lack a value of a control column."""


def fairness(options: argparse.Namespace) -> None:
    """Run ``fairness``: write the fairness object of existing predictions.

    Raises
    ------
    InputError
        If an option or the data cannot be used.
    """
    inside = _in_engine(options)
    if options.multiclass or options.regression:
        found, repairs = outcomes(options, inside)
    else:
        _check(options, inside)
        found, repairs = _counted(options) if inside else _read(options)
    found["repairs"] = [asdict(repair) for repair in repairs]
    write_text(Path(options.out), json.dumps(found, indent=2, sort_keys=True, allow_nan=False))
    for repair in repairs:
        print(f"{repair.column or 'table'}: {repair.what} ({repair.count})", file=sys.stderr)
    print(f"wrote {options.out}", file=sys.stderr)


def _check(options: argparse.Namespace, inside: bool) -> None:
    if options.model is not None:
        raise InputError(
            "a model is asked here for amounts or classes, and decisions with two outcomes are "
            "those of an audit",
            where=f"--model {options.model}",
            remedy=f"Add --regression or --multiclass, or audit it: {PROGRAM} audit --model FILE",
        )
    refuse_model_options(options)
    if options.prediction is None and options.score is None:
        raise InputError(
            "a column of decisions or of scores is needed", where="--prediction and --score"
        )
    if options.favourable is None:
        raise InputError(
            "the label counted as positive is needed",
            where="--favourable",
            remedy=NAME_IT if options.label is None and options.prediction is None else None,
        )
    if options.loss_bound is not None:
        refuse_ignored(
            "--loss-bound", "decisions are not regression: there are no predicted numbers"
        )
    if inside and options.control is not None:
        refuse_ignored("--control", "an engine gives counts only, without the control columns")
    if inside and options.identifier is not None:
        refuse_ignored(
            "--identifier",
            "an engine counts rows, and intervals from its counts take every row for a person; "
            "where persons have several rows they are too narrow",
        )
    if options.reference in (OVERALL, REST, BEST):
        raise InputError(
            "it wants the name of a group",
            where=f"--reference {options.reference}",
            remedy=f"Write --against {options.reference}",
        )


def _in_engine(options: argparse.Namespace) -> bool:
    """Whether the rows stay where they are and only counts are taken out."""
    if (options.connect is None) != (options.table is None):
        raise InputError("they go together", where="--connect and --table")
    if (options.connect is None) == (options.predictions is None):
        raise InputError(
            "exactly one of them is needed", where="--predictions and --connect with --table"
        )
    inside = options.connect is not None or stays_in_engine(options.predictions)
    if inside:
        for option in READING_OPTIONS:
            if option.is_given(options):
                refuse_ignored(option.flag, "an engine knows its columns")
    return inside


def _counted(options: argparse.Namespace) -> tuple[dict[str, Any], tuple[Repair, ...]]:
    from core.fairness.engine.engine import count_in_engine, engine_fairness_json

    source = Source(options.connect or options.predictions, options.table)
    threshold, notes = _threshold_in_engine(source, options)
    counted = count_in_engine(source, _existing_roles(options, columns_of(source), threshold))
    found = engine_fairness_json(counted, impact_told(options))
    _check_references(found, options)
    _compare(found, counted.cube, options)
    return found, (*notes, *counted.repairs)


def _threshold_in_engine(
    source: Source, options: argparse.Namespace
) -> tuple[float | None, tuple[Repair, ...]]:
    """Read the threshold; a median is found where the scores are."""
    if options.threshold != MEDIAN:
        return (None if options.threshold is None else number_told(options.threshold)), ()
    from core.fairness.engine.engine_median import median_in_engine

    if options.score is None:
        raise score_needed()
    found = median_in_engine(source, options.score, options.label)
    return found.threshold, (found.repair(options.score),)


def _read(options: argparse.Namespace) -> tuple[dict[str, Any], tuple[Repair, ...]]:
    table = read_path(
        options.predictions, options=read_options(options), kinds=parse_kinds(options.kind)
    )
    threshold, notes = parse_threshold(options.threshold, table, options.score, options.label)
    roles = _existing_roles(options, column_list(table), threshold)
    dataset = assign(table, roles)
    assert dataset.predictions is not None
    found = fairness_json(
        dataset.outcome,
        dataset.predictions,
        dataset.sensitive,
        scores=dataset.scores,
        weights=dataset.weights,
        persons=dataset.persons,
        positive_is_favourable=roles.positive_is_favourable,
        impact=impact_told(options),
    )
    _check_references(found, options)
    if dataset.scores is not None:
        impact = impact_told(options)
        whole = scores_json(
            dataset.scores, dataset.sensitive, dataset.weights, dataset.persons, impact
        )
        found["mean_differences"] = whole["mean_differences"]
        # Scoring rates of the columns alone stand with those of all together, as they always have.
        found["scoring"] = {"together": whole["scoring"], "by_attribute": {}}
        for part, (name,) in _alone(found):
            alone = scores_json(
                dataset.scores, dataset.sensitive[[name]], dataset.weights, dataset.persons, impact
            )
            found["scoring"]["by_attribute"][name] = alone["scoring"]
            part["mean_differences"] = alone["mean_differences"]
    cube = build_cube(
        dataset.outcome, dataset.predictions, dataset.sensitive, dataset.weights, dataset.persons
    )
    _compare(found, cube, options)
    repairs = [*notes, *dataset.repairs]
    if options.control is not None:
        columns = listed_columns(column_list(table), options.control)
        frame = _control(table, columns, roles).iloc[dataset.rows].reset_index(drop=True)
        found["control"] = control_json(
            dataset.outcome,
            dataset.predictions,
            dataset.sensitive,
            named_groups(frame, columns, {}, repairs, unknown_rows=COMPARED_AMONG_THEMSELVES),
            dataset.weights,
            dataset.persons,
            positive_is_favourable=roles.positive_is_favourable,
        )
    return found, tuple(repairs)


def _compare(found: dict[str, Any], cube: OutcomeCube, options: argparse.Namespace) -> None:
    """Compare with a reference, where asked to."""
    favourable = not options.adverse
    if options.reference is not None:
        found["reference"] = reference_json(
            cube, options.reference, positive_is_favourable=favourable
        )
    if options.against is not None:
        for part, names in ((found, cube.attributes), *_alone(found)):
            part["reference"] = reference_json(
                cube.marginal(names), options.against, positive_is_favourable=favourable
            )


def _check_references(found: dict[str, Any], options: argparse.Namespace) -> None:
    """Refuse a reference that is compared in no table: it would be ignored."""
    tables = [found, *(part for part, _ in _alone(found))]
    stand = [{g["group"]: g["standing"] for g in t["impact_ratios"]["groups"]} for t in tables]
    check_names(impact_told(options).groups, stand, "--impact-reference")


def _alone(found: dict[str, Any]) -> list[tuple[dict[str, Any], tuple[str, ...]]]:
    return [(part, (name,)) for name, part in found["by_attribute"].items()]


def _control(table: Table, columns: tuple[str, ...], roles: Roles) -> pd.DataFrame:
    """Take the control columns, which are none of those that the audit is about."""
    taken = (roles.target, roles.prediction, roles.score, roles.weight, *roles.sensitive)
    if not columns:
        raise InputError(
            "it names no column", where="--control", remedy="Name one or more, or leave it out"
        )
    for name in columns:
        if name not in column_list(table):
            raise InputError(
                "there is no column of that name",
                where=f"--control {name}",
                remedy=near(name, column_list(table)),
            )
        if name in taken or columns.count(name) > 1:
            raise InputError(
                "the column has a meaning already",
                where=f"--control {name}",
                remedy="Choose a column of its own",
            )
    return table.frame[list(columns)]


def _existing_roles(
    options: argparse.Namespace, columns: tuple[str, ...], threshold: float | None
) -> Roles:
    sensitive = listed_columns(columns, options.sensitive)
    named = () if options.identifier is None else listed_columns(columns, options.identifier)
    return Roles(
        target=options.label,
        positive_label=options.favourable,
        sensitive=sensitive,
        identifiers=named,
        positive_is_favourable=not options.adverse,
        weight=options.weight,
        prediction=options.prediction,
        score=options.score,
        threshold=threshold,
        edges=parse_edges(options.edges),
        merged_groups=parse_merged_groups(options.merge_groups, sensitive),
    )
