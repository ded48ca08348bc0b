"""A model that a server answers for, from the options of a command: asked within its limits."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace

from core.cli.model_inputs_options import class_labels, column_value, input_columns
from core.cli.options import refuse_ignored
from core.data.table import Table
from core.external_models.bring import Wishes, bring
from core.external_models.candidates import Candidates
from core.external_models.external_spec import AskedFor, ExternalSpec
from core.external_models.fit_to_table import earlier_scores
from core.external_models.kept_matching import check_answers_as_before
from core.external_models.marked_rows import marked_rows
from core.external_models.matching import model_inputs
from core.external_models.objects import digest_of_scores
from core.external_models.opened import offer
from core.external_models.served.answers import Wanted
from core.external_models.served.connection import BATCH, MOST_CALLS, ServedSpec
from core.external_models.served.served_model import open_served
from core.learning.external_model import positive_score


def bring_served_model(
    table: Table,
    candidates: Candidates,
    options: argparse.Namespace,
    kept: ExternalSpec | None,
    asked_for: AskedFor = "binary",
    labels: tuple[str, ...] = (),
) -> ExternalSpec:
    """Ask a server for the scores of all rows, which then stand for the model.

    Parameters
    ----------
    table : Table
    candidates : Candidates
        What its inputs may be matched to.
    options : Namespace
    kept : ExternalSpec or None
        How inputs were matched before.
    asked_for : {"binary", "multiclass", "regression"}
    labels : tuple of str
        True ones, where it is asked for classes.

    Raises
    ------
    InputError
        If the server can't be asked, or answers otherwise than when the matching was written.
    """
    given = {item.input: item.column for item in kept.matching.inputs} if kept else None
    columns = input_columns(options.input) if given is None else given
    served = ServedSpec(
        options.model,
        BATCH if options.model_batch is None else options.model_batch,
        MOST_CALLS if options.model_calls is None else options.model_calls,
    )
    if options.earlier_scores is not None:
        # Before anything is asked: a column that can't be read is a mistake in the command.
        earlier_scores(table, options.earlier_scores, amounts=asked_for == "regression")
    if options.accept_types or options.accepted_by:
        refuse_ignored("--accept-types", "--model is an address, and no file with types")
    label = options.model_class or (kept.positive_class if kept else None)
    print(
        f"asking {options.model} for {len(candidates.features):,} rows: {served.calls}",
        file=sys.stderr,
    )
    wanted: Wanted = label or candidates.positive_label
    if asked_for != "binary":
        wanted = labels if asked_for == "multiclass" else None
    model = open_served(served, candidates.features, wanted, columns)
    if kept is not None:
        earlier = options.earlier_scores or kept.earlier_scores
        spec = replace(kept, name=options.model, earlier_scores=earlier)
    else:
        wishes = Wishes(
            columns,
            options.accept_inputs,
            options.model_class if model.facts.classes else None,
            0.5 if options.model_threshold is None else options.model_threshold,
            trained_on=marked_rows(
                table, column_value(options.trained_on, "--trained-on", table), "--trained-on"
            ),
            earlier_scores=options.earlier_scores,
            asked_for=asked_for,
            class_labels=class_labels(options),
        )
        spec = bring(
            model, options.model, candidates.features, candidates.positive_label, wishes,
            constants=candidates.constants,
        )  # fmt: skip
    asked = model.score(model_inputs(spec.matching, model.facts, candidates.features))
    model.check_labels()
    if asked_for == "binary":
        asked = positive_score(asked, model.facts.classes, spec)
    digest = digest_of_scores(asked)
    if kept is not None:
        check_answers_as_before(kept, digest, f"--model {options.model}")
    spec = replace(spec, sha256=digest)
    model.name_by(digest)
    offer(spec, lambda: model)
    print(f"{model.cache.calls:,} calls made for {model.cache.rows:,} rows", file=sys.stderr)
    return spec
