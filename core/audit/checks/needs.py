"""What checks need, and what is said of an audit that lacks it.

"Not applicable" is what can't arise in this audit; "skipped" is what was not run, and could be.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.audit.checks.check import NotJudged
from core.data.dataset import NO_OUTCOME
from core.learning.learners import LEARNERS
from core.training.external_split import TRAINING_ROWS_UNKNOWN, trained_on_is_known

if TYPE_CHECKING:
    from core.audit.result import AuditResult


def model(result: AuditResult) -> NotJudged | None:
    """Whether a model is audited: trained here, or made elsewhere."""
    if result.trained is not None:
        return None
    if result.plan.decided_by is not None:
        return NotJudged("not applicable", "decisions of a model are audited without true outcomes")
    return NotJudged("not applicable", "existing decisions are audited, and no model was trained")


def external_model(result: AuditResult) -> NotJudged | None:
    """Whether the model was made elsewhere."""
    if result.external is not None:
        return None
    return model(result) or NotJudged("not applicable", "the model was trained here")


def private_model(result: AuditResult) -> NotJudged | None:
    """Whether a model was trained here with a privacy guarantee."""
    if result.trained is None:
        return model(result)
    learner = LEARNERS[result.trained.spec.learner]
    if learner.private:
        return None
    if learner.external:
        return NotJudged(
            "not applicable", "the model was made elsewhere, and gives no privacy guarantee here"
        )
    return NotJudged("not applicable", "the model was trained without a privacy guarantee")


def mitigation(result: AuditResult) -> NotJudged | None:
    """Whether there is a mitigation."""
    if result.trained is None:
        return model(result)
    if result.trained.spec.mitigation != "none":
        return None
    external = LEARNERS[result.trained.spec.learner].external
    return NotJudged(
        "not applicable",
        "the model is asked without a mitigation"
        if external
        else "the model was trained without a mitigation",
    )


def unmitigated(result: AuditResult) -> NotJudged | None:
    """Whether there are the decisions of the same model without its mitigation."""
    lacking = mitigation(result)
    if lacking is not None:
        return lacking
    assert result.trained is not None
    if result.trained.unmitigated is not None:
        return None
    return NotJudged("skipped", "there is no model without the mitigation to compare with")


def outcome(result: AuditResult) -> NotJudged | None:
    """Whether true outcomes are known."""
    if result.dataset.outcome is not None:
        return None
    return NotJudged("not applicable", NO_OUTCOME)


def scores(result: AuditResult) -> NotJudged | None:
    """Whether there are scores and not decisions alone."""
    if result.trained is not None or result.dataset.scores is not None:
        return None
    return NotJudged("not applicable", "there are decisions and no scores")


def attack(result: AuditResult) -> NotJudged | None:
    """Whether a privacy attack was run on the model."""
    lacking = model(result) or _members(result)
    if lacking is not None or result.attack is not None:
        return lacking
    return NotJudged("skipped", "no privacy attack was run on the model")


def _members(result: AuditResult) -> NotJudged | None:
    """Whether it is known whose rows trained the model."""
    if result.trained is None or trained_on_is_known(result.trained.spec):
        return None
    return NotJudged("not applicable", TRAINING_ROWS_UNKNOWN)


def membership_attack(result: AuditResult) -> NotJudged | None:
    """Whether one of the privacy attacks was a membership attack."""
    lacking = attack(result)
    if lacking is not None or (result.attack is not None and result.attack.memberships):
        return lacking
    return NotJudged("skipped", "no membership attack was run")


def explanation(result: AuditResult) -> NotJudged | None:
    """Whether the model's scores were explained."""
    lacking = model(result)
    if lacking is not None or result.explained is not None:
        return lacking
    return NotJudged("skipped", "the model's scores were not explained")


def people(result: AuditResult) -> NotJudged | None:
    """Whether any person's score was explained."""
    lacking = model(result)
    if lacking is not None or result.people:
        return lacking
    return NotJudged("skipped", "no sample of people was explained")


def trust(result: AuditResult) -> NotJudged | None:
    """Whether the quality of explanations was measured."""
    lacking = model(result)
    if lacking is not None or result.trust is not None:
        return lacking
    return NotJudged("skipped", "the quality of explanations was not measured to the end")
