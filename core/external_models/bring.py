"""From a model made elsewhere and a table's features to what is audited: accepted, or refused.

Nothing is guessed in silence: a proposal that nobody accepted, an input without a column, a class
that may or may not be the positive label each end in a sentence that says what to do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import pandas as pd

from core.data.labels import match_label, near
from core.data.roles.roles import Roles
from core.errors import InputError
from core.external_models.external_spec import Answers, AskedFor, ExternalSpec
from core.external_models.matching import InputMatch, Matching
from core.external_models.model_facts import ModelFacts
from core.external_models.model_task import check_task
from core.external_models.opened import offer
from core.external_models.proposals import Proposed, describe, match_to, propose
from core.external_models.scorer import Scorer


@dataclass(frozen=True)
class Wishes:
    """What a person says of a model that is brought.

    Attributes
    ----------
    columns : mapping of str to str or None
        By input, the column it takes its values from; None leaves it missing for everybody.
    accept : bool
        Whether what is proposed is accepted as it is.
    positive_class : str or None
        The model's class that is the positive label.
    threshold : float
        Scores from here on are decided positively.
    accepted_types : tuple of str
        Of a skops file, beyond the reviewed ones.
    accepted_by : str
        Who accepted them.
    trained_on : tuple of (str, str) or None
        Column and value of the rows that trained the model.
    earlier_scores : str or None
        Column of scores that the model gave before.
    asked_for : {"binary", "multiclass", "regression"}
        Decisions of two outcomes; the class that it chooses; amounts.
    class_labels : tuple of (str, str)
        Where all classes are audited: the model's own name of one, and the label it stands for.
    """

    columns: Mapping[str, str | None]
    accept: bool = False
    positive_class: str | None = None
    threshold: float = 0.5
    accepted_types: tuple[str, ...] = ()
    accepted_by: str = ""
    trained_on: tuple[str, str] | None = None
    earlier_scores: str | None = None
    asked_for: AskedFor = "binary"
    class_labels: tuple[tuple[str, str], ...] = ()


NO_WISHES = Wishes({})


def bring(
    scorer: Scorer,
    name: str,
    features: pd.DataFrame,
    positive_label: str,
    wishes: Wishes = NO_WISHES,
    *,
    matching: Matching | None = None,
    constants: Mapping[str, str | None] = MappingProxyType({}),
    source: Callable[[], Scorer] | None = None,
) -> ExternalSpec:
    """Settle how a model is asked, and put it at hand in this process.

    Parameters
    ----------
    scorer : Scorer
        The model, opened.
    name : str
        Of its file, for people.
    features : DataFrame, shape (n, p)
        Of a dataset: every column that the model may see.
    positive_label : str
        Of the target; of no meaning where all classes or amounts are asked for.
    wishes : Wishes
    matching : Matching, optional
        That a person has settled input by input; proposed and checked otherwise.
    constants : mapping of str to str or None
        Columns that hold one value for everybody.
    source : callable, optional
        Opens the model anew where it was closed; the same object serves without one.

    Raises
    ------
    InputError
        Naming the input, column or class that is not settled.
    """
    facts = scorer.facts
    check_task(facts, name, wishes.asked_for)
    if matching is None:
        proposed = propose(facts, features, constants)
        matching = settled(with_wishes(proposed, facts, features, wishes), facts, name, wishes)
    spec = external_spec(facts, name, matching, positive_label, wishes)
    offer(spec, source or (lambda: scorer))
    return spec


def external_spec(
    facts: ModelFacts, name: str, matching: Matching, positive_label: str, wishes: Wishes
) -> ExternalSpec:
    """Write down how a model is asked, its inputs settled.

    Raises
    ------
    InputError
        If which of its classes is the positive label is not known.
    """
    return ExternalSpec(
        facts.sha256,
        name,
        facts.format,
        " ".join(part for part in (facts.library, facts.version) if part),
        matching,
        positive_class(facts, positive_label, wishes, name)
        if wishes.asked_for == "binary"
        else None,
        wishes.threshold,
        _answers(facts, wishes.asked_for),
        tuple(sorted(wishes.accepted_types)),
        wishes.accepted_by,
        wishes.trained_on,
        wishes.earlier_scores,
        wishes.class_labels,
    )


def _answers(facts: ModelFacts, asked_for: AskedFor) -> Answers:
    if asked_for != "binary":
        return "class" if asked_for == "multiclass" else "number"
    return "label" if facts.output == "label" else "probability"


def positive_class(facts: ModelFacts, positive_label: str, wishes: Wishes, name: str) -> str | None:
    """Return the model's class that is the positive label.

    Raises
    ------
    InputError
        If none has its name and nobody said which it is.
    """
    if facts.classes is None:
        return None
    wanted = wishes.positive_class
    if wanted is not None:
        try:
            return match_label(wanted, facts.classes)
        except InputError:
            raise InputError(
                f"it is none of the model's classes, {', '.join(map(repr, facts.classes))}",
                where=f"positive class {wanted!r}",
                remedy=near(wanted, facts.classes),
            ) from None
    if facts.named_classes and positive_label in facts.classes:
        return positive_label
    how = "" if facts.named_classes else " (its file only numbers them)"
    raise InputError(
        f"which of its classes, {', '.join(map(repr, facts.classes))}{how}, stands for the "
        f"positive label {positive_label!r} is not known",
        where=f"model {name!r}",
        remedy="Say which class is the positive one",
    )


def with_wishes(
    proposed: Proposed, facts: ModelFacts, features: pd.DataFrame, wishes: Wishes
) -> Proposed:
    """Take the columns that a person named in the place of what was proposed.

    Raises
    ------
    InputError
        If an input or a column is not there.
    """
    names = [item.name for item in facts.inputs]
    for asked, column in wishes.columns.items():
        if asked not in names:
            raise InputError(
                "the model has no such input",
                where=f"input {asked!r}",
                remedy=near(asked, names),
            )
        if column is not None and column not in features:
            raise InputError(
                "it is no feature of the table",
                where=f"column {column!r}",
                remedy=near(column, [str(c) for c in features]),
            )
    if not wishes.columns:
        return proposed
    by_input = {match.input: match for match in proposed.matching.inputs}
    for asked, column in wishes.columns.items():
        if column is None:
            by_input[asked] = InputMatch(asked, None, "missing")
            continue
        takes = next(item for item in facts.inputs if item.name == asked)
        by_input[asked] = match_to(takes, column, features)
    matching = Matching(tuple(by_input[name] for name in names if name in by_input))
    seen = set(matching.columns)
    return Proposed(
        matching,
        tuple(name for name in names if name not in by_input),
        tuple(str(name) for name in features if str(name) not in seen),
        tuple((m.input, describe(m)) for m in matching.proposals),
    )


def settled(proposed: Proposed, facts: ModelFacts, name: str, wishes: Wishes) -> Matching:
    """Return a matching in which nothing is open.

    Raises
    ------
    InputError
        Naming inputs without a column, or proposals that nobody accepted.
    """
    if proposed.unmatched:
        extra = ", ".join(map(repr, proposed.extra[:8])) or "none"
        raise InputError(
            f"for {len(proposed.unmatched)} of its {len(facts.inputs)} inputs no column was "
            f"found: {', '.join(map(repr, proposed.unmatched[:8]))}; columns that it doesn't use: "
            f"{extra}",
            where=f"model {name!r}",
            remedy="Say which column each takes its values from",
        )
    open_ones = [
        m
        for m in proposed.matching.proposals
        if not wishes.accept and m.input not in wishes.columns
    ]
    if open_ones:
        lines = "; ".join(f"{m.input!r}: {describe(m).rstrip('.')}" for m in open_ones[:6])
        more = f"; and {len(open_ones) - 6} more" if len(open_ones) > 6 else ""
        raise InputError(
            f"of {len(open_ones)} of its {len(facts.inputs)} inputs it is proposed, and not yet "
            f"accepted, what they are given: {lines}{more}",
            where=f"model {name!r}",
            remedy="Accept the proposals, or say which column each takes its values from",
        )
    return proposed.matching


def roles_seen(
    roles: Roles, spec: ExternalSpec, identifiers: tuple[str, ...] | None = None
) -> Roles:
    """Make what a model sees the features, and no identifier of what only looked like one.

    Parameters
    ----------
    roles : Roles
    spec : ExternalSpec
    identifiers : tuple of str, optional
        As in :func:`core.external_models.candidates.candidates_of`.
    """
    seen = spec.matching.columns
    named = roles.identifiers if identifiers is None else identifiers
    kept = tuple(name for name in roles.identifiers if name in named or name not in seen)
    return replace(roles, features=seen, identifiers=kept, markers=markers_of(spec))


def markers_of(*specs: ExternalSpec) -> tuple[str, ...]:
    """Name the columns that say which rows trained some models, each once."""
    return tuple(dict.fromkeys(spec.trained_on[0] for spec in specs if spec.trained_on))
