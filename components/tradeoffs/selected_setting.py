"""The setting that is looked at, in words and with its groups, and settings pinned beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from components.app import session
from components.app.sweep_numbers import epsilon_label, format_spread
from components.tradeoffs.pareto_chart import PINS
from core.errors import InputError
from core.fairness.metrics.metric_titles import metric_sentence, metric_title
from core.learning.balancing import BALANCINGS
from core.learning.learners import LEARNERS
from core.mitigation import MITIGATIONS
from core.tradeoff.frontier.chosen import sentence_of
from core.tradeoff.frontier.differences import difference
from core.tradeoff.frontier.equivalent_settings import equivalent_sentence
from core.tradeoff.frontier.group_rates import points_from
from core.tradeoff.frontier.impact_by_group import impact_by_group
from core.tradeoff.sweep.point import combination_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from components.app.sweep_numbers import SweepResults
    from core.audit_state.sweep_plan import SweepPlan
    from core.data.roles.decision_labels import DecisionLabels
    from core.tradeoff.frontier.differences import Difference
    from core.tradeoff.frontier.group_rates import End, ImpactByGroup
    from core.tradeoff.sweep.grid import Setting

RATES = ("selection_rate", "true_positive_rate", "false_positive_rate")
MOST_PINS = len(PINS)


def pinned(key_prefix: str, found: SweepResults) -> tuple[Setting, ...]:
    """Return the pinned settings that this sweep holds, in the order of pinning."""
    kept: tuple[Setting, ...] = session.remembered(f"pins {key_prefix}", ())
    return tuple(setting for setting in kept if setting in found.runs)


def selected_setting(
    key_prefix: str,
    plan: SweepPlan,
    found: SweepResults,
    setting: Setting,
    *,
    called: DecisionLabels,
) -> tuple[str, ...]:
    """Show a setting in words and its groups, and let it be pinned.

    Returns
    -------
    tuple of str
        Sensitive columns whose groups are shown.
    """
    st.markdown(session.literal(sentence_of(found.analysis, setting, found.equivalent)))
    st.caption("A point is a hundredth. In brackets 95% intervals, each by itself.")
    if setting in found.equivalent:
        st.warning(session.literal(equivalent_sentence(found.equivalent[setting], called)))
    warning = MITIGATIONS[setting.mitigation].warning
    if warning:
        st.warning(session.literal(warning), icon=":material/gavel:")
    _pin_button(key_prefix, found, setting)
    combinations = list(plan.grid.attributes)
    combination = combinations[0]
    if len(combinations) > 1:
        combination = st.selectbox(
            "Groups by",
            combinations,
            format_func=combination_name,
            **session.lasting(f"groups {key_prefix} {hash(tuple(combinations))}"),
        )
    try:
        rates = impact_by_group(found.of(setting), setting, combination, rates=RATES)
    except InputError as error:
        session.shown_error(error)
        return combination
    st.dataframe(
        groups_table(found, rates, positive_is_favourable=called.positive_is_favourable),
        hide_index=True,
        alt="Groups of the setting that is looked at",
    )
    st.caption(
        " ".join(metric_sentence(name, called.positive_is_favourable) for name in RATES)
        + " In brackets 95% intervals over the runs."
    )
    return combination


def groups_table(
    found: SweepResults, rates: ImpactByGroup, *, positive_is_favourable: bool = True
) -> pd.DataFrame:
    """One row for each group: test rows, rates with intervals, whether it is too small."""
    return pd.DataFrame(
        [
            {
                "Group": rates.label(group),
                "Test rows in a run": _rows(found, rates, group),
                **{
                    metric_title(name, positive_is_favourable): format_spread(
                        rates.cell(group, name).spread
                    )
                    for name in rates.rates
                },
                "Too small to judge?": rates.cell(group, rates.rates[0]).too_small or "no",
            }
            for group in rates.groups
        ]
    )


def compare_pins(
    key_prefix: str, found: SweepResults, combination: tuple[str, ...], *, favourable: bool = True
) -> None:
    """Show the pinned settings side by side, each beside the first."""
    pins = pinned(key_prefix, found)
    if not pins:
        st.caption(f"Pin up to {MOST_PINS} settings to compare them side by side.")
        return
    st.markdown("**Pinned settings**")
    for column, letter, setting in zip(st.columns(MOST_PINS), PINS, pins, strict=False):
        with column:
            words = found.labels[found.analysis.settings.index(setting)]
            st.markdown(f"**{letter}** {session.literal(words)}")
            st.button(
                f"Unpin {letter}",
                key=f"unpin {letter} {key_prefix}",
                on_click=_keep_pins,
                args=(key_prefix, tuple(item for item in pins if item != setting)),
            )
    st.dataframe(
        pins_table(found, pins, combination, favourable),
        hide_index=True,
        alt="Pinned settings side by side",
        column_config={" ": st.column_config.TextColumn(width="medium")},
    )
    if len(pins) > 1:
        st.caption(
            f"Differences are from {PINS[0]}, on the splits that both have; where the interval "
            "holds 0 the two do not differ significantly."
        )


def pins_table(
    found: SweepResults,
    pins: tuple[Setting, ...],
    combination: tuple[str, ...],
    favourable: bool = True,
) -> pd.DataFrame:
    """One column for each pin: what was chosen, figures, differences, and each group's rates."""
    rows = [
        *([label, *map(write, pins)] for label, write in CHOICES.items()),
        *_figure_rows(found, pins),
        *_group_rows([_rates(found, item, combination) for item in pins], favourable),
    ]
    return pd.DataFrame(rows, columns=[" ", *PINS[: len(pins)]])


CHOICES: dict[str, Callable[[Setting], str]] = {
    "Model": lambda item: LEARNERS[item.learner].title,
    "ε": epsilon_label,
    "Mitigation": lambda item: (
        MITIGATIONS[item.mitigation].title
        + ("" if item.strength == 1 else f", strength {item.strength:g}")
    ),
    "Balancing": lambda item: BALANCINGS[item.balancing].title,
    "k of anonymity": lambda item: "1 (none)" if item.k == 1 else str(item.k),
}
"""What is chosen in a setting, and how it is written."""


def _figure_rows(found: SweepResults, pins: tuple[Setting, ...]) -> Iterator[list[str]]:
    """Write both figures of each pin, and how far each is from the first."""
    scene = found.analysis
    at = [scene.row(item) for item in pins]
    for axis, column in zip(scene.axes[:2], (scene.performance, scene.unfairness), strict=True):
        first, *others = own = [column[row] for row in at]
        yield [axis.title, *map(format_spread, own)]
        if others:
            end: End = "lower" if axis.sign > 0 else "higher"
            parts = [describe_difference(difference(item, first), end) for item in others]
            yield [f"{axis.title}: beside {PINS[0]}", "–", *parts]


def _group_rows(tables: list[ImpactByGroup | None], favourable: bool) -> Iterator[list[str]]:
    """Write the rates of every group in each pin."""
    for group in dict.fromkeys(group for table in tables if table for group in table.groups):
        for name in RATES:
            cells = [
                table.cell(group, name) if table and group in table.groups else None
                for table in tables
            ]
            small = any(cell.too_small for cell in cells if cell)
            mark = " (too small to judge)" if small else ""
            parts = [format_spread(c.spread) if c else "no run has this group" for c in cells]
            label = next(table.label(group) for table in tables if table)
            yield [f"{label}{mark}: {metric_title(name, favourable)}", *parts]


def describe_difference(found: Difference, end: End | None) -> str:
    """Say a difference in points with its interval, or that there is none to be seen.

    Parameters
    ----------
    found : Difference
    end : {"higher", "lower"} or None
        Which is better; None if neither is.
    """
    if found.value is None:
        return f"not defined: {found.reason}"
    text = points_from(found, end)
    if found.distinct is None:
        return f"{text} ({found.reason})"
    return text if found.distinct else f"{text}: not significant"


def _pin_button(key_prefix: str, found: SweepResults, setting: Setting) -> None:
    pins = pinned(key_prefix, found)
    full = len(pins) == MOST_PINS
    if setting in pins:
        st.caption(f"Pinned as {PINS[pins.index(setting)]}.")
        return
    st.button(
        "Pin",
        icon=":material/push_pin:",
        key=f"pin {key_prefix}",
        disabled=full,
        help=f"At most {MOST_PINS}; unpin one first." if full else "Keep it to compare.",
        on_click=_keep_pins,
        args=(key_prefix, (*pins, setting)),
    )


def _keep_pins(key_prefix: str, pins: tuple[Setting, ...]) -> None:
    session.remember(f"pins {key_prefix}", pins)


def _rates(
    found: SweepResults, setting: Setting, combination: tuple[str, ...]
) -> ImpactByGroup | None:
    try:
        return impact_by_group(found.of(setting), setting, combination, rates=RATES)
    except InputError:
        return None


def _rows(found: SweepResults, rates: ImpactByGroup, group: str) -> str:
    counts = [
        item.rows
        for point in found.of(rates.setting)
        for item in point.groups
        if item.combination == rates.combination and item.name == group
    ]
    low, high = min(counts, default=0), max(counts, default=0)
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"
