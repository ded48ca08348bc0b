"""What an audit trains, from its options; options that would be ignored are refused."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path

from core.audit.audit_options import AUDIT_OPTIONS
from core.cli.audit_budget import ledger_of_options
from core.cli.options import refuse_ignored
from core.data.assign import assign
from core.data.dataset import Dataset
from core.data.domains import Domains, declared_domain
from core.data.roles.roles import Roles
from core.data.samples import Sample
from core.data.table import Table
from core.errors import InputError
from core.external_models.external_spec import ExternalSpec
from core.learning.learners import EXTERNAL_MODEL, LEARNERS
from core.privacy.accounting.contribution import check_rows_per_person
from core.privacy.accounting.ledger import Ledger
from core.privacy.accounting.payment import is_paid
from core.privacy.guidance.outlook import outlook
from core.storage.workspace import default_root
from core.training.paid_bounds import bounds_first, charges_due, stopped_before
from core.training.private_fit import plan_of
from core.training.spec import TrainingSpec
from core.training.training import check_private
from core.training.training_options import NO_BOUNDS, OPTION, TRAINING_OPTIONS

DEFAULT_LEARNER = "logistic_regression"
DEFAULT_PRIVATE_LEARNER = "dp_binned_regression"
DEFAULT_DELTA = 1e-6


def parse_training(
    roles: Roles,
    table: Table,
    sample: Sample | None,
    options: argparse.Namespace,
    external: ExternalSpec | None = None,
) -> tuple[TrainingSpec | None, Ledger | None]:
    """Say what is trained or asked, and what its privacy is charged to; None for predictions.

    Raises
    ------
    InputError
        If an option would be ignored, or bounds can't be read.
    """
    if roles.audits_existing_predictions and options.learner is None and options.epsilon is None:
        _refuse_ignored(options, {"model": "existing predictions are audited as they are"})
        return None, None
    default = DEFAULT_LEARNER if options.epsilon is None else DEFAULT_PRIVATE_LEARNER
    name = options.learner or (EXTERNAL_MODEL.name if external else default)
    private = LEARNERS[name].private
    stratified = dict(OPTION["stratified"].choices).get(options.split)
    lacking = {
        "private": None if private else f"{name} is not private",
        "randomised": None if stratified is False else "rows are not split at random",
        "mitigation": None if options.mitigation != "none" else "no --mitigation is given",
    }
    _refuse_ignored(options, {what: why for what, why in lacking.items() if why is not None})
    delta = DEFAULT_DELTA if options.delta is None else options.delta
    record = {o.field: getattr(options, o.dest) for o in TRAINING_OPTIONS if o.flag}
    fields = {
        "learner": name,
        "delta": delta if private else None,
        "stratified": stratified,
        "domains": read_declared_domains(table, sample, options.bounds) if private else None,
        "rows_per_person": _rows_per_person(options),
        "external": external,
    }
    training = TrainingSpec(**(record | fields))
    if private and options.epsilon is not None:
        # A run that is refused must not leave a cap behind.
        dataset = assign(table, roles)
        check_private(dataset, training)
        ledger = ledger_of_options(table, options.epsilon, delta, options, default_root())
        print(describe_spending(dataset, training, ledger), file=sys.stderr)
        return training, ledger
    return training, None


def describe_spending(dataset: Dataset, training: TrainingSpec, ledger: Ledger) -> str:
    """Say what a private audit is about to spend, and what it leaves."""
    if is_paid(ledger, plan_of(dataset, training)):
        return (
            "this run was charged before and did not end: it is finished at that charge, and "
            "nothing more is spent"
        )
    if stopped_before(dataset, training, ledger) is not None:
        return "this run stopped at its bounds before and stops there again: nothing is spent"
    due = charges_due(dataset, training, ledger)
    sentence = outlook(ledger.budget, ledger.charges, *due).sentence
    first = bounds_first(due)
    return f"{sentence}. {first}" if first else sentence


def _rows_per_person(options: argparse.Namespace) -> int:
    """Read how many rows of each person are kept, which must be said where persons are hidden."""
    if options.person is None:
        if options.rows_per_person is not None:
            refuse_ignored("--rows-per-person", "no --person is given")
        return 1
    if options.rows_per_person is None:
        raise InputError(
            "how many rows of each person are kept is not said",
            where="--person",
            remedy="Give --rows-per-person, a bound known without looking at the data",
        )
    return check_rows_per_person(options.rows_per_person)


def _refuse_ignored(options: argparse.Namespace, lacking: Mapping[str, str]) -> None:
    """Refuse what needs something that is lacking, as the table of options says.

    Parameters
    ----------
    options : argparse.Namespace
    lacking : mapping of str to str
        Why each circumstance does not hold; without a model none does.
    """
    for option in AUDIT_OPTIONS:
        if option.needs and option.flag and option.is_given(options):
            whys = [lacking.get("model") or lacking.get(what) for what in option.needs]
            if all(whys):
                refuse_ignored(option.flag, str(whys[0]))


def read_declared_domains(table: Table, sample: Sample | None, path: str | None) -> Domains | None:
    """Read declared domains from a file, else from the sample.

    None if nobody declared any, or ``none`` is written for the file.
    """
    if path is None:
        return sample.domains if sample else None
    if path == NO_BOUNDS:
        return None
    try:
        declared = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
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
