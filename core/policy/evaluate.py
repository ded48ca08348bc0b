"""What an audit shows of a policy: the one function that page, report, JSON and gate call."""

from __future__ import annotations

from dataclasses import replace

from core.audit.result import AuditResult
from core.fairness.disparities.contrasts import gap
from core.fairness.disparities.disparities import lower
from core.fairness.metrics.assessment import Figure
from core.fairness.metrics.metric_registry import METRICS, GroupMetric, ScoreMetric
from core.fairness.metrics.metric_titles import metric_title
from core.policy.compared import Compared, GroupReader
from core.policy.deciding_pair import CLEAR, TOLERANCE, Standing, clearance, deciding_pair
from core.policy.evaluation import CriterionResult, Evaluation, Outcome, PartResult
from core.policy.figures import PolicyFigure
from core.policy.overall import Reading, read_overall, unknown_share
from core.policy.policy import Criterion, Policy
from core.policy.power import Power, power_of
from core.policy.significance import (
    SIGNIFICANT,
    WEIGHTS,
    PairTest,
    holm_adjusted,
)
from core.policy.wording import sentence

_NEITHER = "the interval reaches over the limit"
_UNCLEAR = (
    "the groups differ significantly and the estimate is beyond the limit, but so little that even "
    f"the {CLEAR:.0%} interval reaches over it"
)


def evaluate(policy: Policy, result: AuditResult) -> Evaluation:
    """Judge an audit by a policy.

    Parameters
    ----------
    policy : Policy
    result : AuditResult
    """
    reader = GroupReader(result)
    return Evaluation(policy, tuple(_judged(item, reader) for item in policy.criteria))


def _judged(criterion: Criterion, reader: GroupReader) -> CriterionResult:
    figure = criterion.definition
    found: tuple[PartResult, ...]
    if figure.compares is None and not figure.by_groups:
        found = (_overall(criterion, (), read_overall(criterion.figure, reader.result)),)
    else:
        covered = _covered(criterion, reader.result)
        if not covered:
            why = "there is only one sensitive attribute, so nothing to cross"
            found = (PartResult((), "not applicable", Figure(None, reason=why), why),)
        elif figure.compares is None:
            found = tuple(
                _overall(criterion, attributes, unknown_share(reader, attributes))
                for attributes in covered
            )
        else:
            found = _compared(criterion, figure, reader, covered)
    return CriterionResult(
        criterion, tuple(replace(part, sentence=sentence(criterion, part)) for part in found)
    )


def _covered(criterion: Criterion, result: AuditResult) -> list[tuple[str, ...]]:
    """List the attributes and intersections that a criterion is about, single ones first."""
    wanted = {"each": (True, False), "intersections": (False, True), "both": (True, True)}
    single, crossed = wanted[criterion.groups]
    return sorted((a for a in result.assessments if (single if len(a) == 1 else crossed)), key=len)


def _overall(criterion: Criterion, attributes: tuple[str, ...], read: Reading) -> PartResult:
    figure, because = read.figure, read.because
    if read.state == "no guarantee":
        # A gate that asks for privacy must not pass a model without it.
        outcome: Outcome = "not met" if criterion.demands_privacy else "not applicable"
        return PartResult(attributes, outcome, figure, because)
    if read.state != "read":
        return PartResult(attributes, read.state, figure, because)
    if criterion.evidence == "recorded":
        return PartResult(attributes, "met", figure, because)
    if figure.low is None or figure.high is None:
        return PartResult(attributes, "not enough evidence", figure, "it has no interval")
    found = _by_interval(criterion, figure)
    if found == "not enough evidence":
        because = f"{because}; {_NEITHER}" if because else _NEITHER
    return PartResult(attributes, found, figure, because)


def _by_interval(criterion: Criterion, figure: Figure) -> Outcome:
    """Judge a figure by its whole interval."""
    assert figure.low is not None
    assert figure.high is not None
    if criterion.at_most is not None:
        beyond = figure.low > criterion.at_most + TOLERANCE
        within = figure.high <= criterion.at_most + TOLERANCE
    else:
        assert criterion.at_least is not None
        beyond = figure.high < criterion.at_least - TOLERANCE
        within = figure.low >= criterion.at_least - TOLERANCE
    return "not met" if beyond else "met" if within else "not enough evidence"


def _compared(
    criterion: Criterion,
    figure: PolicyFigure,
    reader: GroupReader,
    covered: list[tuple[str, ...]],
) -> tuple[PartResult, ...]:
    recorded = criterion.evidence == "recorded"
    found = [
        reader.compare(figure, attributes, criterion.minimum_count, judged_only=not recorded)
        for attributes in covered
    ]
    tested: list[tuple[PairTest, Standing] | None] = [None] * len(found)
    if criterion.evidence == "significant":
        tested = [deciding_pair(criterion, item) for item in found]
    weights = [
        WEIGHTS["attribute" if len(item.attributes) == 1 else "intersection"] for item in found
    ]
    entered = [k for k, pair in enumerate(tested) if pair is not None]
    p_values = [pair[0].p_value for pair in tested if pair is not None]
    corrected = holm_adjusted(p_values, [weights[k] for k in entered])
    together = dict(zip(entered, corrected, strict=True))
    adjusted = [together.get(k) for k in range(len(found))]
    # By the first step of Holm's correction a comparison has its share of the error.
    whole = sum(weights[k] for k in entered)
    shares = [weights[k] / whole if k in together else 1.0 for k in range(len(found))]
    return tuple(
        _part(criterion, figure, reader, item, pair, p_value, share)
        for item, pair, p_value, share in zip(found, tested, adjusted, shares, strict=True)
    )


def _part(
    criterion: Criterion,
    figure: PolicyFigure,
    reader: GroupReader,
    found: Compared,
    pair: tuple[PairTest, Standing] | None,
    adjusted: float | None,
    share: float,
) -> PartResult:
    part = PartResult(
        found.attributes,
        "not applicable",
        found.figure,
        found.inapplicable,
        left_out=found.left_out,
        unknown=found.unknown,
        known=(*found.groups, *found.left_out),
    )
    if found.inapplicable:
        return part
    if found.figure.estimate is None:
        return replace(part, outcome="not enough evidence")
    part = _with_pair(
        part, criterion, figure, reader, found, None if pair is None else pair[0], adjusted
    )
    if criterion.evidence == "recorded":
        return replace(part, outcome="met")
    outcome, because = _outcome(criterion, found, None if pair is None else pair[1], adjusted)
    if outcome == "met" and found.trivial:
        outcome, because = "not enough evidence", found.trivial
    if outcome != "not enough evidence":
        return replace(part, outcome=outcome, because=because)
    power = _power(criterion, found, part, share)
    return replace(
        part,
        outcome=outcome,
        because=because,
        detectable=power.detectable,
        rows_needed=power.rows_needed,
    )


def _outcome(
    criterion: Criterion, found: Compared, standing: Standing | None, adjusted: float | None
) -> tuple[Outcome, str]:
    figure = found.figure
    if figure.low is None or figure.high is None:
        return "not enough evidence", figure.reason or "it has no interval"
    outcome = _by_interval(criterion, figure)
    if criterion.evidence == "beyond_limit":
        return outcome, _NEITHER if outcome == "not enough evidence" else ""
    if outcome == "met":
        return outcome, ""
    assert standing is not None
    assert adjusted is not None
    if standing == "within":
        return "not enough evidence", f"the estimate is within the limit, but {_NEITHER}"
    if adjusted >= SIGNIFICANT:
        return "not enough evidence", "the estimate is beyond the limit, but not significantly"
    if standing == "clear":
        return "not met", ""
    return "not enough evidence", _UNCLEAR


def _with_pair(
    part: PartResult,
    criterion: Criterion,
    figure: PolicyFigure,
    reader: GroupReader,
    found: Compared,
    pair: PairTest | None,
    adjusted: float | None,
) -> PartResult:
    """Name the pair that decides with its rates; by default that of the largest gap."""
    between = found.disparity.between
    if pair is None:
        if not between:
            return part
        if figure.compares is not None and figure.compares.scale == "bins":
            # The gap is within a bin of scores; the groups' own figures are of all bins.
            return replace(part, worse=between[0], better=between[1])
        positions = [found.groups.index(name) for name in between]
        # Of several figures, the one in which these two are furthest apart.
        gaps = [gap(m.estimates()[positions]).value for m in found.measurements]
        position = gaps.index(max(gaps))
        size = None
    else:
        position = pair.measurement
        if len(found.measurements) > 1 or set(between) != {
            found.groups[pair.first],
            found.groups[pair.second],
        }:
            own = reader.pair(figure, found, position, pair.first, pair.second)
            between, size = own.between, own.figure.estimate
        else:
            size = found.figure.estimate
        positions = [found.groups.index(name) for name in between]
    p_value = None if pair is None else pair.p_value
    part = replace(part, p_value=p_value, adjusted=adjusted)
    if not between:
        return part
    measured = found.measurements[position]
    worse, better = measured.estimates()[positions].tolist()
    largest = size is None or abs(size - (found.figure.estimate or 0.0)) <= TOLERANCE
    return replace(
        part,
        rate=_rate(figure, reader, measured.metric),
        worse=between[0],
        better=between[1],
        worse_rate=float(worse),
        better_rate=float(better),
        pair=None if largest else size,
    )


def _rate(figure: PolicyFigure, reader: GroupReader, metric: GroupMetric | ScoreMetric) -> str:
    """Name what is compared, for the middle of a sentence."""
    if figure.of == "scoring":
        return "scoring rate"
    if metric.name not in METRICS:  # The rate of the favourable decision, where that is negative.
        return lower(metric.title)
    called = reader.result.dataset.decision_labels
    return lower(metric_title(metric.name, reader.favours_positive, called.positive))


def _power(criterion: Criterion, found: Compared, part: PartResult, share: float) -> Power:
    assert criterion.limit is not None
    names = (part.worse, part.better) if part.worse else found.groups[:2]
    first, second = (found.rows[found.groups.index(name)] for name in names)
    return power_of(
        found.figure,
        (first, second),
        criterion.limit,
        ratio=criterion.at_least is not None,
        from_limit=criterion.evidence == "beyond_limit",
        share=share,
        clear=clearance(len(found.groups), len(found.measurements)),
    )
