"""What was chosen and what was given up for it, in plain words."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np

from core.fairness.disparities.disparities import lower
from core.learning.balancing import BALANCINGS
from core.learning.learners import LEARNERS
from core.mitigation import MITIGATIONS
from core.numerals import with_minus
from core.tradeoff.frontier.differences import Difference, difference
from core.tradeoff.frontier.frontier import at_least_as_good
from core.tradeoff.frontier.pareto_analysis import ParetoAnalysis
from core.tradeoff.frontier.spread import Spread
from core.tradeoff.sweep.grid import Setting


def setting_label(setting: Setting) -> str:
    """Say a setting: "private logistic regression at ε = 1, reweighing at strength 0.5"."""
    learner = LEARNERS[setting.learner]
    parts = [lower(learner.title)]
    if setting.epsilon is not None:
        parts[0] += f" at ε = {setting.epsilon:g}"
    elif not learner.fixed:
        parts[0] += " without privacy"
    elif setting.mitigation == "none":
        parts[0] += " as it is decided by now"
    if setting.mitigation != "none":
        words = lower(MITIGATIONS[setting.mitigation].title)
        parts.append(
            words if setting.strength == 1 else f"{words} at strength {setting.strength:g}"
        )
    if setting.balancing != "none":
        parts.append(f"{lower(BALANCINGS[setting.balancing].title)} for balance")
    if setting.k > 1:
        parts.append(f"features generalised to k = {setting.k}")
    return ", ".join(parts)


def without_privacy(setting: Setting) -> Setting | None:
    """Return the same choices with the learner's baseline; None if there is no such learner."""
    learner = LEARNERS[setting.learner]
    if setting.epsilon is None or learner.baseline is None:
        return None
    return replace(setting, learner=learner.baseline, epsilon=None)


def sentence_of(analysis: ParetoAnalysis, setting: Setting, apart: Collection[Setting] = ()) -> str:
    """Say what a setting gives, and what it gives up.

    Compared are the best performance of all, the fairest, and the same choices without privacy.
    Differences are in hundredths ("points") with 95 % intervals, each by itself.

    Parameters
    ----------
    analysis : ParetoAnalysis
    setting : Setting
    apart : collection of Setting
        That decide nearly everyone alike (:mod:`core.tradeoff.frontier.equivalent_settings`):
        none of them is the fairest.

    Raises
    ------
    InputError
        If the sweep does not hold the setting.
    """
    row = analysis.row(setting)
    words = setting_label(setting)
    text = f"With {words}, "
    text += _figure(analysis, 0, row) + "; " + _figure(analysis, 1, row, apart) + "."
    plain = without_privacy(setting)
    if plain is not None and plain in analysis.settings:
        text += " " + _privacy(analysis, row, analysis.row(plain))
    elif plain is not None and Setting(plain.learner) in analysis.settings:
        # A private mitigation has no like without privacy: the learner's like alone stands beside.
        bare = Setting(plain.learner)
        text += " " + _privacy(analysis, row, analysis.row(bare), setting_label(bare))
    elif setting.epsilon is not None:
        text += " The sweep holds no run of the same choices without privacy to compare with."
    return f"{text} {_rivals(analysis, row)}"


def _column(analysis: ParetoAnalysis, objective: int) -> tuple[Spread, ...]:
    return analysis.performance if objective == 0 else analysis.unfairness


def _figure(
    analysis: ParetoAnalysis, objective: int, row: int, apart: Collection[Setting] = ()
) -> str:
    axis, spread = analysis.axes[objective], _column(analysis, objective)[row]
    title = lower(axis.title)
    if spread.mean is None:
        return f"{title} is not defined, because {spread.reason}"
    text = f"{title} is {spread.mean:.3f}"
    if spread.low is not None and spread.high is not None:
        text += f" ({spread.low:.3f} to {spread.high:.3f})"
    compared = np.array([setting not in apart for setting in analysis.settings])
    losses = np.where(compared, analysis.losses[:, objective], np.nan)
    if not compared[row] or np.isnan(losses).all():
        return text
    # Of equals the one that is better in the other figure, which is the one on the front.
    equal = np.flatnonzero(losses == np.nanmin(losses))
    other = np.nan_to_num(analysis.losses[equal, 1 - objective], nan=np.inf)
    best = int(equal[np.argmin(other)])
    which = "the best of all" if objective == 0 else "the fairest"
    if losses[row] == losses[best]:
        return f"{text}, {which}"
    spreads = _column(analysis, objective)
    worse = points_worse(difference(spreads[row], spreads[best]), axis.sign)
    return f"{text}, {worse} than {which} ({setting_label(analysis.settings[best])})"


def _privacy(
    analysis: ParetoAnalysis, row: int, plain: int, which: str = "without privacy the same choices"
) -> str:
    parts = []
    for objective in (0, 1):
        if np.isnan(analysis.losses[[row, plain], objective]).any():
            continue
        title, sign = lower(analysis.axes[objective].title), analysis.axes[objective].sign
        spreads = _column(analysis, objective)
        parts.append(f"{points_worse(difference(spreads[plain], spreads[row]), sign)} in {title}")
    if not parts:
        return f"It can't be compared with {which}: no figure is defined."
    verb = "are" if which.endswith("choices") else "is"
    return f"{which[:1].upper()}{which[1:]} {verb} {' and '.join(parts)}."


def points_worse(
    found: Difference, sign: float, words: tuple[str, str] = ("worse", "better")
) -> str:
    """Say a difference in points: "1.6 points worse (0.4 to 2.8)".

    Parameters
    ----------
    found : Difference
        With a value.
    sign : float
        1 where less is better, −1 where more is.
    words : tuple of (str, str)
        For what is worse and what is better by that sign.
    """
    worse = sign * (found.value or 0.0)
    turn = sign if worse >= 0 else -sign
    text = f"{100 * abs(worse):.1f} points {words[0] if worse >= 0 else words[1]}"
    if found.low is None or found.high is None:
        return text
    ends = sorted((100 * turn * found.low, 100 * turn * found.high))
    return f"{text} ({signed(ends[0])} to {signed(ends[1])})"


def signed(number: float) -> str:
    """Write a number with one decimal, a true minus sign and no negative zero."""
    return with_minus(f"{round(number, 1) + 0.0:.1f}")


def _rivals(analysis: ParetoAnalysis, row: int) -> str:
    total = len(analysis.settings)
    if np.isnan(analysis.losses[row]).any():
        return "It can't be ranked among the settings, since a figure is not defined."
    rivals = int(at_least_as_good(analysis.losses, row).sum())
    if rivals == 0:
        return f"None of the {total - 1} other settings is at least as good in all three."
    verb = "is" if rivals == 1 else "are"
    return f"{rivals} of the {total - 1} other settings {verb} at least as good in all three."
