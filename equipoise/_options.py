"""What may be said to :func:`equipoise.audit`, for type checkers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from os import PathLike
from typing import Literal, Required, TypedDict

from core.privacy.accounting.budget import Budget
from equipoise._bias_audit import BiasAudit


class OutcomeOptions(TypedDict, total=False):
    """Of every audit."""

    sensitive: Required[str | Sequence[str]]
    target: str | None
    prediction: str | None
    estimator: object | None
    features: Sequence[str] | None
    identifier: str | Sequence[str]
    weight: str | None
    edges: Mapping[str, Sequence[float]] | None
    merge_groups: Mapping[str, Mapping[str, Sequence[str]]] | None
    one_hot: Mapping[str, Sequence[str]] | None
    inputs: Mapping[str, str | None] | None
    accept_inputs: bool
    estimator_calls: int | None
    estimator_batch: int | None
    trained_on: tuple[str, object] | None
    earlier_scores: str | None
    matching: str | PathLike[str] | None
    accept_types: Sequence[str]
    accepted_by: str
    class_labels: Mapping[str, object] | None
    caveats: Sequence[str]
    name: str


class AuditOptions(OutcomeOptions, total=False):
    """Of an audit of decisions of two labels, or of a model that is trained."""

    positive_is_favourable: bool
    target_records: Literal["decisions", "outcomes"] | None
    score: str | None
    threshold: float | None
    learner: str | None
    mitigation: str
    epsilon: float | None
    delta: float
    bounds: Mapping[str, Sequence[object]] | None
    cap: Budget | None
    reason: str
    charge_to: str | None
    apart_because: str | None
    seed: int
    explain: int
    impact_reference: str | Sequence[str]
    smallest_share: float
    share_reason: str
    share_base: Literal["all", "known"]
    compare_unknown: bool
    bias_audit: BiasAudit | None
    positive_class: object
    estimator_threshold: float | None
