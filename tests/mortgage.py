"""A made-up table of mortgage decisions: deny and afam are yes or no, as in textbooks' tables."""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.data.roles.roles import Roles

ROLES = Roles(
    "deny",
    "yes",
    ("afam", "sex"),
    positive_is_favourable=False,
    features=("income", "ratio", "selfemp"),
    target_holds_decisions=True,
)


def mortgages(rows: int = 1600, seed: int = 3) -> pd.DataFrame:
    """Draw applications of which a fifth is denied, of Black applicants twice as many."""
    rng = np.random.default_rng(seed)
    afam = rng.random(rows) < 0.3
    income = np.round(rng.lognormal(8.5, 0.4, rows) - 900 * afam, 0)
    ratio = np.round(np.clip(rng.normal(0.33, 0.09, rows) + 0.05 * afam, 0.05, 0.9), 3)
    odds = -2.6 + 14 * (ratio - 0.33) - 0.00025 * (income - 5000) + 0.9 * afam
    return pd.DataFrame(
        {
            "deny": _answers(rng.random(rows) < 1 / (1 + np.exp(-odds))),
            "afam": _answers(afam),
            "sex": np.where(rng.random(rows) < 0.4, "female", "male"),
            "income": income,
            "ratio": ratio,
            "selfemp": _answers(rng.random(rows) < 0.12),
        }
    )


def rarely_denied(rows: int = 2000, seed: int = 3) -> pd.DataFrame:
    """Deny the hundredth with the highest ratio alone, so that a model finds just these."""
    table = mortgages(rows, seed)
    ratio = table["ratio"] + np.arange(rows) * 1e-7
    denied = ratio >= np.quantile(ratio, 0.99)
    return table.assign(deny=_answers(denied), ratio=ratio + 0.5 * denied)


def _answers(flags: np.ndarray | pd.Series) -> np.ndarray:
    return np.where(flags, "yes", "no")
