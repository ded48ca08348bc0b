"""Figures of everybody, read from an audit: performance, privacy, attacks, explanations, data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from core.audit.decided_rows import decided_rows
from core.audit.result import AuditResult
from core.data.dataset import NO_OUTCOME
from core.explanation.trust.verdict import verdict_on
from core.fairness.counts.known_groups import unknown_count
from core.fairness.metrics.assessment import Figure
from core.fairness.metrics.group_measurement import NO_SCORES
from core.learning.learners import LEARNERS
from core.policy.compared import GroupReader
from core.privacy.accounting.budget import compose

State = Literal["read", "not applicable", "not run", "no guarantee", "not enough evidence"]


@dataclass(frozen=True)
class Reading:
    """A figure as an audit holds it.

    Attributes
    ----------
    figure : Figure
        Exact figures have ends equal to the estimate.
    state : {"read", "not applicable", "not run", "no guarantee", "not enough evidence"}
        "no guarantee" is that of a model that is private in name only, or not at all.
    because : str
        Why it could not be read; or what it is the figure of.
    """

    figure: Figure
    state: State = "read"
    because: str = ""


def exact(value: float, because: str = "") -> Reading:
    """Make the reading of a figure that no sample stands behind."""
    return Reading(Figure(value, value, value), because=because)


def read_overall(name: str, result: AuditResult) -> Reading:
    """Read a figure of everybody.

    Parameters
    ----------
    name : str
        Of a figure in :data:`core.policy.figures.FIGURES` that compares no groups.
    result : AuditResult
    """
    return _READERS[name](result)


def unknown_share(reader: GroupReader, attributes: tuple[str, ...]) -> Reading:
    """Share of the judged rows whose group is not known."""
    cube = reader.cube(attributes)
    rows = int(cube.count.sum())
    unknown = unknown_count(cube)
    return exact(unknown / rows, f"{unknown:,} of {rows:,} rows are of unknown group")


def _missing(why: str, state: State) -> Reading:
    return Reading(Figure(None, reason=why), state, why)


def _accuracy(result: AuditResult) -> Reading:
    if result.performance.majority_class_accuracy is None:
        return _missing(NO_OUTCOME, "not applicable")
    return _defined(result.performance.figures["accuracy"])


def _roc_auc(result: AuditResult) -> Reading:
    if result.performance.majority_class_accuracy is None:
        return _missing(NO_OUTCOME, "not applicable")
    scores = decided_rows(result.dataset, result.trained).scores
    if not isinstance(scores, np.ndarray):
        return _missing(scores or NO_SCORES, "not applicable")
    return _defined(result.performance.figures["roc_auc"])


def _defined(figure: Figure) -> Reading:
    if figure.estimate is None:
        return _missing(figure.reason or "it is not defined", "not enough evidence")
    return Reading(figure)


def _over_majority(result: AuditResult) -> Reading:
    found = _accuracy(result)
    base = result.performance.majority_class_accuracy
    figure = found.figure
    if found.state != "read" or base is None or figure.estimate is None:
        return found
    ends = (None, None) if figure.low is None or figure.high is None else (figure.low, figure.high)
    moved = Figure(
        figure.estimate - base,
        None if ends[0] is None else ends[0] - base,
        None if ends[1] is None else ends[1] - base,
        figure.reason,
    )
    return Reading(moved, because=f"the majority class alone is right in {base:.3f} of these rows")


def _spent(of: Literal["epsilon", "delta"]) -> Callable[[AuditResult], Reading]:
    def read(result: AuditResult) -> Reading:
        trained = result.trained
        if trained is None:
            return _missing("no model was trained, so none is private", "no guarantee")
        if not LEARNERS[trained.spec.learner].private:
            return _missing("the model was not trained privately", "no guarantee")
        if trained.noise != "fresh" or trained.cost is None:
            return _missing(
                "the noise was drawn from a seed and can be drawn again, so it protects nobody",
                "no guarantee",
            )
        own = dict(zip(("epsilon", "delta"), trained.cost, strict=True))[of]
        # What is added up protects against whoever sees all of it, not the model alone.
        sums = [own]
        if result.charges:
            spent = result.cap.spent(result.charges) if result.cap else compose(result.charges)
            sums.append(getattr(spent, of))
        charges = len(result.charges)
        count = "1 charge" if charges == 1 else f"{charges} charges"
        text = f"the model alone has {own:g}" + (f", and {count} are added up" if charges else "")
        return exact(float(max(sums)), text)

    return read


def _advantage(result: AuditResult) -> Reading:
    if result.trained is None:
        return _missing(
            "no model was trained, so nobody's row can be found in it", "not applicable"
        )
    if result.attack is None or not result.attack.memberships:
        return _missing("no membership attack was made on this model", "not run")
    known = [m for m in result.attack.memberships if m.advantage.low is not None]
    if not known:
        why = result.attack.memberships[0].advantage.reason or "it has no interval"
        return _missing(why, "not enough evidence")
    # Of several attacks the best counts: it finds at least what any of them surely does, and at
    # most what any of them may.
    best = max(known, key=lambda m: m.advantage.estimate or 0.0)
    low = max(m.advantage.low for m in known if m.advantage.low is not None)
    high = max(m.advantage.high for m in known if m.advantage.high is not None)
    of = f", the best of {len(known)} attacks" if len(known) > 1 else ""
    return Reading(
        Figure(best.advantage.estimate, low, high), because=f"found by the {best.method} attack{of}"
    )


_LEVELS = ("do not rely on it", "with caution", "trust")


def _trust(result: AuditResult) -> Reading:
    if result.trained is None:
        return _missing("no model was trained, so there is none to explain", "not applicable")
    if result.trust is None:
        return _missing("how far explanations can be trusted was not measured", "not run")
    if not result.trust.complete:
        return _missing("trust in explanations was not measured to the end", "not enough evidence")
    explainers = list(dict.fromkeys(found.explainer for found in result.trust.fidelity))
    if not explainers:
        return _missing("no explainer could be measured", "not enough evidence")
    verdicts = [verdict_on(result.trust, explainer) for explainer in explainers]
    worst = min(verdicts, key=lambda verdict: _LEVELS.index(verdict.level))
    reason = f": {worst.reasons[0].sentence}" if worst.reasons else ""
    return exact(
        float(_LEVELS.index(worst.level)),
        f"the verdict on {worst.explainer} is “{worst.level}”{reason}",
    )


def _missing_share(result: AuditResult) -> Reading:
    roles, rows = result.dataset.roles, len(result.table.frame)
    used = {*roles.features, *roles.sensitive, roles.target, roles.prediction, roles.score}
    columns = [column for column in result.table.columns if column.name in used]
    if not rows or not columns:
        return _missing("the audit uses no column", "not enough evidence")
    worst = max(columns, key=lambda column: column.missing)
    text = f"column {worst.name!r} lacks {worst.missing:,} of {rows:,} values"
    if not worst.missing:
        text = f"none of {len(columns)} columns lacks a value"
    return exact(worst.missing / rows, text)


_READERS: dict[str, Callable[[AuditResult], Reading]] = {
    "roc_auc": _roc_auc,
    "accuracy": _accuracy,
    "accuracy_over_majority": _over_majority,
    "epsilon": _spent("epsilon"),
    "delta": _spent("delta"),
    "membership_advantage": _advantage,
    "explanation_trust": _trust,
    "missing_share": _missing_share,
}
