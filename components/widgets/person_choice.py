"""Ways to choose one person among the test rows."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from components.app.progress import follow
from components.app.session import lasting, literal, once, remember, remembered
from core.data.roles.group_labels import label_of_name
from core.explanation.attribution.explain import (
    middle_of_decision,
    nearest_to_threshold,
    spread_by_score,
)
from core.explanation.person.choosing import (
    Condition,
    matching,
    most_typical,
    of_identifier,
    treated_differently,
)
from core.explanation.person.people_table import ERROR_KINDS, people_table, searched
from core.training.rows_told import a_judging_row, judging_rows, never_saw

if TYPE_CHECKING:
    from core.data.dataset import Dataset
    from core.explanation.person.choosing import UnlikePair
    from core.training.trained import Trained

BY_SCORE = (
    "Nearest to the threshold",
    "Lowest score",
    "Middle score",
    "Highest score",
    "Row number",
)


def person_picker(trained: Trained, dataset: Dataset) -> int:
    """Return the position of the chosen person among the test rows."""
    called = dataset.decision_labels
    # Where one decision is rare, the lowest, middle and highest score may all be of the other.
    decided = {
        f"Middle score of those decided “{called.told(positive)}”": person
        for positive in (True, False)
        if (person := middle_of_decision(trained, positive)) is not None
    }
    ways = (*BY_SCORE[:-1], *(decided if len(decided) == 2 else ()), BY_SCORE[-1])
    way = st.selectbox("Which person?", ways, help=_whom(trained))
    if way in decided:
        return decided[way]
    if way == "Nearest to the threshold":
        return nearest_to_threshold(trained)
    low, middle, high = spread_by_score(trained, 3, ends=True)
    if way != "Row number":
        return {"Lowest score": low, "Middle score": middle, "Highest score": high}[way]
    rows: list[int] = dataset.rows[trained.split.test].tolist()
    wanted = st.number_input("Row number in the table, counted from 0", 0, value=rows[0], step=1)
    if wanted not in rows:
        st.error(
            literal(
                f"Row {wanted}: it isn't {a_judging_row(trained.spec)}. Nearby are: "
                + ", ".join(map(str, sorted(sorted(rows, key=lambda r: abs(r - wanted))[:5])))
                + "."
            )
        )
        st.stop()
    return rows.index(wanted)


WAYS = {
    "score": "By score or row number",
    "identifier": "By identifier",
    "filter": "By conditions",
    "table": "Search, sort and pick in a table",
    "typical": "Most typical of a group",
    "unlike": "Two similar people treated differently",
}
ANY_ERROR = "Any, and no error"
DECISIONS = {"Either decision": None, "Favourable": True, "Unfavourable": False}


def person_choice(dataset: Dataset, trained: Trained, key_prefix: str) -> int:
    """Return the position of the chosen person among the test rows.

    Parameters
    ----------
    dataset : Dataset
    trained : Trained
    key_prefix : str
        Begins the keys of widgets.
    """
    named = dataset.identifiers is not None and dataset.identifiers.shape[1] > 0
    ways = [way for way in WAYS if way != "identifier" or named]
    way = st.selectbox(
        "How to choose", ways, format_func=WAYS.__getitem__, **lasting(f"{key_prefix} way"),
        help=_whom(trained),
    )  # fmt: skip
    if way == "identifier":
        return _by_identifier(dataset, trained, key_prefix)
    if way == "filter":
        return _by_conditions(dataset, trained, key_prefix)
    if way == "table":
        return _from_table(dataset, trained, key_prefix)
    if way == "typical":
        return _typical(dataset, trained, key_prefix)
    if way == "unlike":
        return _unlike(dataset, trained, key_prefix)
    return person_picker(trained, dataset)


def _by_identifier(dataset: Dataset, trained: Trained, key_prefix: str) -> int:
    assert dataset.identifiers is not None
    names = [str(name) for name in dataset.identifiers]
    column = st.selectbox("Column", names, **lasting(f"{key_prefix} id"))
    value = st.text_input("Value", **lasting(f"{key_prefix} id value"))
    if not value:
        st.info("Type the identifier of a person.")
        st.stop()
    found = of_identifier(dataset, trained, column, value)
    return _one_of(dataset, trained, list(found), key_prefix)


def _by_conditions(dataset: Dataset, trained: Trained, key_prefix: str) -> int:
    columns = [*map(str, dataset.features), *map(str, dataset.sensitive)]
    chosen = st.multiselect(
        "Columns with a condition",
        list(dict.fromkeys(columns)),
        **lasting(f"{key_prefix} columns"),
    )
    conditions = [_condition(dataset, name, f"{key_prefix} {name}") for name in chosen]
    positions = matching(dataset, trained, conditions, got_favourable=_decision(key_prefix))
    st.caption(
        f"{len(positions):,} of {len(trained.split.test):,} {judging_rows(trained.spec)} fulfil "
        "this."
    )
    if not len(positions):
        st.info("Nobody fulfils all of these conditions: drop one of them.")
        st.stop()
    return _one_of(dataset, trained, positions[:1000].tolist(), key_prefix)


def _condition(dataset: Dataset, name: str, key_prefix: str) -> Condition:
    if name in dataset.numbers and name not in dataset.sensitive:
        known = dataset.features[name].dropna()
        least, most = float(known.min()), float(known.max())
        left, right = st.columns(2)
        low = left.number_input(
            f"{literal(name)}: from", value=least, **lasting(f"{key_prefix} low")
        )
        high = right.number_input("to", value=most, **lasting(f"{key_prefix} high"))
        return Condition(name, float(low), float(high))
    frame = dataset.sensitive if name in dataset.sensitive else dataset.features
    values = sorted(map(str, frame[name].unique()))
    asked = st.multiselect(
        literal(name), values, **lasting(f"{key_prefix} values"),
        help="None chosen means any.",
    )  # fmt: skip
    return Condition(name, values=tuple(asked))


def _from_table(dataset: Dataset, trained: Trained, key_prefix: str) -> int:
    text = st.text_input(
        "Search", **lasting(f"{key_prefix} search"),
        help="Rows of which any cell holds this text, whatever its case; empty shows all.",
    )  # fmt: skip
    found = once(f"{key_prefix} people", lambda: people_table(dataset, trained))
    positions = searched(found, text)
    if dataset.outcome is not None:
        kind = st.selectbox(
            "Error kind", [ANY_ERROR, *ERROR_KINDS], **lasting(f"{key_prefix} error"),
            help="Of the decision beside the true outcome: a false positive was decided "
            "positively and isn’t, a false negative the other way round.",
        )  # fmt: skip
        if kind != ANY_ERROR:
            positions = positions[(found["Error"].to_numpy() == kind)[positions]]
    else:
        kind = ANY_ERROR
        st.caption("Without true outcomes there is no kind of error to choose by.")
    st.caption(
        f"{len(positions):,} of {len(found):,} {judging_rows(trained.spec)}; click a row's box to "
        "look at it, and the head of a column to sort by it."
    )
    if not len(positions):
        st.info(
            "No cell of any of these rows holds this text."
            if kind == ANY_ERROR
            else f"None of these rows with this text is {kind}."
        )
        st.stop()
    picked = st.dataframe(
        found.iloc[positions],
        hide_index=True,
        height=260,
        on_select="rerun",
        selection_mode="single-row",
        key=f"{key_prefix} table {kind} {text}",
        alt="Rows to pick from",
    )
    rows = picked["selection"]["rows"]
    if rows:
        remember(f"{key_prefix} picked", int(positions[rows[0]]))
    # Who was picked stays picked on another page, and by another search that finds them.
    before = remembered(f"{key_prefix} picked", None)
    return int(before) if before in positions else int(positions[0])


def _typical(dataset: Dataset, trained: Trained, key_prefix: str) -> int:
    attribute, groups = _attribute(dataset, key_prefix)
    group = st.selectbox(literal(attribute), groups, **lasting(f"{key_prefix} group"))
    conditions = (Condition(attribute, values=(group,)),)
    among = matching(dataset, trained, conditions, got_favourable=_decision(key_prefix))
    found = most_typical(dataset, trained, among)
    st.caption(
        f"The medoid of {len(among):,} rows: the one with the least total distance to the "
        "others (Gower's distance: the mean over features of difference by range for numbers, and "
        "of “not the same” for categories)."
    )
    return found


def _unlike(dataset: Dataset, trained: Trained, key_prefix: str) -> int:
    attribute, _ = _attribute(dataset, key_prefix)
    found = follow(
        treated_differently(dataset, trained, attribute),
        "Looking for similar people",
        f"{key_prefix} unlike {attribute}",
    )
    if found is None:
        st.stop()
    if not found.pairs:
        st.info("No two people of different groups got opposite decisions.")
        st.stop()
    st.caption(
        f"The nearest pairs of opposite decisions across groups, by Gower's distance (0 is the "
        f"same, 1 differs in all). Looked up: {found.looked_up:,} of {found.in_all:,} people with "
        "an unfavourable decision, among all people with a favourable one."
    )
    rows, called = dataset.rows[trained.split.test], partial(label_of_name, (attribute,))

    def format_row(k: int) -> str:
        pair = found.pairs[k]
        return (
            f"{pair.distance:.3f}: row {rows[pair.unfavourable]} ({called(pair.groups[0])}) "
            f"against, row {rows[pair.favourable]} ({called(pair.groups[1])}) in favour"
        )

    pair = found.pairs[
        st.selectbox(
            "Pair", range(len(found.pairs)), format_func=format_row,
            **lasting(f"{key_prefix} pair {attribute}")
        )
    ]  # fmt: skip
    _side_by_side(dataset, trained, pair)
    side = st.radio(
        "Look at", ["The one decided against", "The one decided in favour of"],
        **lasting(f"{key_prefix} side"), horizontal=True,
    )  # fmt: skip
    return pair.unfavourable if side.endswith("against") else pair.favourable


def _side_by_side(dataset: Dataset, trained: Trained, pair: UnlikePair) -> None:
    test = trained.split.test[[pair.unfavourable, pair.favourable]]
    table = dataset.features.iloc[test][list(pair.differing)].astype(str).T
    table.columns = ["Decided against", "Decided in favour of"]
    if not len(table):
        st.markdown("The model sees **no difference at all** between these two people.")
        return
    st.caption(f"They differ in {len(table)} of {dataset.features.shape[1]} features:")
    st.dataframe(table, alt="Features in which the two people differ")


def _attribute(dataset: Dataset, key_prefix: str) -> tuple[str, list[str]]:
    names = list(dataset.roles.sensitive)
    attribute = st.selectbox("Groups by", names, **lasting(f"{key_prefix} attribute"))
    return attribute, sorted(map(str, dataset.sensitive[attribute].unique()))


def _decision(key_prefix: str) -> bool | None:
    chosen = st.selectbox("Who got", list(DECISIONS), **lasting(f"{key_prefix} decision"))
    return DECISIONS[chosen]


def _one_of(dataset: Dataset, trained: Trained, positions: list[int], key_prefix: str) -> int:
    rows = dataset.rows[trained.split.test]
    if len(positions) == 1:
        return positions[0]
    return st.selectbox(
        "Person", positions, key=f"{key_prefix} one",
        format_func=lambda k: f"row {rows[k]}, score {trained.scores[k]:.3f}",
    )  # fmt: skip


def _whom(trained: Trained) -> str:
    """Say among whom a person is chosen."""
    return f"All are {judging_rows(trained.spec)}, {never_saw(trained.spec)}."
