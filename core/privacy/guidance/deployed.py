"""Values of ε that others have used in public, each with its unit and source."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Deployed:
    """One use.

    Attributes
    ----------
    who : str
    epsilon : float
    delta : float
    hides : str
        Unit whose presence or values are hidden.
    relation : str
        Which tables or records are neighbours.
    where : {"central", "local"}
        Whether noise is added by who holds the data, or at the source.
    source : str
        Where the value is published.
    """

    who: str
    epsilon: float
    delta: float
    hides: str
    relation: str
    where: str
    source: str


_UNSTATED = "not stated there"
_ANY_TWO = "any two reports"

DEPLOYED = (
    Deployed(
        "Google, symptom searches", 1.68, 0.0,
        "a person's searches of a day", _UNSTATED, "central",
        "Bavadekar et al. 2020, arXiv 2009.01265, abstract",
    ),
    Deployed(
        "Apple, health data types", 2.0, 0.0,
        "a person's reports of a day", _ANY_TWO, "local",
        "Apple 2017, Differential Privacy Overview",
    ),
    Deployed(
        "Google, vaccine searches", 2.19, 1e-5,
        "a person's searches of a day", _UNSTATED, "central",
        "Bavadekar et al. 2021, arXiv 2107.01179, abstract",
    ),
    Deployed(
        "Apple, emoji", 4.0, 0.0,
        "a person's reports of a day", _ANY_TWO, "local",
        "Apple 2017, Differential Privacy Overview",
    ),
    Deployed(
        "US Census 2020, persons", 17.14, 1e-10,
        "a person in the redistricting file", "a person with other answers", "central",
        "Abowd et al. 2022, The 2020 Census TopDown Algorithm: ρ = 2.56",
    ),
    Deployed(
        "LinkedIn, audiences", 34.9, 7e-9,
        "a member's actions of a month", _UNSTATED, "central",
        "Rogers et al. 2020, arXiv 2002.05839",
    ),
)  # fmt: skip
"""From small to large ε. Only values that were found in a published source are listed."""
