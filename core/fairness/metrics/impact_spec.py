"""What whoever audits decides about impact ratios: the reference, and who is left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from core.errors import InputError

HIGHEST, REST = "highest", "rest"

Base = Literal["all", "known"]
BASES: dict[Base, str] = {"all": "all rows", "known": "rows of known group"}
"""What a share of the rows is a share of."""

TWO_PER_CENT = 0.02
"""6 RCNY § 5-301(d): a category with less than this share may be left out."""


@dataclass(frozen=True)
class ImpactSpec:
    """How groups are compared in a table of impact ratios.

    Attributes
    ----------
    reference : {"highest", "rest"}
        The group with the highest rate, or all other groups together.
    groups : tuple of str
        Names of groups that are the reference where they are in a table ("Male", "White"); in a
        table without one of them it is as ``reference`` says.
    smallest_share : float
        In [0, 0.5): groups with strictly less than this share of the base are shown with count and
        rate; they are neither reference nor compared. 0 leaves none out.
    reason : str
        Why, in the auditor's words; needed where any may be left out.
    base : {"all", "known"}
        Whether rows of unknown group count in the base.
    compare_unknown : bool
        Whether rows of unknown group are compared as if they were a group.
    """

    reference: str = HIGHEST
    groups: tuple[str, ...] = ()
    smallest_share: float = 0.0
    reason: str = ""
    base: Base = "all"
    compare_unknown: bool = False

    def __post_init__(self) -> None:
        if self.reference not in (HIGHEST, REST):
            raise InputError(
                "there is no such reference",
                where=self.reference,
                remedy=f"Choose {HIGHEST}, {REST} or the name of a group",
            )
        if self.base not in BASES:
            raise InputError(
                "there is no such base of shares",
                where=str(self.base),
                remedy=f"Choose one of: {', '.join(BASES)}",
            )
        if not 0 <= self.smallest_share < 0.5:
            raise InputError(
                "the smallest share of rows must lie from 0 to below 0.5",
                where=f"smallest share = {self.smallest_share:g}",
                remedy="Give one such as 0.02, or 0 to leave no group out",
            )
        if self.smallest_share and not self.reason.strip():
            raise InputError(
                "groups are left out of the ratios only for a reason, which is kept",
                where=f"smallest share = {self.smallest_share:g}",
                remedy="Say why these groups can't be compared",
            )

    @property
    def told(self) -> tuple[str, ...]:
        """The reference as a person writes it; nothing for the highest rate."""
        return (*((self.reference,) if self.reference != HIGHEST else ()), *self.groups)

    @property
    def shares(self) -> ImpactSpec:
        """Only who is left out and why: of a table whose reference is always the highest rate."""
        return ImpactSpec(smallest_share=self.smallest_share, reason=self.reason, base=self.base)

    def chosen_in(self, names: Sequence[str]) -> str | None:
        """Find which of a table's groups is the chosen reference; None where none is.

        Raises
        ------
        InputError
            If two of them are chosen.
        """
        found = [name for name in self.groups if name in names]
        if len(found) > 1:
            raise InputError(
                "both are groups of one table, and only one can be its reference",
                where=" and ".join(found),
                remedy="Choose one of them",
            )
        return found[0] if found else None

    def to_json(self) -> dict[str, Any]:
        """As it stands in JSON."""
        return asdict(self) | {"groups": list(self.groups)}


DEFAULT = ImpactSpec()
"""All known groups against the one with the highest rate."""


def impact_spec(reference: str | tuple[str, ...] = (), **more: Any) -> ImpactSpec:
    """Make a spec of what a person wrote: each reference a mode or the name of a group.

    Parameters
    ----------
    reference : str or tuple of str
        "highest", "rest", or names of groups.
    **more
        Other fields of :class:`ImpactSpec`.

    Raises
    ------
    InputError
        If it names both modes, or a field is out of range.
    """
    told = (reference,) if isinstance(reference, str) else reference
    modes = tuple(dict.fromkeys(name for name in told if name in (HIGHEST, REST)))
    if len(modes) > 1:
        raise InputError(
            "only one of them can be the reference", where=" and ".join(modes),
            remedy="Choose one",
        )  # fmt: skip
    groups = tuple(name for name in told if name not in (HIGHEST, REST))
    return ImpactSpec(modes[0] if modes else HIGHEST, groups, **more)
