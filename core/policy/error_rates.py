"""How often the presets err, as benchmarks/policy.py measured it: one file, told in many places.

A row of figures belongs to the very criteria that were measured, by their SHA-256: criteria that a
person changed have none.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from core.policy.policy import Policy
from core.policy.policy_toml import digest

FILE = Path(__file__).parent / "error_rates.json"


@dataclass(frozen=True)
class Share:
    """Tables or samples of one population that are not met.

    Attributes
    ----------
    told : str
        What they are: "rate of decisions 0.46".
    number, not_met : int
    """

    told: str
    number: int
    not_met: int

    @property
    def share(self) -> float:
        """Of them that are not met."""
        return self.not_met / self.number


@dataclass(frozen=True)
class Samples:
    """Verdicts on samples of one population.

    Attributes
    ----------
    size : int
        People of each group, or members and as many others.
    gap : float
        The true one.
    number, met, not_met : int
        Of samples; the others lack evidence.
    """

    size: int
    gap: float
    number: int
    met: int
    not_met: int

    @property
    def lacking(self) -> int:
        """Samples without enough evidence."""
        return self.number - self.met - self.not_met

    @property
    def pairs(self) -> int:
        """Ordered pairs of two samples."""
        return self.number * (self.number - 1)

    @property
    def opposed(self) -> float:
        """Share of pairs of which one is met and the other not."""
        return 2 * self.met * self.not_met / self.pairs

    @property
    def opposed_if_decisive(self) -> float | None:
        """Share of them among pairs that are met or not met both; None where there is none."""
        decisive = self.met + self.not_met
        pairs = decisive * (decisive - 1)
        return 2 * self.met * self.not_met / pairs if pairs else None

    @property
    def differing(self) -> float:
        """Share of pairs with different verdicts of any kind."""
        same = sum(n * (n - 1) for n in (self.met, self.not_met, self.lacking))
        return 1 - same / self.pairs

    @property
    def is_short(self) -> bool:
        """Whether evidence is short: most samples are neither met nor not met."""
        return self.lacking > self.number / 2


@dataclass(frozen=True)
class ErrorRates:
    """What was measured of one policy.

    Attributes
    ----------
    policy : str
    measured : str
        ISO 8601 date.
    of : str
        What was drawn, in one sentence.
    alike : tuple of Share
        Tables without any difference.
    planted : tuple of Share
        Samples with a gap of 10 points between 500 people each.
    samples : tuple of Samples
    """

    policy: str
    measured: str
    of: str
    alike: tuple[Share, ...]
    planted: tuple[Share, ...]
    samples: tuple[Samples, ...]

    @property
    def sentences(self) -> tuple[str, ...]:
        """The figures that matter most, each in a sentence."""
        found = [f"{self.of} Measured on {self.measured}."]
        if self.alike:
            found.append(
                f"Of {self.alike[0].number:,} tables of 1,000 rows without any difference "
                f"{_ends(self.alike)} are not met."
            )
        if self.planted:
            found.append(
                "Of samples with a gap of 10 points between 500 people of each group "
                f"{_ends(self.planted)} are not met."
            )
        if self.samples:
            outside = [s for s in self.samples if not s.is_short]
            worst = max(self.samples, key=lambda s: s.opposed)
            decisive = max((s.opposed_if_decisive or 0.0 for s in outside), default=None)
            found.append(
                "Two samples of one population are judged to the contrary, one met and the other "
                f"not met, in at most {worst.opposed:.1%} of pairs (gap {worst.gap:g}, "
                f"{worst.size:,} each)"
                + (
                    "."
                    if decisive is None
                    else f"; where most samples are judged, in at most {decisive:.1%} of pairs "
                    "that are judged both."
                )
            )
        return tuple(found)


def error_rates(policy: Policy) -> ErrorRates | None:
    """Return what was measured of these very criteria; None where nothing was."""
    told = digest(policy)
    return next((found for of, found in _read() if of == told), None)


HEAD = (
    "each group",
    "gap",
    "met",
    "not met",
    "not enough evidence",
    "opposed, of all",
    "of judged both",
    "differing",
)


"""Of all pairs of samples, and of pairs that are judged both, one is met and the other not met;
differing are pairs of any two verdicts.
"""


def rows(found: ErrorRates) -> list[tuple[str, ...]]:
    """Lay the samples out under :data:`HEAD`."""
    return [
        (
            f"{s.size:,}",
            f"{s.gap:g}",
            *(f"{n / s.number:.1%}" for n in (s.met, s.not_met, s.lacking)),
            f"{s.opposed:.1%}",
            "none" if s.opposed_if_decisive is None else f"{s.opposed_if_decisive:.1%}",
            f"{s.differing:.1%}",
        )
        for s in found.samples
    ]


def _ends(shares: tuple[Share, ...]) -> str:
    found = sorted(f"{item.share:.1%}" for item in shares)
    ordered = sorted(found, key=lambda text: float(text[:-1]))
    if ordered[0] == ordered[-1]:
        return ordered[0]
    return f"{ordered[0]} to {ordered[-1]}, by the rate of decisions,"


@cache
def _read() -> tuple[tuple[str, ErrorRates], ...]:
    record: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return tuple(
        (
            item["sha256"],
            ErrorRates(
                name,
                record["measured"],
                item["of"],
                tuple(Share(*row) for row in item["alike"]),
                tuple(Share(*row) for row in item["planted"]),
                tuple(Samples(*row) for row in item["samples"]),
            ),
        )
        for name, item in record["policies"].items()
    )
