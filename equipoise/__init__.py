"""Equipoise: an ethics audit for tabular machine learning.

>>> import equipoise
>>> sample = equipoise.load_sample("compas")
>>> result = equipoise.audit(sample.frame, **sample.roles, caveats=sample.caveats)
>>> result.findings[0].severity
'high'

A notebook shows a result as tables; ``result.to_frame()`` has every figure, and
``result.report("audit.html")`` writes the report. What can't be used raises :class:`InputError`.
What the functions return stands in :mod:`equipoise.results`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.audit.finding import Finding as Finding
    from core.errors import InputError
    from core.privacy.accounting.budget import Budget
    from equipoise import results
    from equipoise._audit import audit
    from equipoise._bias_audit import BiasAudit
    from equipoise._comparison import compare
    from equipoise._comparison_result import ComparisonResult as ComparisonResult
    from equipoise._fairness import fairness
    from equipoise._release import private_release
    from equipoise._result import AuditResult as AuditResult
    from equipoise._result import FairnessResult as FairnessResult
    from equipoise._samples import Sample as Sample
    from equipoise._samples import learners, load_sample, mitigations, samples

__all__ = [
    "BiasAudit",
    "Budget",
    "InputError",
    "audit",
    "compare",
    "fairness",
    "learners",
    "load_sample",
    "mitigations",
    "private_release",
    "results",
    "samples",
]
__version__ = "0.1.0"

_MODULES = {
    "_audit": ("audit",),
    "_bias_audit": ("BiasAudit",),
    "_comparison": ("compare",),
    "_fairness": ("fairness",),
    "_release": ("private_release",),
    "_samples": ("learners", "load_sample", "mitigations", "samples"),
    "_columns": ("InputError",),
    "_spending": ("Budget",),
    # Names of results stood here before they had a module of their own.
    "results": ("AuditResult", "ComparisonResult", "FairnessResult", "Finding", "Sample"),
}


def __getattr__(name: str) -> Any:
    # Found when asked for: a child process that reads a file imports this package too, and needs
    # none of the libraries that learn.
    if name == "results":
        return import_module(f"{__name__}.results")
    for module, held in _MODULES.items():
        if name in held:
            return getattr(import_module(f"{__name__}.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
