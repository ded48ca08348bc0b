"""A model that a server answers for, from the options of a command: asked within its limits."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace

from core.cli.model_inputs_options import column_value, input_columns, named_identifiers
from core.cli.options import refuse_ignored
from core.data.roles.roles import Roles
from core.data.table import Table
from core.external_models.bring import Wishes, bring, roles_seen
from core.external_models.candidates import candidates_of
from core.external_models.external_spec import ExternalSpec
from core.external_models.fit_to_table import earlier_scores
from core.external_models.kept_matching import check_answers_as_before
from core.external_models.marked_rows import marked_rows
from core.external_models.matching import model_inputs
from core.external_models.objects import digest_of_scores
from core.external_models.opened import offer
from core.external_models.served.connection import BATCH, MOST_CALLS, ServedSpec
from core.external_models.served.served_model import open_served
from core.learning.external_model import positive_score


def bring_served_model(
    table: Table, roles: Roles, options: argparse.Namespace, kept: ExternalSpec | None
) -> tuple[Roles, ExternalSpec]:
    """Ask a server for the scores of all rows, which then stand for the model.

    Parameters
    ----------
    table, roles, options
        As :func:`core.cli.external_model.bring_model`.
    kept : ExternalSpec or None
        How inputs were matched before.

    Raises
    ------
    InputError
        If the server can't be asked, or answers otherwise than when the matching was written.
    """
    candidates = candidates_of(table, roles, named_identifiers(roles, options))
    given = {item.input: item.column for item in kept.matching.inputs} if kept else None
    columns = input_columns(options.input) if given is None else given
    served = ServedSpec(
        options.model,
        BATCH if options.model_batch is None else options.model_batch,
        MOST_CALLS if options.model_calls is None else options.model_calls,
    )
    if options.earlier_scores is not None:
        # Before anything is asked: a column that can't be read is a mistake in the command.
        earlier_scores(table, options.earlier_scores)
    if options.accept_types or options.accepted_by:
        refuse_ignored("--accept-types", "--model is an address, and no file with types")
    label = options.model_class or (kept.positive_class if kept else None)
    print(
        f"asking {options.model} for {len(candidates.features):,} rows: {served.calls}",
        file=sys.stderr,
    )
    model = open_served(served, candidates.features, label or candidates.positive_label, columns)
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
        )
        spec = bring(
            model, options.model, candidates.features, candidates.positive_label, wishes,
            constants=candidates.constants,
        )  # fmt: skip
    asked = model.score(model_inputs(spec.matching, model.facts, candidates.features))
    model.check_labels()
    digest = digest_of_scores(positive_score(asked, model.facts.classes, spec))
    if kept is not None:
        check_answers_as_before(kept, digest, f"--model {options.model}")
    spec = replace(spec, sha256=digest)
    model.name_by(digest)
    offer(spec, lambda: model)
    print(f"{model.cache.calls:,} calls made for {model.cache.rows:,} rows", file=sys.stderr)
    return roles_seen(roles, spec, named_identifiers(roles, options)), spec
