"""The finished report: findings, and the audit as HTML and as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from core.audit.finding import Finding
from core.audit.result import AuditResult
from core.audit_state.generalised import Generalised
from core.data.reading.reading import ReadOptions
from core.data.samples import Sample
from core.data.table import Kind
from core.governance.adopted_policy import PolicyRecord
from core.policy.policy import Policy
from core.reporting.audit_json import audit_json
from core.reporting.command_line import command_line
from core.reporting.model_card import render_card
from core.reporting.policy_json import judged_by, policy_json
from core.reporting.report import render, to_json


@dataclass(frozen=True)
class WrittenReport:
    """A finished report: its findings, and the same audit as HTML, as JSON and as a card."""

    findings: tuple[Finding, ...]
    html: str
    json: str
    card: str


def write_report(
    result: AuditResult,
    data: str,
    sample: Sample | None = None,
    tradeoffs: dict[str, Any] | None = None,
    *,
    options: ReadOptions | None = None,
    kinds: Mapping[str, Kind] | None = None,
    generalised: Generalised | None = None,
    policy: Policy | PolicyRecord | None = None,
) -> WrittenReport:
    """Write a result down.

    Parameters
    ----------
    result : AuditResult
    data : str
        File or sample that the audit's command line names.
    sample : Sample, optional
        To be cited.
    tradeoffs : dict, optional
        Of :func:`core.governance.stored_sweeps.load_sweep`.
    options, kinds
        How the file was read, where a person corrected it.
    generalised : Generalised, optional
        How features were generalised first, which no command line does.
    policy : Policy or PolicyRecord, optional
        By which the audit is judged; a record tells who adopted it and when.
    """
    record = audit_json(
        result,
        licence=sample.licence if sample else None,
        citation=sample.citation if sample else None,
        caveats=sample.caveats if sample else (),
        tradeoffs=tradeoffs,
        command=None
        if generalised is not None
        else command_line(
            data, result.plan, sample, options=options, kinds=kinds, policy=judged_by(policy)
        ),
        policy=policy_json(policy, result),
    )
    if generalised is not None:
        record["plan"]["generalised"] = asdict(generalised)
    return WrittenReport(result.findings, render(record), to_json(record), render_card(record))
