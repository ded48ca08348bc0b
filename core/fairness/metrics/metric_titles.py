"""What a metric is called where the positive decision is adverse: a rate of denials selects no one.

The metric's registered name stays ``selection_rate``, in files and on the command line.
"""

from __future__ import annotations

from collections.abc import Callable

from core.data.roles.decision_labels import DecisionLabels
from core.fairness.metrics.assessment import Assessment
from core.fairness.metrics.metric_registry import METRICS

SELECTION = "selection_rate"
ADVERSE_RATE = "Rate of the adverse decision"


def metric_title(name: str, positive_is_favourable: bool | None = True, decision: str = "") -> str:
    """Title a metric of decisions.

    Parameters
    ----------
    name : str
        In :data:`core.fairness.metrics.metric_registry.METRICS`.
    positive_is_favourable : bool or None
        None where that isn't known.
    decision : str
        The positive decision as people read it, "deny = yes"; empty where that isn't known.

    Examples
    --------
    >>> metric_title("selection_rate"), metric_title("selection_rate", False, "deny = yes")
    ('Selection rate', 'Rate of the adverse decision (deny = yes)')
    """
    if name != SELECTION or positive_is_favourable is not False:
        return METRICS[name].title
    return f"{ADVERSE_RATE} ({decision})" if decision else ADVERSE_RATE


def metric_sentence(
    name: str, positive_is_favourable: bool | None = True, decision: str = ""
) -> str:
    """Explain a metric of decisions to a newcomer; parameters are those of the title."""
    if name != SELECTION or positive_is_favourable is not False:
        return METRICS[name].sentence
    title = metric_title(name, positive_is_favourable, decision)
    return (
        f"{title}: the share of a group that gets it, the selection rate of the positive label. "
        "The higher, the worse for the group."
    )


def title_in(found: Assessment, name: str) -> str:
    """Title a metric of an assessment."""
    return metric_title(name, found.positive_is_favourable, found.decision)


def sentence_in(found: Assessment, name: str) -> str:
    """Explain a metric of an assessment."""
    return metric_sentence(name, found.positive_is_favourable, found.decision)


def titles_for(called: DecisionLabels) -> tuple[Callable[[str], str], Callable[[str], str]]:
    """Return what titles a metric of these decisions, and what explains it."""
    about = (called.positive_is_favourable, called.positive)
    return (lambda name: metric_title(name, *about)), (lambda name: metric_sentence(name, *about))
