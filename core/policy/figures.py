"""The registry of figures that a criterion may be about.

Figures of groups are those of :mod:`core.fairness`: they are computed there and nowhere else. How
the other figures are read from an audit is in :mod:`core.policy.overall`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from core.fairness.disparities.disparities import DISPARITIES, DisparityDefinition
from core.fairness.disparities.four_fifths import DEFINITION as FOUR_FIFTHS
from core.registry import Registry

Limit = Literal["at_most", "at_least"]
Of = Literal["favourable", "decisions", "labels", "scores", "scoring"]

_COMPARED = ("beyond_limit", "significant", "recorded")
_ALONE = ("beyond_limit", "recorded")


@dataclass(frozen=True)
class PolicyFigure:
    """A figure that a criterion may set a limit to.

    Attributes
    ----------
    name, title, sentence : str
        Registered name; name for people; explanation for a newcomer.
    limit : {"at_most", "at_least"}
        Which limit it has: a difference at most, a ratio at least.
    lowest, highest : float
        Between which the limit must lie.
    compares : DisparityDefinition or None
        How groups are compared; None for a figure of everybody.
    of : {"favourable", "decisions", "labels", "scores", "scoring"} or None
        What of the groups is compared: the favourable decision, decisions as they are, recorded
        outcomes, scores, or scores above the median.
    by_groups : bool
        Whether it is told by attribute, though groups are not compared.
    of_private_model : bool
        Whether only a privately trained model has it.
    """

    name: str
    title: str
    sentence: str
    limit: Limit
    lowest: float = 0.0
    highest: float = 1.0
    compares: DisparityDefinition | None = None
    of: Of | None = None
    by_groups: bool = False
    of_private_model: bool = False

    @property
    def evidence(self) -> tuple[str, ...]:
        """Rules of evidence that it can be judged by.

        Bins of scores have an interval over all of them, and no test of a single pair of groups.
        """
        tested = self.compares is not None and self.compares.scale != "bins"
        return _COMPARED if tested else _ALONE


FIGURES: Registry[PolicyFigure] = Registry("figure of a policy")


def _compared(name: str, definition: DisparityDefinition, of: Of, title: str = "") -> None:
    FIGURES.add(
        PolicyFigure(
            name,
            title or definition.title,
            definition.sentence,
            "at_least" if definition.comparison == "ratio" else "at_most",
            compares=definition,
            of=of,
        )
    )


_compared("selection_rate_ratio", FOUR_FIFTHS, "favourable", "Selection rate ratio")
_compared(
    "selection_rate_difference",
    DISPARITIES["demographic_parity_difference"],
    "decisions",
    "Selection rate difference",
)
SCORING_RATES = DisparityDefinition(
    "scoring_rate_ratio",
    "Scoring rate ratio",
    "Scoring rate ratio: the lowest share of a group that scores above the median of everyone "
    "scored, divided by the highest; 1 means that all groups do so equally often.",
    ("selection_rate",),
    "ratio",
    "New York City, 6 RCNY § 5-301(c)",
)
_compared("scoring_rate_ratio", SCORING_RATES, "scoring")
for _name, _of in (
    ("equalized_odds_difference", "decisions"),
    ("equal_opportunity_difference", "decisions"),
    ("false_positive_rate_difference", "decisions"),
    ("prevalence_difference", "labels"),
    ("calibration_gap", "scores"),
    ("roc_auc_difference", "scores"),
):
    _compared(_name, DISPARITIES[_name], _of)  # type: ignore[arg-type]

for _figure in (
    PolicyFigure(
        "roc_auc",
        "ROC AUC",
        "ROC AUC over everybody: how often a random person with a positive outcome scores above a "
        "random one with a negative outcome; 0.5 is no better than chance.",
        "at_least",
    ),
    PolicyFigure(
        "accuracy",
        "Accuracy",
        "Accuracy over everybody: the share of decisions that match the true outcome.",
        "at_least",
    ),
    PolicyFigure(
        "accuracy_over_majority",
        "Accuracy beyond the majority class",
        "Accuracy minus that of always deciding for the more frequent label; 0 or less means that "
        "decisions are right no more often than that.",
        "at_least",
        -1.0,
    ),
    PolicyFigure(
        "epsilon",
        "ε charged",
        "ε of all noise that was charged for the audit, end to end; smaller protects more.",
        "at_most",
        0.0,
        1e6,
        of_private_model=True,
    ),
    PolicyFigure(
        "delta",
        "δ charged",
        "δ of all noise that was charged for the audit, end to end: how likely ε fails to hold.",
        "at_most",
        of_private_model=True,
    ),
    PolicyFigure(
        "membership_advantage",
        "Membership attack advantage",
        "How much more often the best attack that was made takes a training row for one than "
        "another row; 0 is a guess.",
        "at_most",
    ),
    PolicyFigure(
        "explanation_trust",
        "Trust in explanations",
        "The verdict on the explanations, the worse of SHAP and LIME: 0 do not rely on them, 1 "
        "with caution, 2 trust.",
        "at_least",
        0.0,
        2.0,
    ),
    PolicyFigure(
        "missing_share",
        "Share of missing values",
        "The share of rows without a value, in the column that has most of them among those that "
        "the audit uses.",
        "at_most",
    ),
    PolicyFigure(
        "unknown_share",
        "Share of unknown group",
        "The share of rows whose group is not known, so that they enter no comparison.",
        "at_most",
        by_groups=True,
    ),
):
    FIGURES.add(_figure)
