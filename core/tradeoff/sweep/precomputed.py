"""Sweeps that are shipped with the samples, so that a demonstration opens in a second.

Each is ``data/sweeps/<sample>.json.gz``, made by ``benchmarks/precomputed_sweeps.py`` from the plan
that stands in it, with the seeds that stand in it. It says so wherever it is shown, and is only
shown for the very rows it was made from, which its fingerprint tells.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import cast

from core.data.dataset import Dataset
from core.data.samples import FOLDER
from core.errors import InputError
from core.learning.split import SPLIT_RULE
from core.storage.json_format import json_form
from core.storage.record_store import RecordKind
from core.tradeoff.sweep.basis import Basis
from core.tradeoff.sweep.grid import Grid
from core.tradeoff.sweep.point import Estimate, SweepPoint


@dataclass(frozen=True)
class PrecomputedSweep:
    """A shipped sweep.

    Attributes
    ----------
    sample, fingerprint : str
        Of the rows it was made from.
    grid : Grid
    basis : Basis
    points : tuple of SweepPoint
    made : str
        Date it was made on, ISO 8601.
    split_rule : str or None
        Rule by which its rows were split, :data:`core.learning.split.SPLIT_RULE` today; None for
        the rule before there were names of rules.
    """

    sample: str
    fingerprint: str
    grid: Grid
    basis: Basis
    points: tuple[SweepPoint, ...]
    made: str
    split_rule: str | None = SPLIT_RULE

    @property
    def label(self) -> str:
        """What must be known of every picture that is made from it."""
        seeds = f"split seeds {_listed(self.grid.split_seeds)}"
        if not self.grid.given:
            seeds += f", noise seeds {_listed(self.grid.noise_seeds)}"
        rule = ""
        if self.split_rule != SPLIT_RULE:
            rule = (
                " Its rows were split by an earlier rule than a training splits them now, so a "
                "setting that is trained here is judged on other rows and has other figures."
            )
        return (
            f"Shipped with the sample {self.sample}: made on {self.made} by "
            f"benchmarks/precomputed_sweeps.py with {seeds}.{rule} {self.basis.label_of(self.grid)}"
        )


# Before there were names of rules, none was written.
json_form(PrecomputedSweep, read=lambda record: {"split_rule": None, **record})
SHIPPED = RecordKind("shipped sweep", PrecomputedSweep, what="the shipped sweep")


def precomputed_sweep(sample: str, dataset: Dataset | None = None) -> PrecomputedSweep | None:
    """Return the shipped sweep of a sample.

    Parameters
    ----------
    sample : str
        Registered name.
    dataset : Dataset, optional
        The rows it is to be shown for.

    Returns
    -------
    PrecomputedSweep or None
        None if none is shipped, or it was made from other rows or roles than these.
    """
    path = path_of(sample)
    if not path.exists():
        return None
    found = _read(path, path.stat().st_mtime_ns)
    if dataset is not None and found.fingerprint != dataset.fingerprint:
        return None
    return found


def path_of(sample: str) -> Path:
    """File of a sample's shipped sweep."""
    return FOLDER / "sweeps" / f"{sample}.json.gz"


def write_precomputed(ready: PrecomputedSweep) -> int:
    """Write a shipped sweep; return its size in bytes."""
    path = path_of(ready.sample)
    path.parent.mkdir(exist_ok=True)
    fields = SHIPPED.to_json(replace(ready, points=tuple(map(_rounded, ready.points))))
    # Without a time stamp, so that equal points make equal files.
    data = gzip.compress(json.dumps(fields, separators=(",", ":")).encode(), 9, mtime=0)
    path.write_bytes(data)
    return len(data)


def all_precomputed(samples: Sequence[str]) -> tuple[PrecomputedSweep, ...]:
    """Shipped sweeps of some samples, where there are any."""
    found = (precomputed_sweep(name) for name in samples)
    return tuple(item for item in found if item is not None)


def _rounded(point: SweepPoint) -> SweepPoint:
    def shorter(value: float | None) -> float | None:
        return None if value is None else round(value, 6)

    figures = {
        name: Estimate(shorter(found.value), shorter(found.error), found.reason)
        for name, found in point.figures.items()
    }
    return replace(point, figures=figures, seconds=round(point.seconds, 3))


@lru_cache(maxsize=8)
def _read(path: Path, modified: int) -> PrecomputedSweep:
    try:
        record = json.loads(gzip.decompress(path.read_bytes()))
        return cast(PrecomputedSweep, SHIPPED.from_json(record))
    except (OSError, EOFError, zlib.error, ValueError) as error:
        raise InputError(
            f"the shipped sweep can't be read ({error})",
            where=path.name,
            remedy="Make it again: python benchmarks/precomputed_sweeps.py",
        ) from error


def _listed(seeds: tuple[int, ...]) -> str:
    return ", ".join(map(str, seeds))
