"""Remedies that depend on how the decisions of an audit are made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.learning.learners import LEARNERS

if TYPE_CHECKING:
    from core.audit.result import AuditResult


def way_out(result: AuditResult) -> str:
    """Say what can be done about a gap in this audit."""
    if result.trained is None:
        return "Ask whoever makes these decisions for the reason, and for a remedy"
    if LEARNERS[result.trained.spec.learner].private:
        return (
            "Train again without privacy and with a mitigation, to see whether it would help: "
            "with a guarantee to keep, mitigations are left out"
        )
    if result.trained.spec.mitigation != "none":
        return "Compare with another mitigation"
    if LEARNERS[result.trained.spec.learner].external:
        return (
            "Ask the model again with a mitigation after training, such as the threshold "
            "optimizer, and compare; or tell whoever made it"
        )
    return "Train again with a mitigation such as the threshold optimizer, and compare"
