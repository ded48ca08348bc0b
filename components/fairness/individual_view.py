"""Individual fairness: consistency overall and by group, and flips between groups."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from components.widgets.charts import Chart, cut
from components.widgets.dot_rows import Row, dot_rows
from components.widgets.tables import format_figure
from core.data.roles.group_labels import label_of_name
from core.learning.single_features import telling_features

if TYPE_CHECKING:
    import numpy.typing as npt

    from core.data.roles.roles import Roles
    from core.explanation.counterfactual.sensitive_flips import FlipRate
    from core.fairness.what_if.individual import Consistency

MOST_DRAWN = 20
MOST_KINDS = 12


def similar_by_default(
    columns: pd.DataFrame,
    roles: Roles,
    decisions: npt.NDArray[np.bool_],
    outcome: npt.NDArray[np.bool_] | None,
) -> list[str]:
    """Columns to tell similar people by: what the model sees, else all but what gives it away.

    Sensitive columns are left out. Of existing predictions nobody knows what they rest on; there a
    column of few values gives the decision away if all people of a value got the same one, as a
    risk class cut from the score does. One that tells the true outcome by itself was hardly known
    when people were decided on, and is left out too.
    """
    offered = [str(name) for name in columns.columns if name not in roles.sensitive]
    if not roles.audits_existing_predictions:
        return [name for name in offered if name in roles.features]
    known_after = set() if outcome is None else _known_after(columns, outcome)
    out = []
    for name in offered:
        if name in known_after:
            continue
        codes, distinct = pd.factorize(columns[name], use_na_sentinel=False)
        if len(distinct) <= MOST_KINDS:
            share = pd.Series(decisions).groupby(codes).mean()
            if share.isin([0.0, 1.0]).all():
                continue
        out.append(name)
    return out


def _known_after(columns: pd.DataFrame, outcome: npt.NDArray[np.bool_]) -> set[str]:
    """Name the columns that tell the outcome, in one half of the rows as learnt from the other."""
    features = pd.DataFrame(
        {
            name: columns[name].astype("float64" if columns[name].dtype.kind in "iufb" else "str")
            for name in columns.columns
        }
    )
    rows = np.arange(len(features))
    return {name for name, _ in telling_features(features, outcome, rows[::2], rows[1::2])}


def consistency_chart(found: Consistency, attribute: str) -> Chart:
    """Draw consistency overall and by group."""
    names = [item.group for item in found.by_group]
    rows = [Row("everyone", found.figure, f"{found.rows:,} rows looked up", 2)]
    rows += [
        Row(
            label_of_name((attribute,), item.group, names),
            item.figure,
            f"{item.rows:,} rows looked up",
            1 if item.too_small else 0,
        )
        for item in found.by_group
    ]
    table = pd.DataFrame(
        [
            {
                "Group": row.name,
                "Rows looked up": row.detail.split(" ")[0],
                "Consistency (95% interval)": format_figure(row.figure),
                "Note": "too small to judge" if row.kind == 1 else "",
            }
            for row in rows
        ]
    )
    value = found.figure.estimate or 0.0
    title = (
        f"Of the {found.neighbours} people most similar to a person, {value:.0%} got the same "
        "decision, on average"
    )
    firm = [item for item in found.by_group if not item.too_small and item.figure.low is not None]
    if len(firm) > 1:
        worst = min(firm, key=lambda item: item.figure.estimate or 0.0)
        best = max(firm, key=lambda item: item.figure.estimate or 0.0)
        low, high = (cut(label_of_name((attribute,), item.group, names)) for item in (worst, best))
        title += (
            f"; by {attribute} from {worst.figure.estimate:.0%} "
            f"({low}) to {best.figure.estimate:.0%} ({high})"
        )
        if (worst.figure.high or 0.0) >= (best.figure.low or 0.0):
            title += ", which may be chance"
    figure = dot_rows(
        rows[:MOST_DRAWN],
        ("group, with its 95% interval", "too small to judge", "everyone"),
        "Consistency (0 to 1, 1 = all alike)",
    )
    return Chart(title, figure, table, (sampled(found),))


def sampled(found: Consistency) -> str:
    """Say how many rows were looked up, and how far that can move the figure."""
    if found.rows == found.rows_in_all:
        return (
            f"All {found.rows:,} rows were looked up among all others, so there is no error by "
            "sampling; the intervals say how far other people of the same kind could differ."
        )
    return (
        f"{found.rows:,} rows, drawn at random, were looked up among all {found.rows_in_all:,}. "
        f"That alone may move the figure of everyone by {found.sampling_error:.3f} either way "
        "(95%); the intervals include it."
    )


def flips_chart(found: FlipRate, decision: str = "the positive decision") -> Chart:
    """Draw the share of each group whose decision flips in another group.

    The decision is the positive one, as people read it.
    """
    called = partial(label_of_name, (found.attribute,))
    pairs = sorted(found.pairs, key=lambda pair: -(pair.figure.estimate or 0.0))
    rows = [
        Row(
            f"{cut(called(pair.group), 16)} as {cut(called(pair.other), 16)}",
            pair.figure,
            f"{pair.gained:,} would gain, {pair.lost:,} would lose {decision}, of {pair.rows:,}",
            1 if pair.rows < 30 else 0,
        )
        for pair in pairs
    ]
    table = pd.DataFrame(
        [
            {
                "Members of": called(pair.group),
                "Decided as": called(pair.other),
                "Rows": pair.rows,
                f"Would gain {decision}": pair.gained,
                "Would lose it": pair.lost,
                "Share that flips (95% interval)": format_figure(pair.figure),
                "Note": "too small to judge" if pair.rows < 30 else "",
            }
            for pair in pairs
        ]
    )
    figure = dot_rows(
        rows[:MOST_DRAWN],
        ("members of a group decided as another", "too small to judge"),
        "Share of decisions that flip (0 to 1)",
    )
    notes = []
    if len(rows) > MOST_DRAWN:
        notes.append(f"The {MOST_DRAWN} largest of {len(rows)} are drawn; the table has all.")
    return Chart(describe_flips(found), figure, table, tuple(notes))


def describe_flips(found: FlipRate) -> str:
    """State the flip rate in one sentence."""
    figure = found.figure
    if figure.estimate is None:
        return f"The flip rate is not defined: {figure.reason}"
    if not found.pairs:
        return f"Flip rate by {found.attribute}: {figure.reason}"
    return (
        f"{figure.estimate:.1%} of {found.rows:,} decisions would flip if only {found.attribute} "
        f"were another ({figure.low:.1%} to {figure.high:.1%})"
    )
