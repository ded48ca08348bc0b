"""What attacks on a model found, as it stands in findings and in audit.json."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.attacks.membership import Membership
from core.attacks.one_run import OneRun


@dataclass(frozen=True, eq=False)
class Attacked:
    """All attacks that were made on a trained model.

    Attributes
    ----------
    memberships : tuple of Membership
        The loss threshold first; the likelihood ratio where shadow models were trained.
    audits : tuple of OneRun
        The model's own rows first; planted canaries where they were asked for.
    """

    memberships: tuple[Membership, ...]
    audits: tuple[OneRun, ...]


def attack_json(attacked: Attacked | None) -> dict[str, Any] | None:
    """Write attacks down; None where none was made."""
    if attacked is None:
        return None
    return {
        "membership": [_membership_json(found) for found in attacked.memberships],
        "one_run_audits": [_audit_json(found) for found in attacked.audits],
    }


def _membership_json(found: Membership) -> dict[str, Any]:
    return {
        "method": found.method,
        "shadow_models": found.shadows,
        "simulated": found.simulated,
        "unit": found.unit,
        "members": found.members,
        "non_members": found.non_members,
        "auc": found.auc.to_json(),
        "advantage": found.advantage.to_json(),
        "true_positive_rates": [
            {
                "false_positive_rate": at.limit,
                **at.true_rate.to_json(),
                "false_positive_rate_found": at.false_rate.to_json(),
                "note": at.note,
            }
            for at in found.at
        ],
        "groups": [
            {
                "attribute": group.attribute,
                "group": group.group,
                "members": group.members,
                "non_members": group.non_members,
                "auc": group.auc.to_json(),
                "auc_less_that_of_others": group.gap.to_json(),
                "significantly_worse": group.significantly_worse,
                # What it was called; goes with the next release.
                "surely_worse": group.significantly_worse,
            }
            for group in found.groups
        ],
        "level_of_group_intervals": found.joint_level,
    }


def _audit_json(found: OneRun) -> dict[str, Any]:
    claimed = (
        None if found.claimed is None else {"epsilon": found.claimed[0], "delta": found.claimed[1]}
    )
    return {
        "canaries": found.canaries,
        "what": found.what,
        "trials": [{"guesses": t.guesses, "correct": t.correct} for t in found.trials],
        "epsilon_lower_bound": found.epsilon,
        "delta": found.delta,
        "confidence": found.confidence,
        "claimed": claimed,
        "promised": claimed,  # what it was called; goes with the next release
        "p_value": found.p_value,
        "verdict": found.verdict,
        "simulated": found.simulated,
    }
