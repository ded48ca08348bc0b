"""``python -m core gate``: judge an audit by a policy, for a build that goes on or stops."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.audit.audit_options import AUDIT_OPTIONS
from core.audit.result import AuditResult
from core.audit_state.audit_models import load_model
from core.audit_state.collecting import collect
from core.audit_state.state import AuditState, load_audit, read_table
from core.cli.audit import Prepared, prepared
from core.cli.options import refuse_ignored, write_text
from core.data.assign import assign
from core.errors import InputError
from core.governance.adopted_policy import mark_seen, policy_record
from core.installation import PROGRAM
from core.policy.evaluate import evaluate
from core.policy.evaluation import Evaluation
from core.policy.evaluation_json import evaluation_from_json
from core.policy.gate import exit_status, failure_of, failures_told
from core.policy.policy import Policy
from core.policy.policy_toml import digest
from core.policy.presets import find_policy
from core.reporting.gate_report import gate_lines, gate_markdown, junit_xml
from core.storage.workspace import Workspace, default_root
from core.training.paid_bounds import charges_due


def gate(options: argparse.Namespace) -> int:
    """Run ``gate``; return its exit status: 0 met, 3 not met, 4 not judged.

    Raises
    ------
    InputError
        If an option, the audit or the policy can't be used.
    """
    fail_on = failures_told(options.fail_on)
    policy = None if options.policy is None else find_policy(options.policy)
    if (options.audit is None) == (options.data is None):
        raise InputError(
            "one audit is judged, and "
            + ("none is named" if options.data is None else "both an audit and data are named"),
            where="gate",
            remedy="Name an audit of the workspace, a folder that audit --out wrote, or --data",
        )
    adopted, deliver = "", None
    if options.data is not None:
        evaluation, deliver = _of_data(options, _needed(policy))
    else:
        for option in AUDIT_OPTIONS:
            if option.flag and option.is_given(options):
                refuse_ignored(option.flag, "an audit is judged as it was made")
        if not options.audit.strip():
            raise InputError(
                "it is empty",
                where="AUDIT",
                remedy="Name an audit of the workspace, or a folder that audit --out wrote",
            )
        if Path(options.audit).exists():
            evaluation, adopted = _of_folder(Path(options.audit), policy)
        else:
            evaluation, adopted = _of_workspace(options.audit, policy)
    record = evaluation.to_json()
    failing = {
        result.criterion.id: failure if failure in fail_on else None
        for result in evaluation.results
        for failure in (failure_of(result),)
    }
    if options.junit is not None:
        write_text(Path(options.junit), junit_xml(record, failing))
    if options.markdown is not None:
        write_text(Path(options.markdown), gate_markdown(record, adopted))
    for line in [*gate_lines(record), *([adopted] if adopted else [])]:
        print(line)
    if deliver is not None:
        # A place that can't be written stops before: the same call again costs nothing then.
        deliver()
    return exit_status(evaluation, fail_on)


def _needed(policy: Policy | None) -> Policy:
    if policy is None:
        raise InputError(
            "there is no policy to judge by",
            where="--policy",
            remedy=f"Name a file or a preset; {PROGRAM} policy list names those",
        )
    return policy


def _of_data(options: argparse.Namespace, policy: Policy) -> tuple[Evaluation, Callable[[], None]]:
    """Judge a table; return what says that the result has reached whoever asked, too."""
    ready = prepared(options)
    _say_charges(ready)
    result = ready.run()
    return evaluate(policy, result), lambda: ready.deliver(result)


def _say_charges(ready: Prepared) -> None:
    """Say before anything is spent what a private model costs: each one is another release."""
    training = ready.plan.training
    if ready.ledger is None or training is None or training.noise != "fresh":
        return
    due = charges_due(assign(ready.table, ready.plan.roles), training, ready.ledger)
    if not due:
        print(
            "a private model that was paid for is finished, at no further charge", file=sys.stderr
        )
        return
    charges = " and ".join(f"ε = {charge.epsilon:g}, δ = {charge.delta:g}" for charge in due)
    print(
        f"this trains a private model, which charges {charges} to the ledger of this data set, at "
        f"each call; {PROGRAM} audit --policy … --out FOLDER charges once, and {PROGRAM} gate "
        "FOLDER nothing",
        file=sys.stderr,
    )


def _of_folder(path: Path, policy: Policy | None) -> tuple[Evaluation, str]:
    """Read what an audit that was written down said of this very policy."""
    if path.is_dir():
        path = path / "audit.json"
    told = _read(path)
    written = told.get("policy")
    if not isinstance(written, dict):
        again = "Make the audit again with --policy, or name --data here"
        if "equipoise" not in told:
            again = "Name an audit of the workspace by its id or name, not by its folder"
        raise InputError(
            "it says nothing of a policy, and its figures alone are not enough to judge by: the "
            "rows or counts behind them are missing",
            where=str(path),
            remedy=again,
        )
    found = evaluation_from_json(written, str(path))
    if policy is not None and digest(policy) != digest(found.policy):
        raise InputError(
            f"it was judged by policy {found.policy.name!r}, version {found.policy.version}, "
            f"SHA-256 {digest(found.policy)[:12]}…, and not by this one ({digest(policy)[:12]}…)",
            where=str(path),
            remedy="Make the audit again with --policy and this one, or name --data here",
        )
    adopted = written.get("adopted")
    return found, str(adopted["told"]) if isinstance(adopted, dict) else ""


def _read(path: Path) -> dict[str, Any]:
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not JSON"
        raise InputError(f"it can't be read ({why})", where=str(path)) from None
    if not isinstance(record, dict):
        raise InputError("it is not an audit's JSON", where=str(path))
    return record


def _of_workspace(name: str, policy: Policy | None) -> tuple[Evaluation, str]:
    workspace = Workspace(default_root())
    state = _find(workspace, name)
    record = policy_record(workspace, state.id)
    text = ""
    if policy is None and record.current is not None:
        policy = record.current.policy
    policy = _needed(policy)
    if record.current is not None and record.current.sha256 == digest(policy):
        text = record.sentence
    result = _collected(workspace, state)
    # Before anything is printed, so that a policy adopted later says so.
    mark_seen(workspace, state.id, "the gate on the command line")
    return evaluate(policy, result), text


def _find(workspace: Workspace, name: str) -> AuditState:
    found = [record for record in workspace.list() if name in (record.id, record.name)]
    if len(found) != 1:
        raise InputError(
            f"{len(found)} audits have this name" if found else "there is no such audit",
            where=f"audit {name!r} in {workspace.root}",
            remedy=f"Give the id of one: {', '.join(record.id for record in found)}"
            if found
            else "Give the id or name of one of the workspace, or a folder that audit --out wrote",
        )
    return load_audit(workspace, found[0].id)


def _collected(workspace: Workspace, state: AuditState) -> AuditResult:
    if state.roles is None:
        raise InputError(
            "its columns have no roles yet, so there is nothing to judge",
            where=state.name,
            remedy="Assign roles first",
        )
    table = read_table(workspace, state)
    dataset = assign(table, state.roles)
    trained = None
    if not state.roles.audits_existing_predictions:
        if state.training is not None:
            trained = load_model(workspace, state, dataset, state.training)
        if trained is None:
            raise InputError(
                "no model of it is kept, so there is nothing to judge",
                where=state.name,
                remedy="Train the model first",
            )
    return collect(workspace, state, table, dataset, trained, None, ())
