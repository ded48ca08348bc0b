"""The model behind a decider, where reading it explains the decider's score."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.learning.models import EncodedModel


def explained_model(decider: Any) -> EncodedModel | None:
    """Return the model whose score of a raw row is the decider's, and whose parts tell features.

    Parameters
    ----------
    decider : Decider

    Returns
    -------
    EncodedModel or None
        None where the decider must be explained as a function from rows to scores: it has no such
        model, or hands it altered features, or a feature is several columns to trees or additive
        terms, which can't be summed back.
    """
    model = getattr(decider, "model", None)
    return model if isinstance(model, EncodedModel) and not misleads(decider) else None


def misleads(decider: Any) -> bool:
    """Whether there is a model behind a decider, and reading it would explain something else."""
    model = getattr(decider, "model", None)
    if not isinstance(model, EncodedModel):
        return False
    # A model made elsewhere was never fitted, and has no encoded columns.
    owner = getattr(model.encoder, "owner", np.arange(0))
    several = model.form != "linear" and not np.array_equal(owner, np.arange(len(owner)))
    return several or getattr(decider, "alters_features", False)
