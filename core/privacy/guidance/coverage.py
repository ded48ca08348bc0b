"""What the privacy guarantee covers: one answer for each chart, table and export of the app.

A new chart or export is one ``add`` here, and one line of ``components.widgets.coverage_label``.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal

from core.registry import Registry

Rests = Literal["raw rows", "a private model", "a private release", "no rows"]
Status = Literal["covered", "not covered", "no guarantee", "nothing to cover"]


@dataclass(frozen=True)
class Output:
    """Something that the app shows or exports.

    Attributes
    ----------
    name, sentence : str
        Registered name; what it is computed from, in one sentence.
    rests_on : {"raw rows", "a private model", "a private release", "no rows"}
        The least private of what it is computed from.
    """

    name: str
    sentence: str
    rests_on: Rests


@dataclass(frozen=True)
class Coverage:
    """Whether the guarantee covers an output, and why."""

    status: Status
    sentence: str


OUTPUTS: Registry[Output] = Registry("output")
for _output in (
    Output("table_preview", "These are rows of the table as they are.", "raw rows"),
    Output(
        "column_summary", "Kinds, examples and counts come from all rows as they are.", "raw rows"
    ),
    Output("row_counts", "Rows are counted without noise, and so are those left out.", "raw rows"),
    Output(
        "base_rates",
        "Base rates are counted without noise, over all rows and by group.",
        "raw rows",
    ),
    Output(
        "file_hash",
        "The file's hash and the fingerprint of the data confirm a guess at the whole table.",
        "raw rows",
    ),
    Output(
        "findings", "Findings and the verdict rest on figures counted without noise.", "raw rows"
    ),
    Output(
        "settings",
        "Model, mitigation, ε and seed may have been chosen after looking at figures without "
        "noise.",
        "raw rows",
    ),
    Output(
        "external_model",
        "How a model made elsewhere fits the table is counted on its rows without noise.",
        "raw rows",
    ),
    Output("performance", "Performance is counted on rows without noise.", "raw rows"),
    Output("fairness", "Rates of groups are counted on rows without noise.", "raw rows"),
    Output("thresholds", "Scores are counted by group without noise.", "raw rows"),
    Output("subgroups", "Every group searched is counted without noise.", "raw rows"),
    Output("conditional_parity", "Every stratum is counted on rows without noise.", "raw rows"),
    Output("individuals", "Each person is compared with the rows most like theirs.", "raw rows"),
    Output("attacks", "Attacks look at the rows that they try to give away.", "raw rows"),
    Output(
        "explanations",
        "Explanations look at rows of people and at a background of them.",
        "raw rows",
    ),
    Output(
        "what_if",
        "This is one person's row, ranges and values seen in others' rows, and how close real rows "
        "lie to an edited one.",
        "raw rows",
    ),
    Output("person", "This is one person's row and what the model makes of it.", "raw rows"),
    Output(
        "tradeoffs",
        "Sweeps draw noise that can be drawn again, and are measured on raw rows.",
        "raw rows",
    ),
    Output("anonymity", "Risks and transformed tables come from rows without noise.", "raw rows"),
    Output(
        "report",
        "The report holds figures and findings from rows without noise, and the file's hash.",
        "raw rows",
    ),
    Output(
        "audit_json",
        "The file holds figures and findings from rows without noise, and the data's hash.",
        "raw rows",
    ),
    Output(
        "model_shapes",
        "Shape functions are read from the released model and declared domains alone.",
        "a private model",
    ),
    Output("model", "The model holds what training drew from its rows.", "a private model"),
    Output(
        "private_release", "Everything here is made of noisy counts alone.", "a private release"
    ),
    Output(
        "release_preview",
        "The preview uses synthetic counts and never looks at the data.",
        "no rows",
    ),
    Output("ledger", "The ledger lists what was asked and what it cost.", "no rows"),
):
    OUTPUTS.add(_output)


def coverage(what: str, *, budget: bool, private_model: bool = False) -> Coverage:
    """Say whether the guarantee covers an output.

    Parameters
    ----------
    what : str
        Name in :data:`OUTPUTS`.
    budget : bool
        Whether the audit has a privacy budget.
    private_model : bool
        Whether the audited model was trained with fresh noise under the budget.

    Raises
    ------
    InputError
        If nothing of that name is registered.
    """
    output = OUTPUTS[what]
    if output.rests_on == "no rows":
        return Coverage("nothing to cover", output.sentence)
    if output.rests_on == "a private release":
        return Coverage("covered", output.sentence)
    if output.rests_on == "a private model" and private_model:
        return Coverage("covered", output.sentence)
    if not budget:
        return Coverage("no guarantee", f"No privacy guarantee is given. {output.sentence}")
    return Coverage(
        "not covered", f"{output.sentence} Whoever sees it may learn about single rows."
    )


IN_JSON: dict[str, str] = {
    "plan.learner": "settings",
    "plan.mitigation": "settings",
    "plan.epsilon": "settings",
    "plan.seed": "settings",
    "dataset.sha256": "file_hash",
    "dataset.fingerprint": "file_hash",
    "dataset.rows": "row_counts",
    "dataset.rows_used": "row_counts",
    "dataset.split": "row_counts",
    "dataset.repairs": "row_counts",
    "dataset.columns": "column_summary",
    "dataset.base_rate": "base_rates",
    "performance": "performance",
    "external_model": "external_model",
    "privacy.releases": "private_release",
    "attack": "attacks",
    "fairness": "fairness",
    "mitigation": "fairness",
    "explanations": "explanations",
    "what_if": "what_if",
    "tradeoffs": "tradeoffs",
    "findings": "findings",
    "checks": "findings",
    "verdicts": "findings",
    "policy": "findings",
    "bias_audit": "fairness",
}
"""Which output each part of audit.json is."""


def json_coverage(*, budget: bool, guaranteed: bool) -> dict[str, dict[str, str]]:
    """Label the parts of audit.json, by their place in it.

    Parameters
    ----------
    budget, guaranteed : bool
        Whether the audit has a privacy budget, and whether its model carries a guarantee.
    """
    return {
        part: asdict(coverage(what, budget=budget or guaranteed, private_model=guaranteed))
        for part, what in IN_JSON.items()
    }
