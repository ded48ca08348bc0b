"""What an audit trains, and the ledger that a private training is charged to."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.cli.audit_budget import choose
from core.data.domains import Domains, declared_domain
from core.data.identity import identity
from core.data.roles.assign import assign
from core.data.roles.roles import Roles
from core.data.table import Table
from core.errors import InputError
from core.learning.learners import LEARNERS
from core.ledger.ledgers import cap_of, open_ledger, set_cap
from core.ledger.near import know
from core.privacy.accounting.budget import Budget
from core.privacy.accounting.ledger import Ledger
from core.storage.workspace import default_root
from core.training.spec import TrainingSpec
from core.training.training import check_private
from equipoise._columns import check_columns


@dataclass(frozen=True)
class Training:
    """How to train, as a caller says it; see :func:`equipoise.audit`."""

    learner: str | None
    mitigation: str
    epsilon: float | None
    delta: float
    bounds: Mapping[str, Sequence[object]] | None
    cap: Budget | None
    reason: str
    seed: int

    @property
    def is_asked_for(self) -> bool:
        """Whether anything but a default was said."""
        return (
            self.learner is not None
            or self.mitigation != "none"
            or self.epsilon is not None
            or self.bounds is not None
            or self.cap is not None
        )


def spec_of(table: Table, asked: Training) -> TrainingSpec:
    """Say what is trained.

    Raises
    ------
    InputError
        If something would be ignored, or a private learner lacks its ε.
    """
    name = asked.learner or "logistic_regression"
    private = LEARNERS[name].private
    if private and asked.epsilon is None:
        raise InputError(
            f"{name} is private, and how much it may reveal isn't said",
            where="epsilon",
            remedy="Give epsilon=, such as 1.0",
        )
    for option in ("epsilon", "bounds", "cap"):
        if not private and getattr(asked, option) is not None:
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
    )


def ledger_of(table: Table, roles: Roles, spec: TrainingSpec, asked: Training) -> Ledger | None:
    """Open the ledger of the data set, which pages and commands charge too; None if not private.

    Raises
    ------
    InputError
        If the training would be refused, the cap can't be set, or most of these rows were spent on
        before.
    """
    if spec.epsilon is None:
        return None
    # A run that is refused must not leave a cap behind.
    check_private(assign(table, roles), spec)
    root, data = default_root(), identity(table)
    know(root, data, lambda: table)
    choose(root, data, Namespace())
    if asked.cap is not None:
        set_cap(root, data, asked.cap, reason=asked.reason)
    elif cap_of(root, data) is None:
        set_cap(root, data, Budget(spec.epsilon, spec.delta or 0.0))
    return open_ledger(root, data)
