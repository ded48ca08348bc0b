"""Mitigations of bias: before, during and after training, with identity.

Importing this package registers all of them in :data:`MITIGATIONS`.
"""

from core.mitigation.registry import (
    MITIGATIONS,
    BaseModelCache,
    Decider,
    GroupScorer,
    Mitigation,
    MitigationContext,
    NoisyCounting,
    TrainingData,
    scores_of,
)

# In the order in which people should meet them.
# isort: off
from core.mitigation.preprocessing import reweighing
from core.mitigation.preprocessing import resampling
from core.mitigation.preprocessing import decorrelation
from core.mitigation.preprocessing import disparate_impact
from core.mitigation.preprocessing import massaging
from core.mitigation.preprocessing import combined
from core.mitigation.inprocessing import reductions
from core.mitigation.inprocessing import adversarial
from core.mitigation.postprocessing import threshold_optimizer
from core.mitigation.postprocessing import relaxed_odds
from core.mitigation.postprocessing import nearest_thresholds
from core.mitigation.postprocessing import rate_thresholds
from core.mitigation.postprocessing import calibrated_odds
from core.mitigation.preprocessing import private_weights
from core.mitigation.postprocessing import private_thresholds
# isort: on

__all__ = [
    "MITIGATIONS",
    "BaseModelCache",
    "Decider",
    "GroupScorer",
    "Mitigation",
    "MitigationContext",
    "NoisyCounting",
    "TrainingData",
    "adversarial",
    "calibrated_odds",
    "combined",
    "decorrelation",
    "disparate_impact",
    "massaging",
    "nearest_thresholds",
    "private_thresholds",
    "private_weights",
    "rate_thresholds",
    "reductions",
    "relaxed_odds",
    "resampling",
    "reweighing",
    "scores_of",
    "threshold_optimizer",
]
