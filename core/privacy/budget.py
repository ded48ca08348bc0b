"""The privacy budget: a ledger that is charged before noise is drawn, and refuses to overspend.

Definitions
-----------
(ε, δ)-differential privacy: for all neighbouring tables D, D' and all sets S of outputs,
P[M(D) ∈ S] ≤ e^ε · P[M(D') ∈ S] + δ (Dwork and Roth 2014, "The Algorithmic Foundations of
Differential Privacy", definition 2.4). Basic composition (theorem 3.16): the ε and the δ of
successive releases add up.

The unit is one row. Two neighbouring relations occur. "replace-one": one row changes its values,
and the number of rows is public. "add-or-remove": one row is there or not. A replacement is a
removal and an addition, so a mechanism that is (ε, δ) under add-or-remove is
(2ε, (1 + e^ε) δ) under replace-one (group privacy for two, lemma 2.2 and theorem 2.2 there). Mixed
ledgers are stated under replace-one by this rule.
"""

from __future__ import annotations

import fcntl
import json
import math
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, get_args

from core.errors import InputError

Neighbouring = Literal["replace-one", "add-or-remove"]

NEIGHBOURING_SENTENCE: dict[str, str] = {
    "replace-one": "two tables are neighbours if one row has other values; "
    "the number of rows is public",
    "add-or-remove": "two tables are neighbours if one row is in the one and not in the other",
}


class BudgetExceededError(InputError):
    """A charge would overspend the cap, so nothing was charged and nothing may run."""


@dataclass(frozen=True)
class Budget:
    """What may be spent in all: the cap, ε in (0, ∞), δ in [0, 1)."""

    epsilon: float
    delta: float = 0.0

    def __post_init__(self) -> None:
        check_epsilon(self.epsilon)
        check_delta(self.delta)

    def covering(self, charges: tuple[Charge, ...]) -> Budget:
        """Return the budget if it covers what was spent already.

        Raises
        ------
        InputError
            If less is allowed than was spent: what is spent can't be unspent.
        """
        spent = compose(charges)
        if spent.epsilon > self.epsilon * (1 + 1e-9) or spent.delta > self.delta * (1 + 1e-9):
            raise InputError(
                f"ε = {spent.epsilon:g}, δ = {spent.delta:g} are spent already",
                where=f"cap ε = {self.epsilon:g}, δ = {self.delta:g}",
                remedy="A cap can't be set below what was spent",
            )
        return self


@dataclass(frozen=True)
class Charge:
    """One entry of the ledger.

    Attributes
    ----------
    what : str
        The release that it pays for.
    epsilon, delta : float
        Its cost under ``neighbouring``.
    neighbouring : {"replace-one", "add-or-remove"}
    unit : str
        Whose presence is hidden: "row".
    when : str
        UTC time, ISO 8601.
    """

    what: str
    epsilon: float
    delta: float
    neighbouring: Neighbouring
    unit: str = "row"
    when: str = ""


@dataclass(frozen=True)
class Spent:
    """The sum of a ledger by basic composition."""

    epsilon: float
    delta: float
    neighbouring: Neighbouring | None


def check_epsilon(epsilon: float) -> float:
    """Return a valid ε, a finite number above zero; raise InputError for any other."""
    if not (isinstance(epsilon, int | float) and math.isfinite(epsilon) and epsilon > 0):
        raise InputError(
            "epsilon must be a finite number above 0",
            where=f"epsilon = {epsilon!r}",
            remedy="Common choices lie between 0.1 (very private) and 10 (hardly private)",
        )
    return float(epsilon)


def check_delta(delta: float) -> float:
    """Return a valid δ, at least 0 and below 1; raise InputError for any other."""
    if not (isinstance(delta, int | float) and math.isfinite(delta) and 0 <= delta < 1):
        raise InputError(
            "delta must be at least 0 and below 1",
            where=f"delta = {delta!r}",
            remedy="It should be well below one over the number of rows, such as 0.000001",
        )
    return float(delta)


def compose(charges: tuple[Charge, ...]) -> Spent:
    """Add charges up by basic composition.

    Parameters
    ----------
    charges : tuple of Charge

    Returns
    -------
    Spent
        Under the relation that all share, or under "replace-one" if they are mixed.
    """
    relations = {charge.neighbouring for charge in charges}
    if not relations:
        return Spent(0.0, 0.0, None)
    if len(relations) == 1:
        return Spent(
            math.fsum(c.epsilon for c in charges),
            min(1.0, math.fsum(c.delta for c in charges)),
            relations.pop(),
        )
    converted = [_as_replace_one(c) for c in charges]
    return Spent(
        math.fsum(e for e, _ in converted),
        min(1.0, math.fsum(d for _, d in converted)),
        "replace-one",
    )


def _as_replace_one(charge: Charge) -> tuple[float, float]:
    if charge.neighbouring == "replace-one":
        return charge.epsilon, charge.delta
    return 2 * charge.epsilon, (1 + math.exp(charge.epsilon)) * charge.delta


class Ledger:
    """All charges against one cap, kept on disk where a path is given.

    A charge is written before :meth:`charge` returns, so noise is only ever drawn after its cost
    stands on disk; a crash in between leaves the charge standing. Nothing is ever refunded.

    Parameters
    ----------
    budget : Budget
        The cap.
    path : Path, optional
        File of one JSON object a line. Several processes may share it.
    """

    def __init__(self, budget: Budget, path: Path | None = None):
        self.budget = budget
        self._path = path
        self._charges: list[Charge] = []
        self._lock = threading.Lock()

    @property
    def charges(self) -> tuple[Charge, ...]:
        """All charges so far, oldest first."""
        if self._path is None:
            return tuple(self._charges)
        return read_charges(self._path)

    def spent(self) -> Spent:
        """Sum of all charges by basic composition."""
        return compose(self.charges)

    def charge(
        self, what: str, *, epsilon: float, delta: float = 0.0, neighbouring: Neighbouring
    ) -> Charge:
        """Charge the ledger; call this before any noise is drawn.

        Parameters
        ----------
        what : str
            The release that is paid for.
        epsilon : float
            Above 0.
        delta : float
            In [0, 1).
        neighbouring : {"replace-one", "add-or-remove"}

        Returns
        -------
        Charge

        Raises
        ------
        BudgetExceededError
            If the cap would be overspent; nothing is charged then.
        """
        if neighbouring not in get_args(Neighbouring):
            raise ValueError(f"unknown neighbouring relation {neighbouring!r}")
        new = Charge(
            what,
            check_epsilon(epsilon),
            check_delta(delta),
            neighbouring,
            when=datetime.now(UTC).isoformat(timespec="seconds"),
        )
        with self._lock, self._exclusive():
            before = self.charges
            total = compose((*before, new))
            # A relative slack of 1e-9 forgives only the rounding of sums such as 10 × 0.1.
            if total.epsilon > self.budget.epsilon * (
                1 + 1e-9
            ) or total.delta > self.budget.delta * (1 + 1e-9):
                spent = compose(before)
                raise BudgetExceededError(
                    f"it costs ε = {new.epsilon:g}, δ = {new.delta:g}; of the cap "
                    f"ε = {self.budget.epsilon:g}, δ = {self.budget.delta:g} already spent are "
                    f"ε = {spent.epsilon:g}, δ = {spent.delta:g}, and together they would make "
                    f"ε = {total.epsilon:g}, δ = {total.delta:g} ({total.neighbouring})",
                    where=what,
                    remedy="Nothing was charged and nothing was run. Ask for less, or raise the "
                    "cap and record why",
                )
            if self._path is None:
                self._charges.append(new)
            else:
                self._append(new)
        return new

    @contextmanager
    def _exclusive(self) -> Iterator[None]:
        """Hold the file lock, so that two processes cannot both spend the last of the budget."""
        if self._path is None:
            yield
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with open(self._path.with_suffix(".lock"), "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _append(self, charge: Charge) -> None:
        assert self._path is not None
        with open(self._path, "a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(charge), allow_nan=False) + "\n")
            file.flush()
            os.fsync(file.fileno())


def read_charges(path: Path) -> tuple[Charge, ...]:
    """Read a ledger file; empty if there is none yet.

    Raises
    ------
    InputError
        If a line is damaged: a ledger that cannot be read must not count as unspent.
    """
    if not path.exists():
        return ()
    charges = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            charges.append(Charge(**json.loads(line)))
        except (ValueError, TypeError) as error:
            raise InputError(
                "this line of the privacy ledger cannot be read, so what was spent is not known",
                where=f"{path.name} line {number}",
                remedy="Restore the file from a backup; no private release runs until then",
            ) from error
    return tuple(charges)
