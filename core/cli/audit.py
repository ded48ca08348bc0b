"""``python -m core audit``: the same path as the browser, from files to files."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from core.audit.pipeline import run
from core.audit.result import AuditPlan, AuditResult, Step
from core.cli.audit_roles import audit_roles, load_table
from core.cli.audit_training import parse_training
from core.cli.bias_audit import bias_audit_told
from core.cli.external_model import MATCHING_FILE, bring_model, decides, fit_lines
from core.cli.options import column_list, impact_told, parse_kinds, read_options, write_text
from core.cli.what_if import parse_what_if, what_if_lines
from core.data.domains import bounds_json
from core.data.roles.group_labels import label_of_name
from core.data.samples import Sample
from core.data.table import Table
from core.errors import InputError
from core.fairness.disparities.disparities import DISPARITIES, lower
from core.fairness.metrics.constant_decisions import constant_decisions
from core.mitigation.randomisation import SUREST
from core.policy.policy_toml import format_policy
from core.policy.presets import POLICY_FILE, find_policy, preset_name
from core.privacy.accounting.ledger import Ledger
from core.privacy.accounting.payment import delivered
from core.reporting.mitigation_json import mitigation_json
from core.reporting.written_report import write_report
from core.storage.json_format import to_json
from core.training.fit import mitigated_column
from core.training.model_decisions import with_decisions, with_room_for_decisions
from core.training.private_fit import plan_of


def audit(options: argparse.Namespace) -> None:
    """Run ``audit``: write DIR/audit.json and DIR/report.html.

    Raises
    ------
    InputError
        If an option or the data cannot be used.
    """
    policy = None if options.policy is None else find_policy(options.policy)
    ready = prepared(options)
    told = bias_audit_told(options, column_list(ready.table), ready.plan.impact)
    ready = replace(ready, plan=replace(ready.plan, bias_audit=told))
    folder = Path(options.out)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"the folder can't be made ({error.strerror})", where=f"--out {folder}"
        ) from None
    result = ready.run()
    report = write_report(
        result,
        options.data,
        ready.sample,
        options=read_options(options),
        kinds=parse_kinds(options.kind),
        policy=policy,
    )
    write_text(folder / "audit.json", report.json)
    write_text(folder / "report.html", report.html)
    training = ready.plan.training
    if training is not None and training.domains is not None:
        write_text(folder / "bounds.json", json.dumps(bounds_json(training.domains), indent=2))
    if policy is not None and preset_name(policy) is None:
        write_text(folder / POLICY_FILE, format_policy(policy))
    external = ready.plan.decided_by if training is None else training.external
    if external is not None:
        write_text(folder / MATCHING_FILE, json.dumps(to_json(external), indent=2))
    ready.deliver(result)
    for line in (*fit_lines(result.external), *mitigation_lines(result)):
        print(line, file=sys.stderr)
    for line in what_if_lines(result):
        print(line, file=sys.stderr)
    print(f"wrote {folder / 'audit.json'} and {folder / 'report.html'}", file=sys.stderr)


@dataclass(frozen=True)
class Prepared:
    """An audit whose options are read and checked, and of which nothing has run.

    Attributes
    ----------
    table : Table
    sample : Sample or None
    plan : AuditPlan
    ledger : Ledger or None
        That a private model is charged to.
    """

    table: Table
    sample: Sample | None
    plan: AuditPlan
    ledger: Ledger | None

    def run(self) -> AuditResult:
        """Walk the whole path, with its progress on stderr."""
        caveats = self.sample.caveats if self.sample else ()
        return run(self.table, self.plan, ledger=self.ledger, caveats=caveats, progress=_progress)

    def deliver(self, result: AuditResult) -> None:
        """Note that what was paid for has reached whoever asked for it."""
        training = self.plan.training
        if training is not None and self.ledger is not None:
            delivered(self.ledger, plan_of(result.dataset, training))


def prepared(options: argparse.Namespace) -> Prepared:
    """Read the table and what is asked of it.

    Raises
    ------
    InputError
        If an option or the data cannot be used.
    """
    table, sample = load_table(options)
    decides_alone = sample is None and decides(options)
    given = options
    if decides_alone:
        table, column = with_room_for_decisions(table, options.favourable or "")
        given = argparse.Namespace(**{**vars(options), "prediction": column})
        print(
            "no --target is named: decisions of the model are audited without outcomes",
            file=sys.stderr,
        )
    roles, left_out = audit_roles(table, sample, given)
    if options.explain < 0:
        raise InputError("it must be 0 or more", where=f"--explain {options.explain}")
    roles, external = bring_model(table, roles, options)
    if decides_alone and external is not None:
        table, roles = with_decisions(table, roles, external)
    training, ledger = parse_training(roles, table, sample, options, external)
    if left_out:
        table = replace(table, repairs=(*table.repairs, *left_out))
    return Prepared(
        table,
        sample,
        AuditPlan(
            roles,
            training,
            options.explain,
            impact_told(options),
            what_if=parse_what_if(options, list(map(str, table.frame))),
            decided_by=external if decides_alone else None,
        ),
        ledger,
    )


def mitigation_lines(result: AuditResult) -> list[str]:
    """Say what the mitigation changed, beside the same model without it; empty without one."""
    record = mitigation_json(result)
    if record is None:
        return []
    assert result.trained is not None
    column = mitigated_column(result.dataset, result.trained.spec)
    drawn = _randomisation_lines(record["randomisation"], column)
    if record["warning"]:
        drawn = [f"  {record['warning']}", *drawn]
    if record["unmitigated"] is None:
        return [f"{record['title']}: nothing to compare it with, as {record['reason']}", *drawn]
    lines = [f"{record['title']}, on the same test rows without it and with it:"]
    for name, gap in record["gaps"].items():
        aimed = " (aimed at)" if name == record["aim"] else ""
        title = lower(DISPARITIES[name].title)
        lines.append(f"  {title}{aimed} {_figure(gap['without'])}, {_figure(gap['with'])}")
    same = None if result.trained is None else constant_decisions(result.trained.decisions)
    if same is not None:
        told = same.named(result.dataset.decision_labels)
        drawn = [f"  {told}: equal rates of such decisions say nothing", *drawn]
    everyone = record["groups"][0]
    without, changed = _figure(everyone["accuracy_without"]), _figure(everyone["accuracy_with"])
    return [*lines, f"  accuracy {without}, {changed}", *drawn]


def _randomisation_lines(record: dict[str, Any] | None, column: str) -> list[str]:
    if record is None:
        return []
    everyone = record["everyone"]
    lines = [f"  randomised: {everyone['drawn']} of {everyone['count']} decisions"]
    names = [item["group"] for item in record["groups"]]
    for item in record["groups"]:
        lines.append(
            f"    {label_of_name((column,), item['group'], names)}: another draw changes "
            f"{_figure(item['redrawn'])} of decisions; {item['refused']} of {item['surest']} with "
            f"a score of at least {SUREST:g} for the "
            "favourable one refused"
        )
    return lines


def _figure(record: dict[str, Any]) -> str:
    if record["estimate"] is None:
        return f"not defined ({record['reason']})"
    if record["low"] is None:
        return f"{record['estimate']:.3f}"
    return f"{record['estimate']:.3f} ({record['low']:.3f} to {record['high']:.3f})"


def _progress(step: Step) -> None:
    print(f"{step.share:4.0%} {step.sentence}", file=sys.stderr)
