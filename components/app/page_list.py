"""Every page: its title, section, address, and what it is for. A new page is one entry."""

from __future__ import annotations

from dataclasses import dataclass

FOLDERS = {
    "Data": "data",
    "Model": "model",
    "Verdict": "audit",
    "Fairness": "audit",
    "Audit": "audit",
    "Decide": "decide",
}
"""Where the pages of each section lie."""


@dataclass(frozen=True)
class PageSpec:
    """A page.

    Attributes
    ----------
    section, path, title, sign, sentence : str
        Under which heading, address, name, Material symbol, and what it is for.
    aside : bool
        Whether it looks closer and settles nothing: the path leads past it.
    needs_training : bool
        Whether it has nothing to do where existing predictions are audited.
    needs_scores : bool
        Whether it has nothing to do where decisions are audited without scores.
    trains : bool
        Whether it is about models that are trained here, so that it says nothing of one that was
        made elsewhere.
    """

    section: str
    path: str
    title: str
    sign: str
    sentence: str
    aside: bool = False
    needs_training: bool = False
    needs_scores: bool = False
    trains: bool = False

    @property
    def file(self) -> str:
        """Where it lies."""
        return f"pages/{FOLDERS[self.section]}/{self.path}.py"

    @property
    def icon(self) -> str:
        """Its sign as Markdown."""
        return f":material/{self.sign}:"


PAGES = (
    PageSpec("Data", "start", "Start", "home",
        "Choose a scenario, upload a table, or reopen an audit."),
    PageSpec("Data", "roles", "Roles", "label", "Say which column means what."),
    PageSpec("Data", "criteria", "Criteria", "rule_settings",
        "Say beforehand what this audit must show, and who says so.", aside=True),
    PageSpec("Data", "anonymise", "Anonymise", "visibility_off",
        "See who could be recognised in the table, and what it costs to prevent that.", aside=True),
    PageSpec("Model", "budget", "Privacy budget", "shield",
        "Decide how much the model may reveal about any one person.", needs_training=True,
        trains=True),
    PageSpec("Model", "train", "Train", "model_training",
        "Train a model, with or without a mitigation, or bring one that was made elsewhere.",
        needs_training=True),
    PageSpec("Model", "compare", "Compare models", "difference",
        "See whether one model is better than another, or whether that is chance.", aside=True),
    PageSpec("Model", "local_noise", "Local differential privacy", "sensors",
        "See what it costs when noise is added on each person's device, before a record is sent.",
        aside=True, needs_training=True, trains=True),
    PageSpec("Verdict", "overview", "Overview", "fact_check",
        "Read the verdict on each concern, the findings in order, and what was not run yet."),
    PageSpec("Fairness", "fairness", "Fairness", "balance",
        "See rates and gaps by group, with their uncertainty."),
    PageSpec("Fairness", "thresholds", "Thresholds", "linear_scale",
        "See what would change if the threshold moved.", aside=True, needs_scores=True),
    PageSpec("Fairness", "subgroups", "Subgroup search", "search",
        "Search for subgroups whose decisions differ significantly from everyone else's.",
        aside=True),
    PageSpec("Fairness", "conditional_parity", "Conditional parity", "compare_arrows",
        "Conditional statistical parity: gaps among people alike in what may justify a difference.",
        aside=True),
    PageSpec("Fairness", "individuals", "Individual fairness", "groups",
        "See whether similar people get the same decision, and whose would flip in another group.",
        aside=True),
    PageSpec("Fairness", "multiclass", "Multiclass", "category",
        "See how accurate predictions of several classes are, for whom, and in which class.",
        aside=True),
    PageSpec("Fairness", "regression", "Regression", "straighten",
        "See how large the errors of predicted values are, and for whom.", aside=True),
    PageSpec("Fairness", "large_tables", "Large tables", "database",
        "See who is treated how in tables too large to upload; only counts are taken out.",
        aside=True),
    PageSpec("Audit", "explanations", "Explanations", "lightbulb",
        "See what drives the scores, and why one person got theirs.", needs_training=True),
    PageSpec("Audit", "effects", "Feature effects (ALE, PDP)", "show_chart",
        "See how scores change with each feature, and what each is worth.",
        aside=True, needs_training=True),
    PageSpec("Audit", "recourse", "Counterfactuals and recourse", "alt_route",
        "See which small changes would flip a decision, and how far each group must move.",
        aside=True, needs_training=True),
    PageSpec("Audit", "person", "One person", "person",
        "One person's decision in plain words: reasons, stability, and what would change it.",
        aside=True, needs_training=True),
    PageSpec("Audit", "what_if", "What if", "instant_mix",
        "Edit one person’s features, and see at once what the model makes of it.",
        aside=True, needs_training=True),
    PageSpec("Audit", "trust", "Explanation quality", "rule",
        "See whether explanations are faithful, steady and honest, and for whom they are worse.",
        aside=True, needs_training=True),
    PageSpec("Audit", "privacy", "Privacy attacks", "fingerprint",
        "Attack the model as someone would who wants to know about its people.",
        aside=True, needs_training=True),
    PageSpec("Decide", "tradeoffs", "Trade-offs", "tune",
        "See what accuracy, fairness and privacy cost each other, and choose."),
    PageSpec("Decide", "price", "Price of privacy", "sell",
        "See what privacy costs each group as the budget shrinks.",
        aside=True, needs_training=True, trains=True),
    PageSpec("Decide", "release", "Private release", "publish",
        "Publish figures that give no single person away.", aside=True),
    PageSpec("Decide", "report", "Report", "description", "Take the evidence with you."),
)  # fmt: skip

EARLIER_PATHS = {
    "amounts": "regression",
    "classes": "multiclass",
    "like_with_like": "conditional_parity",
}
"""Addresses that pages had in earlier releases, each with its page's address today."""
