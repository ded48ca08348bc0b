"""``equipoise impact-ratios``: tables of impact ratios alone, as auditors hand them over."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core.arrays import Flags
from core.cli.audit_roles import load_table
from core.cli.bias_audit import bias_audit_told
from core.cli.median_threshold import MEDIAN, parse_threshold
from core.cli.options import column_list, impact_told, listed_columns, refuse_ignored, write_text
from core.data.assign import assign
from core.data.labels import canonical, canonical_series, near
from core.data.roles.roles import Roles
from core.data.table import MISSING, Table
from core.errors import InputError
from core.fairness.assessment.impact_record import impact_json
from core.fairness.assessment.scoring_rate import scores_json
from core.fairness.bias_audit.record import (
    HEAD,
    PRESET,
    bias_audit_csv,
    bias_audit_json,
    bias_audit_rows,
    heading,
)
from core.fairness.bias_audit.spec import BiasAuditSpec
from core.fairness.bias_audit.table import bias_audit_table
from core.fairness.counts.cube import build_cube
from core.fairness.disparities.impact_cells import impact_cells
from core.fairness.disparities.impact_ratio import impact_ratios
from core.fairness.disparities.impact_standing import check_names, standing_by_name
from core.fairness.disparities.impact_words import left_out_told, reference_told
from core.fairness.metrics.impact_spec import ImpactSpec
from core.law.rules import FOUR_FIFTHS, rule

MOST_ANSWERS = 12
"""A column of more answers holds no named groups that a tool sorts people into."""


def impact_ratios_command(options: argparse.Namespace) -> None:
    """Print tables of impact ratios; write them where ``--out`` says, as JSON or CSV.

    Raises
    ------
    InputError
        If an option or the data cannot be used.
    """
    table, _ = load_table(options)
    if options.prediction is None and options.score is None:
        raise InputError(
            "a column of decisions or of scores is needed", where="--prediction and --score"
        )
    _refuse_of_other_table(options)
    impact = impact_told(options)
    spec = bias_audit_told(options, column_list(table), impact)
    if spec is None:
        _plain(table, options, impact)
        return
    if impact.told or impact.compare_unknown:
        raise InputError(
            "the rule's reference is the highest rate, and unknowns enter no rate",
            where="--impact-reference or --compare-unknown",
            remedy="Leave it out with this preset",
        )
    _bias_audit(table, spec, options)


_OF_PLAIN = ("sensitive", "threshold")


def _refuse_of_other_table(options: argparse.Namespace) -> None:
    """Refuse what only the plain tables use, beside the preset."""
    for name in _OF_PLAIN if options.preset == PRESET else ():
        if getattr(options, name):
            refuse_ignored(f"--{name}", f"with --preset {PRESET} nothing uses it")


def _check_plain(options: argparse.Namespace) -> None:
    if options.sensitive is None:
        raise InputError("at least one column to compare by is needed", where="--sensitive")
    if options.prediction is not None and options.favourable is None:
        raise InputError("the label counted as positive is needed", where="--favourable")
    if options.out is not None and options.out.endswith(".csv"):
        raise InputError(
            "these tables are written as JSON; CSV is of the preset",
            where=f"--out {options.out}",
            remedy="Name a file.json",
        )


def _plain(table: Table, options: argparse.Namespace, impact: ImpactSpec) -> None:
    _check_plain(options)
    sensitive = listed_columns(column_list(table), options.sensitive)
    only_scores = options.prediction is None and options.threshold is None
    threshold, notes = parse_threshold(
        MEDIAN if only_scores else options.threshold, table, options.score
    )
    roles = Roles(
        None,
        options.favourable or "positive",
        sensitive,
        positive_is_favourable=not options.adverse,
        prediction=options.prediction,
        score=options.score,
        threshold=threshold,
    )
    dataset = assign(table, roles)
    assert dataset.predictions is not None
    tables = (*((name,) for name in sensitive), *([sensitive] if sensitive[1:] else []))
    cubes = {
        columns: build_cube(None, dataset.predictions, dataset.sensitive[list(columns)])
        for columns in tables
    }
    stand = [standing_by_name(cube, impact) for cube in cubes.values()]
    check_names(impact.groups, stand, "--impact-reference")
    parts: list[dict[str, Any]] = []
    for columns, cube in cubes.items():
        groups = dataset.sensitive[list(columns)]
        found = impact_ratios(
            cube,
            positive_is_favourable=roles.positive_is_favourable,
            spec=impact,
        )
        part: dict[str, Any] = {"attributes": list(columns), "impact_ratios": impact_json(found)}
        if dataset.scores is not None:
            part |= scores_json(dataset.scores, groups, impact=impact)
        parts.append(part)
        print(f"By {' × '.join(columns)}. {reference_told(found)} {left_out_told(found)}".strip())
        _print(impact_cells(found))
    for note in (*notes, *dataset.repairs):
        print(f"{note.column or 'table'}: {note.what} ({note.count})", file=sys.stderr)
    print(rule(FOUR_FIFTHS).sentence)
    if options.out is not None:
        whole = {
            "tables": parts,
            "impact": impact.to_json(),
            "notes": [note.what for note in notes],
            "rule": rule(FOUR_FIFTHS).to_json(),
        }
        write_text(Path(options.out), json.dumps(whole, indent=2, sort_keys=True, allow_nan=False))


def _assessed(table: Table, options: argparse.Namespace) -> pd.DataFrame:
    """Keep the rows with a decision and a score; say how many have none."""
    frame = table.frame
    keep = np.ones(len(frame), dtype=np.bool_)
    for name in (options.prediction, options.score):
        if name is not None:
            if name not in column_list(table):
                raise InputError(
                    "there is no column of that name",
                    where=name,
                    remedy=near(name, column_list(table)),
                )
            given = frame[name].notna().to_numpy()
            if not given.any():
                raise InputError(
                    "it holds no value in any row, so there is nothing to audit",
                    where=f"column {name!r}",
                    remedy="Choose another column",
                )
            keep &= given
    if not keep.any():
        raise InputError(
            "no row has both a decision and a score, so there is nothing to audit",
            where=f"columns {options.prediction!r} and {options.score!r}",
            remedy="Name only one of them, or other columns",
        )
    frame = frame[keep].reset_index(drop=True)
    if not keep.all():
        lacking = int((~keep).sum())
        print(f"rows without a decision or a score were left out: {lacking}", file=sys.stderr)
    return frame


def _bias_audit(table: Table, spec: BiasAuditSpec, options: argparse.Namespace) -> None:
    frame = _assessed(table, options)
    scores = None
    if options.score is not None:
        if frame[options.score].dtype.kind not in "iuf":
            raise InputError("it holds no numbers", where=f"column {options.score!r}")
        scores = frame[options.score].to_numpy(dtype=np.float64)
    sex, race = (
        canonical_series(frame[name]).fillna(MISSING).astype(object)
        for name in (spec.sex, spec.race)
    )
    found = bias_audit_table(
        sex,
        race,
        spec,
        decisions=None
        if options.prediction is None
        else _answers(canonical_series(frame[options.prediction]), options),
        scores=scores,
    )
    record = bias_audit_json(found, datetime.now(UTC).date())
    for line in heading(record):
        print(line)
    _print([dict(zip(HEAD, row, strict=True)) for row in bias_audit_rows(record)])
    if options.out is not None:
        text = (
            bias_audit_csv(record)
            if options.out.endswith(".csv")
            else json.dumps(record, indent=2, sort_keys=True, allow_nan=False)
        )
        write_text(Path(options.out), text)


def _answers(said: Any, options: argparse.Namespace) -> dict[str, Flags]:
    """Say who got which answer: the favourable one, or each of several named groups."""
    answers = sorted(map(str, said.unique()))
    if options.favourable is not None:
        wanted = canonical(options.favourable)
        if wanted not in answers:
            raise InputError(
                "it is no answer in the column of decisions",
                where=f"--favourable {options.favourable}",
                remedy=f"Choose one of: {', '.join(answers[:10])}",
            )
        flags = (said == wanted).to_numpy(dtype=np.bool_)
        return {f"not {wanted}": ~flags} if options.adverse else {wanted: flags}
    if len(answers) <= 2 or len(answers) > MOST_ANSWERS:
        raise InputError(
            "the answer that counts as selected is needed", where="--favourable",
            remedy=f"Name one of: {', '.join(answers[:10])}",
        )  # fmt: skip
    return {name: (said == name).to_numpy(dtype=np.bool_) for name in answers}


def _print(rows: list[Any]) -> None:
    """Print rows as columns of text."""
    if not rows:
        return
    head = list(rows[0])
    cells = [head, *([_text(row[name]) for name in head] for row in rows)]
    widths = [max(len(line[i]) for line in cells) for i in range(len(head))]
    for line in cells:
        print(
            "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip()
        )
    print()


def _text(value: object) -> str:
    if value is None:
        return "not defined"
    return f"{value:.4f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
