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
    by = judged_by(policy)
    if by is None:
        return None
    return evaluate(by, result).to_json() | {
        "adopted": policy.to_json() if isinstance(policy, PolicyRecord) else None
    }


def judged_by(policy: Policy | PolicyRecord | None) -> Policy | None:
    """Return the policy itself; None where none is given, or nobody adopted one."""
    if isinstance(policy, PolicyRecord):
        return None if policy.current is None else policy.current.policy
    return policy
