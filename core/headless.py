"""What the command line does: the same path as the browser, from files to files."""

from __future__ import annotations

import argparse
import csv
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from core.audit import AuditPlan, Step, run
from core.data.assign import assign, default_roles
from core.data.reading import PATH_FACTOR, ReadOptions, read_path, upload_limit
from core.data.roles import Roles
from core.data.samples import SAMPLES, Sample, load_sample, sample_for
from core.data.table import Kind, Repair, Table
from core.errors import InputError
from core.fairness.assess import fairness_json
from core.fairness.engine_source import Source, columns_of, stays_in_engine
from core.learning.learners import LEARNERS
from core.learning.training import TrainingSpec
from core.privacy.budget import Budget, Ledger
from core.privacy.domain import Domains, bounds_json, declared_domain
from core.reporting.written_report import write_report

DEFAULT_LEARNER = "logistic_regression"
DEFAULT_PRIVATE_LEARNER = "dp_explainable_boosting"
DEFAULT_DELTA = 1e-6


def audit(options: argparse.Namespace) -> None:
    """Run ``audit``: write DIR/audit.json and DIR/report.html.

    Raises
    ------
    InputError
        If an option or the data cannot be used.
    """
    table, sample = _load(options)
    roles, left_out = _roles(table, sample, options)
    if options.explain < 0:
        raise InputError("it must be 0 or more", where=f"--explain {options.explain}")
    training, ledger = _training(roles, table, sample, options)
    plan = AuditPlan(roles, training, options.explain)
    folder = Path(options.out)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"the folder can't be made ({error.strerror})", where=f"--out {folder}"
        ) from None
    if left_out:
        table = replace(table, repairs=(*table.repairs, *left_out))
    caveats = sample.caveats if sample else ()
    result = run(table, plan, ledger=ledger, caveats=caveats, progress=_progress)
    report = write_report(
        result, options.data, sample, options=_read_options(options), kinds=_kinds(options.kind)
    )
    _write(folder / "audit.json", report.json)
    _write(folder / "report.html", report.html)
    if training is not None and training.domains is not None:
        _write(folder / "bounds.json", json.dumps(bounds_json(training.domains), indent=2))
    print(f"wrote {folder / 'audit.json'} and {folder / 'report.html'}", file=sys.stderr)


def fairness(options: argparse.Namespace) -> None:
    """Run ``fairness``: write the fairness object of existing predictions.

    Raises
    ------
    InputError
        If an option or the data cannot be used.
    """
    if options.prediction is None and options.score is None:
        raise InputError(
            "a column of decisions or of scores is needed", where="--prediction and --score"
        )
    found, repairs = _counted(options) if _in_engine(options) else _read(options)
    _write(Path(options.out), json.dumps(found, indent=2, sort_keys=True, allow_nan=False))
    for repair in repairs:
        print(f"{repair.column or 'table'}: {repair.what} ({repair.count})", file=sys.stderr)
    print(f"wrote {options.out}", file=sys.stderr)


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
        for name in ("encoding", "delimiter", "sheet", "kind"):
            if getattr(options, name):
                raise InputError(
                    "an engine knows its columns, so this option would be ignored",
                    where=f"--{name}",
                    remedy="Leave it out",
                )
    return inside


def _counted(options: argparse.Namespace) -> tuple[dict[str, Any], tuple[Repair, ...]]:
    from core.fairness.engine import count_in_engine, engine_fairness_json

    source = Source(options.connect or options.predictions, options.table)
    counted = count_in_engine(source, _existing_roles(options, columns_of(source)))
    return engine_fairness_json(counted), counted.repairs


def _read(options: argparse.Namespace) -> tuple[dict[str, Any], tuple[Repair, ...]]:
    table = read_path(
        options.predictions, options=_read_options(options), kinds=_kinds(options.kind)
    )
    roles = _existing_roles(options, _names(table))
    dataset = assign(table, roles)
    assert dataset.predictions is not None
    found = fairness_json(
        dataset.target,
        dataset.predictions,
        dataset.sensitive,
        scores=dataset.scores,
        weights=dataset.weights,
        positive_is_favourable=roles.positive_is_favourable,
    )
    return found, dataset.repairs


def _existing_roles(options: argparse.Namespace, columns: tuple[str, ...]) -> Roles:
    return Roles(
        target=options.label,
        positive_label=options.favourable,
        sensitive=_split(columns, options.sensitive),
        positive_is_favourable=not options.adverse,
        weight=options.weight,
        prediction=options.prediction,
        score=options.score,
        threshold=options.threshold,
        edges=_edges(options.edges),
    )


def _load(options: argparse.Namespace) -> tuple[Table, Sample | None]:
    if options.data in SAMPLES:
        return load_sample(options.data), SAMPLES[options.data]
    read, kinds = _read_options(options), _kinds(options.kind)
    table = read_path(options.data, options=read, kinds=kinds)
    sample = sample_for(table.provenance.sha256)
    if sample is not None and read is None and not kinds:
        # The very bytes of a sample: its public data dictionary holds for them too.
        return read_path(options.data, kinds=sample.kinds), sample
    return table, None


def _read_options(options: argparse.Namespace) -> ReadOptions | None:
    told = {
        name: getattr(options, name)
        for name in ("encoding", "delimiter", "sheet")
        if getattr(options, name) is not None
    }
    return ReadOptions(**told, max_bytes=PATH_FACTOR * upload_limit()) if told else None


def _kinds(told: list[str]) -> dict[str, Kind]:
    """Read corrected kinds told as ``COL=KIND``."""
    found = {}
    for text in told:
        name, _, kind = text.rpartition("=")
        if kind not in tuple(Kind) or not name:
            raise InputError(
                "it is not a column and a kind",
                where=f"--kind {text}",
                remedy=f"Write column=kind, the kind one of: {', '.join(Kind)}",
            )
        found[name] = Kind(kind)
    return found


def _names(table: Table) -> tuple[str, ...]:
    return tuple(map(str, table.frame.columns))


def _split(columns: tuple[str, ...], names: str) -> tuple[str, ...]:
    """Split a list of columns at its commas, unless it is itself the name of a column.

    Names that hold commas can be quoted as in CSV: ``"a,b",sex``.
    """
    parts = tuple(
        name.strip() for name in next(csv.reader([names], skipinitialspace=True)) if name.strip()
    )
    if names not in columns:
        return parts
    if len(parts) > 1 and set(parts) <= set(columns):
        raise InputError(
            "this is the name of one column and also a list of others",
            where=repr(names),
            remedy='Put the one column in double quotes, or each of the others: "a","b"',
        )
    return (names,)


def _roles(
    table: Table, sample: Sample | None, options: argparse.Namespace
) -> tuple[Roles, tuple[Repair, ...]]:
    asked_target = options.target or (sample.roles.target if sample else None)
    if asked_target is None:
        raise InputError("the column of true outcomes is needed", where="--target")
    preset = sample.roles if sample and sample.roles.target == asked_target else None
    favourable = options.favourable or (preset.positive_label if preset else None)
    if favourable is None:
        raise InputError("the label counted as positive is needed", where="--favourable")
    sensitive = (
        _split(_names(table), options.sensitive)
        if options.sensitive
        else (preset.sensitive if preset else ())
    )
    if not sensitive:
        raise InputError("at least one column to compare by is needed", where="--sensitive")
    existing = options.prediction is not None or options.score is not None
    favours = not options.adverse
    if preset is not None and favourable == preset.positive_label and not options.adverse:
        favours = preset.positive_is_favourable
    features = _split(_names(table), options.features) if options.features else None
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
            edges=_edges(options.edges)
            or tuple((c, edges) for c, edges in preset.edges if c in sensitive),
            positive_is_favourable=favours,
        )
        return roles, ()
    roles, repairs = default_roles(
        table,
        asked_target,
        favourable,
        sensitive,
        keep_as_features=sensitive if options.keep_sensitive else (),
        positive_is_favourable=favours,
        identifiers=_split(_names(table), options.identifier) if options.identifier else (),
        weight=options.weight,
        prediction=options.prediction,
        score=options.score,
        threshold=options.threshold,
        edges=_edges(options.edges),
    )
    if features is None:
        return roles, repairs
    seen = sensitive if options.keep_sensitive else ()
    chosen = tuple(dict.fromkeys((*(c for c in features if c not in sensitive), *seen)))
    return replace(roles, features=chosen), ()


def _edges(told: list[str]) -> tuple[tuple[str, tuple[float, ...]], ...]:
    """Read bins told as ``COL=A,B``."""
    found = []
    for text in told:
        name, _, numbers = text.rpartition("=")
        try:
            found.append((name, tuple(float(number) for number in numbers.split(","))))
        except ValueError:
            raise InputError(
                "edges are numbers separated by commas",
                where=f"--edges {text}",
                remedy="Write them as column=25,60",
            ) from None
    return tuple(found)


def _training(
    roles: Roles, table: Table, sample: Sample | None, options: argparse.Namespace
) -> tuple[TrainingSpec | None, Ledger | None]:
    if roles.audits_existing_predictions and options.learner is None and options.epsilon is None:
        _refuse_ignored(options, "existing predictions are audited as they are", existing=True)
        return None, None
    name = options.learner or (
        DEFAULT_LEARNER if options.epsilon is None else DEFAULT_PRIVATE_LEARNER
    )
    private = LEARNERS[name].private
    if not private:
        _refuse_ignored(options, f"{name} is not private", existing=False)
    delta = (DEFAULT_DELTA if options.delta is None else options.delta) if private else None
    training = TrainingSpec(
        name,
        options.mitigation,
        options.mitigate_for,
        options.epsilon,
        delta,
        _domains(table, sample, options.bounds) if private else None,
        options.seed,
    )
    if private and options.epsilon is not None:
        return training, Ledger(Budget(options.epsilon, delta or 0.0))
    return training, None


def _refuse_ignored(options: argparse.Namespace, why: str, *, existing: bool) -> None:
    """Refuse an option that would be ignored: whoever gave it would believe that it counted."""
    given = {
        "--delta": options.delta is not None,
        "--bounds": options.bounds is not None,
    }
    if existing:
        given |= {
            "--mitigation": options.mitigation != "none",
            "--mitigate-for": options.mitigate_for is not None,
            "--keep-sensitive": options.keep_sensitive,
            "--features": options.features is not None,
        }
    for option, is_given in given.items():
        if is_given:
            raise InputError(
                f"{why}, so this option would be ignored", where=option, remedy="Leave it out"
            )


def _domains(table: Table, sample: Sample | None, path: str | None) -> Domains | None:
    """Read declared domains from a file, else from the sample; None if nobody declared any."""
    if path is None:
        return sample.domains if sample else None
    try:
        declared = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"it can't be read as JSON ({error})", where=f"--bounds {path}") from None
    if not isinstance(declared, dict):
        raise InputError("it must be a JSON object by column", where=f"--bounds {path}")
    strangers = [name for name in declared if name not in table.frame.columns]
    if strangers:
        raise InputError(
            f"the table has no column {', '.join(map(repr, strangers[:5]))}",
            where=f"--bounds {path}",
            remedy="Correct the name, or take it out",
        )
    return Domains(tuple(declared_domain(name, item) for name, item in declared.items()))


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"it can't be written ({error.strerror})", where=str(path)) from None


def _progress(step: Step) -> None:
    print(f"{step.share:4.0%} {step.sentence}", file=sys.stderr)
