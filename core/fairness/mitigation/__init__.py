"""Mitigations of bias: before, during and after training, with identity.

Importing this package registers all of them in :data:`MITIGATIONS`.
"""

from core.fairness.mitigation.registry import MITIGATIONS, Decider, Mitigation, Part, Task

# In the order in which people should meet them.
# isort: off
from core.fairness.mitigation import before
from core.fairness.mitigation import during
from core.fairness.mitigation import after
# isort: on

__all__ = ["MITIGATIONS", "Decider", "Mitigation", "Part", "Task", "after", "before", "during"]
