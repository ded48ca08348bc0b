"""What the functions of ``import equipoise`` return, for type hints and to read about."""

from core.audit.finding import Finding
from equipoise._comparison_result import ComparisonResult
from equipoise._gate import GateResult
from equipoise._outcomes_result import MulticlassResult, RegressionResult
from equipoise._release_result import ReleaseResult
from equipoise._result import AuditResult, FairnessResult
from equipoise._samples import Sample
from equipoise._what_if import WhatIfResult

__all__ = [
    "AuditResult",
    "ComparisonResult",
    "FairnessResult",
    "Finding",
    "GateResult",
    "MulticlassResult",
    "RegressionResult",
    "ReleaseResult",
    "Sample",
    "WhatIfResult",
]
