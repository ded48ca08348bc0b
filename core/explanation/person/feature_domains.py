"""Which values each feature of a person may be given, and what was typed made one of them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

import numpy as np
import pandas as pd

from core.data.dataset import Dataset
from core.data.days import days_of, written_date
from core.data.labels import canonical, near
from core.data.table import MISSING
from core.errors import InputError
from core.explanation.counterfactual.counterfactual_result import Value
from core.explanation.likely_decision import needs_group
from core.training.fit import mitigated_column
from core.training.trained import Trained

STEPS = 100
"""Into how many steps the range of a number that isn't whole is divided at least."""
LARGEST_WHOLE = 2.0**53


@dataclass(frozen=True)
class FeatureDomain:
    """What one feature of a person may be set to.

    Attributes
    ----------
    feature : str
    kind : {"number", "category", "group"}
        "group" is no feature: it is the person's group, by which a mitigation decides, in a column
        that the model doesn't see.
    low, high : float or None
        Of a number: the range in training rows, both included, with the person's own value in it;
        None where no value is known.
    whole : bool
        Whether all values of a number are whole, so that only whole ones may be given.
    values : tuple of str
        Categories or groups that some row has, those of training rows first.
    unseen : tuple of str
        Those of them that no training row has.
    missing : bool
        Whether the value may be missing: some row lacks it.
    missing_unseen : bool
        Whether it may, and yet no training row lacks it.
    seen_low, seen_high : float or None
        The range in training rows alone.
    is_date : bool
        Whether a number is days since 1970-01-01, told and typed as a date.
    """

    feature: str
    kind: Literal["number", "category", "group"]
    low: float | None = None
    high: float | None = None
    whole: bool = False
    values: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()
    missing: bool = False
    missing_unseen: bool = False
    seen_low: float | None = None
    seen_high: float | None = None
    is_date: bool = False

    def told(self, number: float) -> str:
        """Write a number of the domain for people."""
        return written_date(number) if self.is_date else f"{number:.15g}"

    @property
    def where(self) -> str:
        """By which an error names it."""
        return f"{'group in' if self.kind == 'group' else 'feature'} {self.feature!r}"

    @property
    def step(self) -> float:
        """By which a number moves: 1, or a round hundredth of its range."""
        if self.whole or self.low is None or self.high is None or self.low == self.high:
            return 1.0
        width = (self.high / STEPS) - (self.low / STEPS)
        unit = 10.0 ** math.floor(math.log10(width))
        return next(unit * times for times in (5, 2, 1) if unit * times <= width)

    def holding(self, own: Value) -> FeatureDomain:
        """Widen a number's range to a person's own value."""
        if self.kind != "number" or not isinstance(own, float):
            return self
        low = own if self.low is None else min(self.low, own)
        high = own if self.high is None else max(self.high, own)
        return replace(self, low=low, high=high, whole=self.whole and own.is_integer())


def feature_domains(dataset: Dataset, trained: Trained) -> tuple[FeatureDomain, ...]:
    """Find the domain of each feature, in their order, and of the group where it decides.

    Parameters
    ----------
    dataset : Dataset
    trained : Trained
    """
    rows = trained.split.train
    found = [
        replace(_domain(name, dataset.features[name], rows), is_date=name in dataset.dates)
        for name in map(str, dataset.features)
    ]
    column = mitigated_column(dataset, trained.spec)
    if needs_group(trained) and column not in dataset.features:
        found.append(replace(_domain(column, dataset.sensitive[column], rows), kind="group"))
    return tuple(found)


def check_values(dataset: Dataset, given: Mapping[str, object], *, groups: str | None) -> None:
    """Refuse what no edit of any person can be, before a model is trained.

    Parameters
    ----------
    dataset : Dataset
    given : mapping of str to object
        New values by feature.
    groups : str or None
        Column whose group may be edited too, since a mitigation decides by it.

    Raises
    ------
    InputError
        Naming the feature and the value.
    """
    columns = {str(name): dataset.features[name] for name in dataset.features}
    if groups is not None:
        columns.setdefault(groups, dataset.sensitive[groups])
    for name, value in given.items():
        if name not in columns:
            raise unknown_feature(name, list(columns))
        domain = _domain(name, columns[name], np.arange(len(dataset)))
        parse_value(replace(domain, is_date=name in dataset.dates), value)


def unknown_feature(name: str, names: list[str]) -> InputError:
    """Say that the model sees no feature of that name, and which it may be."""
    return InputError(
        "the model sees no such feature", where=f"feature {name!r}", remedy=near(name, names)
    )


def _domain(name: str, column: pd.Series, rows: np.ndarray) -> FeatureDomain:
    seen = column.iloc[rows]
    if column.dtype.kind == "f":
        known, all_known = seen.dropna().to_numpy(np.float64), column.dropna().to_numpy(np.float64)
        gap = bool(column.isna().any())
        low, high = (float(known.min()), float(known.max())) if len(known) else (None, None)
        whole = bool(len(all_known) and (all_known == np.floor(all_known)).all())
        whole = whole and float(np.abs(all_known).max()) < LARGEST_WHOLE
        return FeatureDomain(
            name,
            "number",
            low,
            high,
            whole,
            missing=gap,
            missing_unseen=gap and not seen.isna().any(),
            seen_low=low,
            seen_high=high,
        )
    there, all_there = set(map(str, seen.unique())), set(map(str, column.unique()))
    values, unseen = (sorted(some - {MISSING}) for some in (there, all_there - there))
    return FeatureDomain(
        name,
        "category",
        values=(*values, *unseen),
        unseen=tuple(unseen),
        missing=MISSING in all_there,
        missing_unseen=MISSING in all_there - there,
    )


def parse_value(domain: FeatureDomain, given: object) -> Value:
    """Read a value that was typed or given for a feature.

    Parameters
    ----------
    domain : FeatureDomain
    given : object
        A number, a text, a bool or a date; None, NaN or "(missing)" for no value. Of a date also
        days since 1970-01-01.

    Returns
    -------
    float, str or None
        None where missing. A number may lie outside the range that was seen.

    Raises
    ------
    InputError
        Naming feature and value, if it is none of its kind, or no row has that category.
    """
    if _is_missing(given):
        if domain.missing:
            return None
        raise InputError(
            "it can't be missing, as no row of the table lacks it",
            where=domain.where,
            remedy=_remedy(domain),
        )
    if domain.kind == "number":
        return _number(domain, given)
    try:
        value = canonical(given)
    except (TypeError, ValueError):
        value = str(given)
    if value not in domain.values:
        raise InputError(
            f"{value!r} is none of its values in the table",
            where=domain.where,
            remedy=near(value, domain.values),
        )
    return value


def _is_missing(given: object) -> bool:
    if given is None or given is pd.NA or given is pd.NaT:
        return True
    if isinstance(given, float | np.floating):
        return bool(np.isnan(given))
    return isinstance(given, str) and given.strip() in ("", MISSING)


def _number(domain: FeatureDomain, given: object) -> float:
    kind = "date" if domain.is_date else "number"
    refused = InputError(f"{_said(given)} is no {kind}", where=domain.where, remedy=_remedy(domain))
    if domain.is_date and isinstance(given, str | date):
        with suppress(ValueError):
            given = days_of(given)
    if isinstance(given, bool | np.bool_) or not isinstance(
        given, str | int | float | np.integer | np.floating
    ):
        raise refused
    try:
        # An underscore is Python's way to write a number, and nobody else's.
        value = float(given.replace("_", "?") if isinstance(given, str) else given)
    except (ValueError, OverflowError):
        raise refused from None
    if not math.isfinite(value):
        raise refused
    if domain.whole and not value.is_integer():
        raise InputError(
            f"{domain.told(value)} has a time of day, and no date in the table has one"
            if domain.is_date
            else f"{value:g} is no whole number, and all values in the table are",
            where=domain.where,
            remedy=_remedy(domain),
        )
    return value + 0.0  # no −0


def _remedy(domain: FeatureDomain) -> str:
    if domain.kind != "number":
        return near("", domain.values)
    if domain.low is None or domain.high is None:
        return "Give a date such as 2016-05-01" if domain.is_date else "Give a number"
    kind = "a whole number" if domain.whole else "a number"
    if domain.is_date:
        kind = f"a date such as {domain.told(domain.high)}"
    return f"Give {kind}; rows have {domain.told(domain.low)} to {domain.told(domain.high)}"


def _said(given: object) -> str:
    return str(given) if isinstance(given, date) else repr(given)
