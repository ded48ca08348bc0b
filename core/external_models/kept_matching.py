"""How a model was matched before, read from the file that an audit wrote beside its report."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from core.errors import InputError
from core.external_models.external_spec import AskedFor, ExternalSpec
from core.external_models.model_facts import ModelFacts
from core.storage.json_format import from_json, json_of

_ASKED_FOR: dict[str, AskedFor] = {"class": "multiclass", "number": "regression"}
_AUDITS = {"binary": "decisions", "multiclass": "classes", "regression": "amounts"}


def read_matching(path: str, where: str, asked_for: AskedFor = "binary") -> ExternalSpec:
    """Read a matching.json.

    Raises
    ------
    InputError
        If it can't be read, is none, or was written where the model was asked for something else.
    """
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise InputError(f"it can't be read ({error.strerror})", where=where) from None
    spec: ExternalSpec = from_json(ExternalSpec, json_of(content, where), where)
    before = _ASKED_FOR.get(spec.output, "binary")
    if before != asked_for:
        raise InputError(
            f"it was written by an audit of {_AUDITS[before]}, and this is one of "
            f"{_AUDITS[asked_for]}",
            where=where,
            remedy="Match the inputs again and leave the matching out",
        )
    return spec


def as_before(
    kept: ExternalSpec, facts: ModelFacts, name: str, earlier: str | None, where: str
) -> ExternalSpec:
    """Ask a model's file as it was asked before.

    Parameters
    ----------
    kept : ExternalSpec
    facts : ModelFacts
        Of the file that is open now.
    name : str
        Of that file.
    earlier : str or None
        Column of earlier scores, in the place of the one of before.
    where : str

    Raises
    ------
    InputError
        If it is another file.
    """
    if kept.sha256 != facts.sha256:
        raise InputError(
            f"it was written for a model with the SHA-256 {kept.sha256[:12]}…, and this one has "
            f"{facts.sha256[:12]}…",
            where=where,
            remedy="Name the same file, or match its inputs again and leave the matching out",
        )
    return replace(kept, name=name, earlier_scores=earlier or kept.earlier_scores)


def check_answers_as_before(kept: ExternalSpec, digest: str, where: str) -> None:
    """Refuse a matching of a server that answers otherwise now.

    Raises
    ------
    InputError
        If the scores are others.
    """
    if kept.sha256 != digest:
        raise InputError(
            "its answers on these rows are others than when the matching was written, so it is "
            "another model, or these are other rows",
            where=where,
            remedy="Leave the matching out to audit it as it answers now",
        )
