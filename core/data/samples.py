"""Sample scenarios: shipped data with roles, declared domains, caveats and sources.

Each sample is a table in data/ beside a JSON file of the same name that holds its data
dictionary. Bounds and categories there are declared from the data sets' public documentation,
never computed from rows, so a private learner may use them at no cost. The rows of "hiring" are
synthetic, made by benchmarks/hiring_sample.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from core.data.domains import Domains
from core.data.reading.reading import ReadOptions, read_bytes
from core.data.roles.merged_groups import merged_groups_from_json
from core.data.roles.roles import Roles
from core.data.table import Kind, Table
from core.errors import InputError
from core.installation import ROOT
from core.registry import Registry
from core.storage.json_format import from_json, json_form, json_of

FOLDER = ROOT / "data"
"""Where the samples are."""

NAMES = ("german_credit", "heart_disease", "student_performance", "adult", "compas", "hiring")
"""Samples in the order in which they are shown."""


@dataclass(frozen=True)
class Sample:
    """A sample scenario.

    Attributes
    ----------
    name : str
    title : str
        For people.
    field : str
        "finance", "healthcare", "education", "income", "justice" or "hiring".
    sentence : str
        What is at stake.
    file : str
        Name of the table's file in :data:`FOLDER`.
    sha256 : str
        Of that file, 64 hexadecimal digits.
    roles : Roles
        Sensitive columns are not features.
    domains : Domains
        Declared for every column but the target.
    caveats : tuple of str
        What must be known before drawing conclusions.
    licence, citation : str
    kinds : mapping of str to Kind
        Where the inferred kind would be wrong.
    """

    name: str
    title: str
    field: str
    sentence: str
    file: str
    sha256: str
    roles: Roles
    domains: Domains
    caveats: tuple[str, ...]
    licence: str
    citation: str
    kinds: Mapping[str, Kind]


SAMPLES: Registry[Sample] = Registry("sample")
"""All samples."""


def load_sample(name: str) -> Table:
    """Read a sample's table.

    Raises
    ------
    InputError
        If there is no sample of that name, or its file is gone.
    """
    sample = SAMPLES[name]
    file = FOLDER / sample.file
    try:
        data = file.read_bytes()
    except OSError:
        raise InputError(
            "the sample's file is gone", where=str(file), remedy="Restore the data folder"
        ) from None
    table = _read(name, data)
    # A frame of its own for each caller; what neither changes is shared.
    return replace(table, frame=table.frame.copy(deep=False))


@lru_cache(maxsize=8)
def _read(name: str, data: bytes) -> Table:
    sample = SAMPLES[name]
    # Its own size is the limit: a sample loads however small the limit for uploads is.
    options = ReadOptions(max_bytes=max(50_000_000, len(data)))
    return read_bytes(data, sample.file, source="sample", options=options, kinds=sample.kinds)


def sample_for(sha256: str) -> Sample | None:
    """Find the sample whose file has this SHA-256, so that an identical upload gets its roles."""
    for sample in SAMPLES:
        if sample.sha256 == sha256:
            return sample
    return None


def _as_fields(record: Mapping[str, Any]) -> dict[str, Any]:
    """Turn what is written by column for people into lists of numbers with a fraction."""
    roles = dict(record["roles"])
    roles["edges"] = [[name, [*map(float, at)]] for name, at in roles.get("edges", {}).items()]
    roles["together"] = merged_groups_from_json(roles.get("together", {}))
    if "threshold" in roles:
        roles["threshold"] = float(roles["threshold"])
    domains = [
        [name, item["categories"]]
        if "categories" in item
        else [name, float(item["low"]), float(item["high"])]
        for name, item in record["domains"].items()
    ]
    return {**record, "roles": roles, "domains": {"items": domains}}


json_form(Sample, read=_as_fields)
for _name in NAMES:
    _file = FOLDER / f"{_name}.json"
    SAMPLES.add(from_json(Sample, json_of(_file.read_bytes(), _file.name), _file.name))
