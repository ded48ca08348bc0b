"""What an audit shows of its policy, as it stands in audit.json and so in the report."""

from __future__ import annotations

from typing import Any

from core.audit.result import AuditResult
from core.governance.adopted_policy import PolicyRecord
from core.policy.evaluate import evaluate
from core.policy.policy import Policy


def policy_json(policy: Policy | PolicyRecord | None, result: AuditResult) -> dict[str, Any] | None:
    """Judge an audit by a policy, and write down who adopted it; None where there is none.

    Parameters
    ----------
    policy : Policy or PolicyRecord or None
        A record without any adoption is none; a policy that nobody adopted is judged all the same,
        as on the command line.
    result : AuditResult
    """
    record = policy if isinstance(policy, PolicyRecord) else None
    if record is not None:
        policy = None if record.current is None else record.current.policy
    if policy is None:
        return None
    assert isinstance(policy, Policy)
    return evaluate(policy, result).to_json() | {
        "adopted": None if record is None else record.to_json()
    }
