"""What an audit trains, and what of it is charged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.data.assign import assign
from core.data.domains import Domains, declared_domain
from core.data.roles.roles import Roles
from core.data.table import Table
from core.errors import InputError
from core.external_models.external_spec import ExternalSpec
from core.learning.learners import LEARNERS
from core.privacy.accounting.budget import Budget
from core.privacy.accounting.ledger import Ledger
from core.training.spec import TrainingSpec
from core.training.training import check_private
from equipoise._columns import check_columns
from equipoise._spending import Spending


@dataclass(frozen=True)
class Training:
    """How to train, as a caller says it; see :func:`equipoise.audit`."""

    learner: str | None
    mitigation: str
    epsilon: float | None
    delta: float
    bounds: Mapping[str, Sequence[object]] | None
    spending: Spending
    seed: int

    @property
    def is_asked_for(self) -> bool:
        """Whether anything but a default was said."""
        return (
            self.learner is not None
            or self.mitigation != "none"
            or self.epsilon is not None
            or self.bounds is not None
            or self.spending.is_asked_for
        )


def spec_of(table: Table, asked: Training, external: ExternalSpec | None = None) -> TrainingSpec:
    """Say what is trained, or which model made elsewhere is asked instead.

    Raises
    ------
    InputError
        If something would be ignored, or a private learner lacks its ε.
    """
    if external is not None and asked.learner is not None:
        raise InputError(
            "the estimator is asked as it is, so nothing is trained",
            where=f"learner {asked.learner!r}",
            remedy="Leave one of the two out",
        )
    name = asked.learner or ("external_model" if external else "logistic_regression")
    private = LEARNERS[name].private
    if private and asked.epsilon is None:
        raise InputError(
            f"{name} is private, and how much it may reveal isn't said",
            where="epsilon",
            remedy="Give epsilon=, such as 1.0",
        )
    given = {
        "epsilon": asked.epsilon is not None,
        "bounds": asked.bounds is not None,
        "cap, reason, charge_to or apart_because": asked.spending.is_asked_for,
    }
    for option, is_given in given.items():
        if not private and is_given:
            raise InputError(
                f"{name} is not private, so this would be ignored",
                where=option,
                remedy="Leave it out, or choose a private model, see learners()",
            )
    domains = None
    if asked.bounds is not None:
        check_columns(table, list(asked.bounds), "bounds")
        domains = Domains(
            tuple(declared_domain(name, list(item)) for name, item in asked.bounds.items())
        )
    return TrainingSpec(
        name,
        asked.mitigation,
        epsilon=asked.epsilon,
        delta=asked.delta if private else None,
        domains=domains,
        seed=asked.seed,
        external=external,
    )


def ledger_of(
    table: Table, roles: Roles, spec: TrainingSpec, asked: Training, plain: Table
) -> Ledger | None:
    """Open the ledger of the data set; None if the training is not private.

    The data set is the table as it was given, ``plain``, whatever was put together in it.

    Raises
    ------
    InputError
        If the training would be refused, or the ledger can't be charged.
    """
    if spec.epsilon is None:
        return None
    # A run that is refused must not leave a cap behind.
    check_private(assign(table, roles), spec)
    return asked.spending.ledger(plain, Budget(spec.epsilon, spec.delta or 0.0))
