"""Private releases from a notebook: figures of a table with noise, charged to its ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal, get_args

import pandas as pd

from core.data.assign import assign
from core.data.domains import CategoryDomain, NumberDomain, declared_domain
from core.data.frames import table_of
from core.data.labels import canonical
from core.data.roles.groups import bin_names
from core.data.roles.merged_groups import merged_names
from core.data.roles.roles import Roles
from core.data.table import Table
from core.errors import InputError
from core.privacy.accounting.budget import Budget, Neighbouring
from core.privacy.accounting.ledger import Ledger
from core.privacy.accounting.payment import is_paid
from core.privacy.release.axis import CategoryAxis, ReleaseAxis, equal_bins
from core.privacy.release.release import outcome_frame, release
from core.privacy.release.release_plan import (
    CountsPlan,
    FairnessPlan,
    MeanPlan,
    Plan,
    QuantilePlan,
    check_columns,
)
from core.storage.canonical import key
from equipoise import _columns
from equipoise._columns import Columns, names, roles_of
from equipoise._release_result import ReleaseResult
from equipoise._spending import Spending, named_in_python

Kind = Literal["counts", "mean", "quantile", "fairness"]


def private_release(
    data: pd.DataFrame,
    kind: Kind,
    columns: str | Sequence[str],
    *,
    epsilon: float,
    bounds: Mapping[str, Sequence[object]] | None = None,
    bins: int = 10,
    share: float = 0.5,
    candidates: int = 50,
    target: str | None = None,
    prediction: str | None = None,
    positive_label: object = None,
    positive_is_favourable: bool = True,
    edges: Mapping[str, Sequence[float]] | None = None,
    merge_groups: Mapping[str, Mapping[str, Sequence[str]]] | None = None,
    cap: Budget | None = None,
    reason: str = "",
    charge_to: str | None = None,
    apart_because: str | None = None,
    name: str = "DataFrame",
) -> ReleaseResult:
    """Release figures of a table under differential privacy.

    The charge is written to the ledger of this data set in the workspace (EQUIPOISE_WORKSPACE)
    before noise is drawn. What is asked again, word for word and of the same rows, is the same
    release and costs nothing more, so that a notebook can be run again.

    Parameters
    ----------
    data : DataFrame
        It is not changed.
    kind : {"counts", "mean", "quantile", "fairness"}
        "counts" is a histogram of one column or a contingency table of several. "fairness" gives
        every rate of every group and the gaps between groups, from one noisy count.
    columns : str or sequence of str
        What is released: one column of a mean or a quantile; the sensitive ones of "fairness".
    epsilon : float
        What the release costs. The smaller, the more private and the more noise.
    bounds : mapping of str to sequence
        Of each column ``[low, high]`` or a list of categories, from public knowledge and not from
        the data: all are released, empty ones too.
    bins : int
        Of equal width, into which "counts" puts numbers.
    share : float
        Of rows below a "quantile": 0.5 is the median.
    candidates : int
        Steps between the bounds; a "quantile" is one of them.
    target, prediction : str, optional
        For "fairness": columns of true outcomes and of decisions.
    positive_label : object
        For "fairness": the label counted as positive.
    positive_is_favourable : bool
        Whether the positive decision is what a person hopes for.
    edges : mapping of str to sequence of float, optional
        For "fairness": inner edges of a numeric column's groups, in place of its bounds.
    merge_groups : mapping, optional
        For "fairness", as in :func:`equipoise.audit`.
    cap : Budget, optional
        What everything of this data set may spend together; this release's ε by default.
    reason : str
        Why the cap is raised, where something was spent before.
    charge_to : str, optional
        Where most rows were spent on in another table: that table's ledger, as the refusal names
        it.
    apart_because : str, optional
        Or why these rows have a budget of their own; it is kept.
    name : str
        By which the ledger calls the data.

    Raises
    ------
    InputError
        If anything given can't be used or the cap would be exceeded; nothing was charged then.

    Examples
    --------
    >>> import equipoise
    >>> sample = equipoise.load_sample("adult")
    >>> found = equipoise.private_release(
    ...     sample.frame, "mean", "age", epsilon=0.5, bounds={"age": [0, 120]}
    ... )
    >>> low, high = found.to_frame().loc["these rows", ["low", "high"]]
    >>> bool(38 < low < high < 39)
    True
    >>> found.epsilon, found.left
    (0.5, 0.0)
    """
    if kind not in get_args(Kind):
        raise InputError(
            "there is no release of that kind",
            where=f"kind {kind!r}",
            remedy=f"Choose one of {', '.join(get_args(Kind))}",
        )
    chosen = names(columns, "columns")
    table = table_of(data, name)
    _columns.check_columns(table, chosen, "columns")
    domains = {column: _domain(column, item) for column, item in (bounds or {}).items()}
    if kind == "fairness":
        told = Columns(
            target, positive_label, chosen, positive_is_favourable, prediction, None, None,
            None, (), None, edges or {}, merge_groups or {},
        )  # fmt: skip
        plan, frame, roles = _fairness_plan(table, told, domains, epsilon)
        counted = key(table.provenance.sha256, roles)
    else:
        plan, frame = _plan(kind, chosen, domains, epsilon, (bins, share, candidates)), table.frame
        counted = table.provenance.sha256
    # What can't be counted must not leave a cap behind.
    check_columns(plan, frame)
    plan.count(frame)
    with named_in_python():
        spending = Spending(cap, reason, charge_to, apart_because)
        ledger = spending.ledger(table, Budget(epsilon))
        plan, paid = _related(plan, ledger, counted)
        # It is never told to be delivered, so that the ledger keeps it for whoever asks again.
        found = release(plan, frame, ledger, name=_place(plan, counted))
    return ReleaseResult(
        found, ledger.budget.left(ledger.charges), charged=0.0 if paid else epsilon, name=name
    )


def _domain(column: str, item: Sequence[object]) -> NumberDomain | CategoryDomain:
    given = list(item)
    if len(given) != 2 or not all(isinstance(v, int | float) for v in given):
        given = [canonical(value) for value in given]
    return declared_domain(column, given)


def _plan(
    kind: Kind,
    chosen: tuple[str, ...],
    domains: Mapping[str, NumberDomain | CategoryDomain],
    epsilon: float,
    sizes: tuple[int, float, int],
) -> Plan:
    bins, share, candidates = sizes
    if kind == "counts":
        axes: list[ReleaseAxis] = []
        for column in chosen:
            domain = _declared(column, domains)
            if isinstance(domain, NumberDomain):
                axes.append(equal_bins(column, domain.low, domain.high, bins))
            else:
                axes.append(CategoryAxis(column, domain.categories))
        return CountsPlan(tuple(axes), epsilon)
    if len(chosen) != 1:
        raise InputError(
            f"a {kind} is of one column, and {len(chosen)} are named",
            where="columns",
            remedy="Name one, and release each of several by a call of its own",
        )
    domain = _declared(chosen[0], domains)
    if not isinstance(domain, NumberDomain):
        raise InputError(
            f"a {kind} needs two numbers that its values lie between",
            where=f"bounds of {chosen[0]!r}",
            remedy=f"Declare them: bounds={{{chosen[0]!r}: [0, 120]}}",
        )
    if kind == "mean":
        return MeanPlan(chosen[0], domain.low, domain.high, epsilon)
    return QuantilePlan(chosen[0], domain.low, domain.high, share, epsilon, candidates=candidates)


def _declared(
    column: str, domains: Mapping[str, NumberDomain | CategoryDomain]
) -> NumberDomain | CategoryDomain:
    if column not in domains:
        raise InputError(
            "which values may occur in it is not declared",
            where=f"column {column!r}",
            remedy="Write down what is known without looking at the data: "
            f"bounds={{{column!r}: [0, 120]}}, or a list of its categories",
        )
    return domains[column]


def _fairness_plan(
    table: Table,
    told: Columns,
    domains: Mapping[str, NumberDomain | CategoryDomain],
    epsilon: float,
) -> tuple[Plan, pd.DataFrame, Roles]:
    """Plan a fairness release, and take the rows that it counts."""
    if told.prediction is None or told.target is None:
        raise InputError(
            "a fairness release counts decisions and true outcomes",
            where="target and prediction",
            remedy="Name both columns: target=…, prediction=…",
        )
    roles, _ = roles_of(table, told)
    axes = tuple(_groups(column, domains, dict(roles.edges), roles) for column in roles.sensitive)
    plan = FairnessPlan(axes, epsilon, positive_is_favourable=told.positive_is_favourable)
    return plan, _outcomes(table, roles), roles


def _groups(
    column: str,
    domains: Mapping[str, NumberDomain | CategoryDomain],
    cuts: Mapping[str, tuple[float, ...]],
    roles: Roles,
) -> CategoryAxis:
    if column in cuts:
        return CategoryAxis(
            column, merged_names(bin_names(cuts[column]), roles.merged_groups, column)
        )
    domain = _declared(column, domains)
    if isinstance(domain, NumberDomain):
        raise InputError(
            "groups are compared, and bounds of numbers name none",
            where=f"bounds of {column!r}",
            remedy=f"Give a list of its groups as texts, or edges={{{column!r}: [25, 60]}}",
        )
    return CategoryAxis(column, merged_names(domain.categories, roles.merged_groups, column))


def _outcomes(table: Table, roles: Roles) -> pd.DataFrame:
    dataset = assign(table, roles)
    dataset.check_groups_given(roles.sensitive)
    assert dataset.predictions is not None
    return outcome_frame(dataset.target, dataset.predictions, dataset.sensitive, roles.sensitive)


def _place(plan: Plan, counted: str) -> str:
    """Name a release by its plan and what it counts, under which the ledger keeps it."""
    return key(counted, (plan, "release from Python"))


def _related(plan: Plan, ledger: Ledger, counted: str) -> tuple[Plan, bool]:
    """Choose the neighbouring relation; the one under which the same was paid before goes first."""
    relations: tuple[Neighbouring, ...] = ("add-or-remove", "replace-one")
    for relation in relations:
        asked = replace(plan, neighbouring=relation)
        if is_paid(ledger, _place(asked, counted)):
            return asked, True
    # That of the ledger's charges, so that it needn't be converted.
    if {charge.neighbouring for charge in ledger.charges} == {"replace-one"}:
        return replace(plan, neighbouring="replace-one"), False
    return plan, False
