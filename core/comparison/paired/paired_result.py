"""What a comparison on the same test people found."""

from __future__ import annotations

from dataclasses import dataclass

from core.comparison.paired.mcnemar import McNemar
from core.comparison.wording import Names, amount, format_difference
from core.fairness.metrics.assessment import Assessment, Figure


@dataclass(frozen=True)
class PairedDifference:
    """One figure of two models.

    Attributes
    ----------
    figure : str
        Registered name of a metric or disparity.
    a, b : float or None
        None where undefined.
    difference : Figure
        B minus A, with its interval or the reason why there is none.
    undefined_draws : int
        Draws in which the figure was not defined for both, and which the interval leaves out.
    """

    figure: str
    a: float | None
    b: float | None
    difference: Figure
    undefined_draws: int = 0

    def sentence(
        self, names: Names = ("A", "B"), positive_is_favourable: bool | None = True
    ) -> str:
        """Say in one sentence how the two differ and how sure that is."""
        about = (self.figure, self.difference, names, positive_is_favourable)
        return f"{format_difference(*about)}."


@dataclass(frozen=True, eq=False)
class PairedComparison:
    """Two models on the same people.

    Attributes
    ----------
    names : tuple of (str, str)
    people : int
    attributes : tuple of str
        Sensitive columns whose groups are compared.
    everyone : dict of str to PairedDifference
        By metric name, over all people.
    groups : dict of str to dict of str to PairedDifference
        By name of a group, then of a metric.
    disparities : dict of str to PairedDifference
        By name of a disparity.
    mcnemar : McNemar
        Of accuracy.
    a, b : Assessment
        Everything else about each.
    level : float
    draws : int
    notes : tuple of str
        What must be known of who judges the two.
    """

    names: Names
    people: int
    attributes: tuple[str, ...]
    everyone: dict[str, PairedDifference]
    groups: dict[str, dict[str, PairedDifference]]
    disparities: dict[str, PairedDifference]
    mcnemar: McNemar
    a: Assessment
    b: Assessment
    level: float
    draws: int
    notes: tuple[str, ...] = ()

    def sentence(self, figure: str = "accuracy") -> str:
        """Say in one sentence how the two differ in a metric of everyone or in a disparity.

        For accuracy it ends with what so many people would have revealed.
        """
        if figure != "accuracy":
            found = self.disparities.get(figure) or self.everyone[figure]
            return found.sentence(self.names, self.a.positive_is_favourable)
        text = format_difference(figure, self.everyone[figure].difference, self.names)
        test = self.mcnemar
        discordant = test.only_a + test.only_b
        people = f"with these {test.people:,} people, of whom {discordant:,} tell the two apart,"
        if test.detectable is None:
            return (
                f"{text}; {people} no difference would have been found with {100 * test.power:g}% "
                "power."
            )
        return (
            f"{text}; {people} a difference of {amount(figure, test.detectable)} would have been "
            f"found with {100 * test.power:g}% power."
        )
