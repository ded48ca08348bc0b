"""The settings of a sweep, all from the registries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING

import streamlit as st

from components.app import session
from components.tradeoffs.sweep_person import person_form, persons_named
from components.widgets.epsilon_picker import (
    DELTA,
    WITHOUT,
    epsilon_or_none,
    epsilons_picker,
    format_epsilon,
)
from core.errors import InputError
from core.learning.balancing import BALANCINGS
from core.learning.learners import EXTERNAL_MODEL, GIVEN_SCORE, LEARNERS
from core.mitigation import MITIGATIONS
from core.tradeoff.sweep.grid import Grid
from core.tradeoff.sweep.point import combination_name
from core.training.compatibility import fits_label, fits_learner

if TYPE_CHECKING:
    from core.data.dataset import Dataset
    from core.external_models.external_spec import ExternalSpec

EPSILONS = (WITHOUT, "0.1", "0.25", "0.5", "1", "2", "4", "8")
STRENGTHS = (0.1, 0.25, 0.5, 0.75, 1.0)
KS = ("1", "2", "5", "10", "25", "50")
MOST_SEEDS = 10
MOST_COMBINED = 3
"""Columns of a combination: groups of more would hold hardly anyone."""
DEFAULT = Grid(
    learners=("gradient_boosting", "dp_binned_regression"),
    epsilons=(None, 4.0, 1.0, 0.5),
    attributes=(),
    mitigations=(
        ("none", 1.0),
        ("reweighing", 0.5),
        ("reweighing", 1.0),
        ("threshold_optimizer", 0.5),
        ("threshold_optimizer", 1.0),
    ),
    split_seeds=(0, 1),
    noise_seeds=(0, 1),
)
"""Twenty-two runs: seconds on a thousand rows."""
DEFAULT_GIVEN = Grid(
    learners=(GIVEN_SCORE.name,),
    epsilons=(None,),
    attributes=(),
    mitigations=(
        ("none", 1.0),
        *(
            (name, strength)
            for name in ("threshold_optimizer", "relaxed_equalized_odds", "reject_option")
            for strength in (0.5, 1.0)
        ),
    ),
    split_seeds=(0, 1, 2, 3, 4),
    noise_seeds=(0,),
)
"""Of an existing score: nothing is trained, so that splits cost nothing."""


def sweep_form(
    key_prefix: str, rows: Dataset, before: Grid | None, external: ExternalSpec | None = None
) -> Grid:
    """Show the pickers and return the grid they make, still to be checked by core.

    Parameters
    ----------
    key_prefix : str
        Begins the keys of the pickers; another one for each set of rows.
    rows : Dataset
        That the sweep runs on.
    before : Grid or None
        The last sweep's, which the pickers begin with where it fits these rows.
    external : ExternalSpec, optional
        The audited model, where it was made elsewhere: nothing else is swept then.

    Raises
    ------
    InputError
        If a number is not one.
    """
    first = _first(rows, before, external)
    key_prefix = f"{key_prefix} {rows.roles.sensitive}"
    given = first.given
    fixed = GIVEN_SCORE if external is None else EXTERNAL_MODEL
    left, right = st.columns(2)
    with left:
        if given:
            learners, typed = [fixed.name], [WITHOUT]
            what = f"the score {rows.roles.score}" if external is None else external.name
            st.markdown(
                f"Decided by: **{session.literal(what)} as it is**. "
                "Nothing is trained; each mitigation is fitted on 60% of the rows and measured "
                "on the others."
            )
        else:
            learners = _learners("Models without privacy", False, first, key_prefix)
            learners += _learners("Private models", True, first, key_prefix)
            typed = epsilons_picker(
                EPSILONS, tuple(map(format_epsilon, first.epsilons)), key_prefix
            )
            st.caption("∞ trains the models without privacy; each number trains the private ones.")
    with right:
        favourable = rows.roles.positive_is_favourable
        fitting = [m for m in MITIGATIONS if fits_label(m, positive_is_favourable=favourable)]
        offered = [m.name for m in fitting if not given or fits_learner(m, fixed)]
        pairs = _mitigations(first, key_prefix, offered)
        attributes = _attributes(rows, first, key_prefix)
    words = "splits" if given else "balancing, anonymisation, seeds, δ"
    if persons_named(rows) and not given:
        words += ", persons"
    with st.expander(f"More choices: {words}"):
        more = _more_given(rows, first, key_prefix) if given else _more(rows, first, key_prefix)
    return replace(
        more,
        learners=tuple(learners),
        epsilons=tuple(dict.fromkeys(epsilon_or_none(text) for text in typed)),
        attributes=attributes,
        mitigations=pairs,
        external=external,
    )


def _first(rows: Dataset, before: Grid | None, external: ExternalSpec | None) -> Grid:
    """Return the grid that the pickers begin with."""
    known = rows.roles.sensitive
    if before is not None and before.external == external:
        named = {name for combination in before.attributes for name in combination}
        persons = (None, *persons_named(rows))
        quasi_fit = set(before.quasi) <= set(rows.features.columns)
        if named <= set(known) and quasi_fit and before.person in persons:
            return before
    if external is not None:
        each = tuple((name,) for name in known)
        learners = (EXTERNAL_MODEL.name,)
        return replace(DEFAULT_GIVEN, learners=learners, attributes=each, external=external)
    if rows.roles.audits_existing_predictions:
        return replace(DEFAULT_GIVEN, attributes=tuple((name,) for name in known))
    together = [tuple(known[:2])] if len(known) > 1 else []
    return replace(DEFAULT, attributes=((known[0],), *together))


def _learners(label: str, private: bool, first: Grid, key_prefix: str) -> list[str]:
    offered = [item.name for item in LEARNERS if item.private == private]
    return st.multiselect(
        label,
        offered,
        default=[name for name in first.learners if name in offered],
        format_func=lambda name: LEARNERS[name].title,
        help="Each is trained at each ε, with noise that hides any single row, or all rows of a "
        "person where that is chosen among the other choices."
        if private
        else "The method that turns training rows into a model; trained without noise.",
        wrap=True,
        **session.lasting(f"{key_prefix} learners {private}"),
    )


def _mitigations(first: Grid, key_prefix: str, offered: list[str]) -> tuple[tuple[str, float], ...]:
    chosen = st.multiselect(
        "Mitigations",
        offered,
        default=tuple(dict.fromkeys(name for name, _ in first.mitigations if name in offered)),
        format_func=lambda name: MITIGATIONS[name].title,
        help="Ways to make decisions more alike between groups. “No mitigation” is the baseline "
        "to compare with.",
        wrap=True,
        **session.lasting(f"{key_prefix} mitigations"),
    )
    graded = [name for name in chosen if MITIGATIONS[name].degrees]
    if not graded:
        return tuple((name, 1.0) for name in chosen)
    last = {strength for name, strength in first.mitigations if name in graded}
    strengths = st.multiselect(
        "Strengths of the mitigations that have degrees",
        sorted({*STRENGTHS, *last}),
        default=sorted(last) or [1.0],
        format_func=lambda strength: f"{strength:g}",
        help="1 is in full. What half strength means differs; the page that trains a model says "
        "it for each.",
        wrap=True,
        **session.lasting(f"{key_prefix} strengths"),
    )
    if not strengths:
        raise InputError("choose at least one strength of the mitigations", where="sweep")
    return tuple(
        (name, strength)
        for name in chosen
        for strength in (sorted(strengths) if name in graded else (1.0,))
    )


def _attributes(rows: Dataset, first: Grid, key_prefix: str) -> tuple[tuple[str, ...], ...]:
    known = rows.roles.sensitive
    offered = [
        combined
        for size in range(1, min(MOST_COMBINED, len(known)) + 1)
        for combined in combinations(known, size)
    ]
    offered += [combined for combined in first.attributes if combined not in offered]
    chosen = st.multiselect(
        "Groups compared",
        offered,
        default=first.attributes,
        format_func=combination_name,
        help="Gaps are measured between the groups of each. The first one is the main one. With "
        "several columns each combination of their values is a group, and groups get small.",
        wrap=True,
        **session.lasting(f"{key_prefix} attributes"),
    )
    return tuple(map(tuple, chosen))


def _more(rows: Dataset, first: Grid, key_prefix: str) -> Grid:
    left, right = st.columns(2)
    with left:
        balancings = st.multiselect(
            "Balancing", BALANCINGS.names(), first.balancings, wrap=True,
            format_func=lambda name: BALANCINGS[name].title,
            **session.lasting(f"{key_prefix} balancings"),
            help="Gives the rarer outcome the same say in training, whatever the groups.",
        )  # fmt: skip
        ks = st.multiselect(
            "k of k-anonymity", tuple(dict.fromkeys((*KS, *map(str, first.ks)))),
            [str(k) for k in first.ks], accept_new_options=True, wrap=True,
            **session.lasting(f"{key_prefix} ks"),
            help="Features are first made coarser until each row shares its quasi-identifiers "
            "with k − 1 others at least. 1 leaves them as they are.",
        )  # fmt: skip
        quasi = st.multiselect(
            "Quasi-identifiers", [str(name) for name in rows.features.columns], first.quasi,
            wrap=True, **session.lasting(f"{key_prefix} quasi"),
            help="Features by which a person could be recognised. Needed for k above 1.",
        )  # fmt: skip
    with right:
        splits = _splits(first, key_prefix)
        noises = st.slider(
            "Draws of noise", 1, MOST_SEEDS, min(len(first.noise_seeds), MOST_SEEDS),
            **session.lasting(f"{key_prefix} noises"),
        )  # fmt: skip
        st.caption("Noise: the same split with other noise shows how far private models move.")
        mitigate_for = _mitigate_for(rows, first, key_prefix)
        delta = st.number_input(
            "δ", 0.0, 1.0, first.delta or DELTA, step=1e-6, format="%.8f",
            **session.lasting(f"{key_prefix} delta"),
            help="The probability with which a guarantee may fail, of private models that need "
            "one. Well below one over the number of rows.",
        )  # fmt: skip
        person, rows_per_person = person_form(rows, first, key_prefix)
    return replace(
        DEFAULT,
        balancings=tuple(balancings),
        ks=_whole(ks),
        quasi=tuple(quasi),
        split_seeds=tuple(range(splits)),
        noise_seeds=tuple(range(noises)),
        mitigate_for=mitigate_for,
        delta=float(delta),
        person=person,
        rows_per_person=rows_per_person,
    )


def _more_given(rows: Dataset, first: Grid, key_prefix: str) -> Grid:
    splits = _splits(first, key_prefix)
    return replace(
        DEFAULT_GIVEN,
        split_seeds=tuple(range(splits)),
        mitigate_for=_mitigate_for(rows, first, key_prefix),
    )


def _splits(first: Grid, key_prefix: str) -> int:
    found = st.slider(
        "Splits", 1, MOST_SEEDS, min(len(first.split_seeds), MOST_SEEDS),
        **session.lasting(f"{key_prefix} splits"),
    )  # fmt: skip
    st.caption("Sampling: other splits show how far figures move with who is measured.")
    return int(found)


def _mitigate_for(rows: Dataset, first: Grid, key_prefix: str) -> str | None:
    names = (None, *rows.roles.sensitive)
    found: str | None = st.selectbox(
        "Mitigate for", names, names.index(first.mitigate_for),
        format_func=lambda name: "The first column compared" if name is None else name,
        **session.lasting(f"{key_prefix} mitigate for"),
    )  # fmt: skip
    return found


def _whole(typed: Sequence[str]) -> tuple[int, ...]:
    found: dict[int, None] = {}
    for text in typed:
        try:
            found[int(text)] = None
        except ValueError:
            raise InputError(
                "this isn't a whole number",
                where=f"k {text[:40]!r}",
                remedy="Remove it and type one such as 5",
            ) from None
    return tuple(found)
