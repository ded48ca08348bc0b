"""Policies that come with Equipoise, each to be adopted as it is or copied and changed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from core.policy.policy import Criterion, Policy
from core.policy.policy_toml import read_policy
from core.registry import Registry


@dataclass(frozen=True)
class Preset:
    """A policy by the name on the command line.

    Attributes
    ----------
    name : str
    policy : Policy
    """

    name: str
    policy: Policy

    @property
    def sentence(self) -> str:
        """What it is, in one sentence."""
        return self.policy.description.partition("\n")[0]


PRESETS: Registry[Preset] = Registry("policy")


def _preset(name: str, description: str, *criteria: Criterion) -> None:
    PRESETS.add(Preset(name, Policy(name, "1", description, criteria)))


_preset(
    "default",
    "Selection rates, errors, ranking, accuracy and data that any audit can be asked for.",
    Criterion(
        "selection-rate-ratio",
        "fairness",
        "selection_rate_ratio",
        at_least=0.8,
        evidence="significant",
        severity="high",
    ),
    Criterion(
        "selection-rate-difference",
        "fairness",
        "selection_rate_difference",
        at_most=0.05,
        evidence="significant",
        severity="high",
    ),
    Criterion(
        "equalized-odds",
        "fairness",
        "equalized_odds_difference",
        groups="each",
        at_most=0.1,
    ),
    Criterion(
        "ranking-by-group",
        "fairness",
        "roc_auc_difference",
        groups="each",
        at_most=0.1,
    ),
    Criterion(
        "better-than-majority",
        "performance",
        "accuracy_over_majority",
        at_least=0.0,
    ),
    Criterion("missing-values", "data", "missing_share", at_most=0.2, severity="low"),
    Criterion("unknown-groups", "data", "unknown_share", at_most=0.05, severity="low"),
)
_preset(
    "four-fifths",
    "The four-fifths rule on the favourable decision, by each attribute, where the difference is "
    "significant in statistical and in practical terms.\n"
    "29 CFR 1607.4(D) describes, where it is in force: a rate below four fifths of the highest is "
    "generally regarded as evidence of adverse impact. It names no significance level and no least "
    "number of people; those here are conventions.",
    Criterion(
        "four-fifths",
        "fairness",
        "selection_rate_ratio",
        groups="each",
        at_least=0.8,
        evidence="significant",
        severity="high",
        required=True,
    ),
)
_preset(
    "local-law-144",
    "That the figures exist which New York City's Local Law 144 asks to publish. It has no pass "
    "mark.\n"
    "6 RCNY § 5-301 asks for rates and impact ratios by sex, by race/ethnicity and crossed, for "
    "scoring rates where a tool scores, and for the number of unknowns. Each criterion here is met "
    "where the figure is given, whatever it is. A bias audit also needs an independent auditor, "
    "which no software is.",
    Criterion(
        "impact-ratio",
        "governance",
        "selection_rate_ratio",
        evidence="recorded",
        required=True,
    ),
    Criterion("scoring-rate-ratio", "governance", "scoring_rate_ratio", evidence="recorded"),
    Criterion(
        "number-unknown",
        "governance",
        "unknown_share",
        evidence="recorded",
        required=True,
    ),
)
_preset(
    "equalized-odds",
    "True and false positive rates that differ by at most 10 points between groups.",
    Criterion(
        "equalized-odds",
        "fairness",
        "equalized_odds_difference",
        at_most=0.1,
        evidence="significant",
        severity="high",
        required=True,
    ),
)
_preset(
    "privacy",
    "A model trained with differential privacy, ε at most 1 end to end, that no attack made on it "
    "takes apart.",
    Criterion(
        "epsilon",
        "privacy",
        "epsilon",
        at_most=1.0,
        severity="high",
        required=True,
        demands_privacy=True,
    ),
    Criterion(
        "delta",
        "privacy",
        "delta",
        at_most=1e-5,
        severity="high",
        required=True,
        demands_privacy=True,
    ),
    Criterion(
        "membership-attack",
        "privacy",
        "membership_advantage",
        at_most=0.1,
        severity="high",
        required=True,
    ),
)


POLICY_FILE = "policy.toml"
"""A policy of one's own, beside the report of an audit that was judged by it."""


def preset_name(policy: Policy) -> str | None:
    """Find the preset that a policy is, without a change; None where it is one's own."""
    name = policy.name
    return name if name in PRESETS and PRESETS[name].policy == policy else None


def find_policy(name: str) -> Policy:
    """Return the preset of a name, else the policy in the file of that name.

    Raises
    ------
    InputError
        If there is neither, or the file can't be read.
    """
    if name in PRESETS:
        return PRESETS[name].policy
    if "/" not in name and "." not in name and not Path(name).exists():
        return PRESETS[name].policy  # Refused with the names that there are.
    return read_policy(name)
