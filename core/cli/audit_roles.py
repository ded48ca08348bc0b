"""The table and the roles of an audit, from its options and a sample's presets."""

from __future__ import annotations

import argparse
import shlex
from dataclasses import replace

from core.audit.audit_options import READING_OPTIONS
from core.cli.median_threshold import parse_threshold
from core.cli.options import (
    NAME_IT,
    column_list,
    listed_columns,
    parse_edges,
    parse_kinds,
    read_options,
    refuse_ignored,
)
from core.data.assign import default_roles
from core.data.labels import distinct_labels
from core.data.reading.reading import read_path
from core.data.roles.merged_groups_text import parse_merged_groups
from core.data.roles.questions import questions
from core.data.roles.roles import Roles
from core.data.roles.suggest import RoleSuggestion, suggest_roles
from core.data.roles.suggest_label import suggest_label
from core.data.samples import SAMPLES, Sample, load_sample, sample_for
from core.data.table import Repair, Table
from core.errors import InputError


def load_table(options: argparse.Namespace) -> tuple[Table, Sample | None]:
    """Read the table, and name the sample that it is, by its name or to the byte."""
    read, kinds = read_options(options), parse_kinds(options.kind)
    if options.data in SAMPLES:
        for option in READING_OPTIONS:
            if option.is_given(options):
                refuse_ignored(option.flag, "a sample is read as its data dictionary says")
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
    tuple of the roles, and what is to be said of them: a median, features left out by default.

    Raises
    ------
    InputError
        If a needed option is missing or names no column.
    """
    existing = options.prediction is not None or options.score is not None
    target = options.target or (sample.roles.target if sample else None)
    preset = sample.roles if sample and sample.roles.target == target else None
    score = options.score or (preset.score if preset else None)
    threshold, notes = parse_threshold(options.threshold, table, score, target)
    options = argparse.Namespace(**{**vars(options), "threshold": threshold})
    asked = _meant(table, target, preset, options, existing)
    if preset is None or existing:
        roles, left_out = _as_given(table, asked, options)
        return roles, (*notes, *left_out)
    if preset.score and asked.positive_label != preset.positive_label:
        raise InputError(
            f"the sample's scores say how likely {preset.positive_label!r} is",
            where=f"--favourable {asked.positive_label!r}",
            remedy=f"Use --favourable {preset.positive_label}; add --adverse where that label is "
            "unwelcome",
        )
    if options.weight or options.identifier:
        roles, left_out = _as_given(table, asked, _with_decisions(preset, options))
        return roles, (*notes, *left_out)
    return _as_preset(table, preset, asked, options), notes


def _meant(
    table: Table,
    target: str | None,
    preset: Roles | None,
    options: argparse.Namespace,
    existing: bool,
) -> Roles:
    """Say what is compared, and by which groups; all else is as preset."""
    if target is None and not existing and preset is None:
        raise InputError(
            "the column of true outcomes is needed",
            where="--target",
            remedy="Name it, or name decisions or scores to audit without outcomes: --prediction, "
            f"--score. {_guessed(table)}",
        )
    favourable = options.favourable or (preset.positive_label if preset else None)
    if favourable is None:
        raise InputError(
            "the label counted as positive is needed",
            where="--favourable",
            remedy=(_guessed_label(table, target) or None)
            if target is not None
            else (NAME_IT if options.prediction is None else None),
        )
    sensitive = _columns(table, options.sensitive or None) or (preset.sensitive if preset else ())
    if not sensitive:
        raise InputError(
            "at least one column to compare by is needed",
            where="--sensitive",
            remedy=_guessed_sensitive(suggest_roles(table)),
        )
    favours = not options.adverse
    if preset is not None and favourable == preset.positive_label:
        favours = favours and preset.positive_is_favourable
    return replace(
        preset or Roles(target, favourable, sensitive),
        positive_label=favourable,
        sensitive=sensitive,
        positive_is_favourable=favours,
        edges=parse_edges(options.edges),
        merged_groups=parse_merged_groups(options.merge_groups, sensitive),
        target_holds_decisions=options.target_is_decisions,
        target_came_true=options.target_came_true,
    )


def _guessed(table: Table) -> str:
    """Say what is guessed of a table; nothing of it is taken unless it is told."""
    guesses = suggest_roles(table)
    target = guesses.target
    if target is None:
        told = f"No target is guessed: {guesses.target_reason}"
    else:
        told = f"Guessed, to be checked: --target {shlex.quote(target)} ({guesses.target_reason}). "
        told += _guessed_label(table, target)
    return f"{told}. {_guessed_sensitive(guesses)}"


def _guessed_label(table: Table, target: str) -> str:
    """Say which label is guessed to be the positive one, and whether people hope for it."""
    if target not in table.frame:
        return ""
    guess = suggest_label(target, distinct_labels(table.frame[target]))
    if guess.positive is None:
        return f"Which label is hoped for is not guessed: {guess.reason}"
    told = f"--favourable {shlex.quote(guess.positive)}"
    adverse = " --adverse" if guess.favourable is False else ""
    return f"Guessed, to be checked: {told}{adverse} ({guess.reason})"


def _guessed_sensitive(guesses: RoleSuggestion) -> str:
    """Say which columns are guessed to be sensitive."""
    if not guesses.sensitive:
        return "No column is recognised as a sensitive attribute by name or values"
    reasons = dict(guesses.reasons)
    why = "; ".join(f"{name}: {reasons[name]}" for name in guesses.sensitive)
    return f"Guessed, to be checked: --sensitive {shlex.quote(','.join(guesses.sensitive))} ({why})"


def _with_decisions(preset: Roles, options: argparse.Namespace) -> argparse.Namespace:
    """Take a sample's decisions, or its score and threshold, which nobody named."""
    told = options.threshold
    threshold = preset.threshold if told is None else told
    return argparse.Namespace(
        **{
            **vars(options),
            "prediction": preset.prediction,
            "score": preset.score,
            "threshold": threshold,
        }
    )


def _as_preset(table: Table, preset: Roles, asked: Roles, options: argparse.Namespace) -> Roles:
    """Take from a sample what is not told."""
    sensitive = asked.sensitive
    features = _columns(table, options.features) or preset.features
    kept = tuple(name for name in features if name not in sensitive)
    return replace(
        asked,
        features=(*kept, *sensitive) if options.keep_sensitive else kept,
        threshold=preset.threshold if options.threshold is None else options.threshold,
        edges=asked.edges or tuple(item for item in preset.edges if item[0] in sensitive),
        merged_groups=asked.merged_groups
        if options.merge_groups
        else tuple(item for item in preset.merged_groups if item[0] in sensitive),
    )


def _as_given(
    table: Table, given: Roles, options: argparse.Namespace
) -> tuple[Roles, tuple[Repair, ...]]:
    """Take the features that are told, or all that are usable."""
    asked = _columns(table, options.identifier) or ()
    seen = given.sensitive if options.keep_sensitive else ()
    roles, repairs = default_roles(
        table,
        given.target,
        given.positive_label,
        given.sensitive,
        keep_as_features=seen,
        positive_is_favourable=given.positive_is_favourable,
        identifiers=asked,
        weight=options.weight,
        prediction=options.prediction,
        score=options.score,
        threshold=options.threshold,
        edges=given.edges,
    )
    roles = replace(
        roles,
        merged_groups=given.merged_groups,
        target_holds_decisions=given.target_holds_decisions,
        target_came_true=given.target_came_true,
    )
    features = _columns(table, options.features)
    if features is None:
        return roles, repairs
    plain = (name for name in features if name not in given.sensitive)
    chosen = tuple(dict.fromkeys((*plain, *seen)))
    # A column that only looks like an identifier is a feature where a person asks for it.
    named = tuple(name for name in roles.identifiers if name not in chosen or name in asked)
    open_questions = questions(table, roles.target, chosen, roles.sensitive)
    return replace(roles, features=chosen, identifiers=named), open_questions


def _columns(table: Table, names: str | None) -> tuple[str, ...] | None:
    """Split a list of columns, None where none is given."""
    return None if names is None else listed_columns(column_list(table), names)
