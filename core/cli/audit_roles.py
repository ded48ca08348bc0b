"""The table and the roles of an audit, from its options and a sample's presets."""

from __future__ import annotations

import argparse
from dataclasses import replace

from core.cli.options import (
    column_list,
    edges_told,
    kinds_told,
    listed_columns,
    read_options,
    refuse_ignored,
)
from core.data.codes import codes_in
from core.data.reading.reading import read_path
from core.data.roles.assign import default_roles
from core.data.roles.merged_groups_text import read_together
from core.data.roles.roles import Roles
from core.data.samples import SAMPLES, Sample, load_sample, sample_for
from core.data.table import Repair, Table
from core.errors import InputError


def load_table(options: argparse.Namespace) -> tuple[Table, Sample | None]:
    """Read the table, and name the sample that it is, by its name or to the byte."""
    read, kinds = read_options(options), kinds_told(options.kind)
    if options.data in SAMPLES:
        for name in ("encoding", "delimiter", "sheet", "kind", "header_line", "notation"):
            if getattr(options, name):
                option = f"--{name.replace('_', '-')}"
                refuse_ignored(option, "a sample is read as its data dictionary says")
        return load_sample(options.data), SAMPLES[options.data]
    table = read_path(options.data, options=read, kinds=kinds)
    sample = sample_for(table.provenance.sha256)
    if sample is not None and read is None and not kinds:
        # The very bytes of a sample: its public data dictionary holds for them too.
        return read_path(options.data, kinds=sample.kinds), sample
    return table, None


def audit_roles(
    table: Table, sample: Sample | None, options: argparse.Namespace
) -> tuple[Roles, tuple[Repair, ...]]:
    """Assign roles as told, else as the sample presets them, else by default.

    Returns
    -------
    tuple of the roles, and what was left out of the features by default.

    Raises
    ------
    InputError
        If a needed option is missing or names no column.
    """
    asked_target = options.target or (sample.roles.target if sample else None)
    existing = options.prediction is not None or options.score is not None
    if asked_target is None and not existing:
        raise InputError(
            "the column of true outcomes is needed",
            where="--target",
            remedy="Name it, or name decisions or scores to audit without outcomes: --prediction, "
            "--score",
        )
    preset = sample.roles if sample and sample.roles.target == asked_target else None
    favourable = options.favourable or (preset.positive_label if preset else None)
    if favourable is None:
        raise InputError("the label counted as positive is needed", where="--favourable")
    sensitive = (
        listed_columns(column_list(table), options.sensitive)
        if options.sensitive
        else (preset.sensitive if preset else ())
    )
    if not sensitive:
        raise InputError("at least one column to compare by is needed", where="--sensitive")
    together = read_together(options.together, sensitive)
    favours = not options.adverse
    if preset is not None and favourable == preset.positive_label and not options.adverse:
        favours = preset.positive_is_favourable
    features = (
        None if options.features is None else listed_columns(column_list(table), options.features)
    )
    if preset and preset.score and favourable != preset.positive_label and not existing:
        raise InputError(
            f"the sample's scores say how likely {preset.positive_label!r} is",
            where=f"--favourable {favourable!r}",
            remedy=f"Use --favourable {preset.positive_label}; add --adverse where that label is "
            "unwelcome",
        )
    if preset is not None and not existing and not (options.weight or options.identifier):
        kept = tuple(c for c in features or preset.features if c not in sensitive)
        roles = replace(
            preset,
            positive_label=favourable,
            sensitive=sensitive,
            features=(*kept, *sensitive) if options.keep_sensitive else kept,
            edges=edges_told(options.edges)
            or tuple((c, edges) for c, edges in preset.edges if c in sensitive),
            together=together
            if options.together
            else tuple(item for item in preset.together if item[0] in sensitive),
            positive_is_favourable=favours,
        )
        return roles, ()
    asked = (
        listed_columns(column_list(table), options.identifier)
        if options.identifier is not None
        else ()
    )
    roles, repairs = default_roles(
        table,
        asked_target,
        favourable,
        sensitive,
        keep_as_features=sensitive if options.keep_sensitive else (),
        positive_is_favourable=favours,
        identifiers=asked,
        weight=options.weight,
        prediction=options.prediction,
        score=options.score,
        threshold=options.threshold,
        edges=edges_told(options.edges),
    )
    roles = replace(roles, together=together)
    if features is None:
        return roles, repairs
    seen = sensitive if options.keep_sensitive else ()
    chosen = tuple(dict.fromkeys((*(c for c in features if c not in sensitive), *seen)))
    # A column that only looks like an identifier is a feature where a person asks for it.
    named = tuple(name for name in roles.identifiers if name not in chosen or name in asked)
    return replace(roles, features=chosen, identifiers=named), codes_in(table, chosen)
