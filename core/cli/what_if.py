"""``audit --row N --what-if FEATURE=VALUE``: read what is asked, and say what came of it."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from core.audit.result import AuditResult
from core.cli.options import refuse_ignored
from core.data.roles.decision_labels import DecisionLabels
from core.errors import InputError
from core.explanation.person.person_texts import distance_sentence
from core.explanation.person.scenario import Scenario, ScenarioState
from core.explanation.person.what_if_result import AskedWhatIf
from core.explanation.person.what_if_texts import describe_edits, drawn_told
from core.numerals import signed

SHOWN = 5


def parse_what_if(options: argparse.Namespace, columns: Sequence[str]) -> AskedWhatIf | None:
    """Read the options.

    Parameters
    ----------
    options : Namespace
    columns : sequence of str
        Of the table: a name may hold an equals sign itself.

    Raises
    ------
    InputError
        If one is given without the other, or an edit isn't written FEATURE=VALUE.
    """
    if options.row is None and not options.what_if:
        return None
    if options.row is None:
        raise InputError(
            "it isn't said whom to ask about",
            where=f"--what-if {options.what_if[0]}",
            remedy="Give --row, a test row of the table counted from 0",
        )
    if not options.what_if:
        refuse_ignored("--row", "no --what-if is given")
    values: dict[str, str] = {}
    for text in options.what_if:
        name, value = _split(text, columns)
        if name in values:
            raise InputError("it is given twice", where=f"--what-if {name}")
        values[name] = value
    return AskedWhatIf(options.row, tuple(values.items()))


def _split(text: str, columns: Sequence[str]) -> tuple[str, str]:
    cuts = [k for k, sign in enumerate(text) if sign == "="]
    if not cuts:
        raise InputError(
            "it isn't written FEATURE=VALUE",
            where=f"--what-if {text}",
            remedy="Write it like --what-if age=40; FEATURE= or FEATURE=(missing) is no value",
        )
    cut = next((k for k in cuts if text[:k] in columns), cuts[0])
    return text[:cut], text[cut + 1 :]


def what_if_lines(result: AuditResult) -> list[str]:
    """Say what the model makes of the edits; empty where none were asked for."""
    called = result.dataset.decision_labels
    return [line for scenario in result.scenarios for line in scenario_lines(scenario, called)]


def scenario_lines(scenario: Scenario, called: DecisionLabels) -> list[str]:
    """Say in lines what a scenario came to."""
    own = {edit.feature: edit.value for edit in scenario.own}
    edits = describe_edits(scenario.edits, own, scenario.dates)
    before, after = scenario.before, scenario.after
    lines = [
        f"what if, row {scenario.row}: {edits or 'nothing is edited'}",
        f"  score {before.score:.4f} → {after.score:.4f} ({signed(after.score - before.score, 4)})",
        f"  decision {before.decision} → {after.decision}",
        f"  as they are: {_distance(before, called)}",
        f"  edited: {_distance(after, called)}",
        f"  Shapley values ({scenario.explains}), largest changes first:",
    ]
    moved = sorted(scenario.reasons, key=lambda item: -abs(item.after - item.before))
    lines += [
        f"    {item.feature}: {signed(item.before, 4)} → {signed(item.after, 4)}"
        for item in moved[:SHOWN]
    ]
    return [*lines, *(f"  {note}" for note in scenario.notes)]


def _distance(state: ScenarioState, called: DecisionLabels) -> str:
    if state.probability is not None:
        return drawn_told(state.probability, called)
    return distance_sentence(state.threshold, state.distance, state.group)
