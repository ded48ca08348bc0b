"""Mitigations of bias: before, during and after training, with identity.

Importing this package registers all of them in :data:`MITIGATIONS`.
"""

from core.mitigation.registry import (
    MITIGATIONS,
    Decider,
    GroupScorer,
    Mitigation,
    NoisyCounting,
    Part,
    Share,
    Task,
    scores_of,
)

# In the order in which people should meet them.
# isort: off
from core.mitigation import before_weights
from core.mitigation import before_sampling
from core.mitigation import before_features
from core.mitigation import before_repair
from core.mitigation import before_labels
from core.mitigation import before_combined
from core.mitigation import during_reductions
from core.mitigation import during_adversary
from core.mitigation import after_odds
from core.mitigation import after_relaxed
from core.mitigation import after_nearest
from core.mitigation import after_rates
from core.mitigation import after_calibrated
from core.mitigation import private_weights
from core.mitigation import private_thresholds
# isort: on

__all__ = [
    "MITIGATIONS",
    "Decider",
    "GroupScorer",
    "Mitigation",
    "NoisyCounting",
    "Part",
    "Share",
    "Task",
    "after_calibrated",
    "after_nearest",
    "after_odds",
    "after_rates",
    "after_relaxed",
    "before_combined",
    "before_features",
    "before_labels",
    "before_repair",
    "before_sampling",
    "before_weights",
    "during_adversary",
    "during_reductions",
    "private_thresholds",
    "private_weights",
    "scores_of",
]
