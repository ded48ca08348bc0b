"""Whole records with noise added at the source: a plan of ε by column, and what is sent.

A record's columns are each sent through a mechanism of its own, so the record spends the sum of
their ε (basic composition). Each person's record is only ever in that person's reports, so the
whole collection is private to the same ε for any one record: "replace-one" is the relation, and
who takes part is public.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.arrays import Flags, Floats, Ints, Objects
from core.data.domains import CategoryDomain, Domain, Domains, NumberDomain
from core.data.table import MISSING, Repair
from core.errors import InputError
from core.privacy.accounting.budget import check_epsilon
from core.privacy.accounting.ledger import Ledger
from core.privacy.accounting.payment import paying
from core.privacy.local_dp.mechanisms import (
    LOCAL_MECHANISMS,
    category_mechanism,
    least_noise,
    number_mechanism,
)
from core.privacy.local_dp.uniforms import FreshUniforms, KeyedUniforms, UniformSource

OTHER = "(other)"


@dataclass(frozen=True)
class ColumnPlan:
    """How one column is sent.

    Attributes
    ----------
    domain : NumberDomain or CategoryDomain
        Public; a device needs it to draw noise.
    mechanism : str
        Registered name.
    epsilon : float
        Above 0.
    """

    domain: Domain
    mechanism: str
    epsilon: float

    def __post_init__(self) -> None:
        check_epsilon(self.epsilon)
        takes = LOCAL_MECHANISMS[self.mechanism].takes
        number = isinstance(self.domain, NumberDomain)
        if (takes == "numbers") != number:
            raise InputError(
                f"{self.mechanism!r} takes {takes}",
                where=f"column {self.domain.name!r}",
                remedy="Choose another mechanism, or correct the column's declared domain",
            )


@dataclass(frozen=True)
class RecordPlan:
    """How a record is sent.

    Attributes
    ----------
    columns : tuple of ColumnPlan
        Columns that are sent; others never leave the person.
    label_epsilon : float
        Above 0; of the label, which is sent by randomised response.
    """

    columns: tuple[ColumnPlan, ...]
    label_epsilon: float

    def __post_init__(self) -> None:
        check_epsilon(self.label_epsilon)
        if not self.columns:
            raise InputError("no column would be sent", where="columns")

    @property
    def epsilon(self) -> float:
        """What a record spends: the sum over its columns and its label."""
        return self.label_epsilon + sum(column.epsilon for column in self.columns)


@dataclass(frozen=True)
class Records:
    """What was sent.

    Attributes
    ----------
    features : DataFrame, shape (n, columns)
    positive : ndarray of bool, shape (n,)
        Labels as sent.
    repairs : tuple of Repair
        Values that a device had to replace before it could send anything.
    """

    features: pd.DataFrame
    positive: Flags
    repairs: tuple[Repair, ...]


def even_plan(
    domains: Domains,
    columns: Sequence[str],
    epsilon: float,
    shares: Sequence[float] | None = None,
    numbers: str | None = None,
) -> RecordPlan:
    """Split ε over columns and label.

    Parameters
    ----------
    domains : Domains
    columns : sequence of str
        To be sent, each with a declared domain.
    epsilon : float
        Of the whole record, above 0.
    shares : sequence of float, optional
        Weights of the columns, then of the label, above 0; all alike by default.
    numbers : str, optional
        Mechanism for numbers; by default that of the least noise at each column's ε.

    Raises
    ------
    InputError
        Naming a column without a domain, or a share that is not above 0.
    """
    check_epsilon(epsilon)
    known = {item.name: item for item in domains.items}
    weights = [1.0] * (len(columns) + 1) if shares is None else [float(share) for share in shares]
    names = [*columns, "the label"]
    for name, weight in zip(names, weights, strict=True):
        if not 0 < weight < float("inf"):
            raise InputError(
                f"its share of ε must be a number above 0, not {weight:g}",
                where=f"column {name!r}",
                remedy="Give it a share, or leave the column out",
            )
    parts = [epsilon * weight / sum(weights) for weight in weights]
    plans = []
    for name, part in zip(columns, parts, strict=False):
        if name not in known:
            raise InputError(
                "its bounds or categories are not declared",
                where=f"column {name!r}",
                remedy="Declare them on the budget page, or don't send the column",
            )
        domain = known[name]
        number = isinstance(domain, NumberDomain)
        plans.append(
            ColumnPlan(
                domain, (numbers or least_noise(part)) if number else "randomised_response", part
            )
        )
    return RecordPlan(tuple(plans), parts[-1])


def send_records(
    features: pd.DataFrame, positive: Flags, plan: RecordPlan, uniforms: UniformSource
) -> Iterator[tuple[float, Records]]:
    """Add noise to each record, column by column.

    Parameters
    ----------
    features : DataFrame, shape (n, p)
        Of a dataset, holding every column of the plan.
    positive : ndarray of bool, shape (n,)
    plan : RecordPlan
    uniforms : UniformSource
        Seeded for a simulation.

    Yields
    ------
    share : float
        In (0, 1].
    records : Records
        Columns so far; complete in the last one.
    """
    sent: dict[str, Floats | Objects] = {}
    repairs: list[Repair] = []
    label = category_mechanism("randomised_response", plan.label_epsilon, 2)
    reported = label.send(positive.astype(np.int64), uniforms).astype(bool)  # type: ignore[union-attr]
    for done, column in enumerate(plan.columns, 1):
        name = column.domain.name
        if isinstance(column.domain, NumberDomain):
            values, repair = scaled(features[name], column.domain)
            mechanism = number_mechanism(column.mechanism, column.epsilon)
            low, high = column.domain.low, column.domain.high
            sent[name] = low + (high - low) * mechanism.send(values, uniforms)[0]
        else:
            codes, labels, repair = coded(features[name], column.domain)
            chosen = category_mechanism(column.mechanism, column.epsilon, len(labels))
            reports = chosen.send(codes, uniforms)  # type: ignore[union-attr]
            sent[name] = np.array(labels, dtype=object)[reports]
        repairs += repair
        frame = pd.DataFrame(sent, index=pd.RangeIndex(len(features)))
        yield done / len(plan.columns), Records(frame, reported, tuple(repairs))


def check_records(features: pd.DataFrame, plan: RecordPlan) -> None:
    """Check that records hold every column of a plan, of the kind that was declared.

    Raises
    ------
    InputError
        Naming the first that they don't.
    """
    for column in plan.columns:
        name = column.domain.name
        if name not in features.columns:
            raise InputError(
                "the records have no such column",
                where=f"column {name!r}",
                remedy="Nothing was charged. Leave it out, or correct its name",
            )
        number = isinstance(column.domain, NumberDomain)
        if number != (features[name].dtype.kind == "f"):
            raise InputError(
                f"it is declared as {'numbers' if number else 'categories'} "
                f"but holds {'categories' if number else 'numbers'}",
                where=f"column {name!r}",
                remedy="Nothing was charged. Correct the column's kind or its declared domain",
            )


def collect(
    features: pd.DataFrame,
    positive: Flags,
    plan: RecordPlan,
    ledger: Ledger,
    *,
    name: str = "",
) -> Records:
    """Collect records with fresh noise, charging their ε before any is drawn.

    Parameters
    ----------
    features, positive, plan
        As :func:`send_records` takes them.
    ledger : Ledger
    name : str
        Of the plan and its rows, 64 hexadecimal digits, under which a collection that dies can be
        finished; without one it can't.

    Raises
    ------
    InputError
        If the records don't fit the plan; nothing was charged then.
    BudgetExceededError
        If the ledger refuses; nothing was drawn then.
    """
    check_records(features, plan)
    with paying(
        ledger,
        name or secrets.token_hex(32),
        f"noise at the source in {len(plan.columns)} columns and the label",
        epsilon=plan.epsilon,
        neighbouring="replace-one",
    ) as payment:
        if isinstance(payment.result, Records):
            return payment.result
        uniforms: UniformSource = (
            FreshUniforms() if payment.key is None else KeyedUniforms(payment.key)
        )
        *_, (_, records) = send_records(features, positive, plan, uniforms)
        payment.keep(records)
    return records


def scaled(values: pd.Series, domain: NumberDomain) -> tuple[Floats, list[Repair]]:
    """Put numbers on [0, 1]: outside values move to the bounds, missing ones to the middle."""
    found = values.to_numpy(dtype=np.float64)
    missing = np.isnan(found)
    middle = domain.low / 2 + domain.high / 2
    clipped = np.clip(np.where(missing, middle, found), domain.low, domain.high)
    moved = int((clipped[~missing] != found[~missing]).sum())
    repairs = _counted(domain.name, "moved to the declared bounds", moved)
    repairs += _counted(
        domain.name, "missing, sent as the middle of the bounds", int(missing.sum())
    )
    return (clipped - domain.low) / (domain.high - domain.low), repairs


def coded(values: pd.Series, domain: CategoryDomain) -> tuple[Ints, tuple[str, ...], list[Repair]]:
    """Code categories in declared order; "(other)" stands for any that was not declared."""
    labels = domain.categories if OTHER in domain.categories else (*domain.categories, OTHER)
    index = pd.Index(labels)
    texts = values.astype(object)
    codes = index.get_indexer(pd.Index(texts))
    outside = codes < 0
    missing = outside & (texts == MISSING).to_numpy(dtype=bool)
    repairs = _counted(domain.name, f"sent as {OTHER}, being missing", int(missing.sum()))
    other = int(outside.sum() - missing.sum())
    repairs += _counted(domain.name, f"sent as {OTHER}, not being declared", other)
    position = labels.index(OTHER)
    return np.where(outside, position, codes).astype(np.int64), labels, repairs


def _counted(column: str, what: str, count: int) -> list[Repair]:
    return [Repair(what, count, column)] if count else []
