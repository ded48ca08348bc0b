"""A named what-if: frozen when it was asked, with the model that answered it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from core.data.days import written_date
from core.errors import InputError
from core.explanation.counterfactual.counterfactual_result import Value
from core.explanation.person.what_if import PersonEditor
from core.explanation.person.what_if_result import Edit, Edits, PersonState
from core.explanation.person.what_if_texts import what_if_notes
from core.storage.canonical import key
from core.storage.json_format import json_form, to_json
from core.storage.record import now
from core.training.model_name import model_name
from core.training.trained import Trained

LONGEST_NAME = 100


@dataclass(frozen=True)
class ScenarioState:
    """What the model said of the person.

    Attributes
    ----------
    decision : str
        By its label and what it means to the person.
    favourable : bool
        Whether it is what the person hopes for.
    score : float
    probability, threshold, distance, group
        See :class:`core.explanation.person.what_if_result.PersonState`.
    plausible : bool
    """

    decision: str
    favourable: bool
    score: float
    probability: float | None
    threshold: float | None
    distance: float | None
    group: str | None
    plausible: bool


@dataclass(frozen=True)
class ReasonChange:
    """Shapley value of one feature, for the person as they are and edited."""

    feature: str
    before: float
    after: float


@dataclass(frozen=True)
class Scenario:
    """A what-if that somebody kept.

    Attributes
    ----------
    name : str
        As a person gave it.
    row : int
        Of the table as it was read, counted from 0.
    edits : tuple of Edit
        What was set.
    own : tuple of Edit
        The same features as they are.
    before, after : ScenarioState
    reasons : tuple of ReasonChange
        Of all features, in their order.
    explains : str
        In what their values are: "log-odds" or "probability".
    notes : tuple of str
        What else must be known, in sentences.
    model : str
        What the model is called.
    model_key : str
        Of the data, the training and the test rows' scores: no other model has it.
    when : str
        UTC time, ISO 8601.
    dates : tuple of str
        Edited features of which values are days since 1970-01-01.
    """

    name: str
    row: int
    edits: tuple[Edit, ...]
    own: tuple[Edit, ...]
    before: ScenarioState
    after: ScenarioState
    reasons: tuple[ReasonChange, ...]
    explains: str
    notes: tuple[str, ...]
    model: str
    model_key: str
    when: str
    dates: tuple[str, ...] = ()


def _value(given: Any) -> Value:
    if given is not None and type(given) not in (int, float, str):
        raise ValueError(f"{given!r} is no number, text or nothing")
    value: Value = given
    return value


# Beside the class that has it: no other union of numbers and texts is written to disk.
json_form(Value, read=_value)


def model_key(trained: Trained) -> str:
    """Name a model by its data, its spec and what it says of the test rows.

    A model that is trained again by the same spec may be another one, if noise was drawn.
    """
    told = hashlib.sha256(trained.scores.round(9).tobytes() + trained.decisions.tobytes())
    return key(trained.fingerprint, (trained.spec, "scenario", told.hexdigest()))


def scenario_of(editor: PersonEditor, position: int, edits: Edits, name: str) -> Scenario:
    """Freeze a what-if.

    Parameters
    ----------
    editor : PersonEditor
    position : int
        Of the person among the test rows.
    edits : tuple of Edit
    name : str
        That it is to have.

    Raises
    ------
    InputError
        If the name can't be one.
    """
    trained, answer = editor.trained, editor.answer(position, edits)
    own = editor.values(position)
    before, after = answer.reasons_before, answer.reasons_after
    return Scenario(
        check_scenario_name(name),
        answer.row,
        edits,
        tuple(Edit(edit.feature, own[edit.feature]) for edit in edits),
        _frozen(editor, answer.before),
        _frozen(editor, answer.after),
        tuple(
            ReasonChange(feature, float(before.values[0, j]), float(after.values[0, j]))
            for j, feature in enumerate(before.features)
        ),
        before.explains,
        what_if_notes(editor, position, edits),
        model_name(trained.spec),
        model_key(trained),
        now(),
        tuple(edit.feature for edit in edits if edit.feature in editor.dataset.dates),
    )


def check_scenario_name(name: str) -> str:
    """Return a scenario's name without the spaces around it.

    Raises
    ------
    InputError
        If it is empty, too long or can't be shown.
    """
    name = name.strip()
    if not name:
        raise InputError("it has no name", where="scenario", remedy="Type a name for it")
    if len(name) > LONGEST_NAME or not name.isprintable():
        why = (
            f"the name has {len(name)} characters, and {LONGEST_NAME} are the most"
            if len(name) > LONGEST_NAME
            else "the name holds a character that can't be shown, such as a line break"
        )
        raise InputError(why, where=f"scenario {name[:40]!r}", remedy="Type a shorter, plain name")
    return name


def _frozen(editor: PersonEditor, state: PersonState) -> ScenarioState:
    roles = editor.dataset.roles
    return ScenarioState(
        editor.dataset.decision_labels.told(state.positive),
        state.positive == roles.positive_is_favourable,
        state.score,
        state.probability,
        state.threshold,
        state.distance,
        state.group,
        state.plausible,
    )


def scenario_json(scenario: Scenario, of_this_model: bool) -> dict[str, Any]:
    """Write a scenario as it stands in audit.json.

    Parameters
    ----------
    scenario : Scenario
    of_this_model : bool
        Whether the audited model is the one that answered it.
    """
    own = {edit.feature: edit.value for edit in scenario.own}

    def written(feature: str, value: Value) -> Value:
        is_date = feature in scenario.dates and isinstance(value, int | float)
        return written_date(value) if is_date else value  # type: ignore[arg-type]

    return {
        "name": scenario.name,
        "row": scenario.row,
        "edits": [
            {
                "feature": edit.feature,
                "from": written(edit.feature, own[edit.feature]),
                "to": written(edit.feature, edit.value),
            }
            for edit in scenario.edits
        ],
        "before": to_json(scenario.before),
        "after": to_json(scenario.after),
        "score_change": scenario.after.score - scenario.before.score,
        "decision_changes": scenario.after.decision != scenario.before.decision,
        "shap": {
            "explains": scenario.explains,
            "values": to_json(scenario.reasons),
        },
        "notes": list(scenario.notes),
        "model": scenario.model,
        "of_this_model": of_this_model,
        "when": scenario.when,
    }
