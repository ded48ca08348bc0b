"""On what rows a sweep runs, and what that does to privacy: said on every picture.

A sweep trains dozens of private models. On rows that a privacy budget protects it either *spends*,
each private model with fresh noise and charged before, or it runs as a *simulation* on rows that
need no protection: public ones, a shipped sample that stands in, or synthetic rows from
what was declared. Rows of an audit that makes no guarantee may be simulated on too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from core.data.dataset import Dataset
from core.data.domains import Domains
from core.data.samples import SAMPLES
from core.errors import InputError
from core.learning.given_score import with_given_score
from core.tradeoff.sweep.accuracy_guidance import public_sample_rows
from core.tradeoff.sweep.synthetic import synthetic_rows

if TYPE_CHECKING:
    from core.tradeoff.sweep.grid import Grid

Kind = Literal["public", "own", "stand_in", "made_up", "spend"]

MOST_LETTERS = 300
"""Of the reason why rows are public: it stands within every picture."""

TITLES: dict[Kind, str] = {
    "public": "These rows, which are public",
    "own": "These rows, without any guarantee",
    "stand_in": "A public sample that stands in",
    "made_up": "Synthetic rows from the declared domains",
    "spend": "These rows, and pay from the budget",
}


@dataclass(frozen=True)
class Basis:
    """On what a sweep runs.

    Attributes
    ----------
    kind : {"public", "own", "stand_in", "made_up", "spend"}
    sample : str
        Of a stand-in: its registered name.
    rows : int
        Of a stand-in or synthetic rows: about how many.
    declared_by, declared_on, because : str
        Of public rows that are no sample's: who declares them public, the date and why.
    """

    kind: Kind
    sample: str = ""
    rows: int = 0
    declared_by: str = ""
    declared_on: str = ""
    because: str = ""

    @property
    def spends(self) -> bool:
        """Whether private models are charged, with fresh noise."""
        return self.kind == "spend"

    @property
    def label(self) -> str:
        """What must be known of every picture that is made from it, in one or two sentences."""
        simulated = "noise was drawn from seeds and nothing was charged, so nothing is guaranteed"
        if self.kind == "public":
            return f"A simulation on rows that were declared public{self._declared}: {simulated}."
        if self.kind == "own":
            return (
                f"A simulation on the rows of this audit, which gives no privacy guarantee: "
                f"{simulated}. Keep it within the team that may see the data."
            )
        if self.kind == "stand_in":
            return (
                f"A simulation on the public sample {self.sample}, and not on the "
                f"rows of this audit: {simulated}."
            )
        if self.kind == "made_up":
            return (
                f"A simulation on {self.rows:,} synthetic rows drawn from declared bounds and "
                f"categories, and not on the rows of this audit: {simulated}. It shows what noise "
                "does, not how accurate or fair a model of real people is."
            )
        return (
            "Private models were trained on the rows of this audit with fresh noise, each charged "
            "to the budget before. Ordinary models beside them have no guarantee. All figures were "
            "measured on raw test rows and are not covered; keep them within the team that may see "
            "the data."
        )

    @property
    def _rows(self) -> str:
        if self.kind == "public":
            return "rows that were declared public" + self._declared
        return "the rows of this audit; keep it within the team that may see them"

    @property
    def _declared(self) -> str:
        who = f" by {self.declared_by}" if self.declared_by else ""
        who += f" on {self.declared_on}" if self.declared_on else ""
        return who + (f" because {self.because.rstrip('.')}" if self.because else "")

    def label_of(self, grid: Grid) -> str:
        """Return the label of a sweep, with whom its private models hide."""
        if grid.external is not None:
            return (
                f"{grid.external.name}, a model made elsewhere (SHA-256 "
                f"{grid.external.sha256[:12]}…), decided by in other ways on {self._rows}. Nothing "
                "was trained, and what the model itself gives away is not known."
            )
        if grid.given:
            return (
                f"An existing score, decided by in other ways on {self._rows}. Nothing was "
                "trained, and what the score itself gives away is not known."
            )
        if self.spends:
            return f"{self.label} The guarantee of each private model is to {grid.protected}."
        if grid.person is None:
            return self.label
        return (
            f"{self.label} There is as much noise as a guarantee to {grid.protected} takes; "
            "ordinary models use the same rows."
        )


def allowed(*, public: bool, guaranteed: bool, given: bool = False) -> tuple[Kind, ...]:
    """Say on what a sweep of an audit may run, the best first.

    Parameters
    ----------
    public : bool
        Whether the audit's rows are public, as those of a sample are.
    guaranteed : bool
        Whether a privacy budget protects them.
    given : bool
        Whether an existing score is audited, so that no private model is trained.
    """
    if given:
        return ("public",) if public else ("own",)
    if public:
        return ("public", "spend") if guaranteed else ("public",)
    if guaranteed:
        return ("stand_in", "made_up", "spend")
    return ("own", "stand_in")


def rows_of(
    basis: Basis, dataset: Dataset, domains: Domains | None
) -> tuple[Dataset, Domains | None]:
    """Return the rows that a sweep runs on, and their declared domains.

    Parameters
    ----------
    basis : Basis
    dataset : Dataset
        Of the audit.
    domains : Domains or None
        Declared for it.

    Raises
    ------
    InputError
        If there is no such sample, or rows can't be made up; or if existing predictions are
        audited and they have no score, or are to be swept on other rows.
    """
    if dataset.roles.audits_existing_predictions:
        if basis.kind not in ("public", "own"):
            raise InputError(
                "existing predictions are looked at as they are, and no private model is trained",
                where=f"rows to sweep on: {basis.kind}",
                remedy="Choose these rows",
            )
        return with_given_score(dataset), domains
    if basis.kind == "stand_in":
        return public_sample_rows(basis.sample, basis.rows), SAMPLES[basis.sample].domains
    if basis.kind == "made_up":
        if domains is None:
            raise InputError(
                "no bounds and categories are declared to make rows up from",
                where="synthetic rows",
                remedy="Declare them on the budget page, or choose a public sample",
            )
        return synthetic_rows(dataset.roles, domains, basis.rows), domains
    return dataset, domains
