"""The command that repeats an audit."""

from __future__ import annotations

import shlex
from collections.abc import Mapping

from core.audit.audit_option import Asked
from core.audit.audit_options import ROWS_AND_MEANING
from core.audit.result import AuditPlan
from core.data.reading.reading import ReadOptions
from core.data.samples import Sample
from core.data.table import Kind
from core.installation import PROGRAM
from core.option import Option
from core.training.training_options import TRAINING_OPTIONS


def command_line(
    data: str,
    plan: AuditPlan,
    sample: Sample | None = None,
    *,
    options: ReadOptions | None = None,
    kinds: Mapping[str, Kind] | None = None,
) -> str:
    """Write the command that repeats an audit, quoted for a shell.

    Parameters
    ----------
    data : str
        File or sample.
    plan : AuditPlan
    sample : Sample, optional
        What the sample presets need not be told.
    options, kinds
        How the file was read, where a person corrected it.

    Returns
    -------
    str
        Declared bounds are named as ``bounds.json``, which stands beside the report or can be
        made from ``plan.bounds`` of audit.json.
    """
    asked = Asked(plan.roles, plan.training, sample, options, kinds or {}, plan.impact)
    arguments = Option(field="data", flag="--data").arguments(data)
    for option in ROWS_AND_MEANING:
        arguments += option.printed(asked)
    if plan.training is not None:
        declared = None if sample is None else sample.domains
        for choice in TRAINING_OPTIONS:
            arguments += choice.printed(plan.training, declared)
    arguments += ["--explain", str(plan.explain), "--out", "out"]
    return shlex.join([*PROGRAM.split(), "audit", *arguments])
