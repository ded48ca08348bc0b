"""Equipoise: an ethics audit for tabular machine learning.

>>> import equipoise
>>> sample = equipoise.load_sample("compas")
>>> result = equipoise.audit(sample.frame, **sample.roles, caveats=sample.caveats)
>>> result.findings[0].severity
'high'

A notebook shows a result as tables; ``result.to_frame()`` has every figure, and
``result.report("audit.html")`` writes the report. What can't be used raises :class:`InputError`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.audit.finding import Finding
    from core.errors import InputError
    from core.privacy.accounting.budget import Budget
    from equipoise._audit import audit, compare, fairness
    from equipoise._result import AuditResult, ComparisonResult, FairnessResult
    from equipoise._samples import Sample, learners, load_sample, mitigations, samples

__all__ = [
    "AuditResult",
    "Budget",
    "ComparisonResult",
    "FairnessResult",
    "Finding",
    "InputError",
    "Sample",
    "audit",
    "compare",
    "fairness",
    "learners",
    "load_sample",
    "mitigations",
    "samples",
]
__version__ = "0.1.0"

_MODULES = {
    "_audit": ("audit", "compare", "fairness"),
    "_result": ("AuditResult", "Budget", "ComparisonResult", "FairnessResult", "Finding"),
    "_samples": ("Sample", "learners", "load_sample", "mitigations", "samples"),
    "_columns": ("InputError",),
}


def __getattr__(name: str) -> Any:
    # Found when asked for: a child process that reads a file imports this package too, and needs
    # none of the libraries that learn.
    for module, held in _MODULES.items():
        if name in held:
            return getattr(import_module(f"{__name__}.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
