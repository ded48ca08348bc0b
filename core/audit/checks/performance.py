"""Checks of performance: what decisions and scores are worth."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from core.audit.checks import needs
from core.audit.checks.check import NotJudged
from core.audit.checks.registry import registered
from core.audit.finding import Finding
from core.learning.learners import LEARNERS
from core.learning.single_features import telling_features
from core.training.external_split import trained_on_is_known
from core.training.rows_apart import rows_apart

if TYPE_CHECKING:
    from core.audit.result import AuditResult

LEAKING_AUC = 0.98
"""ROC AUC above this is rarely honest."""
GUESSING = 0.5
"""ROC AUC of a score that tells nothing."""


@registered("PERF-01", "A model that does no better than always saying the same.", needs.outcome)
def _majority(result: AuditResult) -> Iterable[Finding | NotJudged]:
    accuracy = result.performance.figures["accuracy"]
    majority = result.performance.majority_class_accuracy
    if accuracy.estimate is None or accuracy.low is None or accuracy.high is None:
        yield NotJudged("not enough evidence", f"accuracy: {accuracy.reason}")
        return
    assert majority is not None
    # Where all outcomes are alike, nothing can be more accurate than saying so.
    if accuracy.low <= majority < 1:
        yield Finding(
            "PERF-01",
            "medium",
            f"Decisions are {'less' if accuracy.high < majority else 'not significantly more'} "
            "accurate than always deciding for the more frequent label",
            f"Accuracy {accuracy.estimate:.3f} (95% interval {accuracy.low:.3f} to "
            f"{accuracy.high:.3f}); always the more frequent label: {majority:.3f}",
            "Look at ROC AUC and at the decision threshold before using the decisions"
            if result.performance.figures["roc_auc"].estimate is not None
            else "Use the decisions only with a reason that accuracy does not show",
        )


@registered(
    "PERF-02", "What privacy cost in accuracy, beside a model without it.", needs.private_model
)
def _price_of_privacy(result: AuditResult) -> Iterable[Finding | NotJudged]:
    assert result.trained is not None
    if result.trained.baseline is None:
        yield NotJudged("skipped", "no model without privacy was trained beside it")
        return
    own = result.performance.figures["roc_auc"].estimate
    plain = result.trained.baseline.figures["roc_auc"].estimate
    if own is None or plain is None:
        yield NotJudged("not enough evidence", "ROC AUC is not defined for both")
        return
    lost = plain - own
    yield Finding(
        "PERF-02",
        "medium" if lost > 0.05 else "info",
        f"ROC AUC is {abs(lost):.3f} {'below' if lost >= 0 else 'above'} that of a model without "
        "privacy",
        f"ROC AUC {own:.3f} at ε = {result.trained.spec.epsilon:g}; {plain:.3f} for "
        f"{result.trained.baseline_learner} without privacy on the same rows",
        "See on the trade-off page what a larger ε would buy",
    )


@registered("PERF-03", "Scores too good to be true.", needs.model)
def _leak(result: AuditResult) -> Iterable[Finding | NotJudged]:
    area = result.performance.figures["roc_auc"].estimate
    if area is not None and area > LEAKING_AUC:
        assert result.trained is not None
        dataset = result.dataset
        learned, judging = rows_apart(result.trained, result.trained.split.train)
        private = LEARNERS[result.trained.spec.learner].private  # Whose rows no figure may tell of.
        telling = (
            () if private else telling_features(dataset.features, dataset.target, learned, judging)
        )
        if telling:
            named = ", ".join(f"{name} ({alone:.3f})" for name, alone in telling)
            first = f"; by themselves these rank the outcome so well: {named}"
        else:
            first = f"; most important: {result.explained.features[0]}" if result.explained else ""
        known = trained_on_is_known(result.trained.spec)
        yield Finding(
            "PERF-03",
            "high",
            "The target may leak into the features"
            if known
            else "These rows may have trained the model, or the target leaks into the features",
            f"ROC AUC {area:.4f} is rarely honest{first}",
            "Drop features that are only known after the outcome"
            if known
            else "Judge the model by rows that it never saw, and ask whether a feature is only "
            "known after the outcome",
        )


@registered("PERF-04", "A score that is turned round.", needs.outcome, needs.scores)
def _turned_round(result: AuditResult) -> Iterable[Finding | NotJudged]:
    area = result.performance.figures.get("roc_auc")
    whole = area is not None and area.high is not None and area.high < GUESSING
    if area is not None and area.estimate is not None and whole:
        yield Finding(
            "PERF-04",
            "high",
            "The score is turned round: higher scores go with the negative outcome",
            f"ROC AUC {area.estimate:.3f} (95% interval {area.low:.3f} to {area.high:.3f}), where "
            f"0.5 is guessing; turned, the same score would have {1 - area.estimate:.3f}",
            "Ask which way the score points and which label is the positive one; turn one of them, "
            "and audit again before anything is concluded",
        )
        return
    for attributes, assessment in result.assessments.items():
        for group in assessment.groups:
            own = group.figures["roc_auc"]
            if own.high is None or own.high >= GUESSING or group.too_small:
                continue
            yield Finding(
                "PERF-04",
                "high",
                f"The score is turned round for {group.label} of {' × '.join(attributes)}",
                f"ROC AUC {own.estimate:.3f} there (95% interval {own.low:.3f} to {own.high:.3f}), "
                "where 0.5 is guessing",
                "Do not use the score for this group; look for features that mean the opposite in "
                "it, or labels recorded the other way round",
            )
