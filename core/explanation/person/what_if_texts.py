"""What an edited person's figures say, in sentences."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from core.data.roles.decision_labels import DecisionLabels
from core.data.roles.group_labels import group_label
from core.explanation.person.feature_domains import FeatureDomain
from core.explanation.person.person import format_value
from core.explanation.person.person_texts import distance_sentence, format_score
from core.explanation.person.what_if import PersonEditor
from core.explanation.person.what_if_result import Edit, Edits, PersonState
from core.mitigation import MITIGATIONS
from core.numerals import signed
from core.training.rows_told import comparison_rows


def describe_edits(
    edits: Edits, own: Mapping[str, float | str | None], dates: Collection[str] = ()
) -> str:
    """List edits, each with the value as it is: "“duration” 24 → 12, “purpose” …"."""
    return ", ".join(
        f"“{edit.feature}” {format_value(own[edit.feature], is_date=edit.feature in dates)} "
        f"→ {format_value(edit.value, is_date=edit.feature in dates)}"
        for edit in edits
    )


def describe_answer(before: PersonState, after: PersonState, called: DecisionLabels) -> str:
    """Say in a sentence what edits do to score and decision."""
    one, other = (called.told(state.positive) for state in (before, after))
    decision = (
        f"the decision stays {one}"
        if before.positive == after.positive
        else f"the decision turns from {one} to {other}"
    )
    moved = after.score - before.score
    if not moved:
        return f"The score stays at {format_score(after.score, after.threshold)}, and {decision}."
    way = "rises" if moved > 0 else "falls"
    # What changes must not read as if it stayed.
    digits = 3 if abs(moved) >= 0.001 else 6
    was, now = (format_score(state.score, state.threshold, digits) for state in (before, after))
    return f"The score {way} from {was} to {now} ({signed(moved, digits)}), and {decision}."


def describe_threshold(state: PersonState, column: str, called: DecisionLabels) -> str:
    """Say how far a state's score is from where the decision turns.

    Parameters
    ----------
    state : PersonState
    column : str
        Of its group, where a mitigation decides by it.
    called : DecisionLabels
    """
    if state.probability is not None:
        return drawn_told(state.probability, called)
    group = None if state.group is None else group_label([(column, state.group)])
    return distance_sentence(state.threshold, state.distance, group)


def drawn_told(probability: float, called: DecisionLabels) -> str:
    """Say how likely the positive decision is where it is drawn."""
    return f"Drawn at random: “{called.told(True)}” has probability {probability:.3f}."


def what_if_notes(editor: PersonEditor, position: int, edits: Edits) -> tuple[str, ...]:
    """Say what else must be known of an edited person: what the model never saw, what is drawn.

    Returns
    -------
    tuple of str
        Sentences, perhaps none.
    """
    before, after = editor.state(position, ()), editor.state(position, edits)
    domains = {domain.feature: domain for domain in editor.domains(position)}
    rows = comparison_rows(editor.trained.spec)
    notes = [note for edit in edits for note in _unseen(edit, domains[edit.feature], rows)]
    if not after.plausible:
        spec = editor.support_spec
        also = "" if before.plausible or not edits else " So does this person without edits."
        notes.append(
            f"These values together are unlike the {rows} with this decision: they lie "
            f"further from the {spec.neighbours} nearest of those than {spec.plausible:.0%} of "
            f"them lie from each other, which is why no counterfactual would propose them.{also}"
        )
    if before.group is not None and after.group is not None and before.group != after.group:
        one, other = (group_label([(editor.column, name)]) for name in (before.group, after.group))
        notes.append(
            "The mitigation decides by the person’s group, which these edits change from "
            f"“{one}” to “{other}”."
        )
    if before.probability is not None or after.probability is not None:
        title = MITIGATIONS[editor.trained.spec.mitigation].title
        notes.append(
            f"Decisions are partly drawn at random ({title}). "
            f"“{editor.dataset.decision_labels.told(True)}” has "
            f"probability {_chance(before)} for the person as they are, and {_chance(after)} "
            "with these edits. A changed row is drawn for anew, so with edits the likelier "
            "decision is shown."
        )
    if abs(after.explained_score - after.score) > 1e-9:
        notes.append(
            "Shapley values and curves explain the score with the group unknown, "
            f"{after.explained_score:.3f}, not {after.score:.3f} on which the decision rests."
        )
    return tuple(notes)


def _chance(state: PersonState) -> str:
    return f"{float(state.positive) if state.probability is None else state.probability:.3f}"


def _unseen(edit: Edit, domain: FeatureDomain, rows: str) -> list[str]:
    name, value = f"“{edit.feature}”", edit.value
    if value is None:
        if domain.missing_unseen:
            return [
                f"{name} is missing in none of the {rows}, so what the model does then is not "
                "known."
            ]
        return []
    if isinstance(value, str):
        if value in domain.unseen:
            return [f"{name} “{value}” is a value that none of the {rows} has."]
        return []
    low, high = domain.seen_low, domain.seen_high
    if low is None or high is None or low <= value <= high:
        return []
    return [
        f"{name} {domain.told(value)} lies outside {domain.told(low)} to {domain.told(high)}, the "
        f"range of the {rows}: what the model does there is not known."
    ]
