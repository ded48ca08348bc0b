"""The terms of a report, each in one plain sentence."""

from __future__ import annotations

GLOSSARY: tuple[tuple[str, str], ...] = (
    ("Accuracy", "The share of decisions that match the true outcome."),
    (
        "Additivity error",
        "How far the SHAP values and their base miss the output that they should add up to.",
    ),
    ("Balanced accuracy", "The mean of the true positive rate and the true negative rate."),
    ("Base rate", "The share of rows whose true outcome is the positive label."),
    (
        "Baseline",
        "The same task without the privacy guarantee or mitigation, for comparison.",
    ),
    (
        "Brier score",
        "The mean squared distance between score and outcome; 0 is best, 0.25 is what always "
        "saying one half earns.",
    ),
    (
        "Conditional statistical parity",
        "Whether groups get the favourable decision equally often among people who are alike in "
        "what may justify a difference.",
    ),
    (
        "Demographic parity difference",
        "The highest selection rate of a group minus the lowest; 0 means equal rates.",
    ),
    (
        "Demographic parity ratio",
        "The lowest selection rate of a group divided by the highest; 1 means equal rates.",
    ),
    (
        "Differential privacy",
        "A guarantee that what is released would be nearly as likely if any one row were "
        "changed, whatever else someone knows.",
    ),
    (
        "ε (epsilon)",
        "The privacy budget: the smaller, the less a release can depend on any one row.",
    ),
    (
        "δ (delta)",
        "A small allowance by which the differential privacy guarantee may be missed.",
    ),
    (
        "Equal opportunity difference",
        "The largest gap between groups in the true positive rate.",
    ),
    (
        "Equalized odds difference",
        "The larger of the gaps between groups in the true positive rate and in the false "
        "positive rate.",
    ),
    (
        "False negative rate",
        "Among those whose outcome is positive, the share decided as negative.",
    ),
    (
        "False positive rate",
        "Among those whose outcome is negative, the share decided as positive.",
    ),
    (
        "False positive rate difference (predictive equality)",
        "The largest gap between groups in the false positive rate.",
    ),
    ("Fingerprint", "A SHA-256 of the data and its roles; other data have another."),
    (
        "Four-fifths rule",
        "A rule of thumb of United States employment guidelines: a group whose rate of the "
        "favourable decision is below 80% of the highest group's calls for a closer look.",
    ),
    (
        "Interval",
        "A range that would hold the true figure in so many per cent of repeated samples, "
        "95 unless stated.",
    ),
    (
        "LIME",
        "An explanation of one decision by a simple model fitted to the outputs around it.",
    ),
    (
        "Neighbouring",
        "How two tables differ that the privacy guarantee makes hard to tell apart: by a row "
        "added or removed, or by a row replaced.",
    ),
    (
        "Pareto front",
        "The settings that no other dominates: none is at least as good in performance, fairness "
        "and privacy, and better in one.",
    ),
    ("Positive label", "The outcome that the rates count, favourable or not."),
    ("Precision", "Among those decided as positive, the share whose outcome is positive."),
    (
        "ROC AUC",
        "The area under the ROC curve: the chance that a random positive row has a higher score "
        "than a random negative one; 0.5 is guessing.",
    ),
    ("Selection rate", "The share of rows decided as positive."),
    (
        "SHAP",
        "An explanation that divides a model's output among the features so that the parts add "
        "up to it.",
    ),
    (
        "True positive rate",
        "Among those whose outcome is positive, the share decided as positive.",
    ),
)
"""Pairs of term and sentence, in the order they are shown."""
