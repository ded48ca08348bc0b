"""Whether a model answers what it is asked for: decisions of two outcomes, classes, or amounts."""

from __future__ import annotations

from core.errors import InputError
from core.external_models.external_spec import AskedFor
from core.external_models.model_facts import ModelFacts
from core.external_models.served.kept_answers import SERVED_FORMATS
from core.installation import PROGRAM

_AUDITED_BY: dict[AskedFor, tuple[str, str, str]] = {
    "regression": ("it predicts amounts", "fairness --regression", "the Regression page"),
    "multiclass": ("it chooses among classes", "fairness --multiclass", "the Multiclass page"),
    "binary": ("it decides between two classes", "audit", "the Train page"),
}
"""What a model answers, and the command and the page that audit it."""


class AnotherTaskError(InputError):
    """A model answers something else than what it is asked for, and that can be audited too.

    Parameters
    ----------
    task : {"binary", "multiclass", "regression"}
        What it answers.
    where : str
    wanted : {"binary", "multiclass", "regression"}
        What it was asked for.
    served : bool
        Whether a server answers for it, which is asked for decisions alone in the browser.
    """

    def __init__(self, task: AskedFor, where: str, *, wanted: AskedFor, served: bool = False):
        self.task = task
        asked = {
            "binary": "decisions with two outcomes",
            "multiclass": "classes",
            "regression": "amounts",
        }[wanted]
        answers, command, page = _AUDITED_BY[task]
        remedy = f"Audit what it answers: {PROGRAM} {command} --model {'URL' if served else 'FILE'}"
        if not served:
            leads = "" if task == "binary" else f", which leads to {page}"
            remedy += f"; in the browser bring it on the Train page{leads}"
        super().__init__(f"{answers}, and was asked for {asked}", where=where, remedy=remedy)


def check_task(facts: ModelFacts, name: str, asked_for: AskedFor = "binary") -> None:
    """Refuse a model that doesn't answer what it is asked for.

    Raises
    ------
    AnotherTaskError
        If it is asked for classes and gives amounts, or the other way round.
    InputError
        If it gives margins.
    """
    where, served = f"model {name!r}", facts.format in SERVED_FORMATS
    gives_amounts = facts.task == "regression" or facts.output == "number"
    if gives_amounts and asked_for != "regression":
        raise AnotherTaskError("regression", where, wanted=asked_for, served=served)
    if facts.classes is not None and asked_for == "regression":
        task: AskedFor = "multiclass" if len(facts.classes) > 2 else "binary"
        raise AnotherTaskError(task, where, wanted=asked_for, served=served)
    if asked_for == "multiclass" and facts.classes is not None:
        return  # The largest of several margins is of the same class as the largest probability.
    if asked_for == "multiclass":
        raise InputError(
            "it gives one number for each row, and no class",
            where=where,
            remedy="Export it with a score for each class, or write its classes into a column",
        )
    if facts.output == "margin":
        raise InputError(
            "it answers with margins, which are neither probabilities nor amounts",
            where=where,
            remedy="Export it with probabilities, or write its decisions into a column",
        )
    if asked_for == "regression" and not gives_amounts:
        raise InputError(
            f"it answers with a {facts.output}, and not with an amount",
            where=where,
            remedy="Bring a regression, or write its predictions into a column",
        )
