"""The registry of local mechanisms. A new one is one ``LOCAL_MECHANISMS.add(...)`` here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from core.privacy.accounting.budget import check_epsilon
from core.privacy.local_dp.categories import RandomisedResponse, UnaryEncoding
from core.privacy.local_dp.numbers import (
    BoundedLaplace,
    Laplace,
    NumberMechanism,
    OneBit,
    Piecewise,
)
from core.registry import Registry

CategoryMechanism = RandomisedResponse | UnaryEncoding


@dataclass(frozen=True)
class LocalMechanism:
    """A registered mechanism.

    Attributes
    ----------
    name, title, sentence : str
    takes : {"categories", "numbers"}
    trains : bool
        Whether its reports can stand in a column of a table that a learner is trained on.
    for_numbers : callable or None
        From ε.
    for_categories : callable or None
        From ε and the number of categories.
    """

    name: str
    title: str
    sentence: str
    takes: Literal["categories", "numbers"]
    trains: bool = True
    for_numbers: Callable[[float], NumberMechanism] | None = None
    for_categories: Callable[[float, int], CategoryMechanism] | None = None


LOCAL_MECHANISMS: Registry[LocalMechanism] = Registry("local mechanism")

LOCAL_MECHANISMS.add(
    LocalMechanism(
        "randomised_response",
        "Randomised response",
        "Sends the true category most often, and now and then any other one.",
        "categories",
        for_categories=RandomisedResponse,
    )
)
LOCAL_MECHANISMS.add(
    LocalMechanism(
        "unary_encoding",
        "Unary encoding",
        "Sends a yes or no for each category, each of them noisy; less noise where there are "
        "many categories.",
        "categories",
        trains=False,
        for_categories=UnaryEncoding,
    )
)
LOCAL_MECHANISMS.add(
    LocalMechanism(
        "piecewise",
        "Piecewise",
        "Sends a number that is likely to be close to the true one, from a wider range.",
        "numbers",
        for_numbers=Piecewise,
    )
)
LOCAL_MECHANISMS.add(
    LocalMechanism(
        "one_bit",
        "One bit",
        "Sends only “high” or “low”, “high” more often the higher the number is.",
        "numbers",
        for_numbers=OneBit,
    )
)
LOCAL_MECHANISMS.add(
    LocalMechanism(
        "laplace",
        "Laplace",
        "Adds noise that can be of any size to the number.",
        "numbers",
        for_numbers=Laplace,
    )
)
LOCAL_MECHANISMS.add(
    LocalMechanism(
        "bounded_laplace",
        "Bounded Laplace",
        "Adds noise to the number, but never beyond its bounds; a mean then needs far more people.",
        "numbers",
        for_numbers=BoundedLaplace,
    )
)


@lru_cache(maxsize=256)
def number_mechanism(name: str, epsilon: float) -> NumberMechanism:
    """Build a mechanism for numbers; one of a table is made once."""
    build = LOCAL_MECHANISMS[name].for_numbers
    if build is None:
        raise ValueError(f"{name!r} takes no numbers")
    return build(check_epsilon(epsilon))


@lru_cache(maxsize=256)
def category_mechanism(name: str, epsilon: float, categories: int) -> CategoryMechanism:
    """Build a mechanism for so many categories."""
    build = LOCAL_MECHANISMS[name].for_categories
    if build is None:
        raise ValueError(f"{name!r} takes no categories")
    return build(check_epsilon(epsilon), categories)


def least_noise(epsilon: float) -> str:
    """Name the mechanism for numbers whose largest variance over the bounds is the smallest.

    Only those whose reports are unbiased as they are, so that a learner can be given them.
    """
    names = ("piecewise", "one_bit", "laplace")

    def worst(name: str) -> float:
        mechanism = number_mechanism(name, epsilon)
        return max(mechanism.variance(value) for value in (0.0, 0.25, 0.5, 0.75, 1.0))

    return min(names, key=worst)
