"""The ledger that a call spends from, and refusals that say what a caller of Python can do."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from core.cli.audit_budget import choose
from core.data.identity import identity
from core.data.table import Table
from core.errors import InputError
from core.external_models.model_task import AnotherTaskError
from core.ledger.ledgers import cap_of, needs_reason, open_ledger, set_cap
from core.ledger.near import NearCopyError, know
from core.privacy.accounting.budget import Budget, BudgetExceededError
from core.privacy.accounting.ledger import Ledger
from core.storage.workspace import default_root
from core.training.paid_bounds import NothingLearnedError


@dataclass(frozen=True)
class Spending:
    """What a call may spend, as a caller says it; see :func:`equipoise.audit`."""

    cap: Budget | None = None
    reason: str = ""
    charge_to: str | None = None
    apart_because: str | None = None

    @property
    def is_asked_for(self) -> bool:
        """Whether anything but a default was said."""
        return self != Spending()

    def ledger(self, table: Table, costs: Budget) -> Ledger:
        """Open the ledger of the data set, which pages and commands charge too.

        Parameters
        ----------
        table : Table
        costs : Budget
            Of this call: the cap of a data set that has none yet.

        Raises
        ------
        InputError
            If the cap can't be set, or most of these rows were spent on before and nothing is
            chosen; no cap is set then.
        """
        if self.charge_to is not None and self.apart_because is not None:
            raise InputError(
                "one of them would be ignored",
                where="charge_to and apart_because",
                remedy="Charge another ledger, or give a reason for a budget apart",
            )
        root, data = default_root(), identity(table)
        know(root, data, lambda: table)
        choose(root, data, Namespace(charge_to=self.charge_to, apart_because=self.apart_because))
        self._set_cap(root, data, costs)
        ledger = open_ledger(root, data)
        assert ledger is not None
        return ledger

    def _set_cap(self, root: Path, data: str, costs: Budget) -> None:
        if self.cap is None:
            if self.reason:
                raise InputError(
                    "no cap is given, so it would be ignored",
                    where="reason",
                    remedy="Give cap=Budget(…) too, or leave it out",
                )
            if cap_of(root, data) is None:
                set_cap(root, data, costs)
            return
        if needs_reason(root, data, self.cap) and not self.reason.strip():
            raise InputError(
                "something was spent before, so raising it needs a reason, which is kept",
                where=f"cap ε = {self.cap.epsilon:g}, δ = {self.cap.delta:g}",
                remedy="Say why more may be known about these people than was settled before: "
                "reason='…'",
            )
        set_cap(root, data, self.cap, reason=self.reason)


@contextmanager
def named_in_python() -> Iterator[None]:
    """Give refusals the remedies of a caller, where core's are for every place that calls it.

    Raises
    ------
    InputError
        In place of one that has another way out on a page and on the command line.
    """
    try:
        yield
    except NearCopyError as error:
        raise _remedied(
            error,
            f"Nothing was charged. Charge that ledger, charge_to='{error.near.data[:12]}', or say "
            "why these rows have a budget of their own, apart_because='…'",
        ) from None
    except BudgetExceededError as error:
        raise _remedied(
            error,
            "Nothing was charged and nothing was run. Give a smaller epsilon=, or raise the cap "
            "and say why: cap=Budget(…), reason='…'",
        ) from None
    except AnotherTaskError as error:
        raise _remedied(
            error, f"Audit what it answers: equipoise.audit(…, task={error.task!r})"
        ) from None
    except NothingLearnedError as error:
        raise _remedied(
            error,
            "Declare bounds and categories of these columns, as far as they are known without "
            "looking at the data: bounds={'age': [0, 120], 'city': ['north', 'south']}",
        ) from None


def _remedied(error: InputError, remedy: str) -> InputError:
    return InputError(error.problem, where=error.where, remedy=remedy)
