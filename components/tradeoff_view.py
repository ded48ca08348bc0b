"""The results of a sweep on a page: two panels, what is missing, and the sweep while it runs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import streamlit as st

from components import charts, session
from components.progress import growing
from components.tradeoff_charts import measure_by_epsilon, missing
from core.fairness.disparities import DISPARITIES
from core.fairness.metrics import METRICS
from core.governance.kept_sweeps import sweep_and_keep

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from core.data.dataset import Dataset
    from core.governance.progress import Progress
    from core.tradeoff.sweep import Point, SweepSpec

GAP = "equalized_odds_difference"


def panels(points: list[Point], spec: SweepSpec, place: DeltaGenerator, number: int = 0) -> None:
    """Show AUROC and the equalized-odds gap against ε; the number keeps redrawn charts apart."""
    with place.container():
        for column, measure, sentence in zip(
            st.columns(2, gap="large"),
            ("roc_auc", GAP),
            (METRICS["roc_auc"].sentence, DISPARITIES[GAP].sentence),
            strict=True,
        ):
            with column:
                charts.show(
                    measure_by_epsilon(points, measure, spec.epsilons), f"{measure} {number}"
                )
                st.caption(session.literal(sentence))
        st.caption(
            "Marks are means over the seeds. Whiskers and bands are the spread: they reach from "
            "the lowest seed to the highest, and show how far a figure moves when only the split "
            "of the rows and the noise change. A model that decides alike for everyone has a gap "
            "of 0, so read both panels together."
        )
        lacking = missing(points)
        if len(lacking):
            with st.expander(
                f"{len(lacking)} of {len(points)} models lack a figure", expanded=True
            ):
                st.dataframe(lacking, hide_index=True, alt="Figures that are missing, and why")


def run(
    progress: Progress,
    dataset: Dataset,
    spec: SweepSpec,
    kept: list[Point],
    total: int,
    place: DeltaGenerator,
) -> None:
    """Train what isn't on disk yet, showing what there is as it grows."""

    def so_far() -> Iterator[tuple[float, list[Point]]]:
        done = {_place(point): point for point in kept}
        for _, point in sweep_and_keep(session.workspace(), progress, dataset, spec):
            done[_place(point)] = point
            yield len(done) / total, list(done.values())

    if kept:
        panels(kept, spec, place)
    growing(
        so_far(),
        f"Training {total - len(kept)} of {total} models",
        lambda points, number: panels(points, spec, place, number),
        "Stop the sweep",
        len(kept) / total,
    )


def _place(point: Point) -> tuple[str, float | None, int]:
    return point.learner, point.epsilon, point.seed
