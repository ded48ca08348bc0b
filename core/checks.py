"""The registry of checks: each looks at an audit and returns a finding, or nothing.

A new check is one ``CHECKS.add(...)`` here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.explanation.proxies import find_proxies, leaning_sentences
from core.explanation.trust.verdict import verdict_on, written
from core.fairness.mitigation import MITIGATIONS, GroupScorer
from core.fairness.mitigation.private_thresholds import DeclaredThresholdsDecider
from core.finding import SEVERITIES, Finding, Severity
from core.learning.learners import LEARNERS
from core.registry import Registry

if TYPE_CHECKING:
    from core.audit import AuditResult

LARGE_GAP = 0.1
"""An equalized-odds gap surely above this is a finding of high severity."""
TOP_DRIVERS = 5
SMALLEST_DRIVER = 0.05
"""Of what moves the scores; what carries less drives nothing by itself."""
POOR_FIT = 0.3
"""A local surrogate with a weighted R² below this says little about the model."""
LEAKING_AUC = 0.98
FOUND_AT_ONE_PERCENT = 0.02
"""Twice as many members found as by guessing, surely, is a finding."""
CLEAR_ADVANTAGE = 0.1
"""A membership advantage surely above this is one too."""


@dataclass(frozen=True)
class Check:
    """A registered check: ``name`` is its code, ``look`` yields findings or nothing."""

    name: str
    sentence: str
    look: Callable[[AuditResult], Iterable[Finding]]


CHECKS: Registry[Check] = Registry("check")


def check_all(result: AuditResult, caveats: tuple[str, ...] = ()) -> tuple[Finding, ...]:
    """Run all checks; most severe first, then in the order of the registry."""
    found = [finding for check in CHECKS for finding in check.look(result)]
    if caveats:
        found.append(
            Finding(
                "DATA-02",
                "info",
                f"{len(caveats)} caveats of the data's source"
                if len(caveats) > 1
                else "A caveat of the data's source",
                " ".join(caveats),
                "Weigh them when judging",
            )
        )
    return tuple(sorted(found, key=lambda finding: SEVERITIES.index(finding.severity)))


def _register(
    code: str, sentence: str
) -> Callable[
    [Callable[[AuditResult], Iterable[Finding]]], Callable[[AuditResult], Iterable[Finding]]
]:
    def add(look: Callable[[AuditResult], Iterable[Finding]]) -> Callable[..., Iterable[Finding]]:
        CHECKS.add(Check(code, sentence, look))
        return look

    return add


@_register("FAIR-01", "The four-fifths rule on the favourable decision.")
def _four_fifths(result: AuditResult) -> Iterable[Finding]:
    for attributes, assessment in result.assessments.items():
        if len(attributes) > 1:
            continue
        rule = assessment.four_fifths
        if rule.verdict in ("fails", "unclear"):
            yield Finding(
                "FAIR-01",
                "high" if rule.verdict == "fails" else "medium",
                f"Four-fifths rule {'fails' if rule.verdict == 'fails' else 'is unclear'} "
                f"for {attributes[0]}",
                rule.sentence,
                f"Find the cause; justify the difference or remove it. {_way_out(result)}"
                if rule.verdict == "fails"
                else "Collect more cases before relying on either answer",
            )


def _way_out(result: AuditResult) -> str:
    """Say what can be done about a gap in this audit."""
    if result.trained is None:
        return "Ask whoever makes these decisions for the reason, and for a remedy"
    if LEARNERS[result.trained.spec.learner].private:
        return (
            "Train again without privacy and with a mitigation, to see whether it would help: "
            "with a promise to keep, mitigations are left out"
        )
    if result.trained.spec.mitigation != "none":
        return "Compare with another mitigation"
    return "Train again with a mitigation such as the threshold optimizer, and compare"


@_register("FAIR-02", "A gap in true or false positive rates that is surely there.")
def _equalized_odds(result: AuditResult) -> Iterable[Finding]:
    for attributes, assessment in result.assessments.items():
        if len(attributes) > 1:
            continue
        gap = assessment.disparity("equalized_odds_difference")
        figure = gap.figure if gap.figure.estimate is not None else gap.among_defined
        if figure is None or figure.estimate is None or figure.low is None or figure.low <= 0.02:
            continue
        small = {group.name for group in assessment.groups if group.too_small}
        doubtful = bool(small & set(gap.between))
        names = [f"{n} (too small to judge)" if n in small else n for n in gap.between]
        between = f" between {' and '.join(names)}" if names else ""
        severe: Severity = "high" if figure.low > LARGE_GAP else "medium"
        yield Finding(
            "FAIR-02",
            "low" if doubtful else severe,
            f"Errors fall unequally on the groups of {attributes[0]}",
            f"Equalized-odds difference {figure.estimate:.3f} (95 % interval {figure.low:.3f} to "
            f"{figure.high:.3f}){between}",
            _way_out(result),
        )


@_register("FAIR-03", "Groups too small to judge.")
def _small_groups(result: AuditResult) -> Iterable[Finding]:
    for attributes, assessment in result.assessments.items():
        small = [group.name for group in assessment.groups if group.too_small]
        if small:
            shown = ", ".join(small[:6]) + (f" and {len(small) - 6} more" if len(small) > 6 else "")
            yield Finding(
                "FAIR-03",
                "low",
                f"{len(small)} of {len(assessment.groups)} groups of {' × '.join(attributes)} are "
                "too small to judge",
                f"Too few rows for a firm figure: {shown}",
                "Collect more cases, or merge groups where that makes sense",
            )


@_register("PERF-01", "A model that does no better than always saying the same.")
def _majority(result: AuditResult) -> Iterable[Finding]:
    accuracy = result.performance.figures["accuracy"]
    majority = result.performance.majority_class_accuracy
    if accuracy.estimate is None or accuracy.low is None or accuracy.high is None:
        return
    if accuracy.low <= majority:
        yield Finding(
            "PERF-01",
            "medium",
            f"Decisions are {'less' if accuracy.high < majority else 'not surely more'} accurate "
            "than always deciding for the more frequent label",
            f"Accuracy {accuracy.estimate:.3f} (95 % interval {accuracy.low:.3f} to "
            f"{accuracy.high:.3f}); always the more frequent label: {majority:.3f}",
            "Look at AUROC and at the decision threshold before using the decisions",
        )


@_register("PERF-02", "What privacy cost in accuracy, beside a learner without it.")
def _price_of_privacy(result: AuditResult) -> Iterable[Finding]:
    if result.trained is None or result.trained.baseline is None:
        return
    own = result.performance.figures["roc_auc"].estimate
    plain = result.trained.baseline.figures["roc_auc"].estimate
    if own is None or plain is None:
        return
    lost = plain - own
    yield Finding(
        "PERF-02",
        "medium" if lost > 0.05 else "info",
        f"AUROC is {abs(lost):.3f} {'below' if lost >= 0 else 'above'} that of a learner without "
        "privacy",
        f"AUROC {own:.3f} at ε = {result.trained.spec.epsilon:g}; {plain:.3f} for "
        f"{result.trained.baseline_learner} without privacy on the same rows",
        "See on the trade-off page what a larger ε would buy",
    )


@_register("PERF-03", "Scores too good to be true.")
def _leak(result: AuditResult) -> Iterable[Finding]:
    area = result.performance.figures["roc_auc"].estimate
    if result.trained is not None and area is not None and area > LEAKING_AUC:
        first = f"; most important: {result.explained.features[0]}" if result.explained else ""
        yield Finding(
            "PERF-03",
            "high",
            "The target may leak into the features",
            f"AUROC {area:.4f} is rarely honest{first}",
            "Drop features that are only known after the outcome",
        )


@_register("PRIV-01", "Whether there is a privacy promise.")
def _promise(result: AuditResult) -> Iterable[Finding]:
    trained = result.trained
    if trained is None or not LEARNERS[trained.spec.learner].private:
        return
    if trained.spec.noise == "seeded":
        yield Finding(
            "PRIV-01",
            "high",
            "Privacy noise can be repeated, so no promise holds",
            "The noise was drawn from a seed, as in a simulation",
            "Train again with fresh noise before releasing anything",
        )
    elif trained.spec.epsilon is not None and trained.spec.epsilon > 5:
        yield Finding(
            "PRIV-01",
            "medium",
            "The privacy budget is large",
            f"ε = {trained.spec.epsilon:g} lets odds change by a factor of e^ε",
            "Prefer ε of 1 or below where the figures allow",
        )


@_register("PRIV-03", "A delta that promises nothing.")
def _large_delta(result: AuditResult) -> Iterable[Finding]:
    trained = result.trained
    if trained is None or trained.cost is None:
        return
    delta, rows = trained.cost[1], len(trained.split.train)
    if delta * rows >= 1:
        yield Finding(
            "PRIV-03",
            "high",
            "Delta is too large for a promise",
            f"δ = {delta:g} is at least 1 / {rows} training rows: publishing whole rows at random "
            "would keep such a promise",
            f"Choose δ well below {1 / rows:.1e}",
        )


@_register("PRIV-02", "Columns of which paid bounds could tell nothing.")
def _paid_bounds(result: AuditResult) -> Iterable[Finding]:
    trained = result.trained
    if trained is None or trained.domains is None or trained.domains.origin != "paid":
        return
    blind = trained.domains.unlearned
    yield Finding(
        "PRIV-02",
        "medium" if blind else "info",
        "Bounds and categories were paid for from the budget",
        f"{len(blind)} of {len(trained.domains.items)} columns stayed below the noise"
        + (f": {', '.join(blind[:8])}" if blind else ""),
        "Declare bounds and categories from public knowledge: that costs nothing",
    )


@_register("PRIV-04", "A membership attack that clearly succeeds.")
def _membership(result: AuditResult) -> Iterable[Finding]:
    if result.attack is None:
        return
    for found in result.attack.memberships:
        at, gain = found.at[0], found.advantage
        sure = at.true_rate.low is not None and at.true_rate.low > FOUND_AT_ONE_PERCENT
        if not sure and (gain.low is None or gain.low <= CLEAR_ADVANTAGE):
            continue
        told = []
        if at.true_rate.estimate is not None:
            told.append(
                f"{at.true_rate.estimate:.1%} of members are found while {at.limit:.0%} of "
                f"non-members are accused (95 % interval from {at.true_rate.low:.1%})"
            )
        told.append(f"advantage {gain.estimate:.3f} (95 % interval from {gain.low:.3f})")
        yield Finding(
            "PRIV-04",
            "high",
            "The model gives away who was in its training data",
            f"By {found.method}: {'; '.join(told)}".replace("%", " %").replace("  ", " "),
            "Train with a privacy budget, or a learner that overfits less; do not publish the "
            "model or its scores",
        )
    worst = result.attack.memberships[-1].worst
    if worst is not None and worst.surely_worse and worst.auc.estimate is not None:
        yield Finding(
            "PRIV-06",
            "medium",
            f"Privacy is worse for some: {worst.attribute} {worst.group}",
            f"The attack's area under the curve is {worst.auc.estimate:.3f} there, surely above "
            f"that of everyone else (difference at least {worst.gap.low:.3f})",
            "Collect more rows of the group, or train with a privacy budget, which protects each "
            "row alike",
        )


@_register("PRIV-05", "A privacy promise that an audit refutes.")
def _broken_promise(result: AuditResult) -> Iterable[Finding]:
    for found in () if result.attack is None else result.attack.audits:
        if found.verdict == "guarantee broken" and found.promised is not None:
            yield Finding(
                "PRIV-05",
                "high",
                "The privacy guarantee is broken",
                f"ε = {found.promised[0]:g} is promised, and it is at least {found.epsilon:.2f} "
                f"({found.canaries} canaries: {found.what})",
                "Release nothing of this model; look for bounds read from data, charges that "
                "were forgotten, and noise that is too small",
            )


@_register("MIT-01", "What a mitigation asks for when it decides.")
def _mitigation(result: AuditResult) -> Iterable[Finding]:
    if result.trained is None:
        return
    mitigation = MITIGATIONS[result.trained.spec.mitigation]
    if mitigation.needs_group_to_decide:
        yield Finding(
            "MIT-01",
            "medium",
            "The sensitive attribute is used for each decision",
            f"{mitigation.title} needs it when deciding, which some laws forbid",
            "Have it checked for where it will be used, or choose another mitigation",
        )
    strangers = _unknown_groups(result) if mitigation.needs_group_to_decide else []
    if strangers:
        yield Finding(
            "MIT-02",
            "medium",
            "Some groups were unknown to the mitigation",
            f"Not declared, or too few beside the noise: {', '.join(strangers)}; they are decided "
            f"at the threshold for everybody, {result.trained.decider.others:g}"
            if isinstance(result.trained.decider, DeclaredThresholdsDecider)
            else f"The rows it was fitted on held none of: {', '.join(strangers)}; they are "
            "decided as without it",
            "Merge small groups, or mitigate for another attribute",
        )
    if isinstance(result.trained.decider, GroupScorer) and (result.explained or result.people):
        yield Finding(
            "MIT-03",
            "info",
            "Explanations leave the person's group out",
            f"With {mitigation.title} a score depends on the group; what is explained is the score "
            "of the same features with the group unknown",
            "Do not offer the explanation as the whole reason for a decision",
        )
    if mitigation.randomised:
        yield Finding(
            "MIT-01",
            "info",
            "Some decisions are made by lot",
            f"{mitigation.title} randomises; the lot is fixed by a person's features and the seed",
            "Say so to those concerned",
        )


def _unknown_groups(result: AuditResult) -> list[str]:
    """Name groups of test rows that the rows a mitigation was fitted on did not hold."""
    trained = result.trained
    if trained is None:
        return []
    column = trained.spec.mitigate_for or result.dataset.roles.sensitive[0]
    groups = result.dataset.sensitive[column]
    if isinstance(trained.decider, DeclaredThresholdsDecider):
        return sorted(set(groups.iloc[trained.split.test]) - set(trained.decider.thresholds))
    after = MITIGATIONS[trained.spec.mitigation].family == "after"
    fitted_on = trained.split.validation if after else trained.split.train
    return sorted(set(groups.iloc[trained.split.test]) - set(groups.iloc[fitted_on]))


@_register("DATA-01", "Rows that were dropped on the way.")
def _dropped(result: AuditResult) -> Iterable[Finding]:
    lost = len(result.table.frame) - len(result.dataset)
    if lost:
        share = lost / len(result.table.frame)
        yield Finding(
            "DATA-01",
            "medium" if share > 0.05 else "low",
            f"{lost} of {len(result.table.frame)} rows were dropped",
            "; ".join(
                f"{repair.what} ({repair.count}, {repair.column})"
                for repair in result.dataset.repairs
                if repair.what.startswith("Rows ")
            )
            or "They lack the target, a prediction or a score",
            "Check whether they are missing by chance or belong to one group",
        )


@_register(
    "DATA-04", "Rows that were left out so that one person counts for no more than promised."
)
def _left_out(result: AuditResult) -> Iterable[Finding]:
    for repair in () if result.trained is None else result.trained.repairs:
        yield Finding(
            "DATA-04",
            "info",
            f"{repair.count} rows were left out of training and testing",
            f"{repair.what} ({repair.column})",
            "Keep more rows of each person, at the price of more noise for each",
        )


@_register("DATA-03", "Sensitive columns that the model sees.")
def _sensitive_features(result: AuditResult) -> Iterable[Finding]:
    seen = [c for c in result.dataset.roles.sensitive if c in result.dataset.roles.features]
    if seen and result.trained is not None:
        yield Finding(
            "DATA-03",
            "medium",
            "The model sees a sensitive attribute",
            f"Among its features: {', '.join(seen)}",
            "Leave it out of the features unless there is a reason to keep it",
        )


@_register("EXPL-01", "Local explanations that do not fit the model.")
def _poor_fit(result: AuditResult) -> Iterable[Finding]:
    poor = [person for person in result.people if person.lime.fit < POOR_FIT]
    if poor:
        yield Finding(
            "EXPL-01",
            "low",
            "LIME fits the model poorly for some people",
            f"Weighted R² below {POOR_FIT} for {len(poor)} of {len(result.people)} people",
            "Rely on SHAP for them",
        )


@_register("EXPL-02", "Strong drivers of the scores that tell a sensitive attribute.")
def _proxy_drivers(result: AuditResult) -> Iterable[Finding]:
    explained = result.explained
    if explained is None or not explained.mean_absolute.sum():
        return
    shares = explained.mean_absolute[:TOP_DRIVERS] / explained.mean_absolute.sum()
    drivers = explained.features[: int((shares >= SMALLEST_DRIVER).sum())]
    found = []
    for column in result.dataset.roles.sensitive:
        *_, (_, last) = find_proxies(result.dataset, column, features=drivers)
        found.append(last)
    told = leaning_sentences(drivers, shares, tuple(found))
    if told:
        yield Finding(
            "EXPL-02",
            "medium",
            "A strong driver of the scores is a proxy of a sensitive attribute",
            "; ".join(told),
            "Ask whether the feature is needed for what it says itself; without it, look again at "
            "rates by group and at accuracy",
        )


@_register("EXPL-03", "Explanations not to be trusted, or worse for some.")
def _trust(result: AuditResult) -> Iterable[Finding]:
    if result.trust is None:
        return
    for explainer in ("SHAP", "LIME"):
        verdict = verdict_on(result.trust, explainer)
        if verdict.level == "do not rely on it":
            honest = result.trust.off is None or result.trust.off.verdict != "alarm"
            yield Finding(
                "EXPL-03",
                "medium" if honest else "high",
                f"{explainer}'s explanations should not be relied on",
                "; ".join(r.sentence for r in verdict.reasons if r.status == "bad"),
                "Do not give them as reasons for a decision; use a learner that can be read as it "
                "is, such as an additive one"
                if honest
                else "Have the model's code inspected: it may be built to mislead explanations",
            )
    worse = [gap for gap in result.trust.gaps if gap.surely_worse]
    if worse:
        yield Finding(
            "EXPL-03",
            "medium",
            "Explanations are worse for some",
            "; ".join(
                f"{gap.measure} for {gap.attribute} {gap.group}: {written(gap.mean)}, lower than "
                f"for everyone else by at least {-(gap.gap.high or 0.0):.2f}"
                for gap in worse
            ),
            "Tell those who explain decisions to them, and look for another explanation",
        )
