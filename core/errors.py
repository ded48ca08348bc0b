"""The one exception for what a person gave and Equipoise cannot use."""

from __future__ import annotations


class InputError(ValueError):
    """What was given can't be used: the message says where, what is wrong and what to do.

    Parameters
    ----------
    problem : str
        What is wrong, in one sentence without a full stop at its end.
    where : str, optional
        The column, row, value, file or option it concerns.
    remedy : str, optional
        What the person can do about it, in one sentence without a full stop.
    """

    def __init__(self, problem: str, *, where: str | None = None, remedy: str | None = None):
        self.problem = problem
        self.where = where
        self.remedy = remedy
        text = f"{where}: {problem}." if where else f"{problem}."
        if remedy:
            text += f" {remedy}."
        super().__init__(" ".join(text.split()))
