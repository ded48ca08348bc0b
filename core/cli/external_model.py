"""A model made elsewhere, from the options of a command: opened, matched, put at hand, told."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.audit.audit_options import EXTERNAL_OPTIONS
from core.cli.model_inputs_options import (
    class_labels,
    column_value,
    input_columns,
    named_identifiers,
)
from core.cli.options import refuse_ignored
from core.cli.served_model import bring_served_model
from core.data.roles.outcome_rows import OutcomeColumns
from core.data.roles.roles import Roles
from core.data.table import Table
from core.errors import InputError
from core.external_models.bring import Wishes, bring, roles_seen
from core.external_models.candidates import Candidates, candidates_for_outcomes, candidates_of
from core.external_models.external_spec import AskedFor, ExternalSpec
from core.external_models.fit_to_table import FitToTable, earlier_scores
from core.external_models.kept_matching import as_before, read_matching
from core.external_models.marked_rows import marked_rows
from core.external_models.opened import offer, scorer_of
from core.external_models.predicted_outcomes import check_class_labels, true_labels
from core.external_models.sandbox.model_process import open_model

MATCHING_FILE = "matching.json"
"""Beside a report: how the model's inputs were matched, for the command that repeats it."""


def bring_model(
    table: Table, roles: Roles, options: argparse.Namespace
) -> tuple[Roles, ExternalSpec | None]:
    """Open and match the model that is named, if one is.

    Returns
    -------
    tuple of the roles, with the columns that the model sees as their features, and the model.

    Raises
    ------
    InputError
        If the file can't be read or used, an input or class is not settled, or an option would be
        ignored.
    """
    if options.model is None:
        refuse_model_options(options)
        return roles, None
    if roles.audits_existing_predictions and not decides(options):
        raise InputError(
            "existing predictions are audited as they are, so the model would not be asked",
            where=f"--model {options.model}",
            remedy="Leave the model out, or leave the prediction and score columns out",
        )
    if options.learner is not None or options.epsilon is not None:
        refuse_ignored(
            "--learner" if options.learner is not None else "--epsilon",
            "the model of --model is asked as it is",
        )
    candidates = candidates_of(table, roles, named_identifiers(roles, options))
    spec = _brought(table, candidates, options)
    return roles_seen(roles, spec, named_identifiers(roles, options)), spec


def decides(options: argparse.Namespace) -> bool:
    """Whether a model's decisions are audited without outcomes: nothing else is named."""
    named = (options.target, options.prediction, options.score)
    return options.model is not None and not any(named)


def refuse_model_options(options: argparse.Namespace) -> None:
    """Refuse what only a model would take notice of, where none is named.

    Raises
    ------
    InputError
        If any of it was said.
    """
    if getattr(options, "class_label", None):
        refuse_ignored("--class-label", "no --model is given")
    for option in EXTERNAL_OPTIONS:
        if option.is_given(options):
            refuse_ignored(option.flag, "no --model is given")


def bring_outcome_model(
    table: Table, columns: OutcomeColumns, options: argparse.Namespace, asked_for: AskedFor
) -> ExternalSpec:
    """Open and match the model that stands in the place of a column of classes or amounts.

    Parameters
    ----------
    table : Table
    columns : OutcomeColumns
        Of which the column of predictions is not there yet.
    options : Namespace
    asked_for : {"multiclass", "regression"}

    Raises
    ------
    InputError
        As :func:`bring_model`.
    """
    for flag, said in (
        ("--model-class", options.model_class),
        ("--model-threshold", options.model_threshold),
    ):
        if said is not None:
            refuse_ignored(flag, "no class is set against the rest by a threshold")
    labels = true_labels(table, columns) if asked_for == "multiclass" else ()
    candidates = candidates_for_outcomes(table, columns)
    spec = _brought(table, candidates, options, asked_for, labels)
    check_class_labels(spec, scorer_of(spec).facts, labels)
    return spec


def _brought(
    table: Table,
    candidates: Candidates,
    options: argparse.Namespace,
    asked_for: AskedFor = "binary",
    labels: tuple[str, ...] = (),
) -> ExternalSpec:
    """Open the named model, match it and put it at hand."""
    kept = _kept(options, asked_for)
    if options.model.startswith(("http://", "https://")):
        return bring_served_model(table, candidates, options, kept, asked_for, labels)
    for name in ("model_calls", "model_batch"):
        if getattr(options, name) is not None:
            refuse_ignored(f"--{name.replace('_', '-')}", "--model is no address of a server")
    path = Path(options.model)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(
            f"it can't be read ({error.strerror})", where=f"--model {options.model}"
        ) from None
    accepted = kept.accepted_types if kept else tuple(options.accept_types)
    accepted_by = kept.accepted_by if kept else (options.accepted_by or "")
    if options.accepted_by and not accepted:
        refuse_ignored("--accepted-by", "no --accept-types is given")
    if accepted and not accepted_by:
        raise InputError(
            "types of a file are accepted by a person who is named",
            where="--accept-types",
            remedy="Say who: --accepted-by NAME",
        )
    model = open_model(data, path.name, accepted_types=accepted)
    if kept is not None:
        where = f"--matching {options.matching}"
        spec = as_before(kept, model.facts, path.name, options.earlier_scores, where)
        offer(spec, lambda: model)
    else:
        wishes = Wishes(
            input_columns(options.input, [item.name for item in model.facts.inputs]),
            options.accept_inputs,
            options.model_class,
            0.5 if options.model_threshold is None else options.model_threshold,
            accepted,
            accepted_by,
            marked_rows(
                table, column_value(options.trained_on, "--trained-on", table), "--trained-on"
            ),
            options.earlier_scores,
            asked_for,
            class_labels(options),
        )
        spec = bring(
            model,
            path.name,
            candidates.features,
            candidates.positive_label,
            wishes,
            constants=candidates.constants,
        )
    if spec.earlier_scores is not None:
        # Before anything is asked: a column that can't be read is a mistake in the command.
        earlier_scores(table, spec.earlier_scores, amounts=asked_for == "regression")
    return spec


def fit_lines(fit: FitToTable | None) -> list[str]:
    """Say how a model made elsewhere fits the table; empty where none was brought."""
    if fit is None:
        return []
    facts = fit.facts
    made_by = " ".join(part for part in (facts.library, facts.version) if part)
    lines = [
        f"{facts.title}, {facts.format}{f' by {made_by}' if made_by else ''}, "
        f"SHA-256 {facts.sha256[:12]}…",
        *(f"  {note}" for note in (*facts.notes, *fit.decision_notes)),
        f"  {fit.unknown_sentence}",
    ]
    for item in fit.unknown:
        values = ", ".join(f"{value} ({count:,})" for value, count in item.values[:8])
        more = f" and {len(item.values) - 8} more" if len(item.values) > 8 else ""
        lines.append(f"    {item.where}: {values}{more}")
    if fit.unused:
        lines.append(f"  columns that it doesn't see: {', '.join(fit.unused)}")
    if fit.earlier is not None:
        lines.append(
            f"  earlier {fit.earlier.what} in {fit.earlier_column}: {fit.earlier.sentence}"
        )
        for row, before, now in fit.earlier.shown[:5]:
            lines.append(f"    row {row}: {before:.6g} before, {now:.6g} now")
    return lines


def _kept(options: argparse.Namespace, asked_for: AskedFor) -> ExternalSpec | None:
    """Read how inputs were matched before, where a file says so."""
    if options.matching is None:
        return None
    settled = {
        "--input": options.input,
        "--accept-inputs": options.accept_inputs,
        "--model-class": options.model_class,
        "--model-threshold": options.model_threshold,
        "--trained-on": options.trained_on,
        "--accept-types": options.accept_types,
        "--accepted-by": options.accepted_by,
        "--class-label": getattr(options, "class_label", None),
    }
    given = [flag for flag, said in settled.items() if said not in (None, False, "", [], ())]
    if given:
        refuse_ignored(", ".join(given), "--matching says it all")
    return read_matching(options.matching, f"--matching {options.matching}", asked_for)
