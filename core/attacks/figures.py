"""Figures of an attack that tells members from non-members by a score, with intervals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.arrays import Flags, Floats
from core.fairness.counts.ranking import roc_auc
from core.fairness.intervals.intervals import clopper_pearson, wilson
from core.fairness.metrics.assessment import Figure

LEVEL = 0.95
CURVE_POINTS = 400
"""About so many points of a curve are kept."""
LIMITS = (0.01, 0.001)
"""False positive rates at which the true one is told (Carlini et al. 2022, section IV)."""
FIRM = 10
"""With fewer false positives a threshold is too uncertain to be relied on."""


@dataclass(frozen=True)
class AtLimit:
    """How many members are found while hardly any non-member is accused.

    Attributes
    ----------
    limit : float
        Highest false positive rate allowed, in (0, 1).
    allowed : int
        False positives among the non-members that this leaves room for.
    true_rate : Figure
        Share of members found, with Clopper and Pearson's interval at the threshold found.
    false_rate : Figure
        Share of non-members accused at that threshold, likewise: how uncertain the limit is.
    note : str
        Empty, or why the figure is not to be relied on.
    """

    limit: float
    allowed: int
    true_rate: Figure
    false_rate: Figure
    note: str


def area(member: Flags, scores: Floats, level: float = 0.95) -> Figure:
    """Area under the ROC curve of the attack, with DeLong's interval.

    0.5 is a guess: the probability that a random member gets a higher score than a random
    non-member, ties counting a half.

    Parameters
    ----------
    member : ndarray of bool, shape (n,)
    scores : ndarray of float64, shape (n,)
        Larger is more surely a member.
    level : float
        In (0, 1).
    """
    if not member.any() or member.all():
        return Figure(None, reason=f"no {'non-members' if member.any() else 'members'}")
    found = roc_auc(np.zeros(len(member), dtype=np.int64), 1, member, scores)[0]
    ends = found.interval(level)
    if ends is None:
        return Figure(
            found.estimate, reason="an interval needs at least two members and two non-members"
        )
    return Figure(found.estimate, *ends)


def advantage(member: Flags, guessed: Flags) -> Figure:
    """Measure true less false positive rate of guesses, with Newcombe's interval.

    Yeom et al. 2018, definition 4. Interval: Newcombe (1998), Statistics in Medicine 17, method
    10, from Wilson's of both rates.

    Parameters
    ----------
    member, guessed : ndarray of bool, shape (n,)
        Who is a member, and who is taken for one by a rule set before looking at membership.
    """
    if not member.any() or member.all():
        return Figure(None, reason=f"no {'non-members' if member.any() else 'members'}")
    sizes = np.array([member.sum(), (~member).sum()], dtype=np.float64)
    shares = np.array([guessed[member].mean(), guessed[~member].mean()])
    low, high = wilson(shares, sizes, LEVEL)
    ends = tuple(zip(shares.tolist(), low.tolist(), high.tolist(), strict=True))
    return difference(*(Figure(*end) for end in ends))


def difference(first: Figure, second: Figure) -> Figure:
    """First less second of two independent figures, with an interval from their own.

    The method of variance estimates recovery: Zou and Donner (2008), Statistics in Medicine 27.
    """
    if first.estimate is None or second.estimate is None:
        return Figure(None, reason=first.reason or second.reason)
    apart = first.estimate - second.estimate
    if first.low is None or second.low is None:
        return Figure(apart, reason=first.reason or second.reason)
    assert first.high is not None
    assert second.high is not None
    down = np.hypot(first.estimate - first.low, second.high - second.estimate)
    up = np.hypot(first.high - first.estimate, second.estimate - second.low)
    return Figure(apart, max(-1.0, float(apart - down)), min(1.0, float(apart + up)))


def at_limit(member: Flags, scores: Floats, limit: float) -> AtLimit:
    """Find members at a false positive rate of at most ``limit``.

    The threshold is the lowest at which no more non-members are accused than allowed; equal scores
    are judged alike. Its own uncertainty is that of ``false_rate``.

    Parameters
    ----------
    member : ndarray of bool, shape (n,)
    scores : ndarray of float64, shape (n,)
        Larger is more surely a member.
    limit : float
        In (0, 1).
    """
    others = np.sort(scores[~member])[::-1]
    allowed = int(limit * len(others) + 1e-9)
    if allowed == 0 or not member.any():
        reason = (
            f"a false positive rate of {limit:.1%} needs at least {round(1 / limit):,} "
            f"non-members, and there are {len(others):,}"
            if member.any()
            else "no members"
        )
        return AtLimit(limit, allowed, Figure(None, reason=reason), Figure(None, reason=reason), "")
    threshold = others[allowed]
    tied_share = float((others == threshold).mean())
    note = ""
    if threshold == others[0]:
        note = (
            f"{tied_share:.1%} of non-members share the highest score, and no threshold parts them"
        )
    elif allowed < FIRM:
        note = f"rests on {allowed} of {len(others):,} non-members, too few for a firm threshold"
    rates = [_rate(scores[part] > threshold, LEVEL) for part in (member, ~member)]
    return AtLimit(limit, allowed, rates[0], rates[1], note)


def _rate(hits: Flags, level: float) -> Figure:
    low, high = clopper_pearson(np.array(float(hits.sum())), np.array(float(len(hits))), level)
    return Figure(float(hits.mean()), float(low), float(high))


def curve(member: Flags, scores: Floats) -> tuple[Floats, Floats]:
    """ROC curve of the attack, thinned evenly on the logarithm of the false positive rate.

    Parameters
    ----------
    member : ndarray of bool, shape (n,)
        With both members and non-members.
    scores : ndarray of float64, shape (n,)

    Returns
    -------
    tuple of ndarray
        False and true positive rates, ascending from (0, 0) to (1, 1).
    """
    order = np.argsort(-scores, kind="stable")
    last = np.r_[np.flatnonzero(np.diff(scores[order])), len(order) - 1]
    false = np.r_[0, np.cumsum(~member[order])[last]]
    true = np.r_[0, np.cumsum(member[order])[last]]
    # The last point at each count of false positives is the highest.
    top = np.r_[np.flatnonzero(np.diff(false)), len(false) - 1]
    top = np.unique(np.r_[0, top])
    spaced = np.unique(np.geomspace(1, max(1, false[-1]), CURVE_POINTS).astype(np.int64))
    kept = np.unique(np.r_[0, np.searchsorted(false[top], spaced, side="right") - 1, len(top) - 1])
    chosen = top[kept]
    return false[chosen] / false[-1], true[chosen] / true[-1]
