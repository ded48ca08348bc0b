"""A what-if that an audit is asked for: refused before anything is trained, answered after."""

from __future__ import annotations

from core.data.dataset import Dataset
from core.explanation.person.choosing import of_row, position_of_row
from core.explanation.person.feature_domains import check_values
from core.explanation.person.scenario import LONGEST_NAME, Scenario, scenario_of
from core.explanation.person.what_if import PersonEditor
from core.explanation.person.what_if_result import AskedWhatIf
from core.explanation.person.what_if_texts import describe_edits
from core.mitigation import MITIGATIONS
from core.training.fit import mitigated_column
from core.training.spec import TrainingSpec
from core.training.trained import Trained
from core.training.training import split_of


def check_what_if(dataset: Dataset, spec: TrainingSpec, asked: AskedWhatIf) -> None:
    """Refuse a what-if that can't be answered, before a model is trained and perhaps paid for.

    Raises
    ------
    InputError
        If the row isn't a test row, or a feature or value can't be.
    """
    position_of_row(dataset, split_of(dataset, spec)[0].test, asked.row)
    grouped = MITIGATIONS[spec.mitigation].needs_group_to_decide
    column = mitigated_column(dataset, spec) if grouped else None
    check_values(dataset, dict(asked.values), groups=column)


def answer_what_if(dataset: Dataset, trained: Trained, asked: AskedWhatIf) -> Scenario:
    """Ask the model; the scenario is called by its row and its edits."""
    editor = PersonEditor(dataset, trained)
    position = of_row(dataset, trained, asked.row)
    edits = editor.parse(position, dict(asked.values))
    told = describe_edits(edits, editor.values(position), dataset.dates) or "no edit"
    name = f"Row {asked.row}: {told}"
    if len(name) > LONGEST_NAME:
        name = f"Row {asked.row}: {len(edits)} edits"
    return scenario_of(editor, position, edits, name)
