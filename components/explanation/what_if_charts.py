"""Charts of an edited person: what each feature adds before and after, and one feature's curve."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from components.explanation.explanation_charts import middle_cut
from components.explanation.feature_dots import GroupDots, feature_dots, name_features
from components.widgets.charts import GREY, PALETTE, SYMBOLS, Chart, frame, line, marks, plain
from core.explanation.attribution.contributions import sampled_sentence
from core.explanation.person.individual_curve import finding
from core.explanation.person.person import format_value
from core.fairness.metrics.assessment import Figure
from core.numerals import signed

if TYPE_CHECKING:
    from core.data.roles.decision_labels import DecisionLabels
    from core.explanation.attribution.contributions import Contributions
    from core.explanation.person.individual_curve import IndividualCurve

SHOWN = 10


def reasons_chart(before: Contributions, after: Contributions, *, edited: bool) -> Chart:
    """Draw what each feature adds to the score, for the person as they are and edited."""
    one, other = before.values[0], after.values[0]
    order = np.argsort(-np.maximum(np.abs(one), np.abs(other)), kind="stable")
    names = [before.features[j] for j in order]
    table = pd.DataFrame({"feature": names, "as they are": one[order]})
    shown, head = names[:SHOWN], order[:SHOWN]
    as_is = GroupDots("as they are", GREY, [_exact(v) for v in one[head]])
    axis = f"Shapley value, {before.explains}"
    if not edited:
        largest = float(np.abs(one).max(initial=0.0))
        title = (
            f"“{middle_cut(names[0], 40)}” moves this person’s score most: "
            f"{signed(one[order[0]], 3)} {before.explains}"
            if largest
            else "No feature moves this person’s score"
        )
        return Chart(title, feature_dots(shown, [as_is], axis), table, _notes(after))
    table["edited"], table["change"] = other[order], (other - one)[order]
    moved = int(np.argmax(np.abs(other - one)))
    name = middle_cut(before.features[moved], 40)
    title = (
        f"“{name}” changes its say most: from {signed(one[moved], 3)} to {signed(other[moved], 3)} "
        f"{before.explains}"
        if one[moved] != other[moved]
        else "These edits change what no feature adds to the score"
    )
    changed = GroupDots("edited", PALETTE[0], [_exact(v) for v in other[head]])
    return Chart(title, feature_dots(shown, [as_is, changed], axis), table, _notes(after))


def _exact(value: float) -> Figure:
    return Figure(float(value), None, None, "it is exact")


def _notes(found: Contributions) -> tuple[str, ...]:
    notes = [
        f"Shapley values (SHAP): what each feature adds to the {found.explains}, against "
        f"{found.background_rows} people of the table."
    ]
    if found.sampling_error is not None:
        notes.append(
            f"They are sampled, with a standard error of up to {found.sampling_error.max():.2g}."
            + sampled_sentence(found.why_sampled)
        )
    return tuple(notes)


def individual_curve_chart(curve: IndividualCurve, called: DecisionLabels) -> Chart:
    """Draw one person's score at each value of a feature (ICE)."""
    points, name = curve.points, middle_cut(curve.feature, 40)
    decided = [called.told(bool(flag)) for flag in curve.positive]
    told = [format_value(point, is_date=curve.is_date) for point in points]
    # Plotly lays days out along a calendar, and writes them so where the pointer is.
    at = told if curve.is_date else points
    shown = "%{x|%Y-%m-%d}" if curve.is_date else "%{x:.6g}"
    table = pd.DataFrame({curve.feature: told, "score": curve.scores, "decision": decided})
    here, own = points.index(curve.now), points.index(curve.own)
    known = [k for k, point in enumerate(points) if point is not None]
    notes = [
        "Individual conditional expectation (ICE): this person’s score with this feature set to "
        "each value, all else as edited above. It tells what the model computes, not what would "
        "happen to somebody who changed."
    ]
    figure = go.Figure()
    if curve.numeric:
        x = [at[k] for k in known]
        figure.add_trace(
            line(
                x, curve.scores[known], "score", PALETTE[0],
                f"{shown}: score %{{y:.3f}}, %{{customdata}}", mode="lines+markers",
                marker={"size": 4}, customdata=[plain(decided[k]) for k in known],
            )
        )  # fmt: skip
        spots = [(here, "set to", PALETTE[1], SYMBOLS[2], 12)]
        if own != here:
            spots.insert(0, (own, "as it is", GREY, SYMBOLS[1], 10))
        for k, label, colour, symbol, size in spots:
            if points[k] is not None:
                figure.add_trace(
                    marks(
                        [at[k]], [curve.scores[k]], label, colour,
                        f"{label} {shown}: score %{{y:.3f}}", symbol=symbol, size=size,
                    )
                )  # fmt: skip
        if curve.threshold is not None:
            figure.add_hline(
                curve.threshold, line={"dash": "dash", "color": GREY, "width": 1},
                annotation_text="threshold", annotation_position="bottom left",
            )  # fmt: skip
        frame(figure, 340).update_layout(xaxis_title=plain(name), yaxis_title="score")
        if len(known) < len(points):
            gap = len(points) - 1
            notes.append(f"Missing: score {curve.scores[gap]:.3f}, {decided[gap]}.")
    else:
        colours = [PALETTE[1] if k == here else GREY if k == own else PALETTE[0] for k in
                   range(len(points))]  # fmt: skip
        symbols = [2 if k == here else 1 if k == own else 0 for k in range(len(points))]
        roles = [("set to" if k == here else "as it is" if k == own else "") for k in
                 range(len(points))]  # fmt: skip
        figure.add_trace(
            go.Scatter(
                x=curve.scores, y=list(range(len(points))), mode="markers", showlegend=False,
                marker={"color": colours, "size": 10, "symbol": [SYMBOLS[s] for s in symbols]},
                customdata=[
                    plain(f"{middle_cut(text, 40)}{f' ({spot})' if spot else ''}: {decision}")
                    for text, spot, decision in zip(told, roles, decided, strict=True)
                ],
                hovertemplate="%{customdata}, score %{x:.3f}<extra></extra>",
            )
        )  # fmt: skip
        if curve.threshold is not None:
            figure.add_vline(
                curve.threshold, line={"dash": "dash", "color": GREY, "width": 1},
                annotation_text="threshold", annotation_position="bottom right",
            )  # fmt: skip
        frame(figure, 120 + 26 * len(points))
        name_features(figure, [text.strip("“”") for text in told], "score")
        notes.append("The diamond is what is set, a square what it is without edits.")
    if not curve.every:
        left = "values between" if curve.numeric else "categories"
        notes.append(f"{len(points)} values are tried; other {left} are left out.")
    return Chart(finding(curve), figure, table, tuple(notes))
