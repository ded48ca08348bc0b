"""What must be known of any model that was brought, in the words of a notebook."""

from __future__ import annotations

NO_OUTCOMES = (
    "No target is named, so the model's decisions are audited without true outcomes. Performance, "
    "errors, explanations, recourse and mitigations need them: name target=."
)
SEEN = (
    "Whether these rows trained the model isn't known. If they did, its errors are smaller here "
    "than on new people, and gaps in errors may be too."
)
