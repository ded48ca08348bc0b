"""Checks of explanations: whether they fit, what drives the scores, who is explained worse."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from core.audit.checks import needs
from core.audit.checks.registry import registered
from core.audit.finding import Finding
from core.data.roles.group_labels import beside_column
from core.explanation.proxies.proxies import find_proxies, leaning_sentences, strong_drivers
from core.explanation.trust.agreement import top_agreement
from core.explanation.trust.verdict import format_figure, verdict_on

if TYPE_CHECKING:
    from core.audit.result import AuditResult
    from core.explanation.attribution.explain import PersonExplanation

TOP, AGREED = 3, 0.5
"""How many reasons are compared, and the share that must be the same."""

POOR_FIT = 0.3
"""A local surrogate with a weighted R² below this says little about the model."""


@registered("EXPL-01", "Local explanations that do not fit the model.", needs.people)
def _poor_fit(result: AuditResult) -> Iterable[Finding]:
    # A poor fit alone is usual and changes no reason; with other reasons it misleads.
    poor = [person for person in result.people if _misleads(person)]
    if poor:
        yield Finding(
            "EXPL-01",
            "low",
            "LIME fits the model poorly for some people and names other reasons than SHAP",
            f"Weighted R² below {POOR_FIT}, and fewer than half of the {TOP} strongest features in "
            f"common with the same sign, for {len(poor)} of {len(result.people)} people",
            "Rely on SHAP for them",
        )


def _misleads(person: PersonExplanation) -> bool:
    """Whether LIME follows the model poorly for a person and its reasons are others."""
    if person.lime.fit >= POOR_FIT:
        return False
    weights = dict(zip(person.lime.features, person.lime.weights, strict=True))
    lime = np.array([weights.get(name, 0.0) for name in person.shap.features])
    same = top_agreement(person.shap.values[0], lime, TOP)[1]
    return same < AGREED


@registered(
    "EXPL-02", "Strong drivers of the scores that tell a sensitive attribute.", needs.explanation
)
def _proxy_drivers(result: AuditResult) -> Iterable[Finding]:
    explained = result.explained
    assert explained is not None
    drivers, shares = strong_drivers(explained.features, explained.mean_absolute)
    if not drivers:
        return
    found = []
    for column in result.dataset.roles.sensitive:
        *_, (_, last) = find_proxies(result.dataset, column, features=drivers)
        found.append(last)
    text = leaning_sentences(drivers, shares, tuple(found))
    if text:
        yield Finding(
            "EXPL-02",
            "medium",
            "A strong driver of the scores is a proxy of a sensitive attribute",
            "; ".join(text),
            "Ask whether the feature is needed for what it says itself; without it, look again at "
            "rates by group and at accuracy",
        )


@registered("EXPL-03", "Explanations not to be trusted.", needs.trust)
def _trust(result: AuditResult) -> Iterable[Finding]:
    assert result.trust is not None
    for explainer in ("SHAP", "LIME"):
        verdict = verdict_on(result.trust, explainer)
        if verdict.level == "do not rely on it":
            honest = result.trust.off is None or result.trust.off.verdict != "alarm"
            yield Finding(
                "EXPL-03",
                "medium" if honest else "high",
                f"{explainer}'s explanations should not be relied on",
                "; ".join(r.sentence for r in verdict.reasons if r.status == "bad"),
                "Do not give them as reasons for a decision; use a model that can be read as it "
                "is, such as an additive one"
                if honest
                else "Have the model's code inspected: it may be built to mislead explanations",
            )


@registered("EXPL-04", "Explanations that are worse for some.", needs.trust)
def _worse_for_some(result: AuditResult) -> Iterable[Finding]:
    assert result.trust is not None
    worse = [gap for gap in result.trust.gaps if gap.significantly_worse]
    if worse:
        yield Finding(
            "EXPL-04",
            "medium",
            "Explanations are worse for some",
            "; ".join(
                f"{gap.measure} for {beside_column(gap.attribute, gap.group)}: "
                f"{format_figure(gap.mean)}, lower than for everyone else by at least "
                f"{-(gap.gap.high or 0.0):.2f}"
                for gap in worse
            ),
            "Tell those who explain decisions to them, and look for another explanation",
        )
