"""What the child says of a model, checked like anything else that came from an untrusted file."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

from core.data.labels import canonical
from core.data.text_normalisation import normalise_text
from core.errors import InputError
from core.external_models.model_facts import ModelFacts, ModelInput
from core.storage.json_format import from_json

_SHOWN = 80


def facts_of(told: dict[str, Any], where: str) -> ModelFacts:
    """Make facts of what the child says, with categories and classes in canonical text.

    Parameters
    ----------
    told : dict
        Of :class:`core.external_models.sandbox.opened_model.OpenedModel`, as JSON.
    where : str
        Name of the file, for messages.

    Raises
    ------
    InputError
        If it doesn't fit together.
    """
    classes = told.get("classes")
    written = {
        **told,
        "format": "",
        "sha256": "",
        "size": 0,
        "classes": None if classes is None else [canonical(value) for value in classes],
        "inputs": [_with_text(one) for one in told.get("inputs", [])],
    }
    facts: ModelFacts = from_json(ModelFacts, written, where)
    _check_names([one.name for one in facts.inputs], "inputs", where)
    _check_names(list(facts.classes or ()), "classes", where)
    if not facts.inputs:
        raise InputError("the model has no input", where=where, remedy="Export it again")
    alike = tuple(note for one in facts.inputs for note in _alike(one))
    return replace(
        facts,
        title=_short(facts.title),
        library=_short(facts.library),
        version=_short(facts.version),
        notes=facts.notes + alike,
    )


def _short(text: str) -> str:
    """Names of libraries are free text of the file."""
    return normalise_text(text)[:_SHOWN]


def _alike(one: ModelInput) -> list[str]:
    """Note categories that differ only in what nobody sees, such as a space at the end."""
    times = Counter(one.categories or ())
    return [
        f"Input {one.name!r} has {count} categories that look like {text!r}: the first is meant."
        for text, count in times.items()
        if count > 1
    ]


def _with_text(one: dict[str, Any]) -> dict[str, Any]:
    """Write categories in canonical text; the file's own only where they differ."""
    values = one.get("category_values")
    if values is None:
        return one
    texts = [canonical(value) for value in values]
    return {**one, "categories": texts, "category_values": None if texts == values else values}


def _check_names(names: list[str], what: str, where: str) -> None:
    for name, times in Counter(names).items():
        if times > 1:
            raise InputError(
                f"two of the model's {what} are called {name!r}",
                where=where,
                remedy="Export the model with a name of its own for each",
            )
