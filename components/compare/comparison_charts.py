"""Folds of cross-validated models as dots, with their means."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import plotly.graph_objects as go

from components.widgets.charts import PALETTE, SYMBOLS, Chart, frame, line, marks, rgba, short
from components.widgets.dot_rows import name_row
from core.comparison.wording import title_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from core.comparison.cross_validation.cross_validated import CrossValidated

ROW = 56
"""Pixels of a candidate."""


def folds_chart(
    results: Sequence[CrossValidated],
    figure: str,
    titles: Mapping[str, str],
    positive_is_favourable: bool = True,
) -> Chart:
    """Draw each fold of each model as a dot, and each mean as a line.

    Parameters
    ----------
    results : sequence of CrossValidated
        At least one with a fold.
    figure : str
        Registered name of a metric or disparity.
    titles : mapping of str to str
        What each model is, by its name.
    """
    begun = [found for found in results if found.results]
    means = [(found.mean(figure), _called(found, titles)) for found in begun]
    known = sorted((mean, name) for mean, name in means if mean is not None)
    title = title_of(figure, positive_is_favourable)
    if not known:
        finding = f"No fold has a defined {title}"
    elif len(known) == 1:
        folds = max(len(found.results) for found in begun)
        over = "over folds" if folds > 1 else "in the one fold that is done"
        finding = f"{known[0][1]} has a mean {title} of {known[0][0]:.3f} {over}"
    else:
        (low, worst), (high, best) = known[0], known[-1]
        finding = (
            f"Mean {title} over folds is lowest for {worst} ({low:.3f}) and highest for {best} "
            f"({high:.3f}); whether that is more than chance is judged below"
        )
    notes = [
        f"{found.name}: not defined in {count} fold{'s' if count != 1 else ''}, because {reason}"
        for found in begun
        for reason, count in found.undefined(figure).items()
    ]
    drawn = _folds(begun, figure, titles, title) if known else None
    return Chart(finding, drawn, _fold_table(results, figure, titles), tuple(notes))


def _folds(
    begun: list[CrossValidated], figure: str, titles: Mapping[str, str], title: str
) -> go.Figure:
    out = go.Figure()
    for y, found in enumerate(begun):
        name = _called(found, titles)
        colour = PALETTE[y % len(PALETTE)]
        dots = [
            (value, repeat, fold)
            for repeat, row in enumerate(found.values(figure), 1)
            for fold, value in enumerate(row, 1)
            if value is not None
        ]
        # Repeats lie below each other, so that equal dots don't hide each other.
        step = 0.3 / max(1, found.folds.repeats)
        hover = f"{short(name)}<br>%{{x:.4f}}<br>fold %{{customdata[1]}} of time %{{customdata[0]}}"
        out.add_trace(
            marks(
                [value for value, _, _ in dots],
                [y + (repeat - 1) * step for _, repeat, _ in dots],
                "",
                rgba(colour, 0.75),
                hover,
                size=9,
                symbol=SYMBOLS[y],
                customdata=[[repeat, fold] for _, repeat, fold in dots],
            )
        )
        mean = found.mean(figure)
        if mean is not None:
            hover = f"{short(name)}<br>mean %{{x:.4f}}"
            out.add_trace(line([mean, mean], [y - 0.12, y + 0.38], "", colour, hover, width=3))
        number = "" if mean is None else f"{mean:.3f}"
        name_row(out, y - 0.14, short(name, 42), number, name)
    ends = [v for found in begun for row in found.values(figure) for v in row if v is not None]
    room = 0.1 * (max(ends) - min(ends)) or 0.05  # a single fold would be drawn from 0 to 1.5
    out.update_xaxes(
        title=f"{_capital(title)}; a dot is a fold, a line the mean",
        range=[min(ends) - room, max(ends) + room],
    )
    out.update_yaxes(visible=False, range=[len(begun) - 0.4, -0.75])
    return frame(out, 100 + ROW * len(begun))


def _fold_table(
    results: Sequence[CrossValidated], figure: str, titles: Mapping[str, str]
) -> pd.DataFrame:
    rows = []
    for found in results:
        fold_values = found.values(figure)
        values = [v for row in fold_values for v in row if v is not None]
        mean = found.mean(figure)
        spread = float(pd.Series(values).std()) if len(values) > 1 else None
        row = {
            "Model": _called(found, titles),
            "Mean": "not defined" if mean is None else f"{mean:.4f}",
            "Standard deviation": "" if spread is None else f"{spread:.4f}",
            "Folds done": f"{len(found.results)} of {found.folds.folds * found.folds.repeats}",
        }
        for repeat, folds in enumerate(fold_values, 1):
            for fold, value in enumerate(folds, 1):
                row[f"{repeat}.{fold}"] = "" if value is None else f"{value:.4f}"
        rows.append(row)
    return pd.DataFrame(rows)


def _called(found: CrossValidated, titles: Mapping[str, str]) -> str:
    return f"{found.name}: {titles[found.name]}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
