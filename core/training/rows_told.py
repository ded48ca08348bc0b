"""What rows of a model are called: "test rows" says that the model never saw them.

Of a model made elsewhere that is most often not known. All rows may judge it then, and rows that an
explanation compares with are no training rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.training.external_split import trained_on_is_known

if TYPE_CHECKING:
    from core.training.spec import TrainingSpec


def judging_rows(spec: TrainingSpec) -> str:
    """Name the rows that judge a model: "test rows", or "audited rows" where it may know them."""
    return "test rows" if trained_on_is_known(spec) else "audited rows"


def judging_part(rows: int, of: int, spec: TrainingSpec) -> str:
    """Say how many of the rows that judge a model were taken: all of them, or a random sample."""
    name = judging_rows(spec)
    return f"all {rows:,} {name}" if rows >= of else f"a random sample of {rows:,} {name}"


def a_judging_row(spec: TrainingSpec) -> str:
    """Name one of the rows that judge a model: "a test row"."""
    return "a test row" if trained_on_is_known(spec) else "an audited row"


def comparison_rows(spec: TrainingSpec) -> str:
    """Name the rows that explanations compare with: "training rows", or "rows of the table"."""
    return "training rows" if trained_on_is_known(spec) else "rows of the table"


def never_saw(spec: TrainingSpec) -> str:
    """Say whether a model may have been trained on the rows that judge it, as a clause."""
    if trained_on_is_known(spec):
        return "which the model never saw"
    return "which may or may not have trained the model"
