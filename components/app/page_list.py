"""Every page: its file, title, section, address, and what it is for. A new page is one entry."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PageSpec:
    """A page.

    Attributes
    ----------
    file, title, section, path, icon : str
        Where it lies, how it is called, under which heading, at which address, with which sign.
    sentence : str
        What it is for.
    aside : bool
        Whether it looks closer and settles nothing: the path leads past it.
    needs_training : bool
        Whether it has nothing to do where existing predictions are audited.
    needs_scores : bool
        Whether it has nothing to do where decisions are audited without scores.
    """

    file: str
    title: str
    section: str
    path: str
    icon: str
    sentence: str
    aside: bool = False
    needs_training: bool = False
    needs_scores: bool = False


PAGES = (
    PageSpec(
        "pages/data/start.py",
        "Start",
        "Data",
        "start",
        ":material/home:",
        "Choose a scenario, upload a table, or reopen an audit.",
    ),
    PageSpec(
        "pages/data/roles.py",
        "Roles",
        "Data",
        "roles",
        ":material/label:",
        "Say which column means what.",
    ),
    PageSpec(
        "pages/data/anonymise.py",
        "Anonymise",
        "Data",
        "anonymise",
        ":material/visibility_off:",
        "See who could be recognised in the table, and what it costs to prevent that.",
        aside=True,
    ),
    PageSpec(
        "pages/model/budget.py",
        "Privacy budget",
        "Model",
        "budget",
        ":material/shield:",
        "Decide how much the model may reveal about any one person.",
        needs_training=True,
    ),
    PageSpec(
        "pages/model/train.py",
        "Train",
        "Model",
        "train",
        ":material/model_training:",
        "Choose a model and a mitigation, and train.",
        needs_training=True,
    ),
    PageSpec(
        "pages/model/compare.py",
        "Compare models",
        "Model",
        "compare",
        ":material/difference:",
        "See whether one model is better than another, or whether that is chance.",
        aside=True,
    ),
    PageSpec(
        "pages/model/local_noise.py",
        "Local differential privacy",
        "Model",
        "local_noise",
        ":material/sensors:",
        "See what it costs when noise is added on each person's device, before a record is sent.",
        aside=True,
        needs_training=True,
    ),
    PageSpec(
        "pages/audit/overview.py",
        "Overview",
        "Verdict",
        "overview",
        ":material/fact_check:",
        "Read the verdict on each concern, the findings in order, and what was not run yet.",
    ),
    PageSpec(
        "pages/audit/fairness.py",
        "Fairness",
        "Fairness",
        "fairness",
        ":material/balance:",
        "See rates and gaps by group, with their uncertainty.",
    ),
    PageSpec(
        "pages/audit/thresholds.py",
        "Thresholds",
        "Fairness",
        "thresholds",
        ":material/linear_scale:",
        "See what would change if the threshold moved.",
        aside=True,
        needs_scores=True,
    ),
    PageSpec(
        "pages/audit/subgroups.py",
        "Subgroup search",
        "Fairness",
        "subgroups",
        ":material/search:",
        "Search for subgroups whose decisions differ significantly from everyone else's.",
        aside=True,
    ),
    PageSpec(
        "pages/audit/like_with_like.py",
        "Conditional parity",
        "Fairness",
        "like_with_like",
        ":material/compare_arrows:",
        "Conditional statistical parity: gaps among people alike in what may justify a difference.",
        aside=True,
    ),
    PageSpec(
        "pages/audit/individuals.py",
        "Individual fairness",
        "Fairness",
        "individuals",
        ":material/groups:",
        "See whether similar people get the same decision, and whose would flip in another group.",
        aside=True,
    ),
    PageSpec(
        "pages/audit/classes.py",
        "Multiclass",
        "Fairness",
        "classes",
        ":material/category:",
        "See how accurate predictions of several classes are, for whom, and in which class.",
        aside=True,
    ),
    PageSpec(
        "pages/audit/amounts.py",
        "Regression",
        "Fairness",
        "amounts",
        ":material/straighten:",
        "See how large the errors of predicted values are, and for whom.",
        aside=True,
    ),
    PageSpec(
        "pages/audit/large_tables.py",
        "Large tables",
        "Fairness",
        "large_tables",
        ":material/database:",
        "See who is treated how in tables too large to upload; only counts are taken out.",
        aside=True,
    ),
    PageSpec(
        "pages/audit/explanations.py",
        "Explanations",
        "Audit",
        "explanations",
        ":material/lightbulb:",
        "See what drives the scores, and why one person got theirs.",
        needs_training=True,
    ),
    PageSpec(
        "pages/audit/effects.py",
        "Feature effects (ALE, PDP)",
        "Audit",
        "effects",
        ":material/show_chart:",
        "See how scores change with each feature, and what each is worth.",
        aside=True,
        needs_training=True,
    ),
    PageSpec(
        "pages/audit/recourse.py",
        "Counterfactuals and recourse",
        "Audit",
        "recourse",
        ":material/alt_route:",
        "See which small changes would flip a decision, and how far each group must move.",
        aside=True,
        needs_training=True,
    ),
    PageSpec(
        "pages/audit/person.py",
        "One person",
        "Audit",
        "person",
        ":material/person:",
        "One person's decision in plain words: reasons, stability, and what would change it.",
        aside=True,
        needs_training=True,
    ),
    PageSpec(
        "pages/audit/trust.py",
        "Explanation quality",
        "Audit",
        "trust",
        ":material/rule:",
        "See whether explanations are faithful, steady and honest, and for whom they are worse.",
        aside=True,
        needs_training=True,
    ),
    PageSpec(
        "pages/audit/privacy.py",
        "Privacy attacks",
        "Audit",
        "privacy",
        ":material/fingerprint:",
        "Attack the model as someone would who wants to know about its people.",
        aside=True,
        needs_training=True,
    ),
    PageSpec(
        "pages/decide/tradeoffs.py",
        "Trade-offs",
        "Decide",
        "tradeoffs",
        ":material/tune:",
        "See what accuracy, fairness and privacy cost each other, and choose.",
    ),
    PageSpec(
        "pages/decide/price.py",
        "Price of privacy",
        "Decide",
        "price",
        ":material/sell:",
        "See what privacy costs each group as the budget shrinks.",
        aside=True,
        needs_training=True,
    ),
    PageSpec(
        "pages/decide/release.py",
        "Private release",
        "Decide",
        "release",
        ":material/publish:",
        "Publish figures that give no single person away.",
        aside=True,
    ),
    PageSpec(
        "pages/decide/report.py",
        "Report",
        "Decide",
        "report",
        ":material/description:",
        "Take the evidence with you.",
    ),
)
