"""The command that repeats an audit."""

from __future__ import annotations

import shlex
from collections.abc import Mapping

from core.audit.audit_option import Asked
from core.audit.audit_options import EXTERNAL_OPTIONS, ROWS_AND_MEANING
from core.audit.bias_audit_options import BIAS_AUDIT_OPTIONS
from core.audit.result import AuditPlan
from core.data.reading.reading import ReadOptions
from core.data.samples import Sample
from core.data.table import Kind
from core.installation import PROGRAM
from core.option import Option
from core.policy.policy import Policy
from core.policy.presets import POLICY_FILE, preset_name
from core.training.training_options import TRAINING_OPTIONS


def command_line(
    data: str,
    plan: AuditPlan,
    sample: Sample | None = None,
    *,
    options: ReadOptions | None = None,
    kinds: Mapping[str, Kind] | None = None,
    policy: Policy | None = None,
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
    policy : Policy, optional
        By which the audit is judged.

    Returns
    -------
    str
        Declared bounds are named as ``bounds.json``, which stands beside the report or can be
        made from ``plan.bounds`` of audit.json; a policy of one's own as ``policy.toml``, which
        stands beside it too, as ``matching.json`` of a model made elsewhere does.
    """
    asked = Asked(
        plan.roles,
        plan.training,
        sample,
        options,
        kinds or {},
        plan.impact,
        plan.bias_audit,
        plan.decided_by,
    )
    arguments = Option(field="data", flag="--data").arguments(data)
    for option in (*ROWS_AND_MEANING, *EXTERNAL_OPTIONS, *BIAS_AUDIT_OPTIONS):
        arguments += option.printed(asked)
    if plan.decided_by is not None:
        arguments += Option(field="model", flag="--model").arguments(plan.decided_by.name)
    if plan.training is not None:
        declared = None if sample is None else sample.domains
        for choice in TRAINING_OPTIONS:
            arguments += choice.printed(plan.training, declared)
    if policy is not None:
        arguments += ["--policy", preset_name(policy) or POLICY_FILE]
    if plan.what_if is not None:
        arguments += ["--row", str(plan.what_if.row)]
        for name, value in plan.what_if.values:
            arguments += ["--what-if", f"{name}={value}"]
    arguments += ["--explain", str(plan.explain), "--out", "out"]
    return shlex.join([*PROGRAM.split(), "audit", *arguments])
