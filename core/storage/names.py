"""Names of the classes that lie on disk, which hold whatever becomes of their modules.

A key is a hash over a spec and its class's name, and pickles of the first builds name modules. So
each class has three names here: one of its own, by which today's files call it; where the first
builds had it, which keys and old files say; and where it is now.

**When a module moves, only the right column of the table changes.** The left one lacks its
``core.`` so that a mover of modules leaves it alone. Where a module is split, so is its entry. A
class that is renamed is written ``First:Now``; ``Name=First`` is one whose own name another has.
A field that is renamed says its first name in its metadata, see :func:`field_name`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import Field, dataclass, fields
from functools import cache
from importlib import import_module
from typing import Any

from core.installation import PREFIX, plain_name


@dataclass(frozen=True)
class Recorded:
    """A class that lies on disk.

    Attributes
    ----------
    name : str
        By which today's files call it.
    first : str
        Dotted name in the first builds.
    module, qualname : str
        Where it is now.
    """

    name: str
    first: str
    module: str
    qualname: str


_TABLE = """
comparison.cross_validated core.comparison.cross_validation.cross_validated
    CrossValidated FoldResult
comparison.folds core.comparison.cross_validation.folds
    FoldSpec
data.reading core.data.reading.reading
    ReadOptions
data.roles core.data.roles.roles
    Roles
data.table core.data.table
    Kind Notation Repair
explanation.actionability core.explanation.counterfactual.actionability
    CounterfactualSpec FeatureRule
explanation.counterfactual_result core.explanation.counterfactual.counterfactual_result
    Counterfactual Counterfactuals
explanation.effects core.explanation.effects.effects
    EffectCurve
explanation.explain core.explanation.attribution.explain
    GlobalExplanation PersonExplanation
explanation.how_sure core.explanation.person.decision_stability
    Refit
explanation.local_surrogate core.explanation.attribution.lime_surrogate
    LocalSurrogate
explanation.permutation core.explanation.effects.permutation
    GroupImportance PermutationImportance
explanation.proxies core.explanation.proxies.proxies
    Proxies ProxyStrength
explanation.recourse core.explanation.counterfactual.recourse
    RecourseSpec
explanation.recourse_of_group core.explanation.counterfactual.recourse_of_group
    PersonRecourse
explanation.shapes core.explanation.attribution.shapes
    ShapeNoise
explanation.shapley core.explanation.attribution.contributions
    Contributions
explanation.surrogate_tree core.explanation.attribution.surrogate_tree
    Rule SurrogateTree TreeAgreement=Agreement
explanation.trust.agreement core.explanation.trust.agreement
    ExplainerAgreement=Agreement
explanation.trust.by_group core.explanation.trust.by_group
    GroupGap
explanation.trust.complexity core.explanation.trust.complexity
    Complexity
explanation.trust.fidelity core.explanation.trust.fidelity
    Fidelity
explanation.trust.off_distribution core.explanation.trust.off_distribution
    Moved OffDistribution
explanation.trust.record core.explanation.trust.record
    Trust TrustSpec
explanation.trust.stability core.explanation.trust.stability
    Stability
fairness.assessment core.fairness.metrics.assessment
    Figure
fairness.mitigation.after_calibrated core.mitigation.postprocessing.calibrated_odds
    Withholding WithholdingDecider
fairness.mitigation.after_odds core.mitigation.postprocessing.threshold_optimizer
    GroupThresholdDecider FittedScorer=_Scorer
fairness.mitigation.after_rates core.mitigation.postprocessing.rate_thresholds
    ThresholdsDecider
fairness.mitigation.after_relaxed core.mitigation.postprocessing.relaxed_odds
    ThresholdMixtureDecider
fairness.mitigation.before_features core.mitigation.preprocessing.decorrelation
    DecorrelatedDecider
fairness.mitigation.before_repair core.mitigation.preprocessing.disparate_impact
    RepairDecider FeatureDistribution=Distribution:FeatureDistribution
    DistributionRepair=Repair:DistributionRepair
fairness.mitigation.during_adversary core.mitigation.inprocessing.adversarial
    AdversarialDecider
fairness.mitigation.private_thresholds core.mitigation.postprocessing.private_thresholds
    DeclaredThresholdsDecider
fairness.mitigation.reduced core.mitigation.inprocessing.reduced
    MixtureDecider SearchedDecider
fairness.mitigation.registry core.mitigation.registry
    ThresholdDecider
learning.encoding core.learning.encoding
    DeclaredBins DeclaredCodes DeclaredOneHot OneHot Ordinal
external_models.external_spec core.external_models.external_spec
    ExternalSpec
external_models.model_facts core.external_models.model_facts
    ModelFacts ModelInput
external_models.served.kept_answers core.external_models.served.kept_answers
    ServedAnswers
external_models.matching core.external_models.matching
    InputMatch Matching
learning.external_model core.learning.external_model
    ExternalModel
learning.given_score core.learning.given_score
    GivenScore
learning.models core.learning.models
    AdditiveModel EncodedModel PrivateAdditiveModel PrivateBinnedModel PrivateCodesModel
learning.naive_bayes core.learning.naive_bayes
    NaiveBayes NoisyNaiveBayes
learning.noisy_gradient core.learning.noisy_gradient
    NoisyGradientLogisticRegression
learning.noisy_trees core.learning.noisy_trees
    NoisyForest
learning.performance core.learning.performance
    Performance
learning.perturbed_objective core.learning.perturbed_objective
    PerturbedLogisticRegression
learning.split core.learning.split
    Split
learning.step_terms core.learning.step_terms
    StepTerms
learning.training core.training.spec
    TrainingSpec
learning.training core.training.trained
    Trained
learning.unmitigated core.training.trained
    Unmitigated
privacy.attack.attribute core.attacks.attribute
    AttributeAttack Guessed
privacy.attack.figures core.attacks.figures
    AtLimit
privacy.attack.lira core.attacks.lira
    LiraSpec
privacy.attack.membership core.attacks.membership
    GroupRisk Membership
privacy.attack.one_run core.attacks.one_run
    Guesses OneRun
privacy.attack.record core.attacks.record
    Attacked
privacy.attack.released core.attacks.released
    Both
privacy.attack.singling_out core.attacks.singling_out
    SinglingOut
privacy.axis core.privacy.release.axis
    BinAxis CategoryAxis
privacy.domain core.data.domains
    CategoryDomain Domains NumberDomain
privacy.local.records core.privacy.local_dp.records
    ColumnPlan RecordPlan Records
privacy.release core.privacy.release.release
    Release
privacy.release_plan core.privacy.release.release_plan
    CountsPlan FairnessPlan MeanPlan QuantilePlan
tradeoff.price.noise_at_source core.tradeoff.price.noise_at_source
    LocalPoint LocalSpec
tradeoff.price.price core.tradeoff.price.price
    PricePoint PriceSpec
"""


def _rows() -> tuple[Recorded, ...]:
    """Read the table: a module's line, and below it its classes, indented."""
    rows: list[Recorded] = []
    for line in _TABLE.strip().splitlines():
        if not line.startswith(" "):
            first, now = line.split()
            continue
        for item in line.split():
            name, _, own = item.rpartition("=")
            before, _, after = own.partition(":")
            rows.append(Recorded(name or before, f"core.{first}.{before}", now, after or before))
    return tuple(rows)


RECORDED = _rows()


def class_of(name: str) -> type | None:
    """Return the class of a name in today's files, None if there is none."""
    return _class(_by_name().get(name))


def class_first_called(dotted: str) -> type | None:
    """Return the class that the first builds had under a dotted name, None if it isn't recorded."""
    return _class(_by_first().get(dotted))


def name_of(kind: type) -> str | None:
    """Return by which name today's files call a class, None if it isn't recorded."""
    found = _by_location().get((plain_name(kind.__module__), kind.__qualname__))
    return None if found is None else found.name


def first_name(kind: type) -> str:
    """Return the dotted name by which keys call a class: that of the first builds, if it is old."""
    found = _by_location().get((plain_name(kind.__module__), kind.__qualname__))
    return f"{plain_name(kind.__module__)}.{kind.__qualname__}" if found is None else found.first


def field_name(field: Field[Any]) -> str:
    """Return what files and keys call a field: ``first_name`` of its metadata, if renamed."""
    return str(field.metadata.get("first_name", field.name))


def with_present_names(kind: type, state: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a dataclass by what its fields are called now."""
    now = {field_name(field): field.name for field in fields(kind)}
    return {now.get(name, name): value for name, value in state.items()}


def is_recorded(module: str, qualname: str) -> bool:
    """Whether a recorded class is now at a place."""
    return (module, qualname) in _by_location()


def _class(row: Recorded | None) -> type | None:
    if row is None:
        return None
    found: Any = getattr(import_module(PREFIX + row.module), row.qualname)
    assert isinstance(found, type)
    return found


@cache
def _by_name() -> dict[str, Recorded]:
    return {row.name: row for row in RECORDED}


@cache
def _by_first() -> dict[str, Recorded]:
    return {row.first: row for row in RECORDED}


@cache
def _by_location() -> dict[tuple[str, str], Recorded]:
    return {(row.module, row.qualname): row for row in RECORDED}
