"""Checks: each looks at an audit and yields coded findings.

A new check is one function under ``@registered(...)`` in the module of its family; a new family is
one module here, and its code in :data:`core.audit.checks.registry.FAMILIES`.
"""

from core.audit.checks import (  # noqa: F401 (importing a family registers its checks)
    attacks,
    constant,
    data,
    explanation,
    fairness,
    groups,
    mitigation,
    mitigation_effect,
    performance,
    privacy,
    repeats,
    selection,
)
from core.audit.checks.registry import CHECKS, Check, check_all, registered

__all__ = ["CHECKS", "Check", "check_all", "registered"]
