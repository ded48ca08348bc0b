"""One person's decision in plain words: reasons for and against, and how far to trust them.

Reasons are Shapley values of the raw features (:mod:`core.explanation.attribution.shapley`): what
each adds to the person's score compared with people the model learned from. US Regulation B asks
for the principal reasons that were actually used, and its official interpretation (comment
9(b)(2)-1) holds more than four to be of no help; see :mod:`core.reporting.adverse_notice`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.data.dataset import Dataset
from core.data.days import written_date
from core.data.table import MISSING
from core.explanation.attribution.explain import PersonExplanation
from core.explanation.likely_decision import needs_group
from core.mitigation import MITIGATIONS
from core.training.fit import mitigated_column
from core.training.randomised import drawn_rows
from core.training.trained import Trained

MOST_REASONS = 4
POOR_FIT = 0.3
"""Weighted R² of LIME below which it says little of the model."""


@dataclass(frozen=True)
class Reason:
    """A feature that moved one person's score.

    Attributes
    ----------
    code : str
        Of the feature, such as "R03": its place among the features of the audit's roles, so it is
        the same for all people and all models under the same roles.
    feature : str
    value : str
        The person's, "(missing)" where there is none.
    usual : str
        What people whom the model learned from have, in words.
    contribution : float
        Towards the favourable decision where positive, in units of the output explained.
    share : float
        Of all absolute contributions, in (0, 1].
    lime_agrees : bool or None
        Whether LIME's weight has the same sign; None where it is no larger than its spread.
    """

    code: str
    feature: str
    value: str
    usual: str
    contribution: float
    share: float
    lime_agrees: bool | None

    @property
    def sentence(self) -> str:
        """The reason in words."""
        return f"“{self.feature}” is {self.value}; {self.usual}"


@dataclass(frozen=True)
class PersonStory:
    """Everything said of one person but how sure it is and what would change it.

    Attributes
    ----------
    explained : PersonExplanation
    decision : str
        Label decided, or "not" the positive label.
    favourable : bool
        Whether it is what the person hopes for.
    groups : dict of str to str
        By sensitive column.
    in_favour, against : tuple of Reason
        Of the favourable decision, strongest first, at most four each.
    agreement : str
        Whether LIME names the same reasons, in a sentence.
    notes : tuple of str
        What else must be known: drawn at random, depends on the group, explained with it unknown.
    """

    explained: PersonExplanation
    decision: str
    favourable: bool
    groups: dict[str, str]
    in_favour: tuple[Reason, ...]
    against: tuple[Reason, ...]
    agreement: str
    notes: tuple[str, ...]


def reason_code(dataset: Dataset, feature: str) -> str:
    """Return the code of a feature: R01 for the first of the roles' features, and so on."""
    names = [str(name) for name in dataset.features]
    return f"R{names.index(feature) + 1:0{max(2, len(str(len(names))))}d}"


def person_story(
    dataset: Dataset, trained: Trained, position: int, explained: PersonExplanation
) -> PersonStory:
    """Put one test row's explanation into words.

    Parameters
    ----------
    dataset : Dataset
    trained : Trained
    position : int
        Position among the test rows.
    explained : PersonExplanation
        Of that row.
    """
    roles = dataset.roles
    in_favour, against = reasons(dataset, trained, explained)
    row = trained.split.test[position]
    return PersonStory(
        explained,
        dataset.decision_labels.told(explained.positive),
        explained.positive == roles.positive_is_favourable,
        {str(name): str(dataset.sensitive[name].iloc[row]) for name in dataset.sensitive},
        in_favour,
        against,
        _agreement(explained, (*in_favour[:3], *against[:3])),
        _notes(dataset, trained, position, explained),
    )


def reasons(
    dataset: Dataset, trained: Trained, explained: PersonExplanation, most: int = MOST_REASONS
) -> tuple[tuple[Reason, ...], tuple[Reason, ...]]:
    """Find the strongest reasons for and against the favourable decision.

    Returns
    -------
    in_favour, against : tuple of Reason
        Fewer than ``most``, or none, where no more features move the score.
    """
    sign = 1.0 if dataset.roles.positive_is_favourable else -1.0
    moved = sign * explained.shap.values[0]
    total = float(np.abs(moved).sum())
    # What rounding leaves of nothing is no reason.
    floor = 1e-9 * max(1.0, total)
    lime = dict(zip(explained.lime.features, range(len(moved)), strict=True))

    def made(j: int) -> Reason:
        name = explained.shap.features[j]
        weight = sign * float(explained.lime.weights[lime[name]])
        spread = float(explained.lime.spread[lime[name]])
        agrees = None if abs(weight) <= spread else bool((weight > 0) == (moved[j] > 0))
        return Reason(
            reason_code(dataset, name),
            name,
            format_value(explained.values[name], is_date=name in dataset.dates),
            usual(dataset, trained, name, explained.values[name]),
            float(moved[j]),
            float(abs(moved[j])) / total,
            agrees,
        )

    down = np.argsort(-moved, kind="stable")
    up = np.argsort(moved, kind="stable")
    return (
        tuple(made(int(j)) for j in down[:most] if moved[j] > floor),
        tuple(made(int(j)) for j in up[:most] if moved[j] < -floor),
    )


def format_value(value: float | str | None, *, is_date: bool = False) -> str:
    """Write a raw value for people, days since 1970 as the date that they are."""
    if value is None or value == MISSING:
        return MISSING
    if is_date and not isinstance(value, str):
        return written_date(value)
    return f"“{value}”" if isinstance(value, str) else f"{value:,.6g}"


def usual(dataset: Dataset, trained: Trained, feature: str, value: float | str | None) -> str:
    """Say what is usual among the training rows: the middle half of numbers, or shares of values.

    Parameters
    ----------
    dataset : Dataset
    trained : Trained
    feature : str
    value : float, str or None
        The person's.
    """
    column = dataset.features[feature].iloc[trained.split.train]
    if column.dtype.kind != "f":
        shares = column.value_counts(normalize=True)
        own = float(shares.get(MISSING if value is None else value, 0.0))
        most = str(shares.index[0])
        if str(value) == most:
            return f"as for {_percent(own)} of people, the most frequent value"
        return (
            f"as for {_percent(own)} of people; most frequent is {format_value(most)} "
            f"({_percent(float(shares.iloc[0]))})"
        )
    known = column.dropna().to_numpy(dtype=np.float64)
    if not len(known):
        return "nobody's is known"
    low, middle, high = (float(q) for q in np.quantile(known, [0.25, 0.5, 0.75]))
    is_date = feature in dataset.dates
    if is_date:
        # A quartile that lies between two dates is told by the day.
        low, middle, high = (float(round(day)) for day in (low, middle, high))
    said = [format_value(one, is_date=is_date) for one in (low, high, middle)]
    range_ = f"{said[0]} to {said[1]}, median {said[2]}"
    if low == high:
        range_ = said[2]
    if not isinstance(value, float | int):
        return f"usual is {range_}"
    above, below = ("later", "earlier") if is_date else ("higher", "lower")
    side = f"{above} than" if value > high else f"{below} than" if value < low else "within the"
    return f"{side} usual ({range_})"


def _percent(share: float) -> str:
    if 0 < share < 0.005:
        return "less than 1%"
    return f"{100 * share:.0f}%"


def _agreement(explained: PersonExplanation, named: tuple[Reason, ...]) -> str:
    if not named:
        return "No feature moves this score, so there is nothing to compare with LIME."
    sure = [reason for reason in named if reason.lime_agrees is not None]
    same = sum(bool(reason.lime_agrees) for reason in sure)
    unlike = [f"“{reason.feature}”" for reason in sure if not reason.lime_agrees]
    text = f"A second method, LIME, agrees on the direction of {same} of these {len(named)} reasons"
    if unlike:
        text += f", and disagrees on {', '.join(unlike)}"
    if len(sure) < len(named):
        text += f"; on {len(named) - len(sure)} its own runs differ too much to say"
    text += "."
    if explained.lime.fit < POOR_FIT:
        text += (
            f" It follows the model poorly here (weighted R² {max(explained.lime.fit, 0):.2f}), so "
            "its word counts little."
        )
    return text


def _notes(
    dataset: Dataset, trained: Trained, position: int, explained: PersonExplanation
) -> tuple[str, ...]:
    mitigation = MITIGATIONS[trained.spec.mitigation]
    column = mitigated_column(dataset, trained.spec)
    notes = []
    drawn = drawn_rows(dataset, trained)
    if drawn[position]:
        notes.append(
            f"This decision was randomised ({mitigation.title}): another draw may decide "
            "otherwise, and no reason here explains the draw."
        )
    elif drawn.any():
        notes.append(
            f"This model is partly randomised ({mitigation.title}), but not on this person."
        )
    if needs_group(trained):
        notes.append(
            f"The decision depends on the person's group in “{column}” beside the reasons given: "
            f"{mitigation.title} treats groups differently on purpose."
        )
    if abs(explained.explained_score - explained.score) > 1e-9:
        notes.append(
            "The reasons explain the score with the group unknown, "
            f"{explained.explained_score:.3f}, not {explained.score:.3f} on which the decision "
            "rests."
        )
    sensitive = [name for name in dataset.roles.sensitive if name in dataset.features]
    if sensitive:
        names = ", ".join(f"“{name}”" for name in sensitive)
        notes.append(f"The model sees sensitive columns as features: {names}.")
    return tuple(notes)
