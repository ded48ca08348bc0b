"""Propose where each input of an external model takes its values from, to be accepted by a person.

Tried in this order: a feature of the same name; of the same name but for case, spaces and signs;
``column_value`` as a flag for one value of a column, as one-hot encoders name their columns; the
same position, where the model names no inputs at all. Then the values: text that the model's list
holds in another case or spelling, truth values as the list writes them (yes for 1), true and false
as 1 and 0, a blank as the list's own word for missing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import pandas as pd

from core.data.labels import canonical
from core.data.table import MISSING
from core.external_models.matching import HOW_SENTENCE, InputMatch, Matching, value_text

if TYPE_CHECKING:
    from core.external_models.model_facts import ModelFacts, ModelInput

_FLAGS = {"true": "1", "false": "0", "yes": "1", "no": "0", "t": "1", "f": "0", "y": "1", "n": "0"}
_AS_NUMBER = {"true": "1", "false": "0"}
_TRUTH = _FLAGS | {"1": "1", "0": "0"}
_MISSING_WORDS = {"missing", "missingvalue", "nan", "null"}
"""Categories that say a value is missing and nothing else, without case, spaces and signs."""
_SIGNS = re.compile(r"[^\w]+|_+")


@dataclass(frozen=True)
class Proposed:
    """What was found, and what was not.

    Attributes
    ----------
    matching : Matching
        With an entry for each input for which there is a proposal or a match.
    unmatched : tuple of str
        Inputs for which none was found.
    extra : tuple of str
        Features of the table that the model doesn't see.
    remarks : tuple of (str, str)
        Input, and what must be known of its match, in a sentence.
    """

    matching: Matching
    unmatched: tuple[str, ...]
    extra: tuple[str, ...]
    remarks: tuple[tuple[str, str], ...]


def propose(
    facts: ModelFacts,
    features: pd.DataFrame,
    constants: Mapping[str, str | None] = MappingProxyType({}),
) -> Proposed:
    """Propose a matching of a model's inputs with the features of a dataset.

    Parameters
    ----------
    facts : ModelFacts
    features : DataFrame, shape (n, p)
        As :class:`core.data.dataset.Dataset` holds them.
    constants : mapping of str to float or str or None
        Columns that hold one value for everybody, which no dataset keeps as features.
    """
    names = [str(name) for name in features]
    found: list[InputMatch] = []
    unmatched: list[str] = []
    remarks: list[tuple[str, str]] = []
    by_position = not facts.named_inputs and len(facts.inputs) == len(names)
    for position, takes in enumerate(facts.inputs):
        match = _by_name(takes, features, names)
        if match is None and takes.name in constants:
            only = _constant(takes, constants[takes.name])
            match = InputMatch(takes.name, None, "constant", constant=only)
        if match is None and by_position:
            match = InputMatch(takes.name, names[position], "by position")
        if match is None:
            unmatched.append(takes.name)
            continue
        if match.column is not None and match.how != "one value of a column":
            match = _with_values(match, takes, features[str(match.column)])
        found.append(match)
        if match.how != "same":
            remarks.append((takes.name, describe(match)))
    seen = {match.column for match in found if match.column is not None}
    return Proposed(
        Matching(tuple(found)),
        tuple(unmatched),
        tuple(name for name in names if name not in seen),
        tuple(remarks),
    )


def match_to(takes: ModelInput, column: str, features: pd.DataFrame) -> InputMatch:
    """Propose how an input takes its values from a column that a person names for it."""
    match = InputMatch(takes.name, column, "same" if takes.name == column else "renamed")
    return _with_values(match, takes, features[column])


def describe(match: InputMatch) -> str:
    """Say in a sentence what a proposal does."""
    if match.column is None:
        if match.constant is None:
            return "No column: left missing for everybody."
        return f"No column: {match.constant!r} for everybody."
    if match.how == "one value of a column":
        return f"1 where {match.column!r} is {match.recode[0][0]!r}, 0 elsewhere."
    text = f"From {match.column!r}, {HOW_SENTENCE[match.how]}"
    if match.recode:
        pairs = [f"{said} → {'missing' if to is None else to}" for said, to in match.recode]
        more = f" and {len(pairs) - 8} more" if len(pairs) > 8 else ""
        text += f": {', '.join(pairs[:8])}{more}"
    return text + "."


def _plain(name: str) -> str:
    return _SIGNS.sub("", name).casefold()


def _meaning(value: str) -> str:
    """Write a value so that spellings of one are the same: 1.0 is 1, and neither 10 nor <1."""
    try:
        if "_" not in value:
            return f"={canonical(float(value))}"
    except ValueError:
        pass
    # Beside a digit a sign means something: "<10", "-5", "1.5".
    has_digit = any(character.isdigit() for character in value)
    return "".join(re.split(r"[\s_]+", value)).casefold() if has_digit else _plain(value)


def _constant(takes: ModelInput, only: str | None) -> str | None:
    """Write the one value of a column as the model takes it."""
    if only is None:
        return takes.missing_as
    if takes.kind != "category":
        return _FLAGS.get(only.casefold(), only)
    known = takes.categories or ()
    meant = [value for value in known if _meaning(value) == _meaning(only)]
    return meant[0] if only not in known and len(meant) == 1 else only


def _by_name(takes: ModelInput, features: pd.DataFrame, names: list[str]) -> InputMatch | None:
    if takes.name in names:
        return InputMatch(takes.name, takes.name)
    alike = [name for name in names if _plain(name) == _plain(takes.name)]
    if len(alike) == 1:
        return InputMatch(takes.name, alike[0], "renamed")
    if takes.kind == "category":
        return None
    return _one_value(takes, features, names)


def _one_value(takes: ModelInput, features: pd.DataFrame, names: list[str]) -> InputMatch | None:
    """Find the column and the value that ``column_value`` names, the longest column first."""
    found = []
    for name in sorted(names, key=len, reverse=True):
        start = re.match(re.escape(name) + r"(?:_+|[=\-.:] ?| )", takes.name, flags=re.IGNORECASE)
        if start is None:
            continue
        wanted = takes.name[start.end() :]
        values = {value_text(v) for v in features[name].unique()}
        exact = [value for value in values if value == wanted]
        loose = [v for v in values if _meaning(v) == _meaning(wanted) != ""]
        if exact or len(loose) == 1:
            found.append((name, (exact or loose)[0]))
            break
    if not found:
        return None
    name, value = found[0]
    return InputMatch(takes.name, name, "one value of a column", ((value, "1"),), otherwise="0")


def _with_values(match: InputMatch, takes: ModelInput, column: pd.Series) -> InputMatch:
    """Propose how a column's values are written where the model would not know them."""
    if takes.kind == "category":
        recode = (
            _known_spellings(takes, column)
            or _known_truth(takes, column)
            or _as_trained(takes, column)
        )
        return _recoded(match, recode) if recode else match
    if column.dtype.kind == "f":
        return match
    values = sorted({str(v) for v in column.unique()} - {MISSING})
    if not values or any(value.casefold() not in _FLAGS for value in values):
        return match
    flags = tuple((value, _FLAGS[value.casefold()]) for value in values)
    if takes.kind == "flag" and set(values) <= {"true", "false"}:
        # Truth values on both sides: nothing is read into them.
        return replace(match, recode=flags)
    return _recoded(match, flags)


def _known_spellings(takes: ModelInput, column: pd.Series) -> tuple[tuple[str, str | None], ...]:
    """Find, for values that a model's list lacks, the one value of the list that each can mean."""
    known = list(takes.categories or ())
    if not known:
        return ()
    meanings: dict[str, list[str]] = {}
    for value in known:
        meanings.setdefault(_meaning(value), []).append(value)
    found: list[tuple[str, str | None]] = []
    for text in sorted({value_text(v) for v in column.unique()}):
        if text == MISSING:
            word = takes.missing_as
            if word is None:
                word = _word_for_missing(takes, column)
            if word is not None:
                found.append((MISSING, word))
        elif text not in known:
            meant = meanings.get(_meaning(text), []) or meanings.get(
                _meaning(_AS_NUMBER.get(text, text)), []
            )
            if len(meant) == 1:
                found.append((text, meant[0]))
    return tuple(found)


def _known_truth(takes: ModelInput, column: pd.Series) -> tuple[tuple[str, str | None], ...]:
    """Find yes and no of a model's list for truth values that a column writes otherwise."""
    known = [c for c in takes.categories or () if _meaning(c) not in _MISSING_WORDS]
    said = sorted({value_text(v) for v in column.unique()} - {MISSING})
    by_meaning = {_TRUTH.get(value.casefold()): value for value in known}
    if len(known) != 2 or set(by_meaning) != {"0", "1"} or not said:
        return ()
    if any(value.casefold() not in _TRUTH for value in said) or set(said) & set(known):
        return ()
    return tuple((value, by_meaning[_TRUTH[value.casefold()]]) for value in said)


def _word_for_missing(takes: ModelInput, column: pd.Series) -> str | None:
    """Find the category that stood for a missing value in training, as "missing" most often does.

    Where the column holds that word too, it is not known whether a blank means the same.
    """
    if takes.missing == "allowed":
        return None
    words = [known for known in takes.categories or () if _meaning(known) in _MISSING_WORDS]
    return words[0] if len(words) == 1 and words[0] not in set(column) else None


def _as_trained(takes: ModelInput, column: pd.Series) -> tuple[tuple[str, str | None], ...]:
    """Write truth values as Python does, for a file that keeps no list and refuses nothing.

    CatBoost knows its categories by their text, and True is another one than true.
    """
    values = sorted({str(value) for value in column.unique()} - {MISSING})
    is_unlisted = takes.categories is None and (
        takes.missing == "refused" or takes.category_hashes is not None
    )
    if not is_unlisted or not values or not set(values) <= {"true", "false"}:
        return ()
    spelt = [value.capitalize() for value in values]
    if any(takes.lacks(spelt)) and not any(takes.lacks(values)):
        return ()
    return tuple(zip(values, spelt, strict=True))


def _recoded(match: InputMatch, recode: tuple[tuple[str, str | None], ...]) -> InputMatch:
    how = "recoded" if match.how == "same" else match.how
    return replace(match, how=how, recode=recode)
