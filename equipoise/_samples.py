"""The samples, and lists of what there is to choose from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from core.data.domains import bounds_json
from core.data.roles.merged_groups import merged_groups_to_json
from core.data.samples import SAMPLES
from core.data.samples import load_sample as load_table
from core.learning.learners import LEARNERS
from core.mitigation import MITIGATIONS
from core.registry import Entry
from equipoise import _frames


@dataclass(frozen=True)
class Sample:
    """A data set that comes with Equipoise.

    Attributes
    ----------
    name, title, sentence : str
        The last says what is at stake.
    frame : DataFrame
    roles : dict
        What its columns mean, to be given to :func:`equipoise.audit` by ``**sample.roles``.
    bounds : dict
        Public bounds and categories of its columns, for a private learner.
    caveats : tuple of str
        What must be known before drawing conclusions.
    licence, citation : str
    """

    name: str
    title: str
    sentence: str
    frame: pd.DataFrame
    roles: dict[str, Any]
    bounds: dict[str, Any]
    caveats: tuple[str, ...]
    licence: str
    citation: str

    def __repr__(self) -> str:
        return "\n".join((self._title, self.sentence, self._columns))

    @property
    def _title(self) -> str:
        rows, columns = self.frame.shape
        return f"{self.title}: {rows:,} rows, {columns} columns"

    @property
    def _columns(self) -> str:
        named = {name: self.roles.get(name) for name in ("target", "prediction", "score")}
        parts = [f"{name} {column}" for name, column in named.items() if column]
        return ", ".join([*parts, f"compared by {' and '.join(self.roles['sensitive'])}"])

    def _repr_html_(self) -> str:
        told = (self.sentence, self._columns, *self.caveats, f"{self.licence}. {self.citation}")
        return _frames.page(self._title, _frames.paragraphs(told))


def load_sample(name: str) -> Sample:
    """Load a sample.

    Parameters
    ----------
    name : str
        One of :func:`equipoise.samples`.

    Raises
    ------
    InputError
        If there is no sample of that name.

    Examples
    --------
    >>> import equipoise
    >>> sample = equipoise.load_sample("german_credit")
    >>> sample.frame.shape
    (1000, 22)
    >>> sample.roles["target"], sample.roles["positive_label"]
    ('credit_risk', 'good')
    """
    found = SAMPLES[name]
    roles = found.roles
    record: dict[str, Any] = {
        "target": roles.target,
        "positive_label": roles.positive_label,
        "positive_is_favourable": roles.positive_is_favourable,
        "sensitive": list(roles.sensitive),
        "edges": {column: list(cut) for column, cut in roles.edges},
        "merge_groups": merged_groups_to_json(roles.merged_groups),
    }
    if roles.audits_existing_predictions:
        given = {
            "prediction": roles.prediction, "score": roles.score, "threshold": roles.threshold,
        }  # fmt: skip
        record |= {name: value for name, value in given.items() if value is not None}
    else:
        record["features"] = list(roles.features)
    return Sample(
        found.name,
        found.title,
        found.sentence,
        load_table(name).frame.copy(),
        record,
        bounds_json(found.domains),
        found.caveats,
        found.licence,
        found.citation,
    )


def samples() -> pd.DataFrame:
    """List the samples.

    Examples
    --------
    >>> import equipoise
    >>> list(equipoise.samples().index)
    ['german_credit', 'heart_disease', 'student_performance', 'adult', 'compas', 'hiring']
    """
    return _listed(SAMPLES)


def learners() -> pd.DataFrame:
    """List the learners, and which of them train with a privacy guarantee.

    Examples
    --------
    >>> import equipoise
    >>> bool(equipoise.learners().loc["dp_binned_regression", "private"])
    True
    """
    frame = _listed(LEARNERS)
    return frame.assign(private=[LEARNERS[name].private for name in frame.index])


def mitigations() -> pd.DataFrame:
    """List the mitigations of unfairness.

    Examples
    --------
    >>> import equipoise
    >>> "reweighing" in equipoise.mitigations().index
    True
    """
    return _listed(MITIGATIONS)


def _listed(entries: Any) -> pd.DataFrame:
    rows: list[Entry] = list(entries)
    return pd.DataFrame(
        {"sentence": [" ".join(row.sentence.split()) for row in rows]},
        index=pd.Index([row.name for row in rows], name="name"),
    )
